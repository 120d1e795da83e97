"""Section 2: equal variances on a subspace, the best dimension and stop together (prop-3, prop-8)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from proofs_check.claim import (
    Claim,
    Domain,
    Obligation,
    Repair,
    Statement,
    Variable,
    all_of,
    between,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.claims.low_rank import LEVELS, START, optimum
from proofs_check.claims.monotonicity import slope_iff
from proofs_check.formula import And, Formula, Iff, Implies, Not, Or, eq, ge, gt, le, lt, map_expressions, ne
from proofs_check.rules import (
    best_rank,
    coordinates,
    rank_optimal,
    strict_summand,
    sum_of_terms,
    two_levels,
    x1,
    x2,
)
from proofs_check.rules.low_rank import y
from theory.dimension import level, threshold
from theory.frechet import criterion_term, distance_slope, increment, slope
from theory.low_rank import (
    chernoff_upper_rate,
    distance_low_rank,
    epsilon,
    even_chi_square_tail,
    isotropic,
    printed_interval_level,
    smallest_horizon_noise,
)
from theory.notation import X, coordinate_hat, n, sigma, sigma_hat, tau, x
from theory.process import variance_at_noise
from theory.schedules import OU

__all__ = ["CLAIMS"]

_SECTION = "2 Optimal latent dimension"
_first, _second = coordinate_hat(1), coordinate_hat(2)
_EPS = between(epsilon, 0, 1, open="both")
_EVENT = le(sp.Abs(sigma_hat**2 - sigma**2), epsilon * sigma**2)
_TWICE = le(sigma_hat, 2 * sigma)
_WITH_EPS = domain(positive(sigma, sigma_hat), LEVELS, _EPS, given=[le(x, X)])
_HALF = sp.Rational(1, 2)


def _on(formula: Formula, hat: sp.Symbol) -> Formula:
    """`formula` about `sigma_hat` for another estimate of the one `sigma`."""
    return map_expressions(formula, lambda e: e.subs(sigma_hat, hat))


def _hats(D: int) -> list[sp.Symbol]:
    return [coordinate_hat(j) for j in range(1, D + 1)]


def _ordered(D: int) -> list[Formula]:
    h = _hats(D)
    return [ge(h[i], h[j]) for j in range(D) for i in range(j)]


def _stops(D: int, *given: Formula, eps: bool = False) -> Domain:
    """One `sigma`, `D` estimates, a stop `y` and another `x`."""
    where = domain(positive(sigma, *_hats(D)), LEVELS, between(y, 0, 1), [_EPS] if eps else [])
    return where.given(le(x, X), le(y, X), *given)


def _best(id: str, D: int, where: Domain) -> Obligation:
    goal = map_expressions(optimum(D), isotropic)
    return Obligation(f"{id}[d0={D}]", "a best stop at d0 is best of all", where, goal)


def _global(id: str, text: str, lift_event: Sequence[Formula], where: Domain, eps: bool) -> Statement:
    """The theorem on an event that bounds every estimate."""

    def instance(D: int) -> Obligation:
        event = [_on(e, h) for h in _hats(D) for e in lift_event]
        return _best(id, D, _stops(D, *_ordered(D), *event, eps=eps))

    pairs = [ge(_first, _second), *(_on(e, _first) for e in lift_event)]
    lift = best_rank(id, where, isotropic=True, each=list(lift_event), pairs=pairs)
    return Statement(id, text, lift=lift, instance=instance)


_SMALL_OR_TWICE = Or((le(_first, 1), le(_first, 2 * sigma)))


def _theorem_instance(D: int) -> Obligation:
    h = _hats(D)
    given = [le(hat, 2 * sigma) for hat in h[1:]] + [_on_first(_SMALL_OR_TWICE, hat) for hat in h[:-1]]
    return _best("prop-8/repair", D, _stops(D, *_ordered(D), *given))


def _on_first(formula: Formula, hat: sp.Symbol) -> Formula:
    return map_expressions(formula, lambda e: e.subs(_first, hat))


_THEOREM = Statement(
    "prop-8/repair/theorem",
    "every best stop at d0 is a best choice of dimension and stop together",
    lift=best_rank(
        "prop-8/repair",
        START,
        isotropic=True,
        each=[_TWICE],
        pairs=[ge(_first, _second), _SMALL_OR_TWICE],
    ),
    instance=_theorem_instance,
    sizes=(1, 2, 3),
)
_EVENT_TWICE = _global(
    "prop-3/global", "the same on the event hat sigma_j <= 2 sigma for all j", [_TWICE], START, False
)
_EVENT_EPS = _global(
    "prop-8/global",
    "the same on the event |hat sigma_j^2 - sigma^2| <= eps sigma^2",
    [_EVENT],
    _WITH_EPS,
    True,
)
_RATE = universal(
    "prop-3/rate",
    "the Chernoff exponent of hat sigma_j^2 > 4 sigma^2, (3 - log 4)/2 = 0.8068.., is above 1/8",
    domain(),
    And(
        (
            gt(chernoff_upper_rate(sp.Integer(3)), sp.Rational(1, 8)),
            gt(chernoff_upper_rate(sp.Integer(3)), sp.Rational(806, 1000)),
        )
    ),
)


def _beyond(id: str, fixed: dict[sp.Symbol, sp.Expr], free: Sequence[Variable], *given: Formula) -> Obligation:
    """The theorem's conclusion for d0 = 2 on a family with `fixed` values that violates one hypothesis."""
    goal = map_expressions(optimum(2), lambda e: isotropic(e).subs(fixed, simultaneous=True))
    return Obligation(id, "a best stop at d0 is best of all", domain(free, given=given), goal)


