"""Exact confidence limits: Clopper-Pearson for proportions, chi-square for variances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from proofs_check.engines.monte_carlo.evidence import check_rate

__all__ = ["clopper_pearson", "union_share", "variance_limits"]


def union_share(alarm: float, coordinates: int) -> float:
    """The rate for each of several independent tests so that together they reach exactly `alarm`.

    `1 - (1 - alarm)^(1/coordinates)`, the exact probability of a union of independent events solved for one of them.
    """
    check_rate("alarm", alarm)
    return float(-np.expm1(np.log1p(-alarm) / coordinates))


def clopper_pearson(successes: int, trials: int, error: float = 0.05) -> tuple[float, float]:
    """Two-sided limits for a probability, missed with probability at most `error` whatever it is.

    Raises:
        ValueError: `successes` outside `[0, trials]`, no trial, or `error` outside (0, 1).
    """
    from scipy.stats import beta

    check_rate("error", error)
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes must lie in [0, trials], trials >= 1, got {successes} of {trials}")
    low = 0.0 if successes == 0 else float(beta.ppf(error / 2, successes, trials - successes + 1))
    high = 1.0 if successes == trials else float(beta.isf(error / 2, successes + 1, trials - successes))
    return low, high


def variance_limits(
    totals: NDArray[np.float64], n: int, error: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Limits for the variances of independent coordinates, all right at once with probability `1 - error`.

    `totals` holds the sum of `n` squares of each centred Gaussian coordinate; exact chi-square quantiles.
    """
    from scipy.stats import chi2

    share = union_share(error, totals.size) / 2
    return totals / chi2.isf(share, n), totals / chi2.ppf(share, n)
