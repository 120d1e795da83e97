"""Factors `L` with `L L^T` a given covariance, from the matrix or from samples, and the checks of both.

Everything general about Gaussians here works on factors: a covariance squares the condition of its factor, and
samples thinner than the dimension never need the `(D, D)` matrix.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FloatArray", "at_most_square", "binary_exponent", "factor", "finite_array", "sample_factor", "unscale"]

FloatArray = NDArray[np.float64]
_EPS = float(np.finfo(np.float64).eps)
#: rows of one block of a pass that reads a matrix and its transpose
_BLOCK = 128


def finite_array(values: ArrayLike, name: str, ndim: int) -> FloatArray:
    """`values` as a finite float64 array with `ndim` axes, or a ValueError that names it."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"entries of type {array.dtype}")
        array = array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as problem:
        raise ValueError(f"{name} must be an array of real numbers: {problem}") from None
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axis/axes, got shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[where]} at {where}")
    return array


def binary_exponent(*arrays: FloatArray) -> int:
    """The `k` with `2^k` just above every entry's absolute value (0 where all are zero)."""
    largest = max((float(np.abs(array).max()) for array in arrays if array.size), default=0.0)
    return math.frexp(largest)[1] if largest else 0


def unscale(value: float, exponent: int) -> float:
    """`value * 2^exponent`, refusing to return infinity."""
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        raise ValueError(f"the squared distance {value!r} * 2^{exponent} exceeds the largest float") from None


def at_most_square(columns: FloatArray) -> FloatArray:
    """A factor of the same covariance with at most `D` columns: `L^T = Q R` gives `L L^T = R^T R`."""
    if columns.shape[1] <= columns.shape[0]:
        return columns
    return np.transpose(np.asarray(np.linalg.qr(columns.T, mode="r")))


def factor(covariance: ArrayLike, name: str = "covariance") -> FloatArray:
    """Return `L`, shape `(D, rank)`, with `L L^T = covariance`, by pivoted Cholesky (LAPACK `dpstrf`).

    The rows are first scaled by powers of two to diagonal entries in `[1, 4)`, so the error of every entry of `L L^T`
    is a few `D eps` of `sqrt(A_ii A_jj)` and variances of any two scales keep their digits. What the other directions
    leave of one, where it is below about `(D + 8) eps` of its variance, is rounding and counts as zero. A diagonal
    matrix is factored entry by entry.

    Raises:
        ValueError: `covariance` is not a finite square matrix, or is asymmetric or indefinite beyond
            `100 D eps` of its largest entry (`eps = 2.2e-16`).
    """
    matrix = finite_array(covariance, name, 2)
    size = matrix.shape[0]
    if matrix.shape[1] != size or size == 0:
        raise ValueError(f"{name} must be a non-empty square matrix, got shape {matrix.shape}")
    half = (binary_exponent(matrix) + 1) // 2
    matrix = np.ldexp(matrix, -2 * half)
    allowed = 100 * size * _EPS * float(np.abs(matrix).max())
    gap = _asymmetry(matrix)
    if gap > allowed:
        raise ValueError(f"{name} must be symmetric: entries differ by {math.ldexp(gap, 2 * half):.3g}")
    if gap:
        matrix = (matrix + matrix.T) / 2
    diagonal = np.diagonal(matrix)
    if diagonal.min() >= 0 and np.count_nonzero(matrix) == np.count_nonzero(diagonal):
        return np.asarray(np.ldexp(np.diag(np.sqrt(diagonal))[:, diagonal > 0], half))
    residual = math.inf
    # Rows that are nothing but rounding need not fit their own diagonal: then the matrix as it is decides.
    for scaled in (True, False):
        columns = _pivoted(matrix, scaled)
        if columns.shape[1] == size:
            break
        residual = min(residual, float(np.abs(matrix - columns @ columns.T).max()))
        if residual <= allowed:
            break
    else:
        raise ValueError(
            f"{name} must be positive semidefinite: no factor L L^T comes closer than "
            f"{math.ldexp(residual, 2 * half):.3g} to it (allowed {math.ldexp(allowed, 2 * half):.3g})"
        )
    columns *= math.ldexp(1.0, half)
    return columns


def _asymmetry(matrix: FloatArray) -> float:
    """Largest `|A_ij - A_ji|`, by blocks that stay in the cache."""
    starts = range(0, len(matrix), _BLOCK)
    return max(float(np.abs(matrix[i : i + _BLOCK, i:] - matrix[i:, i : i + _BLOCK].T).max()) for i in starts)


def _pivoted(matrix: FloatArray, scaled: bool) -> FloatArray:
    """Pivoted Cholesky of a symmetric matrix, stopped at its numerical rank or its first negative pivot."""
    from scipy.linalg.lapack import dpstrf

    size = len(matrix)
    diagonal = np.diagonal(matrix)
    present = np.flatnonzero(diagonal > 0)
    if not present.size:
        return np.zeros((size, 0))
    # Entries are at most 1 in absolute value, so the powers of two below stay inside the range of a float.
    halves = (np.frexp(diagonal)[1] - 1) // 2 * scaled
    part = matrix if len(present) == size else matrix[np.ix_(present, present)]
    if halves[present].any():
        inverse = np.ldexp(1.0, -halves[present])
        part = part * inverse
        part *= inverse[:, None]
    # Symmetric: the transposed view is the Fortran order LAPACK wants, without a copy by columns.
    noise = (size + 8) * _EPS * float(np.diagonal(part).max())
    packed, pivots, found, _ = dpstrf(part.T, tol=noise, lower=1, overwrite_a=part is not matrix)
    rank = int(found)
    for j in range(1, rank):
        packed[:j, j] = 0.0
    columns = np.zeros((size, rank))
    columns[present[pivots - 1]] = packed[:, :rank]
    columns *= np.ldexp(1.0, halves)[:, None]
    return columns


def sample_factor(samples: FloatArray, ddof: int = 0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a factor `(D, min(n, D))` of the covariance of samples `(n, D)` over `n - ddof`, and their mean in two.

    The mean is the sum of the two, the second below the rounding of the first: samples centred twice keep a spread far
    smaller than their mean. Nothing of shape `(D, D)` is formed where `n < D`.
    """
    mean = samples.mean(axis=0)
    centred = samples - mean
    rest = centred.mean(axis=0)
    centred -= rest
    centred /= math.sqrt(len(samples) - ddof)
    return at_most_square(centred.T), mean, rest
