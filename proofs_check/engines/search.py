"""Search for a counterexample: many rational points in double precision, the promising ones decided exactly.

Double precision only chooses where to look. A point is reported after `is_counterexample` has confirmed it by two exact
paths, and shrunk to simple numbers. Finding nothing means nothing: the verdict is then UNKNOWN.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
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
    all_of,
)
from proofs_check.verdict import Evidence, Verdict, issue
from theory.evaluate import UnsupportedExpression, compile_expression
from theory.evaluate.numpy_ import NumpyBackend

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


def _numbers(v: Variable, rng: np.random.Generator) -> list[list[int]]:
    """What is random in the pool of `v`."""
    if None not in v.ends:
        return [rng.integers(0, 98, 30).tolist()]
    return [rng.integers(1, 60, 40).tolist(), rng.integers(1, 40, 40).tolist()]


def _pool(v: Variable, numbers: list[list[int]]) -> list[Fraction]:
    """Candidate values: edges, simple rationals, a random spread over scales, points just inside open ends."""
    pool = list(_SIMPLE)
    low, high = v.ends
    if low is not None and high is not None:
        pool += [low + (high - low) * Fraction(k, 97) for k in numbers[0]]
        pool += [low + (high - low) * f for f in (Fraction(1, 1000), Fraction(999, 1000))]
    else:
        base = low if low is not None else Fraction(0)
        pool += [base + Fraction(a, b) for a, b in zip(*numbers, strict=True)]
        pool += [base + Fraction(1, 1000), base + 1000]
        if low is None:
            pool += [-p for p in pool]
    pool += [b for b in (low, high) if b is not None]
    return sorted({p for p in pool if v.contains(p)})


@dataclass(frozen=True)
class _Batch:
    """Points as arrays of doubles; the exact rational behind an entry is made only when asked for."""

    columns: list[Array]
    exact: Callable[[int, int], Fraction]

    def row(self, i: int) -> list[Fraction]:
        """Point `i`, exactly."""
        return [self.exact(i, k) for k in range(len(self.columns))]


def _joined(parts: list[_Batch]) -> _Batch:
    sizes = [len(p.columns[0]) for p in parts]
    starts = np.concatenate(([0], np.cumsum(sizes)))

    def exact(i: int, k: int) -> Fraction:
        part = int(np.searchsorted(starts, i, side="right")) - 1
        return parts[part].exact(i - int(starts[part]), k)

    columns = [np.concatenate([p.columns[k] for p in parts]) for k in range(len(parts[0].columns))]
    return _Batch(columns, exact)


class _Sampler:
    """Draws points of a domain's box."""

    def __init__(self, obligation: Obligation, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.variables = obligation.domain.variables
        self.numbers = [_numbers(v, self.rng) for v in self.variables]
        self.bounds = [
            (-np.inf if v.lower is None else float(v.lower), np.inf if v.upper is None else float(v.upper))
            for v in self.variables
        ]

    @cached_property
    def pools(self) -> list[list[Fraction]]:
        """The candidates of each variable; `near` does not need them."""
        return [_pool(v, numbers) for v, numbers in zip(self.variables, self.numbers, strict=True)]

    def draw(self, count: int) -> _Batch:
        """Independent values from the pools; a quarter of the entries copy another variable: ties matter."""
        columns: list[Array] = []
        chosen: list[Array] = []
        source: list[Array] = []
        for k, pool in enumerate(self.pools):
            index = self.rng.integers(0, len(pool), count)
            column = np.array([float(p) for p in pool])[index]
            origin = np.full(count, k)
            if k:
                other = self.rng.integers(0, k, count)
                copied = np.stack(columns)[other, np.arange(count)]
                low, high = self.bounds[k]
                take = (self.rng.random(count) < 0.25) & (copied > low) & (copied < high)
                column = np.where(take, copied, column)
                origin = np.where(take, np.stack(source)[other, np.arange(count)], origin)
            columns.append(column)
            chosen.append(index)
            source.append(origin)

        def exact(i: int, k: int) -> Fraction:
            origin = int(source[k][i])
            return self.pools[origin][int(chosen[origin][i])]

        return _Batch(columns, exact)

    def near(self, point: Sequence[Fraction], count: int, width: float) -> _Batch:
        """Points around `point`, relative distance about `width`, as fractions with small denominators."""
        columns: list[Array] = []
        moves: list[tuple[Array, Array, int]] = []
        for (low, high), value in zip(self.bounds, point, strict=True):
            centre = float(value)
            scale = width * (abs(centre) + 0.01)
            grid = max(1, min(10**9, round(30 / scale)))
            steps = np.rint(grid * (centre + scale * self.rng.standard_normal(count)))
            moved = steps / grid
            stay = (self.rng.random(count) < 0.4) | (moved <= low) | (moved >= high)
            columns.append(np.where(stay, centre, moved))
            moves.append((stay, steps, grid))

        def exact(i: int, k: int) -> Fraction:
            stay, steps, grid = moves[k]
            return point[k] if stay[i] else Fraction(int(steps[i]), grid)

        return _Batch(columns, exact)


def nearby_counterexample(
    obligation: Obligation, point: Point, *, shrink: bool = True
) -> dict[sp.Symbol, Fraction] | None:
    """A confirmed counterexample at or near `point` (a solver's model, perhaps rounded), shrunk, or None."""
    symbols = obligation.domain.symbols
    sampler = _Sampler(obligation, 0)
    start = [point[s] for s in symbols]

    def rows() -> Iterator[list[Fraction]]:
        # mostly the model itself will do, so the rest is made when asked for
        yield start
        yield from ([v.limit_denominator(k) for v in start] for k in (10**9, 10**6, 10**4, 1000, 100, 10))
        for width in (1e-6, 1e-4, 1e-2, 0.1, 0.5, 2.0):
            batch = sampler.near(start, 40, width)
            yield from (batch.row(i) for i in range(40 if symbols else 1))

    for row in rows():
        trial = dict(zip(symbols, row, strict=True))
        if violates(obligation, trial):
            simple = simplest(obligation, trial) if shrink else trial
            for candidate in (simple, trial):
                if is_counterexample(obligation, candidate):
                    return candidate
    return None


def _scores(obligation: Obligation, columns: list[Array], goal: Formula) -> tuple[Array, Array]:
    """How far each point is inside the hypotheses, and how far the goal is from failing there (both rough)."""
    symbols = obligation.domain.symbols
    backend = NumpyBackend()

    count = len(columns[0]) if columns else 1

    def values(expression: sp.Expr) -> Array:
        return np.broadcast_to(compile_expression(expression, symbols).run(backend, columns), (count,))

    with np.errstate(all="ignore"):
        inside = np.ones(count)
        if obligation.domain.hypotheses:
            inside = np.broadcast_to(_margin(all_of(obligation.domain.hypotheses), values), (count,))
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
            points = sampler.draw(batch)
        else:
            points = _joined([sampler.near(p, max(1, batch // len(best)), 10.0 ** (-round_)) for _, p in best])
        inside, margin = _scores(obligation, points.columns, goal)
        tried += len(margin)
        # points that violate a hypothesis or satisfy the goal only by rounding are left to the exact test
        score = margin - 4 * np.minimum(inside + 1e-12, 0)
        order = np.argsort(score, kind="stable")
        likely = [int(i) for i in order[:300] if score[i] <= 1e-9 and inside[i] >= -1e-9]
        rows = {i: points.row(i) for i in likely}
        # the worst violations first; among ties the simplest points, whose values are most often rational
        plain = sorted(likely, key=lambda i: sum(v.numerator + v.denominator for v in rows[i]))
        for i in dict.fromkeys([*likely[:20], *plain[:30]]):
            if confirmed > (150 if budget.shrink else 60):
                break
            confirmed += 1
            point = dict(zip(symbols, rows[i], strict=True))
            if test(obligation, point):
                simple = simplest(obligation, point, test) if budget.shrink else point
                if confirm(obligation, simple):
                    return simple, tried
        best = [(float(score[i]), points.row(int(i))) for i in order[:6]]
    return None, tried


def find_inhabitant(obligation: Obligation, budget: Budget) -> dict[sp.Symbol, Fraction] | None:
    """A point of the domain that satisfies the hypotheses (so that a proof is not about nothing), or None."""
    if not obligation.domain.hypotheses:
        return {v.symbol: _pool(v, _numbers(v, np.random.default_rng(0)))[-1] for v in obligation.domain.variables}
    wanted = Not(all_of(obligation.domain.hypotheses))
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
