"""Laws derived from the SDEs: the variance equations of [1], [2], [5] and their solutions.

With `Sigma` diagonal and `P_d` a coordinate projection the coordinates are independent, and each solves a scalar
linear SDE. The variance of a linear SDE `dX = A X dt + B dW` obeys `V' = 2 A V + B^2` (Ito). Nothing here calls an
ODE solver: a closed form is stated and `residual` says by how much it misses the equation, which the exact
engine then decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Matrix, eye

from theory.notation import T, t, tau, x
from theory.schedules import VariancePreserving

__all__ = [
    "LinearSDE",
    "backward",
    "diffused_variance",
    "forward",
    "generated_variance",
    "reversal_gap",
    "variance_at_noise",
]


@dataclass(frozen=True)
class LinearSDE:
    """One coordinate of a linear SDE `dX = drift X dclock + sqrt(noise_squared) dW`, `Var X = start` at its start.

    All coefficients are functions of forward time `tau`. A forward process has `clock = tau` and starts at
    `tau = 0`; a backward one has `clock = t = T - tau` and starts at `tau = T`, so its clock runs against `tau`.
    """

    backward: bool
    drift: Expr
    noise_squared: Expr
    start: Expr

    def variance_rate(self, variance: Expr) -> Expr:
        """Right side of the variance equation `dV/dclock = 2 drift V + noise_squared`."""
        return 2 * self.drift * variance + self.noise_squared

    def residual(self, variance: Expr) -> Expr:
        """`dV/dclock - (2 drift V + noise_squared)`: identically zero iff `variance`, in `tau`, is a solution."""
        direction = -1 if self.backward else 1
        return direction * variance.diff(tau) - self.variance_rate(variance)

    def initial_gap(self, variance: Expr) -> Expr:
        """`V - start` at the start of the process: zero iff `variance` starts right."""
        return (variance - self.start).subs(tau, T if self.backward else 0)


def forward(schedule: VariancePreserving, variance: Expr) -> LinearSDE:
    """The forward SDE [1], `dX = -w^2 X dtau + sqrt(2 w^2) dW`, from data of the given variance."""
    rate = schedule.rate_squared
    return LinearSDE(False, -rate, 2 * rate, variance)


def backward(schedule: VariancePreserving, score_variance: Expr, start: Expr) -> LinearSDE:
    """The backward SDE [2], `dX = (w^2 X + 2 w^2 s(X)) dt + sqrt(2 w^2) dW`, score `s(x, tau) = -x / score_variance`.

    `score_variance` and `start` are expressions in `tau`; `start` is read at `tau = T`.
    """
    rate = schedule.rate_squared
    return LinearSDE(True, rate - 2 * rate / score_variance, 2 * rate, start)


def variance_at_noise(variance: Expr) -> Expr:
    """`v(x) = x + (1 - x) variance`: the variance at noise level `x` of a VP schedule, [4] and [5]."""
    return x + (1 - x) * variance


def diffused_variance(schedule: VariancePreserving, variance: Expr) -> Expr:
    """The same at forward time `tau`: `a_tau^2 + b_tau^2 variance`."""
    return variance_at_noise(variance).subs(x, schedule.noise_level)


def generated_variance(schedule: VariancePreserving, variance: Expr) -> Expr:
    """The variance of the backward process at backward time `t`, score and start built from `variance` ([5])."""
    return diffused_variance(schedule, variance).subs(tau, T - t)


def reversal_gap(gram: Matrix, covariance: Matrix, rate: Expr) -> Matrix:
    """By how much [2], as printed for a general `P`, misses reversing [1]: zero iff it does.

    `gram` is `P P^T` and `covariance` that of `P X_tau`, both d x d, `rate` is `w^2`. The forward covariance obeys
    `dS/dtau = -2 w^2 S + 2 w^2 P P^T`. Backward, with the printed drift `w^2 - 2 w^2 S^{-1}` and noise
    `sqrt(2 w^2) P dW`, it changes by `A S + S A^T + 2 w^2 P P^T`, which should be `-dS/dtau`.
    """
    forward_rate = -2 * rate * covariance + 2 * rate * gram
    drift = rate * eye(covariance.rows) - 2 * rate * covariance.inv()
    return drift * covariance + covariance * drift.T + 2 * rate * gram + forward_rate
