"""Section 7: the closed form of the expected deviation, and what can be evaluated with it (beyond-3)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, positive, universal
from proofs_check.formula import And, Formula, Implies, eq, ge, gt, le, lt
from theory.notation import coordinate, x
from theory.process import variance_at_noise
from theory.tricomi import expected_distance_slope, expected_kept_slope, moment

__all__ = ["CLAIMS"]

_SECTION = "7 Beyond the paper"
_w, _m = sp.Symbol("w", positive=True), sp.Symbol("m", positive=True)

_n, _g, _zz = sp.Symbol("n", positive=True), sp.Symbol("g", positive=True), sp.Symbol("z", positive=True)
_f = sp.sqrt(_zz + _g)
_kummer = _zz * _f.diff(_zz, 2) + ((1 - _n) / 2 - _zz) * _f.diff(_zz) + _f / 2
_flow = _g / sp.sqrt(_zz + _g)

_point = {coordinate(1): sp.Integer(2), coordinate(2): 1 / sp.sqrt(2), x: sp.Rational(4, 25)}


def _average_slope(d: int, values: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    return expected_distance_slope(d, 10).subs(values, simultaneous=True)


def _falls_at(values: dict[sp.Symbol, sp.Expr]) -> Formula:
    return Implies(ge(_average_slope(1, values), 0), ge(_average_slope(2, values), 0))


_STRADDLES = Obligation(
    "beyond-3/straddling/above", "(B) on average at variances 4 and 1/2, n = 10, x = 4/25", domain(), _falls_at(_point)
)
_AGAINST = Obligation(
    "beyond-3/straddling/witness", "E F(1, .) rises and E F(2, .) still falls at x = 4/25 for variances 4 and 1/2, n = 10",
    domain(), And((gt(_average_slope(1, _point), 0), lt(_average_slope(2, _point), 0))),
)  # fmt: skip
_small_second = _point | {coordinate(2): sp.Rational(1, 10), x: sp.Rational(1, 10)}
_AND_FOR = Obligation(
    "beyond-3/straddling/for", "E F(1, .) falls and E F(2, .) rises at x = 1/10 for variances 4 and 1/100, n = 10",
    domain(), And((lt(_average_slope(1, _small_second), 0), gt(_average_slope(2, _small_second), 0))),
)  # fmt: skip

CLAIMS = (
    Claim(
        id="beyond-3/straddling",
        title="Spectra on both sides of 1",
        section=_SECTION,
        printed="(B) holds on average for every spectrum (variances 4 and 1/2, n = 10).",
        statements=(Statement(_STRADDLES.id, _STRADDLES.text, (_STRADDLES,)),),
        repairs=(
            Repair(
                "statement",
                "For variances 4 and 1/2 it is violated at x = 4/25; for 4 and 1/100 the minimiser falls past x = 1/10: both occur.",
                (Statement("beyond-3/straddling/both", "both directions occur", (_AGAINST, _AND_FOR)),),
            ),
        ),
        uses=("beyond-3/closed-form",),
    ),
    Claim(
        id="beyond-3/closed-form",
        title="The closed form",
        section=_SECTION,
        printed="E sqrt(x + (1-x) sigma^2 chi2_n/n) = sqrt(2b) U(-1/2, (1-n)/2, x/(2b)), b = (1-x) sigma^2/n, U Tricomi's function.",
        statements=(
            universal(
                "beyond-3/closed-form/equation",
                "Kummer's operator applied to sqrt(z + g) is -1/2 of the divergence of g/sqrt(z + g) under the density g^{n/2-1} e^-g",
                domain(positive(_n, _g, _zz)),
                eq(_kummer, -(_flow.diff(_g) + _flow * ((_n / 2 - 1) / _g - 1)) / 2),
            ),
            universal(
                "beyond-3/closed-form/growth",
                "sqrt(z) <= sqrt(z + g) <= sqrt(z) + g/(2 sqrt(z)): the mean over g behaves as z^{1/2} for z -> oo",
                domain(positive(_g, _zz)),
                And((ge(_f, sp.sqrt(_zz)), le(_f, sp.sqrt(_zz) + _g / (2 * sp.sqrt(_zz))))),
            ),
        ),
        proof_uses=("import/tricomi", "import/expectation", "import/dominated-convergence"),
        conventions=(
            "With g = chi2_n/2 and z = x/(2b), v = 2b (z + g). The divergence has mean 0 (g^{n/2} e^-g vanishes at both ends), so E sqrt(z + g) "
            "solves z f'' + ((1-n)/2 - z) f' + f/2 = 0; its growth singles out U(-1/2, (1-n)/2, z).",
        ),
        derivation=(("slope of the expected term, n = 10", expected_kept_slope(10)),),
        ours=True,
    ),
    Claim(
        id="beyond-3/probability",
        title="How often (B) fails: a lower bound for n = 2",
        section=_SECTION,
        printed="sigma^2 = (1/2, 1/4), n = 2, X > 1/2: P((B) fails and hat sigma_1 < sigma_1) = (1 - 1/e) e^-4 + e^{-2/3} - e^-1 - (e^{-2/3} - e^-2)/4.",
        statements=(
            universal(
                "beyond-3/probability/boundary",
                "for h_1 < s_1 = 1/2 the level is x_1 = (s_1 - h_1)/(1 - h_1) and slope_2(x_1) vanishes at h_2 = (3 h_1 - 1)/2",
                domain(between(_g, sp.Rational(1, 3), sp.S.Half, open="both")),
                eq(
                    variance_at_noise((3 * _g - 1) / 2).subs(x, (sp.S.Half - _g) / (1 - _g)),
                    sp.Rational(1, 4),
                ),
            ),
            universal(
                "beyond-3/probability/value",
                "0.0625 < P < 0.0627",
                domain(),
                And(
                    (
                        gt(
                            _probability := (1 - sp.exp(-1)) * sp.exp(-4)
                            + sp.exp(-sp.Rational(2, 3))
                            - sp.exp(-1)
                            - (sp.exp(-sp.Rational(2, 3)) - sp.exp(-2)) / 4,
                            sp.Rational(625, 10000),
                        ),
                        lt(_probability, sp.Rational(627, 10000)),
                    )
                ),
            ),
        ),
        uses=("headline-b/plug-in", "headline/large-n"),
        conventions=(
            "h_j = hat sigma_j^2 is exponential with mean s_j. For h_1 < s_1 (B) fails if h_2 lies below max(0, (3 h_1 - 1)/2) or above 1; the integral "
            "over h_1 is elementary. theory.expected.probability_reading_b_fails adds h_1 in (s_1, 1), where a cubic decides, by quadrature.",
            "x_1 < x_2 is not enough for a failure: with x_1 = 0 both minimisers may be 0 (beyond-1/not-necessary).",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-3/large-variance",
        title="The level for large variances",
        section=_SECTION,
        printed="As sigma -> oo, x*(sigma^2, n) -> 1 - m_1^2 > 0 (pi/4 for n = 2 gives 1 - pi/4).",
        statements=(
            universal(
                "beyond-3/large-variance/limit",
                "y^2 - 2 y m_1 + 1, the limit of E (sqrt(v) - sigma)^2/sigma^2 at 1 - x = y^2, is smallest at y = m_1",
                domain(positive(_w, _m)),
                ge(_w**2 - 2 * _w * _m + 1, 1 - _m**2),
            ),
            universal("beyond-3/large-variance/two", "n = 2: m_1^2 = pi/4", domain(), eq(moment(1, 2) ** 2, sp.pi / 4)),
        ),
        ours=True,
    ),
    Claim(
        id="import/tricomi",
        title="Tricomi's function",
        section="Imported",
        printed="U(a, c, z) is the only solution of z f'' + (c - z) f' = a f with f ~ z^{-a} as z -> oo (the others grow as e^z).",
        statements=(),
        citation="NIST Digital Library of Mathematical Functions, 13.2.6 and 13.2.23",
    ),
)
