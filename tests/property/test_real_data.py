"""Properties of optimal stops and dimensions and of the general distance, on generated input."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from theory.advice import advise
from theory.autoencoder import DistanceToData, LinearAutoencoder
from theory.bures import bures_squared, bures_squared_factors, frechet_squared
from theory.noise import noise_of_time
from theory.spectra import split
from theory.stopping import optimal_dimensions, optimal_noise_levels

#: standard deviations from 1e-150 to 1e150, ordinary ones, zeros, and a few that tie
DEVIATION = st.one_of(
    st.floats(-150, 150).map(lambda e: 10.0**e),
    st.floats(0.05, 3.0),
    st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0]),
)
#: sigma_hat / sigma: below 1, equal, above 1, above 2
RATIO = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0]), st.floats(0.01, 5.0))
LEVEL = st.one_of(
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    st.floats(0.0, 1.0),
    st.floats(-300, 0).map(lambda e: 10.0**e),
)


@st.composite
def spectra(draw, largest=6):
    deviations = sorted(draw(st.lists(DEVIATION, min_size=1, max_size=largest)), reverse=True)
    estimated = [draw(st.one_of(st.just(s * draw(RATIO)), DEVIATION)) for s in deviations]
    return np.array(deviations) ** 2, np.minimum(np.array(estimated), 1e150) ** 2


def variance(x, h):
    return x + (1 - x) * mpmath.mpf(float(h))


def slope(s2, h2, d, x):
    """Slope of F(d, .) at x and the size of its summands, at the working precision."""
    total = size = mpmath.mpf(0)
    for s, h in zip(s2[:d], h2[:d], strict=True):
        v = variance(x, h)
        ratio = mpmath.sqrt(mpmath.mpf(float(s)) / v) if s else 0
        total += (1 - ratio) * (1 - mpmath.mpf(float(h)))
        size += (1 + ratio) * abs(1 - mpmath.mpf(float(h)))
    return total, size


@settings(max_examples=100, deadline=None)
@given(spectra(), st.floats(0.01, 1.0))
@example((np.array([1e300, 1e-300]), np.array([1e-300, 1e300])), 1.0)
def test_the_slope_changes_sign_at_the_optimal_stop(pair, X):
    s2, h2 = pair
    lower, upper = optimal_noise_levels(s2, h2, X)
    assert (lower >= 0).all()
    assert (lower <= upper).all()
    assert (upper <= X).all()
    with mpmath.workdps(350):
        for d in range(1, len(s2) + 1):
            for place, side in ((lower[d - 1], -1), (upper[d - 1], 1)):
                near = mpmath.mpf(float(place)) * (1 + side * mpmath.mpf("1e-9"))
                near += side * mpmath.mpf("5e-324") if place else 0  # spacing of the smallest floats
                if side < 0 < near:
                    value, size = slope(s2, h2, d, near)
                    assert value <= 1e-14 * size
                elif side > 0 and place < X:
                    value, size = slope(s2, h2, d, min(near or mpmath.mpf("1e-320"), mpmath.mpf(X)))
                    # a zero minimiser must be optimal without any allowance for rounding
                    assert value >= (0 if place == 0 and (h2[:d] > 0).all() and float(near) > 0 else -1e-14 * size)


@settings(max_examples=100, deadline=None)
@given(spectra(), st.floats(0.01, 1.0))
def test_a_stop_at_the_last_step_is_exact(pair, X):
    s2, h2 = pair
    assume((h2 > 0).all())
    lower, _ = optimal_noise_levels(s2, h2, X)
    with mpmath.workdps(700):
        for d in range(1, len(s2) + 1):
            value, size = slope(s2, h2, d, mpmath.mpf(0))
            if abs(value) > size * mpmath.mpf("1e-600"):
                assert (lower[d - 1] == 0) == (value > 0)
            else:
                assert lower[d - 1] == 0


@settings(max_examples=200, deadline=None)
@given(spectra(), LEVEL)
@example((np.array([4, 1 / 16, 1 / 16]), np.array([4.0, 0, 0])), 0.25)
@example((np.array([1.0, 0.0]), np.array([1.0, 0.0])), 0.0)
def test_optimal_dimensions_are_exact(pair, x):
    s2, h2 = pair
    smallest, largest = optimal_dimensions(s2, h2, x)
    with mpmath.workdps(1000):
        level = mpmath.mpf(x)
        total, totals = mpmath.mpf(0), []
        for s, h in zip(s2, h2, strict=True):
            v = variance(level, h)
            total += v - 2 * mpmath.sqrt(mpmath.mpf(float(s)) * v)
            totals.append(total)
        scale = max(abs(t) for t in totals) * mpmath.mpf("1e-950")
        ties = [d for d, t in enumerate(totals, 1) if t - min(totals) <= scale]
    assert (int(smallest), int(largest)) == (ties[0], ties[-1])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12), st.floats(0.05, 1.0))
def test_uniform_shrinkage_gives_reading_b(deviations, shrinkage):
    s2 = np.sort(np.array(deviations) ** 2)[::-1]
    lower, _ = optimal_noise_levels(s2, shrinkage * s2, 0.9)
    # rounding shrinkage * s2 to floats alone moves a stop by some 1e-16
    assert (np.diff(lower) <= 1e-9 * lower[:-1] + 1e-15).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(DEVIATION, min_size=1, max_size=8), st.lists(LEVEL, min_size=2, max_size=8))
def test_exact_score_gives_reading_a(deviations, levels):
    s2 = np.sort(np.array(deviations) ** 2)[::-1]
    smallest, largest = optimal_dimensions(s2, s2, np.sort(levels))
    assert (np.diff(smallest) <= 0).all()
    assert (np.diff(largest) <= 0).all()


def test_reading_b_fails_for_a_plug_in_sample():
    lower, _ = optimal_noise_levels([0.5, 0.25], [0.5, 0.1], 0.9)
    assert lower[0] == 0 < lower[1]


@st.composite
def samples(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns, rank = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    mixing = rng.normal(size=(rank, columns)) * draw(st.sampled_from([0.2, 1.0, 3.0]))
    first = rng.normal(size=(draw(st.integers(3, 12)), rank)) @ mixing
    second = rng.normal(size=(draw(st.integers(3, 12)), rank)) @ mixing + draw(st.sampled_from([0.0, 0.5]))
    return first, second


@settings(max_examples=60, deadline=None)
@given(samples(), LEVEL)
def test_distance_to_data_is_the_general_distance(pair, x):
    first, second = pair
    encoder = LinearAutoencoder.fit(first)
    distance = DistanceToData(encoder, second)
    centre = second.mean(axis=0)
    # a factor, as forming the covariance of few rows would cost half the digits before the comparison
    right = ((second - centre) / np.sqrt(len(second))).T
    shift, trace = np.sum((centre - encoder.pca.mean) ** 2), np.sum(right**2) + second.shape[1]
    for d in range(1, encoder.largest_dimension + 1):
        direct = shift + bures_squared_factors(encoder.generated_factor(d, x), right)
        assert distance.value(d, x) == pytest.approx(direct, rel=1e-12, abs=1e-13 * trace)
        covariance = frechet_squared(
            encoder.pca.mean,
            encoder.generated_factor(d, x) @ encoder.generated_factor(d, x).T,
            centre,
            right @ right.T,
        )
        assert distance.value(d, x) == pytest.approx(covariance, abs=1e-7 * trace)


@settings(max_examples=60, deadline=None)
@given(samples())
def test_best_level_beats_every_other(pair):
    encoder = LinearAutoencoder.fit(pair[0])
    distance = DistanceToData(encoder, pair[1])
    others = [0.0, *np.geomspace(1e-12, 0.95, 40)]
    for d in range(1, encoder.largest_dimension + 1):
        level = distance.best_level(d, 0.95)
        least = distance.value(d, level)
        assert least <= min(distance.value(d, float(x)) for x in others) * (1 + 1e-12) + 1e-13
        step = 1e-4
        middle = (distance.value(d, 0.3 + step) - distance.value(d, 0.3 - step)) / (2 * step)
        assert distance.slope(d, 0.3) == pytest.approx(middle, rel=1e-3, abs=1e-5)


def test_shared_axes_give_the_diagonal_theory():
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 3)).reshape(3, -1).T
    h, s = np.array([0.9, 0.5, 0.2]), np.array([0.8, 0.6, 0.5])
    encoder = LinearAutoencoder.fit(signs * h)
    distance = DistanceToData(encoder, signs * s)
    lower, _ = optimal_noise_levels(s**2, h**2, 0.9)
    for d in range(1, 4):
        v = 0.1 + 0.9 * h[:d] ** 2
        assert distance.value(d, 0.1) == pytest.approx(
            np.sum((np.sqrt(v) - s[:d]) ** 2) + np.sum(s[d:] ** 2), rel=1e-12
        )
        assert distance.best_level(d, 0.9) == pytest.approx(lower[d - 1], rel=1e-7)
    assert lower[0] == 0 < lower[2]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.lists(st.integers(0, 5), min_size=3, max_size=3))
def test_bures_is_a_metric(seed, size, ranks):
    rng = np.random.default_rng(seed)
    a, b, c = ((lambda m: m @ m.T)(rng.normal(size=(size, rank))) for rank in ranks)
    ab, bc, ac = (np.sqrt(bures_squared(*pair)) for pair in ((a, b), (b, c), (a, c)))
    assert ac <= ab + bc + 1e-7
    assert ab == pytest.approx(np.sqrt(bures_squared(b, a)), abs=1e-7)


@pytest.mark.parametrize("seed", [0, 1])
def test_advice_on_samples(seed):
    rng = np.random.default_rng(11)
    rows = (
        rng.normal(size=(40, 6)) @ np.diag([1.2, 0.8, 0.5, 0.3, 0.1, 0.02]) @ np.linalg.qr(rng.normal(size=(6, 6)))[0]
    )
    advice = advise(rows, horizon=3.0, seed=seed)
    assert advice == advise(rows, horizon=3.0, seed=seed)
    assert [row.dimension for row in advice.rows] == [1, 2, 3, 4, 5, 6]
    assert (advice.training_rows, advice.held_out_rows) == (20, 20)
    for row in advice.rows:
        assert 0 <= row.gain <= 1
        assert row.distance_best_stop <= min(advice.curves[row.dimension]) * (1 + 1e-9)
        assert noise_of_time(row.tau) == pytest.approx(row.noise_level, rel=1e-12)
    levels = [row.noise_level for row in advice.rows]
    assert advice.reading_b.violations == sum(b > a * (1 + 1e-8) for a, b in pairwise(levels))
    assert advice.best_dimensions[0].tau_from == 0
    assert advice.best_dimensions[-1].tau_to == 3.0
    for tau, *column in zip(advice.curve_taus, *advice.curves.values(), strict=True):
        step = next(s for s in advice.best_dimensions if tau <= s.tau_to)
        if tau < step.tau_to * (1 - 2e-3):
            assert step.dimension == 1 + int(np.argmin(column))


def test_advice_on_a_spectrum_is_the_exact_theory():
    s2 = np.array([0.36, 2.0, 0.6, 0.0, 0.05])
    advice = advise(s2, horizon=2.0)
    assert (advice.kind, advice.score) == ("spectrum", "exact")
    assert all(row.tau == 0 for row in advice.rows)
    assert advice.reading_a.holds
    assert advice.reading_b.holds
    assert [row.distance_last_step for row in advice.rows] == pytest.approx([1.01, 0.41, 0.05, 0, 0])
    ordered = np.sort(s2)[::-1]
    assert [step.dimension for step in advice.best_dimensions] == [4, 3]  # 4 * 0.36 > 1 is kept at every stop
    change = advice.best_dimensions[0].tau_to
    assert float(noise_of_time(change)) == pytest.approx(3 * 0.05 / 0.95, rel=1e-12)
    for tau in (0.0, 0.01, change * 1.001, 1.9):
        smallest, _ = optimal_dimensions(ordered, ordered, noise_of_time(tau))
        assert int(smallest) == next(s.dimension for s in advice.best_dimensions if tau <= s.tau_to)


def test_directions_without_training_variance_tie_at_the_last_step():
    # Column 2 varies in one row. Held out, it leaves the training part without variance there, so keeping
    # it changes nothing at the last step and pays just before: the tie must not count against reading (A).
    rows = np.zeros((40, 2))
    rows[:, 0] = np.tile([-0.5, 0.5], 20)
    seed = next(s for s in range(50) if 0 in np.flatnonzero(_held_out(s)))
    rows[0, 1] = 1.0
    advice = advise(rows, seed=seed)
    assert advice.best_dimensions[0].dimension == 2
    assert advice.reading_a.holds
    assert advice.rows[1].tau > 0


def _held_out(seed):
    marked = np.arange(80.0).reshape(40, 2)
    return np.isin(marked[:, 0], split(marked, 0.5, seed)[1][:, 0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"horizon": 0.0}, "horizon must lie in"),
        ({"horizon": float("nan")}, "horizon must lie in"),
        ({"dimensions": [0]}, r"\[1, 3\] for this data, got 0"),
        ({"dimensions": [4]}, r"\[1, 3\] for this data, got 4"),
        ({"dimensions": []}, "at least one"),
        ({"held_out": 1.5}, "strictly between 0 and 1"),
        ({"held_out": 0.01}, "both need at least 2"),
    ],
)
def test_advice_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        advise(np.random.default_rng(0).normal(size=(10, 3)), **changes)
