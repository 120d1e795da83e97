"""Monte Carlo: paths at the speed of the normal generator, two threads, and samplers that draw the law instead.

The peer is what a user would write: the bare generator, a plain NumPy loop, samples instead of their law.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import numpy as np
from table import Figure, pair, seconds_text

from theory.simulate import (
    euler_chain,
    exact_chain,
    generator,
    sample_estimates,
    sample_moments,
    second_moments,
    simulate_paths,
    training_set,
    uniform_grid,
)
from theory.simulate.streams import BLOCK

TOPIC = "sampling"
#: of the generator's throughput, as the issue asks
SHARE = 0.8


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures of the topic."""
    rounds = 3 if quick else 9
    yield _throughput(quick, rounds)
    yield _stored_paths(quick, rounds)
    yield _plain_loop(quick, rounds)
    yield _two_threads(quick, rounds)
    yield _bartlett(quick, rounds)
    yield _lengths(quick, rounds)


def _bare(normals: int, seed: int = 0) -> None:
    """As many normals as a simulation needs, into one block that stays in the cache: nothing can be faster."""
    rng, block = np.random.default_rng(seed), np.empty(BLOCK)
    for _ in range(-(-normals // BLOCK)):
        rng.standard_normal(out=block)


def _rate(normals: int, seconds: float) -> str:
    return f"{normals / seconds / 1e6:.0f} million normals/s"


def _throughput(quick: bool, rounds: int) -> Figure:
    """Euler-Maruyama, second moments at every step."""
    steps, paths = (20, 2 * BLOCK) if quick else (250, 8 * BLOCK)
    chain = euler_chain(uniform_grid(2.0, steps), [2.0, 0.5])
    normals = paths * chain.dimension * (steps + 1)
    found = pair(lambda: second_moments(chain, paths, 0), lambda: _bare(normals), rounds)
    return Figure(
        TOPIC,
        "Euler-Maruyama with second moments at every step, one thread: at least 80 % of the generator",
        _rate(normals, found.ours),
        f"bare generator {_rate(normals, found.peer)}",
        found.ratio,
        found.ratio >= SHARE,
        f"{steps} steps, {paths} paths, 2 coordinates",
    )


def _stored_paths(quick: bool, rounds: int) -> Figure:
    """Exact transitions, all paths kept at some stops."""
    stops, paths = (8, 2 * BLOCK) if quick else (64, 8 * BLOCK)
    chain = exact_chain(uniform_grid(2.0, stops), [2.0, 0.5, 0.1, 0.02])
    normals, kept = paths * chain.dimension * (stops + 1), [stops // 2, stops]
    found = pair(lambda: simulate_paths(chain, paths, 0, record=kept), lambda: _bare(normals), rounds)
    return Figure(
        TOPIC,
        "paths by exact transitions, kept at two stops, one thread: at least 80 % of the generator",
        _rate(normals, found.ours),
        f"bare generator {_rate(normals, found.peer)}",
        found.ratio,
        found.ratio >= SHARE,
        f"{stops} stops, {paths} paths, 4 coordinates",
    )


def _plain_loop(quick: bool, rounds: int) -> Figure:
    """Against the loop that one would write."""
    steps, paths, variances = (10, 2 * BLOCK, [2.0, 0.5]) if quick else (100, 8 * BLOCK, [2.0, 0.5, 0.1, 0.02])
    chain = euler_chain(uniform_grid(2.0, steps), variances)
    factors, spreads = chain.factors, np.sqrt(chain.noises)

    def plain() -> np.ndarray:
        rng = np.random.default_rng(0)
        x = np.sqrt(chain.start) * rng.standard_normal((paths, chain.dimension))
        second = [np.mean(x**2, axis=0)]
        for factor, spread in zip(factors, spreads, strict=True):
            x = factor * x + spread * rng.standard_normal(x.shape)
            second.append(np.mean(x**2, axis=0))
        return np.array(second)

    found = pair(lambda: second_moments(chain, paths, 0), plain, rounds)
    return Figure(
        TOPIC,
        "Euler-Maruyama with second moments: not slower than a plain NumPy loop",
        seconds_text(found.ours),
        f"NumPy loop {seconds_text(found.peer)}",
        found.ratio,
        found.ratio >= 1,
        f"{steps} steps, {paths} paths, {len(variances)} coordinates",
    )


def _two_threads(quick: bool, rounds: int) -> Figure:
    """Two threads against two bare generators in two threads: what the machine gives in the same moment."""
    steps, paths = (20, 4 * BLOCK) if quick else (250, 16 * BLOCK)
    chain = euler_chain(uniform_grid(2.0, steps), [2.0, 0.5])
    normals = paths * chain.dimension * (steps + 1)

    def bare_two() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda seed: _bare(normals // 2, seed), (1, 2)))

    works: list[Callable[[], object]] = [
        lambda: second_moments(chain, paths, 0, threads=2),
        lambda: second_moments(chain, paths, 0),
        bare_two,
        lambda: _bare(normals),
    ]
    rows = []
    for _ in range(rounds):
        rows.append([_clock(work) for work in works])
    two, one, bare_pair, bare_one = (median(row[k] for row in rows) for k in range(4))
    gain, possible = median(row[1] / row[0] for row in rows), median(row[3] / row[2] for row in rows)
    return Figure(
        TOPIC,
        "two threads: at least 80 % of two bare generators in two threads",
        _rate(normals, two),
        f"bare generators {_rate(normals, bare_pair)}",
        (ratio := median(row[2] / row[0] for row in rows)),
        ratio >= SHARE,
        f"two threads over one: x{gain:.2f}, the bare generators gain x{possible:.2f} ({seconds_text(one)} and "
        f"{seconds_text(bare_one)} in one thread); the results are equal bit by bit",
    )


def _clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _bartlett(quick: bool, rounds: int) -> Figure:
    """The second moment of a training set, from its law and from the points."""
    dimension, n = (32, 2000) if quick else (256, 100_000)
    axes = np.linalg.qr(generator(0, "axes").standard_normal((dimension, dimension)))[0]
    covariance = (axes * np.geomspace(4.0, 0.01, dimension)) @ axes.T

    def points() -> np.ndarray:
        x = training_set(np.random.default_rng(0), covariance, n)
        return x.T @ x / n

    def law() -> np.ndarray:
        (triangle,) = sample_estimates(np.random.default_rng(0), covariance, n, 1)
        return triangle @ triangle.T

    found = pair(law, points, min(rounds, 5))
    return Figure(
        TOPIC,
        f"second moment of {n} points in {dimension} dimensions: Bartlett at least 10 times faster than the points",
        seconds_text(found.ours),
        f"X^T X {seconds_text(found.peer)}",
        found.ratio,
        found.ratio >= 10,
        "both from the covariance, its factorisation included",
    )


def _lengths(quick: bool, rounds: int) -> Figure:
    """Second moments of paths at a few stops, from their law and from the paths."""
    paths, dimension = (2 * BLOCK, 4) if quick else (1_000_000, 16)
    stops, variances = [2.0, 0.5, 0.1, 0.0], np.geomspace(4.0, 0.01, dimension)
    chain = exact_chain(stops, variances)
    found = pair(
        lambda: sample_moments(stops, variances, paths, 0), lambda: second_moments(chain, paths, 0), min(rounds, 5)
    )
    return Figure(
        TOPIC,
        f"second moments of {paths} paths at 4 stops: their chi-square chain at least 100 times faster than the paths",
        seconds_text(found.ours),
        f"exact paths {seconds_text(found.peer)}",
        found.ratio,
        found.ratio >= 100,
        f"{dimension} coordinates; the joint law over the stops is that of paths",
    )
