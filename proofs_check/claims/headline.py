"""Section 6: the headline, 'lower latent dimension, earlier stop', in its two readings."""

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
    merge,
    positive,
    universal,
)
from proofs_check.claims.headline_b import LAST_STEP, OPEN_SET, READING_B
from proofs_check.formula import And, Formula, Iff, Implies, Or, eq, ge, gt, le, lt, map_expressions
from proofs_check.rules import (
    at_coordinate,
    coordinates,
    increments_convex,
    largest_minimiser_falls,
    two_levels,
    x1,
    x2,
)
from proofs_check.rules.capped import decreasing
from theory.frechet import curvature, increment, on_coordinate, slope
from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat, with_exact_score, x
from theory.tails import generating_function

__all__ = ["CLAIMS"]

_EXACT = domain(positive(sigma), between(x, 0, 1))
_PLUG_IN = domain(positive(sigma, sigma_hat), between(x, 0, 1))
_AT_MOST_TWICE = le(sigma_hat, 2 * sigma)


def _first_order_level(d: int) -> sp.Expr:
    """`x*(d)` with the slope of `F(d, .)` replaced by its first-order part in `u` and `x` at `hat sigma = sigma (1 + u)`."""
    u = [sp.Symbol(f"u{j}", real=True) for j in range(1, d + 1)]
    start = sum(((1 - coordinate(j) ** 2) * u[j - 1] for j in range(1, d + 1)), sp.S.Zero)
    growth = sum(((1 - coordinate(j) ** 2) ** 2 / (2 * coordinate(j) ** 2) for j in range(1, d + 1)), sp.S.Zero)
    return sp.Max(sp.S.Zero, -start / growth)


def _plug_in_instance(D: int, condition: Formula | None = None) -> Obligation:
    """Reading (A); without `condition` among samples ordered as the paper assumes."""
    pair = two_levels(_PLUG_IN)
    later = Domain(pair.variables, () if condition is None else (condition,))
    where = merge(coordinates(pair, 1), coordinates(later, D - 1, first=2))
    if condition is None:
        where = where.given(*decreasing(D))
    return Obligation(f"headline-a[D={D}]", "reading (A)", where, largest_minimiser_falls(D))


_EXACT_STATEMENT = Statement(
    "headline-a/exact/all-D",
    "with the exact score the optimal dimension is non-decreasing in backward time",
    lift=increments_convex("headline-a/exact", _EXACT, score=with_exact_score),
    instance=lambda D: Obligation(
        f"headline-a/exact[D={D}]",
        "reading (A)",
        coordinates(two_levels(_EXACT), D),
        largest_minimiser_falls(D, with_exact_score),
    ),
    sizes=(2, 3),
)

_PRINTED_PLUG_IN = Statement(
    "headline-a/plug-in/every-sample",
    "with the plug-in score the optimal dimension is non-decreasing in backward time, for every sample",
    instance=_plug_in_instance,
    sizes=(2, 3),
)

_REPAIR = Repair(
    "hypothesis",
    "hat sigma_d <= 2 sigma_d for every d >= 2 (in any order, ties included, any schedule and horizon)",
    (
        Statement(
            "headline-a/plug-in/repaired",
            "the optimal dimension is non-decreasing in backward time",
            lift=increments_convex("headline-a/plug-in", _PLUG_IN.given(_AT_MOST_TWICE)),
            instance=lambda D: _plug_in_instance(D, _AT_MOST_TWICE),
            sizes=(2, 3),
        ),
    ),
    outside=(
        Obligation(
            "headline-a/plug-in/outside",
            "reading (A) with hat sigma_2 > 2 sigma_2",
            coordinates(two_levels(_PLUG_IN), 2).given(at_coordinate(gt(sigma_hat, 2 * sigma), 2)),
            largest_minimiser_falls(2),
        ),
    ),
    sharp="sufficient for every spectrum and sample; not necessary",
)

