"""Section 3: the capped score and the variance that it generates, [9], prop-4, [14] and [17]-[21], lemma-1."""

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
    nonnegative,
    positive,
    universal,
)
from proofs_check.formula import And, Formula, Iff, Implies, Or, eq, ge, gt, le, lt, ne
from proofs_check.rules import fading_power
from theory import capped_score as cs
from theory import capped_steps as st
from theory.capped_score import y
from theory.notation import T, cap, q, sigma_hat, tau

__all__ = ["CLAIMS", "FROM_SWITCH", "SECTION", "THROUGHOUT", "fading"]

SECTION = "3 Capped score"
_h = sigma_hat**2
_c = 1 - _h
_CAP = between(cap, 1, None, open="left")
_Q = between(q, 0, 1, open="both")
_LEVEL = between(y, 0, 1, open="left")
_UNIT = (between(st.p, 0, 1, open="left"), between(st.E, 0, 1, open="left"))
m = sp.Symbol("m", real=True)
r = sp.Symbol("y_2", positive=True)

_POINT = domain(nonnegative(sigma_hat), _CAP, between(y, 0, 1, open="both"))
_CLOSED = domain(nonnegative(sigma_hat), _CAP, _LEVEL)
_AT_T = domain(nonnegative(sigma_hat), _CAP, _Q)
_STOPS = domain(nonnegative(sigma_hat), _CAP, _Q, _LEVEL, given=[le(q, y)])
_FREE = domain(nonnegative(sigma_hat), _CAP, _Q, _LEVEL, _UNIT)
_IN_CLASS = (ge(m, -cap), le(m, cap))
_RISK = domain(nonnegative(sigma_hat), _CAP, between(y, 0, 1, open="both"), between(m, None, None))
#: the cap acts on the last stretch (C sigma_hat^2 < 1); `T >= tau_star` is `q <= e^{-2 tau_star}`
_CAPPED = lt(cap * _h, 1)
_LONG = le(q * cap * _c, cap - 1)
_SHORT = gt(q * cap * _c, cap - 1)
FROM_SWITCH: Domain = _AT_T.given(_CAPPED, _LONG)
THROUGHOUT: Domain = _AT_T.given(_CAPPED, _SHORT)

_weight, _uncapped, _switch = cs.score_weight(), cs.uncapped_weight(), cs.switch_level()
_power = _switch ** (2 * cap - 1)
_W = cs.NEVER.phases[0].variance
_NOTATION = "y = e^{-2 tau}, q = e^{-2T}, c = 1 - hat sigma^2; tau_star = (1/2) log(C c/(C-1)) is where 1/(1 - c e^{-2 tau}) = C."
_HORIZON = "T >= (1/2) log(C (1 - hat sigma^2)/(C-1)) = tau_star, or C hat sigma^2 >= 1"


def fading(id: str, text: str, where: Domain, goal: Formula) -> Statement:
    """A statement with one power of exponent `2C - 1`, by rule `power-of-a-fraction`."""
    return Statement(
        id,
        text,
        lift=fading_power(id, text, where, goal),
        instance=lambda D: Obligation(id, text, where, goal),
        sizes=(1,),
    )


