"""Figure 3 by simulation: the noise levels of the forward SDE, whose inverse [8] extends.

The forward SDE [1] started at 0 has variance `a_tau^2`, so paths give points on the graph of the inverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.bures import FloatArray
from theory.evaluate import numpy_function
from theory.noise import noise_of_time, time_of_noise
from theory.notation import sigma, tau
from theory.process import forward
from theory.schedules import OU
from theory.simulate.chain import GaussianChain, uniform_grid
from theory.simulate.estimators import variance_interval
from theory.simulate.paths import Progress, second_moments
from theory.simulate.streams import checked_count

__all__ = ["Inverse", "inverse"]


@dataclass(frozen=True, eq=False)
class Inverse:
    """Figure 3: forward times and the noise levels simulated there, with exact chi-square intervals."""

    horizon: float
    taus: FloatArray
    simulated: FloatArray
    lower: FloatArray
    upper: FloatArray
    exact: FloatArray
    #: noise levels of the Euler-Maruyama chain, in law
    euler: FloatArray
    paths: int
    steps: int
    seed: int
    confidence: float

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        arrays = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        return {"figure": "3", **arrays}


def inverse(
    *,
    horizon: float = 4.0,
    paths: int = 10_000,
    seed: int = 0,
    steps: int = 1000,
    confidence: float = 0.95,
    marks: int = 14,
    progress: Progress | None = None,
) -> Inverse:
    """Figure 3: noise levels `a_tau^2` of the forward SDE [1] by Euler-Maruyama from 0, at `marks` forward times.

    Raises:
        ValueError: a count, seed or confidence out of range.
    """
    checked_count(steps, "steps")
    grid = uniform_grid(horizon, steps)[::-1]
    sde = forward(OU, sigma**2)
    step, zero = np.diff(grid), np.zeros(1)
    drift, rate = (numpy_function(e, tau)(grid[:-1]) for e in (sde.drift, sde.noise_squared))
    chain = GaussianChain(grid, zero, (1 + drift * step)[:, None], (rate * step)[:, None])
    wanted = noise_of_time(horizon) * np.arange(1, checked_count(marks, "marks") + 1) / marks
    record = sorted({max(1, chain.nearest(float(time))) for time in time_of_noise(wanted)})
    moments = second_moments(chain, paths, seed, stream="forward", record=record, progress=progress)
    low, high = variance_interval(moments.second[:, 0], paths, confidence)
    law = chain.variances()[record, 0]
    exact = noise_of_time(moments.taus)
    return Inverse(horizon, moments.taus, moments.second[:, 0], low, high, exact, law, paths, steps, seed, confidence)
