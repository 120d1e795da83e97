"""Lifting rules: from obligations about one coordinate to a statement about any number `D` of them.

These rules are the trusted base beside the engines and the imports: no engine checks them for every `D`. So they are few and
named, each says what it concludes and why it is valid, and each builds its premises and its conclusion from the same
terms. `docs/` holds the proofs in full, `tests/` tries every rule against random instances and against
premises that are false.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, Variable, all_of, merge
from proofs_check.formula import And, Formula, Implies, Relation, eq, ge, gt, le, lt, map_expressions
from theory.frechet import distance_squared, dropped, increment, kept, on_coordinate, slope
from theory.notation import X, coordinate, coordinate_hat, sigma, sigma_hat, x

__all__ = [
    "RULES",
    "Rule",
    "at_coordinate",
    "coordinates",
    "increments_convex",
    "largest_minimiser_falls",
    "plug_in",
    "single_crossing",
    "slope_increases",
    "sum_of_terms",
    "x1",
    "x2",
]

x1 = sp.Symbol("x1", nonnegative=True)
x2 = sp.Symbol("x2", nonnegative=True)


@dataclass(frozen=True)
class Rule:
    """A rule's name, what it says, and why it is valid in brief."""

    name: str
    says: str
    because: str


RULES = {
    rule.name: rule
    for rule in (
        Rule(
            "sum-of-terms",
            "If a(c) <= b(c) for every coordinate c, then sum_j a(c_j) <= sum_j b(c_j) for any number of coordinates.",
            "Induction on the number of coordinates; inequalities add.",
        ),
        Rule(
            "slope-increases",
            "If g is the derivative in x of a coordinate's term and g(x1) <= g(x2) for x1 <= x2, then F(x) = const + "
            "sum_j term_j(x) is non-decreasing on [0, X], X > 0, exactly if sum_j g_j(0) >= 0; otherwise F strictly "
            "decreases on some (0, delta).",
            "A sum of non-decreasing slopes is non-decreasing, so F' >= F'(0) on [0, X] and the mean value theorem "
            "gives one direction; F'(0) < 0 gives the other by the definition of the derivative.",
        ),
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
}


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


def _total(term: sp.Expr, D: int) -> sp.Expr:
    return sum((on_coordinate(term, j) for j in range(1, D + 1)), sp.S.Zero)


def sum_of_terms(id: str, text: str, one: Domain, op: str, left: sp.Expr, right: sp.Expr) -> Lift:
    """Rule `sum-of-terms` for `left op right`, op `<=` or `>=`, over the coordinates of `one`."""
    if op not in ("<=", ">=", "<", ">"):
        raise ValueError(f"op must be an inequality, got {op!r}")
    premise = Obligation(id, text, one, Relation(op, left, right))

    def conclusion(D: int) -> Obligation:
        goal = Relation(op, _total(left, D), _total(right, D))
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
    hypotheses = tuple(
        map_expressions(h, lambda e, y=y: e.subs(x, y)) for h in one.hypotheses for y in (x1, x2)
    )  # type: ignore[misc]
    return Domain(tuple(variables), (*dict.fromkeys(hypotheses), le(x1, x2)))


def slope_premises(id: str, one: Domain, term: sp.Expr, derivative: sp.Expr) -> tuple[Obligation, Obligation]:
    """That `slope` is the derivative of `term` in `x`, and that it is non-decreasing in `x` (so `term` is convex)."""
    return (
        Obligation(
            f"{id}/derivative", "the slope is the derivative of the term", one, eq(term.diff(x), derivative)
        ),
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
        start = _total(derivative.subs(x, 0), D)
        total = _total(term, D)
        goal = all_of(
            [
                Implies(ge(start, 0), le(total.subs(x, x1), total.subs(x, x2))),
                Implies(lt(start, 0), lt(total.diff(x).subs(x, 0), 0)),
            ]
        )
        return Obligation(
            f"{id}[D={D}]",
            "non-decreasing iff the initial slope is >= 0",
            coordinates(two_levels(one), D),
            goal,
        )

    return Lift("slope-increases", slope_premises(id, one, term, derivative), conclusion)


Score = Callable[[sp.Expr], sp.Expr]


def plug_in(e: sp.Expr) -> sp.Expr:
    """The plug-in score: formulas as they stand. Its counterpart is `theory.notation.with_exact_score`."""
    return e


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
        Obligation(
            f"{id}/increment", "F(d,x) - F(d-1,x) is the increment", one, eq(score(kept() - dropped()), gain)
        ),
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
        Obligation(
            f"{id}/increment", "F(d,x) - F(d-1,x) is the increment", one, eq(score(kept() - dropped()), gain)
        ),
        *slope_premises(id, one, gain, score(slope())),
        Obligation(
            f"{id}/start", "keeping the coordinate pays at the last step", without_x, le(gain.subs(x, 0), 0)
        ),
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
