"""Samples against exact laws: two-sided chi-square tests at a false-alarm rate of 1e-9, or the rate that a test states.

The seed is that of the environment (`LATENT_STOPPING_SEED`) or 0. A variance that is off by the relative discrepancy
that `_smallest` returns is missed with probability below 1e-3.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.stats import chi2, norm

from theory.bures import factor
from theory.simulate import (
    common_numbers_gain,
    decode,
    empirical_axes,
    estimated_variances,
    euler_chain,
    exact_chain,
    frechet_diagonal,
    frechet_general,
    generator,
    second_moments,
    simulate_paths,
    term_law,
    training_set,
    uniform_grid,
    wishart_factor,
)

SEED = int(os.environ.get("LATENT_STOPPING_SEED", "0"))
ALARM, MISS = 1e-9, 1e-3
S2 = np.array([4.0, 0.6, 0.05, 0.0])


def _smallest(degrees, cases):
    """Relative error of a variance, up or down, that one test of `cases` misses with probability at most `MISS`."""
    tail = ALARM / cases / 2
    up = chi2.isf(tail, degrees) / chi2.ppf(MISS, degrees) - 1
    down = 1 - chi2.ppf(tail, degrees) / chi2.isf(MISS, degrees)
    return max(up, down)


def _consistent(second, variances, degrees):
    """Exact chi-square tests of every entry; a variance of 0 must be met exactly. Bonferroni over the entries."""
    second, variances = np.ravel(second), np.ravel(variances)
    ratio = degrees * second[variances > 0] / variances[variances > 0]
    tail = ALARM / ratio.size / 2
    assert (second[variances == 0] == 0).all()
    return bool(((ratio >= chi2.ppf(tail, degrees)) & (ratio <= chi2.isf(tail, degrees))).all())


@pytest.mark.parametrize("kind", [exact_chain, euler_chain])
@pytest.mark.parametrize("options", [{}, {"cap": 3.0, "start": "standard"}])
def test_paths_have_the_law_of_the_recursion(kind, options):
    paths, chain = 40_000, kind(uniform_grid(2.0, 25), S2, **options)
    assert _smallest(paths, 104) < 0.09
    second = second_moments(chain, paths, SEED).second
    assert _consistent(second, chain.variances(), paths)
    assert not _consistent(1.09 * second, chain.variances(), paths)


def test_paths_have_the_closed_form_at_stops_far_apart():
    stops, paths = np.array([3.0, 0.7, 1e-3, 0.0]), 80_000
    x = -np.expm1(-2 * stops)[:, None]
    second = second_moments(exact_chain(stops, S2), paths, SEED).second
    assert _smallest(paths, 15) < 0.06
    assert _consistent(second, x + (1 - x) * S2, paths)
    assert not _consistent(second, x + (1 - x) * S2 * 1.12, paths)


def test_paths_have_the_covariances_between_stops():
    """`x_b - C/V x_a` is independent of `x_a` with variance `V_b - C^2/V_a`: two more chi-square laws."""
    paths, chain = 40_000, exact_chain([2.0, 0.5, 0.1], S2[:3])
    _, a, b = simulate_paths(chain, paths, SEED)
    va, vb = chain.variances()[1:]
    slope = chain.covariance(1, 2) / va
    assert _consistent(np.mean((b - slope * a) ** 2, axis=0), vb - slope**2 * va, paths)
    assert _consistent(np.mean((b + slope * a) ** 2, axis=0), vb + 3 * slope**2 * va, paths)


def test_training_variances_and_their_shortcut_have_one_law():
    n, size = 20, 3000
    direct = estimated_variances(generator(SEED, "direct"), S2[:3], n, size)
    assert direct.shape == (size, 3)
    assert _smallest(n * size, 6) < 0.07
    assert _consistent(direct.mean(axis=0), S2[:3], n * size)
    points = training_set(generator(SEED, "points"), S2[:3], n * size)
    assert _consistent(np.mean(points**2, axis=0), S2[:3], n * size)
    # the spread too, by the exact fourth moment and the central limit theorem, half as much again for skewness
    spread = ((direct / S2[:3] - 1) ** 2).mean()
    fourth = 12 / n**2 + 48 / n**3
    assert abs(spread - 2 / n) < norm.isf(ALARM / 2) * np.sqrt((fourth - 4 / n**2) / (3 * size)) * 1.5


def test_wishart_factors_have_chi_square_forms():
    """`u' hat Sigma u / u' Sigma u` is chi2_n / n for every direction, also for fewer points than dimensions."""
    rng = generator(SEED, "wishart")
    covariance = np.array([[3.0, 1.0, 0.2], [1.0, 0.7, 0.1], [0.2, 0.1, 0.3]])
    for n in (2, 3, 12):
        columns = wishart_factor(rng, factor(covariance), n, 6000)
        for u in (np.array([1.0, 0.0, 0.0]), np.array([0.3, -1.0, 0.4]), np.array([0.0, 0.5, 2.0])):
            forms = np.sum((u @ columns) ** 2, axis=-1)
            assert _consistent(forms.mean(), u @ covariance @ u, n * 6000)


def test_standard_scores_of_the_estimator_have_unit_variance():
    """400 replicates: the scores' variance, near chi2_400/400, leaves (0.6, 1.5) with probability below 1e-9."""
    paths, chain, replicates = 500, exact_chain([2.0, 0.3], [2.5, 0.5, 0.1]), 400
    s2, law = np.array([2.0, 0.6, 0.15]), exact_chain([2.0, 0.3], [2.5, 0.5, 0.1]).variances()[-1]
    truth = float(np.sum((np.sqrt(law) - np.sqrt(s2)) ** 2))
    deviation = float(np.sqrt(term_law(law, s2, paths)[1].sum()))
    values = np.array(
        [
            frechet_diagonal(second_moments(chain, paths, SEED, stream=f"r{r}", record=[1]), s2, 3)[0].value
            for r in range(replicates)
        ]
    )
    scores = (values - truth) / deviation
    # the estimator is exactly unbiased; its mean over the replicates is normal to a good approximation
    assert abs(scores.mean()) * np.sqrt(replicates) < norm.isf(ALARM / 2)
    assert 0.6 < scores.var() < 1.5


