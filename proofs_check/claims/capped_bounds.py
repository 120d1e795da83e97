"""Section 3: where the optimal dimension lies; prop-5 with [15], [16], d1 <= d2, the special cases, corollary-1."""

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
from proofs_check.claims.capped import FROM_SWITCH, SECTION, THROUGHOUT, fading
from proofs_check.formula import And, Formula, Implies, Not, Or, eq, ge, gt, le, lt, map_expressions
from proofs_check.rules import between_ends, coordinates, ordered_ends
from proofs_check.rules.capped import best_between, decreasing, ends_ordered, optimal_between_ends
from theory import capped_score as cs
from theory import capped_steps as st
from theory.capped_steps import eps
from theory.notation import cap, coordinate, coordinate_hat, q, sigma, sigma_hat, with_exact_score

__all__ = ["CLAIMS"]

_s, _h = sigma**2, sigma_hat**2
_c = 1 - _h
_CAP = between(cap, 1, None, open="left")
_Q = between(q, 0, 1, open="both")
_EPS = between(eps, 0, 1)
_V, _K = cs.NEVER.final, cs.plateau()
#: j <= d1 for a coordinate of a non-empty set, and j >= d2 likewise
_LOW: Formula = le(1 / cap, _h)
_HIGH: Formula = ge(_K, 4 * _s)
_EVENT: Formula = le(_h, 2 * _s)
_EVENTS: tuple[Formula, ...] = (le(_h, 2 * _s), ge(_h, 0))
_ANY = domain(nonnegative(sigma, sigma_hat), _CAP, _Q)
_ONE = domain(positive(sigma), nonnegative(sigma_hat), _Q)
_ACCURATE = domain(nonnegative(sigma, sigma_hat), _CAP, _Q, _EPS, given=[le(_h, (1 + eps) * _s)])
_LATE = _ACCURATE.given(le(q, st.largest_start_level(eps)))
_EXACT = domain(positive(sigma), _CAP, _Q)

_HORIZON = "T >= T_0(eps) = (1/2) log(1/2 + 1/sqrt(3 - eps)) on hat sigma_j^2 <= (1 + eps) sigma_j^2, 0 <= eps <= 1"
_EVENT_TEXT = (
    "'With high probability' is the event |sigma_j^2 - hat sigma_j^2| <= eps sigma_j^2 for all j (eps = 1 if nothing is said), of "
    "probability at least 1 - 2D e^{-eps^2 n/(4(1+eps))} by prop-9: 1 - 2D e^{-n/8} for eps = 1, 1 - 2D e^{-n/24} for eps = 1/2."
)
_ENDS = "d1 = max{d : 1/C <= hat sigma_d^2} (1 if empty), d2 = min{d : 1/(2C-1) >= 4 sigma_d^2} (D if empty); the hat sigma_j do not increase in j."


def _claim(id: str, title: str, printed: str, *statements: Statement, **more: object) -> Claim:
    return Claim(id=id, title=title, section=SECTION, printed=printed, statements=statements, **more)  # type: ignore[arg-type]


def _outside(id: str, text: str, where: Domain, goal: Formula) -> Obligation:
    return Obligation(id, text, where, goal)


def _instance(one: Domain, *, sharp: bool, id: str) -> Statement:
    """The lift to any `D`, and the statement from the definitions of the two ends."""

    def instance(D: int) -> Obligation:
        first = coordinates(Domain(one.variables, ()), 1)
        rest = coordinates(one, D - 1, first=2)
        both = Domain(tuple(dict.fromkeys((*first.variables, *rest.variables))), rest.hypotheses)
        goal = optimal_between_ends(D, _LOW, _HIGH, sharp=sharp)
        return Obligation(f"{id}[D={D}]", "an optimal dimension between the ends", both.given(*decreasing(D)), goal)

    return Statement(
        id,
        "some optimal dimension lies in [d1, d2 - 1] ([d1, D] if no d satisfies 1/(2C-1) >= 4 sigma_d^2, {1} if d2 = 1)"
        if sharp
        else "some optimal dimension lies in [d1, d2]",
        lift=between_ends(id, one, _LOW, _HIGH, sharp=sharp),
        instance=instance,
        sizes=(2,),
    )


