"""When to stop, and at which latent dimension: the theory applied to samples or to a spectrum.

Samples are split at random. One part gives the PCA autoencoder and the score; the distance is measured on the
other part with the general Frechet distance, means included, and without assuming that both share their axes.
A spectrum alone has no training set and so says only what the exact score would do (prop-1a, prop-2a).
Times are those of the Ornstein-Uhlenbeck process; the noise level `a^2` is free of the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from theory.advice_data import Advice, BestDimension, DimensionAdvice, Reading
from theory.autoencoder import STOP_TOLERANCE, DistanceToData, LinearAutoencoder
from theory.bures import FloatArray
from theory.noise import log_snr_of_noise, noise_of_time, time_of_noise
from theory.spectra import check, split
from theory.stopping import distance_blocks, optimal_dimensions, optimal_noise_levels

__all__ = ["Advice", "BestDimension", "DimensionAdvice", "Reading", "advise"]

#: relative accuracy of the stop time at which the best dimension changes, measured on data
CHANGE_TOLERANCE = 1e-3
#: distances this close, relatively, are equal: the lower dimension then counts as the best
_EQUAL = 1e-12
#: stop times closer than this are not told apart
_SHORTEST = 1e-12
_GRID_POINTS = 73
_GRID_START = 1e-5
_ALL_UP_TO = 128

Progress = Callable[[str, int, int], None]


def advise(
    data: object,
    *,
    horizon: float = 4.0,
    dimensions: Sequence[int] | None = None,
    held_out: float = 0.5,
    seed: int = 0,
    progress: Progress | None = None,
) -> Advice:
    """Return the best stop for each latent dimension and the best dimension for each stop.

    Args:
        data: samples `(n, D)` or a spectrum `(D,)` of variances in any order, on the scale on which the model
            is trained (its noise has variance 1).
        horizon: diffusion horizon `T > 0` (OU time): stops are sought in `[0, T]`.
        dimensions: latent dimensions to look at; by default all, or at most 64 of more than 128.
        held_out: fraction of the samples that the distance is measured on, in (0, 1).
        seed: seed of the split, `>= 0`.
        progress: called as `progress(stage, done, total)`.

    Raises:
        ValueError: an argument outside these ranges, or data that `theory.spectra.check` refuses.
    """
    values = check(data)
    if not 0 < horizon <= 18:
        raise ValueError(f"horizon must lie in (0, 18] (a_T^2 is 1 to the last bit beyond), got {horizon}")
    report = progress or (lambda stage, done, total: None)
    if values.ndim == 1:
        return _advise_spectrum(values, horizon, _dimensions(dimensions, len(values)))
    training, rest = split(values, held_out, seed)
    report("principal axes", 0, 1)
    autoencoder = LinearAutoencoder.fit(training)
    distance = DistanceToData(autoencoder, rest)
    report("principal axes", 1, 1)
    chosen = _dimensions(dimensions, autoencoder.largest_dimension)
    variances = autoencoder.pca.variances
    rows = []
    largest = float(noise_of_time(horizon))
    for done, d in enumerate(chosen):
        report("best stop for each dimension", done, len(chosen))
        level = distance.best_level(d, largest)
        kept = float(variances[:d].sum() / variances.sum())
        rows.append(_row(d, kept, level, distance.value(d, 0.0), distance.value(d, level)))
    report("best stop for each dimension", len(chosen), len(chosen))
    taus = _grid(horizon)
    table = np.empty((len(chosen), len(taus)))
    for i, stop in enumerate(taus):
        report("best dimension for each stop", i, len(taus))
        table[:, i] = [distance.value(d, float(noise_of_time(stop))) for d in chosen]
    steps = _measured_steps(distance, chosen, taus, table)
    report("best dimension for each stop", len(taus), len(taus))
    return Advice(
        "samples", "plug-in", values.shape[1], len(training), len(rest), seed, horizon,
        distance.mean_shift_squared, tuple(rows), steps, *_readings(rows, steps), tuple(map(float, taus)),
        {d: tuple(map(float, line)) for d, line in zip(chosen, table, strict=True)},
    )  # fmt: skip


def _dimensions(wanted: Sequence[int] | None, largest: int) -> list[int]:
    if wanted is None:
        every = range(1, largest + 1)
        spread = np.geomspace(1, largest, 64) if largest > _ALL_UP_TO else every
        return sorted({round(float(d)) for d in spread})
    chosen = sorted(set(wanted))
    if not chosen:
        raise ValueError("dimensions must name at least one latent dimension")
    outside = [d for d in chosen if not 1 <= d <= largest]
    if outside:
        raise ValueError(f"dimensions must lie in [1, {largest}] for this data, got {outside[0]}")
    return chosen


def _row(d: int, kept: float, level: float, last: float, best: float) -> DimensionAdvice:
    tau, log_snr = float(time_of_noise(level)), float(log_snr_of_noise(level))
    return DimensionAdvice(d, kept, tau, level, log_snr, last, min(last, best))


def _grid(horizon: float) -> FloatArray:
    """Stop times 0 and a geometric grid up to the horizon."""
    return np.append(0.0, np.geomspace(_GRID_START * horizon, horizon, _GRID_POINTS - 1))


def _measured_steps(
    distance: DistanceToData, chosen: list[int], taus: FloatArray, table: FloatArray
) -> tuple[BestDimension, ...]:
    """Best dimension along the stop times: every dimension at the grid points, changes refined between them.

    Between two grid points only the dimensions between their two winners compete.
    """
    winners = [_winner(chosen, column) for column in table.T]
    # Directions without training variance tie at the last step: keep what is best just before it, if tied.
    if table[chosen.index(winners[1]), 0] <= table[:, 0].min() * (1 + _EQUAL):
        winners[0] = winners[1]
    marks = [(float(taus[0]), winners[0])]
    for i in range(1, len(taus)):
        marks += _refine(distance, chosen, (float(taus[i - 1]), winners[i - 1]), (float(taus[i]), winners[i]))
    steps: list[BestDimension] = []
    start = 0.0
    for (tau, d), (later, other) in zip(marks, [*marks[1:], (float(taus[-1]), -1)], strict=True):
        if other != d:
            end = (tau + later) / 2 if other > 0 else later
            steps.append(BestDimension(start, end, d))
            start = end
    return tuple(steps)


def _winner(dimensions: Sequence[int], distances: Sequence[float]) -> int:
    """The lowest dimension whose distance equals the least one."""
    least = min(distances)
    return next(d for d, value in zip(dimensions, distances, strict=True) if value <= least * (1 + _EQUAL))


def _refine(
    distance: DistanceToData, chosen: list[int], left: tuple[float, int], right: tuple[float, int]
) -> list[tuple[float, int]]:
    """Marks `(tau, winner)` after `left` up to `right`, close enough around each change."""
    if left[1] == right[1] or right[0] - left[0] <= max(CHANGE_TOLERANCE * right[0], _SHORTEST):
        return [right]
    middle = (left[0] + right[0]) / 2
    level = float(noise_of_time(middle))
    rivals = [d for d in chosen if min(left[1], right[1]) <= d <= max(left[1], right[1])]
    winner = _winner(rivals, [distance.value(d, level) for d in rivals])
    return [
        *_refine(distance, chosen, left, (middle, winner)),
        *_refine(distance, chosen, (middle, winner), right),
    ]


def _advise_spectrum(sigma2: FloatArray, horizon: float, chosen: list[int]) -> Advice:
    largest = float(noise_of_time(horizon))
    stops = optimal_noise_levels(sigma2, sigma2, largest)[0][[d - 1 for d in chosen]]
    share = np.cumsum(sigma2) / np.sum(sigma2)
    taus = _grid(horizon)
    table = np.empty((len(chosen), 1 + len(chosen) + len(taus)))
    places = np.array(chosen)
    for first, block in distance_blocks(sigma2, sigma2, np.concatenate([[0.0], stops, noise_of_time(taus)])):
        here = (places >= first) & (places < first + len(block))
        table[here] = block[places[here] - first]
    rows = [
        _row(d, float(share[d - 1]), float(stops[i]), float(table[i, 0]), float(table[i, 1 + i]))
        for i, d in enumerate(chosen)
    ]
    curves = {d: tuple(map(float, table[i, 1 + len(chosen) :])) for i, d in enumerate(chosen)}
    steps = _exact_steps(sigma2, horizon)
    return Advice(
        "spectrum", "exact", len(sigma2), 0, 0, 0, horizon, 0.0, tuple(rows), steps, *_readings(rows, steps),
        tuple(map(float, taus)), curves,
    )  # fmt: skip


def _exact_steps(sigma2: FloatArray, horizon: float) -> tuple[BestDimension, ...]:
    """Best dimension along the stop times, exact score: changes at `3 sigma_d^2 / (1 - sigma_d^2)` only."""
    with np.errstate(divide="ignore"):
        levels = np.where(sigma2 < 1, 3 * sigma2 / np.maximum(1 - sigma2, 0.0), np.inf)
    inside = levels[(levels > 0) & (levels < float(noise_of_time(horizon)))]
    ends = [0.0, *sorted({float(tau) for tau in time_of_noise(inside)}), horizon]
    steps: list[BestDimension] = []
    middles = (np.array(ends[:-1]) + np.array(ends[1:])) / 2
    _, best = optimal_dimensions(sigma2, sigma2, noise_of_time(middles))
    for start, end, d in zip(ends[:-1], ends[1:], best.tolist(), strict=True):
        if steps and steps[-1].dimension == d:
            steps[-1] = BestDimension(steps[-1].tau_from, end, d)
        else:
            steps.append(BestDimension(start, end, d))
    return tuple(steps)


def _readings(rows: Sequence[DimensionAdvice], steps: Sequence[BestDimension]) -> tuple[Reading, Reading]:
    """Both readings of the headline, checked step by step on what was found."""
    rises = [(a, b) for a, b in pairwise(steps) if b.dimension > a.dimension]
    first_a = (
        f"stopping earlier than tau = {rises[0][0].tau_to:.4g} raises the best dimension from "
        f"{rises[0][0].dimension} to {rises[0][1].dimension}"
        if rises
        else ""
    )
    later = [(a, b) for a, b in pairwise(rows) if b.noise_level > a.noise_level * (1 + 4 * STOP_TOLERANCE)]
    first_b = (
        f"from dimension {later[0][0].dimension} to {later[0][1].dimension} the best stop moves earlier, "
        f"from tau = {later[0][0].tau:.4g} to {later[0][1].tau:.4g}"
        if later
        else ""
    )
    return (
        Reading("the best dimension never falls as the sampler runs on", not rises, len(rises), first_a),
        Reading("a higher dimension never wants an earlier stop", not later, len(later), first_b),
    )
