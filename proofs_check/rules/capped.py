"""The rules of Section 3: powers of a fraction, and the interval that must hold an optimal dimension."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, all_of, between, merge
from proofs_check.formula import (
    And,
    Formula,
    Iff,
    Implies,
    Not,
    Or,
    eq,
    ge,
    gt,
    le,
    lt,
    map_expressions,
    relations,
)
from proofs_check.rules.base import Rule, at_coordinate, coordinates
from theory.capped_score import increment_capped
from theory.capped_steps import E, distance_squared_capped, final_variance
from theory.frechet import dropped
from theory.notation import coordinate, coordinate_hat, sigma

__all__ = [
    "RULES",
    "best_between",
    "between_ends",
    "decreasing",
    "ends",
    "ends_ordered",
    "fading_power",
    "first_in",
    "last_in",
    "optimal_between_ends",
    "ordered_ends",
]

RULES = (
    Rule(
        "power-of-a-fraction",
        "If a goal holds for every number E in (0, 1] put in the place of base^exponent, where 0 < base <= 1 and "
        "exponent > 0, then it holds for the power itself.",
        "base^exponent = exp(exponent log(base)) with exponent log(base) <= 0, so the power lies in (0, 1].",
    ),
    Rule(
        "ordered-ends",
        "If the set L of coordinates is closed towards the first one and the set H towards the last one, and no "
        "coordinate j >= 2 lies in both, then d1 = max L (1 if empty) <= d2 = min H (D if empty).",
        "Were d2 < d1, then d1 >= 2 would lie in L, H would not be empty, and d1 > d2 would lie in H too.",
    ),
    Rule(
        "optimal-between-ends",
        "If moreover F(d) - F(d-1) is <= 0 where d >= 2 lies in L and > 0 where d lies in H, then some minimiser of F lies in "
        "[d1, max(d1, d2 - 1)], and in [d1, D] if H is empty; a fortiori in [d1, d2].",
        "F falls up to d1, because all of 2..d1 lie in L, and rises strictly from d2 - 1 on, because all of d2..D lie in H.",
    ),
)

Membership = Formula


def fading_power(id: str, text: str, where: Domain, goal: Formula) -> Lift:
    """Rule `power-of-a-fraction` for a goal in which exactly one power has an exponent that is not a number.

    Raises:
        ValueError: the goal holds no such power, or several.
    """
    sides = [side for r in relations(goal) for side in (r.left, r.right)]
    powers = {p for side in sides for p in side.atoms(sp.Pow) if p.exp.free_symbols}
    if len(powers) != 1:
        raise ValueError(f"goal must hold one power with a variable exponent, got {sorted(map(str, powers))}")
    power = powers.pop()
    fraction = And((gt(power.base, 0), le(power.base, 1), gt(power.exp, 0)))
    free = Domain((*where.variables, between(E, 0, 1, open="left")), where.hypotheses)
    premises = (
        Obligation(f"{id}/fraction", "the base lies in (0, 1] and the exponent is positive", where, fraction),
        Obligation(f"{id}/every-E", text, free, map_expressions(goal, lambda e: e.xreplace({power: E}))),
    )
    return Lift("power-of-a-fraction", premises, lambda D: Obligation(id, text, where, goal))


def decreasing(D: int) -> list[Formula]:
    """`sigma_j` and `sigma_hat_j` do not increase with `j`, `j = 1..D`."""
    pairs = [
        f for j in range(1, D) for f in ((coordinate(j), coordinate(j + 1)), (coordinate_hat(j), coordinate_hat(j + 1)))
    ]
    return [ge(a, b) for a, b in pairs]


def last_in(D: int, a: int, low: Membership) -> Formula:
    """`a = max{d : low(d)}`, 1 if the set is empty."""
    parts: list[Formula] = [at_coordinate(low, a)] if a > 1 else []
    return And((*parts, *(Not(at_coordinate(low, k)) for k in range(a + 1, D + 1))))


def first_in(b: int, high: Membership) -> Formula:
    """`b = min{d : high(d)}`, the set not being empty."""
    return And((*(Not(at_coordinate(high, k)) for k in range(1, b)), at_coordinate(high, b)))


def ends(D: int, b: int, high: Membership) -> Formula:
    """`b = min{d : high(d)}`, `D` if the set is empty."""
    before = tuple(Not(at_coordinate(high, k)) for k in range(1, b))
    return And(before if b == D else (*before, at_coordinate(high, b)))


def best_between(D: int, first: int, last: int) -> Formula:
    """Some `d` in `[first, last]` minimises `F` over `1..D`, an interval that is neither empty nor everything."""
    F = [distance_squared_capped(D, d) for d in range(1, D + 1)]
    inside = range(first, last + 1)
    if not 0 < len(inside) < D:
        raise ValueError(f"[first, last] must be a non-empty proper part of [1, {D}], got [{first}, {last}]")
    best = [all_of([le(F[d - 1], F[k - 1]) for k in range(1, D + 1) if k != d]) for d in inside]
    return best[0] if len(best) == 1 else Or(tuple(best))


def ends_ordered(D: int, low: Membership, high: Membership) -> Formula:
    """`d1 <= d2`."""
    wrong = [And((last_in(D, a, low), ends(D, b, high))) for a in range(2, D + 1) for b in range(1, a)]
    return And(tuple(Not(w) for w in wrong))


def optimal_between_ends(D: int, low: Membership, high: Membership, *, sharp: bool) -> Formula:
    """Some minimiser lies in `[d1, d2]`; with `sharp` in `[d1, max(d1, d2 - 1)]`, `[d1, D]` if no `d` is `high`."""
    none = And(tuple(Not(at_coordinate(high, k)) for k in range(1, D + 1)))
    parts: list[Formula] = []
    for a in range(1, D + 1):
        if sharp:
            cases = [(first_in(b, high), max(a, b - 1)) for b in range(1, D + 1)] + [(none, D)]
        else:
            cases = [(ends(D, b, high), b) for b in range(a, D + 1)]
        for upper, last in cases:
            if last - a + 1 < D:
                parts.append(Implies(And((last_in(D, a, low), upper)), best_between(D, a, last)))
    return And((*parts, ends_ordered(D, low, high)))


def _set_premises(id: str, one: Domain, low: Membership, high: Membership) -> tuple[Obligation, ...]:
    pair = coordinates(Domain(one.variables, ()), 2)
    return (
        Obligation(
            f"{id}/low-closed",
            "low passes on to earlier coordinates",
            pair.given(*decreasing(2), at_coordinate(low, 2)),
            at_coordinate(low, 1),
        ),
        Obligation(
            f"{id}/high-closed",
            "high passes on to later coordinates",
            pair.given(*decreasing(2), at_coordinate(high, 1)),
            at_coordinate(high, 2),
        ),
        Obligation(f"{id}/not-both", "no coordinate is low and high", one.given(low), Not(high)),
    )


def _where(one: Domain, D: int) -> Domain:
    """Coordinates `2..D` as in `one`; the first one without its hypotheses."""
    first = coordinates(Domain(one.variables, ()), 1)
    return merge(first, coordinates(one, D - 1, first=2)).given(*decreasing(D))


def ordered_ends(id: str, one: Domain, low: Membership, high: Membership) -> Lift:
    """Rule `ordered-ends` for coordinates `2..D` in `one`."""

    def conclusion(D: int) -> Obligation:
        return Obligation(f"{id}[D={D}]", "d1 <= d2", _where(one, D), ends_ordered(D, low, high))

    return Lift("ordered-ends", _set_premises(id, one, low, high), conclusion, smallest=2)


def _sign_premises(id: str, one: Domain, low: Membership, high: Membership) -> list[Obligation]:
    """That keeping a low coordinate does not cost and keeping a high one does, through `V <= 4 sigma^2`."""
    v = sp.Symbol("V", positive=True)
    value = Domain((between(sigma, 0, None), between(v, 0, None, open="left")))
    term = (sp.sqrt(v) - sigma) ** 2
    branches = list(final_variance().args)
    uncapped, when = branches[0]
    premises = [
        Obligation(
            f"{id}/increment",
            "F(d) - F(d-1) is the increment",
            value,
            eq(term - dropped(), increment_capped(v)),
        ),
        Obligation(
            f"{id}/sign",
            "its sign is that of V - 4 sigma^2",
            value,
            Iff(le(increment_capped(v), 0), le(v, 4 * sigma**2)),
        ),
        Obligation(f"{id}/low-uncapped", "a low coordinate is never capped", one.given(low), _condition(when)),
        Obligation(
            f"{id}/low",
            "V(T) <= 4 sigma^2 for a low coordinate",
            one.given(low),
            And((gt(uncapped, 0), le(uncapped, 4 * sigma**2))),
        ),
    ]
    earlier: list[Formula] = []
    for i, (branch, test) in enumerate(branches, 1):
        own = [] if test is sp.true else [_condition(test)]
        where = Domain(_plain(one).variables, (*earlier, *own, high))
        premises.append(
            Obligation(
                f"{id}/high-{i}",
                f"V(T) > 4 sigma^2 for a high coordinate, regime {i}",
                where,
                gt(branch, 4 * sigma**2),
            )
        )
        earlier += [Not(f) for f in own]
    return premises


def _plain(one: Domain) -> Domain:
    return Domain(one.variables, ())


def _condition(test: sp.Basic) -> Formula:
    signs: dict[object, Callable[[sp.Expr, sp.Expr], Formula]] = {sp.Ge: ge, sp.Le: le, sp.Gt: gt, sp.Lt: lt}
    return signs[test.func](test.lhs, test.rhs)


def between_ends(id: str, one: Domain, low: Membership, high: Membership, *, sharp: bool) -> Lift:
    """Rule `optimal-between-ends` for the capped score, coordinates `2..D` in `one`."""
    premises = (*_set_premises(id, one, low, high), *_sign_premises(id, one, low, high))

    def conclusion(D: int) -> Obligation:
        goal = optimal_between_ends(D, low, high, sharp=sharp)
        return Obligation(f"{id}[D={D}]", "an optimal dimension lies between the ends", _where(one, D), goal)

    return Lift("optimal-between-ends", premises, conclusion, smallest=2)