def _close(value: sp.Expr, digits: str) -> Formula:
    """`value` lies within 10^-12 of the decimal `digits`."""
    centre, radius = sp.Rational(digits), sp.Rational(1, 10**12)
    return And((gt(value, centre - radius), lt(value, centre + radius)))


def _exact_estimates(D: int, goal: Formula, *given: Formula) -> Obligation:
    """`goal` for estimates that are exact, the middle of every event."""
    where = coordinates(_EXACT, D).given(*(ge(coordinate(j), coordinate(j + 1)) for j in range(1, D)), *given)
    return Obligation(f"prop-5[D={D}]", "with hat sigma = sigma", where, map_expressions(goal, with_exact_score))


_PRINTED = Statement(
    "prop-5/printed",
    "some optimal dimension lies in [d1, d2], already where every estimate is exact",
    instance=lambda D: _exact_estimates(D, optimal_between_ends(D, _LOW, _HIGH, sharp=False)),
    sizes=(2,),
)
_WORST = st.worst_estimate(eps)
_NEEDED = universal(
    "prop-5/needed",
    "for every smaller T: hat sigma^2 = 1/2 - sqrt(3-eps)/4 and sigma^2 = hat sigma^2/(1 + eps) have V(T) > 4 sigma^2 uncapped",
    domain(_Q, _EPS, given=[gt(q, st.largest_start_level(eps))]),
    gt(_V.subs(sigma_hat, sp.sqrt(_WORST)), 4 * _WORST / (1 + eps)),
)
_ROBUST = universal(
    "prop-5/robust",
    "for e^{-2T} = 19/20, sigma^2 = 1/10 every hat sigma^2 >= 2/25 has V(T) > 4 sigma^2, so the failure does not vanish as n grows",
    domain(nonnegative(sigma_hat), given=[ge(25 * _h, 2)]),
    gt(_V.subs(q, sp.Rational(19, 20)), sp.Rational(2, 5)),
)

_PROP_5 = (
    _claim(
        "prop-5",
        "The optimal dimension lies in [d1, d2]",
        "OU from N(0, I), no early stopping: with high probability some optimal dimension has d1 <= d_min <= d2.",
        _PRINTED,
        repairs=(
            Repair(
                "hypothesis",
                f"{_HORIZON} (only 2 <= j <= d1 matter; T_0(1) = (1/2) log((1 + sqrt 2)/2) = 0.0941...)",
                (_instance(_LATE, sharp=False, id="prop-5/repaired"), _NEEDED, _ROBUST),
                outside=(
                    _exact_estimates(
                        2,
                        optimal_between_ends(2, _LOW, _HIGH, sharp=False),
                        gt(q, st.largest_start_level(sp.S.Zero)),
                    ),
                ),
                sharp="T_0(eps) cannot be replaced by anything smaller, even if the estimates are exact (eps = 0)",
            ),
        ),
        uses=("prop-4", "prop-5/eq-14"),
        proof_uses=("prop-5/variance", "prop-5/eq-16", "prop-5/upper-end", "prop-9"),
        conventions=(_ENDS, _EVENT_TEXT, "eps = 0 is the limit of many training points."),
        derivation=(
            ("V(T), never capped", _V),
            ("largest q = e^{-2T}", st.largest_start_level(eps)),
            ("smallest horizon for eps = 1", cs.shortest_horizon(sp.S.One)),
        ),
    ),
    _claim(
        "prop-5/upper-end",
        "A sharper upper end",
        f"(ours) under {_HORIZON}, some optimal dimension lies in [d1, d2 - 1] if d2's set is not empty and d2 >= 2.",
        _instance(_LATE, sharp=True, id="prop-5/upper-end/all-D"),
        ours=True,
        proof_uses=("prop-5/variance",),
        conventions=(_ENDS, "The upper end needs neither the event nor a horizon: V(T) > 1/(2C-1) always."),
    ),
    _claim(
        "prop-5/horizon",
        "The shortest horizon as a number",
        "(ours) T_0(1) = 0.094113..., T_0(1/2) = 0.062194..., T_0(0) = 0.037252...",
        *(
            universal(f"prop-5/horizon/{name}", f"T_0({value})", domain(), _close(cs.shortest_horizon(value), digits))
            for name, value, digits in (
                ("one", sp.S.One, "0.0941132032297"),
                ("half", sp.S.Half, "0.0621941561459"),
                ("zero", sp.S.Zero, "0.0372522860141"),
            )
        ),
        *(
            universal(
                f"prop-5/horizon/level-{name}",
                f"e^(-2 T) for T = T_0({value}) is q_0",
                domain(),
                eq(1 / sp.exp(2 * cs.shortest_horizon(value)), st.largest_start_level(value)),
            )
            for name, value in (("one", sp.S.One), ("half", sp.S.Half), ("zero", sp.S.Zero))
        ),
        ours=True,
    ),
)

