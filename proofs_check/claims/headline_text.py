"""Section 6: is late degradation intrinsic to the dimensionality reduction (text-7)? Other schedules (beyond-4)."""

from __future__ import annotations

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, positive, universal
from proofs_check.claims.headline_capped import CAPPED_FALLS
from proofs_check.claims.monotonicity import slope_iff
from proofs_check.formula import And, Iff, Implies, eq, ge, gt, lt
from proofs_check.rules import coordinates, sum_of_terms
from theory.capped_distance import kept_at
from theory.frechet import criterion, criterion_term, distance_slope, distance_squared, dropped, kept
from theory.notation import sigma, sigma_hat, tau, with_exact_score, x
from theory.schedules import RECTIFIED_FLOW, VARIANCE_EXPLODING

__all__ = ["CLAIMS"]

_DEGRADES = (
    "Late degradation at dimension d: F(d, .) is smaller somewhere before the last step than at it. F(d, .) is convex in x for VP, so "
    "that is a negative slope at x = 0 (prop-1b)."
)
_EXACT = domain(positive(sigma), between(x, 0, 1))
_PLUG_IN = domain(positive(sigma, sigma_hat))


def _intrinsic(D: int) -> Obligation:
    """Exact score, `d = D - 1 < D`: the slope at the last step is negative."""
    start = with_exact_score(distance_slope(D - 1)).subs(x, 0)
    where = coordinates(domain(positive(sigma)), D)
    return Obligation(f"text-7/intrinsic[D={D}]", "the exact score degrades when d < D", where, lt(start, 0))


def _absent(D: int) -> Obligation:
    """Plug-in score, `d = D`: [7] holds."""
    return Obligation(
        f"text-7/absent[D={D}]", "nothing degrades when d = D", coordinates(_PLUG_IN, D), ge(criterion(D), 0)
    )


_INTRINSIC = Statement(
    "text-7/intrinsic",
    "with the exact score, so without any estimation or numerical error, late degradation occurs when d < D",
    instance=_intrinsic,
    sizes=(2, 3),
)
_ABSENT = Statement(
    "text-7/absent", "with the plug-in score late degradation is absent when d = D", instance=_absent, sizes=(1, 2)
)
_PER_D = slope_iff(
    "text-7/per-dimension", "the plug-in score degrades late at d iff [7] fails for that d, whether d < D or d = D"
)
_CONSTANT = universal(
    "text-7/constant",
    "what is dropped adds a constant to F(d, .)",
    domain(positive(sigma), between(x, 0, 1)),
    eq(dropped().diff(x), 0),
)
_NO_EFFECT = Statement(
    "text-7/exact/all-d",
    "with the exact score the last step minimises F(d, .), for every d <= D",
    lift=sum_of_terms(
        "text-7/exact/term",
        "a kept coordinate is best at x = 0",
        _EXACT,
        ">=",
        with_exact_score(kept()),
        with_exact_score(kept()).subs(x, 0),
    ),
    instance=lambda D: Obligation(
        f"text-7/exact[d={D}]",
        "the last step is the best",
        coordinates(_EXACT, D),
        ge(with_exact_score(distance_squared(D, D)), with_exact_score(distance_squared(D, D)).subs(x, 0)),
    ),
)

_TAU = between(tau, 0, 1)
_FLOW = domain(positive(sigma), _TAU)
_v = RECTIFIED_FLOW.variance(sigma**2)
_lowest = sigma**2 / (1 + sigma**2)
_flow_term = kept_at(_v)
_flow_plug_in = kept_at(RECTIFIED_FLOW.variance(sigma_hat**2))
_ve_term = kept_at(VARIANCE_EXPLODING.variance(sigma_hat**2))

