"""Spectra `sigma_1^2 >= ... >= sigma_D^2` of every shape, as tuples of floats."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from proofs_check.strategies.numbers import dyadics

__all__ = [
    "Spectrum",
    "check_sizes",
    "extreme_spectra",
    "flat_spectra",
    "geometric_spectra",
    "low_rank_spectra",
    "power_law_spectra",
    "spectra",
    "tied_spectra",
]

Spectrum = tuple[float, ...]


def check_sizes(min_size: int, max_size: int) -> None:
    """Raise ValueError unless `1 <= min_size <= max_size`."""
    if not 1 <= min_size <= max_size:
        raise ValueError(f"sizes must satisfy 1 <= min_size <= max_size, got {min_size} and {max_size}")


def flat_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """`(s, ..., s)`: equal variances, up to `largest`."""
    check_sizes(min_size, max_size)
    return st.builds(lambda s, D: (s,) * D, dyadics(1 / 16, largest), st.integers(min_size, max_size))


def geometric_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """`s r^(j-1)` with a ratio `r` of 1/2, 1/4, 3/4 or 1/8: the spectra of figure-4-left and corollary-1."""
    check_sizes(min_size, max_size)
    ratios = st.sampled_from([0.5, 0.25, 0.75, 0.125])
    sizes = st.integers(min_size, max_size)
    return st.builds(lambda s, r, D: tuple(s * r**j for j in range(D)), dyadics(1 / 16, largest), ratios, sizes)


def power_law_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """`s j^-k` with an exponent `k` of 1, 2 or 1/2: the decay of natural images."""
    check_sizes(min_size, max_size)
    exponents, sizes = st.sampled_from([1.0, 2.0, 0.5]), st.integers(min_size, max_size)
    build = lambda s, k, D: tuple(s * float(j) ** -k for j in range(1, D + 1))  # noqa: E731
    return st.builds(build, dyadics(1 / 16, largest), exponents, sizes)


def tied_spectra(min_size: int = 1, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """Any non-increasing list of fractions `k/16`; ties are common and become more so in shrinking."""
    check_sizes(min_size, max_size)
    lists = st.lists(dyadics(1 / 16, largest), min_size=min_size, max_size=max_size)
    return lists.map(lambda values: tuple(sorted(values, reverse=True)))


def low_rank_spectra(min_size: int = 2, max_size: int = 6, largest: float = 4.0) -> SearchStrategy[Spectrum]:
    """Positive variances followed by at least one zero (text-2, prop-3)."""
    check_sizes(min_size, max_size)
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
    check_sizes(min_size, max_size)
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
