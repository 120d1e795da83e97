"""How far the expected distance in double precision is from the truth, in units in the last place.

Each function is measured at a million points: variances 1e-300 to 1e300, noise levels 0 and 1e-300 to 1, `n` from 1 to
1e9, corners, variances next to 1 and levels next to a zero of the slope. The truth is `expected_truth`, checked here
against Arb at a sample and at every worst point. The peer is SciPy at a sample of the same points: the closed form
through `hyperu` (Gauss-Laguerre quadrature for `E F`, `brentq` on the closed form for the levels).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Any

import numpy as np
from expected_truth import check, shares, truth
from flint import arb
from table import Figure

from theory.chi_square import shortfall
from theory.evaluate.arb import precision
from theory.expected import (
    coordinate_level,
    expected_distance,
    expected_level,
    expected_root,
    expected_slope,
    expected_term,
)
from theory.expected_parts import slope_parts

__all__ = ["figures_accuracy"]

SAMPLES = (1, 2, 3, 4, 5, 7, 10, 20, 50, 200, 1000, 10**5, 10**7, 10**9)
POINTS = 72_000
#: bounds on the error, in units in the last place of what `_RELATIVE` names
LIMITS = {
    "shortfall": 4.0,
    "expected_root": 4.0,
    "expected_term": 8.0,
    "expected_slope": 10.0,
    "expected_distance": 8.0,
    "coordinate_level": 8.0,
    "expected_level": 8.0,
}
_RELATIVE = {
    "expected_slope": "of known + cost",
    "coordinate_level": "times the zero's condition",
    "expected_level": "times the zero's condition",
}
_CORNERS = (0.0, 1e-300, 1e-160, 1e-16, 0.25, 1.0, 1 + 2**-52, 4.0, 1e16, 1e160, 1e300)
_LEVELS = (0.0, 1e-300, 1e-150, 1e-17, 2**-53, 0.5, 1 - 2**-53, 1.0)


def points(n: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Variances and levels, `count` of each at least."""
    rng = np.random.default_rng([2024, n])
    part = count // 4
    corner = np.array(list(product(_CORNERS, _LEVELS)))
    wide = 10 ** rng.uniform(-300, 300, part), 10 ** rng.uniform(-300, 0, part)
    usual = 10 ** rng.uniform(-8, 8, part), 1 / (1 + np.exp(-rng.uniform(-25, 37, part)))
    near_one = (
        1 + rng.choice([-1, 1], part) * 10 ** rng.uniform(-16, -1, part),
        1 / (1 + np.exp(rng.uniform(-36, 40, part))),
    )
    s = 10 ** rng.uniform(-12, 6, part)
    zeros = coordinate_level(s, n) * (1 + rng.choice([-1, 1], part) * 10 ** rng.uniform(-15, -1, part))
    rows = [corner.T, wide, usual, near_one, (s, np.minimum(zeros, 1.0))]
    s, x = (np.concatenate([row[k] for row in rows]) for k in (0, 1))
    return s, x


