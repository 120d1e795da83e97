"""What is wanted decides how it is drawn: the cheapest sampler whose law is exact.

    second moments of training sets     chi-square (variances) or Bartlett's triangle (covariance): no training point
    second moments of generated paths   the chain of their lengths (`moments`): no path
    generated paths                     the backward SDE's exact transitions between the stops: no time-step error

Euler-Maruyama (`euler_chain` with `second_moments` or `simulate_paths`) is for studying the discretisation itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray, factor
from theory.schedules import OU, VariancePreserving
from theory.simulate.chain import exact_chain
from theory.simulate.moments import drawn_moments
from theory.simulate.paths import MEMORY, Moments, simulate_paths
from theory.simulate.training import estimated_variances, wishart_factor

__all__ = ["sample_estimates", "sample_moments", "sample_paths"]


def sample_estimates(rng: np.random.Generator, sigma2_or_covariance: ArrayLike, n: int, size: int) -> FloatArray:
    """Draw what `size` training sets of `n` points of `N(0, Sigma)` say about `Sigma`, without the points.

    From variances `(D,)`: the estimates `hat sigma_j^2`, `(size, D)`. From a covariance `(D, D)` of rank `r`: factors
    `L`, `(size, D, min(n, r))`, with `L L^T = hat Sigma`.

    Raises:
        ValueError: `n < 1`, `size < 1`, a negative variance, or a matrix that is no covariance.
    """
    given = np.asarray(sigma2_or_covariance, dtype=np.float64)
    if given.ndim == 2:
        return wishart_factor(rng, factor(given, "covariance"), n, size)
    return estimated_variances(rng, given, n, size)


def sample_moments(
    taus: ArrayLike,
    variances: ArrayLike,
    paths: int,
    seed: int,
    *,
    schedule: VariancePreserving = OU,
    cap: float | None = None,
    start: str | ArrayLike = "diffused",
    stream: str = "moments",
    record: Sequence[int] | None = None,
) -> Moments:
    """Second moments of `paths` paths of the backward SDE at the stops `taus`, from their exact joint law.

    Arguments and errors as for `exact_chain` and `drawn_moments`. Cost: two random numbers a coordinate and stop.
    """
    chain = exact_chain(taus, variances, schedule=schedule, cap=cap, start=start)
    return drawn_moments(chain, paths, seed, stream=stream, record=record)


def sample_paths(
    taus: ArrayLike,
    variances: ArrayLike,
    paths: int,
    seed: int,
    *,
    schedule: VariancePreserving = OU,
    cap: float | None = None,
    start: str | ArrayLike = "diffused",
    stream: str = "paths",
    record: Sequence[int] | None = None,
    memory: int = MEMORY,
    threads: int = 1,
) -> FloatArray:
    """`paths` paths of the backward SDE at the stops `taus`, `(R, paths, D)`, by its exact transitions.

    Arguments and errors as for `exact_chain` and `simulate_paths`. Cost: one normal a path, coordinate and stop.
    """
    chain = exact_chain(taus, variances, schedule=schedule, cap=cap, start=start)
    return simulate_paths(chain, paths, seed, stream=stream, record=record, memory=memory, threads=threads)
