"""`theory.metrics`: closed forms against other formulas, Arb, Monte Carlo; sample metrics against the closed forms."""

from __future__ import annotations

import math
from fractions import Fraction as F

import numpy as np
import pytest
from scipy.integrate import quad

from theory.bures import bures_squared
from theory.metrics import (
    Frechet,
    SlicedWasserstein,
    UnbiasedMMD,
    distances,
    kl,
    latent_kl_by_dimension,
    log_mmd_by_dimension,
    median_bandwidth,
    minimising_dimensions,
    minimising_levels,
    mmd_by_dimension,
    mmd_squared,
    sliced_by_dimension,
    sliced_over_directions,
    sliced_squared,
    trace_level,
)
from theory.metrics.kl import latent_kl_slope_by_dimension
from theory.metrics.mmd import mmd_slope_by_dimension
from theory.metrics.sliced import random_directions, sliced_slope_by_dimension
from theory.metrics.sliced_arb import enclose_sliced_squared
from theory.stopping import optimal_noise_levels

SPECTRUM = 0.95 * 0.6 ** np.arange(6.0)


def circle(v, s):
    """D = 2: the mean over angles, by adaptive quadrature."""

    def gap(t):
        c, d = math.cos(t) ** 2, math.sin(t) ** 2
        return (math.sqrt(v[0] * c + v[1] * d) - math.sqrt(s[0] * c + s[1] * d)) ** 2

    return quad(gap, 0, math.pi / 2, epsabs=1e-15, epsrel=1e-13, limit=400)[0] * 2 / math.pi


@pytest.mark.parametrize(
    ("v", "s"),
    [((0.7, 0.0), (0.6, 0.3)), ((0.7, 0.4), (0.6, 0.3)), ((0.7, 1e-6), (0.6, 0.3)), ((0.7, 0.0), (0.6, 0.0)),
     ((5.0, 0.1), (0.1, 5.0)), ((0.6 + 1e-7, 0.3), (0.6, 0.3))],
)  # fmt: skip
def test_sliced_in_two_dimensions(v, s):
    """The last pair nearly agree (1.7e-15 apart): relative accuracy survives."""
    expected = circle(v, s)
    assert sliced_squared(v, s) == pytest.approx(expected, rel=2e-9, abs=0)
    assert sliced_squared(v, s, tolerance=1e-13) == pytest.approx(expected, rel=1e-10, abs=0)


def test_sliced_in_one_dimension_and_extremes():
    assert sliced_squared([0.5], [2.0]) == pytest.approx(0.5, rel=1e-9)
    assert sliced_squared([0.0, 0.0], [2.0, 1.0]) == pytest.approx(1.5, rel=1e-12)
    assert sliced_squared([0.0], [0.0]) == 0
    assert sliced_squared([1e200, 0], [4e200, 0]) == pytest.approx(0.5e200, rel=1e-9)
    assert sliced_squared([0.3, 0.2], [0.3, 0.2]) == 0


@pytest.mark.parametrize(
    ("v", "s"),
    [((F(7, 10), 0), (F(3, 5), F(3, 10))), ((F(9, 10), F(1, 2), 0), (F(4, 5), F(2, 5), F(1, 5)))],
)
def test_sliced_lies_in_its_enclosure(v, s):
    ball = enclose_sliced_squared(v, s, accuracy=1e-9)
    value = sliced_squared([float(a) for a in v], [float(b) for b in s], tolerance=1e-13)
    assert float(ball.rad()) < 1e-8
    assert ball.contains(value)


def test_enclosure_refuses():
    for v, s in (((1,), (1, 2)), ((1,), (0,)), ((-1,), (1,))):
        with pytest.raises(ValueError, match="variances"):
            enclose_sliced_squared(v, s)


def test_reading_a_fails_under_sliced_wasserstein_with_a_large_variance():
    """Exact score, D = 2: d = 1 wins at x = 7/80, d = 2 at the later noise level 1/2. Enclosed, so proved."""
    s = (F(149, 10), F(3, 250))
    gains = []
    for level in (F(7, 80), F(1, 2)):
        v = [level + (1 - level) * t for t in s]
        gains.append(enclose_sliced_squared(v, s, accuracy=1e-9) - enclose_sliced_squared((v[0], 0), s, accuracy=1e-9))
    assert gains[0] > 0
    assert gains[1] < 0