def _claim(id: str, title: str, printed: str, *statements: Statement, **more: object) -> Claim:
    return Claim(id=id, title=title, section=SECTION, printed=printed, statements=statements, **more)  # type: ignore[arg-type]


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
                le(cs.score_risk(m) - 1 / (1 - y), cap**2 * sp.Max(1, _h) + 2 * cap),
                ge(cs.score_risk(m) - 1 / (1 - y), -2 * cap),
            )
        ),
    ),
)
_MEMBER = universal(
    "eq-9/attained/member", "the pointwise minimiser stays below C, up to t = 0", _CLOSED, lt(_weight, cap)
)
_MINIMISES = (
    universal(
        "prop-4/minimises/class",
        "min(C, 1/(1 - c y)) lies in the closed class, and is 1/(1 - c y) where that is at most C",
        _POINT,
        And((le(_weight, cap), gt(_weight, 0), Implies(ge(cap * (1 - _c * y), 1), eq(_weight, _uncapped)))),
    ),
    universal(
        "prop-4/minimises/uncapped",
        "1/(1 - c y) is the only minimiser of r",
        _RISK.given(ne(m, _uncapped)),
        gt(cs.score_risk(m), cs.score_risk(_uncapped)),
    ),
    universal(
        "prop-4/minimises/capped",
        "where it is at least C, C is the only minimiser over |m| <= C",
        _RISK.given(ge(m, -cap), lt(m, cap), le(cap * (1 - _c * y), 1)),
        gt(cs.score_risk(m), cs.score_risk(cap)),
    ),
)
_BEATEN = universal(
    "eq-9/attained/beaten",
    "where the cap acts, every |m| < C is beaten by (m + C)/2",
    _RISK.given(gt(m, -cap), lt(m, cap), le(cap * (1 - _c * y), 1)),
    lt(cs.score_risk((m + cap) / 2), cs.score_risk(m)),
)
_TIMES = domain(nonnegative(sigma_hat), positive(st.bound), _CAP, between(y, 0, 1, open="both"))
_SQUARE = universal(
    "eq-9/square-integrable/bounded",
    "if m_j is in L^2(R_+) some B bounds S m_j^2 for every S at which it is evaluated, in particular for S_B",
    _TIMES,
    le(st.elapsed() * _weight**2, st.bound),
)
_NOT_SQUARE = universal(
    "eq-9/square-integrable/above",
    "S_B m_j^2 > B at every time, for every B",
    _TIMES,
    gt(st.elapsed() * _weight**2, st.bound),
)

_EQ_9 = (
    _claim(
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
            _NOTATION,
            "Finite: for a density >= p_min > 0 near 0, R >= p_min D int_delta 1/a^2 - 2 C D for every delta > 0, and the integral exceeds every B. R "
            "is finite exactly if E[1/a_t^2] is, for example for a density proportional to t.",
            "delta_B = (1/2) log(1 + (e^{2T} - 1) e^{-2(B+1)}), S_B = (B + 1) max(1, hat sigma^4).",
            "On a gap of the law of t the function m is free, so the minimiser is unique only almost everywhere for that law.",
        ),
        derivation=(("r(m), one coordinate and time", cs.score_risk(m)), ("its minimiser", _weight)),
    ),
    _claim(
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
    _claim(
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
                        _CLOSED.given(gt(cap * _h, 1)),
                        And((lt(_weight, cap), eq(_weight, _uncapped))),
                    ),
                ),
                outside=(
                    Obligation(
                        "eq-9/attained/outside",
                        "the minimiser stays below C",
                        _CLOSED.given(le(cap * _h, 1)),
                        lt(_weight, cap),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
            Repair("statement", "With |m_j|_oo <= C in F_C it is always attained.", (*_MINIMISES, _BEATEN)),
        ),
        conventions=("y = 1 stands for the limit t -> 0, which decides the supremum norm.",),
    ),
    _claim(
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

_R_PRINTED = y * _h * m**2 + (m * sp.sqrt(1 - y) - 1 / sp.sqrt(1 - y)) ** 2

_PROP_4 = (
    _claim(
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
                        _CLOSED.given(le(cap * (1 - _c * y), 1)),
                        lt(_weight, cap),
                    ),
                ),
                sharp="with the strict bound no minimiser exists where the cap acts (eq-9/attained)",
            ),
        ),
        uses=("eq-9",),
        proof_uses=("prop-4/r", "prop-4/r-prime"),
    ),
    _claim(
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
    _claim(
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
                    eq(cs.score_risk_slope(m), 2 * (m * (1 - y + y * _h) - 1)),
                )
            ),
        ),
        proof_uses=("prop-4/r",),
    ),
)

_LIN = sp.Symbol("A", real=True)
_v, _phi = sp.Symbol("V", real=True), sp.Symbol("Phi", real=True)
_TWO_LEVELS = domain(nonnegative(sigma_hat), _CAP, _LEVEL, between(r, 0, 1, open="left"))
_FIRST, _SECOND = _weight, _weight.subs(y, r)


