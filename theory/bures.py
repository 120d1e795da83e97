"""The Bures and Frechet distances [6] between general covariances, accurate where they are rank-deficient.

With `A = L_A L_A^T` and `B = L_B L_B^T` the trace in [6] is `|| L_A ||_F^2 + || L_B ||_F^2 - 2 || L_B^T L_A ||_*`, and
also the smallest `|| L_A - L_B U ||_F^2` over orthogonal `U` (Procrustes), reached at the orthogonal polar factor of
`L_B^T L_A`. The first needs singular values only and serves where little cancels; the second, a sum of squares, where
the distance is small beside the traces. No matrix square root is formed, and neither can return a negative number.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from theory.factors import FloatArray, at_most_square, binary_exponent, factor, finite_array, sample_factor, unscale

__all__ = [
    "NEAR",
    "FloatArray",
    "bures_squared",
    "bures_squared_factors",
    "factor",
    "frechet_squared",
    "frechet_squared_samples",
]

#: squared distances below this part of the two traces are summed as squares
NEAR = 1 / 64


def bures_squared_factors(first: ArrayLike, second: ArrayLike) -> float:
    """Squared Bures distance between `first first^T` and `second second^T`, any number of columns each.

    Shapes `(D, r)` and `(D, s)`, entries up to about 1e150; time of order `D r s`, nothing of shape `(D, D)` where
    `r, s < D`. Exactly 0 for equal factors. Error: a few `eps` of the sum of the traces in the worst case; where
    `first` and `second` are near and well conditioned the relative error of the distance itself is a few `eps` times
    `sqrt(traces / squared distance)`, as of the rounding of the entries.

    Raises:
        ValueError: wrong shape, entries that are not finite, or a distance beyond the largest float.
    """
    left, right = finite_array(first, "first factor", 2), finite_array(second, "second factor", 2)
    if len(left) != len(right):
        raise ValueError(f"both factors need the same number of rows, got {len(left)} and {len(right)}")
    exponent = binary_exponent(left, right)
    left, right = (at_most_square(np.ldexp(array, -exponent)) for array in (left, right))
    if left.shape[1] < right.shape[1]:
        left, right = right, left
    return unscale(_residual(left, right), 2 * exponent)


def _residual(left: FloatArray, right: FloatArray) -> float:
    """The distance for factors of entries at most 1; `left` has at least as many columns as `right`."""
    traces = float(np.sum(left**2) + np.sum(right**2))
    if right.shape[1] == 0 or traces == 0:
        return traces
    product = right.T @ left
    # U = 1 is one orthogonal matrix: its residual bounds the distance, and is exactly 0 for equal factors.
    apart = float(np.sum((left - right) ** 2)) if left.shape == right.shape else math.inf
    if apart > NEAR * traces:
        value = traces - 2 * float(np.sum(np.linalg.svd(product, compute_uv=False)))
        if value > NEAR * traces:
            return value
    if apart == 0:
        return 0.0
    outer, _, inner = np.linalg.svd(product, full_matrices=False)
    return min(apart, float(np.sum((left - right @ (outer @ inner)) ** 2)))


def bures_squared(first: ArrayLike, second: ArrayLike) -> float:
    """Squared Bures distance between two covariance matrices of shape `(D, D)`: [6] with equal means.

    Rounding the entries of a singular covariance can itself move the distance by `sqrt(eps)` of the trace; a
    covariance of samples is better given to `frechet_squared_samples` or `bures_squared_factors`.

    Raises:
        ValueError: as `factor`, and where the shapes differ.
    """
    return bures_squared_factors(factor(first, "first covariance"), factor(second, "second covariance"))


def frechet_squared(mean1: ArrayLike, cov1: ArrayLike, mean2: ArrayLike, cov2: ArrayLike) -> float:
    """[6]: squared Frechet (Wasserstein-2) distance between `N(mean1, cov1)` and `N(mean2, cov2)`.

    Shapes `(D,)` and `(D, D)`.

    Raises:
        ValueError: as `factor`, and where the shapes differ.
    """
    centres = finite_array(mean1, "mean1", 1), finite_array(mean2, "mean2", 1)
    factors = factor(cov1, "cov1"), factor(cov2, "cov2")
    sizes = {len(array) for array in (*centres, *factors)}
    if len(sizes) > 1:
        raise ValueError(f"means and covariances must share one dimension D, got {sorted(sizes)}")
    return _with_shift(*centres, bures_squared_factors(*factors))


def frechet_squared_samples(first: ArrayLike, second: ArrayLike, *, ddof: int = 0) -> float:
    """[6] between the Gaussians with the means and covariances of two sets of samples `(n1, D)` and `(n2, D)`.

    Covariances are divided by `n - ddof`: 0 for the plug-in of `theory.spectra`, 1 for `numpy.cov` and the usual FID.
    Thin samples are handled through their factors, memory of order `(n1 + n2) D` and time `n1 n2 D`; nothing of shape
    `(D, D)` is formed unless `n1` and `n2` reach `D`.

    Raises:
        ValueError: not two finite arrays with the same number of columns and more than `ddof >= 0` rows, or a distance
            beyond the largest float.
    """
    samples = finite_array(first, "first samples", 2), finite_array(second, "second samples", 2)
    if samples[0].shape[1] != samples[1].shape[1]:
        raise ValueError(f"both samples need the same columns, got shapes {samples[0].shape} and {samples[1].shape}")
    if ddof < 0 or min(map(len, samples)) <= ddof:
        raise ValueError(f"ddof must be >= 0 and below the rows {len(samples[0])}, {len(samples[1])}, got {ddof}")
    # One exponent for both keeps sums over many rows inside the range of a float.
    exponent = binary_exponent(*samples)
    left, mean1, rest1 = sample_factor(np.ldexp(samples[0], -exponent), ddof)
    right, mean2, rest2 = sample_factor(np.ldexp(samples[1], -exponent), ddof)
    total = float(np.sum(((mean1 - mean2) + (rest1 - rest2)) ** 2)) + bures_squared_factors(left, right)
    return unscale(total, 2 * exponent)


def _with_shift(mean1: FloatArray, mean2: FloatArray, bures: float) -> float:
    """`|| mean1 - mean2 ||^2 + bures`, or a ValueError where that is no float."""
    exponent = binary_exponent(mean1, mean2) + 1
    shift = np.ldexp(mean1, -exponent) - np.ldexp(mean2, -exponent)
    total = unscale(float(np.sum(shift**2)), 2 * exponent) + bures
    return unscale(total, 0) if math.isfinite(total) else unscale(1.0, 1024)
