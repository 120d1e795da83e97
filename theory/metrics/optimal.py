"""Best stop for each dimension, and best dimension for each stop, under each metric (diagonal Gaussian model)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.bures import FloatArray
from theory.metrics.kl import latent_kl_by_dimension, latent_kl_slope_by_dimension
from theory.metrics.mmd import mmd_by_dimension, mmd_slope_by_dimension
from theory.metrics.sliced import sliced_by_dimension, sliced_slope_by_dimension
from theory.noise import checked_levels, checked_variances, generated_variances

__all__ = ["GAUSSIAN_METRICS", "distances", "minimising_dimensions", "minimising_levels", "trace_level"]

#: metrics with a closed form here; the Frechet distance is in `theory.stopping`
GAUSSIAN_METRICS = ("frechet", "sliced-wasserstein", "mmd", "latent-kl")
#: points of the grid on which a metric that is not convex in the noise level is first searched
_GRID = 65


def distances(
    metric: str, generated: ArrayLike, data: ArrayLike, *, bandwidth: float = 1.0, tolerance: float = 1e-10
) -> FloatArray:
    """Distance to the data for every number `d = 1..D` of kept coordinates, shape `(D,)`; squared but for `latent-kl`.

    `bandwidth` is that of `mmd`, `tolerance` that of `sliced-wasserstein`; `latent-kl` is KL(generated || data).

    Raises:
        ValueError: a metric that is not in `GAUSSIAN_METRICS`, or arguments that the metric refuses.
    """
    v, s = checked_variances(generated, "generated variances"), checked_variances(data, "data variances")
    if metric == "frechet":
        return np.asarray(np.cumsum((np.sqrt(v) - np.sqrt(s)) ** 2) + np.append(np.cumsum(s[:0:-1])[::-1], 0.0))
    if metric == "sliced-wasserstein":
        return sliced_by_dimension(v, s, tolerance=tolerance)
    if metric == "mmd":
        return mmd_by_dimension(v, s, bandwidth)
    if metric == "latent-kl":
        return latent_kl_by_dimension(v, s)
    raise ValueError(f"metric must be one of {', '.join(GAUSSIAN_METRICS)}, got {metric!r}")


def _slopes(metric: str, level: float, s: FloatArray, h: FloatArray, bandwidth: float, tolerance: float) -> FloatArray:
    v = generated_variances(level, h)
    if metric == "sliced-wasserstein":
        return sliced_slope_by_dimension(v, s, 1 - h, tolerance=tolerance)
    if metric == "mmd":
        return mmd_slope_by_dimension(v, s, 1 - h, bandwidth)
    if metric == "latent-kl":
        return latent_kl_slope_by_dimension(v, s, 1 - h)
    return np.cumsum((1 - np.sqrt(s / v)) * (1 - h))


def minimising_levels(
    metric: str,
    sigma2: ArrayLike,
    sigma_hat2: ArrayLike,
    X: float,
    *,
    bandwidth: float = 1.0,
    tolerance: float = 1e-8,
    dimensions: ArrayLike | None = None,
) -> FloatArray:
    """Smallest minimising noise level in `[0, X]` for each dimension, in the shape of `dimensions` (default `1..D`).

    All but `mmd` are convex in the level (`beyond-5/sliced/convex`, `beyond-5/kl/latent`), so bisection of the slope
    finds the minimum to 1e-10 or to where the slope is below its own error; `mmd` is searched on a grid first.
    Variances in `sigma_hat2` must be positive.

    Raises:
        ValueError: arguments out of range.
    """
    s, h = checked_variances(sigma2, "sigma2"), checked_variances(sigma_hat2, "sigma_hat2")
    X = float(checked_levels(X, "X"))
    if h.min() == 0:
        raise ValueError("sigma_hat2 must be > 0: the slope at the last step is not finite otherwise")
    if metric not in GAUSSIAN_METRICS:
        raise ValueError(f"metric must be one of {', '.join(GAUSSIAN_METRICS)}, got {metric!r}")
    chosen = np.arange(1, len(s) + 1) if dimensions is None else np.asarray(dimensions, dtype=np.int64)
    if chosen.size and not 1 <= chosen.min() <= chosen.max() <= len(s):
        raise ValueError(f"dimensions must lie in [1, {len(s)}], got {chosen.min()} to {chosen.max()}")
    # below this a slope is its own rounding or quadrature error
    silent = (tolerance if metric == "sliced-wasserstein" else 1e-15) * float(max(s.max(), np.abs(1 - h).max()))
    if metric == "mmd":
        silent = 1e-15
        levels = np.linspace(0.0, X, _GRID)
        table = np.array([distances("mmd", generated_variances(level, h), s, bandwidth=bandwidth) for level in levels])

    def ends(d: int) -> tuple[float, float]:
        if metric != "mmd":
            return 0.0, X
        best = int(np.argmin(table[:, d - 1]))
        return float(levels[max(best - 1, 0)]), float(levels[min(best + 1, _GRID - 1)])

    return np.array(
        [
            _bisect(lambda x, d=d: float(_slopes(metric, x, s, h, bandwidth, tolerance)[d - 1]), *ends(int(d)), silent)  # type: ignore[misc]
            for d in chosen
        ]
    )


def _bisect(slope: Callable[[float], float], low: float, high: float, silent: float) -> float:
    """First point in `[low, high]` from which the slope is `>= 0` (up to `silent`)."""
    if slope(low) >= -silent:
        return low
    if slope(high) <= silent:
        return high
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) >= 0 else (middle, high)
    return (low + high) / 2


def minimising_dimensions(
    metric: str, sigma2: ArrayLike, sigma_hat2: ArrayLike, levels: ArrayLike, *, bandwidth: float = 1.0
) -> NDArray[np.int64]:
    """Largest minimising dimension at each noise level (ties to 1e-9 of the value), in the shape of `levels`.

    Raises:
        ValueError: as `distances`.
    """
    grid, h = checked_levels(levels, "levels"), checked_variances(sigma_hat2, "sigma_hat2")
    best = []
    for level in grid.ravel():
        line = distances(metric, generated_variances(level, h), sigma2, bandwidth=bandwidth)
        best.append(len(line) - int(np.argmax(line[::-1] <= line.min() * (1 + 1e-9))))
    return np.array(best, dtype=np.int64).reshape(grid.shape)


def trace_level(sigma2: ArrayLike) -> FloatArray:
    """Noise level at which generated and true total variance agree, exact score, `d = 1..D`: `beyond-5/trace`.

    `sum_{j>d} sigma_j^2 / sum_{j<=d} (1 - sigma_j^2)`; `nan` where the denominator is not positive. May exceed 1:
    clip it.
    """
    s = checked_variances(sigma2, "sigma2")
    lost, room = np.append(np.cumsum(s[:0:-1])[::-1], 0.0), np.cumsum(1 - s)
    return np.asarray(np.divide(lost, room, out=np.full(len(s), np.nan), where=room > 0))
