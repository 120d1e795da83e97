"""Section 6 with the capped score of Section 3: both readings at a stop `tau`, `y = e^{-2 tau}`."""

from __future__ import annotations

from fractions import Fraction

from sympy import Rational, Symbol

from proofs_check.claim import (
    Claim,
    Domain,
    Obligation,
    Repair,
    Statement,
    between,
    domain,
    merge,
    positive,
)
from proofs_check.formula import Formula, ge, gt, le, lt, map_expressions, symbols_of
from proofs_check.rules import at_coordinate, capped_terms_fall, coordinates
from proofs_check.rules.capped import decreasing
from proofs_check.rules.headline import STOPS, falls_in_every_dimension, largest_minimiser_rises, y1, y2
from theory.capped_distance import kept_at, uncapped_variance
from theory.capped_score import generated_variance_capped, y
from theory.frechet import on_coordinate
from theory.notation import cap, coordinate, coordinate_hat, q, sigma, sigma_hat, with_exact_score

__all__ = ["CAPPED_FALLS", "CLAIMS"]

_START = (
    "OU, started at N(0, I) as in prop-5; the stop is y = e^{-2 tau}, q = e^{-2T} <= y <= 1, and y1 <= y2 are two stops, y2 the later "
    "in backward time.",
)


def _capped(id: str, text: str, goal: str, sizes: tuple[int, ...]) -> Statement:
    build = {"falls": falls_in_every_dimension, "rises": largest_minimiser_rises}[goal]

    def formula(D: int) -> Formula:
        return build(D, with_exact_score)

    def instance(D: int) -> Obligation:
        where = merge(coordinates(domain(positive(sigma)), D), STOPS)
        return Obligation(f"{id}[D={D}]", text, where, build(D, with_exact_score))

    return Statement(id, text, lift=capped_terms_fall("capped-exact", formula), instance=instance, sizes=sizes)


CAPPED_FALLS = _capped(
    "headline-b/capped/exact",
    "with the exact capped score F(d, .) does not increase along the sampler: the last step is optimal for every d",
    "falls",
    (1, 2),
)
_CAPPED_A = _capped(
    "headline-a/capped/exact",
    "with the exact capped score the largest optimal dimension does not decrease along the sampler",
    "rises",
    (2,),
)

# --- samples for which the cap never acts: V is rational, and that is enough to refute ---------------------------
_FREE = domain(positive(sigma, sigma_hat))
_NEVER = ge(cap * sigma_hat**2, 1)


def _a_instance(D: int, *given: Formula) -> Obligation:
    """(A) among samples that the cap does not touch."""
    where = merge(coordinates(_FREE.given(_NEVER), D), STOPS).given(*decreasing(D), *given)
    return Obligation(
        f"headline-a/capped[D={D}]",
        "reading (A)",
        where,
        largest_minimiser_rises(D, lambda e: e, uncapped_variance()),
    )


_PRINTED_A = Statement(
    "headline-a/capped/every-sample",
    "with the capped score reading (A) holds for every sample (already among those with C hat sigma_j^2 >= 1)",
    instance=_a_instance,
    sizes=(2,),
)


def _fixed(obligation: Obligation, values: dict[Symbol, Fraction]) -> Obligation:
    """The obligation with some variables set to numbers inside their intervals."""
    numbers = {s: Rational(v.numerator, v.denominator) for s, v in values.items()}
    free = tuple(v for v in obligation.domain.variables if v.symbol not in values)
    hypotheses = [map_expressions(h, lambda e: e.subs(numbers)) for h in obligation.domain.hypotheses]
    kept = tuple(h for h in hypotheses if symbols_of(h))
    goal = map_expressions(obligation.goal, lambda e: e.subs(numbers))
    return Obligation(f"{obligation.id}, fixed", obligation.text, Domain(free, kept), goal)


