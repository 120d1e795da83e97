"""The expected distance over the draw of the training set, as numbers (diagonal case, `n` training points).

`hat sigma_j^2 = sigma_j^2 chi2_n/n`. With `vbar = x + (1-x) sigma^2` and `k` of `theory.chi_square`,
`E (sqrt(v) - sigma)^2 = (sqrt(vbar) - sigma)^2 + 2 sigma sqrt(vbar) k`: what a known variance would give, plus what
its estimation costs. Both parts are >= 0, so nothing cancels however large `n` is. The slope is
`x (1-sigma^2)^2 / (sqrt(vbar)(sqrt(vbar)+sigma)) - (sigma/sqrt(vbar)) (2 sigma^2 k'/vbar - (1-sigma^2) k)`: the first
part is >= 0, the second is > 0 since `2 sigma^2 k'/vbar >= 4 k/(1-x)` (claim `beyond-2`), and near `x = 0` it is the
larger. The closed form through Tricomi's `U` is in `theory.tricomi`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.bures import FloatArray
from theory.chi_square import checked_points, shortfall
from theory.noise import checked_levels, generated_variances
from theory.reading_b import probability_reading_b_fails as probability_reading_b_fails

__all__ = [
    "coordinate_level",
    "expected_distance",
    "expected_level",
    "expected_root",
    "expected_slope",
    "expected_term",
    "probability_reading_b_fails",
]

IntArray = NDArray[np.int64]
#: entries of one block of a (dimension x coordinate) table
_BLOCK = 1 << 18
_STEPS = 200


def _checked(sigma2: ArrayLike, n: int, x: ArrayLike) -> tuple[FloatArray, int, FloatArray]:
    count = checked_points(n)
    variances, levels = np.broadcast_arrays(_variances(sigma2), checked_levels(x, "x"))
    return variances, count, levels


def _variances(sigma2: ArrayLike) -> FloatArray:
    array = np.asarray(sigma2, dtype=np.float64)
    if array.size and not (np.isfinite(array).all() and array.min() >= 0):
        raise ValueError(f"sigma2 must be finite and >= 0, got values from {array.min()} to {array.max()}")
    return array


def _spectrum(sigma2: ArrayLike) -> FloatArray:
    array = _variances(sigma2)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"sigma2 must be a non-empty list of variances, got shape {array.shape}")
    return array


def _parts(s: FloatArray, n: int, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """`vbar`, `k(p)` and `k'(p)`; a variance of 0 at noise level 0 counts as `p = 0`."""
    mean = generated_variances(x, s)
    safe = np.where(mean > 0, mean, 1.0)
    rest = np.where(x > 0, np.maximum(x / safe, np.finfo(float).smallest_subnormal), 0.0)
    k, derivative = shortfall((1 - x) * s / safe, np.where(mean > 0, rest, 1.0), n)
    return mean, k, derivative


def expected_root(sigma2: ArrayLike, n: int, x: ArrayLike) -> FloatArray:
    """Return `E sqrt(x + (1-x) sigma^2 chi2_n/n)`, `sigma2` and `x` broadcast together.

    Relative error below 4e-15 for `x` in `[0, 1]` and `sigma2` from 1e-300 to 1e300 (measured against Arb up to
    `n = 1e6`, against the expansion in `1/n` up to 1e9).

    Raises:
        ValueError: `sigma2 < 0` or not finite, `x` outside `[0, 1]`, `n` not a whole number >= 1.
    """
    s, n, x = _checked(sigma2, n, x)
    mean, k, _ = _parts(s, n, x)
    return np.asarray(np.sqrt(mean) * (1 - k))


def expected_term(sigma2: ArrayLike, n: int, x: ArrayLike) -> FloatArray:
    """Return `E (sqrt(v) - sigma)^2`, what a kept coordinate adds to `E F`; arguments as in `expected_root`."""
    s, n, x = _checked(sigma2, n, x)
    mean, k, _ = _parts(s, n, x)
    root, sigma = np.sqrt(mean), np.sqrt(s)
    known = np.divide(x * (1 - s), root + sigma, out=np.zeros(s.shape), where=mean > 0)
    return np.asarray(known**2 + 2 * sigma * root * k)


def expected_slope(sigma2: ArrayLike, n: int, x: ArrayLike) -> FloatArray:
    """Return the derivative in `x` of `expected_term` (one-sided at 0 and 1); arguments as in `expected_root`.

    At `x = 0` it is `1 - sigma^2 - m_{-1} + sigma^2 m_1` (claim `beyond-2`), `-inf` for `n = 1`; for `sigma2 = 0`
    it is 1.
    """
    s, n, x = _checked(sigma2, n, x)
    return _slopes(s, n, x)


def _slopes(s: FloatArray, n: int, x: FloatArray) -> FloatArray:
    mean, k, derivative = _parts(s, n, x)
    safe = np.where(mean > 0, mean, 1.0)
    root, sigma = np.sqrt(safe), np.sqrt(s)
    known = x * (1 - s) / (root + sigma) * ((1 - s) / root)
    cost = sigma / root * (2 * s / safe * derivative - (1 - s) * k)
    return np.where(s > 0, known - np.where(s > 0, cost, 0.0), 1.0)


def expected_distance(sigma2: ArrayLike, n: int, d: int, x: ArrayLike) -> FloatArray:
    """Return `E F(d, x)` in the shape of `x`.

    Args:
        sigma2: variances of the data, `(D,)`, finite, >= 0.
        n: number of training points, >= 1.
        d: latent dimension, `0 <= d <= D`.
        x: noise levels in `[0, 1]`, any shape.

    Raises:
        ValueError: an argument outside these ranges.
    """
    s = _spectrum(sigma2)
    if not 0 <= d <= len(s):
        raise ValueError(f"d must lie in [0, {len(s)}], the number of variances, got {d}")
    levels = checked_levels(x, "x")
    flat = np.ravel(levels)
    total = np.full(flat.shape, float(np.sum(s[d:])))
    checked_points(n)
    rows = max(1, _BLOCK // max(d, 1))
    for first in range(0, len(flat) if d else 0, rows):
        part = slice(first, first + rows)
        total[part] += np.sum(expected_term(s[:d], n, flat[part, None]), axis=1)
    return total.reshape(levels.shape)


def coordinate_level(sigma2: ArrayLike, n: int, X: float = 1.0) -> FloatArray:
    """Return the minimiser of `expected_term` on `[0, X]`, in the shape of `sigma2`; 0 for a variance of 0, X for 1.

    Relative error about 1e-13.

    Raises:
        ValueError: as `expected_root`, with `X` in `[0, 1]`.
    """
    s, n, top = _checked(sigma2, n, X)
    flat = np.ravel(s)
    found = _first_rise(lambda level, of: _slopes(flat[of], n, level), len(flat), float(checked_levels(X, "X")))
    return found.reshape(top.shape)


def expected_level(sigma2: ArrayLike, n: int, X: float) -> FloatArray:
    """Return `x*(d)`, the smallest minimiser of `E F(d, .)` on `[0, X]`, for `d = 1..D`, shape `(D,)`.

    `E F(d, .)` is convex. Relative error about 1e-13 unless kept variances of 0 balance the others' slopes.

    Args:
        sigma2: variances of the data, `(D,)`, in the order in which they are kept.
        n: number of training points, >= 1.
        X: largest noise level `a_T^2`, in `[0, 1]`.

    Raises:
        ValueError: an argument outside these ranges.
    """
    s, n = _spectrum(sigma2), checked_points(n)
    D = len(s)
    rows = max(1, _BLOCK // D)

    def slopes(level: FloatArray, of: IntArray) -> FloatArray:
        total = np.empty(len(of))
        for first in range(0, len(of), rows):
            dims = of[first : first + rows] + 1
            widest = int(dims.max())
            table = _slopes(*_paired(s[:widest], n, level[first : first + rows, None]))
            total[first : first + rows] = np.sum(np.where(np.arange(widest) < dims[:, None], table, 0.0), axis=1)
        return total

    return _first_rise(slopes, D, float(checked_levels(X, "X")))


def _paired(s: FloatArray, n: int, x: FloatArray) -> tuple[FloatArray, int, FloatArray]:
    variances, levels = np.broadcast_arrays(s, x)
    return variances, n, levels


def _first_rise(slopes: Callable[[FloatArray, IntArray], FloatArray], count: int, X: float) -> FloatArray:
    """Smallest zero in `[0, X]` of `count` non-decreasing functions, by Chandrupatla's method in `log x`.

    `slopes(level, which)` evaluates the functions numbered `which`, one level each.
    """
    found = np.zeros(count)
    if X == 0:
        return found
    which: IntArray = np.arange(count, dtype=np.int64)
    end = slopes(np.full(count, X), which)
    found[end <= 0] = X
    which = which[end > 0]
    start = slopes(np.full(len(which), np.finfo(float).smallest_normal), which)
    end, which, start = end[which][start < 0], which[start < 0], start[start < 0]
    a, b = np.full(len(which), np.log(np.finfo(float).smallest_normal)), np.full(len(which), np.log(X))
    fa, fb, t = start, end, np.full(len(which), 0.5)
    c, fc = a, fa
    for _ in range(_STEPS):
        if not len(which):
            break
        new = a + t * (b - a)
        f = slopes(np.exp(new), which)
        same = np.sign(f) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = new, f
        best = np.where(np.abs(fb) < np.abs(fa), b, a)
        with np.errstate(divide="ignore"):  # a bracket of width 0 is done
            closest = 2 * np.finfo(float).eps * np.maximum(np.abs(best), 1.0) / np.abs(b - c)
        done = (closest > 0.5) | (fa == 0)
        found[which[done]] = np.minimum(np.exp(best[done]), X)
        with np.errstate(divide="ignore", invalid="ignore"):
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = np.where((phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi), inverse, 0.5)
        t = np.clip(np.nan_to_num(t, nan=0.5), closest, 1 - closest)
        left = ~done
        which, a, b, c, fa, fb, fc, t = (array[left] for array in (which, a, b, c, fa, fb, fc, t))
    return found
