"""Section 4: PCA with the empirical axes, prop-7 and the steps up to [22]."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Claim,
    Obligation,
    Repair,
    Statement,
    all_of,
    between,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.claims.covariance_examples import BAND_EXAMPLES
from proofs_check.claims.empirical_terms import BAND_GAIN, BELOW_ONE, CLOSED, CLOSED_OUTSIDE
from proofs_check.formula import And, Iff, Implies, ge, le
from proofs_check.rules import coordinates, sum_of_terms
from proofs_check.rules.covariance import (
    band_crossing,
    claimed_by_levels,
    error_band,
    loewner_sandwich,
    sandwiched,
    within,
)
from theory.covariance import (
    band,
    cholesky,
    cross_term,
    data_covariance,
    data_size,
    diagonal_cross_term,
    lower_numerator,
    lower_threshold,
    matrix_increment,
    relative_error,
    sandwich,
    size,
    upper_numerator,
    upper_threshold,
)
from theory.frechet import on_coordinate
from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS"]

_SECTION = "4 General covariance"
_e, _k = relative_error, band
_HALF = sp.Rational(1, 2)

_Q1 = sigma_hat * sp.sqrt(variance_at_noise(sigma_hat**2))
_ONE = domain(positive(sigma_hat), nonnegative(_k), between(x, 0, 1))
_SMALL_ERROR = between(_e, 0, _HALF, open="left")
_WEYL = le(sigma_hat**2, (1 + _e) * sigma**2)

_SQRT_STEP = universal(
    "prop-7/sqrt-step/upper",
    "1/sqrt(1-eps) <= 1 + eps for 0 <= eps <= 1/2",
    domain(between(_e, 0, _HALF)),
    le(1 / sp.sqrt(1 - _e), 1 + _e),
)


def _sandwich_instance(D: int) -> Obligation:
    M = data_covariance(D)
    gaps = [(cross_term(M, d) - diagonal_cross_term(d), diagonal_cross_term(d)) for d in range(1, D + 1)]
    goal = all_of([within(gap, _e * Q) for gap, Q in gaps])
    return Obligation(f"prop-7/trace-bound[D={D}]", "|q_d - Q_d| <= eps Q_d", sandwiched(D), goal)


_TRACE_BOUND = Statement(
    "prop-7/trace-bound/all-D",
    "|q_d - Q_d| <= eps_u Q_d for every d",
    lift=loewner_sandwich("prop-7/trace-bound"),
    instance=_sandwich_instance,
    sizes=(1, 2),
)

_g = cholesky(2)
_g11, _g21, _g22 = _g[0, 0], _g[1, 0], _g[1, 1]
_t1, _t2 = sp.Symbol("t_1", nonnegative=True), sp.Symbol("t_2", nonnegative=True)
_r1, _r2, _det = (sp.Symbol(name, nonnegative=True) for name in ("r_1", "r_2", "root_det"))
_RATIO = domain(nonnegative(_g11, _g22), between(_g21, None, None), _SMALL_ERROR, given=[ge(m, 0) for m in sandwich(2)])
_PLANE_BOUND = (
    universal(
        "prop-7/trace-bound/plane-determinant",
        "size 2: the sandwich bounds the root of the determinant of the ratio, sqrt det = g_11 g_22",
        _RATIO,
        And((le((1 - _e) * _g11 * _g22, 1), ge((1 + _e) * _g11 * _g22, 1))),
    ),
    universal(
        "prop-7/trace-bound/plane",
        "size 2: then sqrt(1-e) q_2 <= Q_2 <= sqrt(1+e) q_2, with t_j = sigma_hat_j sqrt(v_j)",
        domain(
            nonnegative(_t1, _t2, _r1, _r2, _det),
            _SMALL_ERROR,
            given=[
                *(le((1 - _e) * r, 1) for r in (_r1, _r2, _det)),
                *(ge((1 + _e) * r, 1) for r in (_r1, _r2, _det)),
            ],
        ),
        And(
            (
                le((1 - _e) * (_t1**2 * _r1 + _t2**2 * _r2 + 2 * _t1 * _t2 * _det), (_t1 + _t2) ** 2),
                ge((1 + _e) * (_t1**2 * _r1 + _t2**2 * _r2 + 2 * _t1 * _t2 * _det), (_t1 + _t2) ** 2),
            )
        ),
    ),
)

_S_BOUND_WHERE = domain(positive(sigma, sigma_hat), between(x, 0, 1), _SMALL_ERROR, given=[_WEYL])


def _s_bound(D: int) -> Obligation:
    where = coordinates(_S_BOUND_WHERE, D)
    S = sum(size(coordinate(j)) for j in range(1, D + 1))
    return Obligation(f"prop-7/S-bound[d={D}]", "Q <= (1+eps) S", where, le(diagonal_cross_term(D), (1 + _e) * S))


_BAND = Statement(
    "prop-7/eq-22/band",
    "consecutive dimensions differ by v - 2 hat sigma sqrt(v) up to 4 S eps_u",
    lift=error_band("prop-7/eq-22", increments=True),
    instance=lambda D: Obligation(
        f"prop-7/eq-22[D={D}]",
        "[22]",
        sandwiched(D),
        all_of(
            [
                within(
                    matrix_increment(data_covariance(D), d) - on_coordinate(BAND_GAIN, d),
                    4 * _e * data_size(data_covariance(D)),
                )
                for d in range(1, D + 1)
            ]
        ),
    ),
    sizes=(1, 2),
)
_LEVEL_FORMULAS = (
    universal(
        "prop-7/eq-22/T_d",
        "v - 2 hat sigma sqrt(v) <= -k iff x <= the level of T_d (k <= hat sigma^2)",
        BELOW_ONE.given(le(_k, sigma_hat**2)),
        Iff(le(BAND_GAIN, -_k), le(x * (1 - sigma_hat**2), upper_numerator())),
    ),
    universal(
        "prop-7/eq-22/t_d",
        "v - 2 hat sigma sqrt(v) >= k iff x >= the level of t_d",
        BELOW_ONE,
        Iff(ge(BAND_GAIN, _k), ge(x * (1 - sigma_hat**2), lower_numerator())),
    ),
)


def _repaired_instance(D: int) -> Obligation:
    M = data_covariance(D)
    pays, costs = claimed_by_levels(coordinate_hat(2), 4 * _e * data_size(M))
    gained = matrix_increment(M, 2)
    goal = And((Implies(pays, le(gained, 0)), Implies(costs, ge(gained, 0))))
    return Obligation(f"prop-7/repaired[D={D}]", "d is optimal between its levels", sandwiched(D), goal)


_REPAIRED = Statement(
    "prop-7/repaired",
    "d is optimal for l_{d+1} <= x <= L_d, with the unclipped levels L of T(u) and l of t(u)",
    lift=band_crossing("prop-7/repaired", _ONE),
    instance=_repaired_instance,
    sizes=(2,),
)
_LEVEL_CONDITION = (
    "the levels are not clipped to a_T^2 where that moves t_{d+1}(u) up to 0: a_{T-t}^2 >= the level of t_{d+1}(u) itself; "
    "4 S eps_u <= hat sigma_d^2, without which T_d(u) is undefined"
)

CLAIMS = (
    Claim(
        id="prop-7",
        title="PCA with empirical axes: an interval for each dimension",
        section=_SECTION,
        printed="For t in [T_d(u), t_{d+1}(u)], with probability 1 - 2 e^{-u}, d is optimal among empirical-PCA projections.",
        statements=(CLOSED,),
        repairs=(
            Repair(
                "hypothesis",
                f"eps_u <= 1/2; {_LEVEL_CONDITION}; and hat sigma_d < 1 or 4 S eps_u <= 2 hat sigma_d - 1",
                (_REPAIRED,),
                outside=(CLOSED_OUTSIDE,),
                sharp="the condition on the clipped level is needed; the one for hat sigma_d >= 1 is what the error band needs "
                "(prop-7/large-estimates)",
            ),
        ),
        uses=("eq-6", "prop-10"),
        proof_uses=("prop-7/eq-22", "prop-7/closed-interval", "prop-7/large-estimates"),
        conventions=(
            "The event is (1 - eps_u) Sigma <= hat Sigma <= (1 + eps_u) Sigma, of probability at least 1 - 2 e^{-u} by prop-10.",
            "Everything is written in the eigenbasis of hat Sigma, where Sigma is a full matrix M.",
            "S = S(Sigma), with the true Sigma; hat sigma_1 >= ... >= hat sigma_D > 0 (n >= D; otherwise T_D(u) is undefined).",
        ),
        derivation=(("level of T_d, k = 4 S eps_u", upper_threshold()), ("level of t_d", lower_threshold())),
    ),
    Claim(
        id="prop-7/sqrt-step",
        title="Proof step: 1/sqrt(1-eps) <= 1 + eps",
        section=_SECTION,
        printed="1/sqrt(1-eps) <= 1 + eps for eps <= 1/2",
        statements=(
            _SQRT_STEP,
            universal(
                "prop-7/sqrt-step/range",
                "for 0 < eps < 1 it holds iff eps + eps^2 <= 1, that is eps <= (sqrt(5) - 1)/2",
                domain(between(_e, 0, 1, open="both")),
                Iff(le(1 / sp.sqrt(1 - _e), 1 + _e), le(_e + _e**2, 1)),
            ),
            universal(
                "prop-7/sqrt-step/lower",
                "1/sqrt(1+eps) >= 1 - eps",
                domain(nonnegative(_e)),
                ge(1 / sp.sqrt(1 + _e), 1 - _e),
            ),
        ),
        conventions=("0 <= eps. The second statement is sharper than the printed one.",),
    ),
    Claim(
        id="prop-7/trace-bound",
        title="Proof step: the cross term up to eps_u",
        section=_SECTION,
        printed="tr((hat Sigma_d(t)^{1/2} Sigma hat Sigma_d(t)^{1/2})^{1/2}) differs from sum_{j<=d} hat sigma_j sqrt(a^2 + b^2 hat "
        "sigma_j^2) by at most eps_u times that sum.",
        statements=(_TRACE_BOUND, *_PLANE_BOUND),
        proof_uses=("lemma-2-i", "lemma-2-ii/square-root", "prop-7/sqrt-step"),
        conventions=("q_d is the trace, Q_d the sum; eps_u <= 1/2, as printed.",),
        derivation=(("q_1", cross_term(data_covariance(1), 1)), ("Q_1", diagonal_cross_term(1))),
    ),
    Claim(
        id="prop-7/S-bound",
        title="Proof step: the sum is at most S(Sigma)",
        section=_SECTION,
        printed="sum_{j<=d} hat sigma_j sqrt(a^2 + b^2 hat sigma_j^2) <= S(Sigma)",
        statements=(
            universal(
                "prop-7/S-bound/printed",
                "one coordinate inside the event",
                _S_BOUND_WHERE.given(ge(sigma_hat**2, (1 - _e) * sigma**2)),
                le(_Q1, size(sigma)),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "The sum is at most (1 + eps_u) S(Sigma); without the factor it is at most S(hat Sigma).",
                (
                    Statement(
                        "prop-7/S-bound/repaired",
                        "sum_{j<=d} hat sigma_j sqrt(v_j) <= (1 + eps_u) sum_j max(sigma_j, sigma_j^2)",
                        lift=sum_of_terms(
                            "prop-7/S-bound/repaired",
                            "one coordinate",
                            _S_BOUND_WHERE,
                            "<=",
                            _Q1,
                            (1 + _e) * size(sigma),
                        ),
                        instance=_s_bound,
                        sizes=(1, 2),
                    ),
                    universal(
                        "prop-7/S-bound/estimated",
                        "hat sigma sqrt(v) <= max(hat sigma, hat sigma^2)",
                        domain(positive(sigma_hat), between(x, 0, 1)),
                        le(_Q1, size(sigma_hat)),
                    ),
                ),
            ),
        ),
        proof_uses=("import/weyl",),
        conventions=("hat sigma_j^2 <= (1 + eps_u) sigma_j^2 on the event, by Weyl; eps_u <= 1/2.",),
    ),
    Claim(
        id="prop-7/eq-22",
        title="[22]: consecutive dimensions, up to an error band",
        section=_SECTION,
        printed="F(d) - F(d-1) = v_d - 2 hat sigma_d sqrt(v_d) up to 4 S eps_u; solved for the noise level this gives T_d and t_d.",
        statements=(_BAND, *_LEVEL_FORMULAS),
        uses=("eq-6",),
        proof_uses=(
            "prop-7/trace-bound",
            "import/horn-singular-values",
            "import/cauchy-interlacing",
            "import/weyl",
        ),
        conventions=(
            "Proved for eps_u <= 1/2 without the printed step prop-7/S-bound, which is false: sqrt(1-e) q <= Q <= sqrt(1+e) q and "
            "q <= sqrt(1+e) S give |q - Q| <= e S.",
        ),
        derivation=(("v - 2 hat sigma sqrt(v)", BAND_GAIN),),
    ),
    Claim(
        id="prop-7/examples",
        title="[22] and its proof on rational 4x4 matrices",
        section=_SECTION,
        printed="For the given non-commuting pairs (Sigma, hat Sigma): the Loewner sandwich holds and |q_d - Q_d| <= eps Q_d.",
        statements=BAND_EXAMPLES,
        uses=("prop-7/trace-bound",),
        conventions=(
            "q_d is the sum of the roots of the eigenvalues of V_d M_d, each enclosed between two rational points where the "
            "characteristic polynomial changes sign; leading principal minors decide the Loewner order.",
        ),
        ours=True,
    ),
)
