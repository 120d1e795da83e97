"""Section 1: the remark about low-rank data without projection (text-2)."""

from __future__ import annotations

from functools import cache

import sympy as sp

from proofs_check.claim import (
    Claim,
    Obligation,
    Repair,
    Statement,
    all_of,
    between,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.formula import Iff, eq, ge, gt, le, lt
from proofs_check.rules import (
    coordinates,
    null_coordinates,
    sum_of_terms,
    two_levels,
    x1,
    x2,
)
from theory.frechet import (
    criterion,
    criterion_term,
    kept,
)
from theory.low_rank import distance_low_rank
from theory.notation import sigma, sigma_hat, x
from theory.tails import chernoff_lower, degrees, deviation

__all__ = ["CLAIMS"]

_SECTION = "1 Non-monotonicity"
_ONE = domain(positive(sigma, sigma_hat), between(x, 0, 1))
_NULL = (
    "Coordinates j > d0 have sigma_j = hat sigma_j = 0; their summand of [7] is printed as 0/0 and read as "
    "what [7] stands "
    "for, the slope of their term at x = 0, which is 1."
)


#: a number >= hat sigma_j^2 for all j, and the number of further coordinates for each one with variance, (D - d0)/d0
_m = sp.Symbol("m", nonnegative=True)
_k = sp.Symbol("k", nonnegative=True)
_EVENT = le(sp.Abs(sigma - sigma_hat), sigma_hat)
_BOUNDED = domain(positive(sigma, sigma_hat), nonnegative(_m), given=[_EVENT, le(sigma_hat**2, _m)])
_ENOUGH = two_levels(domain(positive(sigma, sigma_hat), nonnegative(_k), between(x, 0, 1))).given(
    _EVENT, le(sp.Abs(1 - sigma_hat**2), _k)
)


@cache
def _null_instance(D: int) -> Obligation:
    F = [distance_low_rank(D + 2, D, D + k) for k in range(3)]
    growth = [eq(distance_low_rank(D + 2, D, D) + k * x, f) for k, f in enumerate(F)]
    start = [eq(f.diff(x).subs(x, 0), criterion(D) + k) for k, f in enumerate(F)]
    return Obligation(
        f"text-2/split[d0={D}]",
        "[7] splits off D - d0",
        coordinates(_ONE, D),
        all_of(growth + start),
    )


_SPLIT = Statement(
    "text-2/split/slope",
    "F(d0 + k, x) = F(d0, x) + k x, and its slope at x = 0 is the sum over j <= d0 plus k",
    lift=null_coordinates("text-2/split", _ONE),
    instance=_null_instance,
    sizes=(1, 2),
)


@cache
def _monotone_instance(D: int) -> Obligation:
    F = distance_low_rank(D, D, D) + D * _k * x
    return Obligation(
        f"text-2[d0={D}]",
        "F(D, .) is non-decreasing",
        coordinates(_ENOUGH, D),
        le(F.subs(x, x1), F.subs(x, x2)),
    )


@cache
def _bound_instance(D: int) -> Obligation:
    where = coordinates(_BOUNDED, D)
    return Obligation(f"text-2/term[d0={D}]", "lower bound", where, ge(criterion(D), -D * (1 + _m)))


def _bracket_instance(D: int) -> Obligation:
    goal = eq(sp.Add(*[-1 - _m] * D) + (D + 1 - D), D + 1 - 2 + _m * D)
    return Obligation(f"text-2/bracket[d0={D}]", "D = d0 + 1", domain(nonnegative(_m)), goal)


def _bracket_bound_instance(D: int) -> Obligation:
    goal = ge(criterion(D) + 1, D + 1 - 2 + _m * D)
    return Obligation(f"text-2/bracket/bound[d0={D}]", "as a bound, D = d0 + 1", coordinates(_BOUNDED, D), goal)


_d0 = sp.Symbol("d0", positive=True)
_D = sp.Symbol("D", positive=True)

CLAIMS = (
    Claim(
        id="text-2",
        title="Remark: low-rank data without projection",
        section=_SECTION,
        printed="sigma_j = hat sigma_j = 0 for j > d0, no projection: on |sigma_j - hat sigma_j| <= hat "
        "sigma_j the distance is "
        "monotone once D is large enough.",
        statements=(
            Statement(
                "text-2/monotone",
                "F(D, .) is non-decreasing in the noise level if D - d0 >= d0 max |1 - hat sigma_j^2|",
                lift=sum_of_terms(
                    "text-2/monotone",
                    "with k further coordinates a term does not fall",
                    _ENOUGH,
                    "<=",
                    kept().subs(x, x1) + _k * x1,
                    kept().subs(x, x2) + _k * x2,
                ),
                instance=_monotone_instance,
                sizes=(1, 2),
            ),
        ),
        uses=("prop-1b",),
        proof_uses=("text-2/split",),
        conventions=(
            _NULL,
            "k = (D - d0)/d0. 'Large enough' is made explicit: D >= d0 (1 + max |1 - hat sigma_j^2|), for "
            "which the paper's own "
            "bound, put right, D >= (2 + max hat sigma^2) d0, is enough. The exact condition is [7] itself.",
            "The same with d in place of D for any latent dimension d >= d0.",
        ),
        derivation=(("slope of a term at x = 0", criterion_term()),),
    ),
    Claim(
        id="text-2/split",
        title="Remark, step: [7] splits off D - d0",
        section=_SECTION,
        printed="The left side of [7] equals sum_{j<=d0} (1 - sigma_j/hat sigma_j)(1 - hat sigma_j^2) + D - d0.",
        statements=(_SPLIT,),
        uses=("prop-1b",),
        conventions=(_NULL,),
        derivation=(("term of a coordinate without variance", kept().subs({sigma: 0, sigma_hat: 0})),),
    ),
    Claim(
        id="text-2/term",
        title="Remark, step: lower bound of the sum",
        section=_SECTION,
        printed="On |sigma_j - hat sigma_j| <= hat sigma_j: sum_{j<=d0} (1 - sigma_j/hat sigma_j)(1 - hat "
        "sigma_j^2) >= "
        "sum_{j<=d0} (-1 - max hat sigma^2).",
        statements=(
            Statement(
                "text-2/term/sum",
                "each summand is at least -1 - max hat sigma^2",
                lift=sum_of_terms("text-2/term", "one summand", _BOUNDED, ">=", criterion_term(), -1 - _m),
                instance=_bound_instance,
                sizes=(1, 2),
            ),
        ),
        conventions=("m stands for any number >= hat sigma_j^2 for all j, so for their maximum.",),
        derivation=(("summand", criterion_term()),),
    ),
    Claim(
        id="text-2/bracket",
        title="Remark, step: what the sum comes to",
        section=_SECTION,
        printed="sum_{j<=d0} (-1 - max hat sigma^2) + D - d0 = D - 2 + (max hat sigma^2) d0",
        statements=(
            Statement("text-2/bracket/printed", "the printed value, for D = d0 + 1", instance=_bracket_instance),
            Statement(
                "text-2/bracket/bound",
                "the printed value as a lower bound of [7], for D = d0 + 1",
                instance=_bracket_bound_instance,
                sizes=(2,),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "sum_{j<=d0} (-1 - max hat sigma^2) + D - d0 = D - (2 + max hat sigma^2) d0: the bracket is "
                "misplaced, and the sign of "
                "the second term wrong.",
                (
                    universal(
                        "text-2/bracket/repaired",
                        "d0 equal summands",
                        domain(positive(_d0, _D), nonnegative(_m)),
                        eq(_d0 * (-1 - _m) + _D - _d0, _D - (2 + _m) * _d0),
                    ),
                ),
            ),
        ),
        proof_uses=("text-2/term",),
        conventions=(
            "The two sides agree for d0 = 1 and max hat sigma^2 = 0 only; no placing of the bracket helps otherwise.",
        ),
    ),
    Claim(
        id="text-2/projected",
        title="Remark, step: after projecting the term is gone",
        section=_SECTION,
        printed="After projecting on the data's subspace the term D - d0 is gone.",
        statements=(
            _SPLIT,
            universal(
                "text-2/projected/either-way",
                "without it [7] can be negative: sigma > hat sigma, hat sigma < 1",
                domain(positive(sigma, sigma_hat), given=[lt(sigma_hat, sigma), lt(sigma_hat, 1)]),
                lt(criterion_term(), 0),
            ),
        ),
        uses=("prop-1b",),
        conventions=(_NULL, "k = 0 of the split."),
    ),
    Claim(
        id="text-2/event",
        title="Remark: how likely its event is",
        section=_SECTION,
        printed="|sigma_j - hat sigma_j| <= hat sigma_j says hat sigma_j >= sigma_j/2; it fails for one j "
        "with probability at most "
        "exp(-n (log 4 - 3/4)/2) < exp(-0.318 n).",
        statements=(
            universal(
                "text-2/event/meaning",
                "the event bounds the estimate from below only",
                domain(positive(sigma, sigma_hat)),
                Iff(_EVENT, ge(4 * sigma_hat**2, sigma**2)),
            ),
            universal(
                "text-2/event/rate",
                "the Chernoff exponent at 1 - r = 1/4",
                domain(),
                gt(chernoff_lower().subs({deviation: sp.Rational(3, 4), degrees: 1}), sp.Rational(318, 1000)),
            ),
        ),
        ours=True,
        proof_uses=("prop-9/lower-tail",),
    ),
)
