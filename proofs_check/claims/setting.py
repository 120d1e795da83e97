"""Section 0: the laws that the SDEs generate."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Claim,
    Domain,
    Obligation,
    Repair,
    Statement,
    Variable,
    between,
    domain,
    nonnegative,
    positive,
    universal,
)
from proofs_check.formula import Formula, Iff, all_of, eq, gt, le, ne
from theory.frechet import dropped, frechet_squared_commuting, kept
from theory.notation import T, sigma, sigma_hat, t, tau, x
from theory.process import backward, diffused_variance, forward, generated_variance, reversal_gap, variance_at_noise
from theory.schedules import GENERAL, OU

__all__ = ["CLAIMS", "rate", "spent", "with_free_schedule"]

#: W(tau) and W'(tau) of an arbitrary VP schedule, as independent unknowns: an identity in them holds for every schedule
spent = sp.Symbol("W", nonnegative=True)
rate = sp.Symbol("w2", nonnegative=True)


def with_free_schedule(e: sp.Expr) -> sp.Expr:
    """`e` with the unknown function `W(tau)` and its derivative replaced by independent symbols."""
    W = GENERAL.integrated_rate
    return e.doit().xreplace({W.diff(tau): rate}).xreplace({W: spent})


_ANY: Domain = domain(nonnegative(spent, rate), positive(sigma, sigma_hat))

_forward = forward(GENERAL, sigma**2)
_forward_variance = diffused_variance(GENERAL, sigma**2)
_plug_in = diffused_variance(GENERAL, sigma_hat**2)
_backward = backward(GENERAL, _plug_in, _plug_in)
_exact_backward = backward(GENERAL, _forward_variance, _forward_variance)


def _law(id: str, text: str, residual: sp.Expr) -> Statement:
    return universal(id, text, _ANY, eq(with_free_schedule(residual), 0), "Ito: V' = 2 A V + B^2")


def _start(id: str, gap: sp.Expr) -> Statement:
    # W(0) = 0 by definition of the integrated rate
    return universal(id, "the start is right", _ANY, eq(gap.subs(GENERAL.integrated_rate.subs(tau, 0), 0), 0))


_FORWARD = (
    _law(
        "eq-4/forward/ode",
        "a^2 + b^2 sigma^2 solves the forward variance equation",
        _forward.residual(_forward_variance),
    ),
    _start("eq-4/forward/start", _forward.initial_gap(_forward_variance)),
)
_BACKWARD = (
    _law(
        "eq-4/backward/ode",
        "the forward variance at tau = T - t solves the backward variance equation with the exact score",
        _exact_backward.residual(_forward_variance),
    ),
    _start("eq-4/backward/start", _exact_backward.initial_gap(_forward_variance)),
)

_g = sp.symbols("g_11 g_12 g_22", real=True)
_s = sp.symbols("s_11 s_12 s_22", real=True)


def _symmetric(entries: tuple[sp.Symbol, ...]) -> sp.Matrix:
    return sp.Matrix([[entries[0], entries[1]], [entries[1], entries[2]]])


def _reverses(gap: sp.Matrix) -> Formula:
    """Every entry of the gap vanishes."""
    return all_of([eq(gap[i, j], 0) for i in range(gap.rows) for j in range(i, gap.rows)])


_REAL = [Variable(symbol) for symbol in (*_g, *_s)]
_DEFINITE = [gt(m[0], 0) for m in (_g, _s)] + [gt(m[0] * m[2] - m[1] ** 2, 0) for m in (_g, _s)]
_PLANE = domain(_REAL, positive(rate), given=_DEFINITE)
_gram, _spread = sp.symbols("g s", positive=True)
_ONE_ROW = domain(positive(rate, _gram, _spread))
_row_gap = reversal_gap(sp.Matrix([[_gram]]), sp.Matrix([[_spread]]), rate)
_plane_gap = reversal_gap(_symmetric(_g), _symmetric(_s), rate)
_orthonormal = all_of([eq(_g[0], 1), eq(_g[1], 0), eq(_g[2], 1)])

CLAIMS = (
    Claim(
        id="eq-2",
        title="For which P the backward SDE [2] reverses [1]",
        section="0 Setting",
        printed="dP Xb = (w^2 P Xb + 2 w^2 s_P(P Xb, T-t)) dt + sqrt(2 w^2) dP W reverses [1], for a general P of shape (d, D).",
        statements=(
            universal(
                "eq-2/one-row", "[2] reverses [1] for every P with one row, g = P P^T", _ONE_ROW, _reverses(_row_gap)
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "P P^T = I_d (orthonormal rows), necessary and sufficient; for other P the score needs the factor P P^T",
                (
                    universal(
                        "eq-2/gap",
                        "[2] misses by 4 w^2 (P P^T - I), d = 2",
                        _PLANE,
                        all_of(
                            [
                                eq(_plane_gap[i, j], 4 * rate * (_symmetric(_g) - sp.eye(2))[i, j])
                                for i, j in ((0, 0), (0, 1), (1, 1))
                            ]
                        ),
                    ),
                    universal(
                        "eq-2/iff",
                        "that vanishes iff P P^T = I, d = 2",
                        domain([Variable(symbol) for symbol in _g], positive(rate)),
                        Iff(_reverses(4 * rate * (_symmetric(_g) - sp.eye(2))), _orthonormal),
                    ),
                ),
                outside=(
                    Obligation(
                        "eq-2/outside",
                        "one row with P P^T != 1",
                        _ONE_ROW.given(ne(_gram, 1)),
                        _reverses(_row_gap),
                    ),
                ),
                sharp="necessary and sufficient",
            ),
        ),
        conventions=(
            "[2] reverses [1] if the covariance of P Xb at t is that of P X at T - t; with score -S^{-1} x both are Gaussian.",
            "A S = w^2 S - 2 w^2 I whatever the size of S, so the gap is 4 w^2 (P P^T - I) for every d; computed here for d = 1, 2.",
        ),
        derivation=(("gap for one row, P P^T = g", _row_gap[0, 0]),),
    ),
    Claim(
        id="eq-4",
        title="Laws of the forward and the exact backward process",
        section="0 Setting",
        printed="P_d Xb_{T-t} = P_d X_t ~ N(0, a_t^2 I_d + b_t^2 P_d Sigma P_d^T); score s(x,t) = -(a_t^2 I + b_t^2 P_d Sigma P_d^T)^-1 x.",
        statements=(*_FORWARD, *_BACKWARD),
        derivation=(("variance at forward time tau", _forward_variance),),
    ),
    Claim(
        id="eq-4/forward",
        title="Law of the forward process",
        section="0 Setting",
        printed="P_d X_t ~ N(0, a_t^2 I_d + b_t^2 P_d Sigma P_d^T)",
        statements=_FORWARD,
        conventions=(
            "Sigma is diagonal and P_d a coordinate projection, so coordinates are independent linear SDEs; "
            "a linear SDE from a Gaussian start is Gaussian.",
        ),
        derivation=(
            (
                "variance equation of [1]: V' = 2 A V + B^2 with A = -w^2, B^2 = 2 w^2; its solution",
                _forward_variance,
            ),
            ("for the OU process", diffused_variance(OU, sigma**2)),
        ),
    ),
    Claim(
        id="eq-4/backward",
        title="The exact backward process reverses the forward one",
        section="0 Setting",
        printed="P_d Xb_{T-t} = P_d X_t in law, score s(x,t) = -(a_t^2 I + b_t^2 P_d Sigma P_d^T)^{-1} x",
        statements=_BACKWARD,
        proof_uses=("eq-4/forward",),
        derivation=(("variance at backward time t, OU", diffused_variance(OU, sigma**2).subs(tau, T - t)),),
    ),
    Claim(
        id="eq-5",
        title="Law of the plug-in sampler",
        section="0 Setting",
        printed="P_d hat Xb_t ~ N(0, a_t^2 I + b_t^2 P_d hat Sigma P_d^T)",
        statements=(
            universal(
                "eq-5/printed",
                "at backward time t the generated variance is a_t^2 + b_t^2 sigma_hat^2 (OU)",
                domain(positive(sigma_hat), nonnegative(t, T), given=[le(t, T)]),
                eq(generated_variance(OU, sigma_hat**2), diffused_variance(OU, sigma_hat**2).subs(tau, t)),
                "[5] against the solution of the backward variance equation",
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "P_d hat Xb_t ~ N(0, a_{T-t}^2 I + b_{T-t}^2 P_d hat Sigma P_d^T): forward coefficients at T - t, as in [4].",
                (
                    _law(
                        "eq-5/ode",
                        "a^2 + b^2 sigma_hat^2 at tau = T - t solves the backward variance equation with the plug-in score",
                        _backward.residual(_plug_in),
                    ),
                    _start("eq-5/start", _backward.initial_gap(_plug_in)),
                ),
            ),
        ),
        derivation=(
            (
                "generated variance at backward time t, any VP schedule",
                generated_variance(GENERAL, sigma_hat**2),
            ),
            ("for the OU process", generated_variance(OU, sigma_hat**2)),
            ("as a function of the noise level x = a_tau^2", variance_at_noise(sigma_hat**2)),
        ),
    ),
    Claim(
        id="eq-6",
        title="Frechet distance between commuting covariances",
        section="0 Setting",
        printed="d_F^2 = |mu1 - mu2|^2 + tr(S1 + S2 - 2 (S2^{1/2} S1 S2^{1/2})^{1/2}); here F(d,x) is a sum over coordinates",
        statements=(
            universal(
                "eq-6/coordinate",
                "a kept coordinate adds (sqrt(v) - sigma)^2",
                domain(positive(sigma, sigma_hat), between(x, 0, 1)),
                eq(frechet_squared_commuting([variance_at_noise(sigma_hat**2)], [sigma**2]), kept()),
            ),
            universal(
                "eq-6/dropped",
                "a dropped coordinate adds sigma^2",
                domain(positive(sigma)),
                eq(frechet_squared_commuting([sp.S.Zero], [sigma**2]), dropped()),
            ),
        ),
        conventions=("Diagonal covariances, zero means; general matrices belong to theory.bures.",),
        derivation=(("a kept coordinate", kept()), ("a dropped coordinate", dropped())),
    ),
)
