"""Section 2: the full form of the theorem on equal variances (prop-8), its interval and its root."""

from __future__ import annotations

from functools import cache

import sympy as sp

from proofs_check.claim import (
    Claim,
    Obligation,
    Repair,
    Statement,
    all_of,
    between,
    domain,
    positive,
    universal,
)
from proofs_check.claims.low_rank import LEVELS
from proofs_check.claims.low_rank_global import (
    DELTA,
    EPS,
    EVENT,
    EVENT_TWICE,
    ONE_MISSING,
    RATE,
    global_statement,
    hats,
    on,
)
from proofs_check.formula import Formula, Iff, Implies, eq, ge, gt, le, lt, ne
from proofs_check.rules import (
    coordinates,
    rank_optimal,
    strict_summand,
    sum_of_terms,
    two_levels,
    x1,
    x2,
)
from theory.frechet import criterion_term, distance_slope, slope
from theory.low_rank import (
    distance_low_rank,
    isotropic,
    printed_interval_level,
    smallest_horizon_noise,
)
from theory.notation import X, coordinate_hat, sigma, sigma_hat, tau, x
from theory.schedules import OU
from theory.tails import deviation

__all__ = ["CLAIMS"]

_SECTION = "2 Optimal latent dimension"
_first, _second = coordinate_hat(1), coordinate_hat(2)
_HALF = sp.Rational(1, 2)
_WITH_EPS = domain(positive(sigma, sigma_hat), LEVELS, EPS, given=[le(x, X)])
_EVENT_EPS = global_statement(
    "prop-8/global",
    "the same on the event |hat sigma_j^2 - sigma^2| <= eps sigma^2",
    [EVENT],
    _WITH_EPS,
    True,
)
# ---- the interval on which d0 is optimal ----

_QUOTIENT = printed_interval_level()
# the event in halves: the interval needs the upper one only
_ABOVE = le(sigma_hat**2, (1 + deviation) * sigma**2)
_BELOW = ge(sigma_hat**2, (1 - deviation) * sigma**2)
_ON_INTERVAL = [
    ge(_first, _second),
    on(_ABOVE, _first),
    ne(_first, 1),
    on(le(x, _QUOTIENT), _first),
]


@cache
def _interval_instance(D: int) -> Obligation:
    h = hats(D)
    events = [on(half, hat) for hat in h for half in (_ABOVE, _BELOW)]
    order = [ge(h[0], hat) for hat in h[1:]]
    where = domain(positive(sigma, *h), LEVELS, EPS).given(
        le(x, X), *events, *order, ne(_first, 1), on(le(x, _QUOTIENT), _first)
    )
    F = [isotropic(distance_low_rank(D + 1, D, d)) for d in range(1, D + 2)]
    goal = all_of([le(F[D - 1], f) for d, f in enumerate(F, 1) if d != D])
    return Obligation(f"prop-8/interval[d0={D}]", "d0 minimises F(., x)", where, goal)


_INTERVAL = Statement(
    "prop-8/interval/optimal",
    "d0 minimises F(., x) for x up to the clipped level of the interval",
    lift=rank_optimal("prop-8/interval", _WITH_EPS, isotropic=True, pairs=_ON_INTERVAL),
    instance=_interval_instance,
    sizes=(2, 3),
)

# ---- the root of the slope ----

_ROOT_ONE = domain(positive(sigma, sigma_hat), between(X, 0, 1, open="both"), EPS, given=[EVENT])
_AT_END = slope().subs(x, X)


def _exists(id: str, D: int, *more: Formula, at: sp.Expr = X) -> Obligation:
    """[12] negative implies a slope >= 0 at `at`: exactly then the convex F(d0, .) has a stationary point."""
    where = domain(positive(sigma, *hats(D)), between(X, 0, 1, open="both"), EPS)
    given = [on(EVENT, h) for h in hats(D)]
    slopes = isotropic(distance_slope(D))
    goal = Implies(lt(slopes.subs(x, 0), 0), ge(slopes.subs(x, at), 0))
    return Obligation(f"{id}[d0={D}]", "the equation has a solution", where.given(*given, *more), goal)


