"""Training sets, and their second moments drawn directly from their exact laws.

`n hat sigma^2 / sigma^2` is chi-square with `n` degrees of freedom and `n hat Sigma` is Wishart, so where only second
moments matter no training point need be drawn. The data's mean is 0 and known to be (as in the paper).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray, factor
from theory.noise import checked_variances
from theory.simulate.streams import checked_count

__all__ = ["empirical_axes", "estimated_variances", "training_set", "wishart_factor"]


def training_set(rng: np.random.Generator, sigma2_or_covariance: ArrayLike, n: int) -> FloatArray:
    """Draw `n` points of `N(0, Sigma)`, shape `(n, D)`, from variances `(D,)` or a covariance `(D, D)`.

    Raises:
        ValueError: `n < 1`, a negative variance, or a matrix that is no covariance.
    """
    count, given = checked_count(n, "n"), np.asarray(sigma2_or_covariance, dtype=np.float64)
    if given.ndim == 2:
        columns = factor(given, "covariance")
        return np.asarray(rng.standard_normal((count, columns.shape[1])) @ columns.T)
    return np.asarray(rng.standard_normal((count, given.size)) * np.sqrt(checked_variances(given, "sigma2")))


def estimated_variances(rng: np.random.Generator, sigma2: ArrayLike, n: int, size: int) -> FloatArray:
    """Draw `size` sets of `hat sigma_j^2 = (1/n) sum_i X_ij^2` by their law `sigma_j^2 chi2_n / n`, shape `(size, D)`.

    Raises:
        ValueError: `n < 1`, `size < 1` or a negative variance.
    """
    s2, count = checked_variances(sigma2, "sigma2"), checked_count(n, "n")
    return np.asarray(s2 * (rng.chisquare(count, (checked_count(size, "size"), len(s2))) / count))


def wishart_factor(rng: np.random.Generator, factor: ArrayLike, n: int, size: int) -> FloatArray:
    """Draw `size` factors `L` with `L L^T = hat Sigma = (1/n) sum_i X_i X_i^T`, by Bartlett's decomposition.

    `factor` has shape `(D, r)`, `factor factor^T = Sigma`; the result `(size, D, min(n, r))`. For `n < r` the estimate
    is singular, and so it is drawn.

    Raises:
        ValueError: `factor` is not a finite matrix, `n < 1` or `size < 1`.
    """
    columns = np.asarray(factor, dtype=np.float64)
    if columns.ndim != 2 or columns.size == 0 or not np.isfinite(columns).all():
        raise ValueError(f"factor must be a finite matrix (D, r), got shape {columns.shape}")
    count, draws, rank = checked_count(n, "n"), checked_count(size, "size"), columns.shape[1]
    width = min(count, rank)
    triangle = np.tril(rng.standard_normal((draws, rank, width)))
    diagonal = np.arange(width)
    triangle[:, diagonal, diagonal] = np.sqrt(rng.chisquare(count - diagonal, (draws, width)))
    return np.asarray(columns @ triangle / np.sqrt(count))


def empirical_axes(samples_or_factor: ArrayLike, *, factor: bool = False) -> tuple[FloatArray, FloatArray]:
    """Return `hat sigma_j^2`, `(k,)` non-increasing, and `hat O`, `(D, k)`: the PCA of `hat Sigma`, mean known to be 0.

    The input holds samples `(n, D)` or, with `factor=True`, an `L` of shape `(D, r)` with `L L^T = hat Sigma`, which is
    not formed. `k` is the smaller side.

    Raises:
        ValueError: not a finite, non-empty matrix.
    """
    given = np.asarray(samples_or_factor, dtype=np.float64)
    if given.ndim != 2 or given.size == 0 or not np.isfinite(given).all():
        raise ValueError(f"expected a finite, non-empty matrix, got shape {given.shape}")
    columns = given if factor else given.T / np.sqrt(len(given))
    axes, lengths, _ = np.linalg.svd(columns, full_matrices=False)
    return lengths**2, axes
