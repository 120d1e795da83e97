"""The rules about data on a linear subspace (text-2, text-6, prop-3, prop-8).

`sigma_j = sigma_hat_j = 0` beyond the rank `d0`; the rules write out one such coordinate and hold for any number.
Isotropic data share one `sigma`. A pair hypothesis is written for coordinates 1 and 2 and asked of all `i < j`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, Variable, all_of
from proofs_check.formula import And, Formula, Iff, Implies, Or, eq, ge, gt, le, lt, map_expressions
from proofs_check.rules.base import Rule, Score, coordinates, plug_in, total
from proofs_check.rules.monotone import slope_premises
from theory.dimension import level
from theory.frechet import dropped, increment, kept, slope
from theory.low_rank import distance_low_rank
from theory.low_rank import isotropic as share_sigma
from theory.notation import X, coordinate, coordinate_hat, sigma, sigma_hat, x
from theory.process import variance_at_noise

__all__ = ["RULES", "best_rank", "minimises", "null_coordinates", "rank_optimal", "strict_summand", "y"]

#: the noise level at which the claimed optimal stop lies
y = sp.Symbol("y", nonnegative=True)

RULES = (
    Rule(
        "null-coordinates",
        "If a kept coordinate with sigma = sigma_hat = 0 adds x and a dropped one adds 0, then for data of "
        "rank d0 "
        "F(d0 + k, x) = F(d0, x) + k x, so that its slope at x = 0 is that of F(d0, .) plus k.",
        "Induction on k; the derivative of a sum.",
    ),
    Rule(
        "rank-optimal",
        "If v_j(x) <= 4 sigma_j^2 for every coordinate 2..d0, where that makes its increment <= 0, and a "
        "coordinate without variance adds x >= 0, then d0 minimises F(., x).",
        "F(., x) does not rise up to d0 and does not fall after it.",
    ),
    Rule(
        "best-rank",
        "Let l_j be the clipped level of coordinate j. If increments are <= 0 up to l_j (2 <= j <= d0), if "
        "for i < j the term "
        "of coordinate i has a slope >= 0 beyond l_j, and if slopes are non-decreasing, then every "
        "minimiser y of F(d0, .) on "
        "[0, X] satisfies F(d0, y) <= F(d', x) for every d' >= 1 and every x in [0, X].",
        "Given d' < d0 and x let u = min(x, l_{d'+1}, .., l_{d0}). No increment after d' is positive at u, "
        "so F(d0,u) <= F(d',u). "
        "If u < x then u = l_j for some j > d', beyond which the terms of all kept i <= d' rise, so F(d',u) "
        "<= F(d',x). For d' >= d0, "
        "F(d',x) >= F(d0,x). By convexity the first-order conditions at y make y a minimiser of F(d0, .).",
    ),
    Rule(
        "strict-summand",
        "If a(c) <= b(c) for every coordinate c, and a(c) < b(c) where e(c) < 0, then sum_j e(c_j) < 0 "
        "implies "
        "sum_j a(c_j) < sum_j b(c_j).",
        "A negative sum has a negative summand; one strict inequality makes the sum strict.",
    ),
)

_ZERO = {sigma: sp.S.Zero, sigma_hat: sp.S.Zero}


def _null_premises(id: str, where: Domain) -> tuple[Obligation, ...]:
    level_only = Domain(tuple(v for v in where.variables if v.symbol == x))
    return (
        Obligation(
            f"{id}/null-kept",
            "a kept coordinate without variance adds x, a dropped one nothing",
            level_only,
            And((eq(kept().subs(_ZERO), x), eq(dropped().subs(_ZERO), 0))),
        ),
    )


def null_coordinates(id: str, one: Domain) -> Lift:
    """Rule `null-coordinates` for `k = 0, 1, 2`; `one` is the domain of a coordinate with variance."""
    premises = (
        *_null_premises(id, one),
        Obligation(f"{id}/derivative", "the slope is the derivative", one, eq(kept().diff(x), slope())),
    )

    @cache
    def conclusion(D: int) -> Obligation:
        start = total(slope(), D).subs(x, 0)
        sums = [total(kept(), D) + k * x for k in range(3)]
        goal = all_of(
            [eq(f, distance_low_rank(D + 2, D, D + k)) for k, f in enumerate(sums)]
            + [eq(f.diff(x).subs(x, 0), start + k) for k, f in enumerate(sums)]
        )
        return Obligation(f"{id}[d0={D}]", "F(d0 + k, x) = F(d0, x) + k x", coordinates(one, D), goal)

    return Lift("null-coordinates", premises, conclusion)


def _names(isotropic: bool, places: dict[int, int]) -> dict[sp.Symbol, sp.Symbol]:
    """The substitution that moves coordinate `a` to place `b`; `sigma`, `sigma_hat` stand for coordinate 0."""
    table: dict[sp.Symbol, sp.Symbol] = {}
    for a, b in places.items():
        table[sigma_hat if a == 0 else coordinate_hat(a)] = coordinate_hat(b)
        if not isotropic:
            table[sigma if a == 0 else coordinate(a)] = coordinate(b)
    return table


def _move(formula: Formula, isotropic: bool, places: dict[int, int]) -> Formula:
    table = _names(isotropic, places)
    return map_expressions(formula, lambda e: e.subs(table, simultaneous=True))


def _spread(start: Domain, isotropic: bool, count: int) -> list[Variable]:
    """`count` copies of the own variables of `start`, then the shared ones."""
    own = {sigma_hat} if isotropic else {sigma, sigma_hat}
    copies = [
        Variable(_names(isotropic, {0: j})[v.symbol], v.lower, v.upper, v.lower_open, v.upper_open)
        for j in range(1, count + 1)
        for v in start.variables
        if v.symbol in own
    ]
    return copies + [v for v in start.variables if v.symbol not in own]


def _pair_domain(start: Domain, isotropic: bool, each: Sequence[Formula], pairs: Sequence[Formula]) -> Domain:
    second = [_move(h, isotropic, {0: 2}) for h in each]
    return Domain(tuple(_spread(start, isotropic, 2)), (*start.hypotheses, *second, *pairs))


def _all_hypotheses(
    isotropic: bool, each: Sequence[Formula], pairs: Sequence[Formula], D: int, every: bool
) -> list[Formula]:
    """`each` for coordinates 2..D and `pairs` for all `i < j`, or only for `i = 1`."""
    singles = [_move(h, isotropic, {0: j}) for j in range(2, D + 1) for h in each]
    couples = [(i, j) for j in range(2, D + 1) for i in range(1, j) if every or i == 1]
    return singles + [_move(h, isotropic, {1: i, 2: j}) for i, j in couples for h in pairs]


def _distance(D: int, d: int, isotropic: bool) -> sp.Expr:
    """`F(d, x)` of rank-`D` data in `D + 1` coordinates."""
    kept_sum = total(kept(), min(d, D)) + max(d - D, 0) * x
    value = kept_sum + sum((dropped().subs(sigma, coordinate(j)) for j in range(d + 1, D + 1)), sp.S.Zero)
    return share_sigma(value) if isotropic else value


def rank_optimal(
    id: str,
    start: Domain,
    *,
    isotropic: bool,
    score: Score = plug_in,
    each: Sequence[Formula] = (),
    pairs: Sequence[Formula] = (),
) -> Lift:
    """Rule `rank-optimal`: `d0` minimises `F(., x)`.

    `start` has the variables of one coordinate, `x` and what is shared, and hypotheses about the shared ones only. `each`
    is assumed of coordinates 2..d0, `pairs` of coordinate 1 with each of them.
    """
    where = _pair_domain(start, isotropic, each, pairs)
    second = _names(isotropic, {0: 2})
    v = score(variance_at_noise(sigma_hat**2))
    free = Domain(tuple(w for w in start.variables if w.symbol in (sigma, sigma_hat, x)))
    small = le(v, 4 * sigma**2)
    pays = (
        Obligation(
            f"{id}/small",
            "the generated variance is at most 4 sigma^2",
            where,
            map_expressions(small, lambda e: e.subs(second, simultaneous=True)),
        ),
        Obligation(
            f"{id}/pays",
            "where it is, and only there, keeping the coordinate pays",
            free,
            Iff(small, le(score(increment()), 0)),
        ),
    )
    premises = (_increment_premise(id, start, score), *pays, *_null_premises(id, start))

    @cache
    def conclusion(D: int) -> Obligation:
        hypotheses = _all_hypotheses(isotropic, each, pairs, D, every=False)
        shared = Domain(tuple(_spread(start, isotropic, D)), tuple(dict.fromkeys((*start.hypotheses, *hypotheses))))
        F = [score(_distance(D, d, isotropic)) for d in range(1, D + 2)]
        goal = all_of([le(F[D - 1], f) for d, f in enumerate(F, 1) if d != D])
        return Obligation(f"{id}[d0={D}]", "d0 minimises F(., x)", shared, goal)

    return Lift("rank-optimal", premises, conclusion)


def _increment_premise(id: str, start: Domain, score: Score = plug_in) -> Obligation:
    free = Domain(tuple(v for v in start.variables if v.symbol in (sigma, sigma_hat, x)))
    goal = eq(score(kept() - dropped()), score(increment()))
    return Obligation(f"{id}/increment", "F(d,x) - F(d-1,x) is the increment", free, goal)


def minimises(slope_sum: sp.Expr) -> Formula:
    """The first-order conditions at `y` for a convex function on `[0, X]` with slope `slope_sum` (in `x`)."""
    at = slope_sum.subs(x, y)
    return And((Or((eq(y, 0), le(at, 0))), Or((eq(y, X), ge(at, 0)))))


def best_rank(id: str, start: Domain, *, isotropic: bool, each: Sequence[Formula], pairs: Sequence[Formula]) -> Lift:
    """Rule `best-rank`: a best stop at `d0` is best over all dimensions and stops.

    `start` has the variables of one coordinate, `x`, `X` and what is shared, and `x <= X`. `each` is assumed of coordinates
    2..d0, `pairs` of all `i < j`.
    """
    # the level with the names of coordinate 2, beyond which coordinate 1 must not want to go back
    second = _names(isotropic, {0: 2})
    cut = level().subs(second, simultaneous=True)
    both = _pair_domain(start, isotropic, each, pairs)
    first_slope = slope().subs(_names(isotropic, {0: 1}), simultaneous=True)
    free = Domain(tuple(v for v in start.variables if v.symbol in (sigma, sigma_hat, x)))
    premises = (
        _increment_premise(id, start),
        Obligation(
            f"{id}/pays",
            "keeping the coordinate pays up to its level",
            start.given(*each, le(x, level())),
            le(increment(), 0),
        ),
        Obligation(
            f"{id}/kept",
            "beyond the level of a later coordinate the term of an earlier one does not fall",
            both.given(gt(x, cut)),
            ge(first_slope, 0),
        ),
        *slope_premises(id, free, kept(), slope()),
        *_null_premises(id, start),
    )

    @cache
    def conclusion(D: int) -> Obligation:
        stop = next(v for v in start.variables if v.symbol == x)
        variables = (
            *_spread(start, isotropic, D),
            Variable(y, stop.lower, stop.upper, stop.lower_open, stop.upper_open),
        )
        own = [map_expressions(h, lambda e: e.subs(x, y)) for h in start.hypotheses]
        hypotheses = (*start.hypotheses, *own, *_all_hypotheses(isotropic, each, pairs, D, every=True))
        slopes = total(slope(), D)
        best = _distance(D, D, isotropic).subs(x, y)
        goal = Implies(
            minimises(share_sigma(slopes) if isotropic else slopes),
            all_of([le(best, _distance(D, d, isotropic)) for d in range(1, D + 2)]),
        )
        where = Domain(variables, tuple(dict.fromkeys(hypotheses)))
        return Obligation(f"{id}[d0={D}]", "a best stop at d0 is best of all", where, goal)

    return Lift("best-rank", premises, conclusion)


def strict_summand(id: str, text: str, one: Domain, left: sp.Expr, right: sp.Expr, sign: sp.Expr) -> Lift:
    """Rule `strict-summand` for `left <= right`, strict where `sign < 0`, over the coordinates of `one`."""
    premise = Obligation(id, text, one, And((le(left, right), Implies(lt(sign, 0), lt(left, right)))))

    @cache
    def conclusion(D: int) -> Obligation:
        goal = Implies(lt(total(sign, D), 0), lt(total(left, D), total(right, D)))
        return Obligation(f"{id}[D={D}]", text, coordinates(one, D), goal)

    return Lift("strict-summand", (premise,), conclusion)
