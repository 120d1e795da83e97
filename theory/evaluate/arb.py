"""Arb balls (python-flint): enclosures of an expression at rational points, at any precision.

The backend and its steps are in `theory.evaluate.ball_steps`, compiled functions in `theory.evaluate.ball_function`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from theory.evaluate.ball_function import BallFunction as BallFunction
from theory.evaluate.ball_steps import ArbBackend as ArbBackend
from theory.evaluate.ball_steps import as_ball as as_ball
from theory.evaluate.ball_steps import flint_library
from theory.evaluate.ball_steps import precision as precision
from theory.evaluate.program import compile_expression

if TYPE_CHECKING:
    from flint import arb
    from sympy import Expr, Symbol

__all__ = [
    "ArbBackend",
    "BallFunction",
    "as_ball",
    "ball_function",
    "enclose",
    "enclose_digits",
    "enclose_many",
    "precision",
    "raise_precision",
]


@lru_cache(maxsize=512)
def ball_function(expression: Expr, symbols: tuple[Symbol, ...]) -> BallFunction:
    """The compiled function of `expression`, kept between calls.

    Raises:
        UnsupportedExpression: see `compile_expression`.
    """
    return BallFunction(compile_expression(expression, symbols))


def enclose(expression: Expr, values: Mapping[Symbol, Fraction | int], bits: int = 128) -> arb:
    """Enclose `expression` at the rational point `values`, working at `bits` bits.

    Raises:
        UnsupportedExpression: see `compile_expression`.
    """
    function = ball_function(expression, tuple(values))
    with precision(bits):
        return function([as_ball(v) for v in values.values()], bits)


def enclose_many(
    expression: Expr, values: Mapping[Symbol, Fraction | int | Sequence[Fraction | int]], bits: int = 128
) -> list[arb]:
    """Enclose `expression` at many rational points at once: a symbol has one value, or one for each point.

    Raises:
        UnsupportedExpression: see `compile_expression`.
        ValueError: sequences of different lengths.
    """
    function = ball_function(expression, tuple(values))
    with precision(bits):
        columns = [
            as_ball(v) if isinstance(v, Fraction | int) else [as_ball(entry) for entry in v] for v in values.values()
        ]
        return function.columns(columns, bits)


def enclose_digits(expression: Expr, values: Mapping[Symbol, Fraction | int], digits: int) -> arb:
    """Enclose `expression` with a relative radius below `10^-digits`, raising the precision until it is reached.

    A value that is exactly zero, or that no precision tried separates from it, comes back with the radius reached.

    Raises:
        ValueError: `digits < 1`, or the expression has no finite value at this point.
    """
    function = ball_function(expression, tuple(values))
    ball = raise_precision(lambda bits: function([as_ball(v) for v in values.values()], bits), digits)
    if not ball.is_finite():
        raise ValueError(f"the expression has no finite value at {dict(values)}")
    return ball


def raise_precision(at: Callable[[int], arb], digits: int, zero: Callable[[], bool] = lambda: False) -> arb:
    """Return `at(bits)` for the first of a doubling sequence of precisions whose relative radius is below `10^-digits`.

    `at(bits)` is called with `bits` bits in force and must enclose the same value each time. The radius is the proof:
    an unlucky precision only costs another doubling. A value of 0 never gets a relative radius: once the third
    precision has not separated the value from 0, `zero()` may say that it is 0 exactly; otherwise the precision goes
    on to 64 times what was asked plus 4096 bits, and the ball comes back with the radius reached, or not finite.

    Raises:
        ValueError: `digits < 1`.
    """
    if digits < 1:
        raise ValueError(f"digits must be at least 1, got {digits}")
    wanted = int(digits * 3.3219280948873626) + 2
    bits, doublings = wanted + 32, 0
    while True:
        with precision(bits):
            ball = at(bits)
            # the accuracy is -log2(radius/midpoint), rounded down
            if ball.is_finite() and (ball.rel_accuracy_bits() >= wanted or ball.is_zero()):
                return ball
        if doublings == 2 and ball.is_finite() and ball.contains(0) and zero():
            return flint_library().arb(0)
        if bits > 64 * wanted + 4096:
            return ball
        bits, doublings = 2 * bits, doublings + 1
