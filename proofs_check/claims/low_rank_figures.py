"""Section 2: the figures about [8] and about data on a subspace (figure-3, figure-4 right)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, all_of, between, domain, universal
from proofs_check.claims.low_rank import LEVELS, PAIRWISE, optimum
from proofs_check.formula import And, Formula, Implies, eq, ge, gt, le, lt, map_expressions
from proofs_check.rules.low_rank import y
from theory.dimension import clipped, threshold_exact_score
from theory.notation import X, coordinate, coordinate_hat, sigma, tau, x
from theory.schedules import OU

__all__ = ["CLAIMS"]

_SECTION = "2 Optimal latent dimension"
_z = sp.Symbol("z", real=True)
_HORIZON_4 = 1 - sp.exp(-8)

# ---- figure 4 right: variances (10, 0.2, 0.2, 0.2, 0, 0), T = 2, 1000 training points ----

_TRUE = (sp.Integer(10), sp.Rational(1, 5), sp.Rational(1, 5), sp.Rational(1, 5))
_EPS = sp.Rational(1, 5)
_h1, _h2 = coordinate_hat(1), coordinate_hat(2)


def _near(j: int, variance: sp.Expr) -> list[Formula]:
    """`|hat sigma_j^2 - variance| <= variance / 5`."""
    square = coordinate_hat(j) ** 2
    return [le((1 - _EPS) * variance, square), le(square, (1 + _EPS) * variance)]


def _pair(id: str, text: str, first: sp.Expr) -> Statement:
    """The pair hypothesis of text-6 for coordinates with variances `first` and 1/5."""
    table = {coordinate(1): sp.sqrt(first), coordinate(2): sp.sqrt(_TRUE[1])}
    where = domain(
        between(_h1, 0, 4, open="left"), between(_h2, 0, 1, open="left"), between(X, 0, 1, open="both")
    ).given(*_near(1, first), *_near(2, _TRUE[1]))
    return universal(id, text, where, map_expressions(PAIRWISE, lambda e: e.subs(table)))


def _figure_instance(D: int) -> Obligation:
    table = {coordinate(j): sp.sqrt(v) for j, v in enumerate(_TRUE, 1)}
    hats = [between(coordinate_hat(j), 0, 4, open="left") for j in range(1, 5)]
    near = [f for j, v in enumerate(_TRUE, 1) for f in _near(j, v)]
    where = domain(hats, LEVELS, between(y, 0, 1)).given(le(x, X), le(y, X), *near)
    goal = map_expressions(optimum(4), lambda e: e.subs(table, simultaneous=True))
    return Obligation("figure-4-right[d0=4]", "a best stop at d0 = 4 is best of all", where, goal)


_TWICE = universal(
    "figure-4-right/twice",
    "hat sigma_j <= 2 sigma_j for j = 2, 3, 4",
    domain(between(_h2, 0, 1, open="left"), given=_near(2, _TRUE[1])),
    le(_h2, 2 * sp.sqrt(_TRUE[1])),
)
_LOG_SNR_2 = OU.log_snr.subs(tau, 2)

CLAIMS = (
    Claim(
        id="figure-3",
        title="Figure 3: the extended inverse of [8]",
        section=_SECTION,
        printed="abar^-2 for OU, T = 4, on [-1, 2]: 0 for x < 0, the inverse of x = 1 - exp(-2 tau) on [0, "
        "a_T^2], T beyond.",
        statements=(
            universal(
                "figure-3/clipping",
                "the argument is clipped to [0, a_T^2]",
                domain(between(_z, -1, 2), between(X, 0, 1, open="both")),
                And(
                    (
                        Implies(le(_z, 0), eq(clipped(_z), 0)),
                        Implies(And((ge(_z, 0), le(_z, X))), eq(clipped(_z), _z)),
                        Implies(ge(_z, X), eq(clipped(_z), X)),
                    )
                ),
            ),
            universal(
                "figure-3/inverse",
                "-(1/2) log(1 - x) inverts the noise level",
                domain(between(x, 0, 1, open="right")),
                eq(OU.noise_level.subs(tau, OU.time_of_noise), x),
            ),
            universal(
                "figure-3/increasing",
                "it increases strictly",
                domain(between(x, 0, 1, open="right")),
                gt(OU.time_of_noise.diff(x), 0),
            ),
            universal(
                "figure-3/ends",
                "it is 0 at x = 0 and 4 at x = 1 - exp(-8), so the pieces join",
                domain(),
                And(
                    (
                        eq(OU.time_of_noise.subs(x, 0), 0),
                        eq(OU.noise_level.subs(tau, 4), _HORIZON_4),
                    )
                ),
            ),
            universal(
                "figure-3/join",
                "a_T^2 = 1 - exp(-8) rounds to 0.999664537",
                domain(),
                lt(sp.Abs(_HORIZON_4 - sp.Rational("0.999664537")), sp.Rational(1, 2 * 10**9)),
            ),
        ),
        derivation=(("inverse on [0, a_T^2]", OU.time_of_noise),),
    ),
    Claim(
        id="figure-4-right",
        title="Figure 4 (right): four of six dimensions are best",
        section=_SECTION,
        printed="Variances (10, 0.2, 0.2, 0.2, 0, 0), 1000 training points: d0 = 4 is the best dimension.",
        statements=(
            Statement(
                "figure-4-right/optimal",
                "the hypotheses of text-6/plug-in hold wherever |hat sigma_j^2 - sigma_j^2| <= 0.2 sigma_j^2",
                _TWICE.obligations
                + _pair("figure-4-right/first", "coordinate 1 with a later one", _TRUE[0]).obligations
                + _pair("figure-4-right/later", "two later coordinates", _TRUE[1]).obligations,
                instance=_figure_instance,
                sizes=(4,),
            ),
            universal(
                "figure-4-right/probability",
                "4 times 2 exp(-0.04 * 1000/4.8) is below 1/500",
                domain(),
                lt(8 * sp.exp(-sp.Rational(25, 3)), sp.Rational(1, 500)),
            ),
        ),
        uses=("text-6/plug-in",),
        proof_uses=("prop-9",),
        conventions=(
            "A best stop at d0 = 4 is best over all dimensions and stops, for every horizon, on the event "
            "that the four estimates "
            "are within a fifth; by prop-9 and a union bound it has probability above 0.998.",
            "It is the anisotropic theorem of text-6 that applies here, not prop-3.",
        ),
        derivation=(
            (
                "t_2 = t_3 = t_4 (exact score, T = 2)",
                2 - OU.time_of_noise.subs(x, threshold_exact_score().subs(sigma, sp.sqrt(_TRUE[1]))),
            ),
        ),
    ),
    Claim(
        id="figure-4-right/hypothesis",
        title="Figure 4 (right): its spectrum against the hypothesis of prop-3",
        section=_SECTION,
        printed="The figure is presented as an illustration of prop-3, which assumes sigma_1 = .. = sigma_d0.",
        statements=(
            universal(
                "figure-4-right/hypothesis/equal",
                "the four variances are equal",
                domain(),
                all_of([eq(_TRUE[0], v) for v in _TRUE[1:]]),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "The variances are 10 and 0.2, so prop-3 does not apply; the theorem for unequal variances "
                "(text-6/plug-in) does.",
                (
                    universal(
                        "figure-4-right/hypothesis/unequal",
                        "the first variance is fifty times the others",
                        domain(),
                        all_of([eq(_TRUE[0], 50 * v) for v in _TRUE[1:]]),
                    ),
                    _TWICE,
                    _pair("figure-4-right/first", "coordinate 1 with a later one", _TRUE[0]),
                    _pair("figure-4-right/later", "two later coordinates", _TRUE[1]),
                ),
            ),
        ),
        uses=("prop-3",),
        proof_uses=("text-6/plug-in",),
    ),
    Claim(
        id="figure-4-right/lambda-axis",
        title="Figure 4 (right): the range of the log signal-to-noise axis",
        section=_SECTION,
        printed="T = 2, 1000 steps, plotted against lambda from about -6 to 6.",
        statements=(),
        missing="the noise schedule of this figure: OU with T = 2, that of the left panel, never reaches "
        "lambda = -6 "
        "(figure-4-right/lambda-axis-OU)",
    ),
    Claim(
        id="figure-4-right/lambda-axis-OU",
        title="Figure 4 (right): its axis under the OU schedule",
        section=_SECTION,
        printed="Under OU with T = 2 the axis from about -6 to 6 is covered.",
        statements=(
            universal(
                "figure-4-right/lambda-axis-OU/printed",
                "some tau in (0, 2] has lambda <= -5.5",
                domain(),
                le(_LOG_SNR_2, -sp.Rational(11, 2)),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "Under OU lambda = log(1/(exp(2 tau) - 1)) decreases in tau; at T = 2 it is -3.98, at the "
                "last of 1000 steps before the "
                "end 5.52. lambda = -6 needs T = (1/2) log(1 + exp(6)) = 3.0012.",
                (
                    universal(
                        "figure-4-right/lambda-axis-OU/decreasing",
                        "lambda decreases in the noise level",
                        domain(between(x, 0, 1, open="both")),
                        lt(sp.log((1 - x) / x).diff(x), 0),
                    ),
                    universal(
                        "figure-4-right/lambda-axis-OU/values",
                        "the two ends",
                        domain(),
                        And(
                            (
                                lt(sp.Abs(_LOG_SNR_2 + sp.Rational(398, 100)), sp.Rational(1, 200)),
                                lt(
                                    sp.Abs(OU.log_snr.subs(tau, sp.Rational(1, 500)) - sp.Rational(552, 100)),
                                    sp.Rational(1, 200),
                                ),
                            )
                        ),
                    ),
                    universal(
                        "figure-4-right/lambda-axis-OU/horizon",
                        "the noise level with lambda = -6 and its time",
                        domain(),
                        eq(OU.noise_level.subs(tau, sp.log(1 + sp.exp(6)) / 2), 1 / (1 + sp.exp(-6))),
                    ),
                ),
            ),
        ),
        derivation=(("lambda", OU.log_snr),),
    ),
)
