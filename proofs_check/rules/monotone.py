"""The rule about the slope of a sum (Section 1)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, all_of
from proofs_check.formula import Implies, eq, ge, le, lt
from proofs_check.rules.base import Rule, coordinates, total, two_levels, x1, x2
from theory.notation import x

__all__ = ["RULES", "slope_increases", "slope_premises"]

RULES = (
    Rule(
        "slope-increases",
        "If g is the derivative in x of a coordinate's term and g(x1) <= g(x2) for x1 <= x2, then F(x) = const + "
        "sum_j term_j(x) is non-decreasing on [0, X], X > 0, exactly if sum_j g_j(0) >= 0; otherwise F strictly "
        "decreases on some (0, delta).",
        "A sum of non-decreasing slopes is non-decreasing, so F' >= F'(0) on [0, X] and the mean value theorem "
        "gives one direction; F'(0) < 0 gives the other by the definition of the derivative.",
    ),
)


def slope_premises(id: str, one: Domain, term: sp.Expr, derivative: sp.Expr) -> tuple[Obligation, Obligation]:
    """That `slope` is the derivative of `term` in `x`, and that it is non-decreasing in `x` (so `term` is convex)."""
    return (
        Obligation(f"{id}/derivative", "the slope is the derivative of the term", one, eq(term.diff(x), derivative)),
        Obligation(
            f"{id}/slope",
            "the slope is non-decreasing in x",
            two_levels(one),
            le(derivative.subs(x, x1), derivative.subs(x, x2)),
        ),
    )


def slope_increases(id: str, one: Domain, term: sp.Expr, derivative: sp.Expr) -> Lift:
    """Rule `slope-increases` for `F = const + sum_j term_j`."""

    def conclusion(D: int) -> Obligation:
        start = total(derivative.subs(x, 0), D)
        sum_ = total(term, D)
        goal = all_of(
            [
                Implies(ge(start, 0), le(sum_.subs(x, x1), sum_.subs(x, x2))),
                Implies(lt(start, 0), lt(sum_.diff(x).subs(x, 0), 0)),
            ]
        )
        return Obligation(
            f"{id}[D={D}]",
            "non-decreasing iff the initial slope is >= 0",
            coordinates(two_levels(one), D),
            goal,
        )

    return Lift("slope-increases", slope_premises(id, one, term, derivative), conclusion)
