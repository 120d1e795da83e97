"""The public strategies: what they promise, and how small a failing example becomes."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from sympy import oo

from proofs_check import strategies as ours
from theory.notation import tau
from theory.schedules import OU

SMALL = settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def smallest(strategy, condition, seed=0):
    return find(strategy, condition, settings=SMALL, random=Random(seed))


@given(ours.spectra(max_size=6, zeros=True, extreme=True))
def test_spectra_are_variances_in_order(spectrum):
    assert 1 <= len(spectrum) <= 6
    assert list(spectrum) == sorted(spectrum, reverse=True)
    assert spectrum[0] > 0
    assert spectrum[-1] >= 0
    assert spectrum[0] <= 1e150
    assert all(v == 0 or v >= 1e-151 for v in spectrum)


@given(ours.spectra(min_size=2, max_size=4, largest=0.5))
def test_spectra_keep_their_bounds(spectrum):
    assert 2 <= len(spectrum) <= 4
    assert 0 < spectrum[-1] <= spectrum[0] <= 0.5


@pytest.mark.parametrize("kind", ["flat", "geometric", "power_law", "tied", "low_rank", "extreme"])
def test_every_shape_occurs_among_spectra(kind):
    has = {
        "flat": lambda s: len(s) > 2 and s[0] == s[-1],
        "geometric": lambda s: len(s) > 2 and s[1] / s[0] == s[2] / s[1] < 1,
        "power_law": lambda s: len(s) > 2 and s[1] == s[0] / 2 and s[2] == s[0] * 3.0**-1,
        "tied": lambda s: len(s) > 2 and s[0] > s[1] == s[2],
        "low_rank": lambda s: s[-1] == 0,
        "extreme": lambda s: 0 < s[-1] < 1e-99,
    }[kind]
    assert has(smallest(ours.spectra(zeros=True, extreme=True), has))


@pytest.mark.parametrize("seed", range(3))
def test_spectra_shrink_to_simple_fractions(seed):
    assert smallest(ours.spectra(), lambda s: len(s) > 1 and s[0] > 1.3, seed) in {(2.0, 1.0), (2.0, 2.0)}
    assert smallest(ours.spectra(zeros=True), lambda s: s[-1] == 0, seed) == (1.0, 0.0)
    assert smallest(ours.extreme_spectra(), lambda s: s[-1] < 1e-100, seed) == (1e-110,)
    assert smallest(ours.tied_spectra(), lambda s: len(s) > 1 and s[0] > s[1], seed) == (2.0, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_samples_shrink_to_one_wrong_estimate(seed):
    found = smallest(ours.samples(), lambda s: len(s.ratios) > 1 and s.ratios[-1] > 3.1, seed)
    assert found == ours.Sample((1.0, 1.0), (1.0, 4.0))
    assert found.sigma_hat2 == (1.0, 4.0)


@given(st.integers(1, 40), st.data())
def test_estimated_spectra_are_chi_square_quantiles(n, data):
    sigma2 = (2.0, 0.5)
    found = data.draw(ours.estimated_spectra(sigma2, n))
    levels = chi2.cdf(n * np.array(found) / sigma2, n)
    assert np.allclose(levels * 64, np.round(levels * 64), atol=1e-6)
    assert ((levels > 0) & (levels < 1)).all()


def test_estimated_spectra_shrink_to_medians():
    medians = (2.0 * chi2.median(5) / 5, 0.5 * chi2.median(5) / 5)
    assert smallest(ours.estimated_spectra((2.0, 0.5), 5), lambda s: True) == pytest.approx(medians)
    low = smallest(ours.estimated_spectra((2.0, 0.5), 5), lambda s: s[0] < s[1])
    assert low[1] >= medians[1]


def test_training_sets_shrink_to_one_number():
    found = smallest(ours.training_sets((1.0, 0.5), 3), lambda X: X.max() > 0.5)
    assert found.shape == (3, 2)
    assert np.count_nonzero(found) == 1


@given(ours.horizons(), st.data())
def test_stops_and_levels_reach_both_ends(T, data):
    assert 0 <= data.draw(ours.stop_times(T)) <= T
    assert 0 <= data.draw(ours.noise_levels(0.75)) <= 0.75


def test_both_ends_of_stops_and_levels_occur():
    for end in (0.0, 2.0):
        assert smallest(ours.stop_times(2.0), lambda v, end=end: v == end) == end
        assert smallest(ours.noise_levels(), lambda v, end=end: v == end / 2) == end / 2
    assert smallest(ours.noise_levels(), lambda v: True) == 0
    assert smallest(ours.noise_levels(), lambda v: 0 < v < 1) == 0.5


@given(ours.schedules())
def test_schedules_start_without_noise_and_rise(schedule):
    assert schedule.noise_level.subs(tau, 0) == 0
    assert schedule.noise_level.subs(tau, 1) > 0
    assert schedule.noise_level.limit(tau, oo) == 1


def test_schedules_shrink_to_the_ornstein_uhlenbeck_process():
    assert smallest(ours.schedules(), lambda s: True) is OU


@given(ours.covariances(max_size=4))
def test_covariances_are_symmetric_and_positive(matrix):
    assert (matrix == matrix.T).all()
    assert np.linalg.eigvalsh(matrix).min() > 0


@given(ours.covariances(2, 4, condition=1e6))
def test_covariances_have_the_wanted_condition(matrix):
    assert np.linalg.cond(matrix) == pytest.approx(1e6, rel=1e-6)


def test_covariances_shrink_to_diagonal_ones():
    assert (smallest(ours.covariances(2, 3), lambda m: len(m) == 2) == np.eye(2)).all()
    found = smallest(ours.covariances(2, 3), lambda m: abs(m[0, 1]) > 0.1)
    assert found.shape == (2, 2)


@given(st.integers(1, 9), st.data())
def test_latent_dimensions(D, data):
    assert 1 <= data.draw(ours.latent_dimensions(D)) <= D


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ours.spectra(3, 2), "1 <= min_size <= max_size, got 3 and 2"),
        (lambda: ours.low_rank_spectra(1, 1), "max_size must be at least 2"),
        (lambda: ours.dyadics(0, 1, 3), "denominator must be a power of 2, got 3"),
        (lambda: ours.dyadics(0.3, 0.31, 4), "no fraction k/4"),
        (lambda: ours.estimated_spectra((1.0,), 0), "n must be at least 1"),
        (lambda: ours.training_sets((1.0,), 0), "n must be at least 1"),
        (lambda: ours.noise_levels(1.5), r"X must lie in \[0, 1\], got 1.5"),
        (lambda: ours.stop_times(-1.0), "T must be finite and >= 0"),
        (lambda: ours.latent_dimensions(0), "D must be at least 1, got 0"),
        (lambda: ours.covariances(condition=0.5), "condition must be finite and >= 1, got 0.5"),
        (lambda: ours.uniforms(3), "parts must be a power of 2"),
    ],
)
def test_bad_bounds_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_without_hypothesis_the_message_says_what_to_install():
    code = "import sys; sys.modules['hypothesis'] = None; import proofs_check.strategies"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "pip install 'latent-stopping[property]'" in result.stderr
