"""Hypothesis strategies for the objects of the theory: spectra, samples, stops, covariances, training sets.

Values are plain tuples of floats. They are drawn from short lists of simple numbers, simplest first, so that a failing
example shrinks to something like `(1.0, 0.5)`; dyadic fractions are exact as floats, so what is printed is what was
tested. Needs the extra `property` (Hypothesis).

    from hypothesis import given
    from proofs_check.strategies import samples, noise_levels

    @given(samples(max_size=4), noise_levels())
    def test_mine(sample, x): ...
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Rational

from theory.bures import FloatArray
from theory.schedules import OU, VariancePreserving, linear_rate

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy
except ImportError:
    raise ImportError("property tests need Hypothesis: pip install 'latent-stopping[property]'") from None

__all__ = [
    "Sample",
    "covariances",
    "dyadics",
    "estimated_spectra",
    "extreme_spectra",
    "flat_spectra",
    "geometric_spectra",
    "horizons",
    "latent_dimensions",
    "low_rank_spectra",
    "noise_levels",
    "power_law_spectra",
    "samples",
    "schedules",
    "spectra",
    "stop_times",
    "tied_spectra",
    "training_sets",
    "uniforms",
]

Spectrum = tuple[float, ...]


def _cost(value: Fraction) -> tuple[int, Fraction]:
    return value.denominator, abs(value - 1)


@lru_cache(maxsize=256)
def _dyadics(low: Fraction, high: Fraction, denominator: int) -> tuple[float, ...]:
    first, last = -((-low * denominator) // 1), (high * denominator) // 1
    found = sorted({Fraction(k, denominator) for k in range(int(first), int(last) + 1)}, key=_cost)
    return tuple(float(f) for f in found)


def dyadics(low: float, high: float, denominator: int = 16) -> SearchStrategy[float]:
    """Fractions `k / denominator` in `[low, high]`, exact as floats; shrinks to whole numbers, nearest to 1 first.

    Raises:
        ValueError: `denominator` is no power of 2, or no such fraction lies in the interval.
    """
    if denominator < 1 or denominator & (denominator - 1):
        raise ValueError(f"denominator must be a power of 2, got {denominator}")
    found = _dyadics(Fraction(low), Fraction(high), denominator)
    if not found:
        raise ValueError(f"no fraction k/{denominator} lies in [{low}, {high}]")
    return st.sampled_from(found)


def uniforms(parts: int = 64) -> SearchStrategy[float]:
    """Numbers `k / parts` strictly between 0 and 1, for quantile functions; shrinks to 1/2.

    Raises:
        ValueError: `parts` is no power of 2, or below 2.
    """
    if parts < 2 or parts & (parts - 1):
        raise ValueError(f"parts must be a power of 2, at least 2, got {parts}")
    return st.sampled_from([float(f) for f in sorted((Fraction(k, parts) for k in range(1, parts)), key=_cost_half)])


def _cost_half(value: Fraction) -> tuple[int, Fraction]:
    return value.denominator, abs(value - Fraction(1, 2))


def _check_sizes(min_size: int, max_size: int) -> None:
    if not 1 <= min_size <= max_size:
        raise ValueError(f"sizes must satisfy 1 <= min_size <= max_size, got {min_size} and {max_size}")


def flat_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """`(s, ..., s)`: equal variances, up to `largest`."""
    _check_sizes(min_size, max_size)
    return st.builds(lambda s, D: (s,) * D, dyadics(1 / 16, largest), st.integers(min_size, max_size))


def geometric_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """`s r^(j-1)` with a ratio `r` of 1/2, 1/4, 3/4 or 1/8: the spectra of figure-4-left and corollary-1."""
    _check_sizes(min_size, max_size)
    ratios = st.sampled_from([0.5, 0.25, 0.75, 0.125])
    sizes = st.integers(min_size, max_size)
    return st.builds(lambda s, r, D: tuple(s * r**j for j in range(D)), dyadics(1 / 16, largest), ratios, sizes)


def power_law_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """`s j^-k` with an exponent `k` of 1, 2 or 1/2: the decay of natural images."""
    _check_sizes(min_size, max_size)
    exponents, sizes = st.sampled_from([1.0, 2.0, 0.5]), st.integers(min_size, max_size)
    build = lambda s, k, D: tuple(s * float(j) ** -k for j in range(1, D + 1))  # noqa: E731
    return st.builds(build, dyadics(1 / 16, largest), exponents, sizes)


def tied_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """Any non-increasing list of fractions `k/16`; ties are common and become more so in shrinking."""
    _check_sizes(min_size, max_size)
    lists = st.lists(dyadics(1 / 16, largest), min_size=min_size, max_size=max_size)
    return lists.map(lambda values: tuple(sorted(values, reverse=True)))


def low_rank_spectra(min_size: int = 2, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """Positive variances followed by at least one zero (text-2, prop-3)."""
    _check_sizes(min_size, max_size)
    if max_size < 2:
        raise ValueError(f"max_size must be at least 2, for one variance and one zero, got {max_size}")
    positive = tied_spectra(max(min_size - 1, 1), max_size - 1, largest)
    return positive.flatmap(
        lambda values: st.integers(max(1, min_size - len(values)), max_size - len(values)).map(
            lambda zeros: values + (0.0,) * zeros
        )
    )


def extreme_spectra(min_size: int = 1, max_size: int = 4) -> SearchStrategy[Spectrum]:
    """Non-increasing variances from 1e-150 to 1e150, every scale in one spectrum."""
    _check_sizes(min_size, max_size)
    powers = sorted(range(-150, 151, 10), key=abs)
    values = st.builds(lambda m, k: min(m * 10.0**k, 1e150), dyadics(1, 4, 4), st.sampled_from(powers))
    lists = st.lists(values, min_size=min_size, max_size=max_size)
    return lists.map(lambda found: tuple(sorted(found, reverse=True)))


def spectra(
    min_size: int = 1, max_size: int = 6, largest: float = 4.0, *, zeros: bool = False, extreme: bool = False
) -> SearchStrategy[Spectrum]:
    """Non-increasing variances `sigma_1^2 >= ... >= sigma_D^2` of every shape above.

    Args:
        min_size, max_size: bounds on `D`.
        largest: bound on the variances, at least 1/16 (scales of `extreme` excepted).
        zeros: low-rank spectra too.
        extreme: scales from 1e-150 to 1e150 too.

    Raises:
        ValueError: bounds that no spectrum satisfies.
    """
    kinds = [
        make(min_size, max_size, largest) for make in (tied_spectra, flat_spectra, geometric_spectra, power_law_spectra)
    ]
    if zeros and max_size >= 2:
        kinds.append(low_rank_spectra(max(min_size, 2), max_size, largest))
    if extreme:
        kinds.append(extreme_spectra(min_size, max_size))
    return st.one_of(kinds)


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
    inner = sorted((Fraction(k, parts) for k in range(1, parts)), key=_cost_half)
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
    _check_sizes(min_size, max_size)
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
