"""Section 2: the optimal latent dimension at a given time."""

from __future__ import annotations

from itertools import pairwise

import sympy as sp

from proofs_check.claim import (
    Claim,
    Domain,
    Obligation,
    Repair,
    Statement,
    all_of,
    between,
    domain,
    positive,
    universal,
)
from proofs_check.formula import And, Formula, Iff, Not, Or, eq, ge, gt, le, lt
from proofs_check.rules import coordinates, optimal_between_levels, single_crossing
from theory.dimension import level, level_exact_score, threshold, threshold_exact_score
from theory.frechet import increment, on_coordinate
from theory.notation import X, coordinate, coordinate_hat, sigma, sigma_hat, with_exact_score, x
from theory.schedules import OU

__all__ = ["CLAIMS"]

# a_T^2 < 1 for every finite horizon; x = 0 is t = T, which the half-open intervals leave out
_LEVELS = (between(X, 0, 1, open="both"), between(x, 0, 1, open="both"))
_EXACT: Domain = domain(positive(sigma), _LEVELS, given=[le(x, X)])
_PLUG_IN: Domain = domain(positive(sigma, sigma_hat), _LEVELS, given=[le(x, X)])

_TIMES = (
    "t in [t_d, t_{d+1}) is l_{d+1} < x <= l_d, where l_d is the clipped threshold: the noise level decreases strictly in t.",
    "3 sigma^2/(1 - sigma^2)_+ is +oo where sigma >= 1, so that t_d = 0 there.",
)

_a, _b = coordinate(1), coordinate(2)
_PAIR = domain(positive(_a, _b), between(X, 0, 1, open="both"))


def _level_at(j: int) -> sp.Expr:
    return on_coordinate(level_exact_score(), j)


def _decreasing(D: int) -> list[Formula]:
    return [ge(coordinate(j), coordinate(j + 1)) for j in range(1, D)]


_ORDERED = Obligation(
    "prop-2a/ordered",
    "levels do not increase with the dimension",
    _PAIR.given(ge(_a, _b)),
    ge(_level_at(1), _level_at(2)),
)


def _exact_instance(D: int) -> Obligation:
    where = coordinates(_EXACT, D).given(*_decreasing(D))
    goal = optimal_between_levels(D, [_level_at(j) for j in range(2, D + 1)], with_exact_score)
    return Obligation(f"prop-2a[D={D}]", "d is optimal on [t_d, t_{d+1})", where, goal)


_PROP_2A = Statement(
    "prop-2a/optimal",
    "d minimises F(., x) for l_{d+1} < x <= l_d (ties among the sigma_j allowed)",
    lift=single_crossing(
        "prop-2a",
        _EXACT,
        level_exact_score(),
        score=with_exact_score,
        ordered=_ORDERED,
        hypothesis=_decreasing,
    ),
    instance=_exact_instance,
    sizes=(2, 3),
)


def _hat_levels(D: int) -> list[sp.Expr]:
    return [on_coordinate(level(), j) for j in range(2, D + 1)]


def _levels_ordered(D: int) -> list[Formula]:
    levels = _hat_levels(D)
    return [ge(levels[k], levels[k + 1]) for k in range(len(levels) - 1)]


def _plug_in_instance(D: int, *more: Formula) -> Obligation:
    hats = [ge(coordinate_hat(j), coordinate_hat(j + 1)) for j in range(1, D)]
    where = coordinates(_PLUG_IN, D).given(*_decreasing(D), *hats, *_levels_ordered(D), *more)
    return Obligation(
        f"prop-2b[D={D}]",
        "d is optimal on [hat t_d, hat t_{d+1})",
        where,
        optimal_between_levels(D, _hat_levels(D)),
    )


_CROSSES_ONCE = Or(
    (
        le(sigma_hat, 1),
        le(sigma_hat**2, 4 * sigma**2),
        le(X * (sigma_hat**2 - 1), sigma_hat**2 - 4 * sigma**2),
    )
)


def _crosses_once(j: int) -> Formula:
    from proofs_check.rules import at_coordinate

    return at_coordinate(_CROSSES_ONCE, j)


_PROP_2B = Statement(
    "prop-2b/optimal",
    "d minimises F(., x) between its estimated levels",
    lift=single_crossing("prop-2b", _PLUG_IN.given(_CROSSES_ONCE), level(), hypothesis=_levels_ordered),
    instance=lambda D: _plug_in_instance(D, *(_crosses_once(j) for j in range(2, D + 1))),
    sizes=(2, 3),
)