CLAIMS = (
    Claim(
        id="text-7",
        title="Late degradation and the dimensionality reduction",
        section="6 Headline",
        printed="The late degradation is intrinsic to the dimensionality reduction of latent models (not to estimation or numerical "
        "error), and is absent when d = D.",
        statements=(_INTRINSIC, _ABSENT),
        repairs=(
            Repair(
                "statement",
                "In this model late degradation comes from estimation: with the exact score (capped or not) it occurs for no d; with the "
                "plug-in score it occurs at d iff [7] fails for d, a condition on the kept coordinates alone, the same for d = D as "
                "for d < D.",
                (_NO_EFFECT, _PER_D, _CONSTANT, CAPPED_FALLS),
            ),
        ),
        uses=("eq-4/backward", "eq-5", "eq-6"),
        proof_uses=("prop-1b",),
        conventions=(_DEGRADES,),
        derivation=(("summand of [7]", criterion_term()),),
    ),
    Claim(
        id="text-7/intrinsic",
        title="First half: intrinsic to the reduction",
        section="6 Headline",
        printed="Late degradation is intrinsic to the reduction, as opposed to estimation: it occurs with the exact score when d < D.",
        statements=(_INTRINSIC,),
        repairs=(
            Repair(
                "statement",
                "With the exact score, capped or not, the last step is optimal for every d.",
                (_NO_EFFECT, CAPPED_FALLS),
            ),
        ),
        uses=("eq-4/backward", "eq-6"),
        conventions=(_DEGRADES,),
    ),
    Claim(
        id="text-7/absent",
        title="Second half: absent when d = D",
        section="6 Headline",
        printed="Late degradation is absent when d = D.",
        statements=(_ABSENT,),
        repairs=(
            Repair(
                "hypothesis",
                "[7] holds for d = D (always so with the exact score, and for low-rank data once D is large, text-2)",
                (_PER_D,),
                outside=(
                    Obligation(
                        "text-7/absent/outside",
                        "no degradation although [7] fails",
                        coordinates(_PLUG_IN, 1).given(lt(criterion(1), 0)),
                        ge(distance_slope(1).subs(x, 0), 0),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
        ),
        uses=("eq-5", "eq-6", "prop-1b"),
        conventions=(_DEGRADES,),
    ),
    Claim(
        id="text-7/capped",
        title="Late degradation, exact capped score",
        section="6 Headline",
        printed="With the exact capped score late degradation occurs for no d, d < D and d = D alike.",
        statements=(CAPPED_FALLS,),
        uses=("eq-6",),
        conventions=(
            "Started at N(0, I), every C > 1 and every horizon. With a capped score built from samples it may occur: headline-b/capped.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-4",
        title="Rectified flow: the exact-score distance is not monotone",
        section="7 Beyond the paper",
        printed="For b = 1 - tau, a = tau the exact variance first dips below sigma^2 and comes back; (sqrt(v) - sigma)^2 rises, falls back to 0 "
        "and rises again.",
        statements=(
            universal(
                "beyond-4/dip",
                "v < sigma^2 exactly for 0 < tau < 2 sigma^2/(1 + sigma^2)",
                _FLOW,
                Iff(lt(_v, sigma**2), And((gt(tau, 0), lt(tau, 2 * _lowest)))),
            ),
            universal(
                "beyond-4/lowest",
                "v is smallest, sigma^2/(1 + sigma^2), exactly at tau = sigma^2/(1 + sigma^2)",
                _FLOW,
                And((ge(_v, _lowest), Iff(eq(_v, _lowest), eq(tau, _lowest)))),
            ),
            universal(
                "beyond-4/not-monotone",
                "the term rises up to that point, then falls until v = sigma^2 again, then rises",
                _FLOW.given(gt(tau, 0)),
                And(
                    (
                        Implies(lt(tau, _lowest), gt(_flow_term.diff(tau), 0)),
                        Implies(And((gt(tau, _lowest), lt(tau, 2 * _lowest))), lt(_flow_term.diff(tau), 0)),
                        Implies(gt(tau, 2 * _lowest), gt(_flow_term.diff(tau), 0)),
                    )
                ),
            ),
            universal(
                "beyond-4/last-step",
                "tau = 0 remains a global minimum of the exact-score distance, so that for no d the very end degrades",
                _FLOW,
                And((ge(_flow_term, 0), eq(_flow_term.subs(tau, 0), 0))),
            ),
        ),
        uses=("eq-6",),
        conventions=("The exact sampler has the forward marginals, v = b^2 sigma^2 + a^2, 0 <= tau <= 1.",),
        derivation=(("v", _v), ("term", _flow_term)),
        ours=True,
    ),
    Claim(
        id="beyond-4/plug-in",
        title="Other schedules: what degrades at the end",
        section="7 Beyond the paper",
        printed="Plug-in score: the slope of a term at the last step is 2 hat sigma (sigma - hat sigma) in tau for rectified flow and "
        "1 - sigma/hat sigma in a^2 for variance exploding.",
        statements=(
            universal(
                "beyond-4/plug-in/flow",
                "rectified flow: 2 hat sigma (sigma - hat sigma)",
                _PLUG_IN,
                eq(_flow_plug_in.diff(tau).subs(tau, 0), 2 * sigma_hat * (sigma - sigma_hat)),
            ),
            universal(
                "beyond-4/plug-in/exploding",
                "variance exploding: 1 - sigma/hat sigma",
                _PLUG_IN,
                eq(_ve_term.diff(tau).subs(tau, 0), 1 - sigma / sigma_hat),
            ),
            universal(
                "beyond-4/plug-in/opposite",
                "one coordinate: rectified flow degrades late after over-estimation, variance exploding after under-estimation",
                _PLUG_IN,
                And(
                    (
                        Iff(lt(_flow_plug_in.diff(tau).subs(tau, 0), 0), gt(sigma_hat, sigma)),
                        Iff(lt(_ve_term.diff(tau).subs(tau, 0), 0), lt(sigma_hat, sigma)),
                    )
                ),
            ),
            universal(
                "beyond-4/plug-in/exact-exploding",
                "variance exploding, exact score: the term does not decrease in tau",
                domain(positive(sigma), positive(tau)),
                gt(with_exact_score(_ve_term).diff(tau), 0),
            ),
        ),
        uses=("eq-6",),
        conventions=("Slopes add over the kept coordinates; for d of them the sum decides. d = D is nothing special.",),
        ours=True,
    ),
)