@pytest.mark.parametrize("D", [3, 40])
def test_sliced_by_dimension_against_directions(D):
    """Monte Carlo within 5 standard errors: false alarm 6e-7 each; a relative error of 2 % would show."""
    s = 1 / np.arange(1.0, D + 1)
    v = 0.1 + 0.9 * s
    table = sliced_by_dimension(v, s)
    u = random_directions(D, 40_000, seed=D)
    for d in (1, D // 2, D):
        kept = np.where(np.arange(D) < d, v, 0.0)
        assert table[d - 1] == pytest.approx(sliced_squared(kept, s), rel=1e-7)
        mean, error = sliced_over_directions(np.diag(kept), np.diag(s), u)
        assert abs(mean - table[d - 1]) < 5 * error
        assert error < 0.02 * mean


@pytest.mark.parametrize("level", [0.0, 0.2])
def test_slopes_are_derivatives(level):
    s, step = SPECTRUM, 1e-5
    v, rate = level + (1 - level) * s * 0.9, 1 - 0.9 * s
    cases = [
        (lambda w: sliced_by_dimension(w, s, tolerance=1e-13), sliced_slope_by_dimension(v, s, rate)),
        (lambda w: mmd_by_dimension(w, s, 0.7), mmd_slope_by_dimension(v, s, rate, 0.7)),
        (lambda w: latent_kl_by_dimension(w, s), latent_kl_slope_by_dimension(v, s, rate)),
        (lambda w: latent_kl_by_dimension(w, s, "data"), latent_kl_slope_by_dimension(v, s, rate, "data")),
    ]
    for value, slope in cases:
        measured = (value(v + step * rate) - value(v - step * rate)) / (2 * step)
        np.testing.assert_allclose(measured, slope, rtol=2e-5, atol=1e-7)


def test_beyond_5_signs():
    """Exact score at the last step: negative for d < D, 0 for d = D; positive where all variances exceed 1."""
    for s, sign in ((SPECTRUM, -1), (1 / SPECTRUM, 1)):
        for slope in (sliced_slope_by_dimension(s, s, 1 - s), mmd_slope_by_dimension(s, s, 1 - s, 0.7)):
            assert (sign * slope[:-1] > 0).all()
            assert slope[-1] == 0
    # beyond-5/mmd: the formula
    h, d = 0.7, 2
    alpha, far = np.prod(1 + 2 * SPECTRUM[:d] / h**2) ** -0.5, np.prod(1 + SPECTRUM[d:] / h**2) ** -0.5
    formula = -alpha * (1 - far) * np.sum((1 - SPECTRUM[:d]) / (h**2 + 2 * SPECTRUM[:d]))
    assert mmd_slope_by_dimension(SPECTRUM, SPECTRUM, 1 - SPECTRUM, h)[d - 1] == pytest.approx(formula, rel=1e-12)


def test_mmd_against_its_determinants():
    v, h = 0.3 + 0.7 * SPECTRUM, 0.8
    for d, value in enumerate(mmd_by_dimension(v, SPECTRUM, h), start=1):
        a, b = np.where(np.arange(6) < d, v, 0) / h**2, SPECTRUM / h**2
        direct = np.prod(1 + 2 * a) ** -0.5 + np.prod(1 + 2 * b) ** -0.5 - 2 * np.prod(1 + a + b) ** -0.5
        assert value == pytest.approx(direct, rel=1e-12)


def test_mmd_near_equality_and_for_many_coordinates():
    s, change = SPECTRUM, 1e-9
    small = mmd_squared(s * (1 + change), s, 1.0)
    # quadratic in the change: compare with a change large enough for no cancellation to matter
    assert small / change**2 == pytest.approx(mmd_squared(s * (1 + 1e-5), s, 1.0) / 1e-10, rel=1e-4)
    wide = np.ones(20_000)
    logs = log_mmd_by_dimension(2 * wide, wide, 0.1)
    assert np.isfinite(logs).all()
    assert logs[-1] < -1000
    assert log_mmd_by_dimension(s, s, 1.0)[-1] == -math.inf


def test_wide_kernel_limit():
    """beyond-5/mmd/wide: h^4 MMD^2 -> (tr C)^2/4 + tr C^2/2."""
    v, h = 0.3 + 0.7 * SPECTRUM, 300.0
    C = v - SPECTRUM
    assert h**4 * mmd_squared(v, SPECTRUM, h) == pytest.approx(C.sum() ** 2 / 4 + (C**2).sum() / 2, rel=1e-4)


def test_kl():
    assert kl([1.0, 0.0], [1.0, 0.5]) == math.inf
    assert kl([1.0, 0.0], [1.0, 0.5], "data") == math.inf
    assert kl([2.0, 0.0], [1.0, 0.0]) == pytest.approx((1 - math.log(2)) / 2)
    assert kl([2.0], [1.0], "data") == pytest.approx((-0.5 + math.log(2)) / 2)
    assert kl([1 + 1e-8], [1.0]) == pytest.approx(1e-16 / 4, rel=1e-6)
    for e in (0.0299, 0.0301):
        assert kl([1 + e], [1.0]) == pytest.approx((e - math.log1p(e)) / 2, rel=1e-11)


def test_minimising_levels():
    s = SPECTRUM
    hats = s * np.array([0.8, 1.2, 0.9, 0.7, 1.1, 0.9])
    lower, _ = optimal_noise_levels(s, hats, 0.9)
    np.testing.assert_allclose(minimising_levels("frechet", s, hats, 0.9), lower, atol=1e-8)
    assert (minimising_levels("frechet", s, s, 0.9) == 0).all()
    assert (minimising_levels("latent-kl", s, s, 0.9) == 0).all()
    for metric in ("sliced-wasserstein", "mmd"):
        found = minimising_levels(metric, s, s, 0.9)
        assert (found[:-1] > 0).all()
        assert found[-1] == 0
        assert (np.diff(found) <= 1e-6).all()
        fine = np.linspace(0, 0.9, 181)
        table = np.array([distances(metric, x + (1 - x) * s, s) for x in fine])
        np.testing.assert_allclose(found, fine[table.argmin(axis=0)], atol=0.006)
        best = minimising_dimensions(metric, s, s, fine[:60])
        assert best[0] == 6
        assert (np.diff(best) <= 0).all()


def test_equal_variances_have_a_closed_form():
    """beyond-5/sliced/b: v/sigma^2 = (D E|P_d u| / d)^2."""
    D, s = 12, 0.05
    found = minimising_levels("sliced-wasserstein", np.full(D, s), np.full(D, s), 1.0)
    d = np.arange(1, D + 1)
    lg = np.vectorize(math.lgamma)
    mean = np.exp(lg((d + 1) / 2) + math.lgamma(D / 2) - lg(d / 2) - math.lgamma((D + 1) / 2))
    np.testing.assert_allclose(found, np.minimum((s * (mean * D / d) ** 2 - s) / (1 - s), 1), atol=2e-6)


def test_trace_level_matches_traces_and_approaches_the_exact_stop():
    gaps = []
    for copies in (1, 8):
        s = np.repeat([0.5, 0.3, 0.1, 0.05], 4 * copies)
        d, x = 12 * copies, trace_level(s)[12 * copies - 1]
        assert (x + (1 - x) * s[:d]).sum() == pytest.approx(s.sum())
        gaps.append(abs(minimising_levels("sliced-wasserstein", s, s, 1.0, dimensions=[d])[0] - x))
    assert gaps[1] < gaps[0] / 4
    assert np.isnan(trace_level([2.0, 0.5])[0])


# --- samples -----------------------------------------------------------------------------------------------------


def draw(n, m, seed=0):
    rng = np.random.default_rng(seed)
    s = SPECTRUM
    v = np.where(np.arange(6) < 4, 0.3 + 0.7 * s, 0.0)
    return rng.normal(size=(n, 6)) * np.sqrt(v), rng.normal(size=(m, 6)) * np.sqrt(s), v, s


def test_sample_metrics_approach_the_gaussian_ones():
    """Errors of 20,000 rows are below 2 % here by more than five standard deviations."""
    x, y, v, s = draw(20_000, 20_000)
    assert Frechet()(x, y) == pytest.approx(distances("frechet", v, s)[-1], rel=0.05)
    assert SlicedWasserstein(directions=400)(x, y) == pytest.approx(sliced_squared(v, s), rel=0.15)
    x, y = x[:3000], y[:2500]
    assert UnbiasedMMD(1.0)(x, y) == pytest.approx(mmd_squared(v, s, 1.0), rel=0.5)


def test_frechet_is_the_bures_distance_of_the_moments():
    x, y, _, _ = draw(300, 200)
    x = x + 0.3
    shift = x.mean(axis=0) - y.mean(axis=0)
    expected = shift @ shift + bures_squared(np.cov(x.T, bias=True), np.cov(y.T, bias=True))
    assert Frechet()(x, y) == pytest.approx(expected, rel=1e-9)
    assert Frechet().measure(x, y).value == pytest.approx(expected, rel=1e-9)


def test_sliced_in_one_dimension_is_exact_for_unequal_sizes():
    x, y = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0], [3.0]])
    # quantiles: x = 0 on (0, 1/2), 1 on (1/2, 1); y = 0, 1, 3 on thirds
    expected = (1 / 6) * 1 + (1 / 3) * 4
    assert SlicedWasserstein()(x, y) == pytest.approx(expected)