_EXISTS = Statement(
    "prop-8/root/exists",
    "if [12] holds then the slope of F(d0, .) reaches 0 on [0, a_T^2]",
    instance=lambda D: _exists("prop-8/root", D),
    sizes=(1,),
)
_TWO = two_levels(domain(positive(sigma, sigma_hat), between(x, 0, 1))).given(lt(x1, x2))


@cache
def _unique_instance(D: int) -> Obligation:
    slopes = distance_slope(D)
    goal = Implies(lt(slopes.subs(x, 0), 0), lt(slopes.subs(x, x1), slopes.subs(x, x2)))
    return Obligation(f"prop-8/root/unique[d0={D}]", "strictly increasing", coordinates(_TWO, D), goal)


_UNIQUE = Statement(
    "prop-8/root/unique",
    "if [12] holds then the slope is strictly increasing, so there is at most one solution",
    lift=strict_summand(
        "prop-8/root/unique",
        "the slope of a term with negative initial slope increases strictly",
        _TWO,
        slope().subs(x, x1),
        slope().subs(x, x2),
        criterion_term(),
    ),
    instance=_unique_instance,
    sizes=(1, 2),
)
_LONG = _ROOT_ONE.given(le((1 + deviation) * sigma**2, 1), ge(X, smallest_horizon_noise()))


@cache
def _long_instance(D: int) -> Obligation:
    goal = ge(distance_slope(D).subs(x, X), 0)
    return Obligation(f"prop-8/root/long[d0={D}]", "slope at a_T^2", coordinates(_LONG, D), goal)


_HORIZON = Statement(
    "prop-8/root/long",
    "then the slope of F(d0, .) at a_T^2 is >= 0, so the equation has a solution (intermediate value theorem)",
    lift=sum_of_terms("prop-8/root/long", "slope of one term at a_T^2", _LONG, ">=", _AT_END, sp.S.Zero),
    instance=_long_instance,
    sizes=(1, 2),
)
_ROOT_HYPOTHESIS = (
    "(1 + eps) sigma^2 <= 1 and a_T^2 >= eps sigma^2 / (1 - (1 - eps) sigma^2); for OU that is "
    "T >= -(1/2) log(1 - eps sigma^2/(1 - (1-eps) sigma^2))"
)
_ROOT_OUTSIDE = (
    _exists("prop-8/root/short", 1, le((1 + deviation) * sigma**2, 1), lt(X, smallest_horizon_noise())),
    _exists("prop-8/root/large", 1, ge(sigma, 1), lt(_first, 1), at=sp.S.One),
    _exists("prop-8/root/mixed", 2, lt(sigma, 1), gt(_first, 1), lt(_second, 1), at=sp.S.One),
)
_ROOT_REPAIR = (_HORIZON, _UNIQUE)
_ROOT_SHARP = (
    "the least such horizon for the event; for one sample the exact condition is a slope of F(d0, .) >= 0 "
    "at a_T^2. "
    "Where (1 + eps) sigma^2 > 1 there are samples without a solution for any horizon."
)
_EXAMPLE = {sigma: _HALF, sigma_hat: sp.Rational(2, 5)}