_HALF = Fraction(1, 2)
_OUTSIDE_A = _fixed(
    _a_instance(2, at_coordinate(gt(sigma_hat, 2 * sigma), 2)),
    {
        coordinate(1): Fraction(2),
        coordinate_hat(1): Fraction(2),
        coordinate_hat(2): Fraction(2),
        cap: Fraction(2),
        q: _HALF,
        y2: Fraction(1),
    },
)


def _first_estimated_exactly() -> Obligation:
    """If the last step is best for d = 1 it is for d = 2; `hat sigma_1 = sigma_1 < 1` makes it best for d = 1."""
    V = uncapped_variance()
    terms = with_exact_score(on_coordinate(kept_at(V), 1)) + on_coordinate(kept_at(V), 2)
    s1, s2 = (on_coordinate(sigma, j) for j in (1, 2))
    h2 = on_coordinate(sigma_hat, 2)
    where = Domain(
        (*positive(s1, s2, h2), *STOPS.variables[:3]),
        (le(q, y1), lt(s1, 1), lt(s2, s1), le(h2, s1), ge(cap * s1**2, 1), ge(cap * h2**2, 1)),
    )
    return Obligation(
        "headline-b/capped[D=2]",
        "the last step is best for d = 2",
        where,
        le(terms.subs(y, 1), terms.subs(y, y1)),
    )


_PRINTED_B = Statement(
    "headline-b/capped/every-sample",
    "with the capped score reading (B) holds for every sample (already among those with hat sigma_1 = sigma_1 = 1/2, for which the last "
    "step is best at d = 1, hat sigma_2 = 1/4, C = 16, e^{-2T} = 1/2)",
    instance=lambda D: _fixed(
        _first_estimated_exactly(),
        {coordinate(1): _HALF, coordinate_hat(2): Fraction(1, 4), cap: Fraction(16), q: _HALF},
    ),
    sizes=(2,),
)

_TERM = with_exact_score(on_coordinate(kept_at(uncapped_variance()), 1)) + on_coordinate(
    kept_at(uncapped_variance()), 2
)
_OUTSIDE_B = Obligation(
    "headline-b/capped/outside",
    "sigma_1 = hat sigma_1 = 1/2, hat sigma_2 = 1/4, C = 16: F(2, .) still falls at the last step",
    Domain((between(coordinate(2), 0, _HALF),)),
    le(
        _TERM.diff(y).subs({y: 1, q: Rational(1, 2), coordinate(1): Rational(1, 2), coordinate_hat(2): Rational(1, 4)}),
        0,
    ),
)

_V = generated_variance_capped()

CLAIMS = (
    Claim(
        id="headline-a/capped",
        title="Reading (A), capped score",
        section="6 Headline",
        printed="With the capped score of prop-4, stopped at tau, d*(t) is non-decreasing in t.",
        statements=(_PRINTED_A,),
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma_j = sigma_j for every j (the exact capped score): every spectrum, every C > 1, every horizon",
                (_CAPPED_A,),
                outside=(_OUTSIDE_A,),
                sharp="sufficient; whether V_j(T) <= 4 sigma_j^2 for every j >= 2 is enough, as for the plug-in score, is not decided "
                "here (no counterexample is known)",
            ),
        ),
        uses=("eq-6",),
        conventions=_START,
        derivation=(("generated variance at the stop y", _V),),
    ),
    Claim(
        id="headline-b/capped",
        title="Reading (B), capped score",
        section="6 Headline",
        printed="With the capped score of prop-4, stopped at tau, the optimal stop x*(d) is non-increasing in d.",
        statements=(_PRINTED_B,),
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma_j = sigma_j for every j (the exact capped score): the last step is optimal for every d, every spectrum, C > 1, "
                "horizon",
                (CAPPED_FALLS,),
                outside=(_OUTSIDE_B,),
                sharp="sufficient; as with the exact score there is then no early stopping to order",
            ),
        ),
        uses=("eq-6",),
        conventions=_START,
        derivation=(("generated variance at the stop y", _V),),
    ),
)
