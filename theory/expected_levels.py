"""The noise level at which the expected distance is smallest, one coordinate at a time and for every dimension at once.

The expected slope of a coordinate is a function of `u = log(x/(1-x))` that is analytic for `|Im u| < pi`: there
`vbar = (e^u + sigma^2)/(1 + e^u)` and `r^2 = (e^u + sigma^2 Y)/(e^u + sigma^2)` stay off the negative axis for every
`sigma` and `Y`. So on a panel of width 1 in `u` the slope of `E F(d, .)` is its Chebyshev interpolant through 18 points
up to about `12.6^-18`, and the slopes of *all* `d` at one point are the running sums over the coordinates. What is left
is one zero of a polynomial for each `d`. The panels that hold zeros are found by halving, the dimensions being sorted
by the sign of their slope at each cut: the work is `O(D)` for each panel that holds a zero.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log, log1p

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray

from theory.bures import FloatArray
from theory.chi_square import checked_points
from theory.expected_parts import slope_parts
from theory.noise import checked_levels, checked_variances

__all__ = ["coordinate_level", "expected_level"]

IntArray = NDArray[np.int64]
#: panel `i` is `[i, i+1]` in `u`; the first starts at the smallest normal double, past the last `x` rounds to 1
_FIRST, _LAST = -708, 38
_POINTS = 18
_STEPS = 100
_EPS = float(np.finfo(float).eps)
#: entries of one block of a (level x coordinate) table
_BLOCK = 1 << 18


def _level(panel: ArrayLike, t: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """`x` and `1 - x` at `t` in `[0, 1]` on a panel, relatively accurate at both ends, in the precision of `t`."""
    at = np.asarray(t)
    odds = np.exp(np.asarray(panel, dtype=at.dtype)) * np.exp(at)
    return odds / (1 + odds), 1 / (1 + odds)


def _top(X: float) -> int:
    """The first panel edge that is above `X`."""
    return _LAST if X == 1 else min(_LAST, max(_FIRST, floor(log(X) - log1p(-X))) + 1)


def coordinate_level(sigma2: ArrayLike, n: int, X: float = 1.0) -> FloatArray:
    """Return the minimiser of `expected_term` on `[0, X]`, in the shape of `sigma2`; 0 for a variance of 0, X for 1.

    Within a few ulp times the zero's condition, `(known + cost)/(x dslope/dx)` (`theory.expected_parts`), which is
    below 10.

    Raises:
        ValueError: as `expected_root`, with `X` in `[0, 1]`.
    """
    count, top = checked_points(n), float(checked_levels(X, "X"))
    array = np.asarray(sigma2, dtype=np.float64)
    s = checked_variances(np.ravel(array), "sigma2") if array.size else np.ravel(array)

    def slopes(of: IntArray, panel: ArrayLike, t: ArrayLike) -> FloatArray:
        known, cost = slope_parts(s[of], count, *_level(panel, t))
        return known - cost

    found, of = np.zeros(s.shape), np.flatnonzero(s > 0)
    if top == 0:
        return found.reshape(array.shape)
    known, cost = slope_parts(s[of], count, np.full(of.shape, top), np.full(of.shape, 1 - top))
    found[of[known <= cost]] = top
    of = of[(known > cost) & (slopes(of, _FIRST, 0.0) < 0)]
    low, high = np.full(of.shape, _FIRST), np.full(of.shape, _top(top))
    while (high - low > 1).any():
        middle = (low + high) // 2
        rising = slopes(of, middle, 0.0) >= 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    t = _zeros(lambda at, which: slopes(of[which], low[which], at), len(of))
    found[of] = np.minimum(_level(low, t)[0], top)
    return found.reshape(array.shape)


def expected_level(sigma2: ArrayLike, n: int, X: float) -> FloatArray:
    """Return `x*(d)`, the smallest minimiser of `E F(d, .)` on `[0, X]`, for `d = 1..D`, shape `(D,)`.

    `E F(d, .)` is convex. Within a few ulp times the zero's condition, `sum_j (known_j + cost_j) / (x dslope/dx)`:
    mostly below 10, large where kept variances near 0, whose slope is close to 1 at every level, balance the others'.

    Args:
        sigma2: variances of the data, `(D,)`, in the order in which they are kept.
        n: number of training points, >= 1.
        X: largest noise level `a_T^2`, in `[0, 1]`.

    Raises:
        ValueError: an argument outside these ranges.
    """
    s, count = checked_variances(sigma2, "sigma2"), checked_points(n)
    top, found = float(checked_levels(X, "X")), np.zeros(len(s))
    if top == 0:
        return found
    dims: IntArray = np.arange(len(s), dtype=np.int64)
    end = _sums(s, count, np.array([top]), np.array([1 - top]), dims)[0]
    found[end <= 0] = top
    dims = dims[end > 0]
    dims = dims[_at_edge(s, count, _FIRST, dims) < 0]
    last = _top(top)
    late = _at_edge(s, count, last, dims) <= 0
    found[dims[late]] = top
    open_ranges = [(_FIRST, last, dims[~late])]
    while open_ranges:
        low, high, of = open_ranges.pop()
        if not len(of):
            continue
        if high - low == 1:
            found[of] = np.minimum(_in_panel(s, count, low, of), top)
            continue
        middle = (low + high) // 2
        rising = _at_edge(s, count, middle, of) >= 0
        open_ranges += [(low, middle, of[rising]), (middle, high, of[~rising])]
    return found


def _at_edge(s: FloatArray, n: int, panel: int, dims: IntArray) -> FloatArray:
    x, rest = _level(np.array([panel]), 0.0)
    return np.ravel(_sums(s, n, x, rest, dims))


def _sums(s: FloatArray, n: int, x: FloatArray, rest: FloatArray, dims: IntArray) -> FloatArray:
    """`dE F(d+1, x)/dx` for `d` in `dims` (increasing), shape `(len(x), len(dims))`; summed in extended precision."""
    totals = np.empty((len(x), len(dims)))
    before = np.zeros((len(x), 1), dtype=np.longdouble)
    width = max(1, _BLOCK // len(x))
    for first in range(0, int(dims[-1]) + 1 if len(dims) else 0, width):
        known, cost = slope_parts(*_table(s[first : first + width], n, x, rest))
        running = before + np.cumsum(known - cost, axis=1, dtype=np.longdouble)
        here = slice(*np.searchsorted(dims, (first, first + width)))
        totals[:, here] = running[:, dims[here] - first]
        before = running[:, -1:]
    return totals


def _table(s: FloatArray, n: int, x: FloatArray, rest: FloatArray) -> tuple[FloatArray, int, FloatArray, FloatArray]:
    variances, levels, others = np.broadcast_arrays(s, x[:, None], rest[:, None])
    return variances, n, levels, others


def _in_panel(s: FloatArray, n: int, panel: int, dims: IntArray) -> FloatArray:
    """The zeros for `dims`, all of them in this panel; extended precision keeps the polynomial's own rounding out."""
    angles = (2 * np.arange(_POINTS) + 1) * (np.arccos(np.longdouble(-1)) / (2 * _POINTS))
    x, rest = _level(panel, (1 + np.cos(angles)) / 2)
    values = _sums(s, n, x.astype(np.float64), rest.astype(np.float64), dims)
    fit = np.cos(np.arange(_POINTS)[:, None] * angles) * 2 / _POINTS
    fit[0] /= 2
    series = fit @ (values / np.abs(values).max(axis=0))
    zeros = _zeros(lambda t, which: chebyshev.chebval(2 * t - 1, series[:, which], tensor=False), len(dims))
    return _level(panel, zeros.astype(np.longdouble))[0].astype(np.float64)