_LARGE_STOP, _QUARTER = sp.Rational(9, 10), sp.Rational(1, 4)
_OUTSIDE = (
    # hat sigma_2 > 2 sigma
    _beyond(
        "prop-8/outside-second",
        {sigma: sp.Rational(1, 5), y: sp.S.Zero, X: _HALF},
        (
            between(_first, 0, 1, open="both"),
            between(_second, Fraction(2, 5), 1, open="both"),
            between(x, 0, Fraction(1, 2)),
        ),
        ge(_first, _second),
    ),
    # hat sigma_1 > 1 and > 2 sigma
    _beyond(
        "prop-8/outside-first",
        {sigma: sp.Rational(1, 5), y: _LARGE_STOP, X: _LARGE_STOP},
        (
            between(_first, 1, None, open="left"),
            between(_second, 0, Fraction(2, 5), open="left"),
            between(x, 0, Fraction(9, 10)),
        ),
    ),
    # hat sigma_1 < hat sigma_2
    _beyond(
        "prop-8/outside-order",
        {sigma: _QUARTER, y: sp.S.Zero, X: _HALF},
        (
            between(_first, 0, Fraction(1, 2), open="left"),
            between(_second, 0, Fraction(1, 2), open="left"),
            between(x, 0, Fraction(1, 2)),
        ),
        lt(_first, _second),
    ),
)

# ---- the interval on which d0 is optimal ----

_QUOTIENT = printed_interval_level()
_ON_INTERVAL = [
    ge(_first, _second),
    _on(_EVENT, _first),
    ne(_first, 1),
    _on(le(x, _QUOTIENT), _first),
]


def _interval_instance(D: int) -> Obligation:
    h = _hats(D)
    events = [_on(_EVENT, hat) for hat in h]
    order = [ge(h[0], hat) for hat in h[1:]]
    where = domain(positive(sigma, *h), LEVELS, _EPS).given(
        le(x, X), *events, *order, ne(_first, 1), _on(le(x, _QUOTIENT), _first)
    )
    F = [isotropic(distance_low_rank(D + 1, D, d)) for d in range(1, D + 2)]
    goal = all_of([le(F[D - 1], f) for d, f in enumerate(F, 1) if d != D])
    return Obligation(f"prop-8/interval[d0={D}]", "d0 minimises F(., x)", where, goal)


_INTERVAL = Statement(
    "prop-8/interval/optimal",
    "d0 minimises F(., x) for x up to the clipped level of the interval",
    lift=rank_optimal("prop-8/interval", _WITH_EPS, isotropic=True, each=[_EVENT], pairs=_ON_INTERVAL),
    instance=_interval_instance,
    sizes=(2, 3),
)

# ---- the root of the slope ----

_ROOT_ONE = domain(positive(sigma, sigma_hat), between(X, 0, 1, open="both"), _EPS, given=[_EVENT])
_AT_END = slope().subs(x, X)


