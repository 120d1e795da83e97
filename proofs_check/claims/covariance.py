"""Section 4: general covariances, PCA with the exact axes."""

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
from proofs_check.claims.covariance_examples import PROJECTION_EXAMPLES
from proofs_check.formula import And, Formula, Iff, eq, ge, gt, le
from proofs_check.rules import (
    at_coordinate,
    coordinates,
    optimal_between_levels,
    single_crossing,
    smaller_eigenvalues,
)
from proofs_check.rules.covariance import optimal_set
from theory.covariance import compressed_increment
from theory.dimension import level_exact_score, threshold_exact_score
from theory.frechet import distance_squared, on_coordinate
from theory.matrices import form, rotation, trace_of_root
from theory.notation import X, coordinate, sigma, sigma_hat, with_exact_score, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS"]

_SECTION = "4 General covariance"
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
)