def test_mmd_is_unbiased_and_blocked(monkeypatch):
    x, y, _, _ = draw(40, 30)
    plain = UnbiasedMMD(0.9)

    def kernel(p, q):
        return np.exp(-np.sum((p[:, None] - q) ** 2, axis=2) / (2 * 0.9**2))

    kx, ky = kernel(x, x), kernel(y, y)
    expected = (kx.sum() - 40) / (40 * 39) + (ky.sum() - 30) / (30 * 29) - 2 * kernel(x, y).mean()
    assert plain(x, y) == pytest.approx(expected, rel=1e-10)
    monkeypatch.setattr("theory.metrics.samples._BLOCK", 64)
    assert plain(x, y) == pytest.approx(expected, rel=1e-10)
    assert UnbiasedMMD()(x, y) == pytest.approx(UnbiasedMMD(median_bandwidth(y))(x, y))


@pytest.mark.parametrize("metric", [Frechet(), SlicedWasserstein(directions=16), UnbiasedMMD(1.0)])
def test_influences_are_derivatives(metric):
    """Repeating every row K times changes (almost) nothing; one more copy of a row moves the value by its influence."""
    x, y, _, _ = draw(60, 50, seed=4)
    copies = 40
    found = metric.measure(np.repeat(x, copies, axis=0), np.repeat(y, copies, axis=0))
    for which, rows, influence in ((0, x, found.influence_x), (1, y, found.influence_y)):
        i = int(np.argmax(np.abs(influence[::copies])))
        parts = [np.repeat(x, copies, axis=0), np.repeat(y, copies, axis=0)]
        parts[which] = np.vstack([parts[which], rows[i : i + 1]])
        change = (metric(*parts) - found.value) * len(parts[which])
        assert change == pytest.approx(influence[i * copies], rel=0.05)
        assert influence.mean() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("metric", [Frechet(), SlicedWasserstein(), UnbiasedMMD()])
