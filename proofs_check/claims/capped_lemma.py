"""Section 3: on which side of 1 the variance that the capped score generates stays, lemma-1."""

from __future__ import annotations

from proofs_check.claim import domain, nonnegative, universal
from proofs_check.claims.capped_terms import (
    CAP,
    CAPPED,
    CLOSED,
    LEVEL,
    LONG,
    SHORT,
    UNCAPPED,
    WEIGHT,
    Q,
    c,
    claim,
    fading,
)
from proofs_check.formula import Iff, Or, eq, ge, le
from theory import capped_score as cs
from theory.capped_score import y
from theory.notation import cap, q, sigma_hat

__all__ = ["CLAIMS"]

_STOPS = domain(nonnegative(sigma_hat), CAP, Q, LEVEL, given=[le(q, y)])
_W = cs.NEVER.phases[0].variance

CLAIMS = (
    claim(
        "lemma-1",
        "Which side of 1 the variance stays on",
        "hat sigma >= 1 implies V_t >= 1 for all t; hat sigma <= 1 implies V_t <= 1.",
        universal(
            "lemma-1/never-capped",
            "hat sigma >= 1: the cap never acts",
            CLOSED.given(ge(sigma_hat, 1)),
            eq(WEIGHT, UNCAPPED),
        ),
        universal("lemma-1/above", "hat sigma >= 1: V >= 1 at every stop", _STOPS.given(ge(sigma_hat, 1)), ge(_W, 1)),
        universal(
            "lemma-1/below",
            "hat sigma <= 1, before the cap acts: V <= 1",
            _STOPS.given(le(sigma_hat, 1)),
            le(_W, 1),
        ),
        fading(
            "lemma-1/from-switch",
            "V <= 1 after the switch",
            _STOPS.given(CAPPED, LONG, ge(cap * c * y, cap - 1)),
            le(cs.FROM_SWITCH.phases[1].variance, 1),
        ),
        fading(
            "lemma-1/throughout",
            "V <= 1 where the cap acts throughout",
            _STOPS.given(CAPPED, SHORT),
            le(cs.THROUGHOUT.phases[0].variance, 1),
        ),
        proof_uses=("prop-5/variance",),
        conventions=("All t: every stop y in [q, 1], every T > 0 and C > 1.",),
        derivation=(("V where the cap does not act", _W),),
    ),
    claim(
        "lemma-1/strict",
        "Equality in lemma-1",
        "(ours) where the cap does not act V_t = 1 only at t = 0 or for hat sigma = 1.",
        universal("lemma-1/strict/iff", "V = 1", _STOPS, Iff(eq(_W, 1), Or((eq(y, q), eq(sigma_hat, 1))))),
        ours=True,
        proof_uses=("prop-5/variance",),
    ),
)