_LARGE = domain(positive(sigma, sigma_hat), between(X, 0, 1, open="both"), given=[ge(4 * sigma**2, 1)])
_FIGURE = [sp.Rational(3, 5) ** k for k in range(7)] + [sp.Rational(1, 10**10)] * 2
_PRINTED_TIMES = {4: "1.124123", 5: "1.704081", 6: "1.854189", 7: "1.920609", 8: "2.000000"}


def _figure_time(d: int) -> sp.Expr:
    """`t_d = T - abar^-2(3 sigma_d^2 / (1 - sigma_d^2))` for the figure's OU process, `T = 2`."""
    theta = threshold_exact_score().subs(sigma, sp.sqrt(_FIGURE[d - 1]))
    return 2 - OU.time_of_noise.subs(x, theta)


CLAIMS = (
    Claim(
        id="prop-2a",
        title="Exact score: the optimal dimension between thresholds",
        section="2 Optimal latent dimension",
        printed="0 < sigma_D < ... < sigma_1, exact score: for t in [t_d, t_{d+1}), d minimises d' -> d_F(P_d'^T P_d' Xb_t, X_0).",
        statements=(_PROP_2A,),
        uses=("eq-4/backward", "eq-6"),
        conventions=(
            *_TIMES,
            "Proved for sigma_1 >= ... >= sigma_D > 0: the strictness printed is not needed.",
            "At t = t_d the dimensions d-1 and d tie. t = T lies in no interval; there d = D is the only minimiser.",
        ),
        derivation=(
            ("increment F(d,x) - F(d-1,x)", with_exact_score(increment())),
            ("it vanishes at", threshold_exact_score()),
            ("clipped level l_d", level_exact_score()),
        ),
    ),
    Claim(
        id="prop-2b",
        title="Plug-in score: the same between estimated thresholds",
        section="2 Optimal latent dimension",
        printed="With high probability hat sigma_d and hat t_d are well ordered, and then the same holds for the plug-in sampler "
        "on [hat t_d, hat t_{d+1}).",
        statements=(
            Statement(
                "prop-2b/printed",
                "if hat sigma_d and hat t_d are ordered then d is optimal on [hat t_d, hat t_{d+1})",
                instance=_plug_in_instance,
                sizes=(2, 3),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "for every d >= 2: hat sigma_d <= 1, or hat sigma_d <= 2 sigma_d, or a_T^2 (hat sigma_d^2 - 1) <= hat sigma_d^2 - "
                "4 sigma_d^2. (The order of the hat sigma_d is not needed, only that of the hat t_d.)",
                (
                    _PROP_2B,
                    universal(
                        "prop-2b/needed",
                        "otherwise hat t_d = T although keeping coordinate d strictly pays at t = 0",
                        domain(
                            positive(sigma, sigma_hat),
                            between(X, 0, 1, open="both"),
                            given=[Not(_CROSSES_ONCE)],
                        ),
                        And((lt(increment().subs(x, X), 0), eq(level(), 0))),
                    ),
                ),
                outside=(_plug_in_instance(2, Not(_crosses_once(2))),),
                sharp="where it fails for one d, hat t_d is wrong for that d",
            ),
        ),
        uses=("eq-5", "eq-6"),
        conventions=(
            _TIMES[0],
            "Where 1 - hat sigma_d^2 <= 0 the quotient is +oo if 4 sigma_d^2 >= hat sigma_d^2 and -oo otherwise.",
            "'With high probability' is the hypothesis: the event that the estimates are ordered.",
        ),
        derivation=(("increment", increment()), ("it vanishes at", threshold()), ("clipped level", level())),
    ),
    Claim(
        id="text-3",
        title="The thresholds are increasing and lie in [0, T]",
        section="2 Optimal latent dimension",
        printed="The t_d are increasing and lie in [0, T].",
        statements=(
            universal(
                "text-3/range",
                "0 <= l_d <= a_T^2",
                domain(positive(sigma), between(X, 0, 1, open="both")),
                And((ge(level_exact_score(), 0), le(level_exact_score(), X))),
            ),
            universal(
                "text-3/increasing",
                "sigma_a > sigma_b implies t_a < t_b",
                _PAIR.given(gt(_a, _b)),
                gt(_level_at(1), _level_at(2)),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "The t_d are non-decreasing; t_d < t_{d+1} exactly if t_{d+1} > 0. (As many as have 3 sigma_d^2 >= "
                "a_T^2 (1 - sigma_d^2) are equal to 0.)",
                (
                    Statement("text-3/ordered", "levels do not increase", (_ORDERED,)),
                    universal(
                        "text-3/strict",
                        "for sigma_a > sigma_b: t_a < t_b iff t_b > 0",
                        _PAIR.given(gt(_a, _b)),
                        Iff(gt(_level_at(1), _level_at(2)), lt(_level_at(2), X)),
                    ),
                ),
            ),
        ),
        conventions=_TIMES,
        derivation=(("clipped level l_d", level_exact_score()),),
    ),
    Claim(
        id="text-4",
        title="Large variances are always kept",
        section="2 Optimal latent dimension",
        printed="If 4 sigma_d^2 >= 1 then both t_d and hat t_d are 0.",
        statements=(
            universal("text-4/exact", "t_d = 0", _LARGE, eq(level_exact_score(), X)),
            universal("text-4/plug-in", "hat t_d = 0", _LARGE, eq(level(), X)),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "hat sigma_d < 1 or hat sigma_d <= 2 sigma_d",
                (
                    universal(
                        "text-4/repaired",
                        "t_d = hat t_d = 0",
                        _LARGE.given(Or((lt(sigma_hat, 1), le(sigma_hat, 2 * sigma)))),
                        And((eq(level_exact_score(), X), eq(level(), X))),
                    ),
                    universal(
                        "text-4/needed",
                        "otherwise hat t_d = T",
                        _LARGE.given(ge(sigma_hat, 1), gt(sigma_hat, 2 * sigma)),
                        eq(level(), 0),
                    ),
                ),
                outside=(
                    Obligation(
                        "text-4/outside",
                        "hat t_d = 0 outside the hypothesis",
                        _LARGE.given(ge(sigma_hat, 1), gt(sigma_hat, 2 * sigma)),
                        eq(level(), X),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
        ),
        conventions=(*_TIMES, "A negative numerator over (1 - hat sigma_d^2)_+ = 0 is -oo."),
        derivation=(("clipped level, plug-in", level()),),
    ),
    Claim(
        id="figure-4-left",
        title="Figure 4 (left): where the curves cross",
        section="2 Optimal latent dimension",
        printed="OU, T = 2, variances (1, 0.6, ..., 0.6^6, 1e-10, 1e-10): the d-curves cross at t_4 .. t_8 = "
        "1.124123, 1.704081, 1.854189, 1.920609, 2.000000.",
        statements=(
            *(
                universal(
                    f"figure-4-left/t_{d}",
                    f"t_{d} rounds to {value}",
                    domain(),
                    le(sp.Abs(_figure_time(d) - sp.Rational(value)), sp.Rational(1, 2 * 10**6)),
                )
                for d, value in _PRINTED_TIMES.items()
            ),
            universal(
                "figure-4-left/cross",
                "the curves d - 1 and d meet at the threshold",
                domain(between(sigma, 0, 1, open="both")),
                eq(with_exact_score(increment()).subs(x, threshold_exact_score()), 0),
            ),
            universal(
                "figure-4-left/clipped",
                "the levels of d = 2, 3 exceed 1, so t_2 = t_3 = 0",
                domain(),
                all_of([gt(threshold_exact_score().subs(sigma, sp.sqrt(_FIGURE[d - 1])), 1) for d in (2, 3)]),
            ),
        ),
        proof_uses=("prop-2a",),
        derivation=tuple((f"t_{d}", _figure_time(d)) for d in _PRINTED_TIMES),
    ),
    Claim(
        id="figure-4-left/hypothesis",
        title="Figure 4 (left): its spectrum against the hypothesis of prop-2",
        section="2 Optimal latent dimension",
        printed="prop-2 assumes 0 < sigma_D < ... < sigma_1; the figure that illustrates it takes two variances 1e-10.",
        statements=(
            universal(
                "figure-4-left/hypothesis/strict",
                "the figure's variances decrease strictly",
                domain(),
                all_of([gt(a, b) for a, b in pairwise(_FIGURE)]),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "The variances are non-increasing, which is all that prop-2 needs; t_8 = t_9, so d = 8 is optimal on an empty interval.",
                (
                    universal(
                        "figure-4-left/hypothesis/ties",
                        "the figure's variances are non-increasing",
                        domain(),
                        all_of([ge(a, b) for a, b in pairwise(_FIGURE)]),
                    ),
                    _PROP_2A,
                ),
            ),
        ),
        proof_uses=("prop-2a",),
    ),
)
