"""Prefix sums, slopes, criterion [7], grids and certified minimisers against Arb: the worst cases found, and corners.

The truth comes from the exact rational `v - s` of each coordinate, summed in balls of 256 bits.
"""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory.evaluate.double_double import two_sum
from theory.prefix import PrefixSum, prefix_sums, two_product
from theory.stopping import (
    certified_noise_levels,
    criteria,
    distance_blocks,
    distance_grid,
    distances,
    optimal_dimensions,
    slopes,
)
from theory.stopping.terms import Spectra, gaps

DEVIATION = st.one_of(
    st.floats(-150, 150).map(lambda e: 10.0**e),
    st.floats(0.05, 3.0),
    st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0]),
)
RATIO = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 1 + 2.0**-52, 2.0, 3.0]), st.floats(0.01, 5.0))
LEVEL = st.one_of(
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    st.floats(0.0, 1.0),
    st.floats(-300, 0).map(lambda e: 10.0**e),
)


@pytest.fixture(autouse=True)
def precise():
    before, ctx.prec = ctx.prec, 256
    yield
    ctx.prec = before


@st.composite
def spectra(draw, largest=8):
    deviations = sorted(draw(st.lists(DEVIATION, min_size=1, max_size=largest)), reverse=True)
    estimated = [draw(st.one_of(st.just(s * draw(RATIO)), DEVIATION)) for s in deviations]
    return np.array(deviations) ** 2, np.minimum(np.array(estimated), 1e150) ** 2


def rational(value):
    return fmpq(*float(value).as_integer_ratio())


def truth(s, h, x):
    """F, slope and the sum of the slope's absolute terms, for all d."""
    level, kept, slope, size = rational(x), [arb(0)], [arb(0)], [arb(0)]
    for a, b in zip(map(rational, s), map(rational, h), strict=True):
        v = level + (1 - level) * b
        root, sigma = arb(v).sqrt(), arb(a).sqrt()
        kept.append(kept[-1] + ((arb(v - a) / (root + sigma)) ** 2 if v or a else 0))
        endless = arb("-inf") if v == 0 else arb(v - a) / (root * (root + sigma))
        term = arb(1 - b) * endless if a else arb(1 - b)
        slope.append(slope[-1] + term)
        size.append(size[-1] + abs(term))
    tail = [arb(0)]
    for a in s[:0:-1]:
        tail.append(tail[-1] + arb(rational(a)))
    return [k + t for k, t in zip(kept[1:], tail[::-1], strict=True)], slope[1:], size[1:]


def ulps(value, exact, unit, least=2.3e-308):
    if not exact.is_finite() or float(unit.mid()) == np.inf:
        return 0.0 if value == -np.inf or float(unit.mid()) == np.inf else np.inf
    assert np.isfinite(value)
    return float(abs(arb(rational(value)) - exact).mid()) / float(np.spacing(max(float(unit.mid()), least)))


@settings(max_examples=150, deadline=None)
@given(spectra(), LEVEL)
@example((np.array([0.5]), np.array([0.25])), 1 / 3)  # v - s vanishes but for the rounding of 1/3
@example((np.array([0.3, 0.3]), np.array([0.1, 0.3 * (1 + 2.0**-52)])), np.nextafter(0.2 / 0.9, 1))
@example((np.array([1e300, 1e-300]), np.array([1e-300, 1e300])), 1.0)
@example((np.array([1e300, 1.0, 1e-300]), np.array([1e300, 4.0, 4e-300])), 1e-300)
@example((np.array([0.0, 0.0]), np.array([0.0, 1.0])), 0.0)
def test_prefix_values_to_a_few_units_in_the_last_place(pair, x):
    s, h = pair
    distance, slope, size = truth(s, h, x)
    for d in range(len(s)):
        assert ulps(distances(s, h, x)[d], distance[d], distance[d]) <= 8
        assert ulps(slopes(s, h, x)[d], slope[d], size[d], 1e-300) <= 8
    assert np.array_equal(criteria(s, h), slopes(s, h, 0.0))


