"""Section 3: the variance that the capped score generates, [14], [17]-[21]."""

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
    AT_T,
    CAP,
    CAPPED,
    CLOSED,
    FROM_SWITCH,
    LEVEL,
    NOTATION,
    SWITCH,
    THROUGHOUT,
    UNCAPPED,
    WEIGHT,
    Q,
    c,
    claim,
    fading,
    h,
)
from proofs_check.formula import And, Iff, eq, ge, gt, le, lt
from theory import capped_score as cs
from theory import capped_steps as st
from theory.capped_score import y
from theory.notation import cap, q, sigma_hat, tau

__all__ = ["CLAIMS"]

r = sp.Symbol("y_2", positive=True)
_UNIT = (between(st.p, 0, 1, open="left"), between(st.E, 0, 1, open="left"))
_FREE = domain(nonnegative(sigma_hat), CAP, Q, LEVEL, _UNIT)
_power = SWITCH ** (2 * cap - 1)
_W = cs.NEVER.phases[0].variance
_TAU_STAR = "T >= (1/2) log(C (1 - hat sigma^2)/(C-1)) = tau_star, or C hat sigma^2 >= 1"
_LIN = sp.Symbol("A", real=True)
_v, _phi = sp.Symbol("V", real=True), sp.Symbol("Phi", real=True)
_TWO_LEVELS = domain(nonnegative(sigma_hat), CAP, LEVEL, between(r, 0, 1, open="left"))
_FIRST, _SECOND = WEIGHT, WEIGHT.subs(y, r)


def _at_switch(e: sp.Expr) -> sp.Expr:
    return e.subs(st.E, st.p ** (2 * cap - 1))


_before, _after = st.propagator_before_switch(), st.propagator_after_switch()
_EXISTS = And((le(q, SWITCH), le(SWITCH, 1), eq(cap * (1 - c * SWITCH), 1)))
_UNIQUE = universal(
    "prop-5/t-prime/unique",
    "the uncapped weight takes the value C there and nowhere else",
    CLOSED.given(CAPPED),
    Iff(eq(cap * (1 - c * y), 1), eq(y, SWITCH)),
)