def test_general_estimator_covers_the_truth():
    """Empirical PCA of 200 points, decoded paths, 6 standard errors (jackknife): false-alarm rate below 1e-6."""
    covariance = np.array([[2.0, 0.8, 0.1], [0.8, 0.9, 0.2], [0.1, 0.2, 0.2]])
    variances, axes = empirical_axes(training_set(generator(SEED, "training"), covariance, 200))
    chain = exact_chain([2.0, 0.1], variances[:2])
    latent = simulate_paths(chain, 20_000, SEED, record=[1])[0]
    estimate = frechet_general(decode(latent, axes), covariance, groups=40)
    from theory.bures import bures_squared

    law = axes[:, :2] * chain.variances()[-1] @ axes[:, :2].T
    truth = bures_squared(law, covariance)
    assert abs(estimate.value - truth) < 6 * estimate.standard_error
    assert estimate.standard_error < truth / 5


def test_jackknife_error_is_that_of_the_exact_law():
    """300 groups: the ratio of variances, near chi2_299/299, leaves (0.55, 1.6) with probability below 1e-9."""
    chain, s2 = exact_chain([2.0, 0.0], [1.5]), np.array([0.6])
    points = simulate_paths(chain, 30_000, SEED, record=[1])[0]
    estimate = frechet_general(points, np.diag(s2), groups=300)
    assert 0.55 < estimate.standard_error**2 / term_law([1.5], s2, 30_000)[1][0] < 1.6


def test_common_random_numbers_gain_what_the_law_says():
    """300 replicates: the ratio of variances, near F(299, 299), leaves (1/2, 2) with probability below 1e-8."""
    s2, estimated, paths, replicates = np.array([1.0, 0.5]), [1.2, 0.4], 800, 300
    chain = exact_chain([2.0, 0.12, 0.10], estimated)

    def value(stream, k):
        moments = second_moments(chain, paths, SEED, stream=stream, record=[k])
        return frechet_diagonal(moments, s2, 2)[0].value

    same = [value(f"a{r}", 2) - value(f"a{r}", 1) for r in range(replicates)]
    apart = [value(f"a{r}", 2) - value(f"b{r}", 1) for r in range(replicates)]
    gain = common_numbers_gain(chain, s2, 1, 2, 2)
    assert gain > 5
    assert 0.5 < np.var(apart) / np.var(same) / gain < 2