_KEEPS = le(_V, 4 * _s)
_NO_HORIZON = Or((ge(4 * _s, 1), ge(_h, 1), ge(4 * _h, 1 + eps)))
_BELOW_MAX = le(_V, sp.Max(1, _h))
_FRACTION = le(st.printed_fraction() * _c, 1)

_EQ_15 = (
    _claim(
        "prop-5/eq-15",
        "[15]: keeping coordinate j <= d1 does not cost",
        "(sqrt(V_j(T)) - sigma_j)^2 <= sigma_j^2 for j <= d1",
        universal(
            "prop-5/eq-15/printed",
            "V(T) <= 4 sigma^2 where 1/C <= hat sigma^2",
            _ANY.given(*_EVENTS, _LOW),
            _KEEPS,
        ),
        universal(
            "prop-5/eq-15/empty",
            "d1 = 1 by convention: V(T) <= 4 sigma^2 for j = 1",
            domain(positive(sigma), THROUGHOUT.variables, given=[*THROUGHOUT.hypotheses, *_EVENTS]),
            le(cs.THROUGHOUT.final, 4 * _s),
        ),
        repairs=(
            Repair(
                "hypothesis",
                f"j lies in d1's set (which is not empty) and {_HORIZON}",
                (universal("prop-5/eq-15/late", "V(T) <= 4 sigma^2", _LATE, _KEEPS), _NEEDED),
                outside=(
                    _outside(
                        "prop-5/eq-15/early",
                        "V(T) <= 4 sigma^2 although T < T_0(eps)",
                        _ACCURATE.given(gt(q, st.largest_start_level(eps)), _LOW),
                        _KEEPS,
                    ),
                ),
                sharp="the smallest horizon good for every sigma and C",
            ),
            Repair(
                "hypothesis",
                "or, for every T: sigma_j >= 1/2, or hat sigma_j >= 1, or 4 hat sigma_j^2 >= 1 + eps (all j <= d1 if C <= 4/(1 + eps))",
                (universal("prop-5/eq-15/large", "V(T) <= 4 sigma^2", _ACCURATE.given(_NO_HORIZON), _KEEPS),),
            ),
        ),
        proof_uses=("prop-5/eq-21",),
        conventions=(
            _ENDS,
            _EVENT_TEXT,
            "The empty set does no harm to prop-5: d = 1 is the smallest dimension anyway.",
        ),
    ),
    _claim(
        "prop-5/eq-15/exactly",
        "[15] for one coordinate",
        "(ours) an uncapped coordinate is kept exactly if (4 sigma^2 - hat sigma^2)(1 - cq)^2 >= c hat sigma^4 q^2.",
        universal(
            "prop-5/eq-15/exactly/if",
            "V <= 4 sigma^2 implies it",
            _ONE.given(_KEEPS),
            ge(st.uncapped_keeps(), 0),
        ),
        universal("prop-5/eq-15/exactly/only-if", "and conversely", _ONE.given(ge(st.uncapped_keeps(), 0)), _KEEPS),
        ours=True,
        proof_uses=("prop-5/eq-21",),
    ),
    _claim(
        "prop-5/eq-15/sigma-above-1",
        "Proof case sigma > 1",
        "sigma > 1: then hat sigma >= 1, V < hat sigma^2 <= 4 sigma^2",
        universal(
            "prop-5/eq-15/sigma-above-1/printed",
            "hat sigma >= 1 and V < hat sigma^2 <= 4 sigma^2",
            _ONE.given(*_EVENTS, gt(sigma, 1)),
            And((ge(sigma_hat, 1), lt(_V, _h), le(_h, 4 * _s))),
        ),
        repairs=(
            Repair(
                "statement",
                "V <= max(1, hat sigma^2) <= 4 sigma^2, whatever hat sigma (for every sigma >= 1/2).",
                (
                    universal("prop-5/eq-15/below-max", "V <= max(1, hat sigma^2)", _ONE, _BELOW_MAX),
                    universal(
                        "prop-5/eq-15/max-below",
                        "max(1, hat sigma^2) <= 4 sigma^2",
                        _ONE.given(_EVENT, ge(2 * sigma, 1)),
                        le(sp.Max(1, _h), 4 * _s),
                    ),
                ),
            ),
        ),
        proof_uses=("lemma-1", "prop-5/eq-21"),
        conventions=(_EVENT_TEXT,),
    ),
    _claim(
        "prop-5/eq-15/sigma-half-to-1",
        "Proof case 1/2 <= sigma < 1",
        "sigma in [1/2, 1): then hat sigma < 1, V <= 1",
        universal(
            "prop-5/eq-15/sigma-half-to-1/printed",
            "hat sigma < 1 and V <= 1 <= 4 sigma^2",
            _ONE.given(*_EVENTS, ge(2 * sigma, 1), lt(sigma, 1)),
            And((lt(sigma_hat, 1), le(_V, 1), le(1, 4 * _s))),
        ),
        repairs=(
            Repair(
                "statement",
                "V <= max(1, hat sigma^2) <= 4 sigma^2, as for sigma > 1.",
                (
                    universal("prop-5/eq-15/below-max", "V <= max(1, hat sigma^2)", _ONE, _BELOW_MAX),
                    universal(
                        "prop-5/eq-15/max-below",
                        "max(1, hat sigma^2) <= 4 sigma^2",
                        _ONE.given(_EVENT, ge(2 * sigma, 1)),
                        le(sp.Max(1, _h), 4 * _s),
                    ),
                ),
            ),
        ),
        proof_uses=("lemma-1", "prop-5/eq-21"),
        conventions=(_EVENT_TEXT,),
    ),
    _claim(
        "prop-5/eq-15/sigma-1",
        "Proof case sigma = 1",
        "sigma = 1: V <= 4 sigma^2",
        universal(
            "prop-5/eq-15/sigma-1/value",
            "V <= max(1, hat sigma^2) <= 4",
            domain(nonnegative(sigma_hat), _Q, given=[le(_h, 2)]),
            And((_BELOW_MAX, le(_V, 4))),
        ),
        proof_uses=("prop-5/eq-21",),
        conventions=(_EVENT_TEXT,),
    ),
    _claim(
        "prop-5/eq-15/sigma-below-half",
        "Proof case sigma <= 1/2",
        "sigma <= 1/2: the fraction in [21] is bounded by 1/(1 - hat sigma^2), so V <= hat sigma^2/(1 - hat sigma^2) <= 2 hat sigma^2 <= 4 sigma^2",
        universal(
            "prop-5/eq-15/sigma-below-half/fraction",
            "the fraction is at most 1/(1 - hat sigma^2)",
            _ONE.given(*_EVENTS, le(2 * sigma, 1)),
            _FRACTION,
        ),
        universal(
            "prop-5/eq-15/sigma-below-half/rest",
            "hat sigma^2/(1 - hat sigma^2) <= 2 hat sigma^2 <= 4 sigma^2",
            _ONE.given(_EVENT, le(2 * sigma, 1)),
            And((le(_h / _c, 2 * _h), le(2 * _h, 4 * _s))),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "2 (1 - hat sigma^2) e^{-2T} <= 1, that is T >= (1/2) log(2 (1 - hat sigma^2)); T >= (1/2) log 2 = 0.3465... for every "
                "hat sigma. (Between T_0 and this horizon the step fails and [15] holds all the same.)",
                (
                    universal(
                        "prop-5/eq-15/sigma-below-half/late",
                        "the fraction is at most 1/(1 - hat sigma^2)",
                        _ONE.given(lt(sigma_hat, 1), le(2 * _c * q, 1)),
                        _FRACTION,
                    ),
                ),
                outside=(
                    _outside(
                        "prop-5/eq-15/sigma-below-half/early",
                        "the fraction is at most 1/(1 - hat sigma^2) for a smaller T",
                        _ONE.given(_EVENT, le(2 * sigma, 1), gt(2 * _c * q, 1)),
                        _FRACTION,
                    ),
                ),
                sharp="necessary for every hat sigma > 0",
            ),
        ),
        proof_uses=("prop-5/eq-21",),
        conventions=(_EVENT_TEXT,),
    ),
)

