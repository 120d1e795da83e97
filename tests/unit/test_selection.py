"""`theory.selection`: against the exact Gaussian theory, its bootstrap's coverage, and its checks."""

from __future__ import annotations

import json

import numpy as np
import pytest

from theory.autoencoder import DistanceToData, LinearAutoencoder
from theory.metrics import Frechet, distances, minimising_levels, mmd_squared
from theory.metrics.samples import UnbiasedMMD
from theory.selection import METRICS, SCHEDULES, default_times, select

D = 5
SPECTRUM = np.array([0.9, 0.5, 0.3, 0.15, 0.08])
LEVELS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7)


def rows(n, seed):
    return np.random.default_rng(seed).normal(size=(n, D)) * np.sqrt(SPECTRUM)


def truncate(d):
    return (lambda z: z[:, :d]), (lambda z: np.pad(z, ((0, 0), (0, D - d))))


@pytest.fixture(scope="module")
def data():
    return rows(6000, 1), rows(6000, 2)


@pytest.mark.parametrize("metric", METRICS)
def test_curves_follow_the_gaussian_theory(data, metric):
    """Exact-score curves of a coordinate projection; 4 half-widths of the 95 % interval, plus the order of the bias."""
    count = {"frechet": 6000, "sliced-wasserstein": 2000, "mmd": 800}[metric]
    train, held = (part[:count] for part in data)
    h = 1.0
    found = select(
        train, held, truncate, dimensions=range(1, D + 1), schedule="vp", times=LEVELS,
        metric=UnbiasedMMD(h) if metric == "mmd" else metric, bootstrap=100,
    )  # fmt: skip
    for k, level in enumerate(LEVELS):
        v = level + (1 - level) * SPECTRUM
        exact = distances(metric, v, SPECTRUM, bandwidth=h)
        for curve, truth in zip(found.curves, exact, strict=True):
            allowed = 2 * (curve.high[k] - curve.low[k]) + 30 / len(train) * SPECTRUM.mean()
            assert abs(curve.values[k] - truth) < allowed, (curve.dimension, level)
    if metric == "sliced-wasserstein":
        best = minimising_levels(metric, SPECTRUM, SPECTRUM, 0.7)
        for curve, level in zip(found.curves, best, strict=True):
            low, high = curve.best_time_interval
            near = [LEVELS[max(np.searchsorted(LEVELS, level) - 1, 0)], LEVELS[min(np.searchsorted(LEVELS, level), 6)]]
            assert low <= near[1]
            assert high >= near[0]


def test_plug_in_pca_agrees_with_the_factorised_distance(data):
    """tau = 0: the proxy decodes the projected training rows, whose moments are the plug-in sampler's own."""
    train, held = (part[:400] for part in data)
    autoencoder = LinearAutoencoder.fit(train)
    reference = DistanceToData(autoencoder, held)
    found = select(
        train, held, lambda d: (lambda z: autoencoder.encode(z, d), autoencoder.decode), dimensions=[1, 3, 5],
        times=[0.0, 0.05], bootstrap=20,
    )  # fmt: skip
    for curve in found.curves:
        assert curve.values[0] == pytest.approx(reference.value(curve.dimension, 0.0), rel=1e-8)
        level = -np.expm1(-0.1)
        assert curve.values[1] == pytest.approx(reference.value(curve.dimension, level), rel=0.1)


@pytest.mark.parametrize("metric", ["frechet", "mmd"])
def test_intervals_cover_the_truth(metric):
    """80 data sets: at least 68 cover. A coverage of 95 % fails with probability 2e-4, one of 70 % passes with 2e-3."""
    v, level, d = 0.2 + 0.8 * SPECTRUM, 0.2, 2
    truth = (
        mmd_squared(np.where(np.arange(D) < d, v, 0), SPECTRUM, 1.0)
        if metric == "mmd"
        else distances("frechet", v, SPECTRUM)[d - 1]
    )
    inside = 0
    for seed in range(80):
        found = select(
            rows(200, [seed, 1]), rows(200, [seed, 2]), {d: truncate(d)}, schedule="vp", times=[level],
            metric=UnbiasedMMD(1.0) if metric == "mmd" else metric, bootstrap=200, seed=seed,
        )  # fmt: skip
        inside += found.curves[0].low[0] <= truth <= found.curves[0].high[0]
    assert inside >= 68


def test_any_callable_is_resampled(data):
    """A plain callable and the influence route agree on value and, roughly, on the interval."""
    train, held = (part[:300] for part in data)
    common = {"schedule": "vp", "times": [0.0, 0.2], "bootstrap": 60, "seed": 3}
    frechet = Frechet()
    fast = select(train, held, {2: truncate(2)}, metric="frechet", **common)
    slow = select(train, held, {2: truncate(2)}, metric=lambda x, y: frechet(x, y), **common)
    assert slow.metric == "<lambda>"
    for a, b in zip(fast.curves, slow.curves, strict=True):
        assert a.values == pytest.approx(b.values)
        widths = np.subtract(a.high, a.low), np.subtract(b.high, b.low)
        np.testing.assert_allclose(*widths, rtol=0.25)
        # the same weights: the replicates differ by second-order terms only
        assert abs(a.low[1] - b.low[1]) < 0.3 * widths[0][1]


