"""Noise level, forward time, log-SNR and generated variance as numbers.

The formulas are those of `theory.schedules` and `theory.process`, compiled once; `log(1 - x)` and
`exp(..) - 1` become `log1p` and `expm1`, so that stops close to the last step keep their relative accuracy. Nothing
cancels in the variance, the time and the noise level, so plain NumPy is within a few units in the last place and as
fast as can be; the log-SNR changes sign inside its range and is evaluated adaptively (`theory.evaluate.adaptive`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sympy import Symbol, expand_log, lambdify, log
from sympy.codegen.cfunctions import log1p
from sympy.codegen.rewriting import expm1_opt, log1p_opt, optimize

from theory.bures import FloatArray
from theory.notation import tau, x
from theory.process import variance_at_noise
from theory.schedules import OU

if TYPE_CHECKING:
    from theory.evaluate.adaptive import AdaptiveFunction

__all__ = [
    "checked_levels",
    "checked_variances",
    "generated_variances",
    "log_snr_of_noise",
    "log_snr_of_time",
    "noise_of_time",
    "time_of_noise",
]

_variance = Symbol("variance")
_generated = lambdify((x, _variance), variance_at_noise(_variance), "numpy")
_time = lambdify(x, optimize(OU.time_of_noise, [log1p_opt]), "numpy")
_noise = lambdify(tau, optimize(OU.noise_level, [expm1_opt]), "numpy")


def generated_variances(level: ArrayLike, sigma_hat2: ArrayLike) -> FloatArray:
    """`v_j(x)` of [5] at noise level `level`, broadcast against the estimated variances."""
    return np.asarray(_generated(np.asarray(level, float), np.asarray(sigma_hat2, float)), dtype=np.float64)


def time_of_noise(level: ArrayLike) -> FloatArray:
    """Forward time `tau` of the noise level `x` for Ornstein-Uhlenbeck, relatively accurate near 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(_time(checked_levels(level, "level")), dtype=np.float64) + 0.0


def noise_of_time(time: ArrayLike) -> FloatArray:
    """Noise level `x = a_tau^2` at forward time `tau >= 0` for Ornstein-Uhlenbeck, as accurate."""
    times = np.asarray(time, dtype=np.float64)
    if times.size and not times.min() >= 0:
        raise ValueError(f"time must be >= 0, got {times.min()}")
    return np.asarray(_noise(times), dtype=np.float64) + 0.0


def log_snr_of_noise(level: ArrayLike) -> FloatArray:
    """Log signal-to-noise ratio `lambda` at noise level `x` (for every VP schedule); `inf` at 0, `-inf` at 1."""
    return _log_snr_of_noise()(checked_levels(level, "level"))


def log_snr_of_time(time: ArrayLike) -> FloatArray:
    """The same at forward time `tau >= 0` for Ornstein-Uhlenbeck; late, the noise level has lost what this keeps."""
    times = np.asarray(time, dtype=np.float64)
    if times.size and not times.min() >= 0:
        raise ValueError(f"time must be >= 0, got {times.min()}")
    return _log_snr_of_time()(times)


@cache
def _log_snr_of_noise() -> AdaptiveFunction:
    from theory.evaluate.adaptive import AdaptiveFunction

    quotient = OU.log_snr.subs(tau, OU.time_of_noise)
    return AdaptiveFunction(quotient, (x,), [expand_log(quotient, force=True)])


@cache
def _log_snr_of_time() -> AdaptiveFunction:
    from theory.evaluate.adaptive import AdaptiveFunction

    early = expand_log(OU.log_snr, force=True)
    # late, 1 - e^(-2 tau) rounds to 1
    late = early.replace(log, lambda argument: log1p(argument - 1))
    return AdaptiveFunction(OU.log_snr, (tau,), [early, late])


def checked_levels(level: ArrayLike, name: str) -> FloatArray:
    """`level` as an array, or a ValueError that names it where it leaves `[0, 1]`."""
    array = np.asarray(level, dtype=np.float64)
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(f"{name} must lie in [0, 1], got values from {array.min()} to {array.max()}")
    return array


def checked_variances(values: ArrayLike, name: str) -> FloatArray:
    """Return variances `(D,)` as float64.

    Raises:
        ValueError: not a non-empty list of finite numbers `>= 0`.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a non-empty list of variances, got shape {array.shape}")
    if not np.isfinite(array).all() or array.min() < 0:
        bad = int(np.argmin(np.where(np.isfinite(array), array, -np.inf)))
        raise ValueError(f"{name} must be finite and >= 0, got {array[bad]} at index {bad}")
    return array