def _exists(id: str, D: int, *more: Formula, at: sp.Expr = X) -> Obligation:
    """[12] negative implies a slope >= 0 at `at`: exactly then the convex F(d0, .) has a stationary point."""
    where = domain(positive(sigma, *_hats(D)), between(X, 0, 1, open="both"), _EPS)
    given = [_on(_EVENT, h) for h in _hats(D)]
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
)
_LONG = _ROOT_ONE.given(le((1 + epsilon) * sigma**2, 1), ge(X, smallest_horizon_noise()))


def _long_instance(D: int) -> Obligation:
    goal = ge(distance_slope(D).subs(x, X), 0)
    return Obligation(f"prop-8/root/long[d0={D}]", "slope at a_T^2", coordinates(_LONG, D), goal)


_HORIZON = Statement(
    "prop-8/root/long",
    "then the slope of F(d0, .) at a_T^2 is >= 0, so the equation has a solution (intermediate value theorem)",
    lift=sum_of_terms("prop-8/root/long", "slope of one term at a_T^2", _LONG, ">=", _AT_END, sp.S.Zero),
    instance=_long_instance,
)
_ROOT_HYPOTHESIS = (
    "(1 + eps) sigma^2 <= 1 and a_T^2 >= eps sigma^2 / (1 - (1 - eps) sigma^2); for OU that is "
    "T >= -(1/2) log(1 - eps sigma^2/(1 - (1-eps) sigma^2))"
)
_ROOT_OUTSIDE = (
    _exists("prop-8/root/short", 1, le((1 + epsilon) * sigma**2, 1), lt(X, smallest_horizon_noise())),
    _exists("prop-8/root/large", 1, ge(sigma, 1), lt(_first, 1), at=sp.S.One),
    _exists("prop-8/root/mixed", 2, lt(sigma, 1), gt(_first, 1), lt(_second, 1), at=sp.S.One),
)
_ROOT_REPAIR = (_HORIZON, _UNIQUE)
_ROOT_SHARP = (
    "the least such horizon for the event; for one sample the exact condition is a slope of F(d0, .) >= 0 at a_T^2. "
    "Where (1 + eps) sigma^2 > 1 there are samples without a solution for any horizon."
)
_EXAMPLE = {sigma: _HALF, sigma_hat: sp.Rational(2, 5)}
_PROB_8 = le(epsilon**2 * n / 8, epsilon**2 * n / (4 * (1 + epsilon)))
_N = between(n, 1, None)
_DELTA = (
    "delta depends on the sample: it is the forward time of a minimiser y of the convex F(d0, .) on [0, a_T^2], written as "
    "first-order conditions at y. The minimum over (d', t) is then reached at (d0, T - delta)."
)
_RANK = "One coordinate without variance is written out; the rule covers any number D - d0."

# ---- the steps of the proof ----

_c = sp.Symbol("c", real=True)
_MAP = domain(between(_c, None, None), between(x1, 0, 1, open="right"), between(x2, 0, 1, open="right")).given(
    le(x1, x2)
)
_STEP = domain(positive(sigma, _first, _second), _EPS).given(
    _on(_EVENT, _first), _on(_EVENT, _second), le(_second, _first), ne(_first, 1), ne(_second, 1)
)
_STEP_GOAL = le(
    sp.Min((4 / (1 + epsilon) * _first**2 - _first**2) / (1 - _first**2), 1),
    threshold().subs(sigma_hat, _second),
)
_FIRST = domain(positive(sigma), between(sigma_hat, 0, 1, open="both"), between(X, 0, 1, open="both"), given=[_TWICE])
_THIRD = domain(positive(sigma, _first, _second), between(x, 0, 1)).given(
    lt(sigma, _HALF), le(_first**2, 2 * sigma**2), le(_second, _first)
)
_on_threshold = threshold().subs(sigma_hat, _first)
_THIRTEEN = le((1 - _second**2) * (1 - 4 * sigma**2) / (1 - _first**2), 1 - sigma**2)
_REACH = domain(
    between(sigma, 0, Fraction(1, 2), open="both"), between(_first, 0, 1, open="both"), nonnegative(_second)
)

# ---- claims ----

