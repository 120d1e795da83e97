"""Section 3: corollary-1, geometric spectra, with its chain of inequalities."""

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
    HIGH,
    LOW,
    K,
    Q,
    claim,
    h,
    s,
)
from proofs_check.formula import And, Formula, Not, Or, ge, gt, le, lt, map_expressions
from proofs_check.rules import at_coordinate, between_ends, coordinates
from proofs_check.rules.capped import decreasing, optimal_between_ends
from theory import capped_score as cs
from theory import capped_steps as st
from theory.capped_steps import eps
from theory.notation import cap, coordinate, coordinate_hat, q, sigma, sigma_hat, with_exact_score

__all__ = ["CLAIMS"]

#: lambda and its square root; sigma_j = root^-j
_lambda = sp.Symbol("lambda", positive=True)
_root = sp.Symbol("sqrt_lambda", positive=True)
_ROOT = between(_root, 4, None, open="left")
_LATEST = st.corollary_start_level()
_HALF_EVENT = (
    "Event |sigma_j^2 - hat sigma_j^2| <= sigma_j^2/2 for all j, of probability at least 1 - 2D e^{-n/24} (prop-9). On it the hat "
    "sigma_j decrease by themselves, as lambda > 16."
)
_PRINTED_EVENT = (
    "On prop-5's event |sigma_j^2 - hat sigma_j^2| <= sigma_j^2; sigma^2 stands for sigma_{d+1}^2 = lambda^-(d+1)."
)

#: coordinate d+1: its estimate lies below 1/C
_NEXT = domain(
    positive(sigma),
    nonnegative(sigma_hat),
    CAP,
    between(_lambda, 16, None, open="left"),
    given=[le(cap * h, 1)],
)
_SIZES = domain(positive(sigma), nonnegative(sigma_hat), CAP)


def _geometric(e: sp.Expr) -> sp.Expr:
    return e.subs({coordinate(j): _root**-j for j in (1, 2, 3)})


def _three(id: str, d: int, goal: Formula, *given: Formula, exact: bool) -> Obligation:
    """`goal` for `D = 3`, the printed hypotheses for this `d`, and the event; exact estimates with `exact`."""
    hats = () if exact else nonnegative(*(coordinate_hat(j) for j in (1, 2, 3)))
    here, later = coordinate_hat(d) ** 2, coordinate_hat(d + 1) ** 2
    hypotheses: list[Formula] = [
        ge(cap, _root**2),
        le(cap, _root**6),
        le(cap * later, 1),
        ge(cap * here, 1),
        *given,
    ]
    if exact:
        hypotheses = [map_expressions(f, with_exact_score) for f in hypotheses]
        goal = map_expressions(goal, with_exact_score)
    else:
        for j in (1, 2, 3):
            hypotheses += [
                ge(2 * coordinate_hat(j) ** 2, coordinate(j) ** 2),
                le(2 * coordinate_hat(j) ** 2, 3 * coordinate(j) ** 2),
            ]
    where = domain(_ROOT, hats, CAP, Q, given=[map_expressions(f, _geometric) for f in hypotheses])
    return Obligation(id, "D = 3", where, map_expressions(goal, _geometric))


_SMALL = domain(nonnegative(sigma, sigma_hat), CAP, Q, given=[le(256 * s, 1), le(2 * h, 3 * s), le(q, _LATEST)])


def _interval_instance(D: int) -> Obligation:
    first = coordinates(Domain(_SMALL.variables, ()), 1)
    rest = coordinates(_SMALL, D - 1, first=2)
    where = Domain(tuple(dict.fromkeys((*first.variables, *rest.variables))), (*rest.hypotheses, *decreasing(D)))
    return Obligation(
        f"corollary-1/interval[D={D}]",
        "an optimal dimension between the ends",
        where,
        optimal_between_ends(D, LOW, HIGH, sharp=True),
    )