def _at_switch(e: sp.Expr) -> sp.Expr:
    return e.subs(st.E, st.p ** (2 * cap - 1))


_before, _after = st.propagator_before_switch(), st.propagator_after_switch()
_EXISTS = And((le(q, _switch), le(_switch, 1), eq(cap * (1 - _c * _switch), 1)))
_UNIQUE = universal(
    "prop-5/t-prime/unique",
    "the uncapped weight takes the value C there and nowhere else",
    _CLOSED.given(_CAPPED),
    Iff(eq(cap * (1 - _c * y), 1), eq(y, _switch)),
)

_STEPS = (
    _claim(
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
    _claim(
        "prop-5/t-prime",
        "Proof step: t' is the unique solution in [0, T]",
        "For C < 1/hat sigma^2, C = m(T - t') has a unique solution t' in [0, T].",
        universal(
            "prop-5/t-prime/exists",
            "e^{-2(T-t')} = (C-1)/(C c) lies in [q, 1]",
            _AT_T.given(_CAPPED),
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
        conventions=(_NOTATION,),
    ),
    _claim(
        "prop-5/t-prime/capped-weight",
        "The same with the capped weight",
        "For C < 1/hat sigma^2, C = m(T - t') with m = min(C, ...) has one solution.",
        universal(
            "prop-5/t-prime/capped-weight/unique",
            "the capped weight takes the value C once",
            _TWO_LEVELS.given(_CAPPED, eq(_FIRST, cap), eq(_SECOND, cap)),
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
                        _CLOSED.given(_CAPPED),
                        Iff(eq(_weight, cap), ge(cap * _c * y, cap - 1)),
                    ),
                ),
            ),
        ),
    ),
    _claim(
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
            domain(nonnegative(sigma_hat), _CAP, given=[ge(cap * _h, 1)]),
            eq(_weight.subs(y, 1), cap),
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
                        _TWO_LEVELS.given(lt(y, r), lt(sigma_hat, 1), gt(cap * (1 - _c * r), 1)),
                        lt(_FIRST, _SECOND),
                    ),
                    universal(
                        "prop-5/m-decreasing/cap",
                        "equal to C for tau <= tau_star",
                        _CLOSED.given(le(cap * _h, 1), ge(cap * _c * y, cap - 1)),
                        eq(_weight, cap),
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
                        domain(nonnegative(sigma_hat), _CAP, given=[gt(cap * _h, 1)]),
                        eq(_weight.subs(y, 1), cap),
                    ),
                ),
                sharp="for hat sigma > 1 the weight increases strictly; prop-5 uses the step only where C hat sigma^2 < 1",
            ),
        ),
        conventions=(_NOTATION,),
    ),
    _claim(
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
    _claim(
        "prop-5/eq-18",
        "[18]: the propagator",
        "exp int_s^T 2(1 - 2m(T-u)) du = e^{2(T-s)} e^{-4C(T-max(s,t'))} e^{-4(max(s,t')-s)} (...)^2, by int m = tau + "
        "(1/2) log(1 - c e^{-2 tau})",
        universal(
            "prop-5/eq-18/before",
            "for s < t' its logarithm has slope -2(1 - 2m), m uncapped",
            _FREE,
            eq(2 * y * _before.diff(y), -2 * (1 - 2 * _uncapped) * _before),
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
            eq(st.weight_integral(tau).diff(tau), _uncapped.subs(y, sp.exp(-2 * tau))),
        ),
        conventions=("t' in [0, T]; for T < tau_star with t' = 0.",),
    ),
    _claim(
        "prop-5/eq-19",
        "[19]: the homogeneous part",
        "q e^{-4(C-1)(T-t')} ((1 - c e^{-2(T-t')})/(1 - c q))^2",
        universal("prop-5/eq-19/value", "[18] at s = 0", _FREE, eq(_before.subs(y, q), st.homogeneous())),
        proof_uses=("prop-5/eq-18",),
    ),
    _claim(
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
    _claim(
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
            eq(cs.THROUGHOUT.final, st.printed_sum(_switch, _power)),
        ),
        repairs=(
            Repair(
                "hypothesis",
                f"{_HORIZON}; otherwise with t' = 0",
                (
                    universal(
                        "prop-5/sum/never",
                        "t' = T",
                        _AT_T,
                        eq(cs.NEVER.final, st.printed_sum(sp.S.One, sp.S.One)),
                    ),
                    fading(
                        "prop-5/sum/from-switch",
                        "t' = T - tau_star >= 0",
                        FROM_SWITCH,
                        eq(cs.FROM_SWITCH.final, st.printed_sum(_switch, _power)),
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
                        eq(cs.THROUGHOUT.final, st.printed_sum(_switch, _power)),
                    ),
                ),
                sharp="with t' < 0 the printed value is wrong",
            ),
        ),
        proof_uses=("prop-5/eq-17", "prop-5/eq-19", "prop-5/eq-20", "prop-5/variance"),
        conventions=(_NOTATION,),
        derivation=tuple((f"V(T), {regime.name}: {regime.condition}", regime.final) for regime in cs.REGIMES),
    ),
    _claim(
        "prop-5/variance",
        "The variance at every stop, in every regime of the cap",
        "(ours) the closed forms of the three regimes solve [14] phase by phase, from V = 1 at y = q, and join.",
        *(
            universal(
                f"prop-5/variance/{k}-{i}",
                f"{regime.name}, phase {phase.name}: y dV/dy = (1 - 2m) V + 1 and the start",
                domain(nonnegative(sigma_hat), _CAP, _Q, _LEVEL),
                And((eq(phase.residual(), 0), eq(phase.start_gap(), 0))),
            )
            for k, regime in enumerate(cs.REGIMES, 1)
            for i, phase in enumerate(regime.phases, 1)
        ),
        universal(
            "prop-5/variance/join",
            "the uncapped phase ends where the capped one starts",
            _AT_T,
            eq(_W.subs(y, _switch), cs.FROM_SWITCH.phases[1].start),
        ),
        ours=True,
        proof_uses=("prop-5/eq-14",),
    ),
    _claim(
        "prop-5/eq-21",
        "[21]: V(T) where the cap never acts",
        "V(T) = hat sigma^2 (1 - 2cq + c q^2)/(1 - 2cq + c^2 q^2) for t' = T",
        universal("prop-5/eq-21/value", "the closed form", _AT_T, eq(cs.NEVER.final, _h * st.printed_fraction())),
        proof_uses=("prop-5/variance",),
        derivation=(("V(T)", cs.NEVER.final),),
    ),
)

