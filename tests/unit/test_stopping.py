"""Optimal stops and optimal dimensions against values known exactly."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory.noise import log_snr_of_noise, noise_of_time, time_of_noise
from theory.stopping import certified_noise_levels, dimensions, optimal_dimensions, optimal_noise_levels
from theory.stopping.terms import Spectra

EPS = 2.0**-52


def test_one_coordinate_in_closed_form():
    # sqrt(v) = sigma at x = (sigma^2 - h) / (1 - h), clipped to [0, X]
    for s2, h, X, expected in [
        (0.5, 0.25, 0.9, 1 / 3),
        (0.5, 0.25, 0.2, 0.2),
        (0.25, 0.5, 0.9, 0.0),
        (4.0, 9.0, 0.9, 0.625),
        (9.0, 4.0, 0.9, 0.0),
        (0.5, 0.0, 0.9, 0.5),
        (1e-300, 0.0, 0.9, 1e-300),
        (1e300, 4e300, 0.9, 0.75),
    ]:
        lower, upper = optimal_noise_levels([s2], [h], X)
        assert lower[0] == upper[0] == pytest.approx(expected, rel=1e-13)


def test_two_coordinates_against_mpmath():
    s2, h2 = [0.5, 0.125], [0.25, 0.1875]
    lower, upper = optimal_noise_levels(s2, h2, 1.0)
    slope = lambda x: sum(  # noqa: E731
        (1 - mpmath.sqrt(s) / mpmath.sqrt(x + (1 - x) * h)) * (1 - h) for s, h in zip(s2, h2, strict=True)
    )
    with mpmath.workdps(40):
        assert (
            lower[1]
            == upper[1]
            == pytest.approx(float(mpmath.findroot(slope, (0.01, 0.5), solver="anderson")), rel=1e-12)
        )


def test_exact_score_runs_to_the_last_step():
    s2 = [1e300, 4.0, 0.3, 0.3, 1e-300, 0.0]
    lower, upper = optimal_noise_levels(s2, s2, 0.99)
    assert lower.tolist() == upper.tolist() == [0.0] * 6


def test_intervals_where_the_distance_is_flat():
    lower, upper = optimal_noise_levels([2.0, 1.0, 0.25], [1.0, 1.0, 0.25], 0.75)
    assert (lower.tolist(), upper.tolist()) == ([0, 0, 0], [0.75, 0.75, 0])
    # no data at all: slopes 1 - h = 0.5 then -0.5 cancel exactly, then a positive one
    lower, upper = optimal_noise_levels([0.0, 0.0, 0.0], [0.5, 1.5, 0.0], 0.75)
    assert (lower.tolist(), upper.tolist()) == ([0, 0, 0], [0, 0.75, 0])
    lower, upper = optimal_noise_levels([0.0, 0.0], [3.0, 1.0], 0.75)
    assert (lower.tolist(), upper.tolist()) == ([0.75, 0.75], [0.75, 0.75])


def test_cancelling_slopes_at_the_last_step_are_decided_exactly():
    # slopes at 0: (1 - 2)(1 - 1/4) and (1 - 0)(1 - 1/4); a last-place change of sigma_1 tips the balance
    s2, h2 = np.array([1.0, 0.0]), np.array([0.25, 0.25])
    assert optimal_noise_levels(s2, h2, 0.9)[0][1] == 0.0
    above = optimal_noise_levels(s2 * [1 + EPS, 1], h2, 0.9)[0][1]
    assert 0 < above < 1e-15
    assert optimal_noise_levels(s2 * [1 - EPS, 1], h2, 0.9)[0][1] == 0.0


def test_large_slopes_that_cancel_below_their_rounding():
    # two slopes of 1.5e17 cancel; the third decides, and the minimiser solves 3.2e17 x = 2.25 to first order
    s2, h2 = np.array([1e34, 1e34, 1.0]), np.array([4.0, 0.25, 0.25])
    lower, _ = optimal_noise_levels(s2, h2, 1.0)
    with mpmath.workdps(60):

        def slope(x):
            pairs = [(mpmath.mpf(float(s)), mpmath.mpf(float(h))) for s, h in zip(s2[:2], h2[:2], strict=True)]
            return sum((1 - mpmath.sqrt(s / (x + (1 - x) * h))) * (1 - h) for s, h in pairs)

        assert slope(lower[1] * (1 - mpmath.mpf("1e-12"))) < 0 < slope(lower[1] * (1 + mpmath.mpf("1e-12")))
    assert 0 < lower[1] < 1e-16


def test_one_table_and_divide_and_conquer_agree(monkeypatch):
    rng = np.random.default_rng(0)
    s2 = np.sort(rng.gamma(1, size=60))[::-1]
    levels = np.linspace(0, 1, 50)
    for h2 in (s2 * rng.chisquare(9, size=60) / 9, rng.permutation(s2), s2):
        table = optimal_dimensions(s2, h2, levels)
        with monkeypatch.context() as patched:
            patched.setattr("theory.stopping.dimensions._SMALL_TABLE", 0)
            assert np.array_equal(table, optimal_dimensions(s2, h2, levels))


def test_figure_4_left():
    s2 = [1, *(0.6**k for k in range(1, 7)), 1e-10, 1e-10]
    for d, t in zip(range(4, 8), (1.124123, 1.704081, 1.854189, 1.920609), strict=True):
        for side, expected in ((-2e-6, d - 1), (2e-6, d)):
            smallest, largest = optimal_dimensions(s2, s2, noise_of_time(2 - t - side))
            assert smallest == largest == expected


def test_ties_of_dimensions_are_exact():
    # v_2 = x + (1 - x)/8 = 4 sigma_2^2 = 1/4 at x = 1/7, which is no float: no tie at its neighbours
    s2, h2 = [4.0, 0.0625], [4.0, 0.125]
    at = np.nextafter([1 / 7, 1 / 7, 1 / 7], [0, 1 / 7, 1])
    exact = [Fraction(float(x)) + (1 - Fraction(float(x))) / 8 - Fraction(1, 4) for x in at]
    assert all(value != 0 for value in exact)
    smallest, largest = optimal_dimensions(s2, h2, at)
    expected = [2 if value < 0 else 1 for value in exact]
    assert smallest.tolist() == largest.tolist() == expected
    assert set(expected) == {1, 2}
    # h = 0: the tie is at x = 1/4 exactly, with two more equal coordinates behind it
    smallest, largest = optimal_dimensions([4.0, 0.0625, 0.0625, 0.0625], [4.0, 0.0, 0.0, 0.0], 0.25)
    assert (int(smallest), int(largest)) == (1, 4)
    # sigma_hat = 2 sigma ties at the last step
    smallest, largest = optimal_dimensions([4.0, 0.0625], [4.0, 0.25], [0.0, 1e-300])
    assert smallest.tolist() == [1, 1]
    assert largest.tolist() == [2, 1]


def test_non_adjacent_ties_need_more_than_floats():
    # at x = 0 keeping 2 costs 81/16 - 2 * 9/4 = 9/16 and keeping 3 gains 2 * 9/16 - 9/16, so 1 and 3 tie
    for factor, expected in ((1.0, (1, 3)), (1 + EPS, (3, 3)), (1 - EPS, (1, 1))):
        smallest, largest = optimal_dimensions([4.0, 1.0, 0.5625 * factor], [4.0, 5.0625, 0.5625], 0.0)
        assert (int(smallest), int(largest)) == expected


def test_zero_variances_tie_at_the_last_step_only():
    smallest, largest = optimal_dimensions([1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1e-300])
    assert (smallest.tolist(), largest.tolist()) == ([1, 1], [3, 1])


def test_shapes_and_ends():
    smallest, largest = optimal_dimensions([1.0], [2.0], np.zeros((2, 3)))
    assert smallest.shape == largest.shape == (2, 3)
    assert (smallest == 1).all()
    assert (largest == 1).all()
    assert optimal_dimensions([1.0, 0.5], [1.0, 0.5], 0.5)[0].shape == ()
    assert optimal_noise_levels([1.0, 0.5], [0.1, 0.1], 0.0)[1].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], [1.0, 2.0]), "sigma2 must be non-increasing, got 1.0 then 2.0"),
        (([1.0], [1.0, 2.0]), "one length, got 1 and 2"),
        (([], []), "non-empty"),
        (([1.0], [-1.0]), "sigma_hat2 must be finite and >= 0, got -1.0"),
        (([float("nan")], [1.0]), "sigma2 must be finite and >= 0, got nan"),
        (([1.0], [float("inf")]), "got inf"),
        (([[1.0]], [1.0]), "shape"),
    ],
)
def test_bad_spectra(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimal_noise_levels(*arguments, 0.5)
    with pytest.raises(ValueError, match=message):
        optimal_dimensions(*arguments, 0.5)


@pytest.mark.parametrize("level", [-0.1, 1.1, float("nan")])
def test_bad_levels(level):
    for call in (
        lambda: optimal_noise_levels([1.0], [1.0], level),
        lambda: optimal_dimensions([1.0], [1.0], level),
    ):
        with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
            call()
    with pytest.raises(ValueError, match="time must be >= 0"):
        noise_of_time(-1.0)


@pytest.mark.parametrize("tau", [1e-300, 1e-17, 1e-3, 2.0])
def test_times_keep_relative_accuracy(tau):
    level = noise_of_time(tau)
    assert float(level) == pytest.approx(-math.expm1(-2 * tau), rel=1e-15)
    assert float(time_of_noise(level)) == pytest.approx(tau, rel=1e-13)
    assert float(log_snr_of_noise(level)) == pytest.approx(-2 * tau - math.log(float(level)), rel=1e-13)
    assert float(log_snr_of_noise(0.0)) == math.inf
    assert math.copysign(1, float(time_of_noise(0.0))) == 1


KINDS = st.one_of(
    st.sampled_from([0.0, 0.0625, 0.25, 0.5625, 1.0, 4.0]),
    st.floats(-300, 300).map(lambda e: 10.0**e),
    st.floats(0.01, 4.0),
)
LEVELS = st.one_of(
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0.0, 1.0), st.floats(-300, 0).map(lambda e: 10.0**e)
)
FACTORS = st.one_of(st.sampled_from([0.0, 0.25, 1.0, 4.0, 9.0, 1 + EPS, 4 * (1 + EPS)]), st.floats(0.01, 6.0))


@st.composite
def spectra(draw, exact_score=False):
    s2 = np.array(sorted(draw(st.lists(KINDS, min_size=1, max_size=10)), reverse=True))
    if exact_score:
        return s2, s2
    h2 = [s * draw(FACTORS) if draw(st.booleans()) else draw(KINDS) for s in s2]
    return s2, np.minimum(h2, 1e300)


def exact_minimisers(s2, h2, level):
    """Smallest and largest best dimension from balls of 3000 bits, where every sum of these floats is told from 0."""
    rational = lambda value: fmpq(*float(value).as_integer_ratio())  # noqa: E731
    x, total, totals = rational(level), arb(0), []
    before, ctx.prec = ctx.prec, 3000
    try:
        for a, b in zip(map(rational, s2), map(rational, h2), strict=True):
            v = x + (1 - x) * b
            total += arb(v) - 2 * (arb(a) * arb(v)).sqrt() if v != 4 * a else arb(0)
            totals.append(total)
        least = [d for d, t in enumerate(totals, 1) if not any(other < t for other in totals)]
    finally:
        ctx.prec = before
    return least[0], least[-1]


@settings(max_examples=150, deadline=None)
@given(st.one_of(spectra(), spectra(exact_score=True)), st.lists(LEVELS, min_size=1, max_size=6), st.booleans())
@example((np.array([4, 1 / 16, 1 / 16]), np.array([4.0, 0, 0])), [0.25, 0.0], False)
@example((np.array([4.4e103, 2.5e73, 3.5e-20]), np.array([1.1e103, 1e74, 0.0])), [0.0, 0.5, 1.0], False)
@example((np.array([0.25, 0.25, 0.25]), np.array([0.25, 0.25, 0.25])), [1.0, 0.0], False)
def test_every_route_to_the_best_dimensions_is_exact(pair, levels, table):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("theory.stopping.dimensions._SMALL_TABLE", 1 << 15 if table else 0)
        smallest, largest = optimal_dimensions(*pair, levels)
    for level, a, b in zip(levels, smallest, largest, strict=True):
        assert (int(a), int(b)) == exact_minimisers(*pair, level)


def test_ties_of_many_dimensions_take_no_loop_over_them():
    D = 200_000
    equal = np.full(D, 0.25)  # x (1 - s) = 3 s at x = 1 exactly
    smallest, largest = optimal_dimensions(equal, equal, [1.0, np.nextafter(1, 0)])
    assert (smallest.tolist(), largest.tolist()) == ([1, D], [D, D])
    # the same tie with a score that is not exact, in the first coordinate only
    hat = np.append(0.5, equal[1:])
    smallest, largest = optimal_dimensions(equal, hat, [1.0, np.nextafter(1, 0)])
    assert (smallest.tolist(), largest.tolist()) == ([1, D], [D, D])
    tail = np.append(1.0, np.zeros(D - 1))
    smallest, largest = optimal_dimensions(tail, tail * 0.5, [0.0, 1e-9])
    assert (smallest.tolist(), largest.tolist()) == ([1, 1], [D, 1])


def test_signs_that_cancel_after_many_summands():
    # slopes at 0: m times -3/4, then m times +3/4
    m = 300
    s2, h2 = np.repeat([1.0, 0.0], m), np.full(2 * m, 0.25)
    for X in (0.9, 1.0):
        lower, _ = optimal_noise_levels(s2, h2, X)
        assert lower[-1] == 0.0
        # m (1 - 1/sqrt(v)) + k = 0
        expected = ((m / (m + np.arange(m + 1.0))) ** 2 - 0.25) / 0.75
        np.testing.assert_allclose(lower[m - 1 :], np.minimum(expected, X), rtol=1e-12, atol=1e-16)


def test_exact_score_at_any_size_runs_to_the_last_step():
    s2 = np.arange(1.0, 100_001) ** -1.0
    levels = certified_noise_levels(s2, s2, 0.99)
    assert not levels.upper[1:].any()
    assert not levels.error.any()
    assert (levels.lower[0], levels.upper[0]) == (0.0, 0.99)  # sigma_1 = 1: F(1, .) is constant


def test_few_estimates_above_four_times_the_variance_cost_no_answer(monkeypatch):
    """Windows raised by cutting those estimates hold the same minimisers, ties included, as the whole range."""
    rng = np.random.default_rng(5)
    monkeypatch.setattr(dimensions, "_SMALL_TABLE", 0)
    raised = 0
    for _ in range(150):
        D = int(rng.integers(8, 60))
        kinds = (10 ** rng.uniform(-3, 1, D), rng.uniform(0, 3, D), np.full(D, rng.uniform(0.05, 2)))
        s = np.sort(kinds[rng.integers(3)])[::-1]
        h = np.minimum(s * rng.chisquare(4, D) / 4, 4 * s)
        h[rng.integers(1, D)] *= rng.choice([1.01, 2.0, 9.0])
        x = np.linspace(0, 1, 50)
        monkeypatch.setattr(dimensions, "_MANY_PASSES", 10**9)
        whole = optimal_dimensions(s, h, x)
        monkeypatch.setattr(dimensions, "_MANY_PASSES", -1)
        above = 1 + np.flatnonzero(h[1:] > 4 * s[1:])
        first = np.ones(len(x), dtype=np.int64)
        raised += int(np.sum(dimensions._raised(Spectra(s, h), x, above, first) > 1)) if above.size else 0
        np.testing.assert_array_equal(optimal_dimensions(s, h, x), whole)
    assert raised > 100