_INTERVAL = Statement(
    "corollary-1/interval",
    "some optimal dimension lies in [d1, d2 - 1] (sigma_j^2 = lambda^-j <= 1/256 for j >= 2)",
    lift=between_ends("corollary-1/interval", _SMALL, LOW, HIGH, sharp=True),
    instance=_interval_instance,
    sizes=(2,),
)
_D2 = universal(
    "corollary-1/d2/at-most",
    "4 sigma_{d+2}^2 (2C-1) <= 1, so d2 <= d + 2",
    _NEXT.given(le(s, 2 * h)),
    le(4 * (s / _lambda) * (2 * cap - 1), 1),
)
_ORDER = universal(
    "corollary-1/order",
    "hat sigma_{j+1}^2 < hat sigma_j^2 on the event",
    domain(
        positive(sigma),
        nonnegative(sigma_hat, coordinate_hat(2)),
        between(_lambda, 16, None, open="left"),
        given=[le(s, 2 * h), le(2 * coordinate_hat(2) ** 2 * _lambda, 3 * s)],
    ),
    lt(coordinate_hat(2), sigma_hat),
)
#: coordinate 3 is never worth keeping where it is in d2's set ([16]), so d_min in {2, 3} asks that coordinate 2 pays
_THIRD_DROPPED: Formula = at_coordinate(HIGH, 3)
_SECOND_PAYS: Formula = at_coordinate(le(cs.NEVER.final, 4 * s), 2)
_THIRD = And((ge(h / 8, s / 16), ge(h, s / 2)))