_LEMMA_1 = (
    _claim(
        "lemma-1",
        "Which side of 1 the variance stays on",
        "hat sigma >= 1 implies V_t >= 1 for all t; hat sigma <= 1 implies V_t <= 1.",
        universal(
            "lemma-1/never-capped",
            "hat sigma >= 1: the cap never acts",
            _CLOSED.given(ge(sigma_hat, 1)),
            eq(_weight, _uncapped),
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
            _STOPS.given(_CAPPED, _LONG, ge(cap * _c * y, cap - 1)),
            le(cs.FROM_SWITCH.phases[1].variance, 1),
        ),
        fading(
            "lemma-1/throughout",
            "V <= 1 where the cap acts throughout",
            _STOPS.given(_CAPPED, _SHORT),
            le(cs.THROUGHOUT.phases[0].variance, 1),
        ),
        proof_uses=("prop-5/variance",),
        conventions=("All t: every stop y in [q, 1], every T > 0 and C > 1.",),
        derivation=(("V where the cap does not act", _W),),
    ),
    _claim(
        "lemma-1/strict",
        "Equality in lemma-1",
        "(ours) where the cap does not act V_t = 1 only at t = 0 or for hat sigma = 1.",
        universal("lemma-1/strict/iff", "V = 1", _STOPS, Iff(eq(_W, 1), Or((eq(y, q), eq(sigma_hat, 1))))),
        ours=True,
        proof_uses=("prop-5/variance",),
    ),
)

CLAIMS = (*_EQ_9, *_PROP_4, *_STEPS, *_LEMMA_1)
