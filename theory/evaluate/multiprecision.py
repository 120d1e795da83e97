"""mpmath: any number of digits, without an error bound (that is what `theory.evaluate.arb` is for)."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import mpmath

from theory.evaluate.program import compile_expression

if TYPE_CHECKING:
    from sympy import Expr, Symbol

__all__ = ["MpmathBackend", "evaluate_mpmath"]

_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class MpmathBackend:
    """Steps on numbers of an mpmath context (`mpmath.mp`, or `mpmath.iv` for its intervals)."""

    def __init__(self, context: Any = mpmath.mp) -> None:
        self.context = context
        self._steps = {
            "add": operator.add,
            "mul": operator.mul,
            "div": operator.truediv,
            "power": operator.pow,
            "sqrt": context.sqrt,
            "exp": context.exp,
            "log": context.log,
            "abs": abs,
            "max": max,
            "min": min,
            "log1p_less": lambda a: context.log1p(a) - a,
            "hypu": getattr(context, "hyperu", None),
        }

    def constant(self, value: Fraction | str) -> Any:
        """An exact constant, rounded to the context's precision."""
        if value == "pi":
            return +self.context.pi
        fraction = Fraction(value)
        return self.context.mpf(fraction.numerator) / fraction.denominator

    def apply(self, name: str, *args: Any) -> Any:
        """One step; special functions come from the context by name."""
        step = self._steps.get(name) or getattr(self.context, name)
        return step(*args)

    def compare(self, op: str, left: Any, right: Any) -> Any:
        """The context's own comparison."""
        return _COMPARE[op](left, right)

    def select(self, branches: Sequence[tuple[Any, Any]]) -> Any:
        """The first branch that applies."""
        for truth, value in branches:
            if truth is True:
                return value
        return self.context.nan


def evaluate_mpmath(expression: Expr, values: Mapping[Symbol, Fraction | int], digits: int = 50) -> Any:
    """Evaluate `expression` at the rational point `values` with `digits` decimal digits of working precision."""
    if digits < 1:
        raise ValueError(f"digits must be at least 1, got {digits}")
    program = compile_expression(expression, list(values))
    with mpmath.workdps(digits + 10):
        backend = MpmathBackend()
        return program.run(backend, [backend.constant(Fraction(v)) for v in values.values()])
