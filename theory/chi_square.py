"""Expectations over one estimated variance, `Y = chi2_n / n`, to the last digits of double precision.

What fluctuates is written so that every integrand is >= 0. With mean `vbar = x + (1-x) sigma^2`, share
`p = (1-x) sigma^2 / vbar` of the estimated part and `r = sqrt(1 - p + p Y)`, the generated deviation is
`sqrt(v) = sqrt(vbar) r`, and `E r = 1 - k(p)` with `k = p^2 A`, `k' = p B`,
`A = E (Y-1)^2/(1+r)^2 / 2`, `B = E (Y-1)^2/(r (1+r)) / 2`: nothing cancels, however large `n` or small `p`.

For fixed `n`, `A` and `B` are functions of `theta = log(p/(1-p))`, analytic for `|Im theta| < pi` (there `1 + r` and,
where `Y > 0`, `r` have no zero) with limits at both ends. They are tabulated once for each `n` as Chebyshev
interpolants on cells of width 1/2, whose error is below `25^-13`, and read off by Horner's rule.

The table's entries are trapezoidal sums in `z = log Y`. There the density is proportional to `exp((n/2)(z - e^z))`,
analytic for `|Im z| < pi/2`, as are `A` and `B`'s integrands: with step `7/8 / sqrt(n + 22)` the error bound
`exp(-2 pi y / h) (cos y)^{-n/2}`, at its best `y`, is below 1e-18 for every `n`. Nodes and weights come from Arb, and
the sums are made in extended precision where the machine has it; where `long double` is a double, the entries are off
by a few units in the last place more. `theory.chi_square_balls` has rigorous enclosures.
"""

from __future__ import annotations

import operator
from functools import lru_cache
from math import ceil, expm1, log, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from theory.bures import FloatArray

if TYPE_CHECKING:
    from flint import arb

__all__ = ["checked_points", "curvatures", "shortfall"]

#: natural logarithm of the relative size at which the integrand's tails are cut
_CUT = 45.0
#: `theta` below which `A` and `B` have their limits at `p = 0`, to rounding
_FIRST = -40
_CELLS_PER_UNIT = 2
_DEGREE = 12
#: points read off the table at a time: the intermediate arrays stay in the cache
_BLOCK = 1 << 14
_EULER = 0.5772156649015329


def checked_points(n: int) -> int:
    """`n` as an int, or a ValueError: the number of training points is a whole number >= 1."""
    try:
        count = operator.index(n)
    except TypeError:
        raise ValueError(f"n must be a whole number of training points, got {n!r}") from None
    if count < 1:
        raise ValueError(f"n must be at least 1 training point, got {count}")
    return count


def _last(n: int) -> int:
    """`theta` above which `A` and `B` have their limits: `B` is off by `sqrt(1-p)` for n = 2, else by `(1-p) theta`."""
    return 84 if n == 2 else 44


def _end(n: int, side: int, slowest: float) -> float:
    """Where the density, times `e^{-z/2}` on the left and `e^z` on the right, has fallen by `exp(-_CUT)`."""
    low, high = 0.0, slowest
    for _ in range(60):
        middle = (low + high) / 2
        if n / 2 * (expm1(side * middle) - side * middle) - (0.5 if side < 0 else 1.0) * middle < _CUT:
            low = middle
        else:
            high = middle
    return high


def _extended(ball: arb) -> np.longdouble:
    head = float(ball)
    return np.longdouble(head) + np.longdouble(float(ball - head))


def _nodes(n: int) -> tuple[NDArray[np.longdouble], NDArray[np.longdouble]]:
    """`Y` at the nodes, and `(Y-1)^2/2` times weights that sum to 1."""
    from flint import arb

    from theory.evaluate.arb import precision

    step = 0.875 / sqrt(n + 22)
    left = _last(n) + 2 * _CUT if n == 1 else _end(n, -1, 4 * _CUT)
    indices = range(-ceil(left / step), ceil(_end(n, 1, 8.0) / step) + 1)
    with precision(128):
        z = [arb(step) * j for j in indices]
        weights = [(arb(n) / 2 * (point - point.expm1())).exp() for point in z]
        total = sum(weights, arb(0))
        y = [_extended(point.exp()) for point in z]
        parts = [_extended(w * point.expm1() ** 2 / (2 * total)) for w, point in zip(weights, z, strict=True)]
    return np.array(y), np.array(parts)


