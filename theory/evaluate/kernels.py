"""What `theory.evaluate.running` calculates with: float64 or double-double, and the elementary functions.

Allowances for the functions are in units of `2^-53` of the result, at least twice what the benchmark of accuracy sees
of NumPy's own loops (below 0.7 units in the last place for `exp`, `log`, `expm1` and `log1p`, which is 1.4 of these).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from theory.evaluate import double_double as dd

__all__ = ["DOUBLE", "FUNCTIONS", "SINGLE", "TINY", "Kernel", "log1p_less", "normal"]

Array = Any  # an array or a scalar of float64
#: the least normal double
TINY = float(np.finfo(np.float64).tiny)
#: pi minus the double next to it
_PI_REST = 1.2246467991473532e-16


class Kernel(Protocol):
    """Arithmetic on one kind of number."""

    #: relative error of one operation, in units of 2^-53
    rounding: float
    double: bool
    #: sizes of results between which that holds; below, an absolute error of `underflow` units is added
    least: float
    largest: float
    underflow: float

    def of(self, values: Array) -> Any:
        """Exact doubles as numbers of this kind."""

    def constant(self, value: Fraction | str) -> tuple[Any, bool]:
        """The nearest number to a constant, and whether it is exact."""

    def lead(self, value: Any) -> Array:
        """The leading double."""

    def tail(self, value: Any) -> Array:
        """The rest relative to the leading double, in units of 2^-53."""

    def add(self, a: Any, b: Any) -> Any:
        """`a + b`."""

    def multiply(self, a: Any, b: Any) -> Any:
        """`a b`."""

    def scale(self, a: Any, b: Any) -> Any:
        """`a` times the exact power of two `b`."""

    def divide(self, a: Any, b: Any) -> Any:
        """`a / b`."""

    def lossless(self, a: Any, b: Any) -> bool:
        """Whether `a + b` and `a b` have no rounding error at all."""

    def divisible(self, a: Any) -> Array:
        """Where `a` is large enough for the error terms of a quotient."""

    def square_root(self, a: Any) -> Any:
        """`sqrt(a)`."""

    def magnitude(self, a: Any) -> Any:
        """`|a|`."""

    def difference(self, a: Any, b: Any) -> Array:
        """The leading double of `a - b`, with its sign."""

    def where(self, test: Array, a: Any, b: Any) -> Any:
        """Elementwise choice."""


class _Single:
    """float64."""

    rounding, double, least, largest = 1.0, False, TINY, float(np.finfo(np.float64).max)
    underflow = 4 * TINY

    def of(self, values: Array) -> Array:
        return values

    def constant(self, value: Fraction | str) -> tuple[Array, bool]:
        nearest = np.float64(np.pi if value == "pi" else float(Fraction(value)))
        return nearest, value != "pi" and Fraction(float(nearest)) == value

    def lead(self, value: Array) -> Array:
        return value

    def tail(self, value: Array) -> Array:
        return 0.0

    def add(self, a: Array, b: Array) -> Array:
        return a + b

    def multiply(self, a: Array, b: Array) -> Array:
        return a * b

    def scale(self, a: Array, b: Array) -> Array:
        return a * b

    def divide(self, a: Array, b: Array) -> Array:
        return a / b

    def lossless(self, a: Array, b: Array) -> bool:
        return False

    def divisible(self, a: Array) -> Array:
        return np.True_

    def square_root(self, a: Array) -> Array:
        return np.sqrt(a)

    def magnitude(self, a: Array) -> Array:
        return np.abs(a)

    def difference(self, a: Array, b: Array) -> Array:
        return a - b

    def where(self, test: Array, a: Array, b: Array) -> Array:
        return np.where(test, a, b)


class _Double:
    """Double-double, in the range where its error terms do not underflow."""

    rounding, double, least, largest = dd.ROUNDING, True, dd.LEAST, dd.LARGEST
    underflow = 64 * TINY

    def of(self, values: Array) -> dd.Double:
        return values, None

    def constant(self, value: Fraction | str) -> tuple[dd.Double, bool]:
        if value == "pi":
            return (np.float64(np.pi), np.float64(_PI_REST)), False
        high = float(Fraction(value))
        low = float(Fraction(value) - Fraction(high))
        return (np.float64(high), np.float64(low) if low else None), Fraction(high) + Fraction(low) == value

    def lead(self, value: dd.Double) -> Array:
        return value[0]

    def tail(self, value: dd.Double) -> Array:
        if value[1] is None:
            return 0.0
        size = np.abs(value[0])
        return np.where(size > 0, np.abs(value[1]) / size, 0.0) * 2.0**53

    def add(self, a: dd.Double, b: dd.Double) -> dd.Double:
        return dd.add(a, b)

    def multiply(self, a: dd.Double, b: dd.Double) -> dd.Double:
        return dd.multiply(a, b)

    def scale(self, a: dd.Double, b: dd.Double) -> dd.Double:
        return dd.scale(a, b[0])

    def divide(self, a: dd.Double, b: dd.Double) -> dd.Double:
        return dd.divide(a, b)

    def lossless(self, a: dd.Double, b: dd.Double) -> bool:
        return a[1] is None and b[1] is None

    def divisible(self, a: dd.Double) -> Array:
        return (np.abs(a[0]) >= dd.LEAST) | (a[0] == 0)

    def square_root(self, a: dd.Double) -> dd.Double:
        return dd.square_root(a)

    def magnitude(self, a: dd.Double) -> dd.Double:
        flip = np.where(a[0] < 0, -1.0, 1.0)
        return dd.scale(a, flip)

    def difference(self, a: dd.Double, b: dd.Double) -> Array:
        return dd.add(a, dd.scale(b, -1.0))[0]

    def where(self, test: Array, a: dd.Double, b: dd.Double) -> dd.Double:
        low = None
        if a[1] is not None or b[1] is not None:
            low = np.where(test, 0.0 if a[1] is None else a[1], 0.0 if b[1] is None else b[1])
        return np.where(test, a[0], b[0]), low


SINGLE: Kernel = _Single()
DOUBLE: Kernel = _Double()


def normal(value: Array) -> Array:
    """Where `value` is a normal number."""
    size = np.abs(value)
    return (size >= TINY) & np.isfinite(size)


#: `2 (atanh s - s) / s^3 = 2 (1/3 + s^2/5 + s^4/7 + ...)`, what is left out is below 2^-56 of the result for s <= 0.34
_ATANH = [2.0 / (2 * k + 3) for k in range(17)]


def log1p_less(z: Array) -> Array:
    """`log(1 + z) - z`, relatively accurate for every `z > -1`.

    With `s = z/(2+z)`, `log(1+z) = 2 atanh s` and `z - 2 s = s z`, so the value is `2 (atanh s - s) - s z`, of which
    the first part is below a third of the second; for `z` outside [-1/2, 1] the plain difference loses little.
    """
    s = np.asarray(z / (2 + z))
    near = np.abs(s) <= 0.34
    square = np.where(near, s * s, 0.0)
    series = np.full(np.shape(s), _ATANH[-1])
    for coefficient in _ATANH[-2::-1]:
        series *= square
        series += coefficient
    series = s * (square * series - z)
    return series if near.all() else np.where(near, series, np.log1p(z) - z)


def _log1p_condition(z: Array, value: Array) -> Array:
    # at most 1 for z >= 0
    return np.where(z >= 0, 1.0, np.abs(z) / ((1 + z) * np.abs(value)))


#: name -> (allowance, function, relative condition number at an argument and its value)
FUNCTIONS: dict[str, tuple[float, Callable[[Array], Array], Callable[[Array, Array], Array]]] = {
    "exp": (4.0, np.exp, lambda a, v: np.abs(a)),
    "expm1": (6.0, np.expm1, lambda a, v: 1 + np.maximum(a, 0.0)),
    "log": (4.0, np.log, lambda a, v: 1 / np.abs(v)),
    "log1p": (6.0, np.log1p, _log1p_condition),
    "log1p_less": (16.0, log1p_less, lambda a, v: np.where(a >= 0, 2.0, a * a / ((1 + a) * np.abs(v)))),
}
