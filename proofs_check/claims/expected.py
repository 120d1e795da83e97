"""Section 7: early stopping on average over the training set (beyond-2)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Domain, Obligation, Repair, Statement, between, domain, positive, universal
from proofs_check.formula import And, eq, ge, gt, le, lt, ne
from proofs_check.rules import coordinates, sum_of_terms
from proofs_check.rules.base import total
from theory.frechet import criterion_term, curvature, slope
from theory.notation import sigma, sigma_hat, x
from theory.tricomi import moment

__all__ = ["CLAIMS", "ratio"]

_SECTION = "7 Beyond the paper"
#: `hat sigma_j / sigma_j`, whose square is chi2_n/n, with mean 1
ratio = sp.Symbol("r", positive=True)
_s = sp.Symbol("s", positive=True)

_ONE: Domain = domain(positive(sigma, sigma_hat))
_centred = (1 - sigma**2) * (sigma_hat**2 / sigma**2 - 1) / 2
_estimated = criterion_term().subs(sigma_hat, sigma * ratio)
_RATIO = domain(positive(sigma, ratio))
_cost = (ratio - 1) ** 2 * (1 + sigma**2 + 2 / ratio) / 2

_FORMULA = universal(
    "beyond-2/formula",
    "one coordinate's slope at x = 0 is 1 - sigma^2 r^2 - 1/r + sigma^2 r, r = hat sigma/sigma: its mean is 1 - sigma^2 - m_{-1} + sigma^2 m_1",
    _RATIO,
    eq(_estimated, 1 - sigma**2 * ratio**2 - 1 / ratio + sigma**2 * ratio),
)
_SHARP = universal(
    "beyond-2/sharp",
    "that slope is (1 - sigma^2)(r^2 - 1)/2 - (r - 1)^2 (1 + sigma^2 + 2/r)/2; the first part has mean 0",
    _RATIO,
    eq(_estimated, (1 - sigma**2) * (ratio**2 - 1) / 2 - _cost),
)
_STRICT = universal(
    "beyond-2/strict",
    "the second part is positive unless r = 1",
    _RATIO.given(ne(ratio, 1)),
    gt(_cost, 0),
)
_EVERY_D = Statement(
    "beyond-2/all-d",
    "sample by sample the slope of F(d, .) at 0 is at most sum_j (1 - sigma_j^2)(hat sigma_j^2/sigma_j^2 - 1)/2, whose mean is 0",
    lift=sum_of_terms("beyond-2/term", "one kept coordinate", _ONE, "<=", criterion_term(), _centred),
    instance=lambda D: Obligation(
        f"beyond-2[d={D}]",
        "the criterion is below a centred variable",
        coordinates(_ONE, D),
        le(total(criterion_term(), D), total(_centred, D)),
    ),
)
_CONVEX = universal(
    "beyond-2/convex",
    "every sample's term is strictly convex in x unless hat sigma = 1, so E F(d, .) is strictly convex",
    domain(positive(sigma, sigma_hat), between(x, 0, 1)).given(ne(sigma_hat, 1)),
    gt(curvature(), 0),
)

# two kept coordinates, the second singular: its term is x and its slope 1
_c = sp.Symbol("c", positive=True)
_SINGULAR = 1 + 1 - _s - _c + _s * _c / 2
_TWO_POINTS = domain(positive(_s), between(_c, 1, 2, open="both"))

CLAIMS = (
    Claim(
        id="beyond-2",
        title="Early stopping always pays on average",
        section=_SECTION,
        printed="d/dx E F(d, x) at x = 0 is sum_{j<=d} (1 - sigma_j^2 - m_{-1} + sigma_j^2 m_1) < 0 for every spectrum, every d and n >= 2: the "
        "expected-optimal stop is strictly before T.",
        statements=(_FORMULA, _SHARP, _STRICT, _EVERY_D, _CONVEX),
        uses=("eq-5", "eq-6"),
        proof_uses=("prop-1b", "import/expectation", "import/dominated-convergence"),
        conventions=(
            "The slope is -(1/2) sum_j E (r_j - 1)^2 (1 + sigma_j^2 + 2/r_j), r_j = hat sigma_j/sigma_j: no moment of the chi law is needed. Only "
            "E r_j^2 = 1 and P(r_j = 1) < 1 are used, so it holds for every unbiased variance estimate, Gaussian data or not.",
            "n = 1: m_{-1} is infinite and the slope is -oo, so the conclusion holds for n >= 1.",
            "sigma_j > 0 for every kept j, as Section 0 asks (see beyond-2/singular).",
            "E F(d, .) is convex with a negative slope at 0, so every minimiser on [0, X] is > 0. For large n the slope is about "
            "-(1/(4n)) sum_j (3 + sigma_j^2).",
        ),
        derivation=(("slope at 0, one coordinate, r = hat sigma/sigma", _estimated),),
        ours=True,
    ),
    Claim(
        id="beyond-2/moments",
        title="The moments of the chi law",
        section=_SECTION,
        printed="m_1 < 1 < m_{-1} and m_1 m_{-1} >= 1 (n >= 2), with m_k = (2/n)^{k/2} Gamma((n+k)/2)/Gamma(n/2); m_1 = ((n-1)/n) m_{-1}.",
        statements=(
            universal(
                "beyond-2/moments/above",
                "r lies below a centred parabola: r <= 1 + (r^2 - 1)/2, so m_1 < 1",
                domain(positive(ratio)).given(ne(ratio, 1)),
                lt(ratio, 1 + (ratio**2 - 1) / 2),
            ),
            universal(
                "beyond-2/moments/below",
                "1/r lies above one: 1/r >= 1 - (r^2 - 1)/2, so m_{-1} > 1",
                domain(positive(ratio)).given(ne(ratio, 1)),
                gt(1 / ratio, 1 - (ratio**2 - 1) / 2),
            ),
            universal(
                "beyond-2/moments/product",
                "c/r + r/c >= 2 for every c > 0; at c = m_1 its mean is m_1 m_{-1} + 1",
                domain(positive(ratio, _s)),
                ge(_s / ratio + ratio / _s, 2),
            ),
            universal(
                "beyond-2/moments/values",
                "n = 2: m_1 = sqrt(pi)/2, m_{-1} = sqrt(pi); m_1 = ((n-1)/n) m_{-1} for n = 2, 3, 4, 5",
                domain(),
                And(
                    (
                        eq(moment(1, 2), sp.sqrt(sp.pi) / 2),
                        eq(moment(-1, 2), sp.sqrt(sp.pi)),
                        *(eq(n * moment(1, n), (n - 1) * moment(-1, n)) for n in (2, 3, 4, 5)),
                    )
                ),
            ),
        ),
        proof_uses=("import/expectation",),
        ours=True,
    ),
    Claim(
        id="beyond-2/singular",
        title="A kept coordinate without variance",
        section=_SECTION,
        printed="The slope of E F(d, .) at 0 is negative also where a kept coordinate has sigma_j = 0 (n = 2, variances s and 0).",
        statements=(
            universal(
                "beyond-2/singular/printed",
                "1 + (1 - s - m_{-1} + s m_1) < 0 for n = 2 and every s > 0; m_{-1} = c, m_1 = c/2, 1 < c < 2",
                _TWO_POINTS,
                lt(_SINGULAR, 0),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "s > 2 (in general: the number of singular kept coordinates is below (1/2) sum_j E (r_j - 1)^2 (1 + sigma_j^2 + 2/r_j), "
                "which is of order 1/n)",
                (
                    universal(
                        "beyond-2/singular/repaired",
                        "the slope is negative",
                        _TWO_POINTS.given(gt(_s, 2)),
                        lt(_SINGULAR, 0),
                    ),
                    universal(
                        "beyond-2/singular/moments",
                        "1 < m_{-1} < 2 and m_1 = m_{-1}/2 for n = 2",
                        domain(),
                        And((gt(moment(-1, 2), 1), lt(moment(-1, 2), 2), eq(moment(1, 2), moment(-1, 2) / 2))),
                    ),
                ),
                outside=(
                    Obligation(
                        "beyond-2/singular/outside",
                        "the slope is negative",
                        _TWO_POINTS.given(lt(_s, 2)),
                        lt(_SINGULAR, 0),
                    ),
                ),
                sharp="at s = 2 the slope is 0",
            ),
        ),
        uses=("beyond-2",),
        conventions=(
            "c stands for m_{-1} = sqrt(pi); only 1 < c < 2 is used. The slope is (2 - s)(1 - c/2).",
            "A singular coordinate has hat sigma_j = 0, its term is x and its slope 1, whatever n is: the limit sigma_j -> 0 of the formula is "
            "1 - m_{-1} and is not the value at 0.",
        ),
    ),
    Claim(
        id="beyond-2/full-covariance",
        title="All coordinates kept, full sample covariance",
        section=_SECTION,
        printed="With hat Sigma the full sample covariance, n > D and d = D, the slope of E d_F^2 at x = 0 is D - E tr T + E tr(T hat Sigma) - tr Sigma "
        "< 0, T = hat Sigma^{-1} # Sigma the optimal map from N(0, hat Sigma) to N(0, Sigma).",
        statements=(
            universal(
                "beyond-2/full-covariance/slope",
                "commuting case: the slope at 0 is (1 - T)(1 - hat sigma^2) with T = sigma/hat sigma",
                _ONE,
                eq(slope().subs(x, 0), (1 - sigma / sigma_hat) * (1 - sigma_hat**2)),
            ),
            universal(
                "beyond-2/full-covariance/map",
                "commuting case: T is convex in the estimated variance and T hat sigma^2 is concave in it",
                domain(positive(_s, sigma)),
                And((gt((sigma / sp.sqrt(_s)).diff(_s, 2), 0), lt((sigma * sp.sqrt(_s)).diff(_s, 2), 0))),
            ),
        ),
        uses=("eq-6",),
        proof_uses=("import/geometric-mean", "import/expectation", "import/dominated-convergence"),
        conventions=(
            "The derivative of d_F^2 in the direction I - hat Sigma is tr((I - T)(I - hat Sigma)). Operator convexity of A -> A^{-1} # Sigma gives "
            "E tr T >= tr I = D, concavity of the fidelity tr(T A) gives E tr(T hat Sigma) <= tr Sigma, both strictly.",
            "For d < D with empirical-PCA axes the eigenvalues are biased and the axes rotate; no proof, no verdict here.",
        ),
        ours=True,
    ),
    Claim(
        id="import/expectation",
        title="Expectation",
        section="Imported",
        printed="E is linear; a <= b pointwise implies E a <= E b, strictly if a < b with positive probability and E a is finite or -oo.",
        statements=(),
        citation="P. Billingsley, Probability and Measure, 3rd ed., Wiley, 1995, Theorems 16.1 and 21.1",
    ),
    Claim(
        id="import/dominated-convergence",
        title="Differentiation under the expectation",
        section="Imported",
        printed="Difference quotients of a convex function decrease to its one-sided derivative, so d/dx E f = E df/dx at x = 0 (monotone convergence), "
        "-oo included; for x > 0 the derivatives are dominated and E f is smooth in x and in the parameters.",
        statements=(),
        citation="P. Billingsley, Probability and Measure, 3rd ed., Wiley, 1995, Theorems 16.2 and 16.8",
    ),
    Claim(
        id="import/geometric-mean",
        title="Operator concavity of the geometric mean",
        section="Imported",
        printed="A -> A # B is operator concave and A -> A^{-1} operator convex and decreasing on positive definite matrices, so A -> A^{-1} # B = "
        "(A # B^{-1})^{-1} is operator convex; A -> tr (B^{1/2} A B^{1/2})^{1/2} is strictly concave.",
        statements=(),
        citation="R. Bhatia, Positive Definite Matrices, Princeton University Press, 2007, Theorems 4.1.1 and 4.1.3",
    ),
)
