"""Section 5: the training set's randomness."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Claim,
    Domain,
    Obligation,
    Statement,
    Variable,
    between,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.formula import And, Implies, eq, ge, gt, le, lt
from proofs_check.rules import monotone_from_derivative
from theory.covariance import error_constant
from theory.tails import (
    chernoff_lower,
    chernoff_upper,
    constant_by_davidson_szarek,
    degrees,
    deviation,
    exact_two_sided,
    generating_function,
    printed_exponent,
    printed_exponent_absolute,
)

__all__ = ["CLAIMS"]

_SECTION = "5 Estimation bounds and lemmas"
_e, _p = deviation, degrees
_UPPER = domain(nonnegative(_e), positive(_p))
_LOWER = domain(between(_e, 0, 1, open="right"), positive(_p))


def _exponents(id: str, text: str, where: Domain, sharp: sp.Expr, derivative: sp.Expr) -> Statement:
    """The printed exponent is at most Chernoff's."""
    lift = monotone_from_derivative(id, where, _e, printed_exponent(), sharp, derivative)

    def instance(D: int) -> Obligation:
        n = _p
        return Obligation(f"{id}[D={D}]", text, where, le(_e**2 * n / (4 * (1 + _e)), sharp))

    return Statement(id, text, lift=lift, instance=instance, sizes=(1,))


_UPPER_EXPONENT = _exponents(
    "prop-9/upper-tail/exponent",
    "n (eps - log(1+eps))/2 >= eps^2 n/(4 (1+eps)) for every eps >= 0",
    _UPPER,
    chernoff_upper(),
    _p * _e**2 / (4 * (1 + _e) ** 2),
)
_LOWER_EXPONENT = _exponents(
    "prop-9/lower-tail/exponent",
    "n (-eps - log(1-eps))/2 >= eps^2 n/(4 (1+eps)) for 0 <= eps < 1",
    _LOWER,
    chernoff_lower(),
    _p * _e**2 * (5 + 3 * _e) / (4 * (1 - _e) * (1 + _e) ** 2),
)


def _parameter(side: str, s: sp.Expr, sign: int, where: Domain) -> Statement:
    """Chernoff's bound at `s`: for two degrees of freedom `exp(-+ 2 s z) E exp(+- s Z) = exp(-+ eps) z`, `z = 1 +- eps`.

    For `p` degrees it is the power `p/2` of that, whose exponent is `theory.tails.chernoff_upper` or `chernoff_lower`.
    """
    z = 1 + sign * _e
    goal = And((eq(2 * s * z, _e), eq(generating_function(sign * s) ** 2, z)))
    allowed = And((ge(s, 0), lt(s, sp.S.Half))) if sign > 0 else ge(s, 0)
    return Statement(
        f"prop-9/{side}-tail/parameter",
        "the Chernoff parameter is admissible and gives the exponent",
        (
            Obligation(f"prop-9/{side}-tail/parameter", "Chernoff's bound at the parameter", where, goal),
            Obligation(f"prop-9/{side}-tail/admissible", "the parameter is admissible", where, allowed),
        ),
        None,
    )


_UPPER_PARAMETER = _parameter("upper", _e / (2 * (1 + _e)), 1, domain(nonnegative(_e)))
_LOWER_PARAMETER = _parameter("lower", _e / (2 * (1 - _e)), -1, domain(between(_e, 0, 1, open="right")))

_z = sp.Symbol("Z", nonnegative=True)
_EMPTY = universal(
    "prop-9/lower-tail/empty",
    "for eps >= 1 the event Z < (1 - eps) n is empty",
    domain(nonnegative(_z), positive(_p), between(_e, 1, None)),
    ge(_z, (1 - _e) * _p),
)

_u = sp.Symbol("u", nonnegative=True)
_a, _b, _c = (sp.Symbol(name, real=True) for name in ("a", "b", "c"))


def _exact_against_bound(n: int, low: int, high: int) -> Statement:
    id = f"prop-9/exact/n={n}/eps-from-{low}"
    bound = 2 * sp.exp(-printed_exponent().subs(_p, n))
    exact = exact_two_sided(n, lower_tail=low < 1)
    return universal(
        id,
        f"n = {n}, {low} <= eps <= {high}: the exact probability is below the bound",
        domain(between(_e, low, high)),
        lt(exact, bound),
    )


