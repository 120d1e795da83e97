"""`F(d, x)` between dense covariances: against the distance itself, its slope, its edges and bad input."""

from __future__ import annotations

import numpy as np
import pytest

from theory.autoencoder import DistanceToData, LinearAutoencoder
from theory.bures import frechet_squared
from theory.bures_curve import BuresCurve, compress
from theory.noise import generated_variances

RNG = np.random.default_rng(20240918)
LEVELS = np.array([0.0, 1e-9, 0.02, 0.3, 0.8, 1.0])


def covariance(size, rank):
    columns = RNG.normal(size=(size, rank)) * np.geomspace(1, 0.1, rank)
    return columns @ columns.T


def generated(estimated, d, level):
    """Covariance of the decoded generator, by its definition."""
    variances, axes = np.linalg.eigh(estimated)
    kept = axes[:, ::-1][:, :d]
    whole = (kept * generated_variances(level, np.maximum(variances[::-1][:d], 0))) @ kept.T
    return (whole + whole.T) / 2


@pytest.mark.parametrize(("rank", "other", "d"), [(7, 7, 1), (7, 7, 4), (7, 7, 7), (7, 3, 5), (4, 7, 4), (4, 3, 7)])
def test_curve_is_the_distance_at_every_stop(rank, other, d):
    estimated, data = covariance(7, rank), covariance(7, other)
    means = RNG.normal(size=(2, 7))
    curve = BuresCurve.from_covariances(estimated, data, d, estimated_mean=means[0], data_mean=means[1])
    assert curve.dimension == d
    values = curve.values(LEVELS)
    for level, value in zip(LEVELS, values, strict=True):
        direct = frechet_squared(means[0], generated(estimated, d, level), means[1], data)
        assert value == pytest.approx(direct, rel=1e-6 if min(rank, other) < 7 else 1e-12)
        assert curve.value(level) == value
        assert curve.value_and_slope(level)[0] == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("d", [1, 4, 7])
def test_slope_is_the_derivative(d):
    curve = BuresCurve.from_covariances(covariance(7, 7), covariance(7, 7), d)
    levels, step = np.array([0.01, 0.3, 0.9]), 1e-6
    quotients = (curve.values(levels + step) - curve.values(levels - step)) / (2 * step)
    np.testing.assert_allclose(curve.slopes(levels), quotients, rtol=1e-6, atol=1e-7)
    assert [curve.value_and_slope(level)[1] for level in levels] == curve.slopes(levels).tolist()


def test_one_set_of_covariances_meets_itself_at_level_0():
    data = covariance(6, 6)
    curve = BuresCurve.from_covariances(data, data, 6)
    assert 0 <= curve.value(0.0) < 1e-28 * np.trace(data)
    assert abs(curve.slope(0.0)) < 1e-12
    # Below d, what is dropped is the smallest variances.
    smallest = np.linalg.eigvalsh(data)[:2].sum()
    assert BuresCurve.from_covariances(data, data, 4).value(0.0) == pytest.approx(smallest, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-150, 1e-20, 1e150, 1e300])
def test_scales(scale):
    """A level moves variances towards 1, so only level 0 scales."""
    estimated, data = np.triu(RNG.normal(size=(2, 5, 5)))
    estimated, data = estimated @ estimated.T, data @ data.T
    one = BuresCurve.from_covariances(estimated, data, 3)
    other = BuresCurve.from_covariances(estimated * scale, data * scale, 3)
    assert other.value(0.0) / scale == pytest.approx(one.value(0.0), rel=1e-13)
    for level in (1e-9, 0.5):
        value, slope = other.value_and_slope(level)
        assert value >= 0
        assert np.isfinite(slope)
    if scale == 1e300:
        with pytest.raises(ValueError, match=r"slope at level .* exceeds"):
            other.slope(1.0)


def test_data_without_variance_on_the_axes():
    curve = BuresCurve(np.array([1.0, 0.5, 0.0]), np.zeros((0, 3)), 2.0)
    assert curve.value(0.1) == pytest.approx(2 + 1 + 0.55 + 0.1)
    assert curve.slope(0.1) == pytest.approx(1.5)
    assert curve.values([]).shape == (0,)


def test_many_stops_are_done_in_blocks(monkeypatch):
    curve = BuresCurve.from_covariances(covariance(5, 5), covariance(5, 5), 4)
    levels = np.linspace(0, 1, 23)
    whole = curve.values(levels)
    monkeypatch.setattr("theory.bures_curve._BLOCK", 100)
    assert curve.values(levels).tolist() == whole.tolist()


def test_compress_keeps_the_covariance():
    tall, wide = RNG.normal(size=(9, 4)), RNG.normal(size=(2, 4))
    np.testing.assert_allclose(compress(tall).T @ compress(tall), tall.T @ tall, rtol=1e-12, atol=1e-13)
    assert compress(tall).shape == (4, 4)
    assert compress(wide) is wide


def test_bad_input():
    full, thin = covariance(4, 4), covariance(4, 2)
    for d in (0, 5):
        with pytest.raises(ValueError, match=r"d must lie in \[1, 4\]"):
            BuresCurve.from_covariances(full, full, d)
    with pytest.raises(ValueError, match=r"\[1, 2\], the rank"):
        BuresCurve.from_covariances(thin, full, 3)
    with pytest.raises(ValueError, match="same shape"):
        BuresCurve.from_covariances(full, np.eye(3), 2)
    with pytest.raises(ValueError, match="data covariance must be symmetric"):
        BuresCurve.from_covariances(full, np.triu(np.ones((4, 4))), 2)
    with pytest.raises(ValueError, match="means need 4 entries"):
        BuresCurve.from_covariances(full, full, 2, data_mean=np.zeros(3))
    with pytest.raises(ValueError, match="largest float"):
        BuresCurve.from_covariances(full, full, 2, data_mean=np.full(4, 1e200))
    curve = BuresCurve.from_covariances(thin, full, 4)
    with pytest.raises(ValueError, match="level > 0"):
        curve.slope(0.0)
    assert np.isnan(curve.value_and_slope(0.0)[1])
    for level in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            curve.value(level)
    with pytest.raises(ValueError, match="list"):
        curve.values([[0.1]])


def test_curve_of_samples():
    encoder = LinearAutoencoder.fit(RNG.normal(size=(12, 6)))
    distance = DistanceToData(encoder, RNG.normal(size=(9, 6)))
    curve = distance.curve(4)
    assert curve.values([0.1, 0.4]).tolist() == [distance.value(4, 0.1), distance.value(4, 0.4)]
    assert curve.slope(0.1) == distance.slope(4, 0.1)
    for d in (0, 7):
        with pytest.raises(ValueError, match=r"d must lie in \[1, 6\]"):
            distance.curve(d)
