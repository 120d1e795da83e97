"""Section 2: equal variances on a subspace, the best dimension and stop together (prop-3, prop-8)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import sympy as sp

from proofs_check.claim import (
    Claim,
    Domain,
    Obligation,
    Repair,
    Statement,
    Variable,
    between,
    domain,
    positive,
    universal,
)
from proofs_check.claims.low_rank import LEVELS, START, optimum
from proofs_check.formula import And, Formula, Iff, Or, eq, ge, gt, le, lt, map_expressions
from proofs_check.rules import (
    best_rank,
)
from proofs_check.rules.low_rank import y
from theory.dimension import level
from theory.frechet import criterion_term, increment, slope
from theory.low_rank import (
    even_chi_square_tail,
    isotropic,
)
from theory.notation import X, coordinate_hat, sigma, sigma_hat, x
from theory.process import variance_at_noise
from theory.tails import chernoff_upper, degrees, deviation

__all__ = [
    "CLAIMS",
    "DELTA",
    "EPS",
    "EVENT",
    "EVENT_TWICE",
    "ONE_MISSING",
    "RATE",
    "TWICE",
    "global_statement",
    "hats",
    "on",
]

_SECTION = "2 Optimal latent dimension"
_first, _second = coordinate_hat(1), coordinate_hat(2)
EPS = between(deviation, 0, 1, open="both")
EVENT = le(sp.Abs(sigma_hat**2 - sigma**2), deviation * sigma**2)
TWICE = le(sigma_hat, 2 * sigma)
_HALF = sp.Rational(1, 2)


def on(formula: Formula, hat: sp.Symbol) -> Formula:
    """`formula` about `sigma_hat` for another estimate of the one `sigma`."""
    return map_expressions(formula, lambda e: e.subs(sigma_hat, hat))


def hats(D: int) -> list[sp.Symbol]:
    """The estimates of coordinates 1..D."""
    return [coordinate_hat(j) for j in range(1, D + 1)]


def _ordered(D: int) -> list[Formula]:
    h = hats(D)
    return [ge(h[i], h[j]) for j in range(D) for i in range(j)]


def _stops(D: int, *given: Formula, eps: bool = False) -> Domain:
    """One `sigma`, `D` estimates, a stop `y` and another `x`."""
    where = domain(positive(sigma, *hats(D)), LEVELS, between(y, 0, 1), [EPS] if eps else [])
    return where.given(le(x, X), le(y, X), *given)


def _best(id: str, D: int, where: Domain) -> Obligation:
    goal = map_expressions(optimum(D), isotropic)
    return Obligation(f"{id}[d0={D}]", "a best stop at d0 is best of all", where, goal)


def global_statement(id: str, text: str, lift_event: Sequence[Formula], where: Domain, eps: bool) -> Statement:
    """The theorem on an event that bounds every estimate."""

    @cache
    def instance(D: int) -> Obligation:
        event = [on(e, h) for h in hats(D) for e in lift_event]
        return _best(id, D, _stops(D, *_ordered(D), *event, eps=eps))

    pairs = [ge(_first, _second), *(on(e, _first) for e in lift_event)]
    lift = best_rank(id, where, isotropic=True, each=list(lift_event), pairs=pairs)
    return Statement(id, text, lift=lift, instance=instance, sizes=(2, 3))


_SMALL_OR_TWICE = Or((le(_first, 1), le(_first, 2 * sigma)))


@cache
def _theorem_instance(D: int) -> Obligation:
    h = hats(D)
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
        each=[TWICE],
        pairs=[ge(_first, _second), _SMALL_OR_TWICE],
    ),
    instance=_theorem_instance,
    sizes=(2, 3),
)
EVENT_TWICE = global_statement(
    "prop-3/global", "the same on the event hat sigma_j <= 2 sigma for all j", [TWICE], START, False
)
_RATE_UP = chernoff_upper().subs({deviation: 3, degrees: 1})
RATE = universal(
    "prop-3/rate",
    "the Chernoff exponent of hat sigma_j^2 > 4 sigma^2, (3 - log 4)/2 = 0.8068.., is above 1/8",
    domain(),
    And(
        (
            gt(_RATE_UP, sp.Rational(1, 8)),
            gt(_RATE_UP, sp.Rational(806, 1000)),
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
    # hat sigma_1 < hat sigma_2 = 2 sigma
    _beyond(
        "prop-8/outside-order",
        {sigma: _QUARTER, _second: _HALF, y: sp.S.Zero, X: _HALF},
        (between(_first, 0, Fraction(1, 2), open="both"), between(x, 0, Fraction(1, 2))),
    ),
)

DELTA = (
    "delta depends on the sample: it is the forward time of a minimiser y of the convex F(d0, .) on [0, "
    "a_T^2], written as "
    "first-order conditions at y. The minimum over (d', t) is then reached at (d0, T - delta)."
)
ONE_MISSING = "One coordinate without variance is written out; the rule covers any number D - d0."


_tail_20 = even_chi_square_tail(20, 20)
_best_fixed = sp.Max(_tail_20, 1 - _tail_20 + even_chi_square_tail(20, 200))
_ONE_DIMENSION = domain(positive(sigma, sigma_hat), LEVELS, given=[lt(sigma, 1), le(x, X), gt(x, 0)])

_PROP_3 = (
    Claim(
        id="prop-3",
        title="Isotropic low-rank data: dimension d0 and an earlier stop",
        section=_SECTION,
        printed="Sigma = diag(sigma^2 (d0 times), 0, .., 0): there is delta in [0, T] such that with "
        "probability at least "
        "1 - 2 d0 exp(-n/8) the pair (d0, T - delta) minimises d_F over all d' and t.",
        statements=(EVENT_TWICE, RATE),
        uses=("eq-5", "eq-6"),
        proof_uses=("prop-9/upper-tail",),
        conventions=(
            DELTA,
            "For a delta fixed before the sample see prop-3/fixed-delta. The printed 'let eps in (0,1)' is not used.",
            "The event fails with probability at most d0 exp(-n (3 - log 4)/2) <= 2 d0 exp(-n/8) (chi-square tail).",
            ONE_MISSING,
        ),
        derivation=(("increment", increment()), ("slope of a kept term", slope())),
    ),
    Claim(
        id="prop-3/fixed-delta",
        title="prop-3 with delta chosen before the sample",
        section=_SECTION,
        printed="There is delta in [0, T] (chosen first) such that, with probability at least 1 - 2 d0 "
        "exp(-n/8), (d0, T - delta) is "
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
                "delta depends on the sample. For d0 = 1, sigma < 1: delta = 0 is optimal iff sigma <= hat "
                "sigma <= 1; delta in (0, T) "
                "iff v = sigma^2 there or hat sigma = 1, an event of probability 0; delta = T only if hat "
                "sigma <= sigma or "
                "hat sigma >= 1. For sigma^2 = 1/10, n = 20 no delta has probability above 0.5421, and "
                "prop-3 promises 0.8358.",
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
                    EVENT_TWICE,
                ),
            ),
        ),
        proof_uses=("prop-3", "prop-1b"),
        conventions=(
            "The quantifiers in the printed order. 20 hat sigma^2/sigma^2 is chi-square with 20 degrees of "
            "freedom; "
            "P(chi2_20 >= y) = exp(-y/2) sum_{k<10} (y/2)^k/k!, at y = 20 and, for hat sigma^2 >= 1, y = "
            "200.",
        ),
        derivation=(("P(chi2_20 >= 20)", _tail_20),),
    ),
)

_THEOREMS = (
    Claim(
        id="prop-8/repair",
        title="Isotropic low-rank data: a best stop at d0 is best of all",
        section=_SECTION,
        printed="Equal variances sigma^2 on a subspace of dimension d0, hat sigma_1 >= .. >= hat sigma_d0, "
        "hat sigma_j <= 2 sigma for "
        "j >= 2, and hat sigma_1 <= 1 or hat sigma_1 <= 2 sigma: for every horizon the minimum of F over "
        "all d' and x is reached at "
        "d' = d0, at every minimiser of F(d0, .).",
        statements=(_THEOREM,),
        ours=True,
        uses=("eq-5", "eq-6"),
        conventions=(DELTA, ONE_MISSING),
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
                "hat sigma_1 >= .. >= hat sigma_d0, hat sigma_j <= 2 sigma for 2 <= j <= d0, and hat "
                "sigma_1 <= 1 or hat sigma_1 <= "
                "2 sigma",
                (_THEOREM,),
                outside=_OUTSIDE,
                sharp="each of the three parts is needed: without any one of them another dimension can win",
            ),
        ),
        uses=("prop-8/repair",),
        conventions=(DELTA, ONE_MISSING),
    ),
)

CLAIMS = (*_PROP_3, *_THEOREMS)
