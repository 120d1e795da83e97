"""General covariances: accuracy against exact values, time beside SciPy's `sqrtm`, POT and pytorch-fid."""

from __future__ import annotations

import math
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from covariance_peers import PEERS, quiet
from table import Figure, bytes_text, pair, seconds, seconds_text

from theory.bures import bures_squared, bures_squared_factors, frechet_squared_samples
from theory.bures_curve import BuresCurve, compress

# The exact distances are those of the regression tests.
sys.path.append(str(Path(__file__).resolve().parents[1] / "unit"))

from bures_cases import Case, conditioned, regular, rounded, rounding, wishart
from exact_bures import exact_bures, exact_curve, gram

TOPIC = "covariances"
SIZES = (8, 16, 32, 64)


def figures(*, quick: bool) -> Iterator[Figure]:
    """Accuracy, then time and memory."""
    sizes = SIZES[:1] if quick else SIZES
    yield from _relative(sizes)
    yield from _rounded(sizes)
    yield _factors(sizes)
    yield _identical(sizes)
    yield _slopes(8 if quick else 28)
    yield from _times(64 if quick else 1024)
    yield _thin(16 if quick else 200, 128 if quick else 4096)
    yield from _curve(*((16, 32, 8) if quick else (256, 1024, 200)))


def _error(found: float, truth: float) -> float:
    return abs(found - truth) if math.isfinite(found) else math.inf


def _text(errors: dict[str, float]) -> str:
    """`sqrtm 1.7e-08, POT fails`."""
    return ", ".join(f"{name} {'fails' if math.isinf(e) else f'{e:.1e}'}" for name, e in errors.items())


def _worst(cases: list[Case], scale: Callable[[Case, float], float]) -> tuple[float, dict[str, float]]:
    """Largest error over `scale` of ours, and of every peer."""
    ours, peers = 0.0, dict.fromkeys(PEERS, 0.0)
    for case in cases:
        truth = float(case.exact())
        unit = scale(case, truth)
        ours = max(ours, _error(bures_squared(case.first, case.second), truth) / unit)
        for name, work in PEERS.items():
            peers[name] = max(peers[name], _error(quiet(work, case.first, case.second), truth) / unit)
    return ours, peers


def _by_kind(cases: list[Case]) -> dict[str, list[Case]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.kind, []).append(case)
    return groups


def _relative(sizes: tuple[int, ...]) -> Iterator[Figure]:
    cases = [case for size in sizes for seed in range(2 if size > 32 else 4) for case in regular(size, seed)]
    for kind, group in _by_kind(cases).items():
        ours, peers = _worst(group, lambda case, truth: truth)
        note = f"error over the squared distance itself, worst of {len(group)}"
        yield Figure(TOPIC, f"{kind}: at most 1e-13", f"{ours:.1e}", _text(peers), None, ours <= 1e-13, note)


def _rounded(sizes: tuple[int, ...]) -> Iterator[Figure]:
    cases = [case for size in sizes for seed in range(1 if size > 32 else 3) for case in rounded(size, seed)]
    dense = [case for case in cases if case.kind.startswith("condition")]
    near = [case for case in cases if case.kind.startswith("nearly")]
    ours, peers = _worst(dense, lambda case, truth: truth)
    moved = max(rounding(case) / float(case.exact()) for case in dense)
    note = f"error over the squared distance, which one rounding of each entry of the input moves by up to {moved:.1e}"
    target = "condition 1e4 to 1e13, dense: at most 1e-13"
    yield Figure(TOPIC, target, f"{ours:.1e}", _text(peers), None, ours <= 1e-13, note)
    ours, peers = _worst(near, lambda case, truth: case.traces)
    least = min(bures_squared(case.first, case.second) for case in near)
    target = "nearly identical, 1e-2 to 1e-10 apart: at most 1e-13 of the traces, not negative"
    yield Figure(
        TOPIC, target, f"{ours:.1e}", _text(peers), None, ours <= 1e-13 and least >= 0, f"worst of {len(near)}"
    )
    for title, group in (("condition 1e4 to 1e13, dense", dense), ("nearly identical, 1e-2 to 1e-10 apart", near)):
        ours, peers = _worst(group, lambda case, truth: rounding(case) + 1e-15 * truth)
        target = f"{title}: within 10 roundings of each entry of the input"
        note = f"error over the move of the distance under one such rounding, worst of {len(group)}"
        yield Figure(TOPIC, target, f"{ours:.2g}", _text(peers), None, ours <= 10, note)


