"""The squared Frechet distance from samples: value, bias, standard error, confidence interval.

Diagonal case. With `N` paths of known mean 0 the second moment is `S = V Y`, `Y ~ chi2_N / N`, exactly. With
`m = E sqrt(Y)` a kept coordinate's plug-in term `(sqrt S - sigma)^2` has mean
`(sqrt V - sigma)^2 + 2 sigma sqrt(V) (1 - m)`, so `S - 2 sigma sqrt(S)/m + sigma^2` is exactly unbiased; since
`E Y^{3/2} = m (N+1)/N` its variance is exactly `2 V^2/N - 2 c V^{3/2} m/N + c^2 V (1 - m^2)` with `c = 2 sigma/m`.
General case: `theory.bures` and a jackknife over groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray, bures_squared_factors, factor
from theory.chi_square import shortfall
from theory.noise import checked_variances
from theory.simulate.chain import GaussianChain
from theory.simulate.paths import Moments
from theory.simulate.streams import checked_count

__all__ = ["FrechetEstimate", "common_numbers_gain", "frechet_diagonal", "frechet_general", "term_law"]
__all__ += ["variance_interval"]


@dataclass(frozen=True)
class FrechetEstimate:
    """An estimate of a squared Frechet distance; `value` is bias-corrected and may be slightly negative."""

    value: float
    #: what the correction took off the plug-in value
    bias: float
    standard_error: float
    lower: float
    upper: float
    confidence: float
    #: how the interval was made, and whether its coverage is exact, guaranteed from below, or asymptotic
    method: str


def _confidence(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie strictly between 0 and 1, got {confidence}")
    return confidence


def _root_loss(paths: int) -> float:
    """`1 - E sqrt(chi2_N / N)`, accurate for every `N`."""
    return float(shortfall(np.ones(1), np.zeros(1), checked_count(paths, "paths"))[0][0])


def term_law(variance: ArrayLike, sigma2: ArrayLike, paths: int) -> tuple[FloatArray, FloatArray]:
    """Exact bias of the plug-in term `(sqrt S - sigma)^2` and exact variance of the unbiased one.

    `variance` is `V`, `sigma2` the data's variance, broadcast together; `paths` is `N`.

    Raises:
        ValueError: `paths < 1`.
    """
    v, s2 = np.broadcast_arrays(np.asarray(variance, np.float64), np.asarray(sigma2, np.float64))
    loss = _root_loss(paths)
    m, root, sigma = 1 - loss, np.sqrt(v), np.sqrt(s2)
    c = 2 * sigma / m
    spread = 2 * v**2 / paths - 2 * c * v * root * m / paths + c**2 * v * loss * (2 - loss)
    return 2 * sigma * root * loss, np.maximum(spread, 0.0)


def variance_interval(second: ArrayLike, paths: int, confidence: float) -> tuple[FloatArray, FloatArray]:
    """The exact confidence interval `[N S / q_hi, N S / q_lo]` of a variance, from chi-square quantiles, equal tails.

    Raises:
        ValueError: `paths < 1` or `confidence` outside (0, 1).
    """
    from scipy.special import chdtri, gammaincinv

    count, tail = checked_count(paths, "paths"), (1 - _confidence(confidence)) / 2
    s = np.asarray(second, dtype=np.float64)
    return s * (count / chdtri(count, tail)), s * (count / (2 * gammaincinv(count / 2, tail)))


def frechet_diagonal(
    moments: Moments, sigma2: ArrayLike, d: int, *, confidence: float = 0.95, exact: bool = False
) -> list[FrechetEstimate]:
    """Estimate `F(d, .)` at every recorded time from the first `d` coordinates; the data is `diag(sigma2)`.

    The intervals are asymptotically normal with the exact formula for the variance at the estimated `V`. With `exact`
    they join exact chi-square intervals of the `d` variances (Bonferroni): coverage is at least `confidence`.

    Raises:
        ValueError: `d` is not in `[0, D]`, `moments` has fewer than `d` coordinates, or a bad `confidence`.
    """
    from scipy.special import ndtri

    s2 = checked_variances(sigma2, "sigma2")
    if not 0 <= checked_count(d, "d", 0) <= min(len(s2), moments.second.shape[1]):
        raise ValueError(f"d must lie in [0, {min(len(s2), moments.second.shape[1])}], got {d}")
    second, kept = moments.second[:, :d], s2[:d]
    rest = float(np.sum(s2[d:]))
    bias, spread = term_law(second, kept, moments.paths)
    # the estimate sqrt(S)/m of sqrt(V) makes the correction exact: 2 sigma sqrt(S) (1/m - 1)
    shift = np.sum(bias, axis=1) / (1 - _root_loss(moments.paths))
    value = np.sum((np.sqrt(second) - np.sqrt(kept)) ** 2, axis=1) + rest - shift
    error = np.sqrt(np.sum(spread, axis=1))
    if exact and d:
        low, high = (
            np.sqrt(b) for b in variance_interval(second, moments.paths, 1 - (1 - _confidence(confidence)) / d)
        )
        sigma = np.sqrt(kept)
        lower = rest + np.sum((np.clip(sigma, low, high) - sigma) ** 2, axis=1)
        upper = rest + np.sum(np.maximum((low - sigma) ** 2, (high - sigma) ** 2), axis=1)
    else:
        width = -float(ndtri((1 - _confidence(confidence)) / 2)) * error
        lower, upper = value - width, value + width
    method = "chi-square, Bonferroni (at least)" if exact else "normal (asymptotic)"
    return [
        FrechetEstimate(float(v), float(b), float(e), float(low), float(high), confidence, method)
        for v, b, e, low, high in zip(value, shift, error, lower, upper, strict=True)
    ]


def frechet_general(
    samples: ArrayLike, covariance: ArrayLike, *, groups: int = 20, confidence: float = 0.95
) -> FrechetEstimate:
    """Estimate the squared Frechet distance from decoded samples `(N, D)`, mean known to be 0, to `N(0, covariance)`.

    Any covariance, also singular ones (`theory.bures`). Bias and standard error come from a jackknife over `groups` of
    samples, the interval from Student's t with `groups - 1` degrees of freedom: asymptotic.

    Raises:
        ValueError: `groups < 2`, fewer samples than groups, or arrays that do not fit.
    """
    from scipy.special import stdtrit

    x, count = np.asarray(samples, dtype=np.float64), checked_count(groups, "groups", 2)
    if x.ndim != 2 or len(x) < count:
        raise ValueError(f"samples must be (N, D) with N >= groups = {count}, got shape {x.shape}")
    target = factor(covariance, "covariance")
    if len(target) != x.shape[1]:
        raise ValueError(f"covariance must be ({x.shape[1]}, {x.shape[1]}) like the samples, got {len(target)} rows")

    def distance(rows: FloatArray) -> float:
        triangle = np.asarray(np.linalg.qr(rows, mode="r"))
        return bures_squared_factors(triangle.T / np.sqrt(len(rows)), target)

    labels = np.arange(len(x)) % count
    whole = distance(x)
    without = np.array([distance(x[labels != g]) for g in range(count)])
    bias = (count - 1) * (float(without.mean()) - whole)
    error = float(np.sqrt((count - 1) / count * np.sum((without - without.mean()) ** 2)))
    width = -float(stdtrit(count - 1, (1 - _confidence(confidence)) / 2)) * error
    value = whole - bias
    return FrechetEstimate(value, bias, error, value - width, value + width, confidence, "jackknife t (asymptotic)")


def common_numbers_gain(chain: GaussianChain, sigma2: ArrayLike, first: int, second: int, d: int) -> float:
    """By what factor common random numbers cut the variance of `F(d, second) - F(d, first)`, to first order in `1/N`.

    `dF/dS = 1 - sigma/sqrt(V)` and `Cov(S, S') = 2 Cov(x, x')^2 / N`; the factor is the variance with independent
    paths for each of the two grid indices over that with the same paths. Infinite where the difference has no variance.

    Raises:
        ValueError: `d` out of range, or the indices are out of range or in the wrong order.
    """
    s2 = checked_variances(sigma2, "sigma2")
    if not 1 <= d <= min(len(s2), chain.dimension):
        raise ValueError(f"d must lie in [1, {min(len(s2), chain.dimension)}], got {d}")
    cross = chain.covariance(first, second)[:d]
    v = chain.variances()[[first, second], :d]
    ratio = np.divide(np.sqrt(s2[:d]), np.sqrt(v), out=np.zeros_like(v), where=v > 0)
    early, late = 1 - ratio
    apart = np.sum((early * v[0]) ** 2 + (late * v[1]) ** 2)
    together = apart - 2 * np.sum(early * late * cross**2)
    return float(apart / together) if together > 0 else float("inf")