_tail_20 = even_chi_square_tail(20, 20)
_best_fixed = sp.Max(_tail_20, 1 - _tail_20 + even_chi_square_tail(20, 200))
_ONE_DIMENSION = domain(positive(sigma, sigma_hat), LEVELS, given=[lt(sigma, 1), le(x, X), gt(x, 0)])

_PROP_3 = (
    Claim(
        id="prop-3",
        title="Isotropic low-rank data: dimension d0 and an earlier stop",
        section=_SECTION,
        printed="Sigma = diag(sigma^2 (d0 times), 0, .., 0): there is delta in [0, T] such that with probability at least "
        "1 - 2 d0 exp(-n/8) the pair (d0, T - delta) minimises d_F over all d' and t.",
        statements=(_EVENT_TWICE, _RATE),
        uses=("eq-5", "eq-6"),
        conventions=(
            _DELTA,
            "For a delta fixed before the sample see prop-3/fixed-delta. The printed 'let eps in (0,1)' is not used.",
            "The event fails with probability at most d0 exp(-n (3 - log 4)/2) <= 2 d0 exp(-n/8) (chi-square tail).",
            _RANK,
        ),
        derivation=(("increment", increment()), ("slope of a kept term", slope())),
    ),
    Claim(
        id="prop-3/fixed-delta",
        title="prop-3 with delta chosen before the sample",
        section=_SECTION,
        printed="There is delta in [0, T] (chosen first) such that, with probability at least 1 - 2 d0 exp(-n/8), (d0, T - delta) is "
        "optimal.",
        statements=(
            universal(
                "prop-3/fixed-delta/printed",
                "for d0 = D = 1, sigma^2 = 1/10, n = 20 some delta has probability >= 1 - 2 exp(-5/2)",
                domain(),
                ge(_best_fixed, 1 - 2 * sp.exp(-sp.Rational(5, 2))),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "delta depends on the sample. For d0 = 1, sigma < 1: delta = 0 is optimal iff sigma <= hat sigma <= 1; delta in (0, T) "
                "iff v = sigma^2 there or hat sigma = 1, an event of probability 0; delta = T only if hat sigma <= sigma or "
                "hat sigma >= 1. For sigma^2 = 1/10, n = 20 no delta has probability above 0.5421, and prop-3 promises 0.8358.",
                (
                    universal(
                        "prop-3/fixed-delta/zero",
                        "the slope at x = 0 is >= 0 iff sigma <= hat sigma <= 1",
                        domain(positive(sigma, sigma_hat), given=[lt(sigma, 1)]),
                        Iff(ge(criterion_term(), 0), And((ge(sigma_hat, sigma), le(sigma_hat, 1)))),
                    ),
                    universal(
                        "prop-3/fixed-delta/inside",
                        "the slope at x vanishes iff v = sigma^2 or hat sigma = 1",
                        _ONE_DIMENSION,
                        Iff(
                            eq(slope(), 0),
                            Or((eq(variance_at_noise(sigma_hat**2), sigma**2), eq(sigma_hat, 1))),
                        ),
                    ),
                    universal(
                        "prop-3/fixed-delta/end",
                        "the slope at x is <= 0 only if hat sigma <= sigma or hat sigma >= 1",
                        _ONE_DIMENSION.given(le(slope(), 0)),
                        Or((le(sigma_hat, sigma), ge(sigma_hat, 1))),
                    ),
                    universal(
                        "prop-3/fixed-delta/value",
                        "the best probability is below 0.5422, the promised one above 0.8358",
                        domain(),
                        And(
                            (
                                lt(_best_fixed, sp.Rational(5422, 10000)),
                                gt(1 - 2 * sp.exp(-sp.Rational(5, 2)), sp.Rational(8358, 10000)),
                            )
                        ),
                    ),
                    _EVENT_TWICE,
                ),
            ),
        ),
        proof_uses=("prop-3", "prop-1b"),
        conventions=(
            "The quantifiers in the printed order. 20 hat sigma^2/sigma^2 is chi-square with 20 degrees of freedom; "
            "P(chi2_20 >= y) = exp(-y/2) sum_{k<10} (y/2)^k/k!, at y = 20 and, for hat sigma^2 >= 1, y = 200.",
        ),
        derivation=(("P(chi2_20 >= 20)", _tail_20),),
    ),
)

