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

try:
    import hypothesis as _hypothesis
except ImportError:
    raise ImportError("property tests need Hypothesis: pip install 'latent-stopping[property]'") from None

from proofs_check.strategies.numbers import dyadics, uniforms
from proofs_check.strategies.objects import (
    Sample,
    covariances,
    estimated_spectra,
    horizons,
    latent_dimensions,
    noise_levels,
    samples,
    schedules,
    stop_times,
    training_sets,
)
from proofs_check.strategies.shapes import (
    extreme_spectra,
    flat_spectra,
    geometric_spectra,
    low_rank_spectra,
    power_law_spectra,
    spectra,
    tied_spectra,
)

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

del _hypothesis
