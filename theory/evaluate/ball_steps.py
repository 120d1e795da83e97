"""What the steps of a program mean on Arb balls (python-flint): rigorous at any precision.

A ball that may leave the domain of a step (a square root of a possibly negative number) becomes `nan`, which encloses
everything, so a result is never wrong, only wide. Square roots are the exception that pays: `sqrt` of a ball that
touches zero from both sides is undefined, and stays `nan`.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from operator import methodcaller
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flint import arb

__all__ = ["STEPS", "ArbBackend", "as_ball", "flint_library", "power_of_ball", "precision"]


@cache
def flint_library() -> Any:
    """The library, loaded at its first use."""
    import flint

    return flint


class precision:
    """Context manager: work at `bits` bits inside the block."""

    __slots__ = ("_before", "bits")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        context = flint_library().ctx
        self._before = context.prec
        context.prec = self.bits

    def __exit__(self, *_: object) -> None:
        flint_library().ctx.prec = self._before


def as_ball(value: Fraction | int) -> arb:
    """The ball at the current precision that contains the rational `value`."""
    flint = flint_library()
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


class ArbBackend:
    """Steps on balls; comparisons are three-valued (None: the balls do not decide)."""

    def constant(self, value: Fraction | str) -> Any:
        """A ball around an exact constant."""
        from flint import arb

        return arb.pi() if value == "pi" else as_ball(Fraction(value))

    def apply(self, name: str, *args: Any) -> Any:
        """One step on balls."""
        return STEPS[name](*args)

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
    """Tricomi's `U(a, c, z)`, where Arb alone is slow or has no answer; `z > 0`.

    For large `z` Arb loses `z/log 2` bits of the radius of `z` to cancellation, or integrates to save them, 20 times
    slower. The value at the midpoint needs neither, and for `a > -1`, `c <= a + 1` the derivative `-a U(a+1, c+1, z)`
    is at most `|a| z^{-a-1}` in modulus (the integral representation, DLMF 13.4.4).
    """
    if 8 * z < -c and a > -1 and z >= 0 and -c > flint_library().ctx.prec + 64:
        return _hypu_near_zero(a, c, z)
    if z > 8 and a > -1 and c <= a + 1:
        spread = z.rad() * abs(a) * z.lower() ** -(a + 1)
        return z.mid().hypgeom_u(a, c) + flint_library().arb(0, spread.upper())
    return z.hypgeom_u(a, c)


def _hypu_near_zero(a: Any, c: Any, z: Any) -> Any:
    """The same by its Taylor polynomial at 0, for `z` far below `-c`.

    The derivative of order `k`, `(-1)^k (a)_k U(a+k, c+k, z)`, does not grow in modulus for `z > 0` once `a + k > 0`,
    and at 0 it is `(-1)^k (a)_k Gamma(1-c-k)/Gamma(a-c+1)` for `c + k < 1`: the first term left out bounds the rest.
    """
    bits = flint_library().ctx.prec
    total = term = flint_library().arb(1)
    for k in range(bits):
        term = -term * (a + k) * z / ((k + 1) * (-c - k))
        if abs(term) < flint_library().arb(2) ** -bits:
            break
        total += term
    total += flint_library().arb(0, abs(term).upper())
    return total * ((1 - c).lgamma() - (a - c + 1).lgamma()).exp()


def power_of_ball(a: Any, k: int) -> Any:
    """`a^k`, `k >= 1`."""
    power = a**k
    if not power.is_finite() and a.is_finite():
        # python-flint has no power of a ball that contains zero, but it has products
        power = a
        for _ in range(k - 1):
            power *= a
    return power


STEPS: Mapping[str, Any] = {
    "add": operator.add,
    "mul": operator.mul,
    "div": operator.truediv,
    "power": power_of_ball,
    "sqrt": methodcaller("sqrt"),
    "exp": methodcaller("exp"),
    "expm1": methodcaller("expm1"),
    "log": methodcaller("log"),
    "log1p": methodcaller("log1p"),
    "log1p_less": lambda a: a.log1p() - a,
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