def test_samples_are_checked(metric):
    good = np.arange(12.0).reshape(4, 3)
    for bad, message in (
        (good[:, :2], "3 columns"),
        (good[0], "shape"),
        (good[:1], "n >= 2"),
        (np.where(good == 5, np.nan, good), "finite, got nan"),
        (np.full((4, 3), "a"), "real numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            metric(good, bad)


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="one length"):
        sliced_squared([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"got -1.0 at index 1"):
        sliced_squared([1.0, -1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="tolerance"):
        sliced_squared([1.0], [2.0], tolerance=1e-20)
    with pytest.raises(ValueError, match="no finite derivative"):
        sliced_slope_by_dimension([0.0], [1.0], [1.0])
    with pytest.raises(ValueError, match="bandwidth"):
        mmd_squared([1.0], [1.0], 0.0)
    with pytest.raises(ValueError, match="direction"):
        kl([1.0], [1.0], "both")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="metric must be one of"):
        distances("cosine", [1.0], [1.0])
    with pytest.raises(ValueError, match=r"dimensions must lie in \[1, 2\]"):
        minimising_levels("mmd", [1.0, 0.5], [1.0, 0.5], 0.9, dimensions=[3])
    with pytest.raises(ValueError, match="> 0"):
        minimising_levels("mmd", [1.0, 0.5], [1.0, 0.0], 0.9)
