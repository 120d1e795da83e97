"""The backward process at finitely many times: `x_{k+1} = f_k x_k + sqrt(g_k) z_k`, each coordinate on its own.

Two chains: `exact_chain`, whose law at its times is that of the SDE, and `euler_chain`, Euler-Maruyama on any grid. The
law of either is known exactly (`variances`, `covariance`), so samples can be tested by chi-square laws.

Grids are forward times, strictly decreasing: the first is the horizon `T`, the last the stop (0: no early stop).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sympy import Integer

from theory.bures import FloatArray
from theory.capped_score import score_weight, switch_time, y
from theory.evaluate import numpy_function
from theory.noise import checked_variances
from theory.notation import cap as cap_symbol
from theory.notation import sigma_hat, tau
from theory.process import backward, diffused_variance
from theory.schedules import OU, VariancePreserving
from theory.simulate.streams import checked_count
from theory.simulate.transitions import capped_factor, capped_noise, free_factor, free_noise, tau_start

__all__ = ["GaussianChain", "euler_chain", "euler_variances", "exact_chain", "log_snr_grid"]
__all__ += ["uniform_grid"]


@dataclass(frozen=True, eq=False)
class GaussianChain:
    """A linear Gaussian chain of `K` steps in `D` independent coordinates."""

    #: forward times, shape `(K+1,)`, strictly decreasing
    taus: FloatArray
    #: variance at the first time, `(D,)`
    start: FloatArray
    #: factors `f_k`, `(K, D)`
    factors: FloatArray
    #: variances `g_k` of the noise added, `(K, D)`
    noises: FloatArray

    @property
    def steps(self) -> int:
        """`K`."""
        return len(self.factors)

    @property
    def dimension(self) -> int:
        """`D`."""
        return len(self.start)

    def variances(self) -> FloatArray:
        """`V_{k+1} = f_k^2 V_k + g_k`: the exact variance at every time, shape `(K+1, D)`.

        Raises:
            ValueError: the steps are so long that the chain overflows.
        """
        result = np.empty((self.steps + 1, self.dimension))
        result[0] = self.start
        with np.errstate(over="ignore", invalid="ignore"):
            for k in range(self.steps):
                result[k + 1] = self.factors[k] ** 2 * result[k] + self.noises[k]
        if not np.isfinite(result).all():
            raise ValueError(f"taus: {self.steps} steps are too long, the chain's variance overflows; take more")
        return result

    def covariance(self, first: int, second: int) -> FloatArray:
        """Covariance between the times with indices `0 <= first <= second <= K`, shape `(D,)`.

        Raises:
            ValueError: the indices are out of range or in the wrong order.
        """
        if not 0 <= first <= second <= self.steps:
            raise ValueError(f"indices must satisfy 0 <= first <= second <= {self.steps}, got {first}, {second}")
        return np.asarray(self.variances()[first] * np.prod(self.factors[first:second], axis=0))

    def between(self, first: int, second: int) -> tuple[FloatArray, FloatArray]:
        """The steps from index `first` to `second > first` as one: its factor and the variance it adds, `(D,)` each.

        Raises:
            ValueError: the indices are out of range or in the wrong order.
        """
        if not 0 <= first < second <= self.steps:
            raise ValueError(f"indices must satisfy 0 <= first < second <= {self.steps}, got {first}, {second}")
        factor, noise = self.factors[first], self.noises[first]
        for k in range(first + 1, second):
            factor, noise = self.factors[k] * factor, self.factors[k] ** 2 * noise + self.noises[k]
        return factor, noise

    def nearest(self, time: float) -> int:
        """Index of the grid time nearest to forward time `time`."""
        return int(np.argmin(np.abs(self.taus - time)))


def _grid(taus: ArrayLike) -> FloatArray:
    grid = np.atleast_1d(np.asarray(taus, dtype=np.float64))
    if grid.ndim != 1 or grid.size == 0 or not np.isfinite(grid).all() or grid.min() < 0:
        raise ValueError(f"taus must be finite forward times >= 0, from the horizon to the stop, got {taus!r}")
    if not (np.diff(grid) < 0).all():
        raise ValueError("taus must decrease strictly: the first is the horizon, the last the stop")
    return grid


def uniform_grid(horizon: float, steps: int, stop: float = 0.0) -> FloatArray:
    """`steps + 1` forward times, equally spaced from `horizon` down to `stop`, `0 <= stop < horizon`."""
    count = checked_count(steps, "steps")
    if not (np.isfinite(horizon) and 0 <= stop < horizon):
        raise ValueError(f"horizon must be finite and > stop >= 0, got horizon {horizon}, stop {stop}")
    return stop + (horizon - stop) * np.arange(count, -1, -1) / count


def log_snr_grid(horizon: float, steps: int, last: float) -> FloatArray:
    """Forward times (OU) equally spaced in the log signal-to-noise ratio from `horizon` to `last > 0`, then 0.

    Raises:
        ValueError: not `0 < last < horizon < infinity`, or fewer than 2 steps.
    """
    from theory.noise import log_snr_of_noise, noise_of_time, time_of_noise

    count = checked_count(steps, "steps", 2)
    if not 0 < last < horizon < np.inf:
        raise ValueError(f"last must lie strictly between 0 and the horizon {horizon}, got {last}")
    ends = log_snr_of_noise(noise_of_time([horizon, last]))
    inner = time_of_noise(1 / (1 + np.exp(np.linspace(ends[0], ends[1], count))))
    inner[0], inner[-1] = horizon, last
    return np.append(inner, 0.0)


def _cap(cap: float | None) -> float | None:
    if cap is None or cap == np.inf:
        return None
    if not cap > 1:
        raise ValueError(f"cap must be greater than 1 (None: no cap), got {cap}")
    return float(cap)


def _start(start: str | ArrayLike, schedule: VariancePreserving, horizon: float, variances: FloatArray) -> FloatArray:
    if isinstance(start, str):
        if start == "diffused":
            return numpy_function(diffused_variance(schedule, sigma_hat**2), tau, sigma_hat)(
                horizon, np.sqrt(variances)
            )
        if start == "standard":
            return np.ones_like(variances)
        raise ValueError(f"start must be 'diffused' (p_T), 'standard' (N(0, I)) or variances, got {start!r}")
    return np.array(np.broadcast_to(checked_variances(np.atleast_1d(start), "start"), variances.shape))


def exact_chain(
    taus: ArrayLike,
    variances: ArrayLike,
    *,
    schedule: VariancePreserving = OU,
    cap: float | None = None,
    start: str | ArrayLike = "diffused",
) -> GaussianChain:
    """The backward SDE [2], [5] at the stops `taus`, by its exact transitions: any stops, no time-step error.

    Args:
        taus: forward times, strictly decreasing, the first being the horizon `T`; shape `(K+1,)`. 0 is allowed,
            also where a variance is 0: the exact sampler then ends in 0.
        variances: what the score is built from, `sigma_j^2` (exact score) or estimates (plug-in), shape `(D,)`.
        schedule: a variance-preserving schedule with an explicit integrated rate.
        cap: the bound `C > 1` of prop-4 on the score's weight; None for no cap.
        start: `"diffused"`, the score's own law at `T`; `"standard"`, N(0, I) (prop-5); or variances.

    Raises:
        ValueError: an argument outside these ranges.
    """
    grid, s2, bound = _grid(taus), checked_variances(variances, "variances"), _cap(cap)
    deviation = np.sqrt(s2)
    # Every VP schedule is OU in the clock W = int w^2.
    clock = numpy_function(schedule.integrated_rate, tau)(grid)
    before, after = clock[:-1, None], clock[1:, None]
    switch = np.zeros_like(s2)
    if bound is not None:
        capped = bound * s2 < 1
        switch[capped] = numpy_function(switch_time(), cap_symbol, sigma_hat)(bound, deviation[capped])
    middle = np.maximum(after, np.minimum(before, switch))
    free = [numpy_function(e, tau_start, tau, sigma_hat) for e in _FREE]
    factors, noises = (f(before, middle, deviation) for f in free)
    if bound is not None:
        held, added = (numpy_function(e, tau_start, tau, cap_symbol)(middle, after, bound) for e in _CAPPED)
        factors, noises = held * factors, held**2 * noises + added
    return GaussianChain(grid, _start(start, schedule, float(grid[0]), s2), factors, noises)


_FREE = (free_factor(OU, sigma_hat**2), free_noise(OU, sigma_hat**2))
_CAPPED = (capped_factor(OU), capped_noise(OU))


def euler_chain(
    taus: ArrayLike,
    variances: ArrayLike,
    *,
    schedule: VariancePreserving = OU,
    cap: float | None = None,
    start: str | ArrayLike = "diffused",
) -> GaussianChain:
    """Euler-Maruyama for the same process on the grid `taus`: `f = 1 + drift h`, `g = noise^2 h`.

    The score is never evaluated at the last time, so a variance 0 needs no care at `tau = 0`. There the last step
    leaves a variance of about `2 h` (OU) where the SDE itself ends in 0.

    Arguments and errors as for `exact_chain`.
    """
    grid, s2, bound = _grid(taus), checked_variances(variances, "variances"), _cap(cap)
    weighted = diffused_variance(schedule, sigma_hat**2)
    if bound is not None:
        weighted = 1 / score_weight().subs(y, schedule.signal**2)
    sde = backward(schedule, weighted, Integer(1))
    step = -np.diff(grid)[:, None]
    begin = grid[:-1, None]
    drift = numpy_function(sde.drift, tau, sigma_hat, cap_symbol)(begin, np.sqrt(s2), bound or 2.0)
    rate = numpy_function(sde.noise_squared, tau)(begin)
    noises = np.array(np.broadcast_to(rate * step, drift.shape))
    return GaussianChain(grid, _start(start, schedule, float(grid[0]), s2), 1 + drift * step, noises)


def euler_variances(
    taus: ArrayLike,
    variances: ArrayLike,
    *,
    schedule: VariancePreserving = OU,
    cap: float | None = None,
    start: str | ArrayLike = "diffused",
) -> FloatArray:
    """The exact variances of Euler-Maruyama at every grid time, shape `(K+1, D)`.

    They obey `V_{k+1} = (1 + drift h)^2 V_k + noise^2 h` and differ from the SDE's by a term of order `h`.
    Arguments and errors as for `exact_chain`.
    """
    return euler_chain(taus, variances, schedule=schedule, cap=cap, start=start).variances()