# with a^2 = D/n and b^2 = u/n the singular values of G/sqrt(n) lie within 1 -+ (a + sqrt(2) b)
_root, _rest = sp.Symbol("a", nonnegative=True), sp.Symbol("b", nonnegative=True)
_spread = _root + sp.sqrt(2) * _rest
_ratio = _root**2 + _rest**2
_RATIOS = domain(nonnegative(_root, _rest))
_OUR_C = constant_by_davidson_szarek()
_EXPLICIT = (
    universal(
        "prop-10/explicit/spread",
        "(sqrt(D/n) + sqrt(2u/n))^2 <= 3 (D + u)/n",
        _RATIOS,
        le(_spread**2, 3 * _ratio),
    ),
    universal(
        "prop-10/explicit/upper",
        "(1 + delta)^2 - 1 <= eps_u wherever delta^2 <= 3 r",
        domain(nonnegative(_root, _rest), given=[le(_root**2, 3 * _rest)]),
        le((1 + _root) ** 2 - 1, error_constant(_OUR_C, _rest)),
    ),
    universal(
        "prop-10/explicit/lower",
        "1 - (1 - delta)^2 <= eps_u for delta <= 1, and eps_u >= 1 for delta > 1, wherever delta^2 <= 3 r",
        domain(nonnegative(_root, _rest), given=[le(_root**2, 3 * _rest)]),
        And(
            (
                Implies(le(_root, 1), le(1 - (1 - _root) ** 2, error_constant(_OUR_C, _rest))),
                Implies(gt(_root, 1), ge(error_constant(_OUR_C, _rest), 1)),
            )
        ),
    ),
)

_K = sp.sqrt(sp.Rational(8, 3))

