"""Search for a counterexample: many rational points in double precision, the promising ones decided exactly.

Double precision only chooses where to look. A point is reported after `is_counterexample` has confirmed it by two exact
paths, and shrunk to simple numbers. Finding nothing means nothing: the verdict is then UNKNOWN.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from proofs_check.claim import Obligation, Variable
from proofs_check.engines.base import Budget
from proofs_check.engines.points import Point, is_counterexample, is_inhabitant, simplest, violates
from proofs_check.formula import (
    And,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    Relation,
    conjunction,
)
from proofs_check.verdict import Evidence, Verdict, issue
from theory.evaluate import UnsupportedExpression, numpy_function

__all__ = ["SearchEngine", "find_inhabitant", "nearby_counterexample", "show_point"]

Array: TypeAlias = Any  # np.ndarray of float64; NumPy's operators on it are typed Any

_SIMPLE = [
    *map(Fraction, ["0", "1/100", "1/20", "1/10", "1/5", "1/4", "1/3", "1/2", "3/5", "2/3", "3/4", "9/10"]),
    *map(Fraction, ["1", "11/10", "5/4", "3/2", "2", "5/2", "3", "4", "10", "100"]),
]


def show_point(point: Point) -> tuple[tuple[str, str], ...]:
    """The point as text, for evidence."""
    return tuple((str(s), str(v)) for s, v in point.items())


def _margin(formula: Formula, values: Callable[[sp.Expr], Array]) -> Array:
    """A number per point that is negative where the formula is (about) false; only a guide for the search."""
    match formula:
        case Relation(op, left, right):
            gap = values(left) - values(right)
            scale = 1 + np.abs(gap)
            if op in ("<", "<="):
                return -gap / scale
            if op in (">", ">="):
                return gap / scale
            return -np.abs(gap) / scale if op == "=" else np.abs(gap) / scale
        case Not(arg):
            return -_margin(arg, values)
        case And(args):
            return np.min([_margin(a, values) for a in args], axis=0)
        case Or(args):
            return np.max([_margin(a, values) for a in args], axis=0)
        case Implies(a, b):
            return np.maximum(-_margin(a, values), _margin(b, values))
        case Iff(a, b):
            left_margin, right_margin = _margin(a, values), _margin(b, values)
            return np.where(
                np.sign(left_margin) == np.sign(right_margin),
                1.0,
                -np.minimum(abs(left_margin), abs(right_margin)),
            )


def _pool(v: Variable, rng: np.random.Generator) -> list[Fraction]:
    """Candidate values: edges, simple rationals, a random spread over scales, points just inside open ends."""
    pool = list(_SIMPLE)
    low = None if v.lower is None else Fraction(int(v.lower.p), int(v.lower.q))
    high = None if v.upper is None else Fraction(int(v.upper.p), int(v.upper.q))
    if low is not None and high is not None:
        pool += [low + (high - low) * Fraction(int(k), 97) for k in rng.integers(0, 98, 30)]
        pool += [low + (high - low) * f for f in (Fraction(1, 1000), Fraction(999, 1000))]
    else:
        base = low if low is not None else Fraction(0)
        pool += [
            base + Fraction(int(a), int(b))
            for a, b in zip(rng.integers(1, 60, 40), rng.integers(1, 40, 40), strict=True)
        ]
        pool += [base + Fraction(1, 1000), base + 1000]
        if low is None:
            pool += [-p for p in pool]
    pool += [b for b in (low, high) if b is not None]
    return sorted({p for p in pool if v.contains(p)})


class _Sampler:
    """Points of a domain as arrays of doubles, each backed by an exact rational."""

    def __init__(self, obligation: Obligation, seed: int) -> None:
        self.obligation = obligation
        self.rng = np.random.default_rng(seed)
        self.variables = obligation.domain.variables
        self.pools = [_pool(v, self.rng) for v in self.variables]

    def draw(self, count: int) -> list[list[Fraction]]:
        columns = []
        for pool in self.pools:
            chosen = self.rng.integers(0, len(pool), count)
            columns.append([pool[i] for i in chosen])
        # ties and neighbours matter: half of the points copy a value from another variable where they may
        for k in range(1, len(columns)):
            source = self.rng.integers(0, k, count)
            copy = self.rng.random(count) < 0.25
            for i in np.flatnonzero(copy):
                value = columns[source[i]][i]
                if self.variables[k].contains(value):
                    columns[k][i] = value
        return columns

    def near(self, point: Sequence[Fraction], count: int, width: float) -> list[list[Fraction]]:
        """Points around `point`, relative distance about `width`, as fractions with small denominators."""
        columns: list[list[Fraction]] = []
        for v, value in zip(self.variables, point, strict=True):
            scale = width * (abs(float(value)) + 0.01)
            grid = max(1, min(10**9, round(30 / scale)))
            steps = np.rint(grid * (float(value) + scale * self.rng.standard_normal(count)))
            moved = [Fraction(int(k), grid) for k in steps]
            keep = self.rng.random(count) < 0.4
            columns.append([value if k or not v.contains(m) else m for k, m in zip(keep, moved, strict=True)])
        return columns


def nearby_counterexample(obligation: Obligation, point: Point) -> dict[sp.Symbol, Fraction] | None:
    """A confirmed counterexample at or near `point` (a solver's model, perhaps rounded), shrunk, or None."""
    symbols = obligation.domain.symbols
    sampler = _Sampler(obligation, 0)
    start = [point[s] for s in symbols]
    rounded = [[v.limit_denominator(k) for v in start] for k in (10**9, 10**6, 10**4, 1000, 100, 10)]
    moved = [
        list(row)
        for width in (1e-6, 1e-4, 1e-2, 0.1, 0.5, 2.0)
        for row in zip(*sampler.near(start, 40, width), strict=True)
    ]
    for row in (start, *rounded, *moved):
        trial = dict(zip(symbols, row, strict=True))
        if violates(obligation, trial):
            simple = simplest(obligation, trial)
            for candidate in (simple, trial):
                if is_counterexample(obligation, candidate):
                    return candidate
    return None


def _scores(obligation: Obligation, columns: list[list[Fraction]], goal: Formula) -> tuple[Array, Array]:
    symbols = obligation.domain.symbols
    arrays = [np.array([float(v) for v in column]) for column in columns]

    def values(expression: sp.Expr) -> Array:
        if not symbols:
            return np.asarray(numpy_function(expression)())
        return numpy_function(expression, *symbols)(*arrays)

    with np.errstate(all="ignore"):
        count = len(columns[0]) if columns else 1
        inside = np.ones(count)
        if obligation.domain.hypotheses:
            inside = _margin(conjunction(obligation.domain.hypotheses), values)
        outside = np.broadcast_to(_margin(goal, values), (count,))
    return np.nan_to_num(inside, nan=-1.0), np.nan_to_num(outside, nan=1.0)


def _hunt(
    obligation: Obligation,
    budget: Budget,
    goal: Formula,
    test: Callable[[Obligation, Point], bool],
    confirm: Callable[[Obligation, Point], bool],
) -> tuple[dict[sp.Symbol, Fraction] | None, int]:
    """The first point accepted by `test`, guided by small values of `goal`'s margin, and how many were tried."""
    symbols = obligation.domain.symbols
    digest = hashlib.sha256(obligation.serialise().encode()).digest()
    sampler = _Sampler(obligation, int.from_bytes(digest[:8], "big"))
    tried, confirmed = 0, 0
    best: list[tuple[float, list[Fraction]]] = []
    batch = max(1, min(4000, budget.points // 4)) if symbols else 1
    rounds = 5 if symbols else 1
    for round_ in range(rounds):
        if round_ < 2 or not best:
            columns = sampler.draw(batch)
        else:
            per = max(1, batch // len(best))
            parts = [sampler.near(p, per, 10.0 ** (-round_)) for _, p in best]
            columns = [[value for part in parts for value in part[k]] for k in range(len(symbols))]
        inside, margin = _scores(obligation, columns, goal)
        tried += len(margin)
        # points that violate a hypothesis or satisfy the goal only by rounding are left to the exact test
        score = margin - 4 * np.minimum(inside + 1e-12, 0)
        order = np.argsort(score, kind="stable")
        rows = {int(i): [column[i] for column in columns] for i in order[:400]}
        likely = [i for i in rows if score[i] <= 1e-9 and inside[i] >= -1e-9]
        # the worst violations first; among ties the simplest points, whose values are most often rational
        plain = sorted(likely, key=lambda i: sum(v.numerator + v.denominator for v in rows[i]))
        for i in dict.fromkeys([*likely[:30], *plain[:40]]):
            if confirmed > 250:
                break
            confirmed += 1
            point = dict(zip(symbols, rows[i], strict=True))
            if test(obligation, point):
                simple = simplest(obligation, point, test)
                if confirm(obligation, simple):
                    return simple, tried
        best = [(float(score[i]), rows[int(i)]) for i in order[:6]]
    return None, tried


def find_inhabitant(obligation: Obligation, budget: Budget) -> dict[sp.Symbol, Fraction] | None:
    """A point of the domain that satisfies the hypotheses (so that a proof is not about nothing), or None."""
    if not obligation.domain.hypotheses:
        return {v.symbol: _pool(v, np.random.default_rng(0))[-1] for v in obligation.domain.variables}
    wanted = Not(conjunction(obligation.domain.hypotheses))
    free = Obligation(obligation.id, obligation.text, obligation.domain, wanted, obligation.source)
    found, _ = _hunt(free, budget, wanted, is_inhabitant, is_inhabitant)
    return found


class SearchEngine:
    """Refutes by an exact witness; never proves."""

    name = "search"

    def accepts(self, obligation: Obligation) -> bool:
        """Everything that the evaluators can compute."""
        return True

    def decide(self, obligation: Obligation, budget: Budget) -> Evidence:
        """REFUTED with the simplest witness found, or UNKNOWN."""
        start = time.perf_counter()
        try:
            point, tried = _hunt(obligation, budget, obligation.goal, violates, is_counterexample)
        except UnsupportedExpression as problem:
            return issue(verdict=Verdict.UNKNOWN, engine=self.name, detail=str(problem))
        seconds = time.perf_counter() - start
        if point is None:
            return issue(
                verdict=Verdict.UNKNOWN,
                engine=self.name,
                detail=f"no counterexample in {tried} points",
                seconds=seconds,
            )
        return issue(
            verdict=Verdict.REFUTED,
            engine=self.name,
            detail="counterexample, confirmed by balls and by exact arithmetic",
            versions=(f"numpy {np.__version__}", f"sympy {sp.__version__}"),
            witness=show_point(point),
            seconds=seconds,
        )