@lru_cache(maxsize=64)
def _table(n: int) -> FloatArray:
    """Coefficients in `t` of `A` and `B` on cell `i`, `theta = _FIRST + (i + (1+t)/2)/_CELLS_PER_UNIT`: `(k, 2, i)`."""
    y, parts = _nodes(n)
    count = _DEGREE + 1
    t = np.cos((2 * np.arange(count) + 1) * np.arccos(np.longdouble(-1)) / (2 * count))
    starts = np.arange(_FIRST * _CELLS_PER_UNIT, _last(n) * _CELLS_PER_UNIT, dtype=np.longdouble) / _CELLS_PER_UNIT
    values = np.empty((count, 2, len(starts)), dtype=np.longdouble)
    for k, offset in enumerate((1 + t) / (2 * _CELLS_PER_UNIT)):
        odds = np.exp(starts) * np.exp(offset)
        r = np.sqrt((1 + odds[:, None] * y) / (1 + odds[:, None]))
        inverse = 1 / (1 + r)
        values[k] = (inverse * inverse) @ parts, (inverse / r) @ parts
    fit = chebyshev.chebvander(t, _DEGREE).T * 2 / count
    fit[0] /= 2
    powers = np.zeros((count, count))
    for k, row in enumerate(np.eye(count)):
        powers[: k + 1, k] = chebyshev.cheb2poly(row)
    # two products, not one: the product of the matrices has large entries that cancel
    fitted = np.tensordot(fit, values, axes=1)
    return np.ascontiguousarray(np.tensordot(powers, fitted, axes=1), dtype=np.float64)


def curvatures(theta: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Return `A` and `B` at `theta = log(p/(1-p))` from `-inf` to `inf`, in its shape; `B(inf) = inf` for `n = 1`.

    Relative errors are below 3e-16 (measured against Arb), plus that of the rounded `theta`.

    Args:
        theta: log-odds of the share, any shape.
        n: number of training points, a checked int.
    """
    table, last = _table(n), _last(n)
    flat = np.ravel(theta)
    a, b = np.empty(flat.shape), np.empty(flat.shape)
    for first in range(0, len(flat), _BLOCK):
        part = slice(first, first + _BLOCK)
        scaled = np.clip(flat[part], _FIRST, np.nextafter(last, 0)) * _CELLS_PER_UNIT
        cell = np.floor(scaled)
        t = 2 * (scaled - cell) - 1
        index = cell.astype(np.intp) - _FIRST * _CELLS_PER_UNIT
        for row, out in enumerate((a, b)):
            total = table[_DEGREE, row].take(index)
            for k in range(_DEGREE - 1, -1, -1):
                total *= t
                total += table[k, row].take(index)
            out[part] = total
    if n == 1:  # E 1/r is a Bessel function, K_0((1-p)/(4p)), here its logarithm
        b = np.where(flat > last, (flat + log(8) - _EULER - 2) / sqrt(8 * pi), b)
    return a.reshape(np.shape(theta)), b.reshape(np.shape(theta))


def shortfall(share: FloatArray, rest: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Return `k(p) = 1 - E sqrt(1 - p + p Y)` and its derivative `k'(p)`, for `p = share`, `1 - p = rest`.

    Relative errors are a few units in the last place for every `n`. Both are given because one of `p`, `1 - p` may be
    far below the other's rounding. For `n = 1` `k'` grows as `-log(1-p)` and is infinite at `p = 1`.

    Args:
        share: `p` in `[0, 1]`, any shape.
        rest: `1 - p` in the same shape.
        n: number of training points, a checked int.
    """
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        a, b = curvatures(np.log(np.asarray(share) / np.asarray(rest)), n)
        return share * (share * a), share * b
