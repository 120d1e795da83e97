"""Section 6: the headline, 'lower latent dimension, earlier stop', in its two readings."""

from __future__ import annotations

from proofs_check.claim import Claim, Domain, Obligation, Repair, Statement, between, domain, merge, positive
from proofs_check.formula import Formula, gt, le
from proofs_check.rules import (
    at_coordinate,
    coordinates,
    increments_convex,
    largest_minimiser_falls,
    two_levels,
)
from theory.frechet import increment
from theory.notation import sigma, sigma_hat, with_exact_score, x

__all__ = ["CLAIMS"]

_EXACT = domain(positive(sigma), between(x, 0, 1))
_PLUG_IN = domain(positive(sigma, sigma_hat), between(x, 0, 1))
_AT_MOST_TWICE = le(sigma_hat, 2 * sigma)


def _plug_in_instance(D: int, condition: Formula | None = None) -> Obligation:
    pair = two_levels(_PLUG_IN)
    later = Domain(pair.variables, () if condition is None else (condition,))
    where = merge(coordinates(pair, 1), coordinates(later, D - 1, first=2))
    return Obligation(f"headline-a[D={D}]", "reading (A)", where, largest_minimiser_falls(D))


_EXACT_STATEMENT = Statement(
    "headline-a/exact/all-D",
    "with the exact score the optimal dimension is non-decreasing in backward time",
    lift=increments_convex("headline-a/exact", _EXACT, score=with_exact_score),
    instance=lambda D: Obligation(
        f"headline-a/exact[D={D}]",
        "reading (A)",
        coordinates(two_levels(_EXACT), D),
        largest_minimiser_falls(D, with_exact_score),
    ),
    sizes=(2, 3),
)

_PRINTED_PLUG_IN = Statement(
    "headline-a/plug-in/every-sample",
    "with the plug-in score the optimal dimension is non-decreasing in backward time, for every sample",
    instance=_plug_in_instance,
    sizes=(2, 3),
)

_REPAIR = Repair(
    "hypothesis",
    "hat sigma_d <= 2 sigma_d for every d >= 2 (in any order, ties included, any schedule and horizon)",
    (
        Statement(
            "headline-a/plug-in/repaired",
            "the optimal dimension is non-decreasing in backward time",
            lift=increments_convex("headline-a/plug-in", _PLUG_IN.given(_AT_MOST_TWICE)),
            instance=lambda D: _plug_in_instance(D, _AT_MOST_TWICE),
            sizes=(2, 3),
        ),
    ),
    outside=(
        Obligation(
            "headline-a/plug-in/outside",
            "reading (A) with hat sigma_2 > 2 sigma_2",
            coordinates(two_levels(_PLUG_IN), 2).given(at_coordinate(gt(sigma_hat, 2 * sigma), 2)),
            largest_minimiser_falls(2),
        ),
    ),
    sharp="sufficient for every spectrum and sample; not necessary",
)

_READING = "Reading (A): at backward time t the optimal dimension d*(t) (the largest one where several tie) is non-decreasing in t."

CLAIMS = (
    Claim(
        id="headline-a",
        title="Reading (A): later stop, higher optimal dimension",
        section="6 Headline",
        printed="Lower latent dimension, earlier stop: d*(t) is non-decreasing in t (exact and plug-in score, every sample).",
        statements=(_EXACT_STATEMENT, _PRINTED_PLUG_IN),
        repairs=(_REPAIR,),
        uses=("eq-4/backward", "eq-5", "eq-6"),
        conventions=(_READING,),
        derivation=(("increment F(d,x) - F(d-1,x)", increment()),),
    ),
    Claim(
        id="headline-a/exact",
        title="Reading (A), exact score",
        section="6 Headline",
        printed="With the exact score d*(t) is non-decreasing in t.",
        statements=(_EXACT_STATEMENT,),
        uses=("eq-4/backward", "eq-6"),
        conventions=(_READING, "Holds whatever the order of the variances, with or without ties."),
        derivation=(("increment", with_exact_score(increment())),),
    ),
    Claim(
        id="headline-a/plug-in",
        title="Reading (A), plug-in score",
        section="6 Headline",
        printed="With the plug-in score d*(t) is non-decreasing in t.",
        statements=(_PRINTED_PLUG_IN,),
        repairs=(_REPAIR,),
        uses=("eq-5", "eq-6"),
        conventions=(_READING,),
        derivation=(("increment", increment()), ("its value at the last step", increment().subs(x, 0))),
    ),
)
