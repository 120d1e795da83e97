"""Second moments drawn from their law against simulated paths, and the samplers that choose by what is asked.

Every statistical test here has a false-alarm rate of at most 1e-9 (or a bound on it); the seed is that of the
environment (`LATENT_STOPPING_SEED`) or 0.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.stats import chi2

from theory.simulate import (
    drawn_moments,
    euler_chain,
    exact_chain,
    generator,
    sample_estimates,
    sample_moments,
    sample_paths,
    second_moments,
    simulate_paths,
    uniform_grid,
)

SEED = int(os.environ.get("LATENT_STOPPING_SEED", "0"))
ALARM = 1e-9
TAUS = [2.0, 0.7, 0.2, 0.0]


def test_each_moment_is_chi_square():
    copies, paths = 4000, 7
    s2 = np.repeat([3.0, 0.6, 0.02], copies)
    chain = exact_chain(TAUS, s2, cap=4.0, start="standard")
    ratio = paths * drawn_moments(chain, paths, SEED).second / chain.variances()
    total = ratio.reshape(len(TAUS), 3, copies).sum(axis=2)
    tail = ALARM / total.size / 2
    # a variance off by 5 % would be seen: 28000 degrees of freedom have a relative spread of 0.85 %
    assert (total >= chi2.ppf(tail, paths * copies)).all()
    assert (total <= chi2.isf(tail, paths * copies)).all()


@pytest.mark.parametrize("paths", [1, 2, 9])
@pytest.mark.parametrize(
    "statistic", [lambda s: s[1] / s[0], lambda s: s[2] / s[1], lambda s: s[0] + 3 * s[2], lambda s: s.max(axis=0)]
)
def test_the_joint_law_over_stops_is_that_of_paths(paths, statistic):
    copies = 20_000
    chain = exact_chain([1.5, 1.2, 0.9], [2.0])
    x = simulate_paths(chain, paths * copies, SEED)[:, :, 0]
    simulated = (x.reshape(3, copies, paths) ** 2).mean(axis=2)
    drawn = drawn_moments(exact_chain([1.5, 1.2, 0.9], np.full(copies, 2.0)), paths, SEED).second
    a, b = np.sort(statistic(simulated)), np.sort(statistic(drawn))
    everywhere = np.concatenate([a, b])
    gap = np.abs(np.searchsorted(a, everywhere, "right") - np.searchsorted(b, everywhere, "right")).max() / copies
    # Dvoretzky-Kiefer-Wolfowitz with Massart's constant, half the alarm and half the gap to each sample
    assert gap <= 2 * np.sqrt(np.log(4 / ALARM) / (2 * copies))


def test_a_step_drawn_with_the_wrong_correlation_would_be_seen():
    copies = 20_000
    right = exact_chain([1.5, 1.2], np.full(copies, 2.0))
    drawn = drawn_moments(right, 9, SEED).second
    apart = np.stack([drawn[0], np.roll(drawn[1], 1)])
    a, b = np.sort(drawn[1] / drawn[0]), np.sort(apart[1] / apart[0])
    everywhere = np.concatenate([a, b])
    gap = np.abs(np.searchsorted(a, everywhere, "right") - np.searchsorted(b, everywhere, "right")).max() / copies
    assert gap > 2 * np.sqrt(np.log(4 / ALARM) / (2 * copies))


@pytest.mark.parametrize("chain", [exact_chain, euler_chain])
def test_steps_that_are_not_recorded_are_taken_as_one(chain):
    made = chain(uniform_grid(1.0, 6), [2.0, 0.3])
    factor, noise = made.between(1, 5)
    v = made.variances()
    np.testing.assert_allclose(factor**2 * v[1] + noise, v[5], rtol=1e-14)
    np.testing.assert_allclose(factor * v[1], made.covariance(1, 5), rtol=1e-14)
    for first, second in ((5, 5), (3, 2), (0, 7), (-1, 2)):
        with pytest.raises(ValueError, match="indices must satisfy"):
            made.between(first, second)


def test_numbers_depend_on_neither_coordinates_nor_later_stops():
    s2 = [2.0, 0.6, 0.1]
    whole = sample_moments(TAUS, s2, 50, SEED)
    np.testing.assert_array_equal(sample_moments(TAUS, s2[:2], 50, SEED).second, whole.second[:, :2])
    np.testing.assert_array_equal(sample_moments(TAUS[:3], s2, 50, SEED).second, whole.second[:3])
    assert whole.paths == 50
    assert (sample_moments(TAUS, [0.0], 50, SEED).second[-1] == 0).all()


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_bit(threads):
    chain = euler_chain(uniform_grid(1.0, 3), [2.0, 0.3])
    one, many = (second_moments(chain, 20_000, SEED, threads=t).second for t in (1, threads))
    np.testing.assert_array_equal(one, many)
    one, many = (simulate_paths(chain, 20_000, SEED, record=[1, 3], threads=t) for t in (1, threads))
    np.testing.assert_array_equal(one, many)


def test_what_goes_wrong_in_a_thread_is_raised():
    def stop(label, done, total):
        raise RuntimeError("enough")

    chain = exact_chain([1.0, 0.0], [2.0, 1.0])
    with pytest.raises(RuntimeError, match="enough"):
        second_moments(chain, 50_000, SEED, threads=2, progress=stop)
    for call in (second_moments, simulate_paths):
        with pytest.raises(ValueError, match="threads must be a whole number >= 1, got 0"):
            call(chain, 10, SEED, threads=0)


def test_paths_are_those_of_the_exact_chain():
    found = sample_paths(TAUS, [2.0, 0.0], 30, SEED, record=[1, 3])
    np.testing.assert_array_equal(found, simulate_paths(exact_chain(TAUS, [2.0, 0.0]), 30, SEED, record=[1, 3]))
    assert found.shape == (2, 30, 2)


def test_estimates_of_variances_and_of_a_covariance():
    rng = generator(SEED, "test")
    assert sample_estimates(rng, [2.0, 0.5], 10, 3).shape == (3, 2)
    covariance = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    triangles = sample_estimates(rng, covariance, 10, 5)
    assert triangles.shape[:2] == (5, 3)
    drawn = triangles @ np.swapaxes(triangles, 1, 2)
    # along any direction the estimate is chi-square; here n = 10, 2000 sets, direction (1, 1, 0): variance 3
    many = sample_estimates(rng, covariance, 10, 2000)
    length = np.einsum("sir,i->sr", many, np.array([1.0, 1.0, 0.0]) / np.sqrt(2))
    total = 10 * (length**2).sum() / 3.0
    assert chi2.ppf(ALARM / 2, 20_000) <= total <= chi2.isf(ALARM / 2, 20_000)
    np.testing.assert_allclose(drawn[:, 2], 0, atol=1e-15)
    with pytest.raises(ValueError, match="covariance"):
        sample_estimates(rng, [[1.0, 2.0], [2.0, 1.0]], 10, 1)
