"""Pairs of covariances at the edges of the problem, with their exact distance: for the tests and the benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from exact_bures import exact_bures, gram, rational

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Case:
    """Two covariances as floats, and as the fractions they stand for (the floats themselves unless said)."""

    kind: str
    first: np.ndarray
    second: np.ndarray
    meant: Any = None

    @property
    def traces(self):
        return float(np.trace(self.first) + np.trace(self.second))

    def exact(self):
        return exact_bures(*(self.meant or (rational(self.first), rational(self.second))))


def symmetric(matrix):
    return (matrix + matrix.T) / 2


def wishart(rng, size, rows, scales=1.0):
    """Covariance of `rows` samples whose coordinates have these scales."""
    samples = rng.normal(size=(rows, size)) * scales
    return symmetric(samples.T @ samples / rows)


def thin(rng, size):
    """A factor of rank D/4 with small integers: its covariance is exact in floats."""
    return rng.integers(-99, 100, size=(size, max(size // 4, 1))).astype(float)


def conditioned(rng, size, power):
    """Full covariance with eigenvalues from 1 to `10^-power` on random axes."""
    axes = np.linalg.qr(rng.normal(size=(size, size)))[0]
    return symmetric((axes * np.geomspace(1, 10.0**-power, size)) @ axes.T)


def regular(size, seed) -> Iterator[Case]:
    """Cases whose distance the rounding of the entries does not hide."""
    rng = np.random.default_rng([size, seed])
    full = wishart(rng, size, 2 * size), wishart(rng, size, 2 * size)
    yield Case("full rank", *full)
    for scale in (1e-150, 1e150):
        yield Case(f"scale {scale:g}", full[0] * scale, full[1] * scale)
    yield Case("scales 1e-150 and 1e150", full[0] * 1e-150, full[1] * 1e150)
    left, right = thin(rng, size), thin(rng, size)
    yield Case("rank D/4", left @ left.T, right @ right.T)
    yield Case("rank D/4 and full", left @ left.T, full[0] * 3e3)
    # Not exact in floats: what is meant is the product, and the rank must be found in its rounding.
    left, right = left * rng.normal(size=(size, 1)), right * rng.normal(size=(size, 1))
    meant = gram(left), gram(right)
    yield Case("rank D/4, rounded", symmetric(left @ left.T), symmetric(right @ right.T), meant)
    for name, least in (("1e16", 1e-8), ("1e300", 1e-150)):
        scales = np.geomspace(1, least, size)
        graded = [wishart(rng, size, 2 * size, scales) for _ in range(2)]
        yield Case(f"condition {name}, graded", *graded)
        yield Case(f"condition {name}, graded, and full", graded[0], full[1])
        turned = wishart(rng, size, 2 * size, scales[::-1])
        yield Case(f"condition {name}, graded both ways", graded[0], turned)


def rounded(size, seed) -> Iterator[Case]:
    """Cases whose distance moves by more than 1e-13 of itself when the entries are rounded."""
    rng = np.random.default_rng([size, seed, 1])
    for power in (4, 8, 10, 12, 13):
        yield Case(f"condition 1e{power}, dense", conditioned(rng, size, power), wishart(rng, size, 2 * size))
    for spread in (1.0, 1e-4):
        base = wishart(rng, size, 2 * size, np.geomspace(1, spread, size))
        root, turn = np.linalg.cholesky(base), symmetric(rng.normal(size=(size, size)))
        for power in (2, 4, 6, 8, 10):
            near = symmetric(root @ (np.eye(size) + 10.0**-power * turn) @ root.T)
            if np.linalg.eigvalsh(near)[0] > 0:
                yield Case(f"nearly identical, 1e-{power}", base, near)


def rounding(case):
    """How far rounding the entries by `eps / 2` of `sqrt(A_ii A_jj)` can move the distance of two regular covariances.

    First order: the derivative in `A` is `1 - T`, `T` the optimal map from `A` to `B`, likewise in `B`. Cholesky of a
    `(D, D)` matrix is proved to commit `D + 1` such errors (Demmel), and observed to commit a few.
    """
    left, right = np.linalg.cholesky(case.first), np.linalg.cholesky(case.second)
    outer, _, inner = np.linalg.svd(right.T @ left)
    polar, one = outer @ inner, np.eye(len(left))
    there = np.linalg.solve(left.T, (right @ polar).T).T
    back = np.linalg.solve(right.T, (left @ polar.T).T).T
    scales = [np.sqrt(np.diagonal(matrix)) for matrix in (case.first, case.second)]
    moves = [np.abs(one - move) * np.outer(s, s) for move, s in zip((there, back), scales, strict=True)]
    return EPS / 2 * float(np.sum(moves))
