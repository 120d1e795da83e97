"""What the lifting rules share: coordinates, two noise levels, and the two rules about sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, Variable
from proofs_check.formula import Formula, Relation, le, map_expressions
from theory.frechet import on_coordinate
from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat, x

__all__ = [
    "RULES",
    "Rule",
    "Score",
    "at_coordinate",
    "coordinates",
    "plug_in",
    "sum_of_terms",
    "total",
    "two_levels",
    "x1",
    "x2",
]

#: two noise levels of one trajectory
x1 = sp.Symbol("x1", nonnegative=True)
x2 = sp.Symbol("x2", nonnegative=True)


@dataclass(frozen=True)
class Rule:
    """A rule's name, what it says, and why it is valid in brief."""

    name: str
    says: str
    because: str


RULES = (
    Rule(
        "sum-of-terms",
        "If a(c) <= b(c) for every coordinate c, then sum_j a(c_j) <= sum_j b(c_j) for any number of coordinates.",
        "Induction on the number of coordinates; inequalities add.",
    ),
)

Score = Callable[[sp.Expr], sp.Expr]


def plug_in(e: sp.Expr) -> sp.Expr:
    """The plug-in score: formulas as they stand. Its counterpart is `theory.notation.with_exact_score`."""
    return e


def at_coordinate(formula: Formula, j: int) -> Formula:
    """`formula`, about `sigma` and `sigma_hat`, for coordinate `j`."""
    return map_expressions(formula, lambda e: on_coordinate(e, j))


def coordinates(one: Domain, D: int, first: int = 1) -> Domain:
    """`D` copies of a one-coordinate domain (its other variables are shared), coordinates `first..first+D-1`."""
    own = {sigma, sigma_hat}
    shared = tuple(v for v in one.variables if v.symbol not in own)
    mine = [v for v in one.variables if v.symbol in own]
    variables: list[Variable] = []
    hypotheses: list[Formula] = []
    for j in range(first, first + D):
        names = {sigma: coordinate(j), sigma_hat: coordinate_hat(j)}
        variables += [Variable(names[v.symbol], v.lower, v.upper, v.lower_open, v.upper_open) for v in mine]
        hypotheses += [at_coordinate(h, j) for h in one.hypotheses]
    return Domain((*variables, *shared), tuple(dict.fromkeys(hypotheses)))


def total(term: sp.Expr, D: int) -> sp.Expr:
    """The sum of `term` over coordinates `1..D`."""
    return sum((on_coordinate(term, j) for j in range(1, D + 1)), sp.S.Zero)


def sum_of_terms(id: str, text: str, one: Domain, op: str, left: sp.Expr, right: sp.Expr) -> Lift:
    """Rule `sum-of-terms` for `left op right`, op `<=` or `>=`, over the coordinates of `one`."""
    if op not in ("<=", ">=", "<", ">"):
        raise ValueError(f"op must be an inequality, got {op!r}")
    premise = Obligation(id, text, one, Relation(op, left, right))

    def conclusion(D: int) -> Obligation:
        goal = Relation(op, total(left, D), total(right, D))
        return Obligation(f"{id}[D={D}]", text, coordinates(one, D), goal)

    return Lift("sum-of-terms", (premise,), conclusion)


def two_levels(one: Domain) -> Domain:
    """The domain with its noise level `x` replaced by two, `x1 <= x2`."""
    variables: list[Variable] = []
    for v in one.variables:
        if v.symbol == x:
            variables += [Variable(s, v.lower, v.upper, v.lower_open, v.upper_open) for s in (x1, x2)]
        else:
            variables.append(v)
    hypotheses = tuple(map_expressions(h, lambda e, y=y: e.subs(x, y)) for h in one.hypotheses for y in (x1, x2))  # type: ignore[misc]
    return Domain(tuple(variables), (*dict.fromkeys(hypotheses), le(x1, x2)))
