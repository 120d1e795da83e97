"""Section 4: the intervals of prop-7, their closed end, estimates of at least 1, and the order of their ends."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, between, domain, positive, universal
from proofs_check.claims.empirical_terms import BAND_GAIN, BELOW_ONE, CLOSED, CLOSED_OUTSIDE
from proofs_check.formula import ge, gt, le, lt
from theory.covariance import band, lower_numerator, lower_threshold, upper_numerator, upper_threshold
from theory.notation import X, sigma_hat, x

__all__ = ["CLAIMS"]

_SECTION = "4 General covariance"
_k = band
_t1, _t2 = sp.Symbol("t_1", nonnegative=True), sp.Symbol("t_2", nonnegative=True)

_LARGE = domain(between(sigma_hat, 1, None), positive(_k), between(x, 0, 1), given=[le(_k, sigma_hat**2)])
_LARGE_PRINTED = universal(
    "prop-7/large-estimates/printed",
    "hat sigma_d >= 1 (so T_d = 0): the increment is <= -4 S eps_u at every noise level",
    _LARGE,
    le(BAND_GAIN, -_k),
)
_LARGE_OUTSIDE = Obligation(
    "prop-7/large-estimates/outside",
    "beyond 4 S eps_u = 2 hat sigma_d - 1",
    _LARGE.given(gt(_k, 2 * sigma_hat - 1)),
    le(BAND_GAIN, -_k),
)

_ha, _hb = sp.Symbol("sigma_hat_a", nonnegative=True), sp.Symbol("sigma_hat_b", nonnegative=True)
_PAIR = domain(
    between(_ha, 0, 1, open="both"), between(_hb, 0, 1, open="both"), between(X, 0, 1, open="both"), positive(_k)
)


def _upper(h: sp.Symbol) -> sp.Expr:
    return upper_threshold().subs(sigma_hat, h)


def _lower(h: sp.Symbol) -> sp.Expr:
    return lower_threshold().subs(sigma_hat, h)


_SEPARATED = domain(
    between(_ha, 0, 1, open="both"),
    between(_hb, 0, 1, open="both"),
    positive(_k),
    given=[gt(_ha, _hb), le(2 * _k, _ha**2 - _hb**2)],
)

CLAIMS = (
    Claim(
        id="prop-7/closed-interval",
        title="The interval includes its end t_{d+1}(u)",
        section=_SECTION,
        printed="d is optimal on the closed interval [T_d(u), t_{d+1}(u)].",
        statements=(CLOSED,),
        repairs=(
            Repair(
                "hypothesis",
                "the level of t_{d+1}(u) is at most a_T^2 (it is not clipped to t_{d+1}(u) = 0)",
                (
                    universal(
                        "prop-7/closed-interval/repaired",
                        "then at t_{d+1}(u) itself the increment of d + 1 is >= 4 S eps_u",
                        BELOW_ONE.given(le(lower_numerator(), x * (1 - sigma_hat**2))),
                        ge(BAND_GAIN, _k),
                    ),
                ),
                outside=(CLOSED_OUTSIDE,),
                sharp="where t_{d+1}(u) is clipped to 0, keeping d + 1 strictly pays at t = 0 as soon as eps_u is small",
            ),
        ),
        uses=("prop-7/eq-22",),
        conventions=("Where t_{d+1}(u) = 0 by clipping and T_d(u) = 0, the printed interval is {0}.",),
    ),
    Claim(
        id="prop-7/large-estimates",
        title="T_d(u) = 0 for hat sigma_d >= 1",
        section=_SECTION,
        printed="(1 - hat sigma_d^2)_+ = 0 gives T_d(u) = 0: dimension d is at least as good as d - 1 at every noise level.",
        statements=(_LARGE_PRINTED,),
        repairs=(
            Repair(
                "hypothesis",
                "4 S eps_u <= 2 hat sigma_d - 1",
                (
                    universal(
                        "prop-7/large-estimates/repaired",
                        "the increment is <= -4 S eps_u",
                        _LARGE.given(le(_k, 2 * sigma_hat - 1)),
                        le(BAND_GAIN, -_k),
                    ),
                    universal(
                        "prop-7/large-estimates/needed",
                        "otherwise the band is left at noise level 1",
                        domain(between(sigma_hat, 1, None), positive(_k), given=[gt(_k, 2 * sigma_hat - 1)]),
                        gt(BAND_GAIN.subs(x, 1), -_k),
                    ),
                ),
                outside=(_LARGE_OUTSIDE,),
                sharp="necessary and sufficient for the error band at all noise levels up to 1",
            ),
        ),
        conventions=("4 S eps_u <= hat sigma_d^2, or T_d(u) is undefined.",),
        derivation=(("increment at x = 1", BAND_GAIN.subs(x, 1)),),
    ),
    Claim(
        id="prop-7/ordering",
        title="The printed order of the T_d(u) and t_d(u)",
        section=_SECTION,
        printed="0 = T_1 < t_2 < T_2 < ... < t_D < T_D < t_{D+1} = T for small eps_u.",
        statements=(
            universal(
                "prop-7/ordering/start",
                "0 < t_2(u) for all small eps_u, hence (eps_u -> 0) 3 hat sigma_2^2/(1 - hat sigma_2^2) <= a_T^2",
                domain(between(sigma_hat, 0, 1, open="both"), between(X, 0, 1, open="both")),
                le(lower_threshold().subs(_k, 0), X),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "1 > hat sigma_2 > ... > hat sigma_D > 0, the level of t_2(u) is below a_T^2, and 4 S eps_u is at most hat sigma_D^2 and "
                "half of every gap hat sigma_d^2 - hat sigma_{d+1}^2",
                (
                    universal(
                        "prop-7/ordering/own",
                        "t_d < T_d: the level of T_d is below that of t_d",
                        domain(between(_ha, 0, 1, open="both"), positive(_k), given=[le(_k, _ha**2)]),
                        lt(_upper(_ha), _lower(_ha)),
                    ),
                    universal(
                        "prop-7/ordering/numerators",
                        "T_d < t_{d+1}: the numerators are in order",
                        _SEPARATED,
                        le(lower_numerator().subs(sigma_hat, _hb), upper_numerator().subs(sigma_hat, _ha)),
                    ),
                    universal(
                        "prop-7/ordering/next",
                        "T_d < t_{d+1}: numerators in order give levels in strict order",
                        domain(
                            between(_ha, 0, 1, open="both"),
                            between(_hb, 0, 1, open="both"),
                            positive(_t1, _t2),
                            given=[gt(_ha, _hb), le(_t2, _t1)],
                        ),
                        lt(_t2 / (1 - _hb**2), _t1 / (1 - _ha**2)),
                    ),
                    universal(
                        "prop-7/ordering/end",
                        "T_D < T: the level of T_D is positive",
                        domain(between(_ha, 0, 1, open="both"), positive(_k), given=[lt(_k, _ha**2)]),
                        gt(_upper(_ha), 0),
                    ),
                ),
                outside=(
                    Obligation(
                        "prop-7/ordering/clipped",
                        "0 < t_2 where the level of t_2 is a_T^2 or more",
                        domain(
                            between(sigma_hat, 0, 1, open="both"),
                            between(X, 0, 1, open="both"),
                            positive(_k),
                            given=[ge(lower_threshold(), X)],
                        ),
                        lt(sp.Min(lower_threshold(), X), X),
                    ),
                    Obligation(
                        "prop-7/ordering/ties",
                        "T_d < t_{d+1} where hat sigma_d = hat sigma_{d+1}",
                        domain(between(_ha, 0, 1, open="both"), positive(_k), given=[le(_k, _ha**2)]),
                        lt(_lower(_ha), _upper(_ha)),
                    ),
                ),
            ),
        ),
        uses=("prop-7/eq-22",),
        conventions=(
            "Times are compared through unclipped noise levels; later times are lower levels.",
            "Where hat sigma_d >= 1 both T_d and t_d are 0 as well.",
        ),
        derivation=(("level of t_d at eps_u = 0", lower_threshold().subs(_k, 0)),),
    ),
)