_DEARER = Implies(
    gt(sp.Symbol("V", positive=True), 4 * _s), gt((sp.sqrt(sp.Symbol("V", positive=True)) - sigma) ** 2, _s)
)
_ABOVE = (
    universal("prop-5/eq-16/never", "never capped: V(T) > 1/(2C-1)", _ANY.given(ge(cap * _h, 1)), gt(_V, _K)),
    universal(
        "prop-5/eq-16/from-switch",
        "capped from the switch on: V(T) > 1/(2C-1)",
        FROM_SWITCH,
        gt(cs.FROM_SWITCH.final, _K),
    ),
    universal(
        "prop-5/eq-16/throughout",
        "capped throughout: V(T) > 1/(2C-1)",
        THROUGHOUT,
        gt(cs.THROUGHOUT.final, _K),
    ),
    universal(
        "prop-5/eq-16/dearer",
        "V > 4 sigma^2 makes keeping dearer than dropping",
        domain(nonnegative(sigma), positive(sp.Symbol("V", positive=True))),
        _DEARER,
    ),
)
_p = cs.switch_level()

_EQ_16 = (
    _claim(
        "prop-5/eq-16",
        "[16]: keeping coordinate j >= d2 does not pay",
        "(sqrt(V_j(T)) - sigma_j)^2 >= sigma_j^2 for j >= d2",
        *_ABOVE,
        universal(
            "prop-5/eq-16/empty",
            "d2 = D by convention where no d satisfies 1/(2C-1) >= 4 sigma_d^2: V_D(T) >= 4 sigma_D^2",
            _ANY.given(*_EVENTS, ge(cap * _h, 1), Not(_HIGH)),
            ge(_V, 4 * _s),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "some d satisfies 1/(2C-1) >= 4 sigma_d^2; then strictly, for every sample and every T",
                _ABOVE,
                outside=(
                    _outside(
                        "prop-5/eq-16/outside",
                        "V_D(T) >= 4 sigma_D^2 although the set is empty",
                        _ANY.given(*_EVENTS, ge(cap * _h, 1), Not(_HIGH)),
                        ge(_V, 4 * _s),
                    ),
                ),
                sharp="by convention d2 = D where the set is empty, and [16] is not needed there",
            ),
        ),
        proof_uses=("prop-5/variance",),
        conventions=(_ENDS, "V(T) > 1/(2C-1) >= 4 sigma_j^2 for j >= d2, as the sigma_j do not increase."),
    ),
    _claim(
        "prop-5/eq-16/step",
        "Proof step of [16]: the weight at the switch",
        "1/(1 - c e^{-2(T-t')}) = C, so V(T) = 1/(2C-1) + E ((1 - 2cq + c e^{-2(T+t')})/(C (1-cq)^2) - 1/(2C-1)) >= 1/(2C-1)",
        universal(
            "prop-5/eq-16/step/weight",
            "1 - c e^{-2(T-t')} = 1/C with t' = max(0, T - tau_star)",
            domain(nonnegative(sigma_hat), _CAP, _Q, given=[lt(cap * _h, 1)]),
            eq(cap * (1 - _c * sp.Max(q, _p)), 1),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "T >= tau_star = (1/2) log(C (1 - hat sigma^2)/(C-1)); for a smaller T the quotient is 1/(1 - cq) > C, and V(T) > 1/(2C-1) all the same",
                (
                    universal(
                        "prop-5/eq-16/step/switch",
                        "1 - c e^{-2(T-t')} = 1/C",
                        FROM_SWITCH,
                        eq(cap * (1 - _c * sp.Max(q, _p)), 1),
                    ),
                    fading(
                        "prop-5/eq-16/step/formula",
                        "the formula for V(T)",
                        FROM_SWITCH,
                        eq(cs.FROM_SWITCH.final, st.printed_bound_step(_p, _p ** (2 * cap - 1))),
                    ),
                    *_ABOVE[1:3],
                ),
                outside=(
                    _outside(
                        "prop-5/eq-16/step/short",
                        "1 - c e^{-2(T-t')} = 1/C",
                        THROUGHOUT,
                        eq(cap * (1 - _c * sp.Max(q, _p)), 1),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
        ),
        proof_uses=("prop-5/sum", "prop-5/t-prime"),
    ),
    _claim(
        "prop-5/eq-16/capped",
        "Proof step of [16]: coordinates j >= d2 are capped",
        "for j >= d2 the cap acts (C < 1/hat sigma_j^2), on the event",
        universal("prop-5/eq-16/capped/event", "C hat sigma^2 < 1", _ANY.given(_EVENT, _HIGH), lt(cap * _h, 1)),
        conventions=(_EVENT_TEXT,),
    ),
)

_SETS = domain(positive(sigma), nonnegative(sigma_hat), _CAP)


def _order_instance(D: int, *given: Formula) -> Obligation:
    where = coordinates(Domain(_SETS.variables, ()), D).given(*given, *decreasing(D))
    return Obligation(f"prop-5/d1-d2[D={D}]", "d1 <= d2", where, ends_ordered(D, _LOW, _HIGH))


_D1_D2 = _claim(
    "prop-5/d1-d2",
    "Proof step: d1 <= d2",
    "d1 <= d2",
    Statement("prop-5/d1-d2/every-sample", "for every sample", instance=_order_instance, sizes=(3,)),
    repairs=(
        Repair(
            "hypothesis",
            "hat sigma_j^2 <= 2 sigma_j^2 for j >= 2 (only for j = d1): the event of prop-5",
            (
                Statement(
                    "prop-5/d1-d2/event",
                    "on the event",
                    lift=ordered_ends("prop-5/d1-d2", _SETS.given(_EVENT), _LOW, _HIGH),
                    instance=lambda D: _order_instance(
                        D, *(le(coordinate_hat(j) ** 2, 2 * coordinate(j) ** 2) for j in range(2, D + 1))
                    ),
                    sizes=(2, 3),
                ),
            ),
            outside=(
                _outside(
                    "prop-5/d1-d2/outside",
                    "no coordinate is in both sets",
                    _SETS.given(gt(_h, 2 * _s), _LOW),
                    Not(_HIGH),
                ),
            ),
            sharp="off the event a coordinate can be in both sets",
        ),
    ),
    conventions=(_ENDS, _EVENT_TEXT),
)

_RANK = domain(positive(sigma), nonnegative(sigma_hat), _CAP, given=[le(1 / cap, _s), _LOW])
_NULL_LOW: Formula = le(1 / cap, 0)
_NULL_HIGH: Formula = ge(_K, 0)
_inverse = sp.Symbol("1/C", nonnegative=True)


def _rank_two(one: Domain, *, exact: bool) -> Obligation:
    """`F(2) <= F(1), F(3)` for `D = 3`, `sigma = (s, s, 0)`, `hat sigma = (h_1, h_2, 0)`; `h_j = s` with `exact`."""
    values = {
        coordinate(1): sigma,
        coordinate(2): sigma,
        coordinate(3): sp.S.Zero,
        coordinate_hat(3): sp.S.Zero,
    }
    if exact:
        values |= {coordinate_hat(1): sigma, coordinate_hat(2): sigma}
    goal = map_expressions(best_between(3, 2, 2), lambda e: e.subs(values))
    return Obligation("special-2/d-min[D=3]", "d0 = 2 is optimal for D = 3", one, goal)


_h1, _h2 = coordinate_hat(1), coordinate_hat(2)
_RANK_TWO = domain(
    positive(sigma),
    nonnegative(_h1, _h2),
    _CAP,
    _Q,
    given=[
        le(1 / cap, _s),
        le(1 / cap, _h2**2),
        ge(_h1, _h2),
        le(_h1**2, 2 * _s),
        le(q, st.largest_start_level(sp.S.One)),
    ],
)

_SPECIAL = (
    _claim(
        "special-1",
        "No cap",
        "C = infinity, non-singular data: d1 = d2 = D",
        universal(
            "special-1/ends",
            "with 1/C = 0 every d satisfies 1/C <= hat sigma_d^2, and none 1/(2C-1) >= 4 sigma_d^2",
            domain(positive(sigma), nonnegative(sigma_hat)),
            And((ge(_h, 0), Not(ge(sp.cancel(_K.subs(cap, 1 / _inverse)).subs(_inverse, 0), 4 * _s)))),
        ),
        uses=("prop-5",),
        conventions=("1/infinity = 0; d1 is the largest of all d, d2 = D because its set is empty.",),
    ),
    _claim(
        "special-2",
        "Isotropic data of rank d0: the ends",
        "1/C <= min(sigma^2, hat sigma_j^2): d1 = d2 = d0",
        universal(
            "special-2/printed",
            "D = 2, d0 = 1: d = 1 is in d1's set, d = 2 is not, and d2 = 1 because d = 1 is in d2's set",
            _RANK,
            And((_LOW, Not(_NULL_LOW), _HIGH)),
        ),
        repairs=(
            Repair(
                "statement",
                "d1 = d0, and d2 = d0 + 1 if d0 < D (d2 = D if d0 = D).",
                (
                    universal("special-2/kept", "j <= d0: in d1's set, not in d2's", _RANK, And((_LOW, Not(_HIGH)))),
                    universal(
                        "special-2/null",
                        "j > d0: in d2's set, not in d1's",
                        domain(_CAP),
                        And((_NULL_HIGH, Not(_NULL_LOW))),
                    ),
                ),
            ),
        ),
        uses=("prop-5",),
        conventions=("sigma_j = hat sigma_j = 0 for j > d0.",),
    ),
    _claim(
        "special-2/d-min",
        "Isotropic data of rank d0: d0 is optimal",
        "hence d_min = d0",
        Statement(
            "special-2/d-min/printed",
            "for D = 3, d0 = 2 and exact estimates",
            instance=lambda D: _rank_two(_EXACT.given(le(1 / cap, _s)), exact=True),
            sizes=(3,),
        ),
        repairs=(
            Repair(
                "hypothesis",
                f"{_HORIZON}; or d0 = 1; or sigma >= 1/2",
                (
                    Statement(
                        "special-2/d-min/ends",
                        "d1 = d0 and d2 - 1 = d0, so that prop-5/upper-end leaves d0 alone",
                        (
                            Obligation("special-2/kept", "j <= d0", _RANK, And((_LOW, Not(_HIGH)))),
                            Obligation("special-2/null", "j > d0", domain(_CAP), And((_NULL_HIGH, Not(_NULL_LOW)))),
                        ),
                        instance=lambda D: _rank_two(_RANK_TWO, exact=False),
                        sizes=(3,),
                    ),
                    universal(
                        "prop-5/eq-15/large",
                        "sigma >= 1/2 needs no horizon",
                        _ACCURATE.given(_NO_HORIZON),
                        _KEEPS,
                    ),
                ),
                outside=(
                    _rank_two(_EXACT.given(le(1 / cap, _s), gt(q, st.largest_start_level(sp.S.Zero))), exact=True),
                ),
                sharp="fails for smaller T even if the estimates are exact; d_min <= d0 always",
            ),
        ),
        uses=("special-2",),
        proof_uses=("prop-5/upper-end", "prop-5/eq-15"),
        conventions=(_EVENT_TEXT,),
    ),
)

CLAIMS = (*_PROP_5, *_EQ_15, *_EQ_16, _D1_D2, *_SPECIAL)