def test_many_terms_among_the_subnormal_floats():
    # 1e-305 each: rounded one by one they are off by hundreds of units together (found with 1000 of them)
    rng = np.random.default_rng(8)
    s = np.sort(10.0 ** rng.uniform(-301, -299, 600))[::-1].copy()
    h = s * (1 + 1e-5 * rng.normal(size=600))
    for x in (0.0, 1e-306):
        distance, _, _ = truth(s, h, x)
        found = distances(s, h, x)
        assert max(ulps(*pair) for pair in zip(found.tolist(), distance, distance, strict=True)) <= 4
    s, h = np.full(600, 1e-300), np.full(600, 1e-300 * (1 + 1e-6))
    distance, _, _ = truth(s, h, 0.0)
    assert ulps(distances(s, h, 0.0)[-1], distance[-1], distance[-1], 5e-324) <= 4


@settings(max_examples=100, deadline=None)
@given(spectra(), LEVEL)
@example((np.array([2e-300]), np.array([1e-300])), 1e-300)  # v - s = -x h = -1e-600
@example((np.array([0.5, 0.5]), np.array([0.0, 0.5])), 0.5)
def test_gaps_keep_their_sign_and_their_digits(pair, x):
    s, h = pair
    level = rational(x)
    for gap, a, b in zip(gaps(Spectra(s, h), x).tolist(), map(rational, s), map(rational, h), strict=True):
        exact = level + (1 - level) * b - a
        assert (gap > 0) == (exact > 0)
        assert (gap < 0) == (exact < 0)
        if abs(exact) > rational(1e-300):
            assert abs(rational(gap) - exact) <= abs(exact) * rational(2.0**-51)


@settings(max_examples=30, deadline=None)
@given(spectra(), st.lists(LEVEL, min_size=1, max_size=5))
def test_the_grid_is_accurate_up_to_cancellation(pair, levels):
    s, h = pair
    grid = distance_grid(s, h, levels)
    for k, x in enumerate(levels):
        root = np.sqrt(x + (1 - x) * h) + np.sqrt(s)
        e = np.divide(x * np.abs(1 - h) + np.abs(h - s), root, out=np.zeros(len(s)), where=root > 0)
        with np.errstate(over="ignore"):
            sums = np.cumsum(e**2).tolist()
        distance, _, _ = truth(s, h, x)
        for d, extra in enumerate(sums):
            unit = distance[d] + (arb(extra) if np.isfinite(extra) else arb("inf"))
            # below 1e-300 squares are among the subnormal floats
            assert ulps(grid[d, k], distance[d], unit, 1e-300) <= 40


def test_blocks_join_to_the_grid_and_need_not_be_kept_in_step():
    rng = np.random.default_rng(3)
    s = np.sort(rng.gamma(1, size=500))[::-1]
    h, x = s * rng.chisquare(5, 500) / 5, rng.random(70)
    grid = distance_grid(s, h, x)
    blocks = list(distance_blocks(s, h, x, 77))
    assert [first for first, _ in blocks] == list(range(1, 501, 77))
    np.testing.assert_allclose(np.concatenate([block for _, block in blocks]), grid, rtol=1e-15)
    for k in (0, 33, 69):
        np.testing.assert_allclose(grid[:, k], distances(s, h, x[k]), rtol=1e-14)
    for bad, message in (({"rows": 0}, "rows"), ({"levels": [[0.5]]}, "shape")):
        with pytest.raises(ValueError, match=message):
            distance_blocks(s, h, **({"levels": x} | bad))
    into = np.empty_like(grid)
    assert distance_grid(s, h, x, into) is into
    assert np.array_equal(into, grid)
    with pytest.raises(ValueError, match="out must be float64 of shape"):
        distance_grid(s, h, x, np.empty((2, 2)))
    assert distance_grid(s, h, []).shape == (500, 0)


def test_prefix_sums_in_twice_the_precision():
    rng = np.random.default_rng(5)
    terms = rng.normal(size=2000) * 10.0 ** rng.uniform(-20, 20, 2000)
    terms[1000:] = -terms[:1000][::-1]
    found, total = prefix_sums(terms), arb(0)
    size = 0.0
    for i, term in enumerate(terms.tolist()):
        total += arb(rational(term))
        size += abs(term)
        allowed = 2.0**-53 * abs(float(total.mid())) + 2000**2 * 2.0**-106 * size
        assert float(abs(arb(rational(found[i])) - total).mid()) <= allowed
    pieces = PrefixSum()
    joined = np.concatenate([pieces.add(part) for part in np.split(terms, [1, 7, 900])])
    np.testing.assert_allclose(joined, found, rtol=1e-15)
    assert prefix_sums(np.array([1e308, 1e308, -1e308])).tolist() == [1e308, np.inf, 1e308]


