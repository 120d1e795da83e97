"""Samples, stops, schedules, covariances and training sets."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sympy import Rational

from proofs_check.strategies.numbers import dyadics, nearest_to_half, uniforms
from proofs_check.strategies.shapes import Spectrum, check_sizes, spectra
from theory.bures import FloatArray
from theory.schedules import OU, VariancePreserving, linear_rate

__all__ = [
    "Sample",
    "covariances",
    "estimated_spectra",
    "horizons",
    "latent_dimensions",
    "noise_levels",
    "samples",
    "schedules",
    "stop_times",
    "training_sets",
]


@dataclass(frozen=True)
class Sample:
    """True variances and what a training set made of them: `sigma_hat_j^2 = ratios_j sigma_j^2`."""

    sigma2: Spectrum
    ratios: tuple[float, ...]

    @property
    def sigma_hat2(self) -> Spectrum:
        """The estimated variances, as floats."""
        return tuple(s * r for s, r in zip(self.sigma2, self.ratios, strict=True))


def samples(
    spectrum: SearchStrategy[Spectrum] | None = None, *, max_size: int = 4, ratio: float = 8.0
) -> SearchStrategy[Sample]:
    """Spectra with any estimates: ratios `sigma_hat_j^2 / sigma_j^2` from 1/16 to `ratio`, shrinking to 1.

    Every such sample has a positive density for every number of training points.
    """
    chosen = spectra(max_size=max_size) if spectrum is None else spectrum
    ratios = dyadics(1 / 16, ratio)
    return chosen.flatmap(lambda s: st.tuples(*[ratios] * len(s)).map(lambda r: Sample(s, r)))


def estimated_spectra(sigma2: Spectrum, n: int) -> SearchStrategy[Spectrum]:
    """Variances estimated from `n` training points: exact chi-square quantiles of drawn uniforms.

    Shrinks to the medians. Ordered as `sigma2`, not sorted.

    Raises:
        ValueError: `n < 1`.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1 training point, got {n}")
    from scipy.stats import chi2

    def image(levels: tuple[float, ...]) -> Spectrum:
        return tuple(s * float(chi2.ppf(u, n)) / n for s, u in zip(sigma2, levels, strict=True))

    return st.tuples(*[uniforms()] * len(sigma2)).map(image)


def training_sets(sigma2: Spectrum, n: int) -> SearchStrategy[FloatArray]:
    """Training sets `(n, D)` with centred Gaussian columns of variances `sigma2`, as quantiles of drawn uniforms.

    Shrinks to the all-zero (median) set.

    Raises:
        ValueError: `n < 1`.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1 training point, got {n}")
    from scipy.special import ndtri

    deviations = np.sqrt(np.asarray(sigma2, dtype=np.float64))
    shape = (n, len(deviations))
    levels = st.lists(uniforms(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
    return levels.map(lambda u: np.asarray(ndtri(np.reshape(u, shape)) * deviations))


def horizons() -> SearchStrategy[float]:
    """Diffusion horizons `T` from 1/4 to 8; shrinks to 1."""
    return st.sampled_from([1.0, 2.0, 4.0, 0.5, 0.25, 8.0])


def noise_levels(X: float = 1.0, parts: int = 32) -> SearchStrategy[float]:
    """Noise levels `x = a_tau^2` in `[0, X]`, both ends included; shrinks to 0, then `X`.

    Raises:
        ValueError: `X` outside [0, 1].
    """
    if not 0 <= X <= 1:
        raise ValueError(f"X must lie in [0, 1], got {X}")
    inner = sorted((Fraction(k, parts) for k in range(1, parts)), key=nearest_to_half)
    near = [X * 2.0**-k for k in (10, 20, 40)]
    return st.sampled_from(list(dict.fromkeys([0.0, X, *(X * float(f) for f in inner), *near])))


def stop_times(T: float, parts: int = 32) -> SearchStrategy[float]:
    """Stop times `tau` in `[0, T]`, both ends included; shrinks to 0 (the last step), then `T` (pure noise).

    Raises:
        ValueError: `T < 0` or not finite.
    """
    if not (T >= 0 and np.isfinite(T)):
        raise ValueError(f"T must be finite and >= 0, got {T}")
    return noise_levels(1.0, parts).map(lambda share: T * share)


def latent_dimensions(D: int) -> SearchStrategy[int]:
    """Latent dimensions `1..D`; shrinks to 1. Raises ValueError for `D < 1`."""
    if D < 1:
        raise ValueError(f"D must be at least 1, got {D}")
    return st.integers(1, D)


def schedules() -> SearchStrategy[VariancePreserving]:
    """Variance-preserving schedules: Ornstein-Uhlenbeck, and linear rates `w^2 = first + slope tau`."""
    numbers = st.sampled_from([Rational(1), Rational(2), Rational(1, 2), Rational(1, 10), Rational(10)])
    return st.one_of(st.just(OU), st.builds(linear_rate, numbers, numbers))


def covariances(min_size: int = 1, max_size: int = 4, *, condition: float | None = None) -> SearchStrategy[FloatArray]:
    """Covariance matrices `O diag(spectrum) O^T`; shrinks to diagonal ones.

    `O` is a product of up to three Householder reflections along small integer vectors. With `condition >= 1` the
    eigenvalues run geometrically from 1 down to `1 / condition`, else over `spectra`.

    Raises:
        ValueError: `condition < 1`, or sizes that do not fit.
    """
    check_sizes(min_size, max_size)
    if condition is not None and not 1 <= condition < np.inf:
        raise ValueError(f"condition must be finite and >= 1, got {condition}")

    def eigenvalues(D: int) -> SearchStrategy[Any]:
        if condition is None:
            return spectra(D, D)
        return st.just(tuple(np.geomspace(1, 1 / condition, D))) if D > 1 else st.just((1.0,))

    def with_axes(values: Spectrum) -> SearchStrategy[FloatArray]:
        whole = st.lists(st.integers(-3, 3), min_size=len(values), max_size=len(values)).filter(any)
        return st.lists(whole, max_size=3).map(lambda vectors: _rotated(values, vectors))

    return st.integers(min_size, max_size).flatmap(eigenvalues).flatmap(with_axes)


def _rotated(values: Spectrum, vectors: list[list[int]]) -> FloatArray:
    O = np.eye(len(values))  # noqa: E741
    for vector in vectors:
        u = np.asarray(vector, dtype=np.float64)
        O = O - np.outer(O @ u, u) * (2 / (u @ u))  # noqa: E741
    matrix = O * np.asarray(values) @ O.T
    return np.asarray((matrix + matrix.T) / 2)
