"""Distances, best dimensions and best noise levels for a whole spectrum at once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

import numpy as np
import spectrum_peers as peers
from numpy.typing import NDArray
from table import Figure, bytes_text, pair, seconds, seconds_text

from theory.stopping import certified_noise_levels, distance_grid, distances, optimal_dimensions

Array = NDArray[np.float64]
_X = 0.99
_TOPIC = "spectrum"
_MEMORY = """
import sys, time
import numpy as np
from theory.stopping import certified_noise_levels
def peak():  # ru_maxrss would count what the parent held before exec
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024
base = peak()
D = int(sys.argv[1])
s = np.arange(1.0, D + 1)
s **= -1.0
h = np.random.default_rng(0).chisquare(100, D)
h *= s
h /= 100
start = time.perf_counter()
levels = certified_noise_levels(s, h, 0.99)
print(time.perf_counter() - start, peak() - base)
print(levels.error.max(), levels.passes)
"""


def spectra(D: int, samples: int | None, kind: str = "power") -> tuple[Array, Array]:
    """A spectrum that decays as 1/j or falls linearly from 3, and plug-in estimates of it."""
    s = np.arange(1.0, D + 1) ** -1.0 if kind == "power" else 3 * np.linspace(1, 0, D, endpoint=False)
    rng = np.random.default_rng(2026)
    return s, s if samples is None else s * rng.chisquare(samples, D) / samples


def figures(*, quick: bool) -> Iterator[Figure]:
    """Every target of part 2."""
    yield from best_dimensions(quick)
    yield from best_levels(quick)
    yield from grids(quick)
    yield memory(quick)


def best_dimensions(quick: bool) -> Iterator[Figure]:
    """`d*(x)` for 1000 levels."""
    D, K = (4096, 100) if quick else (262_144, 1000)
    x = np.linspace(0, _X, K)
    few = x[:: max(1, K // 40)]
    for name, kind, samples in (
        ("1/j, exact score", "power", None),
        ("1/j, n = 100", "power", 100),
        ("1/j, n = 10", "power", 10),
        ("linear from 3, n = 100", "linear", 100),
        ("linear from 3, n = 10", "linear", 10),
    ):
        s, h = spectra(D, samples, kind)
        above = int(np.count_nonzero(h[1:] > 4 * s[1:]))
        times = pair(lambda s=s, h=h: optimal_dimensions(s, h, x), lambda s=s, h=h: peers.blocked_best(s, h, few), 3)
        peer, ratio = times.peer * K / len(few), times.ratio * K / len(few)
        yield Figure(
            _TOPIC, f"d*(x), {K} levels, D = {D}, {name}: at least 100 x faster than the blocked grid",
            seconds_text(times.ours), f"blocked grid and argmin {seconds_text(peer)}", ratio, ratio >= 100,
            f"ties exact; divide and conquer sums what the windows leave log2({K}) times, more where estimates exceed "
            f"4 sigma^2 ({above} here); "
            f"peer timed on {len(few)} levels and scaled",
        )  # fmt: skip


def best_levels(quick: bool) -> Iterator[Figure]:
    """`x*(d)` for all d."""
    D = 20_000 if quick else 1_000_000
    for name, kind, samples in (
        ("1/j, n = 100", "power", 100),
        ("1/j, n = 10", "power", 10),
        ("linear from 3, n = 100", "linear", 100),
    ):
        s, h = spectra(D, samples, kind)
        out = np.empty(D)
        found = certified_noise_levels(s, h, _X)
        times = pair(
            lambda s=s, h=h: certified_noise_levels(s, h, _X),
            lambda s=s, h=h, out=out: peers.one_pass(s, h, 0.3, out),
            3,
        )
        passes = 1 / times.ratio
        places = np.linspace(1, D, 8).astype(int)
        naive = median(_timed(lambda d=int(d), s=s, h=h: peers.root_of_one(s, h, d, _X)) for d in places) * D
        yield Figure(
            _TOPIC, f"all x*(d), D = {D}, {name}: within 100 passes",
            f"{seconds_text(times.ours)} = {passes:.3g} passes",
            f"one pass {seconds_text(times.peer)}; brentq for each d {naive / 3600:.2g} h", naive / times.ours,
            passes <= 100 and float(found.error.max()) <= 1e-9,
            f"certified: relative error <= {found.error.max():.2g} for every d, median {np.median(found.error):.2g}; "
            f"{found.passes:.3g} evaluations of all terms; brentq timed at 8 d and scaled",
        )  # fmt: skip


def _timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def grids(quick: bool) -> Iterator[Figure]:
    """`F` on a grid: time per point and accuracy beside the best NumPy formulation, and what Numba would add."""
    D, K = (2048, 100) if quick else (16_384, 1000)
    s, h = spectra(D, 50)
    x = np.linspace(0, _X, K)
    out, other = np.empty((D, K)), np.empty((K, D))

    def ours() -> None:
        distance_grid(s, h, x, out)

    candidates = {
        f"levels last, {rows} rows": lambda rows=rows: peers.levels_last(s, h, x, out, rows) for rows in (8, 16, 32, 64)
    } | {f"dimensions last, {m}": lambda m=m: peers.dimensions_last(s, h, x, other, m) for m in (4096, 16384)}
    name, best = min(candidates.items(), key=lambda item: seconds(item[1], 1 if quick else 3))
    times = pair(ours, best, 3 if quick else 7)
    ours()
    mine, theirs = out.copy(), peers.levels_last(s, h, x, out, 32)
    where = range(0, K, max(1, K // 20))
    error, peer_error = (
        max(float(np.abs(grid[:, k] / distances(s, h, float(x[k])) - 1).max()) for k in where)
        for grid in (mine, theirs)
    )
    points = D * K
    yield Figure(
        _TOPIC, f"F on {D} x {K}: within 2 x of the best NumPy, and more accurate",
        f"{times.ours / points * 1e9:.2g} ns a point, error {error:.1e}",
        f"{times.peer / points * 1e9:.2g} ns ({name}), error {peer_error:.1e}", times.ratio,
        times.ratio >= 0.5 and error < peer_error, "relative error against sum2 prefix sums, 20 levels",
    )  # fmt: skip
    grid = peers.compiled_grid()
    if grid is not None:
        tail = peers.dropped(s)
        start = time.perf_counter()
        grid(s[:2], h[:2], x, tail[:2], out[:2])
        compile_time = time.perf_counter() - start
        compiled = pair(ours, lambda: grid(s, h, x, tail, out), 3 if quick else 7)
        yield Figure(
            _TOPIC, "Numba on the same grid, one thread (decides about an extra)", f"{seconds_text(compiled.ours)}",
            f"{seconds_text(compiled.peer)} after {seconds_text(compile_time)} of compiling", compiled.ratio, True,
            "not taken: no target needs it, best dimensions and levels gain from the method and not from the loop",
        )  # fmt: skip


def memory(quick: bool) -> Figure:
    """All x*(d) at D = 1e7 in a fresh process."""
    D = 100_000 if quick else 10_000_000
    text = subprocess.run([sys.executable, "-c", _MEMORY, str(D)], capture_output=True, text=True, check=True).stdout
    taken, peak, error, passes = map(float, text.split())
    return Figure(
        _TOPIC, f"all x*(d) at D = {D} fits in memory", f"{bytes_text(peak)} in all, {seconds_text(taken)}",
        f"one D x K table of 100 levels: {bytes_text(800 * D)}", 800 * D / peak, peak < 40 * 8 * D or quick,
        f"spectra and results included, {peak / 8 / D:.3g} floats a dimension; "
        f"error <= {error:.2g}, {passes:.3g} evaluations of all terms",
    )  # fmt: skip
