"""Section 4: general covariances, PCA with the exact and with the empirical axes."""

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
from proofs_check.claims.covariance_examples import BAND_EXAMPLES, PROJECTION_EXAMPLES
from proofs_check.formula import And, Formula, Iff, Implies, eq, ge, gt, le, lt
from proofs_check.rules import (
    at_coordinate,
    coordinates,
    optimal_between_levels,
    single_crossing,
    smaller_eigenvalues,
    sum_of_terms,
)
from proofs_check.rules.covariance import (
    band_crossing,
    claimed_by_levels,
    error_band,
    loewner_sandwich,
    optimal_set,
    sandwiched,
    within,
)
from theory.covariance import (
    band,
    cholesky,
    compressed_increment,
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
from theory.dimension import level_exact_score, threshold_exact_score
from theory.frechet import distance_squared, increment, on_coordinate
from theory.matrices import form, rotation, trace_of_root
from theory.notation import X, coordinate, coordinate_hat, sigma, sigma_hat, with_exact_score, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS"]

_SECTION = "4 General covariance"
_e, _k = relative_error, band
_HALF = sp.Rational(1, 2)
_LEVELS = (between(X, 0, 1, open="both"), between(x, 0, 1, open="both"))

# ---- prop-6: PCA with the exact eigenvectors ----

_EXACT = domain(positive(sigma), _LEVELS, given=[le(x, X)])
_a, _b = coordinate(1), coordinate(2)


def _ordered(D: int) -> list[Formula]:
    return [ge(coordinate(j), coordinate(j + 1)) for j in range(1, D)]


def _levels(D: int) -> list[sp.Expr]:
    return [on_coordinate(level_exact_score(), j) for j in range(2, D + 1)]


def _between_levels(D: int) -> Obligation:
    goal = optimal_between_levels(D, _levels(D), with_exact_score)
    where = coordinates(_EXACT, D).given(*_ordered(D))
    return Obligation(f"prop-6/optimal[D={D}]", "d is optimal on [t_d, t_{d+1})", where, goal)


_OPTIMAL = Statement(
    "prop-6/optimal",
    "d is optimal on [t_d, t_{d+1}), in the eigenbasis",
    lift=single_crossing(
        "prop-6/optimal",
        _EXACT,
        level_exact_score(),
        score=with_exact_score,
        ordered=Obligation(
            "prop-6/ordered",
            "levels do not increase with the dimension",
            domain(positive(_a, _b), between(X, 0, 1, open="both"), given=[ge(_a, _b)]),
            ge(on_coordinate(level_exact_score(), 1), on_coordinate(level_exact_score(), 2)),
        ),
        hypothesis=_ordered,
    ),
    instance=_between_levels,
    sizes=(2, 3),
)

_turn = sp.Symbol("c", nonnegative=True)
_O = rotation(_turn)
_v1, _v2 = (variance_at_noise(s**2) for s in (_a, _b))
_PLANE = domain(positive(_a, _b), nonnegative(_turn), between(x, 0, 1))
_SIGMA = _O * sp.diag(_a**2, _b**2) * _O.T
_GENERATED = {1: _O * sp.diag(_v1, 0) * _O.T, 2: _O * sp.diag(_v1, _v2) * _O.T}


def _invariance(d: int) -> Statement:
    """Trace and determinant of `Sigma` times the generated covariance, whose root [6] needs, in rotated axes."""
    product = _GENERATED[d] * _SIGMA
    trace, det = (_a**2 * _v1, 0) if d == 1 else (_a**2 * _v1 + _b**2 * _v2, _a**2 * _b**2 * _v1 * _v2)
    goals = (eq(product.trace(), trace), eq(product.det(), det))
    return universal(
        f"prop-6/rotated/d={d}",
        f"D = 2, rotated axes, d = {d}: the product with Sigma has the same trace and determinant",
        _PLANE,
        And(goals),
    )


# w_j = sqrt(v_j)
_w1, _w2 = sp.Symbol("w_1", nonnegative=True), sp.Symbol("w_2", nonnegative=True)
_ROOT = universal(
    "prop-6/rotated/root",
    "D = 2: from these the squared trace of the root is (sigma_1 sqrt(v_1) + sigma_2 sqrt(v_2))^2",
    domain(positive(_a, _b, _w1, _w2)),
    eq(
        trace_of_root(_a**2 * _w1**2 + _b**2 * _w2**2, (_a * _b * _w1 * _w2) ** 2) ** 2,
        (_a * _w1 + _b * _w2) ** 2,
    ),
)

_theta = on_coordinate(threshold_exact_score(), 2)
_CROSSING = domain(between(_b, 0, _HALF, open="both"), positive(_a), given=[gt(_a, _b)])
_EXACTLY = universal(
    "prop-6/exactly",
    "D = 2, t = t_2: outside [t_1, t_2) dimension 1 is not optimal",
    _CROSSING,
    gt(
        with_exact_score(distance_squared(2, 1)).subs(x, _theta),
        with_exact_score(distance_squared(2, 2)).subs(x, _theta),
    ),
)

_PAYS = le(x * (1 - sigma**2), 3 * sigma**2)
_COSTS = ge(x * (1 - sigma**2), 3 * sigma**2)
_INTERIOR = domain(positive(sigma), between(x, 0, 1, open="both"))


def _optimal_set_instance(D: int) -> Obligation:
    F = [with_exact_score(distance_squared(D, d)) for d in range(1, D + 1)]
    parts: list[Formula] = []
    for d in range(1, D + 1):
        best = all_of([le(F[d - 1], other) for other in F if other is not F[d - 1]])
        inside = [at_coordinate(_COSTS, d + 1)] if d < D else []
        inside += [at_coordinate(_PAYS, d)] if d > 1 else []
        parts.append(Iff(best, all_of(inside)))
    where = coordinates(_INTERIOR, D).given(*_ordered(D))
    return Obligation(f"prop-6/set[D={D}]", "the set of optimal dimensions", where, all_of(parts))


_OPTIMAL_SET = Statement(
    "prop-6/set",
    "0 < x < 1: d is optimal iff theta_{d+1} <= x <= theta_d, theta = 3 sigma^2/(1 - sigma^2) unclipped (+oo for sigma >= 1)",
    lift=optimal_set("prop-6/set", _INTERIOR, pays=_PAYS, costs=_COSTS),
    instance=_optimal_set_instance,
    sizes=(2, 3),
)

# sigma_j^2 are the eigenvalues of Sigma, sigma_hat_j^2 those of its compression to some d-dimensional subspace
_EIGEN = domain(positive(sigma), between(x, 0, 1))
_gain = compressed_increment()
_v = variance_at_noise(sigma**2)
_DERIVATIVE = -2 * (_v - (1 - x) * sigma * sp.sqrt(_v) + (1 - x) * sigma**2) / sp.sqrt(_v)


def _any_projection(D: int) -> Obligation:
    pair = domain(positive(sigma, sigma_hat), between(x, 0, 1), given=[le(sigma_hat, sigma)])
    pca = sum(on_coordinate(_gain, j) for j in range(1, D + 1))
    other = sum(on_coordinate(_gain.subs(sigma, sigma_hat), j) for j in range(1, D + 1))
    return Obligation(f"prop-6/any-projection[d={D}]", "PCA is at least as good", coordinates(pair, D), le(pca, other))


_direction = _O[:, 0]
_ANY_PROJECTION = (
    Statement(
        "prop-6/any-projection/all-d",
        "smaller eigenvalues of the compression give a larger distance",
        lift=smaller_eigenvalues("prop-6/any-projection", _EIGEN, _gain, _DERIVATIVE),
        instance=_any_projection,
        sizes=(1, 2, 3),
    ),
    universal(
        "prop-6/any-projection/plane",
        "D = 2: the variance along any direction is at most sigma_1^2, by sin^2 times the difference",
        domain(positive(_a, _b), nonnegative(_turn)),
        eq(
            form(sp.diag(_a**2, _b**2), _direction),
            _a**2 - (2 * _turn / (1 + _turn**2)) ** 2 * (_a**2 - _b**2),
        ),
    ),
    *PROJECTION_EXAMPLES,
)

# ---- prop-7: PCA with the empirical axes ----

_Q1 = sigma_hat * sp.sqrt(variance_at_noise(sigma_hat**2))
_ONE = domain(positive(sigma_hat), nonnegative(_k), between(x, 0, 1))
_BAND_GAIN = increment().subs(sigma, sigma_hat)
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
                    matrix_increment(data_covariance(D), d) - on_coordinate(_BAND_GAIN, d),
                    4 * _e * data_size(data_covariance(D)),
                )
                for d in range(1, D + 1)
            ]
        ),
    ),
    sizes=(1, 2),
)
_BELOW_ONE = domain(between(sigma_hat, 0, 1, open="both"), nonnegative(_k), between(x, 0, 1))
_LEVEL_FORMULAS = (
    universal(
        "prop-7/eq-22/T_d",
        "v - 2 hat sigma sqrt(v) <= -k iff x <= the level of T_d (k <= hat sigma^2)",
        _BELOW_ONE.given(le(_k, sigma_hat**2)),
        Iff(le(_BAND_GAIN, -_k), le(x * (1 - sigma_hat**2), upper_numerator())),
    ),
    universal(
        "prop-7/eq-22/t_d",
        "v - 2 hat sigma sqrt(v) >= k iff x >= the level of t_d",
        _BELOW_ONE,
        Iff(ge(_BAND_GAIN, _k), ge(x * (1 - sigma_hat**2), lower_numerator())),
    ),
)

