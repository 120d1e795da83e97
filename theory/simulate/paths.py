"""Paths of a chain: whole, in blocks, or only their second moments.

One loop serves all: a block of paths of one coordinate is stepped in place, at close to the speed of the normal
generator itself. Blocks have a fixed size and their own generators, so nothing here depends on the memory limit or on
the number of threads. (NumPy lets go of the interpreter while it draws and adds, so threads do run at the same time.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.simulate.chain import GaussianChain
from theory.simulate.streams import BLOCK, checked_count, checked_seed, generator
from theory.simulate.threads import in_order

__all__ = [
    "MEMORY",
    "Moments",
    "Progress",
    "decode",
    "recorded_times",
    "second_moments",
    "simulate_blocks",
    "simulate_paths",
]

#: default limit on the memory that paths may take, 256 MiB
MEMORY = 1 << 28
#: `progress(label, done, total)`
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Moments:
    """Second moments of independent paths at the recorded times: `paths S / V` is chi-square with `paths` degrees."""

    #: forward times, `(R,)`
    taus: FloatArray
    #: `S = (1/paths) sum x^2`, `(R, D)`
    second: FloatArray
    paths: int


def recorded_times(chain: GaussianChain, record: Sequence[int] | None) -> tuple[int, ...]:
    """`record` as rising grid indices, all of them for None; ValueError for anything else."""
    if record is None:
        return tuple(range(chain.steps + 1))
    wanted = tuple(checked_count(k, "record", 0) for k in record)
    if not wanted or max(wanted) > chain.steps or any(a >= b for a, b in pairwise(wanted)):
        raise ValueError(f"record must be rising indices of grid times, 0 to {chain.steps}, got {record!r}")
    return wanted


def _walk(
    chain: GaussianChain,
    j: int,
    recorded: tuple[int, ...],
    rng: np.random.Generator,
    state: FloatArray,
    normals: FloatArray,
    visit: Callable[[int, FloatArray], None],
) -> None:
    """Step the paths in `state` through the chain; `visit(r, state)` at the r-th recorded time."""
    factors, noises = chain.factors[:, j].tolist(), np.sqrt(chain.noises[:, j]).tolist()
    due, r = recorded[0], 0
    rng.standard_normal(out=state)
    state *= float(np.sqrt(chain.start[j]))
    for k in range(recorded[-1] + 1):
        if k == due:
            visit(r, state)
            r += 1
            due = recorded[r] if r < len(recorded) else -1
        if k < recorded[-1]:
            rng.standard_normal(out=normals)
            np.multiply(normals, noises[k], out=normals)
            np.multiply(state, factors[k], out=state)
            np.add(state, normals, out=state)


def second_moments(
    chain: GaussianChain,
    paths: int,
    seed: int,
    *,
    stream: str = "paths",
    record: Sequence[int] | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Moments:
    """Second moments of `paths` simulated paths at the grid indices `record` (all of them by default).

    No path is kept: memory is that of one block a thread. Two runs with one seed, stream and number of paths share
    their normals, whatever the stop, the schedule, the number of coordinates or of threads; the latter changes no bit.
    Where the chain itself is not what is studied, `theory.simulate.sample_moments` draws the same law without a path.

    Raises:
        ValueError: `paths < 1`, `threads < 1`, a negative seed, or indices that are not rising or out of range.
    """
    total, recorded = checked_count(paths, "paths"), recorded_times(chain, record)
    checked_seed(seed), checked_count(threads, "threads")
    chain.variances()  # refuses a chain that overflows
    sums = np.zeros((len(recorded), chain.dimension))
    blocks = -(-total // BLOCK)

    def moments(place: tuple[int, int]) -> FloatArray:
        j, b = place
        state, normals = np.empty((2, min(BLOCK, total - b * BLOCK)))
        part = np.empty(len(recorded))

        def keep(r: int, x: FloatArray) -> None:
            part[r] = x.dot(x)

        _walk(chain, j, recorded, generator(seed, stream, j, b), state, normals, keep)
        return part

    places = [(j, b) for j in range(chain.dimension) for b in range(blocks)]
    for done, ((j, _), part) in enumerate(zip(places, in_order(moments, places, threads), strict=True), 1):
        sums[:, j] += part
        if progress is not None:
            progress(stream, done, len(places))
    return Moments(chain.taus[list(recorded)], sums / total, total)


def simulate_blocks(
    chain: GaussianChain,
    paths: int,
    seed: int,
    *,
    stream: str = "paths",
    record: Sequence[int] | None = None,
    memory: int = MEMORY,
    threads: int = 1,
    progress: Progress | None = None,
) -> Iterator[FloatArray]:
    """Yield the paths at the recorded times as arrays `(R, m, D)` of at most `memory` bytes; the `m` add up to `paths`.

    Joined along their second axis they are the same whatever `memory` and `threads` are.

    Raises:
        ValueError: as `second_moments`, or `memory` does not hold one block of paths.
    """
    total, recorded = checked_count(paths, "paths"), recorded_times(chain, record)
    checked_seed(seed), checked_count(threads, "threads")
    chain.variances()
    size = min(BLOCK, total)
    least = 8 * len(recorded) * chain.dimension * size
    if memory < least:
        raise ValueError(f"memory must be at least {least} bytes for {len(recorded)} stops, got {memory}")
    return _blocks(chain, total, seed, stream, recorded, memory // least, threads, progress)


def _blocks(
    chain: GaussianChain,
    total: int,
    seed: int,
    stream: str,
    recorded: tuple[int, ...],
    together: int,
    threads: int,
    progress: Progress | None,
) -> Iterator[FloatArray]:
    blocks = -(-total // BLOCK)
    for first in range(0, blocks, together):
        last = min(first + together, blocks)
        rows = min(total, last * BLOCK) - first * BLOCK
        # Coordinates before paths: then every record is one contiguous copy.
        result = np.empty((len(recorded), chain.dimension, rows))

        def fill(place: tuple[int, int], result: FloatArray = result, first: int = first) -> None:
            j, b = place
            state, normals = np.empty((2, min(BLOCK, total - b * BLOCK)))
            part = result[:, j, (b - first) * BLOCK : (b - first) * BLOCK + len(state)]

            def keep(r: int, x: FloatArray) -> None:
                part[r] = x

            _walk(chain, j, recorded, generator(seed, stream, j, b), state, normals, keep)

        places = [(j, b) for j in range(chain.dimension) for b in range(first, last)]
        for done, _ in enumerate(in_order(fill, places, threads), 1):
            if progress is not None:
                progress(stream, first * chain.dimension + done, blocks * chain.dimension)
        yield np.moveaxis(result, 1, 2)


def simulate_paths(
    chain: GaussianChain,
    paths: int,
    seed: int,
    *,
    stream: str = "paths",
    record: Sequence[int] | None = None,
    memory: int = MEMORY,
    threads: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """The same paths in one array `(R, paths, D)`.

    Raises:
        ValueError: as `second_moments`, or the array exceeds `memory` (then use `simulate_blocks` or `second_moments`).
    """
    one = 8 * len(recorded_times(chain, record)) * chain.dimension
    needed = one * checked_count(paths, "paths")
    if memory < needed:
        raise ValueError(
            f"memory is {memory} bytes but the paths take {needed}; record fewer times, or use simulate_blocks or "
            "second_moments"
        )
    (result,) = simulate_blocks(
        chain,
        paths,
        seed,
        stream=stream,
        record=record,
        memory=needed + one * BLOCK,
        threads=threads,
        progress=progress,
    )
    return result


def decode(latent: ArrayLike, axes: ArrayLike, mean: ArrayLike | None = None) -> FloatArray:
    """`P^T z`: latent points `(..., d)` as data points `(..., D)`, by the first `d` columns of `axes`, shape `(D, k)`.

    The identity gives `P_d^T`; the eigenvectors of `hat Sigma` the empirical-PCA decoder. `mean`, `(D,)`, is added.

    Raises:
        ValueError: `axes` is not a matrix with at least `d` columns.
    """
    z, columns = np.asarray(latent, dtype=np.float64), np.asarray(axes, dtype=np.float64)
    if columns.ndim != 2 or z.ndim < 1 or columns.shape[1] < z.shape[-1]:
        raise ValueError(f"axes must be (D, k) with k >= {z.shape[-1:]} latent coordinates, got {columns.shape}")
    decoded = z @ columns[:, : z.shape[-1]].T
    return np.asarray(decoded if mean is None else decoded + np.asarray(mean, dtype=np.float64))
