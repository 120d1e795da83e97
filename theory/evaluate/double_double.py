"""Double-double arithmetic on arrays: a number is the unevaluated sum `hi + lo` of two float64, 106 bits.

The algorithms and their relative error bounds are those of Joldes, Muller and Popescu, "Tight and rigorous error
bounds for basic building blocks of double-word arithmetic", ACM TOMS 44 (2017), and for the square root of Lefevre,
Louvet, Muller, Picot and Rideau, ACM TOMS 49 (2023), with products split by Veltkamp and Dekker because NumPy has no
fused multiply-add. With `u = 2^-53` they prove `3u^2` for a sum, `5u^2` for a product, `10u^2` for a quotient and
`25/8 u^2` for a root (products without FMA and a plainer quotient raise that a little); `ROUNDING` allows 32 for each.
All of it holds only without underflow or overflow of an error term: `LEAST` and `LARGEST` say where.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["LARGEST", "LEAST", "ROUNDING", "Double", "add", "divide", "multiply", "scale", "square_root", "two_sum"]

Array = Any  # an array or a scalar of float64
#: `(hi, lo)`; `lo` is None for a plain double, which saves much of the work
Double = tuple[Array, Array | None]

#: relative error of one operation, in units of `2^-53`: 32 units of `2^-106`
ROUNDING = 32 * 2.0**-53
_SPLITTER = float(2**27 + 1)
#: the sizes of results between which no error term under- or overflows
LEAST, LARGEST = 2.0**-900, 2.0**900


# Temporaries are reused in place: these passes over a block are what double-double costs.


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """`(s, e)` with `s = fl(a + b)` and `s + e = a + b` exactly (Knuth), barring overflow."""
    total = a + b
    back = total - a
    low = back - total
    low += a
    back -= b
    low -= back
    return total, low


def _fast_two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    total = a + b
    back = total - a
    return total, b - back


def _split(a: Array) -> tuple[Array, Array]:
    """`high` and `high - a`."""
    high = _SPLITTER * a
    rest = high - a
    high -= rest
    return high, high - a


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    product = a * b
    a1, a2 = _split(a)
    b1, b2 = (a1, a2) if b is a else _split(b)
    low = a1 * b1
    low -= product
    low -= a1 * b2
    low -= a2 * b1
    low += a2 * b2
    return product, low


def add(a: Double, b: Double) -> Double:
    """`a + b` (their algorithms 4 and 6, accurate for every pair of signs; exact for two doubles)."""
    high, low = two_sum(a[0], b[0])
    if a[1] is None and b[1] is None:
        return high, low
    if a[1] is None or b[1] is None:
        low += b[1] if a[1] is None else a[1]
        return _fast_two_sum(high, low)
    high2, low2 = two_sum(a[1], b[1])
    low += high2
    high, low = _fast_two_sum(high, low)
    low += low2
    return _fast_two_sum(high, low)


def multiply(a: Double, b: Double) -> Double:
    """`a b` (their algorithms 7 and 10; exact for two doubles)."""
    high, low = _two_product(a[0], b[0])
    if a[1] is None and b[1] is None:
        return high, low
    if b[1] is not None:
        low += a[0] * b[1]
    if a[1] is not None:
        low += a[1] * b[0]
    return _fast_two_sum(high, low)


def scale(a: Double, power_of_two: Array) -> Double:
    """`a` times a power of two, exact."""
    return a[0] * power_of_two, None if a[1] is None else a[1] * power_of_two


def divide(a: Double, b: Double) -> Double:
    """`a / b`: one quotient of doubles, then its remainder divided once more."""
    first = a[0] / b[0]
    high, low = _two_product(first, b[0])
    # exact: `high` is within a few ulp of `a[0]`
    rest = (a[0] - high) - low
    if a[1] is not None:
        rest = rest + a[1]
    if b[1] is not None:
        rest = rest - first * b[1]
    return _fast_two_sum(first, rest / b[0])


def square_root(a: Double) -> Double:
    """`sqrt(a)`: Newton's correction of the root of the leading double; 0 at 0."""
    small = np.any(np.abs(a[0]) < LEAST)
    up = np.where(np.abs(a[0]) < LEAST, 2.0**100, 1.0) if small else 1.0
    if small:
        a = scale(a, up * up)
    root = np.sqrt(a[0])
    high, low = _two_product(root, root)
    rest = (a[0] - high) - low
    if a[1] is not None:
        rest = rest + a[1]
    with np.errstate(all="ignore"):
        found = _fast_two_sum(root, np.where(root == 0, 0.0, rest / (2 * root)))
    return scale(found, 1 / up) if small else found
