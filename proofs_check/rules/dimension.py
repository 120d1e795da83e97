"""The rules about increments in the dimension (Section 2 and reading (A))."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, all_of, merge
from proofs_check.formula import And, Formula, Implies, eq, ge, gt, le, lt
from proofs_check.rules.base import Rule, Score, coordinates, plug_in, two_levels, x1, x2
from proofs_check.rules.monotone import slope_premises
from theory.frechet import distance_squared, dropped, increment, kept, on_coordinate, slope
from theory.notation import X, x

__all__ = [
    "RULES",
    "increments_convex",
    "largest_minimiser_falls",
    "optimal_between_levels",
    "single_crossing",
]

RULES = (
    Rule(
        "single-crossing",
        "If F(d,x) - F(d-1,x) is <= 0 for x <= l_d and >= 0 for x > l_d on (0, X], and X >= l_2 >= ... >= l_D >= 0, "
        "then for l_{d+1} < x <= l_d (l_1 = X, l_{D+1} = 0) dimension d minimises F(., x).",
        "Increments up to d are <= 0 and those after d are >= 0 at such an x, so F(., x) falls until d and rises after it.",
    ),
    Rule(
        "increments-convex",
        "If every increment F(d,x) - F(d-1,x), d >= 2, is convex in x on [0, X] and <= 0 at x = 0, then the largest "
        "minimiser of F(., x) is non-increasing in x.",
        "For d < d' the difference G(x) = F(d',x) - F(d,x) is convex with G(0) <= 0, so {G <= 0} is an interval "
        "from 0: if d' is at least as good as d at x2, it is so at every x1 <= x2. Hence whichever dimension is the "
        "largest minimiser at x2 is beaten by no smaller dimension at x1.",
    ),
)


def optimal_between_levels(D: int, levels: list[sp.Expr], score: Score = plug_in) -> Formula:
    """For `l_{d+1} < x <= l_d` dimension `d` is optimal; `levels` are `l_2..l_D`, `l_1 = X`, `l_{D+1} = 0`."""
    F = [score(distance_squared(D, d)) for d in range(1, D + 1)]
    ends = [X, *levels, sp.S.Zero]
    parts: list[Formula] = []
    for d in range(1, D + 1):
        inside = all_of([le(x, ends[d - 1]), lt(ends[d], x)])
        best = all_of([le(F[d - 1], F[k - 1]) for k in range(1, D + 1) if k != d])
        parts.append(Implies(inside, best))
    return all_of(parts)


def single_crossing(
    id: str,
    one: Domain,
    level: sp.Expr,
    *,
    score: Score = plug_in,
    ordered: Obligation | None = None,
    hypothesis: Callable[[int], list[Formula]],
) -> Lift:
    """Rule `single-crossing` with clipped crossing levels `level`, for coordinates 2..D in `one`.

    `hypothesis(D)` is what the statement assumes about the coordinates together. Either it says that the levels do not
    increase with the dimension, or `ordered` proves that they do not.
    """
    gain = score(increment())
    premises = [
        Obligation(f"{id}/increment", "F(d,x) - F(d-1,x) is the increment", one, eq(score(kept() - dropped()), gain)),
        Obligation(
            f"{id}/crossing",
            "keeping the coordinate pays up to the level and costs beyond it",
            one,
            And((Implies(le(x, level), le(gain, 0)), Implies(gt(x, level), ge(gain, 0)))),
        ),
    ]
    if ordered is not None:
        premises.append(ordered)

    def conclusion(D: int) -> Obligation:
        levels = [on_coordinate(level, j) for j in range(2, D + 1)]
        free = Domain(one.variables, ())
        where = merge(coordinates(free, 1), coordinates(one, D - 1, first=2)).given(*hypothesis(D))
        return Obligation(
            f"{id}[D={D}]", "d is optimal between its levels", where, optimal_between_levels(D, levels, score)
        )

    return Lift("single-crossing", tuple(premises), conclusion, smallest=2)


def largest_minimiser_falls(D: int, score: Score = plug_in) -> Formula:
    """Reading (A): if some `d >= k` is optimal at `x2` then some `d >= k` is optimal at `x1 <= x2`, for every `k`.

    That says that the largest minimiser at `x1` is at least the largest one at `x2`.
    """
    F = [score(distance_squared(D, d)) for d in range(1, D + 1)]

    def upper_wins(k: int, y: sp.Symbol) -> Formula:
        values = [f.subs(x, y) for f in F]
        return le(sp.Min(*values[k - 1 :]), sp.Min(*values[: k - 1]))

    return all_of([Implies(upper_wins(k, x2), upper_wins(k, x1)) for k in range(2, D + 1)])


def increments_convex(id: str, one: Domain, *, score: Score = plug_in) -> Lift:
    """Rule `increments-convex`: reading (A) from convex increments that are `<= 0` at `x = 0`, on coordinates 2..D."""
    gain = score(increment())
    without_x = Domain(tuple(v for v in one.variables if v.symbol != x), one.hypotheses)
    premises = (
        Obligation(f"{id}/increment", "F(d,x) - F(d-1,x) is the increment", one, eq(score(kept() - dropped()), gain)),
        *slope_premises(id, one, gain, score(slope())),
        Obligation(f"{id}/start", "keeping the coordinate pays at the last step", without_x, le(gain.subs(x, 0), 0)),
    )

    def conclusion(D: int) -> Obligation:
        pair = two_levels(one)
        where = merge(coordinates(Domain(pair.variables, ()), 1), coordinates(pair, D - 1, first=2))
        return Obligation(
            f"{id}[D={D}]",
            "the optimal dimension does not increase with the noise level",
            where,
            largest_minimiser_falls(D, score),
        )

    return Lift("increments-convex", premises, conclusion, smallest=2)
