"""`F(d, x)` [6] against dense data covariances: value and slope along the stops of one latent dimension.

The generator of [5] stopped at noise level `x` has covariance `U diag(v_1(x), .., v_d(x)) U^T` on `d` axes `U`. Of the
data only the covariance `T^T T` on those axes enters the Bures term, so every level costs one singular value
decomposition `T diag(sqrt(v)) = W S V^T` of size `d`, whatever `D` and the number of samples are:

    F = sum v_j + tr T^T T - 2 tr S + rest,      dF/dx = sum_j (1 - h_j) (1 - q_j),

`h_j` the estimated variances and `q_j = (V W^T T)_jj / sqrt(v_j)` the diagonal of the optimal map from the generated
to the data's Gaussian.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import NEAR
from theory.factors import FloatArray, factor, finite_array
from theory.noise import checked_levels, generated_variances

__all__ = ["BuresCurve", "compress"]

#: loss of accuracy of the slope beyond which the plain SVD is not used
_DIGITS_LOST = 100.0
#: entries of the decompositions made in one call, 32 MiB of floats
_BLOCK = 1 << 22


@dataclass(frozen=True, eq=False)
class BuresCurve:
    """`F(d, .)` for one `d`: estimated variances `(d,)`, `compressed` `(r, d)` with `r <= d`, and what no stop changes.

    `compressed^T compressed` is the data's covariance on the generator's axes, `rest >= 0` the data's variance off them
    plus the squared difference of the means.
    """

    variances: FloatArray
    compressed: FloatArray
    rest: float = 0.0

    @classmethod
    def from_covariances(
        cls,
        estimated: ArrayLike,
        data: ArrayLike,
        d: int,
        *,
        estimated_mean: ArrayLike | None = None,
        data_mean: ArrayLike | None = None,
    ) -> BuresCurve:
        """The curve of the generator that keeps the first `d` principal axes of the covariance `estimated` `(D, D)`.

        `data` is the covariance it is compared with, the means default to 0. Where the variances `d` and `d + 1` are
        equal, or `d < D` exceeds the rank, the axes and hence the curve are not unique; the latter is refused.

        Raises:
            ValueError: as `theory.factors.factor`; shapes differ; `d` outside `[1, rank]` and not `D`.
        """
        root, other = factor(estimated, "estimated covariance"), factor(data, "data covariance")
        size, rank = root.shape
        if len(other) != size:
            raise ValueError(f"both covariances need the same shape, got {size} and {len(other)} rows")
        if not 1 <= d <= rank and d != size:
            raise ValueError(
                f"latent dimension d must lie in [1, {rank}], the rank of the estimate, or be {size}; got {d}"
            )
        axes, lengths, _ = np.linalg.svd(root, full_matrices=d > rank)
        with np.errstate(over="ignore"):
            variances = np.append(lengths**2, np.zeros(max(d - rank, 0)))[:d]
            on_axes = axes[:, :d].T @ other
            rest = float(np.sum((other - axes[:, :d] @ on_axes) ** 2))
            if estimated_mean is not None or data_mean is not None:
                rest += _shift_squared(estimated_mean, data_mean, size)
        if not math.isfinite(rest + float(variances.sum())):
            raise ValueError("the variances or the means' distance exceed the largest float; rescale them")
        return cls(variances, compress(on_axes.T), rest)

    @property
    def dimension(self) -> int:
        """`d`."""
        return len(self.variances)

    def value(self, level: float) -> float:
        """Squared Frechet distance at noise level `level` in `[0, 1]`, never negative.

        Error: a few `eps` of the sum of the traces. Only near the data, where that would show, are singular vectors
        computed.
        """
        return float(self.values([level])[0])

    def slope(self, level: float) -> float:
        """Derivative of `value` in the level.

        Its error is a few `d eps` of the sum of the absolute terms `|1 - h_j| (1 + q_j)`, times the condition of the
        data's correlations on the axes; the spread of the variances does not enter.

        Raises:
            ValueError: level outside `[0, 1]`, or 0 where an estimated variance is 0 (the slope may be `-inf`), or a
                slope beyond the largest float.
        """
        if not self._deviations(level).all():
            raise ValueError(f"the slope needs a level > 0 where an estimated variance is 0, got {level}")
        return self.value_and_slope(level)[1]

    def value_and_slope(self, level: float) -> tuple[float, float]:
        """`value` and `slope` from one decomposition; the slope is NaN where `slope` refuses level 0."""
        deviations = self._deviations(level)
        matrix = self.compressed * deviations
        polar = _polar(matrix, jacobi=self._graded(matrix, deviations))
        traces = float(np.sum(deviations**2) + np.sum(self.compressed**2))
        bures = traces - 2 * float(np.sum(polar * matrix))
        if bures <= NEAR * traces:
            bures = float(np.sum((np.diag(deviations) - self.compressed.T @ polar) ** 2))
        if not deviations.all():
            return self.rest + bures, math.nan
        with np.errstate(over="ignore", invalid="ignore"):
            transport = np.sum(polar * self.compressed, axis=0) / deviations
            slope = float(np.sum((1 - self.variances) * (1 - transport)))
        if not math.isfinite(slope):
            raise ValueError(f"the slope at level {level} exceeds the largest float")
        return self.rest + bures, slope

    def values(self, levels: ArrayLike) -> FloatArray:
        """`value` at every one of `levels` `(K,)`: `K` decompositions of the one compressed factor, `O(K d^3)`."""
        points = checked_levels(levels, "levels")
        if points.ndim != 1:
            raise ValueError(f"levels must be a list (K,), got shape {points.shape}")
        deviations = np.sqrt(generated_variances(points[:, None], self.variances))
        block = max(_BLOCK // max(self.compressed.size, 1), 1)
        lengths = [
            np.linalg.svd(self.compressed * deviations[i : i + block, None, :], compute_uv=False).sum(axis=1)
            for i in range(0, len(points), block)
        ]
        traces = np.sum(deviations**2, axis=1) + np.sum(self.compressed**2)
        bures = traces - 2 * np.concatenate([*lengths, np.zeros(0)])
        found = self.rest + bures
        for k in np.flatnonzero(bures <= NEAR * traces):
            found[k] = self.value_and_slope(float(points[k]))[0]
        return np.asarray(found)

    def slopes(self, levels: ArrayLike) -> FloatArray:
        """`slope` at every one of `levels` `(K,)`."""
        return np.array([self.slope(float(level)) for level in checked_levels(levels, "levels")])

    def _deviations(self, level: float) -> FloatArray:
        checked_levels(level, "level")
        return np.sqrt(generated_variances(level, self.variances))

    def _graded(self, matrix: FloatArray, deviations: FloatArray) -> bool:
        """Whether an error of `eps` of the largest singular value would cost the slope more than two digits."""
        weights = np.abs(1 - self.variances)
        columns = np.sqrt(np.sum(np.square(self.compressed), axis=0))
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            lost = np.sum(weights * np.abs(matrix).max(initial=0.0) / deviations**2)
            return bool(lost > _DIGITS_LOST * np.sum(weights * (1 + columns / deviations)))


def compress(on_axes: FloatArray) -> FloatArray:
    """`T` with at most as many rows as columns and `T^T T = on_axes^T on_axes`: itself or the triangle of its QR."""
    return on_axes if len(on_axes) <= on_axes.shape[1] else np.asarray(np.linalg.qr(on_axes, mode="r"))


def _polar(matrix: FloatArray, jacobi: bool) -> FloatArray:
    """The partial isometry `W V^T` of `matrix = W S V^T` `(r, d)`, `r <= d`.

    Divide and conquer (`gesdd`) has an error of `eps` times the largest singular value, which can be all there is of a
    small column; one-sided Jacobi after row and column pivoting (`gejsv`) loses none of it, at 2 to 4 times the cost.
    """
    from scipy.linalg.lapack import dgejsv

    if jacobi:
        _, right, left, _, _, failed = dgejsv(matrix.T, joba=2, jobu=0, jobv=0)
        if not failed:
            return np.asarray(left @ right.T)
    outer, _, inner = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(outer @ inner)


def _shift_squared(first: ArrayLike | None, second: ArrayLike | None, size: int) -> float:
    """Squared distance of two means `(D,)`, 0 for those not given."""
    means = [np.zeros(size) if mean is None else finite_array(mean, "mean", 1) for mean in (first, second)]
    if any(len(mean) != size for mean in means):
        raise ValueError(f"the means need {size} entries, got {len(means[0])} and {len(means[1])}")
    return float(np.sum((means[0] - means[1]) ** 2))