# --- the condition: where it fails, where it is not needed, how likely it is --------------------------------------
_BELOW_ONE = lt(sigma_hat, 1)
_s2, _h2, _h3 = coordinate(2), coordinate_hat(2), coordinate_hat(3)


def _three_below_one() -> Obligation:
    """(A) for D = 3, all `hat sigma_j < 1`, between the last step and another; all but hat sigma_2 fixed."""
    truth, small = sp.Rational(4, 5), sp.Rational(42, 125)
    values = {
        coordinate(1): truth,
        coordinate_hat(1): truth,
        _s2: small,
        coordinate(3): small,
        _h3: sp.Rational(3, 25),
        x1: sp.S.Zero,
    }
    goal = map_expressions(largest_minimiser_falls(3), lambda e: e.subs(values, simultaneous=True))
    where = domain(between(_h2, sp.Rational(3, 4), truth), between(x2, 0, 1))
    return Obligation("headline-a/plug-in/hats-below-1[D=3]", "reading (A), all hat sigma_j < 1", where, goal)


def _two_below_one() -> Obligation:
    pair = two_levels(domain(positive(sigma, sigma_hat), between(x, 0, 1), given=[_BELOW_ONE]))
    gain = on_coordinate(increment(), 2)
    where = coordinates(pair, 1, first=2)
    goal = Implies(le(gain.subs(x, x2), 0), le(gain.subs(x, x1), 0))
    return Obligation(
        "headline-a/plug-in/not-necessary/D=2", "if d = 2 is optimal at x2 it is at x1 <= x2", where, goal
    )


_s = sp.Symbol("s", nonnegative=True)
_BEST = sp.Rational(3, 8)
_FAILS = 4 * sp.exp(-3)

# first-order behaviour at hat sigma = sigma (1 + u): k and rho are the slopes of the two edges of the cone of failures
_u1, _u2 = sp.Symbol("u1", real=True), sp.Symbol("u2", real=True)
_CONE = domain(between(_u1, None, None), between(_u2, None, None), positive(coordinate(1), coordinate(2)), given=[
    lt(coordinate(1), 1), lt(coordinate(2), coordinate(1)),
])  # fmt: skip
_level_1, _level_2 = (_first_order_level(d) for d in (1, 2))

_READING = "Reading (A): at backward time t the optimal dimension d*(t) (the largest one where several tie) is non-decreasing in t."