CLAIMS = (
    claim(
        "prop-5/eq-14",
        "[14]: the variance equation",
        "dV/dt = 2 (1 - 2 m_j(T-t)) V + 2, V(0) = 1",
        universal(
            "prop-5/eq-14/rate",
            "Ito's equation for the sampler with score -m x, w = 1",
            domain(between(_v, None, None), positive(cs.cap_excess)),
            And(
                (
                    eq(cs.capped_sde(cs.cap_excess).variance_rate(_v), 2 * (1 - 2 * cs.cap_excess) * _v + 2),
                    eq(cs.capped_sde(cs.cap_excess).start, 1),
                )
            ),
        ),
        conventions=("The value of the weight m_j(T-t) at one time is a free positive number here.",),
    ),
    claim(
        "prop-5/t-prime",
        "Proof step: t' is the unique solution in [0, T]",
        "For C < 1/hat sigma^2, C = m(T - t') has a unique solution t' in [0, T].",
        universal(
            "prop-5/t-prime/exists",
            "e^{-2(T-t')} = (C-1)/(C c) lies in [q, 1]",
            AT_T.given(CAPPED),
            _EXISTS,
        ),
        _UNIQUE,
        repairs=(
            Repair(
                "hypothesis",
                "T >= tau_star = (1/2) log(C (1 - hat sigma^2)/(C-1)), m(tau) being the uncapped 1/(1 - c e^{-2 tau})",
                (universal("prop-5/t-prime/long", "the solution exists", FROM_SWITCH, _EXISTS), _UNIQUE),
                outside=(
                    Obligation(
                        "prop-5/t-prime/short",
                        "the solution exists although T < tau_star",
                        THROUGHOUT,
                        _EXISTS,
                    ),
                ),
                sharp="necessary and sufficient; for T < tau_star the cap acts throughout, and t' = 0 keeps the formulas for V(T) right",
            ),
        ),
        conventions=(NOTATION,),
    ),
    claim(
        "prop-5/t-prime/capped-weight",
        "The same with the capped weight",
        "For C < 1/hat sigma^2, C = m(T - t') with m = min(C, ...) has one solution.",
        universal(
            "prop-5/t-prime/capped-weight/unique",
            "the capped weight takes the value C once",
            _TWO_LEVELS.given(CAPPED, eq(_FIRST, cap), eq(_SECOND, cap)),
            eq(y, r),
        ),
        repairs=(
            Repair(
                "statement",
                "The capped weight equals C exactly for tau <= tau_star, so every t in [t', T] solves the equation.",
                (
                    universal(
                        "prop-5/t-prime/capped-weight/set",
                        "the solutions",
                        CLOSED.given(CAPPED),
                        Iff(eq(WEIGHT, cap), ge(cap * c * y, cap - 1)),
                    ),
                ),
            ),
        ),
    ),
    claim(
        "prop-5/m-decreasing",
        "Proof step: the weight decreases and is C on [0, T - t']",
        "hat m is decreasing on [0, T] in forward time, and equal to C on [0, T - t'].",
        universal(
            "prop-5/m-decreasing/all",
            "tau_1 > tau_2 (y_1 < y_2) implies m(tau_1) <= m(tau_2)",
            _TWO_LEVELS.given(lt(y, r)),
            le(_FIRST, _SECOND),
        ),
        universal(
            "prop-5/m-decreasing/end",
            "with t' = T by convention (C >= 1/hat sigma^2): m(0) = C",
            domain(nonnegative(sigma_hat), CAP, given=[ge(cap * h, 1)]),
            eq(WEIGHT.subs(y, 1), cap),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma <= 1 for 'decreasing' (in the weak sense; strict where the cap does not act and hat sigma < 1), "
                "C hat sigma^2 <= 1 for 'equal to C'",
                (
                    universal(
                        "prop-5/m-decreasing/weak",
                        "non-increasing in tau",
                        _TWO_LEVELS.given(lt(y, r), le(sigma_hat, 1)),
                        le(_FIRST, _SECOND),
                    ),
                    universal(
                        "prop-5/m-decreasing/strict",
                        "strictly where the cap does not act",
                        _TWO_LEVELS.given(lt(y, r), lt(sigma_hat, 1), gt(cap * (1 - c * r), 1)),
                        lt(_FIRST, _SECOND),
                    ),
                    universal(
                        "prop-5/m-decreasing/cap",
                        "equal to C for tau <= tau_star",
                        CLOSED.given(le(cap * h, 1), ge(cap * c * y, cap - 1)),
                        eq(WEIGHT, cap),
                    ),
                ),
                outside=(
                    Obligation(
                        "prop-5/m-decreasing/outside",
                        "non-increasing although hat sigma > 1",
                        _TWO_LEVELS.given(lt(y, r), gt(sigma_hat, 1)),
                        le(_FIRST, _SECOND),
                    ),
                    Obligation(
                        "prop-5/m-decreasing/outside-cap",
                        "m(0) = C although C hat sigma^2 > 1",
                        domain(nonnegative(sigma_hat), CAP, given=[gt(cap * h, 1)]),
                        eq(WEIGHT.subs(y, 1), cap),
                    ),
                ),
                sharp="for hat sigma > 1 the weight increases strictly; prop-5 uses the step only where C hat sigma^2 < 1",
            ),
        ),
        conventions=(NOTATION,),
    ),
    claim(
        "prop-5/eq-17",
        "[17]: variation of constants",
        "V(T) = Phi(0,T) V(0) + int_0^T 2 Phi(s,T) ds, Phi(s,T) = exp int_s^T 2 (1 - 2m)",
        universal(
            "prop-5/eq-17/product",
            "if V' = A V + 2 and Phi' = -A Phi then (Phi V)' = 2 Phi",
            domain(between(_LIN, None, None), between(_v, None, None), between(_phi, None, None)),
            eq((_LIN * _v + 2) * _phi + _v * (-_LIN * _phi), 2 * _phi),
        ),
        conventions=("Integrated over [0, T] with Phi(T,T) = 1 (fundamental theorem of calculus).",),
        proof_uses=("prop-5/eq-14",),
    ),
    claim(
        "prop-5/eq-18",
        "[18]: the propagator",
        "exp int_s^T 2(1 - 2m(T-u)) du = e^{2(T-s)} e^{-4C(T-max(s,t'))} e^{-4(max(s,t')-s)} (...)^2, by int m = tau + "
        "(1/2) log(1 - c e^{-2 tau})",
        universal(
            "prop-5/eq-18/before",
            "for s < t' its logarithm has slope -2(1 - 2m), m uncapped",
            _FREE,
            eq(2 * y * _before.diff(y), -2 * (1 - 2 * UNCAPPED) * _before),
        ),
        universal(
            "prop-5/eq-18/after",
            "for s > t' the same with m = C, and it is 1 at s = T",
            _FREE,
            And((eq(2 * y * _after.diff(y), -2 * (1 - 2 * cap) * _after), eq(_after.subs(y, 1), 1))),
        ),
        universal(
            "prop-5/eq-18/join",
            "both agree at s = t'",
            _FREE,
            eq(_at_switch(_before).subs(y, st.p), _after.subs(y, st.p)),
        ),
        universal(
            "prop-5/eq-18/integral",
            "the antiderivative of the uncapped weight",
            domain(positive(tau), nonnegative(sigma_hat)),
            eq(st.weight_integral(tau).diff(tau), UNCAPPED.subs(y, sp.exp(-2 * tau))),
        ),
        conventions=("t' in [0, T]; for T < tau_star with t' = 0.",),
    ),
    claim(
        "prop-5/eq-19",
        "[19]: the homogeneous part",
        "q e^{-4(C-1)(T-t')} ((1 - c e^{-2(T-t')})/(1 - c q))^2",
        universal("prop-5/eq-19/value", "[18] at s = 0", _FREE, eq(_before.subs(y, q), st.homogeneous())),
        proof_uses=("prop-5/eq-18",),
    ),
    claim(
        "prop-5/eq-20",
        "[20]: the inhomogeneous part",
        "(1 - e^{(2-4C)(T-t')})/(2C-1) + (1 - c e^{-2(T-t')}) e^{-4(C-1)(T-t')} (e^{-2(T-t')} - q)/(1 - c q)",
        universal(
            "prop-5/eq-20/antiderivative",
            "antiderivatives in s of 2 Phi on both sides of t'",
            _FREE,
            And(
                (
                    eq(2 * y * st.integral_before_switch().diff(y), 2 * _before),
                    eq(2 * y * st.integral_after_switch().diff(y), 2 * _after),
                )
            ),
        ),
        universal(
            "prop-5/eq-20/value",
            "their differences over [0, t'] and [t', T] add up to [20]",
            _FREE,
            eq(
                st.integral_before_switch().subs(y, st.p)
                - st.integral_before_switch().subs(y, q)
                + (1 - st.E) / (2 * cap - 1),
                st.inhomogeneous(),
            ),
        ),
        universal(
            "prop-5/eq-20/after",
            "the part after t' is (1 - E)/(2C-1), E = e^{(2-4C)(T-t')}",
            _FREE,
            eq(
                st.integral_after_switch().subs(y, 1) - st.integral_after_switch().subs(y, st.p),
                (1 - st.p ** (2 * cap - 1)) / (2 * cap - 1),
            ),
        ),
        proof_uses=("prop-5/eq-18",),
    ),
    claim(
        "prop-5/sum",
        "The sum: V(T)",
        "V(T) = (1 - E)/(2C-1) + E (1 - c e^{-2(T-t')})/(1 - c q) (1 - 2cq + c e^{-2(T+t')})/(1 - c q), E = e^{(2-4C)(T-t')}",
        universal(
            "prop-5/sum/parts",
            "[19] + [20]",
            _FREE,
            eq(st.homogeneous() + st.inhomogeneous(), st.printed_sum(st.p, st.E)),
        ),
        universal(
            "prop-5/sum/throughout",
            "V(T) where T < tau_star, with t' = T - tau_star < 0",
            THROUGHOUT,
            eq(cs.THROUGHOUT.final, st.printed_sum(SWITCH, _power)),
        ),
        repairs=(
            Repair(
                "hypothesis",
                f"{_TAU_STAR}; otherwise with t' = 0",
                (
                    universal(
                        "prop-5/sum/never",
                        "t' = T",
                        AT_T,
                        eq(cs.NEVER.final, st.printed_sum(sp.S.One, sp.S.One)),
                    ),
                    fading(
                        "prop-5/sum/from-switch",
                        "t' = T - tau_star >= 0",
                        FROM_SWITCH,
                        eq(cs.FROM_SWITCH.final, st.printed_sum(SWITCH, _power)),
                    ),
                    fading(
                        "prop-5/sum/clipped",
                        "t' = 0",
                        THROUGHOUT,
                        eq(cs.THROUGHOUT.final, st.printed_sum(q, q ** (2 * cap - 1))),
                    ),
                ),
                outside=(
                    Obligation(
                        "prop-5/sum/outside",
                        "the sum with t' < 0",
                        THROUGHOUT,
                        eq(cs.THROUGHOUT.final, st.printed_sum(SWITCH, _power)),
                    ),
                ),
                sharp="with t' < 0 the printed value is wrong",
            ),
        ),
        proof_uses=("prop-5/eq-17", "prop-5/eq-19", "prop-5/eq-20", "prop-5/variance"),
        conventions=(NOTATION,),
        derivation=tuple((f"V(T), {regime.name}: {regime.condition}", regime.final) for regime in cs.REGIMES),
    ),
    claim(
        "prop-5/variance",
        "The variance at every stop, in every regime of the cap",
        "(ours) the closed forms of the three regimes solve [14] phase by phase, from V = 1 at y = q, and join.",
        *(
            universal(
                f"prop-5/variance/{k}-{i}",
                f"{regime.name}, phase {phase.name}: y dV/dy = (1 - 2m) V + 1 and the start",
                domain(nonnegative(sigma_hat), CAP, Q, LEVEL),
                And((eq(phase.residual(), 0), eq(phase.start_gap(), 0))),
            )
            for k, regime in enumerate(cs.REGIMES, 1)
            for i, phase in enumerate(regime.phases, 1)
        ),
        universal(
            "prop-5/variance/join",
            "the uncapped phase ends where the capped one starts",
            AT_T,
            eq(_W.subs(y, SWITCH), cs.FROM_SWITCH.phases[1].start),
        ),
        ours=True,
        proof_uses=("prop-5/eq-14",),
    ),
    claim(
        "prop-5/eq-21",
        "[21]: V(T) where the cap never acts",
        "V(T) = hat sigma^2 (1 - 2cq + c q^2)/(1 - 2cq + c^2 q^2) for t' = T",
        universal("prop-5/eq-21/value", "the closed form", AT_T, eq(cs.NEVER.final, h * st.printed_fraction())),
        proof_uses=("prop-5/variance",),
        derivation=(("V(T)", cs.NEVER.final),),
    ),
)
