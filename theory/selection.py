"""Choose a latent dimension and a stop time for any autoencoder, without training a diffusion model.

The noisy autoencoder (claim `noisy-autoencoder`) encodes training data, adds the noise of the stop time, and decodes:
its distance to held-out data stands in for that of the latent diffusion model stopped there. Any pair of callables
will do for `encode` and `decode`. All stops of a dimension share their noise, all dimensions their rows, so that
differences between cells are paired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.metrics.samples import (
    Frechet,
    SampleMetric,
    SlicedWasserstein,
    UnbiasedMMD,
    check_samples,
    median_bandwidth,
)
from theory.selection_data import Curve, Selection

__all__ = ["METRICS", "SCHEDULES", "Curve", "Selection", "default_times", "select"]

Batch = Callable[[Any], Any]
Autoencoder = tuple[Batch, Batch]
Schedule = Callable[[float], tuple[float, float]]
Progress = Callable[[str, int, int], None]

#: named schedules, `time -> (b, a)` in `b z + a eps`; the clock of "vp" is the noise level `a^2` itself
SCHEDULES: dict[str, Schedule] = {
    "ou": lambda tau: (math.exp(-tau), math.sqrt(-math.expm1(-2 * tau))),
    "vp": lambda level: (math.sqrt(1 - level), math.sqrt(level)),
    "rectified-flow": lambda tau: (1 - tau, tau),
}
_LAST_TIME = {"ou": 4.0, "vp": 0.999, "rectified-flow": 0.98}
METRICS = ("frechet", "sliced-wasserstein", "mmd")
#: weights of a bootstrap replicate are drawn for this many replicates at a time
_CHUNK = 64


def default_times(schedule: str, last: float | None = None, count: int = 25) -> tuple[float, ...]:
    """Stop time 0 and a geometric grid of `count - 1` times up to `last`, from `last / 1000` on.

    Raises:
        ValueError: an unknown schedule, `count < 2`, or `last` outside the schedule's clock.
    """
    if schedule not in SCHEDULES:
        raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)} or a callable, got {schedule!r}")
    end = _LAST_TIME[schedule] if last is None else last
    if count < 2 or not 0 < end <= (18 if schedule == "ou" else 1):
        raise ValueError(f"need count >= 2 and a last time within the clock of {schedule!r}, got {count}, {end}")
    return (0.0, *map(float, np.geomspace(end / 1000, end, count - 1)))


def select(
    train: ArrayLike,
    held_out: ArrayLike,
    autoencoders: Mapping[int, Autoencoder] | Callable[[int], Autoencoder],
    *,
    dimensions: Sequence[int] | None = None,
    schedule: str | Schedule = "ou",
    times: Sequence[float] | None = None,
    metric: str | SampleMetric | Callable[[FloatArray, FloatArray], float] = "frechet",
    features: Batch | None = None,
    bootstrap: int = 200,
    confidence: float = 0.95,
    batch: int = 4096,
    seed: int = 0,
    progress: Progress | None = None,
) -> Selection:
    """Measure the noisy autoencoder at every (dimension, stop) and recommend one, with bootstrap uncertainty.

    Intervals and shares are conditional on the given autoencoders, the noise drawn and (sliced Wasserstein) the
    directions: rows of the proxy and of `held_out` are resampled, with the same weights for all cells. For the
    metrics of `theory.metrics.samples` the replicates are first-order (influence functions), so that they carry the
    metric's sampling variance but not its bias twice; any other callable is evaluated anew on resampled rows,
    `bootstrap` times per cell. The recommended cell is the best of many measured on the same rows: its value is
    slightly optimistic.

    Args:
        train: rows `(n, D)` that are encoded.
        held_out: rows `(m, D)` that the decoded ones are compared with.
        autoencoders: `{d: (encode, decode)}`, or `d -> (encode, decode)` with `dimensions`. `encode` takes `(k, D)` and
            returns `(k, d')`, `decode` takes `(k, d')` and returns `(k, D)`; `d` is a label, `d'` may differ.
        dimensions: which of them to look at.
        schedule: "ou", "vp" (times are noise levels), "rectified-flow", or `time -> (b, a)` for `b z + a eps`.
        times: stop times `>= 0`, ascending (0 = the last step); default: `default_times(schedule)`.
        metric: "frechet", "sliced-wasserstein", "mmd" (bandwidth: median heuristic on the held-out rows), an object
            with `measure`, or `metric(x, y) -> float`.
        features: applied to decoded and held-out rows before the metric, `(k, D) -> (k, f)`.
        bootstrap: number of replicates, `>= 20`.
        confidence: level of the percentile intervals, in (0, 1).
        batch: rows given to a callable at once.
        seed: of noise, resampling and directions, `>= 0`.
        progress: called as `progress(stage, done, total)`.

    Raises:
        ValueError: arguments out of range, or a callable whose result has a wrong shape or is not finite.
    """
    rows = check_samples(train, "train")
    target = check_samples(held_out, "held_out", rows.shape[1])
    if bootstrap < 20 or not 0 < confidence < 1 or batch < 1 or seed < 0:
        raise ValueError(
            "need bootstrap >= 20, confidence in (0, 1), batch >= 1 and seed >= 0, "
            f"got {bootstrap}, {confidence}, {batch}, {seed}"
        )
    chosen, pairs = _autoencoders(autoencoders, dimensions)
    coefficients, stops, clock = _stops(schedule, times)
    if features is not None:
        target = _apply(features, target, batch, "features(held_out)")
    measure, name = _metric(metric, target, seed)
    report = progress or (lambda stage, done, total: None)
    noise_seed, draw_seed = np.random.SeedSequence(seed).spawn(2)
    noises = noise_seed.spawn(len(chosen))
    replicates = _Replicates(len(rows), len(target), bootstrap, draw_seed)
    values = np.empty((len(chosen), len(stops)))
    drawn = np.empty((bootstrap, *values.shape))
    for i, (d, (encode, decode)) in enumerate(zip(chosen, pairs, strict=True)):
        latent = _apply(encode, rows, batch, f"encode at dimension {d}")
        eps = np.random.default_rng(noises[i]).standard_normal(latent.shape)
        for k, (b, a) in enumerate(coefficients):
            report("noisy autoencoder", i * len(stops) + k, values.size)
            decoded = _apply(decode, b * latent + a * eps, batch, f"decode at dimension {d}", rows.shape[1])
            if features is not None:
                decoded = _apply(features, decoded, batch, "features(decoded)", target.shape[1])
            values[i, k], drawn[:, i, k] = replicates.of(measure, decoded, target)
    report("noisy autoencoder", values.size, values.size)
    return _summary(name, clock, chosen, stops, values, drawn, confidence, len(rows), len(target), seed)


def _autoencoders(
    given: Mapping[int, Autoencoder] | Callable[[int], Autoencoder], dimensions: Sequence[int] | None
) -> tuple[list[int], list[Autoencoder]]:
    if not isinstance(given, Mapping) and dimensions is None:
        raise ValueError("autoencoders given as a callable need dimensions")
    chosen = sorted(set(given if dimensions is None else dimensions))  # type: ignore[arg-type]
    if not chosen or chosen[0] < 1:
        raise ValueError(f"dimensions must name at least one latent dimension >= 1, got {chosen}")
    if isinstance(given, Mapping):
        missing = [d for d in chosen if d not in given]
        if missing:
            raise ValueError(f"no autoencoder is given for dimension {missing[0]}")
    pairs = [given[d] if isinstance(given, Mapping) else given(d) for d in chosen]
    for d, pair in zip(chosen, pairs, strict=True):
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(map(callable, pair))):
            raise ValueError(f"the autoencoder of dimension {d} must be a pair (encode, decode) of callables")
    return chosen, pairs


def _stops(
    schedule: str | Schedule, times: Sequence[float] | None
) -> tuple[list[tuple[float, float]], tuple[float, ...], str]:
    if isinstance(schedule, str):
        grid = default_times(schedule)
        clock, function = schedule, SCHEDULES[schedule]
    else:
        if times is None:
            raise ValueError("a schedule given as a callable needs times")
        grid, clock, function = (), getattr(schedule, "__name__", "custom"), schedule
    stops = tuple(float(t) for t in times) if times is not None else grid
    if not stops or stops[0] < 0 or not all(map(math.isfinite, stops)) or list(stops) != sorted(set(stops)):
        raise ValueError("times must be finite, >= 0 and ascending, at least one")
    if clock in ("vp", "rectified-flow") and stops[-1] > 1:
        raise ValueError(f"times of {clock!r} must lie in [0, 1], got {stops[-1]}")
    coefficients = []
    for stop in stops:
        try:
            b, a = (float(c) for c in function(stop))
        except (TypeError, ValueError) as problem:
            raise ValueError(f"schedule({stop}) must return two numbers (b, a): {problem}") from None
        if not (math.isfinite(b) and math.isfinite(a)) or a < 0:
            raise ValueError(f"schedule({stop}) must return finite (b, a) with a >= 0, got ({b}, {a})")
        coefficients.append((b, a))
    return coefficients, stops, clock


def _metric(metric: Any, target: FloatArray, seed: int) -> tuple[Any, str]:
    if metric == "frechet":
        return Frechet(), "frechet"
    if metric == "sliced-wasserstein":
        return SlicedWasserstein(seed=seed), "sliced-wasserstein"
    if metric == "mmd":
        return UnbiasedMMD(median_bandwidth(target, seed)), "mmd"
    if isinstance(metric, str) or not callable(metric):
        raise ValueError(f"metric must be one of {', '.join(METRICS)} or a callable, got {metric!r}")
    return metric, str(getattr(metric, "name", getattr(metric, "__name__", type(metric).__name__)))


def _apply(function: Batch, rows: FloatArray, batch: int, what: str, columns: int | None = None) -> FloatArray:
    """`function` on batches of rows, checked: one finite row out for each row in."""
    parts: list[FloatArray] = []
    for first in range(0, len(rows), batch):
        part = rows[first : first + batch]
        result = np.asarray(function(part))
        if result.dtype.kind not in "biuf":
            raise ValueError(f"{what} must return real numbers, got entries of type {result.dtype}")
        if result.ndim != 2 or len(result) != len(part) or result.shape[1] == 0:
            raise ValueError(f"{what} must return shape ({len(part)}, k) for {len(part)} rows, got {result.shape}")
        columns = result.shape[1] if columns is None else columns
        if result.shape[1] != columns:
            raise ValueError(f"{what} must return {columns} columns, got {result.shape[1]}")
        if not np.isfinite(result).all():
            raise ValueError(f"{what} returned values that are not finite")
        parts.append(result.astype(np.float64))
    return np.concatenate(parts)


class _Replicates:
    """The resampling weights, drawn once and used for every cell."""

    def __init__(self, n: int, m: int, count: int, seed: np.random.SeedSequence) -> None:
        rng = np.random.default_rng(seed)
        self.count, sizes = count, (n, m)
        # a row is drawn Poisson(1) times: 256 times has probability below 1e-500
        self.weights = [
            np.concatenate(
                [
                    rng.multinomial(k, np.full(k, 1 / k), size=min(_CHUNK, count - c)).astype(np.uint8)
                    for c in range(0, count, _CHUNK)
                ]
            )
            for k in sizes
        ]

    def of(self, measure: Any, x: FloatArray, y: FloatArray) -> tuple[float, FloatArray]:
        """The value for `x`, `y`, and that of every replicate, shape `(count,)`."""
        if hasattr(measure, "measure"):
            found = measure.measure(x, y)
            # influences have mean 0, so weights need no centring
            moves = [
                np.concatenate([w[c : c + _CHUNK] @ influence for c in range(0, self.count, _CHUNK)]) / len(influence)
                for w, influence in zip(self.weights, (found.influence_x, found.influence_y), strict=True)
            ]
            return _number(found.value), found.value + moves[0] + moves[1]
        value = _number(measure(x, y))
        again = [
            _number(measure(np.repeat(x, first, axis=0), np.repeat(y, second, axis=0)))
            for first, second in zip(*self.weights, strict=True)
        ]
        return value, np.array(again)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"metric must return one number, got {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"metric must return a finite number, got {number}")
    return number


def _summary(
    metric: str, clock: str, chosen: list[int], stops: tuple[float, ...], values: FloatArray, drawn: FloatArray,
    confidence: float, n: int, m: int, seed: int,
) -> Selection:  # fmt: skip
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(drawn, tails, axis=0)
    # Ties (tau = 0 and equal laws) go to the lowest dimension and the latest stop: argmin takes the first.
    flat = drawn.reshape(len(drawn), -1)
    shares = np.bincount(flat.argmin(axis=1), minlength=values.size).reshape(values.shape) / len(drawn)
    grid = np.array(stops)
    curves = []
    for i, d in enumerate(chosen):
        best = int(values[i].argmin())
        ends = np.quantile(grid[drawn[:, i].argmin(axis=1)], tails, method="nearest")
        gain_low, gain_high = np.quantile(drawn[:, i, 0] - drawn[:, i, best], tails)
        curves.append(
            Curve(
                d, tuple(values[i].tolist()), tuple(low[i].tolist()), tuple(high[i].tolist()), stops[best],
                (float(ends[0]), float(ends[1])), (float(gain_low), float(gain_high)), float(shares[i].sum()),
            )
        )  # fmt: skip
    row, column = divmod(int(values.argmin()), len(stops))
    return Selection(
        metric, clock, stops, tuple(curves), chosen[row], stops[column],
        tuple(tuple(line) for line in shares.tolist()), confidence, len(drawn), n, m, seed,
    )  # fmt: skip