def test_error_free_steps():
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(2, 100)) * 10.0 ** rng.uniform(-100, 100, (2, 100))
    a[0], b[0] = 1.7e308, 0.75
    for step, exact in ((two_sum, lambda p, q: p + q), (two_product, lambda p, q: p * q)):
        high, low = step(a, b)
        for i in range(100):
            assert rational(high[i]) + rational(low[i]) == exact(rational(a[i]), rational(b[i]))


def slope_sign(s, h, level):
    total = arb(0)
    for a, b in zip(map(rational, s), map(rational, h), strict=True):
        v = level + (1 - level) * b
        if v != a:
            total += (1 - (arb(a) / arb(v)).sqrt()) * arb(1 - b)
    return 1 if total > 0 else -1 if total < 0 else 0


def refuted(s, h, X, dims=None):
    """Dimensions whose minimiser leaves its certificate; and how many are inside (0, X)."""
    levels = certified_noise_levels(s, h, X)
    assert levels.error.max() <= 1e-9
    inside = np.flatnonzero((levels.lower > 1e-290) & (levels.lower < X))
    wrong = []
    for i in inside if dims is None else inside[dims]:
        level, error = rational(levels.lower[i]), rational(levels.error[i])
        kept = slice(0, i + 1)
        below = slope_sign(s[kept], h[kept], level * (1 - error))
        if not below <= 0 <= slope_sign(s[kept], h[kept], min(level * (1 + error), rational(X))):
            wrong.append(int(i) + 1)
    return wrong, len(inside)


@pytest.mark.parametrize("X", [1.0, 0.99, 1e-3])
@pytest.mark.parametrize("kind", ["power", "ordinary", "wide", "tied", "shuffled"])
def test_certificates_of_the_sweep_hold(kind, X, monkeypatch):
    monkeypatch.setattr("theory.stopping.sweep.DIRECT", 4)
    monkeypatch.setattr("theory.stopping.sweep._FEW", 0)
    rng = np.random.default_rng(11)
    s = {
        "power": np.arange(1.0, 101) ** -1.5,
        "wide": 10.0 ** rng.uniform(-8, 2, 100),
        "tied": rng.choice([0.0, 0.0625, 0.25, 0.5, 1.0, 4.0], 100),
    }.get(kind, rng.gamma(1.0, size=100))
    s = np.sort(s)[::-1].copy()
    h = rng.permutation(s) if kind == "shuffled" else s * rng.chisquare(9, 100) / 9
    wrong, looked_at = refuted(s, h, X)
    assert not wrong
    assert looked_at > 3 or X == 1e-3


def test_certificates_hold_where_blocks_are_many():
    rng = np.random.default_rng(12)
    s = np.arange(1.0, 9001) ** -1.0
    h = s * rng.chisquare(50, 9000) / 50
    wrong, looked_at = refuted(s, h, 0.99, slice(None, None, 1800))
    assert not wrong
    assert looked_at > 8000


def test_large_problems_stay_within_their_budget():
    s = np.arange(1.0, 30001) ** -1.0
    h = s * np.random.default_rng(13).chisquare(50, 30000) / 50
    levels = certified_noise_levels(s, h, 0.99)
    assert levels.passes <= 60
    smallest, largest = optimal_dimensions(s, h, np.linspace(0, 0.99, 300))
    grid = distance_grid(s, h, np.linspace(0, 0.99, 300))
    assert np.array_equal(smallest[1:], 1 + grid[:, 1:].argmin(axis=0))
    assert (largest[1:] == smallest[1:]).all()


def test_a_tolerance_is_positive():
    with pytest.raises(ValueError, match="tolerance must be > 0"):
        certified_noise_levels([1.0], [1.0], 0.5, 0.0)
    with pytest.raises(ValueError, match="tolerance must be > 0"):
        certified_noise_levels([1.0], [1.0], 0.5, float("nan"))
