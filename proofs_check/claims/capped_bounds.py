"""Section 3: prop-5, and keeping the coordinates up to d1, [15] with its cases."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
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
from proofs_check.claims.capped_terms import (
    CAP,
    ENDS,
    EVENT,
    EVENT_TEXT,
    EXACT,
    HIGH,
    HORIZON,
    LOW,
    THROUGHOUT,
    Q,
    V,
    c,
    claim,
    h,
    s,
)
from proofs_check.formula import And, Formula, Or, eq, ge, gt, le, lt, map_expressions
from proofs_check.rules import between_ends, coordinates
from proofs_check.rules.capped import decreasing, optimal_between_ends
from theory import capped_score as cs
from theory import capped_steps as st
from theory.capped_steps import eps
from theory.notation import coordinate, q, sigma, sigma_hat, with_exact_score

__all__ = ["ACCURATE", "CLAIMS", "EVENTS", "KEEPS", "NO_HORIZON"]

_EPS = between(eps, 0, 1)
EVENTS: tuple[Formula, ...] = (le(h, 2 * s), ge(h, 0))
_ANY = domain(nonnegative(sigma, sigma_hat), CAP, Q)
_ONE = domain(positive(sigma), nonnegative(sigma_hat), Q)
ACCURATE = domain(nonnegative(sigma, sigma_hat), CAP, Q, _EPS, given=[le(h, (1 + eps) * s)])
LATE = ACCURATE.given(le(q, st.largest_start_level(eps)))


def _outside(id: str, text: str, where: Domain, goal: Formula) -> Obligation:
    return Obligation(id, text, where, goal)


def _instance(one: Domain, *, sharp: bool, id: str) -> Statement:
    """The lift to any `D`, and the statement from the definitions of the two ends."""

    def instance(D: int) -> Obligation:
        first = coordinates(Domain(one.variables, ()), 1)
        rest = coordinates(one, D - 1, first=2)
        both = Domain(tuple(dict.fromkeys((*first.variables, *rest.variables))), rest.hypotheses)
        goal = optimal_between_ends(D, LOW, HIGH, sharp=sharp)
        return Obligation(f"{id}[D={D}]", "an optimal dimension between the ends", both.given(*decreasing(D)), goal)

    return Statement(
        id,
        "some optimal dimension lies in [d1, d2 - 1] ([d1, D] if no d satisfies 1/(2C-1) >= 4 sigma_d^2, {1} if d2 = 1)"
        if sharp
        else "some optimal dimension lies in [d1, d2]",
        lift=between_ends(id, one, LOW, HIGH, sharp=sharp),
        instance=instance,
        sizes=(2,),
    )


def _close(value: sp.Expr, digits: str) -> Formula:
    """`value` lies within 10^-12 of the decimal `digits`."""
    centre, radius = sp.Rational(digits), sp.Rational(1, 10**12)
    return And((gt(value, centre - radius), lt(value, centre + radius)))


def _exact_estimates(D: int, goal: Formula, *given: Formula) -> Obligation:
    """`goal` for estimates that are exact, the middle of every event."""
    where = coordinates(EXACT, D).given(*(ge(coordinate(j), coordinate(j + 1)) for j in range(1, D)), *given)
    return Obligation(f"prop-5[D={D}]", "with hat sigma = sigma", where, map_expressions(goal, with_exact_score))


_PRINTED = Statement(
    "prop-5/printed",
    "some optimal dimension lies in [d1, d2], already where every estimate is exact",
    instance=lambda D: _exact_estimates(D, optimal_between_ends(D, LOW, HIGH, sharp=False)),
    sizes=(2,),
)
_WORST = st.worst_estimate(eps)
_NEEDED = universal(
    "prop-5/needed",
    "for every smaller T: hat sigma^2 = 1/2 - sqrt(3-eps)/4 and sigma^2 = hat sigma^2/(1 + eps) have V(T) > 4 sigma^2 uncapped",
    domain(Q, _EPS, given=[gt(q, st.largest_start_level(eps))]),
    gt(V.subs(sigma_hat, sp.sqrt(_WORST)), 4 * _WORST / (1 + eps)),
)
_ROBUST = universal(
    "prop-5/robust",
    "for e^{-2T} = 19/20, sigma^2 = 1/10 every hat sigma^2 >= 2/25 has V(T) > 4 sigma^2, so the failure does not vanish as n grows",
    domain(nonnegative(sigma_hat), given=[ge(25 * h, 2)]),
    gt(V.subs(q, sp.Rational(19, 20)), sp.Rational(2, 5)),
)

_PROP_5 = (
    claim(
        "prop-5",
        "The optimal dimension lies in [d1, d2]",
        "OU from N(0, I), no early stopping: with high probability some optimal dimension has d1 <= d_min <= d2.",
        _PRINTED,
        repairs=(
            Repair(
                "hypothesis",
                f"{HORIZON} (only 2 <= j <= d1 matter; T_0(1) = (1/2) log((1 + sqrt 2)/2) = 0.0941...)",
                (_instance(LATE, sharp=False, id="prop-5/repaired"), _NEEDED, _ROBUST),
                outside=(
                    _exact_estimates(
                        2,
                        optimal_between_ends(2, LOW, HIGH, sharp=False),
                        gt(q, st.largest_start_level(sp.S.Zero)),
                    ),
                ),
                sharp="T_0(eps) cannot be replaced by anything smaller, even if the estimates are exact (eps = 0)",
            ),
        ),
        uses=("prop-4", "prop-5/eq-14"),
        proof_uses=("prop-5/variance", "prop-5/eq-16", "prop-5/upper-end", "prop-9"),
        conventions=(ENDS, EVENT_TEXT, "eps = 0 is the limit of many training points."),
        derivation=(
            ("V(T), never capped", V),
            ("largest q = e^{-2T}", st.largest_start_level(eps)),
            ("smallest horizon for eps = 1", cs.shortest_horizon(sp.S.One)),
        ),
    ),
    claim(
        "prop-5/upper-end",
        "A sharper upper end",
        f"(ours) under {HORIZON}, some optimal dimension lies in [d1, d2 - 1] if d2's set is not empty and d2 >= 2.",
        _instance(LATE, sharp=True, id="prop-5/upper-end/all-D"),
        ours=True,
        proof_uses=("prop-5/variance",),
        conventions=(ENDS, "The upper end needs neither the event nor a horizon: V(T) > 1/(2C-1) always."),
    ),
    claim(
        "prop-5/horizon",
        "The shortest horizon as a number",
        "(ours) T_0(1) = 0.094113..., T_0(1/2) = 0.062194..., T_0(0) = 0.037252...",
        *(
            universal(f"prop-5/horizon/{name}", f"T_0({value})", domain(), _close(cs.shortest_horizon(value), digits))
            for name, value, digits in (
                ("one", sp.S.One, "0.0941132032297"),
                ("half", sp.S.Half, "0.0621941561459"),
                ("zero", sp.S.Zero, "0.0372522860154"),
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

KEEPS = le(V, 4 * s)
NO_HORIZON = Or((ge(4 * s, 1), ge(h, 1), ge(4 * h, 1 + eps)))
_BELOW_MAX = le(V, sp.Max(1, h))
# from sigma = 1/2 on both cases go through the larger of 1 and hat sigma^2
_THROUGH_THE_LARGER = (
    universal("prop-5/eq-15/below-max", "V <= max(1, hat sigma^2)", _ONE, _BELOW_MAX),
    universal(
        "prop-5/eq-15/max-below",
        "max(1, hat sigma^2) <= 4 sigma^2",
        _ONE.given(EVENT, ge(2 * sigma, 1)),
        le(sp.Max(1, h), 4 * s),
    ),
)
_FRACTION = le(st.printed_fraction() * c, 1)

_EQ_15 = (
    claim(
        "prop-5/eq-15",
        "[15]: keeping coordinate j <= d1 does not cost",
        "(sqrt(V_j(T)) - sigma_j)^2 <= sigma_j^2 for j <= d1",
        universal(
            "prop-5/eq-15/printed",
            "V(T) <= 4 sigma^2 where 1/C <= hat sigma^2",
            _ANY.given(*EVENTS, LOW),
            KEEPS,
        ),
        universal(
            "prop-5/eq-15/empty",
            "d1 = 1 by convention: V(T) <= 4 sigma^2 for j = 1",
            domain(positive(sigma), THROUGHOUT.variables, given=[*THROUGHOUT.hypotheses, *EVENTS]),
            le(cs.THROUGHOUT.final, 4 * s),
        ),
        repairs=(
            Repair(
                "hypothesis",
                f"j lies in d1's set (which is not empty) and {HORIZON}",
                (universal("prop-5/eq-15/late", "V(T) <= 4 sigma^2", LATE, KEEPS), _NEEDED),
                outside=(
                    _outside(
                        "prop-5/eq-15/early",
                        "V(T) <= 4 sigma^2 although T < T_0(eps)",
                        ACCURATE.given(gt(q, st.largest_start_level(eps)), LOW),
                        KEEPS,
                    ),
                ),
                sharp="the smallest horizon good for every sigma and C",
            ),
            Repair(
                "hypothesis",
                "or, for every T: sigma_j >= 1/2, or hat sigma_j >= 1, or 4 hat sigma_j^2 >= 1 + eps (all j <= d1 if C <= 4/(1 + eps))",
                (universal("prop-5/eq-15/large", "V(T) <= 4 sigma^2", ACCURATE.given(NO_HORIZON), KEEPS),),
            ),
        ),
        proof_uses=("prop-5/eq-21",),
        conventions=(
            ENDS,
            EVENT_TEXT,
            "The empty set does no harm to prop-5: d = 1 is the smallest dimension anyway.",
        ),
    ),
    claim(
        "prop-5/eq-15/exactly",
        "[15] for one coordinate",
        "(ours) an uncapped coordinate is kept exactly if (4 sigma^2 - hat sigma^2)(1 - cq)^2 >= c hat sigma^4 q^2.",
        universal(
            "prop-5/eq-15/exactly/if",
            "V <= 4 sigma^2 implies it",
            _ONE.given(KEEPS),
            ge(st.uncapped_keeps(), 0),
        ),
        universal("prop-5/eq-15/exactly/only-if", "and conversely", _ONE.given(ge(st.uncapped_keeps(), 0)), KEEPS),
        ours=True,
        proof_uses=("prop-5/eq-21",),
    ),
    claim(
        "prop-5/eq-15/sigma-above-1",
        "Proof case sigma > 1",
        "sigma > 1: then hat sigma >= 1, V < hat sigma^2 <= 4 sigma^2",
        universal(
            "prop-5/eq-15/sigma-above-1/printed",
            "hat sigma >= 1 and V < hat sigma^2 <= 4 sigma^2",
            _ONE.given(*EVENTS, gt(sigma, 1)),
            And((ge(sigma_hat, 1), lt(V, h), le(h, 4 * s))),
        ),
        repairs=(
            Repair(
                "statement",
                "V <= max(1, hat sigma^2) <= 4 sigma^2, whatever hat sigma (for every sigma >= 1/2).",
                _THROUGH_THE_LARGER,
            ),
        ),
        proof_uses=("lemma-1", "prop-5/eq-21"),
        conventions=(EVENT_TEXT,),
    ),
    claim(
        "prop-5/eq-15/sigma-half-to-1",
        "Proof case 1/2 <= sigma < 1",
        "sigma in [1/2, 1): then hat sigma < 1, V <= 1",
        universal(
            "prop-5/eq-15/sigma-half-to-1/printed",
            "hat sigma < 1 and V <= 1 <= 4 sigma^2",
            _ONE.given(*EVENTS, ge(2 * sigma, 1), lt(sigma, 1)),
            And((lt(sigma_hat, 1), le(V, 1), le(1, 4 * s))),
        ),
        repairs=(
            Repair(
                "statement",
                "V <= max(1, hat sigma^2) <= 4 sigma^2, as for sigma > 1.",
                _THROUGH_THE_LARGER,
            ),
        ),
        proof_uses=("lemma-1", "prop-5/eq-21"),
        conventions=(EVENT_TEXT,),
    ),
    claim(
        "prop-5/eq-15/sigma-1",
        "Proof case sigma = 1",
        "sigma = 1: V <= 4 sigma^2",
        universal(
            "prop-5/eq-15/sigma-1/value",
            "V <= max(1, hat sigma^2) <= 4",
            domain(nonnegative(sigma_hat), Q, given=[le(h, 2)]),
            And((_BELOW_MAX, le(V, 4))),
        ),
        proof_uses=("prop-5/eq-21",),
        conventions=(EVENT_TEXT,),
    ),
    claim(
        "prop-5/eq-15/sigma-below-half",
        "Proof case sigma <= 1/2",
        "sigma <= 1/2: the fraction in [21] is bounded by 1/(1 - hat sigma^2), so V <= hat sigma^2/(1 - hat sigma^2) <= 2 hat sigma^2 <= 4 sigma^2",
        universal(
            "prop-5/eq-15/sigma-below-half/fraction",
            "the fraction is at most 1/(1 - hat sigma^2)",
            _ONE.given(*EVENTS, le(2 * sigma, 1)),
            _FRACTION,
        ),
        universal(
            "prop-5/eq-15/sigma-below-half/rest",
            "hat sigma^2/(1 - hat sigma^2) <= 2 hat sigma^2 <= 4 sigma^2",
            _ONE.given(EVENT, le(2 * sigma, 1)),
            And((le(h / c, 2 * h), le(2 * h, 4 * s))),
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
                        _ONE.given(lt(sigma_hat, 1), le(2 * c * q, 1)),
                        _FRACTION,
                    ),
                ),
                outside=(
                    _outside(
                        "prop-5/eq-15/sigma-below-half/early",
                        "the fraction is at most 1/(1 - hat sigma^2) for a smaller T",
                        _ONE.given(EVENT, le(2 * sigma, 1), gt(2 * c * q, 1)),
                        _FRACTION,
                    ),
                ),
                sharp="necessary for every hat sigma > 0",
            ),
        ),
        proof_uses=("prop-5/eq-21",),
        conventions=(EVENT_TEXT,),
    ),
)

CLAIMS = (*_PROP_5, *_EQ_15)
