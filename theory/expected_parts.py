"""What a kept coordinate adds to `E F(d, x)`, and its slope in `x`, in parts that do not cancel.

`hat sigma^2 = sigma^2 chi2_n/n`. With `vbar = x + (1-x) sigma^2`, `g = sigma^2/vbar`, `p = (1-x) g` and `A`, `B` of
`theory.chi_square` the term is
`E (sqrt(v) - sigma)^2 = (sqrt(vbar) - sigma)^2 + 2 sigma sqrt(vbar) p^2 A`: what a known variance would give, plus what
its estimation costs. Its slope is `known - cost` with
`known = x (1-sigma^2)^2 / (vbar + sigma sqrt(vbar))` and
`cost = (sigma/sqrt(vbar)) (1-x) g^2 (2 B - (1-x)(1-sigma^2) A)`: both are >= 0, since `B >= A` (claim `beyond-2`), and
near `x = 0` the second is the larger. `x` is given with `1 - x`, which may be far below the rounding of `x`.
"""

from __future__ import annotations

import numpy as np

from theory.bures import FloatArray
from theory.chi_square import curvatures

__all__ = ["log_odds", "root_mean", "slope_parts", "term"]


def _mean(s: FloatArray, x: FloatArray, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`vbar`, and `vbar` where it is positive, else 1."""
    mean = x + rest * s
    return mean, np.where(mean > 0, mean, 1.0)


def log_odds(s: FloatArray, x: FloatArray, rest: FloatArray) -> FloatArray:
    """`log(p/(1-p)) = log((1-x) sigma^2/x)`; `-inf` for a variance of 0, at noise level 0 as well."""
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        odds = rest * s / x
        theta = np.log(odds)
        lost = (odds > 1e300) & (x > 0)
        if lost.any():  # n = 1 needs the logarithm even where the odds overflow
            theta = np.where(lost, np.log(s) + np.log(rest) - np.log(x), theta)
    return np.where(s > 0, theta, -np.inf)


def root_mean(s: FloatArray, n: int, x: FloatArray) -> FloatArray:
    """`E sqrt(v) = sqrt(vbar) (1 - p^2 A)`; arguments checked and of one shape."""
    rest = 1 - x
    mean, safe = _mean(s, x, rest)
    a, _ = curvatures(log_odds(s, x, rest), n)
    with np.errstate(under="ignore"):
        return np.asarray(np.sqrt(mean) * (1 - (rest * s / safe) ** 2 * a))


def term(s: FloatArray, n: int, x: FloatArray) -> FloatArray:
    """`E (sqrt(v) - sigma)^2`; arguments checked and of one shape."""
    rest = 1 - x
    mean, safe = _mean(s, x, rest)
    a, _ = curvatures(log_odds(s, x, rest), n)
    root, sigma = np.sqrt(safe), np.sqrt(s)
    known = np.where(mean > 0, x * (1 - s) / (root + sigma), 0.0)
    with np.errstate(under="ignore", over="ignore"):
        return np.asarray(known**2 + 2 * (sigma * root) * ((rest * s / safe) ** 2 * a))


def slope_parts(s: FloatArray, n: int, x: FloatArray, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`known` and `cost`; arguments checked and of one shape, `rest` is `1 - x`.

    For a variance of 0 they are 1 and 0. `known` overflows to `inf` where its value does, `sigma^2 > 1e205`.
    """
    a, b = curvatures(log_odds(s, x, rest), n)
    _, safe = _mean(s, x, rest)
    root, sigma = np.sqrt(safe), np.sqrt(s)
    with np.errstate(under="ignore", over="ignore", invalid="ignore"):
        known = x * (1 - s) / (safe + sigma * root) * (1 - s)
        share = s / safe
        cost = np.sqrt(share) * rest * share * (share * (2 * b - rest * (1 - s) * a))
    return np.where(s > 0, known, 1.0), np.where((s > 0) & (rest > 0), cost, 0.0)