CLAIMS = (
    Claim(
        id="prop-8",
        title="Isotropic low-rank data, full form",
        section=_SECTION,
        printed="For eps in (0,1), on the event |sigma^2 - hat sigma_j^2| <= eps sigma^2: d0 is an optimal "
        "dimension for t in "
        "[T - abar^-2(((3-eps)/(1+eps)) hat sigma_1^2/(1 - hat sigma_1^2)), T]; if [12] holds the slope of "
        "F(d0, .) vanishes at "
        "exactly one delta, else delta = 0; and (d0, T - delta) is globally optimal.",
        statements=(_INTERVAL, _EXISTS, _UNIQUE, _EVENT_EPS),
        repairs=(
            Repair(
                "hypothesis",
                _ROOT_HYPOTHESIS,
                (_INTERVAL, *_ROOT_REPAIR, _EVENT_EPS),
                outside=_ROOT_OUTSIDE,
                sharp=_ROOT_SHARP,
            ),
            Repair(
                "statement",
                "For every horizon: delta is the forward time of the minimiser of F(d0, .) on [0, a_T^2] (T "
                "if the equation has no "
                "solution), and (d0, T - delta) is globally optimal on the larger event hat sigma_j <= 2 "
                "sigma, whose probability "
                "is at least 1 - d0 exp(-n (3 - log 4)/2).",
                (EVENT_TWICE, RATE),
            ),
        ),
        uses=("eq-5", "eq-6", "prop-1b"),
        proof_uses=("prop-8/probability",),
        conventions=(
            DELTA,
            "The equation has a solution on [0, a_T^2] iff the increasing slope is <= 0 at 0 and >= 0 at a_T^2.",
            "hat sigma_1 = 1 is left out of the interval (division by 0); for hat sigma_1 > 1 it is {T}, "
            "and true. The upper half of "
            "the event is all that the interval and the global statement use.",
            ONE_MISSING,
        ),
        derivation=(("slope of a kept term", slope()), ("summand of [12]", criterion_term())),
    ),
    Claim(
        id="prop-8/interval",
        title="d0 is optimal near the end",
        section=_SECTION,
        printed="On the event, d0 is an optimal dimension for t in [T - abar^-2(((3-eps)/(1+eps)) "
        "hat sigma_1^2/(1 - hat sigma_1^2)), T].",
        statements=(_INTERVAL,),
        uses=("eq-5", "eq-6"),
        conventions=(
            "'An optimal dimension': at t = T every d >= d0 ties.",
            "hat sigma_1 = 1 divides by zero; for hat sigma_1 > 1 the interval is {T}. With the positive "
            "part (1 - hat sigma_1^2)_+, as "
            "in Section 2, the statement is stronger and still true: see prop-8/interval/positive-part.",
        ),
        derivation=(("clipped level", _QUOTIENT),),
    ),
    Claim(
        id="prop-8/root",
        title="The equation for delta has a unique solution",
        section=_SECTION,
        printed="If [12] holds then sum_{j<=d0} (1 - sigma/sqrt(hat sigma_j^2 + (1 - hat sigma_j^2) "
        "a_t^2))(1 - hat sigma_j^2) = 0 has a "
        "unique solution delta in [0, T].",
        statements=(_EXISTS, _UNIQUE),
        repairs=(Repair("hypothesis", _ROOT_HYPOTHESIS, _ROOT_REPAIR, outside=_ROOT_OUTSIDE, sharp=_ROOT_SHARP),),
        uses=("prop-1b",),
        conventions=("On the event of prop-8; uniqueness needs neither the event nor equal variances.",),
        derivation=(("least a_T^2 on the event", smallest_horizon_noise()),),
    ),
    Claim(
        id="prop-8/root/horizon",
        title="How small a horizon has no delta: an example",
        section=_SECTION,
        printed="For d0 = 1, sigma = 1/2, hat sigma = 2/5 the only root is x = 3/28: none for OU with T < "
        "(1/2) log(28/25) = 0.0566..",
        statements=(
            universal(
                "prop-8/root/horizon/root",
                "the slope vanishes at x = 3/28 only",
                domain(between(x, 0, 1)),
                Iff(eq(slope().subs(_EXAMPLE), 0), eq(x, sp.Rational(3, 28))),
            ),
            universal("prop-8/root/horizon/negative", "[12] holds", domain(), lt(criterion_term().subs(_EXAMPLE), 0)),
            universal(
                "prop-8/root/horizon/time",
                "the noise level at tau = (1/2) log(28/25)",
                domain(),
                eq(OU.noise_level.subs(tau, sp.log(sp.Rational(28, 25)) / 2), sp.Rational(3, 28)),
            ),
        ),
        ours=True,
        proof_uses=("prop-8/root",),
    ),
)