def _factors(sizes: tuple[int, ...]) -> Figure:
    """Covariances of condition 1e16 on random axes, given by factors."""
    ours, peers = 0.0, dict.fromkeys(PEERS, 0.0)
    for size in sizes:
        rng = np.random.default_rng([size, 9])
        pair_ = [_turned(rng, size, 8) for _ in range(2)]
        truth = float(exact_bures(*map(gram, pair_)))
        ours = max(ours, _error(bures_squared_factors(*pair_), truth) / truth)
        for name, work in PEERS.items():
            found = quiet(work, *(factor @ factor.T for factor in pair_))
            peers[name] = max(peers[name], _error(found, truth) / truth)
    target = "condition 1e16, dense, given as factors: at most 1e-13"
    note = "error over the squared distance; the peers get the product"
    return Figure(TOPIC, target, f"{ours:.1e}", _text(peers), None, ours <= 1e-13, note)


def _turned(rng: np.random.Generator, size: int, power: int) -> np.ndarray:
    """A full factor of condition `10^power` without preferred axes."""
    return conditioned(rng, size, power) @ np.linalg.qr(rng.normal(size=(size, size)))[0]


def _identical(sizes: tuple[int, ...]) -> Figure:
    ours, peers, least = 0.0, dict.fromkeys(PEERS, 0.0), 0.0
    for size in sizes:
        for case in regular(size, 0):
            trace = 2 * float(np.trace(case.first))
            found = bures_squared(case.first, case.first)
            least = min(least, found)
            # Another factor of the same covariance, so that nothing is equal bit by bit.
            turn = np.linalg.qr(np.random.default_rng(size).normal(size=(size, size)))[0]
            root = _root(case)
            turned = bures_squared_factors(root, root @ turn)
            ours = max(ours, found / trace, turned / trace)
            for name, work in PEERS.items():
                peers[name] = max(peers[name], _error(quiet(work, case.first, case.first), 0.0) / trace)
    target = "identical inputs, every kind above: 0 to 1e-14, never negative"
    note = "over the sum of the traces; also two factors of one covariance turned against each other"
    return Figure(TOPIC, target, f"{ours:.1e}", _text(peers), None, 0 <= ours <= 1e-14 and least >= 0, note)


def _root(case: Case) -> np.ndarray:
    from theory.factors import factor

    root = factor(case.first)
    return np.pad(root, ((0, 0), (0, len(root) - root.shape[1])))


