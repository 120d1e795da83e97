"""The expected distance over the draw of the training set, as numbers (diagonal case, `n` training points).

`hat sigma_j^2 = sigma_j^2 chi2_n/n`; the formulas are in `theory.expected_parts` and the expectations in
`theory.chi_square`. The closed form through Tricomi's `U` is in `theory.tricomi`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.chi_square import checked_points
from theory.expected_levels import coordinate_level as coordinate_level
from theory.expected_levels import expected_level as expected_level
from theory.expected_parts import root_mean, slope_parts, term
from theory.noise import checked_levels, checked_variances
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

#: entries of one block of a (level x coordinate) table
_BLOCK = 1 << 18


def _checked(sigma2: ArrayLike, n: int, x: ArrayLike) -> tuple[FloatArray, int, FloatArray]:
    count = checked_points(n)
    array = np.asarray(sigma2, dtype=np.float64)
    if array.size and not (np.isfinite(array).all() and array.min() >= 0):
        raise ValueError(f"sigma2 must be finite and >= 0, got values from {array.min()} to {array.max()}")
    variances, levels = np.broadcast_arrays(array, checked_levels(x, "x"))
    return variances, count, levels


def expected_root(sigma2: ArrayLike, n: int, x: ArrayLike) -> FloatArray:
    """Return `E sqrt(x + (1-x) sigma^2 chi2_n/n)`, `sigma2` and `x` broadcast together.

    Within 3 ulp of the value for `x` in `[0, 1]`, `sigma2` from 1e-300 to 1e300 and `n` up to 1e9 (measured).

    Raises:
        ValueError: `sigma2 < 0` or not finite, `x` outside `[0, 1]`, `n` not a whole number >= 1.
    """
    return root_mean(*_checked(sigma2, n, x))


def expected_term(sigma2: ArrayLike, n: int, x: ArrayLike) -> FloatArray:
    """Return `E (sqrt(v) - sigma)^2`, what a kept coordinate adds to `E F`; arguments as in `expected_root`.

    Within a few ulp of the value, in the same ranges.
    """
    return term(*_checked(sigma2, n, x))


def expected_slope(sigma2: ArrayLike, n: int, x: ArrayLike) -> FloatArray:
    """Return the derivative in `x` of `expected_term` (one-sided at 0 and 1); arguments as in `expected_root`.

    Within a few ulp of `known + cost`, the sum of its two parts (`theory.expected_parts`), of which it is the
    difference. At `x = 0` it is `1 - sigma^2 - m_{-1} + sigma^2 m_1` (claim `beyond-2`), `-inf` for `n = 1`; for
    `sigma2 = 0` it is 1. It is `inf` where its value exceeds the largest double (`x` near 1, `sigma2 > 1e205`).
    """
    s, n, x = _checked(sigma2, n, x)
    known, cost = slope_parts(s, n, x, 1 - x)
    # where both exceed the largest double, at x near 1, known is the larger
    return known - np.where(np.isinf(known), 0.0, cost)


def expected_distance(sigma2: ArrayLike, n: int, d: int, x: ArrayLike) -> FloatArray:
    """Return `E F(d, x)` in the shape of `x`, within a few ulp (every summand is >= 0).

    Args:
        sigma2: variances of the data, `(D,)`, finite, >= 0.
        n: number of training points, >= 1.
        d: latent dimension, `0 <= d <= D`.
        x: noise levels in `[0, 1]`, any shape.

    Raises:
        ValueError: an argument outside these ranges.
    """
    s = checked_variances(sigma2, "sigma2")
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
