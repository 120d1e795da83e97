"""The best noise levels for all dimensions, with certified errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.noise import checked_levels
from theory.stopping.bisection import bisected
from theory.stopping.signs import slope_signs
from theory.stopping.sweep import minimisers
from theory.stopping.terms import Spectra

__all__ = ["NoiseLevels", "certified_noise_levels", "optimal_noise_levels"]

#: relative accuracy that every level has at least
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class NoiseLevels:
    """The intervals `x*(d) = [lower, upper]`, `d = 1..D`, and bounds of the relative error of both ends, `(D,)` each.

    The bound is 0 where the end is 0 or `X`, which is decided exactly. `passes` is the work of the sweep in
    evaluations of the slope's `D` terms at one level.
    """

    lower: FloatArray
    upper: FloatArray
    error: FloatArray
    passes: float


def optimal_noise_levels(sigma2: ArrayLike, sigma_hat2: ArrayLike, X: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the interval `x*(d) = argmin F(d, .)` on `[0, X]`, `d = 1..D`, shape `(D,)` each.

    The ends differ only where `F(d, .)` is constant, which needs `sigma_j = 0` or `sigma_hat_j = 1` for every
    kept coordinate; that and a minimum at 0 or X are decided exactly. A minimum between is accurate to 1e-9
    at least, mostly to the last bits; exact signs take over where floating point cannot tell.

    Args:
        sigma2: variances of the data, `(D,)`, non-increasing.
        sigma_hat2: variances the score was built from, `(D,)`, any order.
        X: largest noise level `a_T^2`, in `[0, 1]`.

    Raises:
        ValueError: an argument outside these ranges.
    """
    levels = certified_noise_levels(sigma2, sigma_hat2, X)
    return levels.lower, levels.upper


def certified_noise_levels(
    sigma2: ArrayLike, sigma_hat2: ArrayLike, X: float, tolerance: float = TOLERANCE
) -> NoiseLevels:
    """`optimal_noise_levels` with error bounds.

    All dimensions share one sweep over the spectrum; those whose bound exceeds `tolerance` are summed directly, one by
    one, to the last bits.

    Args:
        sigma2: variances of the data, `(D,)`, non-increasing.
        sigma_hat2: variances the score was built from, `(D,)`, any order.
        X: largest noise level `a_T^2`, in `[0, 1]`.
        tolerance: relative error that a bound may reach, `> 0`; at infinity nothing is summed again.

    Raises:
        ValueError: an argument outside these ranges.
    """
    pair = Spectra.checked(sigma2, sigma_hat2)
    X = float(checked_levels(X, "X"))
    if not tolerance > 0:
        raise ValueError(f"tolerance must be > 0, got {tolerance}")
    at_zero, at_end = slope_signs(pair, 0.0), slope_signs(pair, X)
    inside = (at_zero < 0) & (at_end > 0)
    lower, error, terms = minimisers(pair, inside, X)
    again = np.flatnonzero(error > tolerance) + 1
    lower[again - 1], error[again - 1] = bisected(pair, again, X)
    lower[at_end <= 0] = X
    lower[at_zero >= 0] = 0.0
    upper = lower.copy()
    # Without a coordinate with sigma_j > 0 and sigma_hat_j != 1, F(d, .) is a straight line of slope sum (1 - h_j).
    bent = (pair.s > 0) & (pair.h != 1)
    straight = slice(0, int(np.argmax(bent)) if bent.any() else len(pair))
    lower[straight] = np.where(at_end[straight] < 0, X, 0.0)
    upper[straight] = np.where(at_end[straight] > 0, 0.0, X)
    return NoiseLevels(lower, upper, error, terms / len(pair))