def _zeros(slopes: Callable[[FloatArray, IntArray], FloatArray], count: int) -> FloatArray:
    """Zeros in `[0, 1]` of `count` increasing functions by Chandrupatla's method; an end where the sign is the same.

    `slopes(t, which)` evaluates the functions numbered `which`, one `t` each.
    """
    which: IntArray = np.arange(count, dtype=np.int64)
    a, b = np.zeros(count), np.ones(count)
    fa, fb = slopes(a, which), slopes(b, which)
    found = np.where(fa >= 0, 0.0, 1.0)
    inside = (fa < 0) & (fb > 0)
    which, a, b, fa, fb = which[inside], a[inside], b[inside], fa[inside], fb[inside]
    c, fc, t = a, fa, np.full(len(which), 0.5)
    for _ in range(_STEPS):
        if not len(which):
            break
        new = a + t * (b - a)
        f = slopes(new, which)
        same = np.sign(f) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = new, f
        best = np.where(np.abs(fb) < np.abs(fa), b, a)
        with np.errstate(divide="ignore", invalid="ignore"):  # a bracket of width 0 is done
            closest = _EPS / 2 / np.abs(b - a)
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        done = (closest > 0.5) | (fa == 0)
        found[which[done]] = best[done]
        t = np.where((phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi), inverse, 0.5)
        t = np.clip(np.nan_to_num(t, nan=0.5), np.minimum(closest, 0.5), np.maximum(1 - closest, 0.5))
        left = ~done
        which, a, b, c, fa, fb, fc, t = (array[left] for array in (which, a, b, c, fa, fb, fc, t))
    return found
