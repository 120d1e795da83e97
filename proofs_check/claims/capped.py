"""Section 3: the risk [9] and its capped minimiser, prop-4."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Obligation,
    Repair,
    between,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.claims.capped_terms import (
    CAP,
    CLOSED,
    NOTATION,
    UNCAPPED,
    WEIGHT,
    c,
    claim,
    h,
)
from proofs_check.formula import And, Implies, eq, ge, gt, le, lt, ne
from theory import capped_score as cs
from theory import capped_steps as st
from theory.capped_score import y
from theory.notation import T, cap, sigma_hat

__all__ = ["CLAIMS"]

m = sp.Symbol("m", real=True)
_POINT = domain(nonnegative(sigma_hat), CAP, between(y, 0, 1, open="both"))
_IN_CLASS = (ge(m, -cap), le(m, cap))
_RISK = domain(nonnegative(sigma_hat), CAP, between(y, 0, 1, open="both"), between(m, None, None))

_BOUNDED = universal(
    "eq-9/finite/bounded",
    "a finite R would be some B above every partial integral of 1/a^2, in particular above that from delta_B on",
    domain(positive(st.bound), between(T, 0, None, open="left")),
    le(st.inverse_noise_integral(st.cutoff(), T), st.bound),
)
_INFINITE = (
    universal(
        "eq-9/finite/below",
        "every s in F_C has risk at least 1/a^2 - 2C at every time",
        _RISK.given(*_IN_CLASS),
        ge(cs.score_risk(m), 1 / (1 - y) - 2 * cap),
    ),
    universal(
        "eq-9/finite/integral",
        "the integral of 1/a^2 up to T grows at the rate 1/a_T^2",
        domain(positive(st.bound), between(T, 0, None, open="left")),
        eq(st.inverse_noise_integral(st.bound, T).diff(T), 1 / (1 - sp.exp(-2 * T))),
    ),
    universal(
        "eq-9/finite/cutoff",
        "from delta_B on, 0 < delta_B < T, it is B + 1",
        domain(positive(st.bound), between(T, 0, None, open="left")),
        And(
            (
                eq(sp.exp(2 * st.inverse_noise_integral(st.cutoff(), T)), sp.exp(2 * st.bound + 2)),
                eq(sp.exp(2 * st.cutoff()) - 1, (sp.exp(2 * T) - 1) * sp.exp(-2 * (st.bound + 1))),
            )
        ),
    ),
    universal(
        "eq-9/finite/rest",
        "without E|eps/a|^2 the risk is bounded at every time",
        _RISK.given(*_IN_CLASS),
        And(
            (
                le(cs.score_risk(m) - 1 / (1 - y), cap**2 * sp.Max(1, h) + 2 * cap),
                ge(cs.score_risk(m) - 1 / (1 - y), -2 * cap),
            )
        ),
    ),
)
_MEMBER = universal(
    "eq-9/attained/member", "the pointwise minimiser stays below C, up to t = 0", CLOSED, lt(WEIGHT, cap)
)
_MINIMISES = (
    universal(
        "prop-4/minimises/class",
        "min(C, 1/(1 - c y)) lies in the closed class, and is 1/(1 - c y) where that is at most C",
        _POINT,
        And((le(WEIGHT, cap), gt(WEIGHT, 0), Implies(ge(cap * (1 - c * y), 1), eq(WEIGHT, UNCAPPED)))),
    ),
    universal(
        "prop-4/minimises/uncapped",
        "1/(1 - c y) is the only minimiser of r",
        _RISK.given(ne(m, UNCAPPED)),
        gt(cs.score_risk(m), cs.score_risk(UNCAPPED)),
    ),
    universal(
        "prop-4/minimises/capped",
        "where it is at least C, C is the only minimiser over |m| <= C",
        _RISK.given(ge(m, -cap), lt(m, cap), le(cap * (1 - c * y), 1)),
        gt(cs.score_risk(m), cs.score_risk(cap)),
    ),
)
_BEATEN = universal(
    "eq-9/attained/beaten",
    "where the cap acts, every |m| < C is beaten by (m + C)/2",
    _RISK.given(gt(m, -cap), lt(m, cap), le(cap * (1 - c * y), 1)),
    lt(cs.score_risk((m + cap) / 2), cs.score_risk(m)),
)
_TIMES = domain(nonnegative(sigma_hat), positive(st.bound), CAP, between(y, 0, 1, open="both"))
_SQUARE = universal(
    "eq-9/square-integrable/bounded",
    "if m_j is in L^2(R_+) some B bounds S m_j^2 for every S at which it is evaluated, in particular for S_B",
    _TIMES,
    le(st.elapsed() * WEIGHT**2, st.bound),
)
_NOT_SQUARE = universal(
    "eq-9/square-integrable/above",
    "S_B m_j^2 > B at every time, for every B",
    _TIMES,
    gt(st.elapsed() * WEIGHT**2, st.bound),
)

_EQ_9 = (
    claim(
        "eq-9",
        "The risk: finite, and minimised in F_C?",
        "[9] R(s) is minimised over F_C = {s_M : m_j in L^2(R_+), |m_j|_oo < C}, t from a law with positive mass over [0, T].",
        _BOUNDED,
        _MEMBER,
        _SQUARE,
        repairs=(
            Repair(
                "statement",
                "Minimise R(s) - E|eps/a_t|^2 (or weight the loss by a_t^2) over |m_j|_oo <= C, m_j measurable on [0, T], t with a "
                "density > 0 almost everywhere on [0, T]: finite, and min(C, 1/(1 - c y)) is the only minimiser.",
                (*_INFINITE, *_MINIMISES, _BEATEN, _NOT_SQUARE),
            ),
        ),
        conventions=(
            NOTATION,
            "Finite: for a density >= p_min > 0 near 0, R >= p_min D int_delta 1/a^2 - 2 C D for every delta > 0, and the integral exceeds every B. R "
            "is finite exactly if E[1/a_t^2] is, for example for a density proportional to t.",
            "delta_B = (1/2) log(1 + (e^{2T} - 1) e^{-2(B+1)}), S_B = (B + 1) max(1, hat sigma^4).",
            "On a gap of the law of t the function m is free, so the minimiser is unique only almost everywhere for that law.",
        ),
        derivation=(("r(m), one coordinate and time", cs.score_risk(m)), ("its minimiser", WEIGHT)),
    ),
    claim(
        "eq-9/finite",
        "Is the risk [9] finite?",
        "R(s) is a number for s in F_C and a law of t with positive mass over [0, T].",
        _BOUNDED,
        repairs=(
            Repair(
                "statement",
                "R = +oo for every s in F_C as soon as the density of t is bounded below near 0; R - E|eps/a|^2 is finite and "
                "has the same pointwise minimiser.",
                _INFINITE,
            ),
        ),
        conventions=("r(m) >= 1/a^2 - 2C, and int_delta^T 1/a^2 exceeds every B for delta small enough.",),
    ),
    claim(
        "eq-9/attained",
        "Is the minimum attained in F_C?",
        "the minimum of R over |m_j|_oo < C is attained",
        _MEMBER,
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma_j^2 > 1/C for every j (then the cap never acts)",
                (
                    universal(
                        "eq-9/attained/uncapped",
                        "the minimiser is 1/(1 - c y) < C",
                        CLOSED.given(gt(cap * h, 1)),
                        And((lt(WEIGHT, cap), eq(WEIGHT, UNCAPPED))),
                    ),
                ),
                outside=(
                    Obligation(
                        "eq-9/attained/outside",
                        "the minimiser stays below C",
                        CLOSED.given(le(cap * h, 1)),
                        lt(WEIGHT, cap),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
            Repair("statement", "With |m_j|_oo <= C in F_C it is always attained.", (*_MINIMISES, _BEATEN)),
        ),
        conventions=("y = 1 stands for the limit t -> 0, which decides the supremum norm.",),
    ),
    claim(
        "eq-9/square-integrable",
        "Are the weights square integrable on R_+?",
        "m_j in L^2(R_+, R) for the minimiser",
        _SQUARE,
        repairs=(
            Repair(
                "statement",
                "m_j tends to 1 as t -> oo, so it is never in L^2(R_+); take L^2([0, T]).",
                (_NOT_SQUARE,),
            ),
        ),
        conventions=("m_j^2 >= 1/max(1, hat sigma^4) at every time, so its integral over [0, S_B] exceeds B.",),
    ),
)

_R_PRINTED = y * h * m**2 + (m * sp.sqrt(1 - y) - 1 / sp.sqrt(1 - y)) ** 2

_PROP_4 = (
    claim(
        "prop-4",
        "The capped minimiser",
        "The minimiser of [9] over F_C has m_j(t) = min(C, 1/(a_t^2 + b_t^2 hat sigma_j^2)).",
        _MEMBER,
        *_MINIMISES,
        repairs=(
            Repair(
                "hypothesis",
                "F_C with |m_j|_oo <= C in place of < C, R taken without the infinite constant E|eps/a|^2, t with a density > 0 on "
                "[0, T] (then unique almost everywhere)",
                _MINIMISES,
                outside=(
                    Obligation(
                        "prop-4/outside",
                        "the minimiser lies in the open class where the cap acts",
                        CLOSED.given(le(cap * (1 - c * y), 1)),
                        lt(WEIGHT, cap),
                    ),
                ),
                sharp="with the strict bound no minimiser exists where the cap acts (eq-9/attained)",
            ),
        ),
        uses=("eq-9",),
        proof_uses=("prop-4/r", "prop-4/r-prime"),
    ),
    claim(
        "prop-4/r",
        "Proof step: the risk of one coordinate",
        "r(m) = (1/n) sum_i E(m (b X_ij + a eps) - eps/a)^2",
        universal(
            "prop-4/r/form",
            "with mean X^2 = hat sigma^2, E eps = 0, E eps^2 = 1: m^2 b^2 hat sigma^2 + (m a - 1/a)^2",
            _RISK,
            eq(_R_PRINTED, cs.score_risk(m)),
        ),
    ),
    claim(
        "prop-4/r-prime",
        "Proof step: r'",
        "r'(m) = 2 (m (a^2 + b^2 hat sigma_j^2) - 1)",
        universal(
            "prop-4/r-prime/derivative",
            "the derivative",
            _RISK,
            And(
                (
                    eq(_R_PRINTED.diff(m), cs.score_risk_slope(m)),
                    eq(cs.score_risk_slope(m), 2 * (m * (1 - y + y * h) - 1)),
                )
            ),
        ),
        proof_uses=("prop-4/r",),
    ),
)

CLAIMS = (*_EQ_9, *_PROP_4)
