"""Distances between two sets of samples, each with its first-order dependence on every row.

A metric here returns its value and the influence of each row: to first order, giving row `i` of `x` the weight `w_i /
n` and row `j` of `y` the weight `u_j / m` (weights of mean 1) changes the value by `mean((w-1) influence_x) +
mean((u-1) influence_y)`. That is what `theory.selection` bootstraps. It is valid where the metric is differentiable,
that is for laws that differ; at zero distance the first order vanishes and says nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray, bures_squared_factors, frechet_squared_samples
from theory.metrics.sliced import random_directions

__all__ = [
    "Frechet",
    "Measured",
    "SampleMetric",
    "SlicedWasserstein",
    "UnbiasedMMD",
    "check_samples",
    "median_bandwidth",
]

_EPS = float(np.finfo(np.float64).eps)
#: entries of one block of a kernel matrix, 8 MiB of floats
_BLOCK = 1 << 20


@dataclass(frozen=True, eq=False)
class Measured:
    """A metric's value, and the influence of the rows of `x` `(n,)` and of `y` `(m,)`, each of mean 0."""

    value: float
    influence_x: FloatArray
    influence_y: FloatArray


class SampleMetric(Protocol):
    """A distance between samples `(n, D)` and `(m, D)`."""

    name: str

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Return the value alone."""

    def measure(self, x: ArrayLike, y: ArrayLike) -> Measured:
        """Return the value with the influence of every row."""


def check_samples(values: ArrayLike, name: str, columns: int | None = None) -> FloatArray:
    """Return samples `(n, D)` as float64.

    Raises:
        ValueError: not real and finite, fewer than 2 rows, no column, or not `columns` columns.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got entries of type {array.dtype}")
    if array.ndim != 2 or len(array) < 2 or array.shape[1] == 0:
        raise ValueError(f"{name} must be samples (n, D) with n >= 2, D >= 1, got shape {array.shape}")
    if columns is not None and array.shape[1] != columns:
        raise ValueError(f"{name} must have {columns} columns, got shape {array.shape}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[where]} at {where}")
    return array