def ulps(value: np.ndarray, true: np.ndarray, scale: np.ndarray | None = None) -> np.ndarray:
    """Errors in units in the last place of `scale` (default: the true value); equal infinities count as 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        unit = np.spacing(np.minimum(np.abs(true if scale is None else scale), np.finfo(float).max).astype(float))
        rounded = true.astype(float)
        error = np.abs(value - true).astype(float) / unit
    error = np.where(value == rounded, np.minimum(np.nan_to_num(error, nan=0.0, posinf=0.0), 0.5), error)
    return np.where(np.isnan(error), np.inf, error)


def _zero_error(s: np.ndarray, n: int, x: np.ndarray, owner: np.ndarray, top: float) -> np.ndarray:
    """Distance from each `x` to the zero of the slopes `(s, x, owner)` summed by owner, in ulps times its condition."""
    at = np.flatnonzero(np.diff(owner, prepend=-1))
    true = truth(s, n, x)
    slope, size = np.add.reduceat(true.slope, at), np.add.reduceat(true.known + true.cost, at)
    # the derivative in log(x/(1-x)) only sets the unit: double precision does
    odds = (x / (1 - x))[:, None] * (1 + np.array([-1e-4, 1e-4]))
    known, cost = slope_parts(*np.broadcast_arrays(s[:, None], odds)[:1], n, odds / (1 + odds), 1 / (1 + odds))
    sides = np.add.reduceat(known - cost, at, axis=0)
    level = x[at]
    rise = (sides[:, 1] - sides[:, 0]) / 2e-4 / (level * (1 - level))
    condition = np.maximum(size / (level * rise), 1)
    error = np.abs(slope) / rise / np.spacing(level) / condition
    return np.where((level == top) & (slope <= 0), 0, error).astype(float)


def _coordinates(n: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([7, n])
    part = count // 3
    s = np.concatenate(
        [
            10 ** rng.uniform(-290, 300, part),
            10 ** rng.uniform(-8, 8, part),
            1 + rng.choice([-1, 1], part) * 10 ** rng.uniform(-7, -1, part),
        ]
    )
    below_one = np.nextafter(1, 0)
    found = np.minimum(coordinate_level(s, n), below_one)
    return s, _zero_error(s, n, found, np.arange(len(s)), below_one)


def _spectra(n: int, count: int, D: int = 128) -> tuple[list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng([8, n])
    spectra, errors = [], []
    pairs = [(d, j) for d in range(D) for j in range(d + 1)]
    which_d, which_j = np.array(pairs).T
    for _ in range(max(1, count // D)):
        middle, spread = rng.uniform(-6, 4), rng.uniform(0, 4)
        s = 10 ** (middle + spread * rng.standard_normal(D))
        spectra.append(s)
        errors.append(expected_level(s, n, 0.999))
    flat = np.array(spectra)
    levels = np.array(errors)
    worst = np.empty(flat.shape)
    rows = 32
    for first in range(0, len(flat), rows):
        block, level = flat[first : first + rows], levels[first : first + rows]
        owner = (np.arange(len(block))[:, None] * D + which_d).ravel()
        worst[first : first + rows] = _zero_error(
            block[:, which_j].ravel(), n, level[:, which_d].ravel(), owner, 0.999
        ).reshape(block.shape)
    return spectra, worst


def _distances(n: int, count: int) -> np.ndarray:
    rng = np.random.default_rng([9, n])
    pool = np.concatenate([10 ** rng.uniform(-300, 300, 16), 10 ** rng.uniform(-6, 3, 47), [0.0]])
    levels = np.concatenate([_LEVELS, 1 / (1 + np.exp(rng.uniform(-30, 30, 492))), 10 ** rng.uniform(-300, 0, 500)])
    terms = truth(pool[:, None], n, levels).term.reshape(len(pool), -1)
    found = []
    for k in range(max(1, count // len(levels))):
        low = 16 if k % 2 else 0
        chosen = rng.choice(np.arange(low, len(pool)), rng.integers(1, 40))
        d = int(rng.integers(0, len(chosen) + 1))
        true = terms[chosen[:d]].sum(axis=0) + pool[chosen[d:]].astype(np.longdouble).sum()
        found.append(ulps(expected_distance(pool[chosen], n, d, levels), true))
    return np.concatenate(found)


def one(task: tuple[int, int, bool]) -> dict[str, tuple[int, float, Any]]:
    """For one `n`: how many points, the worst error and where, by function; and the worst error of the truth."""
    n, count, quick = task
    s, x = points(n, count)
    t = truth(s, n, x)
    endless = np.isinf(t.cost)
    slope = expected_slope(s, n, x)
    errors = {
        "expected_root": ulps(expected_root(s, n, x), t.root),
        "expected_term": ulps(expected_term(s, n, x), t.term),
        "expected_slope": np.where(
            endless, np.where(slope == -np.inf, 0, np.inf), ulps(slope, t.slope, t.known + t.cost)
        ),
    }
    rng = np.random.default_rng([10, n])
    theta = np.concatenate([rng.uniform(-40, 90, count // 2), rng.normal(0, 4, count // 2)])
    share, rest = 1 / (1 + np.exp(-theta)), 1 / (1 + np.exp(theta))
    a, b = shares(np.log(share.astype(np.longdouble) / rest), n)
    k, derivative = shortfall(share, rest, n)
    errors["shortfall"] = np.maximum(ulps(k, share.astype(np.longdouble) ** 2 * a), ulps(derivative, share * b))
    errors["expected_distance"] = _distances(n, count)
    coordinates, errors["coordinate_level"] = _coordinates(n, count)
    spectra, level_errors = _spectra(n, count)
    errors["expected_level"] = level_errors.max(axis=1)
    where: dict[str, Any] = dict.fromkeys(("expected_root", "expected_term", "expected_slope"), (s, x))
    where |= {"shortfall": (share, rest), "coordinate_level": (coordinates,)}
    report: dict[str, tuple[int, float, Any]] = {}
    for name, error in errors.items():
        i = int(np.argmax(error))
        at = tuple(float(column[i]) for column in where[name]) if name in where else None
        if name == "expected_level":
            at = spectra[i].tolist()
        size_of = level_errors.size if name == "expected_level" else error.size
        report[name] = (size_of, float(error[i]), (n, at))
    report["truth"] = _truth_error(n, s, x, t, errors, 20 if quick else 150 if n > 1 else 40)
    return report


def _truth_error(n: int, s: np.ndarray, x: np.ndarray, t: Any, errors: Any, count: int) -> tuple[int, float, Any]:
    """Worst distance of the extended truth from the balls, in ulps of a double, at a sample and at the worst points."""
    rng = np.random.default_rng([11, n])
    chosen = set(rng.integers(0, len(s), count).tolist())
    for name in ("expected_root", "expected_term", "expected_slope"):
        chosen |= set(np.argsort(errors[name])[-5:].tolist())
    worst, used, at = 0.0, 0, None
    for i in chosen:
        if not (0 < x[i] < 1 and s[i] > 0):
            continue
        balls = check(float(s[i]), n, float(x[i]))
        if balls is None:
            continue
        used += 1
        values = (t.root[i], t.term[i], t.known[i], t.cost[i])
        with precision(300):
            for value, ball in zip(values, balls, strict=True):
                if not (float(abs(ball).mid()) > 1e-305 and np.isfinite(float(value))):
                    continue
                head = float(value)
                held = arb(head) + arb(float(value - np.longdouble(head)))
                error = float(abs((held - ball) / ball).upper()) * 2.0**52
                if error > worst:
                    worst, at = error, (float(s[i]), float(x[i]))
    return used, worst, (n, at)


def _peer(name: str, n: int, count: int) -> np.ndarray:
    """SciPy's error at a sample of the points."""
    from scipy.special import hyperu, roots_genlaguerre

    s, x = points(n, 4 * count)
    keep = (s > 0) & (x > 0) & (x < 1)
    s, x = s[keep], x[keep]
    with np.errstate(all="ignore"):
        b = 2 * (1 - x) * s / n
        mean = x + (1 - x) * s
        root = np.sqrt(b) * hyperu(-0.5, (1 - n) / 2, x / b)
        inverse = hyperu(0.5, (3 - n) / 2, x / b) / np.sqrt(b)
        t = truth(s, n, x)
        if name == "shortfall":
            return ulps(1 - root / np.sqrt(mean), 1 - t.root / np.sqrt(np.asarray(mean, np.longdouble)))
        if name == "expected_root":
            return ulps(root, t.root)
        if name == "expected_term":
            return ulps(mean + s - 2 * np.sqrt(s) * root, t.term)
        if name == "expected_slope":
            slope = 1 - s - np.sqrt(s) * (inverse - (root - x * inverse) / (1 - x))
            return ulps(slope, t.slope, t.known + t.cost)
        if name == "expected_distance":
            nodes, weights = roots_genlaguerre(100, n / 2 - 1)
            v = x[:, None] + ((1 - x) * s)[:, None] * 2 * nodes / n
            term = np.sum(weights * (np.sqrt(v) - np.sqrt(s)[:, None]) ** 2, axis=1) / weights.sum()
            return ulps(term, t.term)
    return _peer_levels(n, count)


