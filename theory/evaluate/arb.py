"""Arb balls (python-flint): rigorous enclosures at any precision.

A ball that may leave the domain of a step (a square root of a possibly negative number) becomes `nan`, which encloses
everything, so a result is never wrong, only wide. Square roots are the exception that pays: `sqrt` of a ball that
touches zero from both sides is undefined, and stays `nan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.evaluate.program import compile_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flint import arb
    from sympy import Expr, Symbol

__all__ = ["ArbBackend", "as_ball", "enclose", "enclose_digits", "precision"]


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work at `bits` bits inside the block."""
    from flint import ctx

    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def as_ball(value: Fraction | int) -> arb:
    """The ball at the current precision that contains the rational `value`."""
    from flint import arb, fmpq

    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


class ArbBackend:
    """Steps on balls; comparisons are three-valued (None: the balls do not decide)."""

    def constant(self, value: Fraction | str) -> Any:
        """A ball around an exact constant."""
        from flint import arb

        return arb.pi() if value == "pi" else as_ball(Fraction(value))

    def apply(self, name: str, *args: Any) -> Any:
        """One step on balls."""
        return _STEPS[name](*args)

    def compare(self, op: str, left: Any, right: Any) -> bool | None:
        """Certain truth, certain falsehood, or None."""
        if op == "<":
            return True if left < right else False if left >= right else None
        if op == "<=":
            return True if left <= right else False if left > right else None
        return self.compare("<" if op == ">" else "<=", right, left)

    def select(self, branches: Sequence[tuple[Any, Any]]) -> Any:
        """The first branch that certainly applies, or the union of those that may."""
        result: Any = None
        for truth, value in branches:
            if truth is False:
                continue
            result = value if result is None else result.union(value)
            if truth is True:
                return result
        from flint import arb

        return arb.nan()


def _hyp1f1(a: Any, b: Any, z: Any) -> Any:
    return z.hypgeom_1f1(a, b)


def _hypu(a: Any, c: Any, z: Any) -> Any:
    return z.hypgeom_u(a, c)


_STEPS: Mapping[str, Any] = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "power": lambda a, k: a**k,
    "sqrt": lambda a: a.sqrt(),
    "exp": lambda a: a.exp(),
    "expm1": lambda a: a.expm1(),
    "log": lambda a: a.log(),
    "log1p": lambda a: a.log1p(),
    "abs": abs,
    "max": lambda a, b: a.max(b),
    "min": lambda a, b: a.min(b),
    "gamma": lambda a: a.gamma(),
    "loggamma": lambda a: a.lgamma(),
    "erf": lambda a: a.erf(),
    "erfc": lambda a: a.erfc(),
    "hyp1f1": _hyp1f1,
    "hypu": _hypu,
}


def enclose(expression: Expr, values: Mapping[Symbol, Fraction | int], bits: int = 128) -> arb:
    """Enclose `expression` at the rational point `values`, working at `bits` bits.

    Raises:
        UnsupportedExpression: see `compile_expression`.
    """
    program = compile_expression(expression, list(values))
    with precision(bits):
        return program.run(ArbBackend(), [as_ball(v) for v in values.values()])


def enclose_digits(expression: Expr, values: Mapping[Symbol, Fraction | int], digits: int) -> arb:
    """Enclose `expression` with a relative radius below `10^-digits`, raising the precision until it is reached.

    A value that is exactly zero, or that 64 doublings cannot separate from it, comes back with the radius reached.

    Raises:
        ValueError: `digits < 1`, or the expression has no finite value at this point.
    """
    if digits < 1:
        raise ValueError(f"digits must be at least 1, got {digits}")
    wanted = int(digits * 3.3219280948873626) + 2
    program = compile_expression(expression, list(values))
    bits = wanted + 32
    while True:
        with precision(bits):
            ball = program.run(ArbBackend(), [as_ball(v) for v in values.values()])
            if ball.is_finite() and (ball.rel_accuracy_bits() >= wanted or ball.is_zero()):
                return ball
        if bits > 64 * wanted + 4096:
            if ball.is_finite():
                return ball
            raise ValueError(f"the expression has no finite value at {dict(values)}")
        bits *= 2