CLAIMS = (
    claim(
        "corollary-1",
        "Geometric spectrum: d_min is d or d + 1",
        "lambda > 16, sigma_j^2 = lambda^-j, lambda <= C <= lambda^D, hat sigma_{d+1}^2 <= 1/C <= hat sigma_d^2: for large n, with high "
        "probability, d_min in {d, d+1}",
        Statement(
            "corollary-1/printed",
            "D = 3, d = 2, exact estimates, 3 in d2's set (so F(3) > F(2) by [16]): F(2) <= F(1)",
            instance=lambda D: _three("corollary-1[D=3]", 2, _SECOND_PAYS, _THIRD_DROPPED, exact=True),
            sizes=(3,),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "T >= (1/2) log((509 + sqrt(4581/5))/512) = 0.02594... (or T >= T_0(1/2)); the upper "
                "end d + 1 needs no horizon",
                (
                    _INTERVAL,
                    _D2,
                    _ORDER,
                    Statement(
                        "corollary-1/repaired",
                        "D = 3, d = 2, on the event: F(2) <= F(1)",
                        (
                            Obligation(
                                "corollary-1/d2/at-most",
                                _D2.text,
                                _D2.obligations[0].domain,
                                _D2.obligations[0].goal,
                            ),
                        ),
                        instance=lambda D: _three(
                            "corollary-1/repaired[D=3]", 2, _SECOND_PAYS, _THIRD_DROPPED, le(q, _LATEST), exact=False
                        ),
                        sizes=(3,),
                    ),
                ),
                outside=(_three("corollary-1/outside", 2, _SECOND_PAYS, _THIRD_DROPPED, gt(q, _LATEST), exact=True),),
                sharp="sufficient; for small T the lower end fails even if the estimates are exact",
            ),
        ),
        uses=("prop-5",),
        proof_uses=("prop-5/eq-16", "prop-5/variance", "prop-9"),
        conventions=(
            _HALF_EVENT,
            "d1 is d or (in a tie hat sigma_{d+1}^2 = 1/C) d + 1, and d2 - 1 <= d + 1. If d = D - 1 there is no d + 2, and D = d + 1.",
        ),
        derivation=(("largest q = e^{-2T}", _LATEST),),
    ),
    claim(
        "corollary-1/d1",
        "Proof step: d1 = d",
        "d1 = d",
        universal("corollary-1/d1/next", "d + 1 is not in d1's set", _SIZES.given(le(cap * h, 1)), Not(LOW)),
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma_{d+1}^2 < 1/C (in a tie d1 = d + 1, which does no harm)",
                (
                    universal(
                        "corollary-1/d1/strict",
                        "d + 1 is not in d1's set",
                        _SIZES.given(lt(cap * h, 1)),
                        Not(LOW),
                    ),
                ),
                outside=(
                    Obligation(
                        "corollary-1/d1/tie",
                        "d + 1 is not in d1's set",
                        _SIZES.given(ge(cap * h, 1), le(cap * h, 1)),
                        Not(LOW),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
        ),
    ),
    claim(
        "corollary-1/chain-1",
        "Chain, first inequality",
        "1/(4(2C-1)) >= 1/(8C)",
        universal("corollary-1/chain-1/all", "for C > 1", domain(CAP), gt(1 / (4 * (2 * cap - 1)), 1 / (8 * cap))),
    ),
    claim(
        "corollary-1/chain-2",
        "Chain, second inequality",
        "1/(8C) >= hat sigma_{d+1}^2/8",
        universal(
            "corollary-1/chain-2/all",
            "from hat sigma_{d+1}^2 <= 1/C",
            _SIZES.given(le(cap * h, 1)),
            ge(1 / (8 * cap), h / 8),
        ),
    ),
    claim(
        "corollary-1/chain-3",
        "Chain, third inequality",
        "hat sigma_{d+1}^2/8 >= sigma_{d+1}^2/16",
        universal("corollary-1/chain-3/event", "on prop-5's event", _SIZES.given(le(h, 2 * s)), _THIRD),
        repairs=(
            Repair(
                "hypothesis",
                "|sigma_j^2 - hat sigma_j^2| <= eps sigma_j^2 with eps <= 1/2",
                (
                    universal(
                        "corollary-1/chain-3/half",
                        "on the smaller event",
                        domain(_SIZES.variables, between(eps, 0, sp.S.Half), given=[ge(h, (1 - eps) * s)]),
                        _THIRD,
                    ),
                ),
                outside=(
                    Obligation(
                        "corollary-1/chain-3/outside",
                        "on a larger event",
                        domain(
                            _SIZES.variables,
                            between(eps, sp.S.Half, 1, open="left"),
                            given=[ge(h, (1 - eps) * s)],
                        ),
                        _THIRD,
                    ),
                ),
                sharp="necessary and sufficient",
            ),
        ),
        conventions=(_PRINTED_EVENT,),
    ),
    claim(
        "corollary-1/chain-4",
        "Chain, last inequality",
        "sigma_{d+1}^2/16 >= lambda^-(d+2)",
        universal(
            "corollary-1/chain-4/all",
            "sigma_{d+1}^2/16 >= sigma_{d+1}^2/lambda for lambda >= 16",
            domain(positive(sigma), between(_lambda, 16, None)),
            ge(s / 16, s / _lambda),
        ),
    ),
    claim(
        "corollary-1/chain",
        "The whole chain under a weaker hypothesis",
        "(ours) on hat sigma_{d+1}^2 >= (1 - eps) sigma_{d+1}^2 it is enough that lambda >= 8/(1 - eps): d2 <= d + 2.",
        universal(
            "corollary-1/chain/eps",
            "4 sigma_{d+2}^2 (2C-1) <= 1",
            domain(
                positive(sigma, _lambda),
                nonnegative(sigma_hat),
                CAP,
                between(eps, 0, 1, open="right"),
                given=[le(cap * h, 1), ge(h, (1 - eps) * s), ge(_lambda * (1 - eps), 8)],
            ),
            le(4 * (s / _lambda) * (2 * cap - 1), 1),
        ),
        ours=True,
    ),
    claim(
        "corollary-1/d2",
        "Proof step: d2 < d + 2",
        "the chain shows d2 < d + 2",
        Statement(
            "corollary-1/d2/printed",
            "D = 3, d = 1, exact estimates: 1 or 2 is in d2's set",
            instance=lambda D: _three(
                "corollary-1/d2[D=3]",
                1,
                Or((ge(K, 4 * coordinate(1) ** 2), ge(K, 4 * coordinate(2) ** 2))),
                exact=True,
            ),
            sizes=(3,),
        ),
        repairs=(Repair("statement", "d2 <= d + 2 (where d + 2 <= D), on the event eps = 1/2.", (_D2,)),),
        proof_uses=(
            "corollary-1/chain-1",
            "corollary-1/chain-2",
            "corollary-1/chain-3",
            "corollary-1/chain-4",
        ),
        conventions=(_HALF_EVENT,),
    ),
    claim(
        "corollary-1/power-law",
        "Power law",
        "An analogous power-law result is asserted without proof.",
        missing="the statement itself: the spectrum, the range of C, and the interval claimed for d_min",
    ),
    claim(
        "corollary-1/power-law-end",
        "Power law: what the same argument gives",
        "(ours) sigma_j^2 = j^-a, hat sigma_{d+1}^2 <= 1/C <= hat sigma_d^2 on the event eps: every k with k^a >= 8 (d+1)^a/(1-eps) lies "
        "in d2's set, so d_min is d up to a constant factor.",
        universal(
            "corollary-1/power-law-end/high",
            "8 sigma_k^2 <= (1 - eps) sigma_{d+1}^2 implies 4 sigma_k^2 (2C-1) < 1",
            domain(
                positive(sigma, coordinate(2)),
                nonnegative(sigma_hat),
                CAP,
                between(eps, 0, 1, open="right"),
                given=[le(cap * h, 1), ge(h, (1 - eps) * s), le(8 * coordinate(2) ** 2, (1 - eps) * s)],
            ),
            lt(4 * coordinate(2) ** 2 * (2 * cap - 1), 1),
        ),
        ours=True,
    ),
)