def _slopes(size: int) -> Figure:
    """Against enclosures by convexity; the peer is the central difference of the usual formula."""
    ours = peer = 0.0
    rng = np.random.default_rng(size)
    variances = np.append(np.geomspace(2, 0.1, size // 2), np.zeros(size - size // 2))
    for spread in (1.0, 1e-6):
        compressed = compress(rng.normal(size=(2 * size, size)) * np.geomspace(1, spread, size))
        data = compressed.T @ compressed
        for level in (0.5, 1e-3, 1e-12, 1e-20):
            truth = float(exact_curve(variances, gram(compressed.T), level)[1])
            unit = abs(truth) + 2 * float(np.sum(np.abs(1 - variances)))
            found = BuresCurve(variances, compressed).slope(level)
            ends = [np.diag(x + (1 - x) * variances) for x in (level * (1 - 1e-5), level * (1 + 1e-5))]
            low, high = (quiet(PEERS["sqrtm"], end, data) for end in ends)
            ours = max(ours, abs(found - truth) / unit)
            peer = max(peer, _error((high - low) / (2e-5 * level), truth) / unit)
    target = "slope in x, half the estimated variances 0, x down to 1e-20: at most 1e-13"
    note = "error over the sum of the absolute terms; peer: central difference of the sqrtm formula"
    return Figure(TOPIC, target, f"{ours:.1e}", f"{peer:.1e}", None, ours <= 1e-13, note)


def _times(size: int) -> Iterator[Figure]:
    rng = np.random.default_rng(0)
    decay = (1.0 + np.arange(size)) ** -0.5
    full = wishart(rng, size, 2 * size, decay), wishart(rng, size, 2 * size, decay)
    low = wishart(rng, size, size // 4, decay), wishart(rng, size, size // 4, decay)
    near = full[0], 0.995 * full[0] + 0.005 * full[1]
    for name, work in PEERS.items():
        rounds = 5 if name == "sqrtm" else 3
        for title, matrices, needed in (("full rank", full, 2.5), ("rank D/4", low, 15.0)):
            if name != "sqrtm" and title == "rank D/4" and not math.isfinite(quiet(work, *matrices)):
                found = bures_squared(*matrices)
                target = f"D = {size}, {title}: a number where {name} has none"
                yield Figure(TOPIC, target, f"{found:.6g}", "fails", None, math.isfinite(found))
                continue
            yield _timed(f"D = {size}, {title}", matrices, name, rounds, needed)
    yield _timed(f"D = {size}, full rank, nearly identical", near, "sqrtm", 3, 2.5)


def _timed(title: str, matrices: tuple[np.ndarray, np.ndarray], name: str, rounds: int, needed: float) -> Figure:
    found = pair(lambda: bures_squared(*matrices), lambda: quiet(PEERS[name], *matrices), rounds)
    target = f"{title}: {needed:g} times faster than {name}"
    note = ""
    if "nearly" in title:
        note = "the squared distance is below 1/64 of the traces, so singular vectors are needed to keep its digits"
    return Figure(
        TOPIC, target, seconds_text(found.ours), seconds_text(found.peer), found.ratio, found.ratio >= needed, note
    )


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _thin(rows: int, size: int) -> Figure:
    """Beside forming the covariances, for which even our own distance is used: `sqrtm` takes minutes there."""
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(rows, size)), 1.5 * rng.normal(size=(rows, size)) + 0.1

    def formed() -> float:
        shift = first.mean(axis=0) - second.mean(axis=0)
        return float(shift @ shift) + bures_squared(np.cov(first.T), np.cov(second.T))

    def ours() -> float:
        return frechet_squared_samples(first, second, ddof=1)

    found = pair(ours, formed, 3)
    memory, other = _peak(ours), _peak(formed)
    square = 8 * size * size
    apart = abs(ours() / formed() - 1)
    return Figure(
        TOPIC,
        f"samples ({rows}, {size}) through their factors, no D x D",
        f"{seconds_text(found.ours)}, {bytes_text(memory)}",
        f"{seconds_text(found.peer)}, {bytes_text(other)}",
        found.ratio,
        memory < square / 2 and found.ratio > 1,
        f"peer: covariances formed, then our own distance; one D x D {bytes_text(square)}; values agree to {apart:.0e}",
    )


def _curve(d: int, size: int, stops: int) -> Iterator[Figure]:
    rng = np.random.default_rng(2)
    decay = (1.0 + np.arange(size)) ** -0.5
    estimated, data = wishart(rng, size, 2 * size, decay), wishart(rng, size, 2 * size, decay)
    levels = np.geomspace(1e-6, 0.9, stops)
    axes = np.linalg.eigh(estimated)[1][:, ::-1][:, :d]
    curve = BuresCurve.from_covariances(estimated, data, d)

    def generated(level: float) -> np.ndarray:
        whole = (axes * (level + (1 - level) * curve.variances)) @ axes.T
        return (whole + whole.T) / 2

    every = (levels[0], levels[-1])
    apart = max(abs(curve.value(x) / bures_squared(generated(x), data) - 1) for x in every)
    build = seconds(lambda: BuresCurve.from_covariances(estimated, data, d), 1)
    whole = build + seconds(lambda: curve.values(levels), 1)
    both = build + seconds(lambda: [curve.value_and_slope(float(x)) for x in levels], 1)
    again = seconds(lambda: [bures_squared(generated(x), data) for x in every], 1) / len(every) * stops
    usual = seconds(lambda: [quiet(PEERS["sqrtm"], generated(x), data) for x in every], 1) / len(every) * stops
    title = f"curve of {stops} stops, d = {d} of D = {size}"
    note = f"factorisation {seconds_text(build)} of it; peer from {len(every)} stops; values agree to {apart:.0e}"
    for name, ours, peer, needed in (
        ("one factorisation 5 times faster than our distance at every stop", whole, again, 5),
        ("one factorisation 50 times faster than sqrtm at every stop", whole, usual, 50),
        ("with slopes, 20 times faster than sqrtm values at every stop", both, usual, 20),
    ):
        ratio = peer / ours
        yield Figure(TOPIC, f"{title}: {name}", seconds_text(ours), seconds_text(peer), ratio, ratio >= needed, note)