def _both(x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
    first = check_samples(x, "x")
    return first, check_samples(y, "y", first.shape[1])


class Frechet:
    """Squared Frechet distance [6] between the Gaussians with the samples' means and covariances (divided by n)."""

    name = "frechet"

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Value for samples `(n, D)`, `(m, D)`; biased upwards by the order of `D/n + D/m` of the variance."""
        return frechet_squared_samples(*_both(x, y))

    def measure(self, x: ArrayLike, y: ArrayLike) -> Measured:
        """Value and influences: `z'(I - T) z` and the shift, `T` the optimal map from one Gaussian to the other."""
        first, second = _both(x, y)
        shift = first.mean(axis=0) - second.mean(axis=0)
        rows = [z - z.mean(axis=0) for z in (first, second)]
        left, right = _root(rows[0]), _root(rows[1])
        outer, _, inner = np.linalg.svd(right.T @ left, full_matrices=False)
        polar = outer @ inner
        # T from x to y is R U L^+; on centred rows only T's action on the range of L matters.
        value = float(shift @ shift) + bures_squared_factors(left, right)
        to_y, to_x = right @ polar @ np.linalg.pinv(left), left @ polar.T @ np.linalg.pinv(right)
        influence_x = np.sum(rows[0] * (rows[0] - rows[0] @ to_y.T), axis=1) + 2 * rows[0] @ shift
        influence_y = np.sum(rows[1] * (rows[1] - rows[1] @ to_x.T), axis=1) - 2 * rows[1] @ shift
        return Measured(value, influence_x - influence_x.mean(), influence_y - influence_y.mean())


def _root(rows: FloatArray) -> FloatArray:
    """A factor `(D, rank)` of the covariance of centred rows, with orthogonal columns."""
    _, lengths, axes = np.linalg.svd(rows / math.sqrt(len(rows)), full_matrices=False)
    kept = lengths > max(rows.shape) * _EPS * lengths[0]
    return np.asarray(axes[kept].T * lengths[kept])


@dataclass(frozen=True)
class SlicedWasserstein:
    """Squared sliced Wasserstein-2 distance over `directions` random directions, the same for every call.

    Along each direction the distance between the two empirical laws is exact, for any numbers of rows. The mean over
    directions has a Monte Carlo error of its own, common to all values with one `seed`.
    """

    directions: int = 128
    seed: int = 0
    name: str = "sliced-wasserstein"

    def __post_init__(self) -> None:
        if self.directions < 1 or self.seed < 0:
            raise ValueError(f"directions must be >= 1 and seed >= 0, got {self.directions}, {self.seed}")

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Value for samples `(n, D)`, `(m, D)`; biased upwards by sampling noise of order `1/n + 1/m`."""
        return self._run(x, y, with_rows=False).value

    def measure(self, x: ArrayLike, y: ArrayLike) -> Measured:
        """Value and influences, the Kantorovich potentials averaged over directions."""
        return self._run(x, y, with_rows=True)

    def _run(self, x: ArrayLike, y: ArrayLike, with_rows: bool) -> Measured:
        first, second = _both(x, y)
        u = random_directions(first.shape[1], self.directions, self.seed)
        n, m = len(first), len(second)
        # exact integers: levels i/n and j/m as multiples of 1/(n m)
        cuts = np.union1d(np.arange(n + 1, dtype=np.int64) * m, np.arange(m + 1, dtype=np.int64) * n)
        lengths, index_x, index_y = np.diff(cuts) / (n * m), cuts[:-1] // m, cuts[:-1] // n
        value, influence_x, influence_y = 0.0, np.zeros(n), np.zeros(m)
        for first_u in range(0, len(u), 32):
            part = u[first_u : first_u + 32]
            a, b = part @ first.T, part @ second.T
            order_a, order_b = np.argsort(a, axis=1), np.argsort(b, axis=1)
            p, q = np.take_along_axis(a, order_a, axis=1), np.take_along_axis(b, order_b, axis=1)
            value += float(np.sum((p[:, index_x] - q[:, index_y]) ** 2 @ lengths))
            if with_rows:
                # between neighbours at level i/n the map is constant: d potential = 2 (t - T(t)) dt
                across_x = q[:, (np.arange(1, n) * m) // n]
                across_y = p[:, (np.arange(1, m) * n) // m]
                np.add.at(influence_x, order_a.ravel(), _potential(p, across_x).ravel())
                np.add.at(influence_y, order_b.ravel(), _potential(q, across_y).ravel())
        return Measured(value / len(u), influence_x / len(u), influence_y / len(u))


def _potential(sorted_rows: FloatArray, across: FloatArray) -> FloatArray:
    steps = np.diff(sorted_rows**2, axis=1) - 2 * across * np.diff(sorted_rows, axis=1)
    potential = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    return np.asarray(potential - potential.mean(axis=1, keepdims=True))


def median_bandwidth(x: ArrayLike, seed: int = 0) -> float:
    """Median distance between distinct rows of at most 1000 random rows: the usual Gaussian bandwidth `h`.

    Raises:
        ValueError: samples refused by `check_samples`, or a median distance of 0.
    """
    rows = check_samples(x, "x")
    if len(rows) > 1000:
        rows = rows[np.random.default_rng(seed).choice(len(rows), 1000, replace=False)]
    squares = _squares(rows, rows)[np.triu_indices(len(rows), 1)]
    median = math.sqrt(float(np.median(squares)))
    if median == 0:
        raise ValueError("the median distance between rows is 0: give a bandwidth")
    return median


def _squares(x: FloatArray, y: FloatArray) -> FloatArray:
    total = np.sum(x**2, axis=1)[:, None] + np.sum(y**2, axis=1) - 2 * x @ y.T
    return np.asarray(np.maximum(total, 0.0))


@dataclass(frozen=True)
class UnbiasedMMD:
    """Unbiased MMD^2 (it may be negative), kernel `exp(-|y-z|^2 / (2 h^2))`; memory is bounded by blocks of 8 MiB.

    `bandwidth` None takes the median heuristic on `y` (the data) at every call; fix it to compare values.
    """

    bandwidth: float | None = None
    name: str = "mmd"

    def __post_init__(self) -> None:
        if self.bandwidth is not None and not (math.isfinite(self.bandwidth) and self.bandwidth > 0):
            raise ValueError(f"bandwidth must be finite and > 0, got {self.bandwidth}")

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Value for samples `(n, D)`, `(m, D)`."""
        return self.measure(x, y).value

    def measure(self, x: ArrayLike, y: ArrayLike) -> Measured:
        """Value and influences `2 (mean kernel to own rows - mean kernel to the others)`."""
        first, second = _both(x, y)
        h = self.bandwidth or median_bandwidth(second)
        # a common centre changes no distance and keeps |x|^2 + |y|^2 - 2xy from cancelling
        centre = second.mean(axis=0)
        first, second = first - centre, second - centre
        n, m = len(first), len(second)
        own_x = (_kernel_sums(first, first, h)[0] - 1) / (n - 1)
        own_y = (_kernel_sums(second, second, h)[0] - 1) / (m - 1)
        to_y, to_x = _kernel_sums(first, second, h)
        inside_x, inside_y = 2 * (own_x - to_y / m), 2 * (own_y - to_x / n)
        value = float(own_x.mean() + own_y.mean() - 2 * to_y.mean() / m)
        return Measured(value, inside_x - inside_x.mean(), inside_y - inside_y.mean())


def _kernel_sums(x: FloatArray, y: FloatArray, h: float) -> tuple[FloatArray, FloatArray]:
    """Sums of the kernel over `y` for each row of `x`, and over `x` for each row of `y`."""
    over_y, over_x = np.zeros(len(x)), np.zeros(len(y))
    width = min(len(y), 4096)
    height = max(1, _BLOCK // width)
    for i in range(0, len(x), height):
        for j in range(0, len(y), width):
            kernel = np.exp(_squares(x[i : i + height], y[j : j + width]) / (-2 * h * h))
            over_y[i : i + height] += kernel.sum(axis=1)
            over_x[j : j + width] += kernel.sum(axis=0)
    return over_y, over_x
