"""Expectations over one estimated variance, `Y = chi2_n / n`, by a trapezoidal rule in `z = log Y`.

In `z` the density is proportional to `exp((n/2)(z - e^z))`, analytic in the strip `|Im z| < pi/2`, and so are the
functions averaged here in `|Im z| < pi`: the trapezoidal rule converges geometrically. Its step `1/sqrt(n + 22)` puts
the error bound `exp(-2 pi y / h) (cos y)^{-n/2}`, at its best `y`, below 1e-16 for every `n`.

What fluctuates is written so that every integrand is >= 0. With mean `vbar = x + (1-x) sigma^2`, share
`p = (1-x) sigma^2 / vbar` of the estimated part and `r = sqrt(1 - p + p Y)`, the generated deviation is
`sqrt(v) = sqrt(vbar) r`, and `E r = 1 - k(p)` with `k = E (r-1)^2 / 2 = (p^2/2) E (Y-1)^2/(1+r)^2`.
"""

from __future__ import annotations

import operator
from functools import lru_cache
from math import ceil, expm1, log, sqrt

import numpy as np

from theory.bures import FloatArray

__all__ = ["checked_points", "shortfall"]

#: natural logarithm of the relative size at which the integrand's tails are cut
_CUT = 45.0
#: entries of one block of the (point x node) table, 8 MiB of floats
_BLOCK = 1 << 20
_SERIES = [1.0 / float(np.prod(np.arange(1.0, k + 1))) for k in range(2, 19)]


def checked_points(n: int) -> int:
    """`n` as an int, or a ValueError: the number of training points is a whole number >= 1."""
    try:
        count = operator.index(n)
    except TypeError:
        raise ValueError(f"n must be a whole number of training points, got {n!r}") from None
    if count < 1:
        raise ValueError(f"n must be at least 1 training point, got {count}")
    return count


def _excess(z: FloatArray) -> FloatArray:
    """`e^z - 1 - z`, relatively accurate near 0."""
    small = np.where(np.abs(z) < 0.5, z, 0.0)
    return np.where(np.abs(z) < 0.5, np.polyval(_SERIES[::-1], small) * small**2, np.expm1(z) - z)


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


@lru_cache(maxsize=64)
def _nodes(n: int, reach: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """`Y`, `Y - 1` and weights that sum to 1. For `n = 1` the left tail ends at `e^{-reach}` times the cut."""
    step = 1 / sqrt(n + 22)
    left = reach + 2 * _CUT if n == 1 else _end(n, -1, 4 * _CUT)
    right = _end(n, 1, 8.0)
    z: FloatArray = np.asarray(step * np.arange(-ceil(left / step), ceil(right / step) + 1), dtype=np.float64)
    weight = np.exp(-n / 2 * _excess(z))
    return np.exp(z), np.expm1(z), weight / weight.sum()


def shortfall(share: FloatArray, rest: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Return `k(p) = 1 - E sqrt(1 - p + p Y)` and its derivative `k'(p)`, for `p = share`, `1 - p = rest`.

    Relative errors are a few units in the last place for every `n`. Both are given because one of `p`, `1 - p` may be
    far below the other's rounding. For `n = 1` `k'` grows as `-log(1-p)` and is infinite at `p = 1`.

    Args:
        share: `p` in `[0, 1]`, any shape.
        rest: `1 - p` in the same shape.
        n: number of training points, a checked int.
    """
    p, w = np.ravel(share), np.ravel(rest)
    positive = w[w > 0]
    reach = 16 * ceil(max(0.0, -log(positive.min())) / 16) if n == 1 and positive.size else 0
    y, off, weight = _nodes(n, reach)
    value, derivative = np.empty(p.shape), np.empty(p.shape)
    rows = max(1, _BLOCK // len(y))
    for first in range(0, len(p), rows):
        part = slice(first, first + rows)
        r = np.sqrt(w[part, None] + p[part, None] * y)
        common = off**2 * weight / (1 + r)
        value[part] = p[part] ** 2 / 2 * np.sum(common / (1 + r), axis=1)
        derivative[part] = p[part] / 2 * np.sum(common / r, axis=1)
    if n == 1:
        derivative[w == 0] = np.inf
    return value.reshape(np.shape(share)), derivative.reshape(np.shape(share))
