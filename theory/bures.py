"""The Bures and Frechet distances [6] between general covariances, accurate where they are rank-deficient.

With `A = L_A L_A^T` and `B = L_B L_B^T` the trace in [6] is the smallest `|| L_A - L_B U ||_F^2` over
orthogonal `U` (Procrustes), reached at the orthogonal polar factor of `L_B^T L_A`. Summed as squares it
cannot be negative and does not cancel, unlike `tr A + tr B - 2 tr (...)^{1/2}`; no matrix square root is
formed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FloatArray", "bures_squared", "bures_squared_factors", "factor", "frechet_squared"]

FloatArray = NDArray[np.float64]
_EPS = float(np.finfo(np.float64).eps)


def _finite(values: ArrayLike, name: str, ndim: int) -> FloatArray:
    """`values` as a finite float64 array with `ndim` axes, or a ValueError that names it."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"entries of type {array.dtype}")
        array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as problem:
        raise ValueError(f"{name} must be an array of real numbers: {problem}") from None
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axis/axes, got shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[where]} at {where}")
    return array


def _exponent(*arrays: FloatArray) -> int:
    """The `k` with `2^k` just above every entry's absolute value (0 where all are zero)."""
    largest = max((float(np.abs(array).max()) for array in arrays if array.size), default=0.0)
    return math.frexp(largest)[1] if largest else 0


def _unscale(value: float, exponent: int) -> float:
    """`value * 2^exponent`, refusing to return infinity."""
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        raise ValueError(f"the squared distance {value!r} * 2^{exponent} exceeds the largest float") from None


def factor(covariance: ArrayLike, name: str = "covariance") -> FloatArray:
    """Return `L`, shape `(D, rank)`, with `L L^T = covariance`, by pivoted Cholesky (LAPACK `dpstrf`).

    Variances below `D eps` times the largest one, the rounding of the input itself, count as zero; a diagonal
    matrix is factored entry by entry and keeps them.

    Raises:
        ValueError: `covariance` is not a finite square matrix, or is asymmetric or indefinite beyond
            `100 D eps` of its largest entry (`eps = 2.2e-16`).
    """
    matrix = _finite(covariance, name, 2)
    size = matrix.shape[0]
    if matrix.shape[1] != size or size == 0:
        raise ValueError(f"{name} must be a non-empty square matrix, got shape {matrix.shape}")
    half = (_exponent(matrix) + 1) // 2
    matrix = np.ldexp(matrix, -2 * half)
    allowed = 100 * size * _EPS * float(np.abs(matrix).max())
    gap = float(np.abs(matrix - matrix.T).max())
    if gap > allowed:
        raise ValueError(f"{name} must be symmetric: entries differ by {math.ldexp(gap, 2 * half):.3g}")
    matrix = (matrix + matrix.T) / 2
    diagonal = np.diagonal(matrix)
    if np.count_nonzero(matrix) == np.count_nonzero(diagonal) and diagonal.min() >= 0:
        columns = np.diag(np.sqrt(diagonal))[:, diagonal > 0]
    else:
        columns = _pivoted(matrix)
        residual = float(np.abs(matrix - columns @ columns.T).max())
        if residual > allowed:
            raise ValueError(
                f"{name} must be positive semidefinite: no factor L L^T comes closer than "
                f"{math.ldexp(residual, 2 * half):.3g} to it (allowed {math.ldexp(allowed, 2 * half):.3g})"
            )
    return np.asarray(np.ldexp(columns, half))


def _pivoted(matrix: FloatArray) -> FloatArray:
    """Pivoted Cholesky of a symmetric matrix, stopped at its numerical rank or its first negative pivot."""
    from scipy.linalg.lapack import dpstrf

    if np.diagonal(matrix).max() <= 0:
        return np.zeros((len(matrix), 0))
    packed, pivots, rank, _ = dpstrf(matrix, lower=1)
    columns = np.zeros((len(matrix), int(rank)))
    columns[pivots - 1] = np.tril(packed)[:, : int(rank)]
    return columns


def bures_squared_factors(first: ArrayLike, second: ArrayLike) -> float:
    """Squared Bures distance between `first first^T` and `second second^T`, any number of columns each.

    Shapes `(D, r)` and `(D, s)`, entries up to about 1e150. Absolute error: a few `eps` of the larger trace.

    Raises:
        ValueError: wrong shape, entries that are not finite, or a distance beyond the largest float.
    """
    left, right = _finite(first, "first factor", 2), _finite(second, "second factor", 2)
    if len(left) != len(right):
        raise ValueError(f"both factors need the same number of rows, got {len(left)} and {len(right)}")
    exponent = _exponent(left, right)
    left, right = (_at_most_square(np.ldexp(array, -exponent)) for array in (left, right))
    width = max(left.shape[1], right.shape[1])
    # Zero columns change neither covariance and let an orthogonal U reach across different ranks.
    left, right = (np.pad(array, ((0, 0), (0, width - array.shape[1]))) for array in (left, right))
    if width == 0:
        return 0.0
    outer, _, inner = np.linalg.svd(right.T @ left)
    return _unscale(float(np.sum((left - right @ (outer @ inner)) ** 2)), 2 * exponent)


def _at_most_square(columns: FloatArray) -> FloatArray:
    """A factor of the same covariance with at most `D` columns: `L^T = Q R` gives `L L^T = R^T R`."""
    if columns.shape[1] <= columns.shape[0]:
        return columns
    return np.transpose(np.asarray(np.linalg.qr(columns.T, mode="r")))


def bures_squared(first: ArrayLike, second: ArrayLike) -> float:
    """Squared Bures distance between two covariance matrices of shape `(D, D)`: [6] with equal means.

    Rounding the entries of a singular covariance can itself move the distance by `sqrt(eps)` of the trace; a
    covariance of samples is better given to `bures_squared_factors` as `(centred / sqrt(n)).T`.

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
    centres = _finite(mean1, "mean1", 1), _finite(mean2, "mean2", 1)
    factors = factor(cov1, "cov1"), factor(cov2, "cov2")
    sizes = {len(array) for array in (*centres, *factors)}
    if len(sizes) > 1:
        raise ValueError(f"means and covariances must share one dimension D, got {sorted(sizes)}")
    exponent = _exponent(*centres) + 1
    shift = np.ldexp(centres[0], -exponent) - np.ldexp(centres[1], -exponent)
    total = _unscale(float(np.sum(shift**2)), 2 * exponent) + bures_squared_factors(*factors)
    return _unscale(total, 0) if math.isfinite(total) else _unscale(1.0, 1024)