_CLOSED = universal(
    "prop-7/closed-interval/printed",
    "D = 2, hat Sigma = Sigma (inside the event for every eps): t = 0 lies in [T_1, t_2], so d = 1 is optimal there",
    domain(positive(_a, _b), between(X, 0, 1, open="both"), given=[ge(_a, _b)]),
    le(
        with_exact_score(distance_squared(2, 1)).subs(x, X),
        with_exact_score(distance_squared(2, 2)).subs(x, X),
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
_LARGE = domain(between(sigma_hat, 1, None), positive(_k), between(x, 0, 1), given=[le(_k, sigma_hat**2)])
_LARGE_PRINTED = universal(
    "prop-7/large-estimates/printed",
    "hat sigma_d >= 1 (so T_d = 0): the increment is <= -4 S eps_u at every noise level",
    _LARGE,
    le(_BAND_GAIN, -_k),
)
_CLOSED_OUTSIDE = Obligation(
    "prop-7/closed-interval/outside",
    "d = 1 at t = 0 where the level of d = 2 exceeds a_T^2",
    domain(
        positive(_a), between(_b, 0, 1, open="both"), between(X, 0, 1, open="both"),
        given=[ge(_a, _b), gt(on_coordinate(threshold_exact_score(), 2), X)],
    ),
    _CLOSED.obligations[0].goal,
)  # fmt: skip
_LARGE_OUTSIDE = Obligation(
    "prop-7/large-estimates/outside",
    "beyond 4 S eps_u = 2 hat sigma_d - 1",
    _LARGE.given(gt(_k, 2 * sigma_hat - 1)),
    le(_BAND_GAIN, -_k),
)
_LEVEL_CONDITION = (
    "the levels are not clipped to a_T^2 where that moves t_{d+1}(u) up to 0: a_{T-t}^2 >= the level of t_{d+1}(u) itself; "
    "4 S eps_u <= hat sigma_d^2, without which T_d(u) is undefined"
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
        id="import/orthogonal-invariance",
        title="The Bures distance in another orthonormal basis",
        section="Imported",
        printed="The distance [6] between O A O^T and O B O^T is that between A and B, O orthogonal.",
        statements=(),
        citation="R. Bhatia, T. Jain, Y. Lim, On the Bures-Wasserstein distance between positive definite matrices, "
        "Expositiones Mathematicae 37 (2019), 165-191, Section 1",
    ),
    Claim(
        id="import/cauchy-interlacing",
        title="Cauchy interlacing (Poincare separation)",
        section="Imported",
        printed="The j-th largest eigenvalue of U^T A U is at most that of A, for symmetric A and orthonormal columns U.",
        statements=(),
        citation="R. A. Horn, C. R. Johnson, Matrix Analysis, 2nd ed., Cambridge University Press, 2013, Corollary 4.3.37",
    ),
    Claim(
        id="import/weyl",
        title="Weyl's monotonicity",
        section="Imported",
        printed="A <= B in Loewner's order implies that the j-th largest eigenvalue of A is at most that of B.",
        statements=(),
        citation="R. A. Horn, C. R. Johnson, Matrix Analysis, 2nd ed., Cambridge University Press, 2013, Corollary 4.3.12",
    ),
    Claim(
        id="import/horn-singular-values",
        title="Singular values of a product",
        section="Imported",
        printed="The singular values of A B sum to at most sum_j s_j(A) s_j(B), both in decreasing order.",
        statements=(),
        citation="R. A. Horn, C. R. Johnson, Topics in Matrix Analysis, Cambridge University Press, 1991, Theorem 3.3.14",
    ),
    Claim(
        id="prop-6",
        title="PCA with exact eigenvectors",
        section=_SECTION,
        printed="Sigma = O Lambda O^T with distinct eigenvalues: projecting on the top-d eigenvectors is optimal among PCA "
        "projections exactly on [t_d, t_{d+1}).",
        statements=(_OPTIMAL, _EXACTLY),
        repairs=(
            Repair(
                "statement",
                "For 0 < t < T dimension d is optimal exactly where theta_{d+1} <= a_{T-t}^2 <= theta_d with the unclipped "
                "theta_j = 3 lambda_j/(1 - lambda_j)_+: on the closed interval, so that d and d+1 tie at t_{d+1} > 0. Distinct "
                "eigenvalues are not needed. (At t = T only d = D is optimal, though T lies in no interval.)",
                (_OPTIMAL_SET, _OPTIMAL, _invariance(1), _invariance(2), _ROOT),
            ),
        ),
        uses=("eq-4/backward", "eq-6"),
        proof_uses=("prop-2a", "import/orthogonal-invariance"),
        conventions=(
            "sigma_j^2 stands for the eigenvalue lambda_j. In the eigenbasis everything is diagonal (orthogonal invariance, "
            "checked entry by entry for rotations of the plane).",
            "Distinct eigenvalues only make the PCA projection unique.",
        ),
        derivation=(("threshold theta_d", threshold_exact_score()), ("its clipped level", level_exact_score())),
    ),
    Claim(
        id="prop-6/any-projection",
        title="PCA is optimal among all orthogonal projections of its rank",
        section=_SECTION,
        printed="At every noise level the top-d eigenvectors give the least distance among all orthonormal d-frames, exact score.",
        statements=_ANY_PROJECTION,
        uses=("prop-6",),
        proof_uses=("import/cauchy-interlacing", "import/orthogonal-invariance"),
        conventions=(
            "For a frame U the latent law has covariance M = U^T Sigma U, and F = tr Sigma + sum_i (v(m_i) - 2 sqrt(m_i v(m_i))) over "
            "the eigenvalues m_i of M, which by interlacing are at most those of Sigma.",
            "The examples are rational matrices of size 4; the roots of the eigenvalues are enclosed between points at whose "
            "squares the characteristic polynomial changes sign.",
        ),
        ours=True,
        derivation=(("what an axis with variance m = sigma^2 adds", _gain), ("its derivative in sigma", _DERIVATIVE)),
    ),
    Claim(
        id="prop-7",
        title="PCA with empirical axes: an interval for each dimension",
        section=_SECTION,
        printed="For t in [T_d(u), t_{d+1}(u)], with probability 1 - 2 e^{-u}, d is optimal among empirical-PCA projections.",
        statements=(_CLOSED,),
        repairs=(
            Repair(
                "hypothesis",
                f"eps_u <= 1/2; {_LEVEL_CONDITION}; and hat sigma_d < 1 or 4 S eps_u <= 2 hat sigma_d - 1",
                (_REPAIRED,),
                outside=(_CLOSED_OUTSIDE,),
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
        derivation=(("v - 2 hat sigma sqrt(v)", _BAND_GAIN),),
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
    Claim(
        id="prop-7/closed-interval",
        title="The interval includes its end t_{d+1}(u)",
        section=_SECTION,
        printed="d is optimal on the closed interval [T_d(u), t_{d+1}(u)].",
        statements=(_CLOSED,),
        repairs=(
            Repair(
                "hypothesis",
                "the level of t_{d+1}(u) is at most a_T^2 (it is not clipped to t_{d+1}(u) = 0)",
                (
                    universal(
                        "prop-7/closed-interval/repaired",
                        "then at t_{d+1}(u) itself the increment of d + 1 is >= 4 S eps_u",
                        _BELOW_ONE.given(le(lower_numerator(), x * (1 - sigma_hat**2))),
                        ge(_BAND_GAIN, _k),
                    ),
                ),
                outside=(_CLOSED_OUTSIDE,),
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
                        le(_BAND_GAIN, -_k),
                    ),
                    universal(
                        "prop-7/large-estimates/needed",
                        "otherwise the band is left at noise level 1",
                        domain(between(sigma_hat, 1, None), positive(_k), given=[gt(_k, 2 * sigma_hat - 1)]),
                        gt(_BAND_GAIN.subs(x, 1), -_k),
                    ),
                ),
                outside=(_LARGE_OUTSIDE,),
                sharp="necessary and sufficient for the error band at all noise levels up to 1",
            ),
        ),
        conventions=("4 S eps_u <= hat sigma_d^2, or T_d(u) is undefined.",),
        derivation=(("increment at x = 1", _BAND_GAIN.subs(x, 1)),),
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