CLAIMS = (
    Claim(
        id="headline-a",
        title="Reading (A): later stop, higher optimal dimension",
        section="6 Headline",
        printed="Lower latent dimension, earlier stop: d*(t) is non-decreasing in t (exact and plug-in score, every sample).",
        statements=(_EXACT_STATEMENT, _PRINTED_PLUG_IN),
        repairs=(_REPAIR,),
        uses=("eq-4/backward", "eq-5", "eq-6"),
        conventions=(_READING,),
        derivation=(("increment F(d,x) - F(d-1,x)", increment()),),
    ),
    Claim(
        id="headline-a/exact",
        title="Reading (A), exact score",
        section="6 Headline",
        printed="With the exact score d*(t) is non-decreasing in t.",
        statements=(_EXACT_STATEMENT,),
        uses=("eq-4/backward", "eq-6"),
        conventions=(_READING, "Holds whatever the order of the variances, with or without ties."),
        derivation=(("increment", with_exact_score(increment())),),
    ),
    Claim(
        id="headline-a/plug-in",
        title="Reading (A), plug-in score",
        section="6 Headline",
        printed="With the plug-in score d*(t) is non-decreasing in t.",
        statements=(_PRINTED_PLUG_IN,),
        repairs=(_REPAIR,),
        uses=("eq-5", "eq-6"),
        conventions=(_READING,),
        derivation=(("increment", increment()), ("its value at the last step", increment().subs(x, 0))),
    ),
    Claim(
        id="headline-a/plug-in/hats-below-1",
        title="Reading (A) when every hat sigma_j < 1",
        section="6 Headline",
        printed="With the plug-in score and every hat sigma_j < 1 d*(t) is non-decreasing in t, for every sample.",
        statements=(
            Statement(
                "headline-a/plug-in/hats-below-1/every-sample",
                "reading (A) if all hat sigma_j < 1 (D = 3, sigma = (4/5, 42/125, 42/125), hat sigma_1 = 4/5, hat sigma_3 = 3/25)",
                instance=lambda D: _three_below_one(),
                sizes=(3,),
            ),
        ),
        repairs=(_REPAIR,),
        uses=("headline-a/plug-in",),
        conventions=(_READING, "So the condition is needed in general even where no threshold is degenerate."),
    ),
    Claim(
        id="headline-a/plug-in/not-necessary",
        title="The condition is not necessary for (A)",
        section="6 Headline",
        printed="For D = 2 and hat sigma_2 < 1 reading (A) holds for every sample, also where hat sigma_2 > 2 sigma_2; there d = 1 is optimal "
        "throughout.",
        statements=(
            Statement("headline-a/plug-in/not-necessary/two", "reading (A) for D = 2", (_two_below_one(),)),
            universal(
                "headline-a/plug-in/not-necessary/throughout",
                "hat sigma > 2 sigma, hat sigma < 1: keeping the coordinate costs at every noise level",
                _PLUG_IN.given(_BELOW_ONE, gt(sigma_hat, 2 * sigma)),
                gt(increment(), 0),
            ),
        ),
        uses=("headline-a/plug-in",),
        ours=True,
    ),
    Claim(
        id="headline-a/plug-in/probability",
        title="How likely the condition for (A) is",
        section="6 Headline",
        printed="P(hat sigma_d <= 2 sigma_d for all d >= 2) >= 1 - (D-1) P(chi2_n > 4n) >= 1 - (D-1) (4 e^-3)^{n/2}, n >= 1.",
        statements=(
            universal(
                "headline-a/plug-in/probability/parameter",
                "Chernoff's exponent 4 s + log(1 - 2 s)/2 per degree of freedom rises up to s = 3/8 and falls after it",
                domain(between(_s, 0, sp.S.Half, open="right")),
                And(
                    (
                        Implies(lt(_s, _BEST), gt((4 * _s + sp.log(1 - 2 * _s) / 2).diff(_s), 0)),
                        Implies(gt(_s, _BEST), lt((4 * _s + sp.log(1 - 2 * _s) / 2).diff(_s), 0)),
                    )
                ),
            ),
            universal(
                "headline-a/plug-in/probability/bound",
                "there, exp(-8 s) (E exp(s X^2))^2 = 4 e^-3 for two degrees of freedom",
                domain(),
                eq(sp.exp(-8 * _BEST) * generating_function(_BEST) ** 2, _FAILS),
            ),
            universal("headline-a/plug-in/probability/exponent", "3 - log 4 > 0", domain(), gt(3 - sp.log(4), 0)),
            universal("headline-a/plug-in/probability/base", "4 e^-3 < 1/5", domain(), lt(_FAILS, sp.Rational(1, 5))),
            universal(
                "headline-a/plug-in/probability/exact",
                "n = 2 and 4: the exact P(chi2_n > 4n), e^-4 and 9 e^-8, lies below",
                domain(),
                And((lt(sp.exp(-4), _FAILS), lt(9 * sp.exp(-8), _FAILS**2))),
            ),
        ),
        proof_uses=("import/chernoff", "import/chi-square-generating-function"),
        conventions=(
            "n hat sigma_j^2/sigma_j^2 is chi-square with n degrees of freedom; the union bound adds the D - 1 coordinates "
            "(independence would give P(chi2_n <= 4n)^{D-1}).",
            "For n degrees of freedom the bound is the power n/2 of that for two: (4 e^-3)^{n/2} = exp(-n (3 - log 4)/2) = e^{-0.807 n}.",
        ),
        ours=True,
    ),
    Claim(
        id="headline/large-n",
        title="Both readings for large n",
        section="6 Headline",
        printed="As n grows (A) holds with probability -> 1, (B) does not: for D = 2 and 1 > sigma_1 > sigma_2 the probability that (B) fails "
        "tends to 1/2 - (arctan k + arctan rho)/(2 pi) > 0, k = (1 - sigma_1^2)/(1 - sigma_2^2), "
        "rho = sigma_1^2 (1 - sigma_2^2)/(sigma_2^2 (1 - sigma_1^2)).",
        statements=(
            universal("headline/large-n/a", "(4 e^-3)^{n/2} -> 0", domain(), And((gt(_FAILS, 0), lt(_FAILS, 1)))),
            universal(
                "headline/large-n/first-order",
                "the slope at x = 0, hat sigma = sigma: 0; its derivatives: 1 - sigma^2 in u, (1 - sigma^2)^2/(2 sigma^2) in x",
                domain(positive(sigma)),
                And(
                    (
                        eq(with_exact_score(slope()).subs(x, 0), 0),
                        eq(sigma * slope().diff(sigma_hat).subs(x, 0).subs(sigma_hat, sigma), 1 - sigma**2),
                        eq(with_exact_score(curvature()).subs(x, 0), (1 - sigma**2) ** 2 / (2 * sigma**2)),
                    )
                ),
            ),
            universal(
                "headline/large-n/cone",
                "to first order (B) fails exactly if u2 < -k u1 (for u1 >= 0) or u2 < rho u1 (for u1 < 0)",
                _CONE,
                Iff(
                    gt(_level_2, _level_1),
                    Or(
                        (
                            And((ge(_u1, 0), lt(_u2, -_u1 * (1 - coordinate(1) ** 2) / (1 - coordinate(2) ** 2)))),
                            And(
                                (
                                    lt(_u1, 0),
                                    lt(
                                        _u2 * coordinate(2) ** 2 * (1 - coordinate(1) ** 2),
                                        _u1 * coordinate(1) ** 2 * (1 - coordinate(2) ** 2),
                                    ),
                                )
                            ),
                        )
                    ),
                ),
            ),
        ),
        uses=("headline-a/plug-in", "headline-b/plug-in"),
        proof_uses=("headline-a/plug-in/probability", "import/delta-method"),
        conventions=(
            "sqrt(n) (u_1, u_2) tends to a centred Gaussian with covariance I/2 (delta method). The boundary of the cone has "
            "probability 0, the rest of the slope is of order 1/n, so the probability of failure tends to the cone's share of the "
            "full angle: (pi/2 - arctan k + pi/2 - arctan rho)/(2 pi).",
            "sigma = (1/sqrt 2, 1/2): 0.2076.",
        ),
        ours=True,
    ),
    Claim(
        id="import/delta-method",
        title="Central limit theorem and delta method",
        section="Imported",
        printed="sqrt(n) (hat sigma/sigma - 1) -> N(0, 1/2) for hat sigma^2 the mean of n squares of N(0, sigma^2); probabilities of sets with "
        "boundary of measure 0 converge.",
        statements=(),
        citation="A. W. van der Vaart, Asymptotic Statistics, Cambridge University Press, 1998, Theorem 3.1 and Lemma 2.2",
    ),
    Claim(
        id="headline/quote",
        title="What the paper proves",
        section="6 Headline",
        printed="What the paper proves is (A), not (B): prop-2 orders the best dimension along the stop time, and (B), a later optimal stop for a "
        "higher dimension, is trivial for the exact score and fails with positive probability for every sample size.",
        statements=(
            _EXACT_STATEMENT,
            *_REPAIR.statements,
            LAST_STEP,
            OPEN_SET,
        ),
        uses=("headline-a", "headline-b"),
        proof_uses=("prop-2a", "prop-2b", "headline-b/plug-in/probability", "headline/large-n"),
        conventions=(_READING, *READING_B),
        ours=True,
    ),
)