def _peer_levels(n: int, count: int) -> np.ndarray:
    from scipy.optimize import brentq
    from scipy.special import hyperu

    rng = np.random.default_rng([12, n])
    s = 10 ** rng.uniform(-4, 3, count)
    found = np.full(count, 0.5)
    lost = np.zeros(count, dtype=bool)
    for i, value in enumerate(s):

        def slope(x: float, value: float = value) -> float:
            b = 2 * (1 - x) * value / n
            z = x / b
            root = np.sqrt(b) * hyperu(-0.5, (1 - n) / 2, z)
            inverse = hyperu(0.5, (3 - n) / 2, z) / np.sqrt(b)
            return float(1 - value - np.sqrt(value) * (inverse - (root - x * inverse) / (1 - x)))

        try:
            with np.errstate(all="ignore"):
                found[i] = brentq(slope, 1e-12, 1 - 1e-12, xtol=1e-300, rtol=1e-15)
        except (ValueError, RuntimeError):
            lost[i] = True
    return np.where(lost, np.inf, _zero_error(s, n, found, np.arange(count), 1.0))


def figures_accuracy(quick: bool) -> Iterator[Figure]:
    """One figure for each function, and one for the truth itself."""
    count = 2_000 if quick else POINTS
    with ProcessPoolExecutor(2) as pool:
        reports = list(pool.map(one, [(n, count, quick) for n in SAMPLES]))
    for name, limit in LIMITS.items():
        rows = [report[name] for report in reports]
        worst = max(rows, key=lambda row: row[1])
        total = sum(row[0] for row in rows)
        errors = np.concatenate([_peer(name, n, 40 if quick else 150) for n in (2, 10, 100)])
        lost = float(np.mean(~(errors < 1e15)))
        middle = float(np.median(errors))
        relative = _RELATIVE.get(name, "")
        yield Figure(
            "accuracy",
            f"`{name}`: at most {limit:g} ulp {relative}".rstrip() + f" at {total:.2g} points",
            f"worst {worst[1]:.2g} ulp, at n = {worst[2][0]:.3g}",
            f"SciPy: median {middle:.2g} ulp, {lost:.0%} without a digit",
            None,
            worst[1] <= limit,
            "variances 1e-300 to 1e300, x from 0 and 1e-300 to 1, n from 1 to 1e9" if name == "expected_root" else "",
        )
    checked = sum(report["truth"][0] for report in reports)
    worst = max((report["truth"] for report in reports), key=lambda row: row[1])
    yield Figure(
        "accuracy",
        "the truth of the expected distance: within 0.1 ulp of Arb",
        f"worst {worst[1]:.2g} ulp at {checked} points, every worst point among them",
        "",
        None,
        worst[1] <= 0.1,
        "long double against enclosed trapezoidal sums (n >= 2) and Tricomi's U (n = 1)",
    )


if __name__ == "__main__":
    import sys

    for figure in figures_accuracy("--quick" in sys.argv):
        print(figure)
