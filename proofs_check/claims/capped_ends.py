"""Section 3: dropping the coordinates from d2 on, [16], d1 <= d2, and the special cases."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Domain,
    Obligation,
    Repair,
    Statement,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.claims.capped_bounds import ACCURATE, EVENTS, KEEPS, NO_HORIZON
from proofs_check.claims.capped_terms import (
    CAP,
    ENDS,
    EVENT,
    EVENT_TEXT,
    EXACT,
    FROM_SWITCH,
    HIGH,
    HORIZON,
    LOW,
    THROUGHOUT,
    K,
    Q,
    V,
    c,
    claim,
    fading,
    h,
    s,
)
from proofs_check.formula import And, Formula, Implies, Not, eq, ge, gt, le, lt, map_expressions
from proofs_check.rules import coordinates, ordered_ends
from proofs_check.rules.capped import best_between, decreasing, ends_ordered
from theory import capped_score as cs
from theory import capped_steps as st
from theory.notation import cap, coordinate, coordinate_hat, q, sigma, sigma_hat

__all__ = ["CLAIMS"]

_ANY = domain(nonnegative(sigma, sigma_hat), CAP, Q)


def _outside(id: str, text: str, where: Domain, goal: Formula) -> Obligation:
    return Obligation(id, text, where, goal)


_DEARER = Implies(
    gt(sp.Symbol("V", positive=True), 4 * s), gt((sp.sqrt(sp.Symbol("V", positive=True)) - sigma) ** 2, s)
)
_ABOVE = (
    universal("prop-5/eq-16/never", "never capped: V(T) > 1/(2C-1)", _ANY.given(ge(cap * h, 1)), gt(V, K)),
    universal(
        "prop-5/eq-16/from-switch",
        "capped from the switch on: V(T) > 1/(2C-1)",
        FROM_SWITCH,
        gt(cs.FROM_SWITCH.final, K),
    ),
    universal(
        "prop-5/eq-16/throughout",
        "capped throughout: V(T) > 1/(2C-1)",
        THROUGHOUT,
        gt(cs.THROUGHOUT.final, K),
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
    claim(
        "prop-5/eq-16",
        "[16]: keeping coordinate j >= d2 does not pay",
        "(sqrt(V_j(T)) - sigma_j)^2 >= sigma_j^2 for j >= d2",
        *_ABOVE,
        universal(
            "prop-5/eq-16/empty",
            "d2 = D by convention where no d satisfies 1/(2C-1) >= 4 sigma_d^2: V_D(T) >= 4 sigma_D^2",
            _ANY.given(*EVENTS, ge(cap * h, 1), Not(HIGH)),
            ge(V, 4 * s),
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
                        _ANY.given(*EVENTS, ge(cap * h, 1), Not(HIGH)),
                        ge(V, 4 * s),
                    ),
                ),
                sharp="by convention d2 = D where the set is empty, and [16] is not needed there",
            ),
        ),
        proof_uses=("prop-5/variance",),
        conventions=(ENDS, "V(T) > 1/(2C-1) >= 4 sigma_j^2 for j >= d2, as the sigma_j do not increase."),
    ),
    claim(
        "prop-5/eq-16/step",
        "Proof step of [16]: the weight at the switch",
        "1/(1 - c e^{-2(T-t')}) = C, so V(T) = 1/(2C-1) + E ((1 - 2cq + c e^{-2(T+t')})/(C (1-cq)^2) - 1/(2C-1)) >= 1/(2C-1)",
        universal(
            "prop-5/eq-16/step/weight",
            "1 - c e^{-2(T-t')} = 1/C with t' = max(0, T - tau_star)",
            domain(nonnegative(sigma_hat), CAP, Q, given=[lt(cap * h, 1)]),
            eq(cap * (1 - c * sp.Max(q, _p)), 1),
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
                        eq(cap * (1 - c * sp.Max(q, _p)), 1),
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
                        eq(cap * (1 - c * sp.Max(q, _p)), 1),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
        ),
        proof_uses=("prop-5/sum", "prop-5/t-prime"),
    ),
    claim(
        "prop-5/eq-16/capped",
        "Proof step of [16]: coordinates j >= d2 are capped",
        "for j >= d2 the cap acts (C < 1/hat sigma_j^2), on the event",
        universal("prop-5/eq-16/capped/event", "C hat sigma^2 < 1", _ANY.given(EVENT, HIGH), lt(cap * h, 1)),
        conventions=(EVENT_TEXT,),
    ),
)

_SETS = domain(positive(sigma), nonnegative(sigma_hat), CAP)


def _order_instance(D: int, *given: Formula) -> Obligation:
    where = coordinates(Domain(_SETS.variables, ()), D).given(*given, *decreasing(D))
    return Obligation(f"prop-5/d1-d2[D={D}]", "d1 <= d2", where, ends_ordered(D, LOW, HIGH))


_D1_D2 = claim(
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
                    lift=ordered_ends("prop-5/d1-d2", _SETS.given(EVENT), LOW, HIGH),
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
                    _SETS.given(gt(h, 2 * s), LOW),
                    Not(HIGH),
                ),
            ),
            sharp="off the event a coordinate can be in both sets",
        ),
    ),
    conventions=(ENDS, EVENT_TEXT),
)

_RANK = domain(positive(sigma), nonnegative(sigma_hat), CAP, given=[le(1 / cap, s), LOW])
_NULL_LOW: Formula = le(1 / cap, 0)
_NULL_HIGH: Formula = ge(K, 0)
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
    CAP,
    Q,
    given=[
        le(1 / cap, s),
        le(1 / cap, _h2**2),
        ge(_h1, _h2),
        le(_h1**2, 2 * s),
        le(q, st.largest_start_level(sp.S.One)),
    ],
)

_SPECIAL = (
    claim(
        "special-1",
        "No cap",
        "C = infinity, non-singular data: d1 = d2 = D",
        universal(
            "special-1/ends",
            "with 1/C = 0 every d satisfies 1/C <= hat sigma_d^2, and none 1/(2C-1) >= 4 sigma_d^2",
            domain(positive(sigma), nonnegative(sigma_hat)),
            And((ge(h, 0), Not(ge(sp.cancel(K.subs(cap, 1 / _inverse)).subs(_inverse, 0), 4 * s)))),
        ),
        uses=("prop-5",),
        conventions=("1/infinity = 0; d1 is the largest of all d, d2 = D because its set is empty.",),
    ),
    claim(
        "special-2",
        "Isotropic data of rank d0: the ends",
        "1/C <= min(sigma^2, hat sigma_j^2): d1 = d2 = d0",
        universal(
            "special-2/printed",
            "D = 2, d0 = 1: d = 1 is in d1's set, d = 2 is not, and d2 = 1 because d = 1 is in d2's set",
            _RANK,
            And((LOW, Not(_NULL_LOW), HIGH)),
        ),
        repairs=(
            Repair(
                "statement",
                "d1 = d0, and d2 = d0 + 1 if d0 < D (d2 = D if d0 = D).",
                (
                    universal("special-2/kept", "j <= d0: in d1's set, not in d2's", _RANK, And((LOW, Not(HIGH)))),
                    universal(
                        "special-2/null",
                        "j > d0: in d2's set, not in d1's",
                        domain(CAP),
                        And((_NULL_HIGH, Not(_NULL_LOW))),
                    ),
                ),
            ),
        ),
        uses=("prop-5",),
        conventions=("sigma_j = hat sigma_j = 0 for j > d0.",),
    ),
    claim(
        "special-2/d-min",
        "Isotropic data of rank d0: d0 is optimal",
        "hence d_min = d0",
        Statement(
            "special-2/d-min/printed",
            "for D = 3, d0 = 2 and exact estimates",
            instance=lambda D: _rank_two(EXACT.given(le(1 / cap, s)), exact=True),
            sizes=(3,),
        ),
        repairs=(
            Repair(
                "hypothesis",
                f"{HORIZON}; or sigma >= 1/2 (d0 = 1 needs no horizon: prop-5/upper-end)",
                (
                    Statement(
                        "special-2/d-min/ends",
                        "d1 = d0 and d2 - 1 = d0, so that prop-5/upper-end leaves d0 alone",
                        (
                            Obligation("special-2/kept", "j <= d0", _RANK, And((LOW, Not(HIGH)))),
                            Obligation("special-2/null", "j > d0", domain(CAP), And((_NULL_HIGH, Not(_NULL_LOW)))),
                        ),
                        instance=lambda D: _rank_two(_RANK_TWO, exact=False),
                        sizes=(3,),
                    ),
                    universal(
                        "prop-5/eq-15/large",
                        "sigma >= 1/2 needs no horizon",
                        ACCURATE.given(NO_HORIZON),
                        KEEPS,
                    ),
                ),
                outside=(_rank_two(EXACT.given(le(1 / cap, s), gt(q, st.largest_start_level(sp.S.Zero))), exact=True),),
                sharp="fails for smaller T even if the estimates are exact; d_min <= d0 always",
            ),
        ),
        uses=("special-2",),
        proof_uses=("prop-5/upper-end", "prop-5/eq-15"),
        conventions=(EVENT_TEXT,),
    ),
)

CLAIMS = (*_EQ_16, _D1_D2, *_SPECIAL)
