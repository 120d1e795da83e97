"""Section 1: when the distance is monotone in the stop time."""

from __future__ import annotations

from itertools import combinations

import sympy as sp

from proofs_check.claim import (
    Claim,
    Obligation,
    Repair,
    Statement,
    all_of,
    between,
    domain,
    positive,
    universal,
)
from proofs_check.formula import And, Formula, Iff, Implies, Or, eq, ge, gt, le, lt
from proofs_check.rules import coordinates, slope_increases, sum_of_terms, two_levels, x1, x2
from theory.frechet import (
    criterion,
    criterion_term,
    curvature,
    distance_slope,
    distance_squared,
    kept,
    on_coordinate,
    slope,
)
from theory.notation import sigma, sigma_hat, with_exact_score, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS", "ONE", "TWO", "slope_iff"]

#: one coordinate of the plug-in sampler at one noise level, and at two ordered ones
ONE = domain(positive(sigma, sigma_hat), between(x, 0, 1))
TWO = two_levels(ONE)
_EXACT = two_levels(domain(positive(sigma), between(x, 0, 1)))
_SCHEDULE = "The noise level x = a_tau^2 increases strictly with tau = T - t and fills [0, a_T^2], a_T > 0 (so T > 0)."


def _grows(D: int, change: sp.Expr) -> Formula:
    return le(change.subs(x, x1), change.subs(x, x2))


def _exact_instance(D: int) -> Obligation:
    F = with_exact_score(distance_squared(D + 1, D))
    return Obligation(f"prop-1a[d={D}]", "F(d, .) is non-decreasing", coordinates(_EXACT, D + 1), _grows(D, F))


def _slope_instance(D: int) -> Obligation:
    F = distance_squared(D + 1, D)
    monotone = Implies(ge(criterion(D), 0), _grows(D, F))
    otherwise = Implies(lt(criterion(D), 0), lt(F.diff(x).subs(x, 0), 0))
    return Obligation(f"[7][d={D}]", "monotone iff [7]", coordinates(TWO, D + 1), And((monotone, otherwise)))


def slope_iff(id: str, text: str) -> Statement:
    """The statement of prop-1b: `F(d, .)` is non-decreasing in the noise level exactly if [7] holds."""
    return Statement(id, text, lift=slope_increases(id, ONE, kept(), slope()), instance=_slope_instance)


def _before_the_end(D: int) -> Obligation:
    # F(d, .) is convex, so its minimum lies at some x > 0 exactly if its slope at x = 0 is negative
    goal = Implies(ge(criterion(D), 0), lt(distance_slope(D).subs(x, 0), 0))
    return Obligation(f"text-1[d={D}]", "under [7] the slope at T is negative", coordinates(ONE, D), goal)


def _agree(j: int) -> sp.Expr:
    """Positive iff `1 - sigma_j/sigma_hat_j` and `1 - sigma_hat_j^2` have the same sign, negative iff opposite ones."""
    return on_coordinate((sigma_hat - sigma) * (1 - sigma_hat**2), j)


