"""Section 2: the steps of the proof of prop-8."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from proofs_check.claim import (
    Claim,
    Obligation,
    Repair,
    between,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.claims.low_rank import LEVELS
from proofs_check.claims.low_rank_global import EPS, EVENT, TWICE, on
from proofs_check.claims.monotonicity import slope_iff
from proofs_check.formula import And, Implies, Not, eq, ge, gt, le, lt, ne
from proofs_check.rules import (
    x1,
    x2,
)
from theory.dimension import level, threshold
from theory.frechet import criterion_term, increment, slope
from theory.notation import X, coordinate_hat, sigma, sigma_hat, x
from theory.tails import degrees, deviation, printed_exponent

__all__ = ["CLAIMS"]

_SECTION = "2 Optimal latent dimension"
_first, _second = coordinate_hat(1), coordinate_hat(2)
_HALF = sp.Rational(1, 2)

_c = sp.Symbol("c", real=True)
_MAP = domain(between(_c, None, None), between(x1, 0, 1, open="right"), between(x2, 0, 1, open="right")).given(
    le(x1, x2)
)
_STEP = domain(positive(sigma, _first, _second), EPS).given(
    on(EVENT, _first), on(EVENT, _second), le(_second, _first), ne(_first, 1), ne(_second, 1)
)
_STEP_GOAL = le(
    sp.Min((4 / (1 + deviation) * _first**2 - _first**2) / (1 - _first**2), 1),
    threshold().subs(sigma_hat, _second),
)
_FIRST = domain(positive(sigma), between(sigma_hat, 0, 1, open="both"), between(X, 0, 1, open="both"), given=[TWICE])
_THIRD = domain(positive(sigma, _first, _second), between(x, 0, 1)).given(
    lt(sigma, _HALF), le(_first**2, 2 * sigma**2), le(_second, _first)
)
_on_threshold = threshold().subs(sigma_hat, _first)
_THIRTEEN = le((1 - _second**2) * (1 - 4 * sigma**2) / (1 - _first**2), 1 - sigma**2)
_REACH = domain(
    between(sigma, 0, Fraction(1, 2), open="both"), between(_first, 0, 1, open="both"), nonnegative(_second)
)

CLAIMS = (
    Claim(
        id="prop-8/interval/positive-part",
        title="The interval with a positive part",
        section=_SECTION,
        printed="Where hat sigma_1 >= 1, every other coordinate is worth keeping at every stop.",
        statements=(
            universal(
                "prop-8/interval/positive-part/pays",
                "the increment of coordinate 2 is <= 0",
                domain(positive(sigma, _first, _second), LEVELS, EPS).given(
                    le(x, X), ge(_first, 1), on(EVENT, _first), on(EVENT, _second)
                ),
                on(le(increment(), 0), _second),
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
                sharp="above 1 the quotients change sign; with (1 - hat sigma^2)_+ both are +oo and the "
                "step holds, so prop-8 survives",
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
        printed="a_{T - hat t_1}^2 = (4 sigma^2 - hat sigma_1^2)/(1 - hat sigma_1^2), where Section 2 "
        "defines hat t_1 = 0.",
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
                "Step (iii) needs hat t_1 := T - abar^-2((4 sigma^2 - hat sigma_1^2)/(1 - hat "
                "sigma_1^2)_+), the formula of d >= 2. The "
                "noise level there is the quotient if that is at most a_T^2, and a_T^2 otherwise; then hat "
                "t_1 = 0, no coordinate "
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
                "for x >= (4 sigma^2 - hat sigma_1^2)/(1 - hat sigma_1^2) and hat sigma_j <= hat sigma_1 "
                "the slope of term j is >= 0",
                _THIRD.given(lt(x, 1), ge(x, _on_threshold)),
                on(ge(slope(), 0), _second),
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
        "(1 - hat sigma_j^2)(1 - 4 sigma^2)/(1 - hat sigma_1^2) <= 1 - sigma^2, using hat sigma_1^2 <= 2 "
        "sigma^2 < 1.",
        statements=(
            universal(
                "prop-8/eq-13/summand",
                "the summand",
                domain(_THIRD.variables[:3], given=_THIRD.hypotheses),
                on(ge(slope().subs(x, _on_threshold), 0), _second),
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
        printed="For sigma < 1/2 and hat sigma_1 < 1 the inequality behind [13] holds for every hat sigma_j "
        "in [0, hat sigma_1] exactly "
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
                "eps^2 n/8 is at most the exponent of prop-9 (p = n), for eps <= 1",
                domain(between(deviation, 0, 1, open="left"), positive(degrees)),
                le(deviation**2 * degrees / 8, printed_exponent()),
            ),
        ),
        proof_uses=("prop-9",),
        conventions=(
            "prop-9 for each of the d0 coordinates and a union bound; the two exponents agree at eps = 1.",
            "The global statement needs hat sigma_j <= 2 sigma only: see prop-3.",
        ),
    ),
)
