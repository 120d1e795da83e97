"""How often reading (B) fails for plug-in scores: two coordinates, exact quadrature over the two estimated variances.

(B) fails for `D = 2` exactly if the smallest minimiser `x_1` of `F(1, .)` lies below `X` and the slope of `F(2, .)` is
still negative there. With `h_j = hat sigma_j^2` that asks `slope_1(x_1) + slope_2(x_1) < 0`, where `slope_1(x_1)` is 0
unless `x_1 = 0`. Given `h_1` the samples `h_2` that satisfy it are those below a root and those above another: for
`x_1 > 0` below `min(1, l)` and above `max(1, l)` with `l = (sigma_2^2 - x_1)/(1 - x_1)`; for `x_1 = 0` and
`c = slope_1(0)`, `g = sqrt(h_2)` outside the two positive roots of `(1 - sigma_2/g)(1 - g^2) + c = 0`, a cubic in `g`.
It is *not* enough that `x_1 < x_2`: with `x_1 = 0` and a positive slope there, both minimisers may be 0
(claim `beyond-1/not-necessary`).
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.chi_square import checked_points

__all__ = ["probability_reading_b_fails"]

#: points of Gauss-Legendre on one panel
_POINTS = 20


def _below(h1: FloatArray, s1: float, s2: float) -> tuple[FloatArray, FloatArray]:
    """Ends of the interval of `h_2` on which (B) holds, for `h_1` with `x_1 < X`."""
    level = np.clip((s1 - h1) / (1 - h1), 0.0, 1.0)
    balance = (s2 - level) / (1 - level)
    low, high = np.minimum(1.0, np.maximum(balance, 0.0)), np.maximum(1.0, balance)
    at_zero = level == 0
    g = np.sqrt(h1[at_zero])
    roots = _cubic_roots((1 - sqrt(s1) / g) * (1 - h1[at_zero]), sqrt(s2))
    low[at_zero], high[at_zero] = roots[0] ** 2, roots[1] ** 2
    return low, high


def _cubic_roots(c: FloatArray, sigma: float) -> tuple[FloatArray, FloatArray]:
    """The two positive roots of `(g - sigma)(1 - g^2) + c g`, `c >= 0`, by bisection on the sides of `[sigma, 1]`."""

    def value(g: FloatArray) -> FloatArray:
        return np.asarray((g - sigma) * (1 - g**2) + c * g)

    ends = []
    for inner, outer in (
        (np.full(c.shape, min(1.0, sigma)), np.zeros(c.shape)),
        (np.full(c.shape, max(1.0, sigma)), 1 + sigma + np.sqrt(c) + c),
    ):
        for _ in range(70):
            middle = (inner + outer) / 2
            inside = value(middle) >= 0
            inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
        ends.append((inner + outer) / 2)
    return ends[0], ends[1]


def probability_reading_b_fails(sigma2: ArrayLike, n: int, X: float) -> float:
    """Return the probability over `n` training points that `x*(2) > x*(1)`, for two kept coordinates.

    Smallest minimisers on `[0, X]`, plug-in score; absolute error about 1e-12.

    Args:
        sigma2: two variances of the data, finite and > 0, in either order.
        n: number of training points, >= 1.
        X: largest noise level `a_T^2`, in `(0, 1]`.

    Raises:
        ValueError: an argument outside these ranges.
    """
    from scipy.special import gammainc, gammaincc

    pair = np.asarray(sigma2, dtype=np.float64)
    if pair.shape != (2,) or not np.isfinite(pair).all() or pair.min() <= 0:
        raise ValueError(f"sigma2 must be two finite variances > 0, got {pair.tolist()}")
    n = checked_points(n)
    if not 0 < X <= 1:
        raise ValueError(f"X must lie in (0, 1], got {X}")
    s1, s2 = float(pair[0]), float(pair[1])
    if s1 == 1:
        return 0.0
    # x_1 < X holds between these two values of h_1
    edge = (s1 - X) / (1 - X) if X < 1 else np.copysign(np.inf, s1 - X)
    low, high = (max(edge, 0.0), 1.0) if s1 < 1 else (1.0, edge)
    reach = sqrt(2 / n) * 9 + 80 / n
    breaks = [log(b / s1) for b in (low, s1, high) if 0 < b < np.inf]
    first = max(-reach, log(low / s1)) if low > 0 else -reach
    last = min(reach, log(high / s1)) if high < np.inf else reach
    if first >= last:
        return 0.0
    nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
    cuts = sorted({first, last, *(b for b in breaks if first < b < last)})
    total, width = 0.0, min(0.5, sqrt(2 / n))
    for left, right in pairwise(cuts):
        edges = np.linspace(left, right, 1 + ceil((right - left) / width))
        half = np.diff(edges) / 2
        z = ((edges[1:] + edges[:-1]) / 2)[:, None] + half[:, None] * nodes
        h1 = s1 * np.exp(z)
        inner = _below(h1.ravel(), s1, s2)
        fails = gammainc(n / 2, n / 2 * inner[0] / s2) + gammaincc(n / 2, n / 2 * inner[1] / s2)
        total += float(np.sum(_density(z, n) * fails.reshape(z.shape) * (half[:, None] * weights)))
    return total


def _density(z: FloatArray, n: int) -> FloatArray:
    """Density of `log(chi2_n/n)`."""
    from scipy.special import gammaln

    half = n / 2
    excess = np.where(np.abs(z) < 1e-2, z**2 / 2 + z**3 / 6 + z**4 / 24 + z**5 / 120 + z**6 / 720, np.expm1(z) - z)
    # log of half^half e^-half / Gamma(half), by Stirling's series where the terms are large
    scale = (
        half * log(half) - half - float(gammaln(half))
        if n < 200
        else log(half / (2 * np.pi)) / 2 - 1 / (12 * half) + 1 / (360 * half**3) - 1 / (1260 * half**5)
    )
    return np.asarray(np.exp(scale - half * excess))
