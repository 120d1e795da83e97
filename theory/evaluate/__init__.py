"""One expression, three evaluators: NumPy arrays, mpmath at any precision, Arb balls with error bounds."""

from __future__ import annotations

from theory.evaluate.adaptive import numpy_function as numpy_function
from theory.evaluate.arb import enclose as enclose
from theory.evaluate.arb import enclose_digits as enclose_digits
from theory.evaluate.arb import enclose_many as enclose_many
from theory.evaluate.multiprecision import evaluate_mpmath as evaluate_mpmath
from theory.evaluate.program import UnsupportedExpression as UnsupportedExpression
from theory.evaluate.program import compile_expression as compile_expression

__all__ = [
    "UnsupportedExpression",
    "compile_expression",
    "enclose",
    "enclose_digits",
    "enclose_many",
    "evaluate_mpmath",
    "numpy_function",
]
