"""Every NumPy evaluator against Arb enclosures of the formula as it is stated, on a million points each.

The truth is computed from the expression of `theory` itself, not from the forms that the evaluators use, at rising
precision until it is certain. An error is in units in the last place of the true value (of the least subnormal below
it), so it is relative to the value and not to its terms. `peer` is the same expression as NumPy code by SymPy's
`lambdify`, on the same points. Two processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from typing import Any

import numpy as np
import sympy as sp
from accuracy_points import POINTS
from flint import arb
from table import Figure, pair, seconds_text

from theory import noise, values
from theory.capped_score import generated_variance_capped, y
from theory.capped_time import estimated
from theory.evaluate import kernels
from theory.evaluate.arb import BallFunction, precision
from theory.evaluate.program import compile_expression
from theory.notation import T, cap, q, sigma_hat, tau, x
from theory.process import variance_at_noise
from theory.schedules import OU

__all__ = ["Study", "figures", "stated", "study", "truth"]

#: what counts as a few units in the last place
FEW = 8.0
_BITS = (128, 512, 2048, 8192, 32768)
_CHUNK = 50_000
#: points in balls at a time: their intermediate values are all kept
_BALLS = 5_000
_STEPS = {
    "exp": arb.exp,
    "expm1": arb.expm1,
    "log": arb.log,
    "log1p": arb.log1p,
    "log1p_less": lambda z: z.log1p() - z,
}
_LARGEST = float(np.finfo(np.float64).max)


@dataclass
class Study:
    """What was found for one function on some points."""

    name: str
    points: int = 0
    worst: float = 0.0
    where: tuple[float, ...] = ()
    wrong_signs: int = 0
    not_finite: int = 0
    undecided: int = 0
    tiers: tuple[int, ...] = (0, 0, 0, 0)
    peer_worst: float = 0.0
    peer_signs: int = 0
    peer_not_finite: int = 0

    def joined(self, other: Study) -> Study:
        """Both together."""
        first = self if self.worst >= other.worst else other
        sums = {
            key: getattr(self, key) + getattr(other, key)
            for key in ("points", "wrong_signs", "not_finite", "undecided", "peer_signs", "peer_not_finite")
        }
        tiers = tuple(a + b for a, b in zip(self.tiers, other.tiers, strict=True))
        peer = max(self.peer_worst, other.peer_worst)
        return Study(self.name, worst=first.worst, where=first.where, tiers=tiers, peer_worst=peer, **sums)


@cache
def stated(name: str) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    """The expression of `theory` behind a function, with its arguments in order."""
    if name == "generated_variances":
        return variance_at_noise(estimated), (x, estimated)
    if name == "capped_variance":
        in_time = {sigma_hat: sp.sqrt(estimated), y: sp.exp(-2 * tau), q: sp.exp(-2 * T)}
        return generated_variance_capped().subs(in_time, simultaneous=True), (estimated, cap, T, tau)
    if name in ("noise_of_time", "log_snr_of_time"):
        return (OU.noise_level if name.startswith("noise") else OU.log_snr), (tau,)
    if name in ("time_of_noise", "log_snr_of_noise"):
        return (OU.time_of_noise if name.startswith("time") else OU.log_snr.subs(tau, OU.time_of_noise)), (x,)
    build, symbols = values.FORMULAS[name]
    return build(), symbols


@cache
def _balls(name: str) -> BallFunction:
    return BallFunction(compile_expression(*stated(name)))


@cache
def _naive(name: str) -> Any:
    expression, symbols = stated(name)
    return sp.lambdify(symbols, expression, "numpy")


def truth(name: str, columns: Sequence[Any]) -> tuple[Any, Any, Any]:
    """The values at the points as sums of two doubles, and where there is one (elsewhere a pole, or undecided).

    A ball is taken when it is known to 80 bits, or lies closer to 0 than any double.
    """
    function = _balls(name)
    high, low, known = np.zeros((3, len(columns[0])))
    for first in range(0, len(high), _BALLS):
        _fill(function, columns, np.arange(first, min(first + _BALLS, len(high))), high, low, known)
    return high, low, known.astype(bool)


def _fill(function: BallFunction, columns: Sequence[Any], left: Any, high: Any, low: Any, known: Any) -> None:
    for bits in _BITS:
        with precision(bits):
            nothing = arb(2) ** -1076
            balls = function.columns([[arb(v) for v in c[left].tolist()] for c in columns], bits)
            found = [b.is_finite() and (b.rel_accuracy_bits() >= 80 or abs(b) < nothing) for b in balls]
            nearest = [float(ball) if f else 0.0 for ball, f in zip(balls, found, strict=True)]
            known[left], high[left] = found, nearest
            low[left] = [
                float(ball - arb(v)) if f and abs(v) <= _LARGEST else 0.0
                for ball, v, f in zip(balls, nearest, found, strict=True)
            ]
            left = left[~np.array(found, bool)]
        if not left.size:
            return


def errors(found: Any, high: Any, low: Any) -> Any:
    """Distances from `high + low` in units in the last place of `high`; inf for a result that should be finite."""
    with np.errstate(all="ignore"):
        distance = np.abs(((found - high) - low) / np.spacing(np.abs(high)))
    # a true value beyond the doubles has an infinite result
    distance = np.where(np.isinf(high), np.where(found == high, 0.0, np.inf), distance)
    return np.where(np.isnan(distance), np.inf, distance)


def study(name: str, seed: int, count: int) -> Study:
    """Measure one function on `count` fresh points."""
    columns = POINTS[name](np.random.default_rng([seed, *name.encode()]), count)
    with np.errstate(all="ignore"):
        ours = np.asarray((getattr(values, name, None) or getattr(noise, name))(*columns))
        peer = np.broadcast_to(np.asarray(_naive(name)(*columns), dtype=float), ours.shape)
    high, low, known = truth(name, columns)
    error, other = (np.where(known, errors(found, high, low), 0.0) for found in (ours, peer))
    at = int(np.argmax(error))
    mine, theirs = ((_wrong_signs(f, high, known), _missing(f, high, known)) for f in (ours, peer))
    return Study(
        name,
        points=count,
        worst=float(error[at]),
        where=tuple(float(c[at]) for c in columns),
        wrong_signs=mine[0],
        not_finite=mine[1] + int(np.isnan(ours[~known]).sum()),
        undecided=int((~known).sum()),
        tiers=_tiers(name, tuple(c[::5] for c in columns)),
        peer_worst=float(np.max(other)),
        peer_signs=theirs[0],
        peer_not_finite=theirs[1],
    )


def _wrong_signs(found: Any, high: Any, known: Any) -> int:
    # half the least subnormal may be rounded either way
    clear = known & ~np.isnan(found) & ((found != 0) | (np.abs(high) > 5e-324))
    return int((clear & (np.sign(found) != np.sign(high))).sum())


def _missing(found: Any, high: Any, known: Any) -> int:
    return int((known & ~np.isfinite(found) & (found != high)).sum())


def _tiers(name: str, columns: tuple[Any, ...]) -> tuple[int, ...]:
    """How many of the points each tier takes (a sample of the points is enough for that)."""
    evaluators = {"log_snr_of_noise": noise._log_snr_of_noise, "log_snr_of_time": noise._log_snr_of_time}
    if name in values.FORMULAS:
        tier = values.evaluator(name).tiers(*columns)
    elif name in evaluators:
        tier = evaluators[name]().tiers(*columns)
    else:
        return len(columns[0]), 0, 0, 0
    return tuple(int(c) for c in np.bincount(tier, minlength=4))


def _chunk(task: tuple[str, int, int]) -> Study:
    return study(*task)


def figures(*, quick: bool) -> Iterator[Figure]:
    """One line per function, what the accuracy costs, then the figures of the spectrum and of the expectations."""
    count = 400 if quick else 1_000_000
    size = min(_CHUNK, (count + 1) // 2)
    # one warm process each: compiling an expression takes longer than a thousand points
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        for name in POINTS:
            tasks = [(name, seed, size) for seed in range(-(-count // size))]
            total = Study(name)
            for part in pool.map(_chunk, tasks):
                total = total.joined(part)
            yield _line(total)
    yield _functions(500 if quick else 50_000)
    for name in ("kept_term", "slope", "increment", "clipped_level"):
        yield _cost(name, 20_000 if quick else 1_000_000)
    for module in ("accuracy_spectrum", "accuracy_expected"):
        yield from import_module(module).figures_accuracy(quick)


def _functions(count: int) -> Figure:
    """The elementary functions beside what the error bounds allow them, which is in halves of a unit."""
    rng = np.random.default_rng(2)
    small = 10.0 ** rng.uniform(-140, 0, count)
    large = 10.0 ** rng.uniform(0, 2.8, count)
    arguments = {
        "exp": np.concatenate([-large, large, small, -small]),
        "expm1": np.concatenate([-large, large, small, -small]),
        "log": np.concatenate([1 + small, 1 - small / 2, small, 10.0 ** rng.uniform(-300, 300, count)]),
        "log1p": np.concatenate([small, -small, large, -1 + small]),
        "log1p_less": np.concatenate([small, -small, large, -1 + np.maximum(small, 1e-16)]),
    }
    found = {}
    for name, z in arguments.items():
        z = np.where((name == "log") | (z > -1) | name.startswith("exp"), z, -0.5)
        with precision(1000):
            step = _STEPS[name]
            balls = [step(arb(v)) for v in z.tolist()]
            high = np.array([float(b) for b in balls])
            low = np.array([float(b - arb(h)) if np.isfinite(h) else 0.0 for b, h in zip(balls, high, strict=True)])
        with np.errstate(all="ignore"):
            found[name] = float(np.max(errors(kernels.FUNCTIONS[name][1](z), high, low)))
    allowed = {name: kernels.FUNCTIONS[name][0] / 2 for name in found}
    return Figure(
        "accuracy",
        "elementary functions within the allowance of the error bounds",
        ", ".join(f"`{name}` {worst:.2f} ulp" for name, worst in found.items()),
        "allowed " + ", ".join(f"{value:g}" for value in allowed.values()),
        None,
        all(worst <= allowed[name] for name, worst in found.items()),
        f"{4 * count:,} arguments each",
    )


def _cost(name: str, count: int) -> Figure:
    """The price of certainty on ordinary points, where the plain formula is only now and then wrong."""
    rng = np.random.default_rng(1)
    columns = rng.uniform(0.01, 4, count), rng.uniform(0.01, 4, count), rng.random(count)
    evaluator, plain = values.evaluator(name), _naive(name)
    times = pair(lambda: evaluator(*columns), lambda: plain(*columns))
    first, second, *_ = np.bincount(evaluator.tiers(*columns), minlength=4) / count
    return Figure(
        "accuracy",
        f"`{name}`, {count:,} ordinary points: at most 3 times plain NumPy",
        seconds_text(times.ours),
        seconds_text(times.peer),
        times.ratio,
        times.ratio >= 1 / 3,
        f"{first:.2%} of the points end in float64, {second:.2%} in double-double; what may cancel is computed in"
        " double-double at every point, some 70 passes over a block where the plain formula has 10",
    )


def _line(s: Study) -> Figure:
    shares = [f"{n / sum(s.tiers):.2%}" for n in s.tiers]
    peer = f"{s.peer_worst:.2g} ulp, {s.peer_signs} wrong signs, {s.peer_not_finite} not finite"
    note = f"relative to the value; worst at {s.where}" if s.worst > FEW else "relative to the value"
    note += f"; double-double {shares[1]}, Arb {shares[2]}" if sum(s.tiers[1:]) else "; plain float64"
    note += f"; {s.undecided} poles" if s.undecided else ""
    met = s.worst <= FEW and not s.wrong_signs and not s.not_finite
    ours = f"{s.worst:.2f} ulp, {s.wrong_signs} wrong signs, {s.not_finite} not finite, of {s.points:,} points"
    ratio = s.peer_worst / s.worst if np.isfinite(s.peer_worst) and s.worst else None
    return Figure("accuracy", f"`{s.name}` within {FEW:g} ulp", ours, peer, ratio, met, note)