def test_any_autoencoder_features_and_batches(data):
    train, held = (part[:90] for part in data)
    seen = []

    def encode(z):
        seen.append(len(z))
        return np.tanh(z[:, :2])

    def decode(z):
        return np.column_stack([z, z, z[:, :1]])

    whole, parts = (
        select(
            train, held, {7: (encode, decode)}, schedule="rectified-flow", times=[0.0, 0.5], batch=batch,
            features=lambda z: z[:, :3] ** 2, bootstrap=20,
        )
        for batch in (1000, 40)
    )  # fmt: skip
    assert seen == [90, 40, 40, 10]
    assert whole.curves[0].values == pytest.approx(parts.curves[0].values)
    assert whole.dimension == 7


def test_schedules_and_times():
    for name in SCHEDULES:
        times = default_times(name)
        assert times[0] == 0
        assert len(times) == 25
        assert SCHEDULES[name](0.0) == (1.0, 0.0)
    for name in ("ou", "vp"):
        b, a = SCHEDULES[name](0.3)
        assert b * b + a * a == pytest.approx(1)
    for bad in (("ou", 0.0), ("vp", 1.5), ("other", None)):
        with pytest.raises(ValueError, match=r"clock|schedule"):
            default_times(*bad)


def test_result_is_reproducible_and_serialises(data, tmp_path):
    train, held = (part[:120] for part in data)
    first, second = (
        select(train, held, truncate, dimensions=[1, 4], schedule="vp", times=LEVELS, metric="mmd", bootstrap=30)
        for _ in range(2)
    )
    assert first == second
    report = json.loads(json.dumps(first.to_json()))
    assert report["recommended"] == {"dimension": first.dimension, "time": first.time}
    assert np.sum(first.shares) == pytest.approx(1)
    assert sum(curve.share for curve in first.curves) == pytest.approx(1)
    assert sum(share for _, _, share in first.likely(1.0)) == pytest.approx(1)
    assert len(first.likely(0.3)) <= len(first.likely(0.95))
    assert first.best.best_value == min(min(c.values) for c in first.curves)
    for name in ("a.svg", "b.svg"):
        first.plot(tmp_path / name, "title")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    with pytest.raises(ValueError, match="must end in"):
        first.plot(tmp_path / "a.gif")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train": np.full((9, D), np.inf)}, "train must be finite"),
        ({"held_out": np.zeros((9, 2))}, "held_out must have 5 columns"),
        ({"autoencoders": {0: truncate(1)}}, "latent dimension >= 1"),
        ({"autoencoders": {1: "no"}}, "pair"),
        ({"autoencoders": truncate}, "need dimensions"),
        ({"dimensions": [3]}, "no autoencoder is given for dimension 3"),
        ({"schedule": "cosine"}, "schedule must be one of"),
        ({"schedule": lambda t: (1, 0), "times": None}, "needs times"),
        ({"schedule": lambda t: 1.0}, "two numbers"),
        ({"schedule": lambda t: (1.0, -1.0)}, "a >= 0"),
        ({"times": [0.2, 0.1]}, "ascending"),
        ({"times": [0.2, 1.1]}, r"lie in \[0, 1\]"),
        ({"metric": "cosine"}, "metric must be one of"),
        ({"metric": lambda x, y: float("nan")}, "finite number"),
        ({"metric": lambda x, y: "far"}, "one number"),
        ({"bootstrap": 2}, "bootstrap >= 20"),
        ({"seed": -1}, "seed >= 0"),
        ({"autoencoders": {1: (lambda z: z[:1], lambda z: z)}}, r"encode at dimension 1 must return shape \(30, k\)"),
        ({"autoencoders": {1: (lambda z: z[:, :1], lambda z: z)}}, "decode at dimension 1 must return 5 columns"),
        ({"autoencoders": {1: (lambda z: z[:, :1] / 0, lambda z: z)}}, "not finite"),
        ({"autoencoders": {1: (lambda z: z.astype(str), lambda z: z)}}, "real numbers"),
        ({"features": lambda z: z[:5]}, r"features\(held_out\)"),
    ],
)
def test_bad_arguments_are_named(data, change, message):
    arguments = {
        "train": data[0][:30], "held_out": data[1][:30], "autoencoders": {1: truncate(1)}, "schedule": "vp",
        "times": [0.0, 0.1], "bootstrap": 20, **change,
    }  # fmt: skip
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=message):
        select(**arguments)