CLAIMS = (
    Claim(
        id="import/chernoff",
        title="Chernoff's bound",
        section="Imported",
        printed="P(Z >= z) <= exp(-s z) E exp(s Z) for s >= 0, and P(Z <= z) <= exp(s z) E exp(-s Z).",
        statements=(),
        citation="S. Boucheron, G. Lugosi, P. Massart, Concentration Inequalities, Oxford University Press, 2013, Section 2.2",
    ),
    Claim(
        id="import/chi-square-generating-function",
        title="Moment generating function of a squared normal",
        section="Imported",
        printed="E exp(s X^2) = (1 - 2 s)^{-1/2} for standard normal X and s < 1/2.",
        statements=(),
        citation="N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions, vol. 1, 2nd ed., Wiley, "
        "1994, Chapter 18, Section 3",
    ),
    Claim(
        id="import/davidson-szarek",
        title="Extreme singular values of a Gaussian matrix",
        section="Imported",
        printed="For an n x D matrix G of independent standard normals: s_max(G) <= sqrt(n) + sqrt(D) + t and, for n >= D, "
        "s_min(G) >= sqrt(n) - sqrt(D) - t, each with probability at least 1 - exp(-t^2/2).",
        statements=(),
        citation="K. R. Davidson, S. J. Szarek, Local operator theory, random matrices and Banach spaces, in: Handbook of "
        "the Geometry of Banach Spaces, vol. 1, Elsevier, 2001, Theorem II.13",
    ),
    Claim(
        id="import/sub-gaussian-covariance",
        title="Covariance estimation for sub-Gaussian vectors",
        section="Imported",
        printed="There is a universal C such that |hat Sigma - Sigma| <= C K^2 (sqrt((D+u)/n) + (D+u)/n) |Sigma| in operator "
        "norm with probability at least 1 - 2 e^{-u}, for vectors with sub-Gaussian constant K.",
        statements=(),
        citation="R. Vershynin, High-Dimensional Probability, Cambridge University Press, 2018, Theorem 4.7.1 and "
        "Exercise 4.7.3",
    ),
    Claim(
        id="prop-9",
        title="Concentration of an estimated variance",
        section=_SECTION,
        printed="P(|hat sigma^2 - sigma^2| <= eps sigma^2) >= 1 - 2 exp(-eps^2 n/(4 (1+eps))) for every eps > 0.",
        statements=(
            universal(
                "prop-9/relative",
                "the tail at u = eps n has the printed exponent",
                _UPPER,
                eq(printed_exponent_absolute(_e * _p), _e**2 * _p / (4 * (1 + _e))),
            ),
            _UPPER_EXPONENT,
            _LOWER_EXPONENT,
            _EMPTY,
            universal(
                "prop-9/union",
                "two tails of at most c each leave 1 - 2 c",
                domain(Variable(_a), Variable(_b), Variable(_c), given=[le(_a, _c), le(_b, _c)]),
                ge(1 - (_a + _b), 1 - 2 * _c),
            ),
        ),
        proof_uses=("prop-9/upper-tail", "prop-9/lower-tail"),
        conventions=(
            "n hat sigma^2/sigma^2 is chi-square with n degrees of freedom: sigma > 0 and the mean is known.",
            "Each tail by itself is at most exp(-eps^2 n/(4 (1+eps))), with constant 1.",
        ),
        derivation=(("printed tail at u = eps n", printed_exponent_absolute(_e * _p)),),
    ),
    Claim(
        id="prop-9/upper-tail",
        title="Upper chi-square tail",
        section=_SECTION,
        printed="P(Z - p >= u) <= exp(-u^2/(4 (p+u))) (half of the printed two-sided tail), u = eps p.",
        statements=(_UPPER_PARAMETER, _UPPER_EXPONENT),
        proof_uses=("import/chernoff", "import/chi-square-generating-function"),
        derivation=(("Chernoff's exponent", chernoff_upper()), ("printed exponent", printed_exponent())),
    ),
    Claim(
        id="prop-9/lower-tail",
        title="Lower chi-square tail",
        section=_SECTION,
        printed="P(Z - p <= -u) <= exp(-u^2/(4 (p+u))), u = eps p.",
        statements=(_LOWER_PARAMETER, _LOWER_EXPONENT, _EMPTY),
        proof_uses=("import/chernoff", "import/chi-square-generating-function"),
        derivation=(("Chernoff's exponent", chernoff_lower()), ("printed exponent", printed_exponent())),
    ),
    Claim(
        id="prop-9/exact",
        title="The exact chi-square probabilities against the bound",
        section=_SECTION,
        printed="For n = 2 and 4 (and n = 1 away from eps = 1) the exact two-sided probability lies below "
        "2 exp(-eps^2 n/(4 (1+eps))) for all eps up to 8.",
        statements=(
            _exact_against_bound(2, 0, 1),
            _exact_against_bound(2, 1, 8),
            _exact_against_bound(4, 0, 1),
            _exact_against_bound(4, 1, 8),
            _exact_against_bound(1, 1, 8),
        ),
        ours=True,
        derivation=(("n = 4, eps <= 1", exact_two_sided(4)),),
    ),
    Claim(
        id="prop-10",
        title="Concentration of the empirical covariance",
        section=_SECTION,
        printed="There is a universal constant C such that with probability 1 - 2 e^{-u}: -eps_u Sigma <= hat Sigma - Sigma <= "
        "eps_u Sigma in Loewner's order, eps_u = (8C/3)(sqrt((D+u)/n) + (D+u)/n).",
        statements=(
            *_EXPLICIT,
            universal(
                "prop-10/explicit/value",
                "8 C/3 = 2 sqrt(3) for C = 3 sqrt(3)/4",
                domain(nonnegative(_rest)),
                eq(error_constant(_OUR_C, _rest), 2 * sp.sqrt(3) * (sp.sqrt(_rest) + _rest)),
            ),
        ),
        proof_uses=("import/davidson-szarek", "lemma-2-i"),
        conventions=(
            "Read as 'there is a C'; shown with C = 3 sqrt(3)/4. Whitening by Sigma^{-1/2} (lemma-2-i) reduces to Sigma = I; there "
            "hat Sigma = G^T G/n, whose eigenvalues lie in [((1 - delta)_+)^2, (1 + delta)^2], delta = sqrt(D/n) + sqrt(2u/n), "
            "with probability at least 1 - 2 e^{-u}.",
            "For n < D, delta > 1 and the lower half asks for nothing but hat Sigma >= 0.",
            "If Sigma is singular the same holds on its range.",
        ),
        derivation=(("eps_u with this C, r = (D+u)/n", error_constant(_OUR_C, _rest)),),
    ),
    Claim(
        id="prop-10/constant",
        title="The sub-Gaussian constant of a standard normal",
        section=_SECTION,
        printed="K = sqrt(8/3) satisfies E exp(X^2/K^2) = 2 for standard normal X.",
        statements=(
            universal(
                "prop-10/constant/value",
                "E exp(X^2/K^2) = 2 and 1/K^2 < 1/2",
                domain(),
                And((eq(generating_function(1 / _K**2), 2), lt(1 / _K**2, sp.S.Half))),
            ),
        ),
        proof_uses=("import/chi-square-generating-function",),
        derivation=(("E exp(s X^2) at s = 1/K^2", generating_function(1 / _K**2)),),
    ),
    Claim(
        id="prop-10/at-least",
        title="The universal constant is at least 7/10",
        section=_SECTION,
        printed="With C = 7/10, D = n = 1 and 1000 <= u <= 1001, P(|hat Sigma - Sigma| > eps_u Sigma) exceeds 2 e^{-u}.",
        statements=(
            universal(
                "prop-10/at-least/tail",
                "P(X^2 > 1 + eps_u) > 2 e^{-u}",
                domain(between(_u, 1000, 1001)),
                gt(
                    sp.erfc(sp.sqrt((1 + error_constant(sp.Rational(7, 10), 1 + _u)) / 2)),
                    2 * sp.exp(-_u),
                ),
            ),
        ),
        conventions=("P(X^2 > z) = erfc(sqrt(z/2)) for standard normal X.",),
        ours=True,
    ),
    Claim(
        id="prop-10/universal-constant",
        title="The value of the universal constant",
        section=_SECTION,
        printed="eps_u contains an unspecified universal constant C.",
        statements=(),
        uses=("prop-10",),
        proof_uses=("import/sub-gaussian-covariance", "prop-10/constant"),
        missing="the value of C; prop-10 holds with 3 sqrt(3)/4 = 1.299... and fails with 7/10 (prop-10/at-least).",
    ),
)