def _most(D: int, agree: bool) -> Formula:
    relation = gt if agree else lt
    sets = combinations(range(1, D + 1), D // 2 + 1)
    return Or(tuple(all_of([relation(_agree(j), 0) for j in chosen]) for chosen in sets))


def _majority(D: int) -> Obligation:
    goal = And(
        (Implies(_most(D, True), ge(criterion(D), 0)), Implies(_most(D, False), lt(criterion(D), 0))),
    )
    where = domain(coordinates(domain(positive(sigma, sigma_hat)), D).variables)
    return Obligation(f"text-5[d={D}]", "the majority of the signs decides", where, goal)


_AGREEMENT = (sigma_hat - sigma) * (1 - sigma_hat**2)
_SIGNS = domain(positive(sigma, sigma_hat))


def _unanimous(id: str, given: Formula, op: str) -> Statement:
    from proofs_check.formula import Relation, map_expressions

    one = _SIGNS.given(given)

    def instance(D: int) -> Obligation:
        hypotheses = [map_expressions(given, lambda e, j=j: on_coordinate(e, j)) for j in range(1, D + 1)]  # type: ignore[misc]
        where = domain(coordinates(_SIGNS, D).variables, given=hypotheses)
        return Obligation(f"{id}[d={D}]", "unanimous signs decide [7]", where, Relation(op, criterion(D), sp.S.Zero))

    lift = sum_of_terms(id, "the sign of a summand of [7]", one, op, criterion_term(), sp.S.Zero)
    return Statement(id, "signs that agree for every j decide [7]", lift=lift, instance=instance)


def _mixed(D: int = 2) -> tuple[Obligation, Obligation]:
    """One strict agreement and one strict disagreement: neither sign of [7] follows."""
    where = coordinates(_SIGNS, D).given(gt(_agree(1), 0), lt(_agree(2), 0))
    return (
        Obligation("text-5/mixed-monotone", "mixed signs imply [7]", where, ge(criterion(D), 0)),
        Obligation("text-5/mixed-not", "mixed signs imply that [7] fails", where, lt(criterion(D), 0)),
    )


_v = variance_at_noise(sigma_hat**2)
_v1, _v2 = _v.subs(x, x1), _v.subs(x, x2)
#: two generated standard deviations
_near, _far = sp.symbols("w_1 w_2", nonnegative=True)

CLAIMS = (
    Claim(
        id="prop-1a",
        title="Exact score: later is never worse",
        section="1 Non-monotonicity",
        printed="With the exact score, d_F(P_d^T P_d Xb_t, X_0) is non-increasing in backward time t, for every d.",
        statements=(
            Statement(
                "prop-1a/monotone",
                "F(d, .) is non-decreasing in the noise level",
                lift=sum_of_terms(
                    "prop-1a/term",
                    "a kept coordinate's term is non-decreasing in x",
                    _EXACT,
                    "<=",
                    with_exact_score(kept()).subs(x, x1),
                    with_exact_score(kept()).subs(x, x2),
                ),
                instance=_exact_instance,
            ),
        ),
        uses=("eq-4/backward", "eq-6"),
        conventions=(_SCHEDULE,),
        derivation=(
            ("term of a kept coordinate", with_exact_score(kept())),
            ("its slope", with_exact_score(slope())),
            ("slope at x = 0", with_exact_score(slope().subs(x, 0))),
        ),
    ),
    Claim(
        id="prop-1b",
        title="Plug-in score: monotone iff [7]",
        section="1 Non-monotonicity",
        printed="With the plug-in score the distance is non-increasing in t iff "
        "[7] sum_{j<=d} (1 - sigma_j/hat sigma_j)(1 - hat sigma_j^2) >= 0.",
        statements=(slope_iff("prop-1b/iff", "F(d, .) is non-decreasing in the noise level iff [7]"),),
        uses=("eq-5", "eq-6"),
        conventions=(
            _SCHEDULE,
            "hat sigma_j > 0 for j <= d (almost sure for n >= 1); otherwise [7] divides by zero.",
        ),
        derivation=(
            ("term of a kept coordinate", kept()),
            ("its slope f'", slope()),
            ("its curvature f''", curvature()),
            ("summand of [7], f'(0)", criterion_term()),
        ),
    ),
    Claim(
        id="prop-1b/f-second",
        title="Proof step: f'' > 0",
        section="1 Non-monotonicity",
        printed="f''(x) = sum sigma_j (1 - hat sigma_j^2)^2 / (2 v_j^{3/2}) > 0",
        statements=(
            universal("prop-1b/f-second/formula", "the formula for f''", ONE, eq(kept().diff(x, 2), curvature())),
            universal("prop-1b/f-second/positive", "each summand of f'' is positive", ONE, gt(curvature(), 0)),
        ),
        repairs=(
            Repair(
                "statement",
                "f'' >= 0, and a summand vanishes exactly if hat sigma_j = 1. Convexity, all that the proof needs, survives.",
                (
                    universal("prop-1b/f-second/convex", "each summand of f'' is >= 0", ONE, ge(curvature(), 0)),
                    universal(
                        "prop-1b/f-second/flat",
                        "a summand vanishes iff hat sigma = 1",
                        ONE,
                        Iff(eq(curvature(), 0), eq(sigma_hat, 1)),
                    ),
                ),
            ),
        ),
        derivation=(("f''", curvature()),),
    ),
    Claim(
        id="text-1",
        title="Remark: the distance is smallest before T under [7]",
        section="1 Non-monotonicity",
        printed="Each variance moves monotonically from near 1 to hat sigma_j^2, so the distance is smallest when the variance "
        "is closest to the truth, which happens before time T under condition (7).",
        statements=(
            universal(
                "text-1/moves",
                "v moves monotonically between hat sigma^2 (x = 0) and 1 (x = 1)",
                TWO,
                And(
                    (
                        ge((_v2 - _v1) * (1 - sigma_hat**2), 0),
                        eq(_v.subs(x, 0), sigma_hat**2),
                        eq(_v.subs(x, 1), 1),
                    )
                ),
            ),
            universal(
                "text-1/closest",
                "on one side of sigma^2 the variance closer to it gives the smaller distance",
                domain(
                    positive(sigma, _near, _far),
                    given=[
                        ge((_near - sigma) * (_far - sigma), 0),
                        le((_near**2 - sigma**2) ** 2, (_far**2 - sigma**2) ** 2),
                    ],
                ),
                le((_near - sigma) ** 2, (_far - sigma) ** 2),
            ),
            Statement("text-1/before", "under [7] the minimum lies strictly before T", instance=_before_the_end),
        ),
        repairs=(
            Repair(
                "statement",
                "The minimum lies strictly before T exactly if [7] FAILS; under [7] the last step is optimal.",
                (slope_iff("text-1/repair", "the minimum is at T iff [7], strictly before it otherwise"),),
            ),
        ),
        uses=("prop-1b",),
        conventions=(
            "F(d, .) is convex, so 'before T' is a negative slope at x = 0.",
            "With two or more coordinates the variances come closest to the truth at different times; the second sentence is "
            "read for one coordinate.",
        ),
        derivation=(("dF/dx at x = 0, one coordinate", slope().subs(x, 0)),),
    ),
    Claim(
        id="text-5",
        title="Remark: the signs of most coordinates decide",
        section="1 Non-monotonicity",
        printed="If for most j the sign of 1 - sigma_j/hat sigma_j equals that of 1 - hat sigma_j^2 the distance is monotone; "
        "if for most j they differ, it is not.",
        statements=(Statement("text-5/majority", "the majority of the signs decides", instance=_majority, sizes=(3,)),),
        repairs=(
            Repair(
                "hypothesis",
                "the signs agree (or one factor vanishes) for every j <= d; for the second half, they differ for every j <= d",
                (
                    _unanimous("text-5/all-agree", ge(_AGREEMENT, 0), ">="),
                    _unanimous("text-5/all-differ", lt(_AGREEMENT, 0), "<"),
                ),
                outside=_mixed(),
                sharp="as soon as one coordinate agrees and one differs strictly, both outcomes occur: the sizes decide, not the count",
            ),
        ),
        uses=("prop-1b",),
        conventions=("'Monotone' is [7] by prop-1b; 'most' is read as more than half.",),
        derivation=(("summand of [7]", criterion_term()),),
    ),
)
