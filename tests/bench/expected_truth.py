"""The expected distance to extended precision, fast enough for millions of points.

`A` and `B` of `theory.chi_square` are summed at Chebyshev nodes in `theta` with the nodes and weights of
`theory.chi_square_balls`, whose error is enclosed (below 2^-64 relative), and interpolated at degree 19 on cells of
width 1/2; both functions are bounded on the ellipse that reaches `|Im theta| = pi/2` (`|1 + r| >= 1`), which bounds
the interpolation error by `12^-20`. Everything is `long double` (64-bit significand, sums pairwise), so what is called
true here is within a hundredth of a double's last place of the truth; `check` compares it with Arb at a sample. For
`n = 1` the nodes are those of `theory.chi_square` at half the step, and only `check` speaks for them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from flint import arb
from numpy.polynomial import chebyshev

from theory.chi_square_balls import by_trapezoid, by_tricomi, trapezoid_nodes
from theory.evaluate.arb import precision

__all__ = ["Truth", "check", "shares", "truth"]

Long = np.longdouble
_DEGREE = 19
_FIRST = -48


def _extended(ball: arb) -> np.longdouble:
    head = float(ball)
    return Long(head) + Long(float(ball - head))


def _sample_nodes(n: int) -> tuple[np.ndarray, np.ndarray]:
    if n > 1:
        found = trapezoid_nodes(n, 64)[0]
        return np.array([_extended(y) for y, _ in found]), np.array([_extended(w) for _, w in found])
    with precision(160):
        z = [arb(j) / 16 for j in range(-16 * 200, 16 * 6)]
        weights = [((point - point.expm1()) / 2).exp() for point in z]
        total = sum(weights, arb(0))
        parts = [_extended(w * p.expm1() ** 2 / (2 * total)) for w, p in zip(weights, z, strict=True)]
        return np.array([_extended(point.exp()) for point in z]), np.array(parts)


def _last(n: int) -> int:
    return 92 if n == 2 else 48


@lru_cache(maxsize=32)
def _table(n: int) -> np.ndarray:
    y, parts = _sample_nodes(n)
    count = _DEGREE + 1
    angles = (2 * np.arange(count) + 1) * np.arccos(Long(-1)) / (2 * count)
    starts = np.arange(2 * _FIRST, 2 * _last(n), dtype=Long) / 2
    values = np.empty((count, 2, len(starts)), dtype=Long)
    for k, t in enumerate(np.cos(angles)):
        odds = np.exp(starts + (1 + t) / 4)
        r = np.sqrt((1 + odds[:, None] * y) / (1 + odds[:, None]))
        values[k] = np.sum(parts / (1 + r) ** 2, axis=1), np.sum(parts / ((1 + r) * r), axis=1)
    fit = np.cos(np.arange(count)[:, None] * angles) * 2 / count
    fit[0] /= 2
    return np.tensordot(fit, values, axes=1)


def shares(theta: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """`A` and `B` at log-odds `theta`, a flat array."""
    table = _table(n)
    scaled = 2 * np.clip(theta, _FIRST, _last(n) - Long(1e-12))
    cell = np.floor(scaled)
    t, index = 2 * (scaled - cell) - 1, cell.astype(int) - 2 * _FIRST
    a, b = (chebyshev.chebval(t, table[:, row, index], tensor=False) for row in (0, 1))
    if n == 1:
        large = theta > 44
        euler = Long("0.577215664901532860606512090082402431")
        b = np.where(large, (theta + np.log(Long(8)) - euler - 2) / np.sqrt(8 * np.arccos(Long(-1))), b)
    return a, b


class Truth:
    """`root`, `term`, `known`, `cost` at flat arrays `s`, `x` of doubles; `rest` is `1 - x`."""

    def __init__(self, s: np.ndarray, n: int, x: np.ndarray) -> None:
        s, x = np.asarray(s, Long), np.asarray(x, Long)
        rest = 1 - x
        mean = x + rest * s
        safe = np.where(mean > 0, mean, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            theta = np.where(s > 0, np.log(rest * s / x), -np.inf)
        a, b = shares(theta, n)
        p, root, sigma = rest * s / safe, np.sqrt(safe), np.sqrt(s)
        base = np.where(mean > 0, x * (1 - s) / (root + sigma), 0)
        self.root = np.sqrt(mean) * (1 - p * p * a)
        self.term = base**2 + 2 * sigma * root * p * p * a
        with np.errstate(invalid="ignore"):
            cost = sigma / root * (2 * (s / safe) * p * b - (1 - s) * p * p * a)
        self.known = np.where(s > 0, x * (1 - s) ** 2 / (root * (root + sigma)), 1)
        self.cost = np.where((s > 0) & (rest > 0), cost, 0)
        self.slope = self.known - self.cost


def truth(s: np.ndarray, n: int, x: np.ndarray) -> Truth:
    """The truth at broadcast arrays, flattened."""
    s, x = np.broadcast_arrays(s, x)
    return Truth(np.ravel(s), n, np.ravel(x))


def check(s: float, n: int, x: float) -> tuple[arb, arb, arb, arb] | None:
    """Balls around `root`, `term`, `known`, `cost` for `0 < x < 1`, `s > 0`; None where Arb has no enclosure."""
    with precision(2400 if n == 1 else 200):
        v, level = arb(s), arb(x)
        mean = level + (1 - level) * v
        p, rest = (1 - level) * v / mean, level / mean
        k, slope = by_tricomi(p, rest, n) if n == 1 else by_trapezoid(p, rest, n, 80)
        if not (k.is_finite() and slope.is_finite()):
            return None
        root, sigma = mean.sqrt(), v.sqrt()
        known = level * (1 - v) ** 2 / (root * (root + sigma))
        cost = sigma / root * (2 * v / mean * slope - (1 - v) * k)
        base = level * (1 - v) / (root + sigma)
        return root * (1 - k), base**2 + 2 * sigma * root * k, known, cost
