"""Section 6, reading (B): the optimal stop as a function of the latent dimension; beyond-1."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Claim,
    Domain,
    Obligation,
    Repair,
    Statement,
    between,
    domain,
    positive,
    universal,
)
from proofs_check.formula import And, Formula, Iff, eq, ge, gt, le, lt, map_expressions, ne
from proofs_check.rules import coordinates, ordered_minimisers, sum_of_terms
from proofs_check.rules.capped import decreasing
from proofs_check.rules.headline import levels_fall, smallest_minimiser_falls
from theory.frechet import criterion_term, distance_slope, distance_squared, kept, on_coordinate, slope
from theory.ideal import ideal_level, shrinkage, shrunk
from theory.notation import X, coordinate, coordinate_hat, sigma, sigma_hat, with_exact_score, x

__all__ = ["CLAIMS", "LAST_STEP", "OPEN_SET", "READING_B"]

READING_B = (
    "Reading (B): the optimal noise level x*(d), the smallest minimiser of F(d, .) on [0, X], X = a_T^2, is non-increasing in d. "
    "F(d, .) is convex, so x*(d+1) <= x*(d) says: at every x < X where dF(d,x)/dx >= 0, also dF(d+1,x)/dx >= 0.",
    "The minimiser is unique unless hat sigma_j = 1 for every kept j.",
)

_LEVELS = (between(X, 0, 1, open="left"), between(x, 0, 1))
_ONE: Domain = domain(positive(sigma, sigma_hat), _LEVELS, given=[lt(x, X)])
_EXACT: Domain = domain(positive(sigma), between(x, 0, 1))


def _reading(D: int, *hypotheses: Formula) -> Obligation:
    where = coordinates(_ONE, D).given(*hypotheses)
    return Obligation(f"headline-b[D={D}]", "reading (B)", where, smallest_minimiser_falls(D))


def _below_one(D: int, *hypotheses: Formula) -> Obligation:
    """The same among ordered samples with every `hat sigma_j < 1`, where all minimisers are unique."""
    return _reading(D, *decreasing(D), *(lt(coordinate_hat(j), 1) for j in range(1, D + 1)), *hypotheses)


def _exact_end(D: int) -> Obligation:
    F = with_exact_score(distance_squared(D, D))
    return Obligation(
        f"headline-b/exact[D={D}]", "the last step is optimal", coordinates(_EXACT, D), ge(F, F.subs(x, 0))
    )


LAST_STEP = Statement(
    "headline-b/exact/last-step",
    "with the exact score x = 0 minimises F(d, .), whatever d is: x*(d) = 0 is constant",
    lift=sum_of_terms(
        "headline-b/exact/term",
        "a kept coordinate is best at x = 0",
        _EXACT,
        ">=",
        with_exact_score(kept()),
        with_exact_score(kept()).subs(x, 0),
    ),
    instance=_exact_end,
)

_UNIQUE = universal(
    "headline-b/exact/unique",
    "a kept coordinate's term exceeds its value at x = 0 at every x > 0 exactly if sigma_j != 1",
    domain(positive(sigma), between(x, 0, 1, open="left")),
    Iff(eq(with_exact_score(kept()), with_exact_score(kept()).subs(x, 0)), eq(sigma, 1)),
)

_PRINTED_PLUG_IN = Statement(
    "headline-b/plug-in/every-sample",
    "with the plug-in score x*(d) is non-increasing in d, for every sample (already among those with hat sigma_j < 1)",
    instance=_below_one,
    sizes=(2,),
)

_ORDERED = Statement(
    "beyond-1/ordered",
    "x_1 >= ... >= x_D implies reading (B)",
    lift=ordered_minimisers("beyond-1", _ONE, hypothesis=levels_fall),
    instance=lambda D: _reading(D, *levels_fall(D)),
    sizes=(2, 3),
)

_OUTSIDE = Obligation(
    "headline-b/plug-in/outside",
    "(B) at the last step with x_1 = 0 < x_2: hat sigma_1 over-estimated, hat sigma_2 under-estimated",
    coordinates(domain(positive(sigma, sigma_hat)), 2).given(
        *decreasing(2),
        lt(coordinate_hat(1), 1),
        ge(coordinate_hat(1), coordinate(1)),
        lt(coordinate_hat(2), coordinate(2)),
    ),
    map_expressions(smallest_minimiser_falls(2), lambda e: e.subs(x, 0)),
)

_REPAIR = Repair(
    "hypothesis",
    "x_1 >= x_2 >= ... >= x_D, where x_j is coordinate j's own ideal noise level, (sigma_j^2 - hat sigma_j^2)/(1 - hat sigma_j^2) "
    "clipped to [0, X] (0 if hat sigma_j = 1)",
    (_ORDERED,),
    outside=(_OUTSIDE,),
    sharp="sufficient for every spectrum, sample and horizon; not necessary (beyond-1/not-necessary)",
)

# an open set of samples that satisfy everything prop-2b and headline-a ask for
_OPEN = domain(
    between(coordinate_hat(1), sp.Rational(1, 2), sp.Rational(51, 100)),
    between(coordinate_hat(2), sp.Rational(1, 10), sp.Rational(1, 5)),
)
_TRUTH = {coordinate(1): sp.Rational(1, 2), coordinate(2): sp.Rational(1, 4)}


def _at_truth(d: int) -> sp.Expr:
    return distance_slope(d).subs(_TRUTH).subs(x, 0)


OPEN_SET = universal(
    "headline-b/plug-in/open-set",
    "sigma = (1/2, 1/4), hat sigma_1 in [1/2, 51/100], hat sigma_2 in [1/10, 1/5]: d = 1 wants the last step and d = 2 does not",
    _OPEN,
    And((ge(_at_truth(1), 0), lt(_at_truth(2), 0))),
)

# --- uniform shrinkage ------------------------------------------------------------------------------------------
_SHRUNK: Domain = domain(
    positive(sigma),
    between(shrinkage, 0, 1, open="left"),
    _LEVELS,
    given=[lt(x, X), lt(shrinkage * sigma, 1)],
)


def _decreasing(D: int) -> list[Formula]:
    return [ge(coordinate(j), coordinate(j + 1)) for j in range(1, D)]


def _shrunk_level(j: int) -> sp.Expr:
    return on_coordinate(shrunk(ideal_level()), j)


_pair = coordinates(_SHRUNK, 2)
_SHRUNK_ORDERED = Obligation(
    "beyond-1/shrinkage/ordered",
    "the ideal levels do not increase with j",
    domain(
        [v for v in _pair.variables if v.symbol != x],
        given=[*_decreasing(2), lt(shrinkage * coordinate(1), 1)],
    ),
    ge(_shrunk_level(1), _shrunk_level(2)),
)


def _shrunk_reading(D: int, *given: Formula) -> Obligation:
    below = [lt(shrinkage * coordinate(j), 1) for j in range(1, D + 1)]
    return _shrunk_instance(D, *_decreasing(D), *below, *given)


def _shrunk_instance(D: int, *given: Formula) -> Obligation:
    free = Domain(_SHRUNK.variables, (lt(x, X),))
    return Obligation(
        f"beyond-1/shrinkage[D={D}]",
        "reading (B) under uniform shrinkage",
        coordinates(free, D).given(*given),
        smallest_minimiser_falls(D, shrunk),
    )


_SHRUNK_OUTSIDE = Obligation(
    "beyond-1/shrinkage/outside",
    "(B) at the last step with hat sigma_1 > 1 > hat sigma_2",
    domain(positive(coordinate(1), coordinate(2)), between(shrinkage, 0, 1, open="left")).given(
        gt(shrinkage * coordinate(1), 1), lt(shrinkage * coordinate(2), 1)
    ),
    map_expressions(smallest_minimiser_falls(2, shrunk), lambda e: e.subs(x, 0)),
)

_h1, _h2 = coordinate_hat(1), coordinate_hat(2)
_TWO = coordinates(domain(positive(sigma, sigma_hat)), 2)
_NOT_NECESSARY = _TWO.given(
    gt(_h1, coordinate(1)),
    lt(_h1, 1),
    lt(_h2, coordinate(2)),
    ge(distance_slope(2).subs(x, 0), 0),
)
_COORDINATE = domain(positive(sigma, sigma_hat), between(X, 0, 1, open="left"))
_WITH_LEVEL = Domain((*_NOT_NECESSARY.variables, between(x, 0, 1, open="left")), _NOT_NECESSARY.hypotheses)

CLAIMS = (
    Claim(
        id="headline-b",
        title="Reading (B): higher dimension, later optimal stop",
        section="6 Headline",
        printed="Lower latent dimension, earlier stop; higher latent dimension, later stop: x*(d) is non-increasing in d (exact and "
        "plug-in score, every sample).",
        statements=(LAST_STEP, _PRINTED_PLUG_IN),
        repairs=(_REPAIR,),
        uses=("eq-4/backward", "eq-5", "eq-6"),
        proof_uses=("prop-1b",),
        conventions=READING_B,
        derivation=(("slope of a kept coordinate", slope()), ("its ideal noise level x_j", ideal_level())),
    ),
    Claim(
        id="headline-b/exact",
        title="Reading (B), exact score",
        section="6 Headline",
        printed="With the exact score x*(d) is non-increasing in d.",
        statements=(LAST_STEP, _UNIQUE),
        uses=("eq-4/backward", "eq-6"),
        conventions=(
            "It holds because x*(d) = 0 for every d: the exact score never wants to stop early, so there is no effect to order.",
            "Not unique only if sigma_1 = ... = sigma_d = 1, where F(d, .) is constant.",
        ),
        derivation=(("slope", with_exact_score(slope())),),
    ),
    Claim(
        id="headline-b/plug-in",
        title="Reading (B), plug-in score",
        section="6 Headline",
        printed="With the plug-in score x*(d) is non-increasing in d.",
        statements=(_PRINTED_PLUG_IN,),
        repairs=(_REPAIR,),
        uses=("eq-5", "eq-6"),
        proof_uses=("prop-1b",),
        conventions=READING_B,
        derivation=(("slope at x = 0", criterion_term()), ("x_j", ideal_level())),
    ),
    Claim(
        id="headline-b/plug-in/probability",
        title="Reading (B) fails with positive probability for every n",
        section="6 Headline",
        printed="For sigma = (1/2, 1/4), D = 2 and every n >= 1 the plug-in sampler violates (B) with positive probability, on samples "
        "with hat sigma_2 <= hat sigma_1 and hat sigma_2 <= 2 sigma_2, for which (A) holds.",
        statements=(
            OPEN_SET,
            universal(
                "headline-b/plug-in/open-set/event",
                "these samples satisfy the hypotheses of headline-a and of prop-2b",
                _OPEN,
                And(
                    (
                        le(coordinate_hat(2), sp.Rational(1, 2)),
                        gt(coordinate_hat(1), coordinate_hat(2)),
                        lt(coordinate_hat(1), 1),
                    )
                ),
            ),
        ),
        uses=("eq-5", "eq-6", "headline-a/plug-in"),
        conventions=(
            "(hat sigma_1, hat sigma_2) has a positive density on (0, oo)^2 for every n >= 1, so an open set has positive "
            "probability. Slope >= 0 at 0 for d = 1 makes x*(1) = 0; slope < 0 for d = 2 makes x*(2) > 0.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-1",
        title="Ordered ideal levels give (B), sample by sample",
        section="7 Beyond the paper",
        printed="If x_j is non-increasing in j, then x*(d) is non-increasing in d.",
        statements=(_ORDERED,),
        uses=("eq-5", "eq-6"),
        conventions=(*READING_B, "hat sigma_j > 0; the order of sigma_j and of hat sigma_j is not used."),
        derivation=(("x_j", ideal_level()),),
        ours=True,
    ),
    Claim(
        id="beyond-1/shrinkage",
        title="Uniform shrinkage",
        section="7 Beyond the paper",
        printed="(B) holds under uniform shrinkage hat sigma_j^2 = r sigma_j^2, r <= 1, for every decreasing spectrum.",
        statements=(
            Statement(
                "beyond-1/shrinkage/printed",
                "(B) under uniform shrinkage (no hat sigma_j = 1, so that minimisers are unique)",
                instance=lambda D: _shrunk_instance(
                    D, *_decreasing(D), *(ne(shrinkage * coordinate(j), 1) for j in range(1, D + 1))
                ),
                sizes=(2,),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "r sigma_1^2 < 1, i.e. hat sigma_1 < 1 (the stated sigma_1 <= 1 is more than is needed)",
                (
                    Statement(
                        "beyond-1/shrinkage/repaired",
                        "(B) under uniform shrinkage with hat sigma_1 < 1",
                        lift=ordered_minimisers(
                            "beyond-1/shrinkage",
                            _SHRUNK,
                            score=shrunk,
                            hypothesis=_decreasing,
                            ordered=_SHRUNK_ORDERED,
                        ),
                        instance=_shrunk_reading,
                        sizes=(2, 3),
                    ),
                ),
                outside=(_SHRUNK_OUTSIDE,),
                sharp="at r sigma_1^2 = 1 F(1, .) is constant and (B) depends on which minimiser is taken; beyond, it fails",
            ),
        ),
        uses=("beyond-1",),
        conventions=READING_B,
        derivation=(("x_j", shrunk(ideal_level())),),
    ),
    Claim(
        id="beyond-1/not-necessary",
        title="Ordered levels are not necessary for (B)",
        section="7 Beyond the paper",
        printed="For D = 2, hat sigma_1 > sigma_1, hat sigma_1 < 1, hat sigma_2 < sigma_2 and [7] for d = 2: (B) holds at every horizon although "
        "x_1 = 0 < x_2.",
        statements=(
            universal(
                "beyond-1/not-necessary/first",
                "x_j = 0 for an over-estimated variance",
                _COORDINATE.given(gt(sigma_hat, sigma), lt(sigma_hat, 1)),
                eq(ideal_level(), 0),
            ),
            universal(
                "beyond-1/not-necessary/second",
                "x_j > 0 for an under-estimated one",
                _COORDINATE.given(lt(sigma_hat, sigma), lt(sigma_hat, 1)),
                gt(ideal_level(), 0),
            ),
            universal(
                "beyond-1/not-necessary/both-at-zero",
                "the slopes of F(1, .) and, at x = 0, of F(2, .) are >= 0, so both are smallest at x = 0 by convexity",
                _WITH_LEVEL.given(lt(coordinate(2), 1)),
                And((gt(distance_slope(1), 0), ge(distance_slope(2).subs(x, 0), 0))),
            ),
        ),
        uses=("beyond-1",),
        proof_uses=("prop-1b",),
        ours=True,
    ),
)