_PROP_8 = (
    Claim(
        id="prop-8",
        title="Isotropic low-rank data, full form",
        section=_SECTION,
        printed="For eps in (0,1), on the event |sigma^2 - hat sigma_j^2| <= eps sigma^2: d0 is an optimal dimension for t in "
        "[T - abar^-2(((3-eps)/(1+eps)) hat sigma_1^2/(1 - hat sigma_1^2)), T]; if [12] holds the slope of F(d0, .) vanishes at "
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
                "For every horizon: delta is the forward time of the minimiser of F(d0, .) on [0, a_T^2] (T if the equation has no "
                "solution), and (d0, T - delta) is globally optimal on the larger event hat sigma_j <= 2 sigma, whose probability "
                "is at least 1 - d0 exp(-n (3 - log 4)/2).",
                (_EVENT_TWICE, _RATE),
            ),
        ),
        uses=("eq-5", "eq-6", "prop-1b"),
        proof_uses=("prop-8/probability",),
        conventions=(
            _DELTA,
            "The equation has a solution on [0, a_T^2] iff the increasing slope is <= 0 at 0 and >= 0 at a_T^2.",
            "hat sigma_1 = 1 is left out of the interval (division by 0); for hat sigma_1 > 1 it is {T}, and true. The upper half of "
            "the event is all that the interval and the global statement use.",
            _RANK,
        ),
        derivation=(("slope of a kept term", slope()), ("summand of [12]", criterion_term())),
    ),
    Claim(
        id="prop-8/root",
        title="The equation for delta has a unique solution",
        section=_SECTION,
        printed="If [12] holds then sum_{j<=d0} (1 - sigma/sqrt(hat sigma_j^2 + (1 - hat sigma_j^2) a_t^2))(1 - hat sigma_j^2) = 0 has a "
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
        printed="For d0 = 1, sigma = 1/2, hat sigma = 2/5 the only root is x = 3/28: none for OU with T < (1/2) log(28/25) = 0.0566..",
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
            "hat sigma_1 = 1 divides by zero; for hat sigma_1 > 1 the interval is {T}. With the positive part (1 - hat sigma_1^2)_+, as "
            "in Section 2, the statement is stronger and still true: see prop-8/interval/positive-part.",
        ),
        derivation=(("clipped level", _QUOTIENT),),
    ),
    Claim(
        id="prop-8/interval/positive-part",
        title="The interval with a positive part",
        section=_SECTION,
        printed="Where hat sigma_1 >= 1, every other coordinate is worth keeping at every stop.",
        statements=(
            universal(
                "prop-8/interval/positive-part/pays",
                "the increment of coordinate 2 is <= 0",
                domain(positive(sigma, _first, _second), LEVELS, _EPS).given(
                    le(x, X), ge(_first, 1), _on(_EVENT, _first), _on(_EVENT, _second)
                ),
                _on(le(increment(), 0), _second),
            ),
        ),
        ours=True,
    ),
    Claim(
        id="prop-8/eq-12",
        title="[12] decides between delta = 0 and an earlier stop",
        section=_SECTION,
        printed="[12] sum_{j<=d0} (1 - sigma/hat sigma_j)(1 - hat sigma_j^2) < 0; otherwise delta = 0.",
        statements=(slope_iff("prop-8/eq-12/iff", "F(d0, .) is non-decreasing in the noise level unless [12]"),),
        uses=("prop-1b",),
        conventions=("[12] is the negation of [7] at d = d0; equal variances are not needed.",),
        derivation=(("summand of [12]", criterion_term()),),
    ),
    Claim(
        id="prop-8/monotone-map",
        title="Step (i): x -> (c - x)/(1 - x) is non-increasing for c < 1",
        section=_SECTION,
        printed="x -> (c - x)/(1 - x) is non-increasing for c < 1",
        statements=(
            universal(
                "prop-8/monotone-map/falls",
                "on [0, 1)",
                _MAP.given(lt(_c, 1)),
                ge((_c - x1) / (1 - x1), (_c - x2) / (1 - x2)),
            ),
        ),
        conventions=("On [0, 1); for c > 1 it increases, which step (i) avoids by the cap at 1.",),
    ),
    Claim(
        id="prop-8/step-i",
        title="Step (i): the interval lies below every level",
        section=_SECTION,
        printed="((4/(1+eps)) hat sigma_1^2 - hat sigma_1^2)/(1 - hat sigma_1^2), capped at 1, is at most "
        "(4 sigma^2 - hat sigma_j^2)/(1 - hat sigma_j^2).",
        statements=(universal("prop-8/step-i/printed", "for every sample of the event", _STEP, _STEP_GOAL),),
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma_1 < 1",
                (universal("prop-8/step-i/repaired", "the same", _STEP.given(lt(_first, 1)), _STEP_GOAL),),
                outside=(
                    Obligation(
                        "prop-8/step-i/outside",
                        "the same with hat sigma_j > 1",
                        _STEP.given(gt(_second, 1)),
                        _STEP_GOAL,
                    ),
                ),
                sharp="above 1 the quotients change sign; with (1 - hat sigma^2)_+ both are +oo and the step holds, so prop-8 survives",
            ),
        ),
        proof_uses=("prop-8/monotone-map",),
        derivation=(("level of coordinate j", threshold()),),
    ),
    Claim(
        id="prop-8/step-ii",
        title="Step (ii): coordinates without variance",
        section=_SECTION,
        printed="For j > d0: hat t_j = T.",
        statements=(
            universal(
                "prop-8/step-ii/level",
                "the clipped level of a coordinate with sigma_j = 0 vanishes",
                domain(between(sigma_hat, 0, 1, open="right"), between(X, 0, 1, open="both")),
                eq(level().subs(sigma, 0), 0),
            ),
            universal(
                "prop-8/step-ii/costs",
                "keeping one with hat sigma_j = 0 too adds x, so it never pays before T",
                domain(between(x, 0, 1)),
                eq(increment().subs({sigma: 0, sigma_hat: 0}), x),
            ),
        ),
        conventions=("The level 0 is t = T.",),
    ),
    Claim(
        id="prop-8/hat-t-1",
        title="Step (iii): what hat t_1 stands for",
        section=_SECTION,
        printed="a_{T - hat t_1}^2 = (4 sigma^2 - hat sigma_1^2)/(1 - hat sigma_1^2), where Section 2 defines hat t_1 = 0.",
        statements=(
            universal(
                "prop-8/hat-t-1/printed",
                "with hat t_1 = 0 the noise level is a_T^2",
                _FIRST,
                eq(X, threshold()),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "Step (iii) needs hat t_1 := T - abar^-2((4 sigma^2 - hat sigma_1^2)/(1 - hat sigma_1^2)_+), the formula of d >= 2. The "
                "noise level there is the quotient if that is at most a_T^2, and a_T^2 otherwise; then hat t_1 = 0, no coordinate "
                "is worth dropping, and nothing is left to prove.",
                (
                    universal(
                        "prop-8/hat-t-1/repaired",
                        "the clipped level",
                        _FIRST,
                        And(
                            (
                                Implies(le(threshold(), X), eq(level(), threshold())),
                                Implies(gt(threshold(), X), eq(level(), X)),
                            )
                        ),
                    ),
                ),
            ),
        ),
        uses=("prop-2b",),
    ),
    Claim(
        id="prop-8/step-iii",
        title="Step (iii): beyond the first level no kept term falls",
        section=_SECTION,
        printed="On [0, hat t_1], for sigma^2 < 1/4, each summand of f_d' is >= 0.",
        statements=(
            universal(
                "prop-8/step-iii/slope",
                "for x >= (4 sigma^2 - hat sigma_1^2)/(1 - hat sigma_1^2) and hat sigma_j <= hat sigma_1 the slope of term j is >= 0",
                _THIRD.given(lt(x, 1), ge(x, _on_threshold)),
                _on(ge(slope(), 0), _second),
            ),
        ),
        proof_uses=("prop-8/eq-13", "prop-8/hat-t-1"),
        conventions=("hat t_1 as in prop-8/hat-t-1.",),
        derivation=(("slope", slope()),),
    ),
    Claim(
        id="prop-8/eq-13",
        title="[13], and the inequality behind it",
        section=_SECTION,
        printed="[13] the summand of f_d' at (4 sigma^2 - hat sigma_1^2)/(1 - hat sigma_1^2) is >= 0, since "
        "(1 - hat sigma_j^2)(1 - 4 sigma^2)/(1 - hat sigma_1^2) <= 1 - sigma^2, using hat sigma_1^2 <= 2 sigma^2 < 1.",
        statements=(
            universal(
                "prop-8/eq-13/summand",
                "the summand",
                domain(_THIRD.variables[:3], given=_THIRD.hypotheses),
                _on(ge(slope().subs(x, _on_threshold), 0), _second),
            ),
            universal(
                "prop-8/eq-13/inequality",
                "the inequality",
                domain(_THIRD.variables[:3], given=_THIRD.hypotheses),
                _THIRTEEN,
            ),
        ),
        conventions=("hat sigma_j <= hat sigma_1, and hat sigma_1^2 <= 2 sigma^2 on the event.",),
    ),
    Claim(
        id="prop-8/eq-13-sharp",
        title="How far the inequality behind [13] reaches",
        section=_SECTION,
        printed="For sigma < 1/2 and hat sigma_1 < 1 the inequality behind [13] holds for every hat sigma_j in [0, hat sigma_1] exactly "
        "if hat sigma_1^2 <= 3 sigma^2/(1 - sigma^2).",
        statements=(
            universal(
                "prop-8/eq-13-sharp/enough",
                "it is enough",
                _REACH.given(le(_first**2 * (1 - sigma**2), 3 * sigma**2), le(_second, _first)),
                _THIRTEEN,
            ),
            universal(
                "prop-8/eq-13-sharp/needed",
                "it is needed at hat sigma_j = 0",
                _REACH.given(gt(_first**2 * (1 - sigma**2), 3 * sigma**2), eq(_second, 0)),
                Not(_THIRTEEN),
            ),
        ),
        ours=True,
    ),
    Claim(
        id="prop-8/probability",
        title="The probability of prop-8",
        section=_SECTION,
        printed="The event has probability at least 1 - 2 d0 exp(-eps^2 n/8).",
        statements=(
            universal(
                "prop-8/probability/exponent",
                "eps^2 n/8 is at most the exponent of prop-9, for eps <= 1",
                domain(between(epsilon, 0, 1, open="left"), _N),
                _PROB_8,
            ),
        ),
        conventions=(
            "prop-9 for each of the d0 coordinates and a union bound; the two exponents agree at eps = 1.",
            "The global statement needs hat sigma_j <= 2 sigma only: see prop-3.",
        ),
    ),
    Claim(
        id="prop-8/repair",
        title="Isotropic low-rank data: a best stop at d0 is best of all",
        section=_SECTION,
        printed="Equal variances sigma^2 on a subspace of dimension d0, hat sigma_1 >= .. >= hat sigma_d0, hat sigma_j <= 2 sigma for "
        "j >= 2, and hat sigma_1 <= 1 or hat sigma_1 <= 2 sigma: for every horizon the minimum of F over all d' and x is reached at "
        "d' = d0, at every minimiser of F(d0, .).",
        statements=(_THEOREM,),
        ours=True,
        uses=("eq-5", "eq-6"),
        conventions=(_DELTA, _RANK),
        derivation=(("level of a coordinate", level()), ("slope of a kept term", slope())),
    ),
    Claim(
        id="prop-8/every-sample",
        title="Isotropic low-rank data: the conclusion without an event",
        section=_SECTION,
        printed="(d0, T - delta) is globally optimal, for every sample.",
        statements=(
            Statement(
                "prop-8/every-sample/printed",
                "every best stop at d0 is a best choice of dimension and stop together",
                instance=lambda D: _best("prop-8/every-sample", D, _stops(D, *_ordered(D))),
                sizes=(2,),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma_1 >= .. >= hat sigma_d0, hat sigma_j <= 2 sigma for 2 <= j <= d0, and hat sigma_1 <= 1 or hat sigma_1 <= "
                "2 sigma",
                (_THEOREM,),
                outside=_OUTSIDE,
                sharp="each of the three parts is needed: without any one of them another dimension can win",
            ),
        ),
        uses=("prop-8/repair",),
        conventions=(_DELTA, _RANK),
    ),
)

CLAIMS = (*_PROP_3, *_PROP_8)
