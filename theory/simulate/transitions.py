"""Exact Gaussian transitions of the backward SDE, for the weight `1/v` and for a constant weight `C`.

A linear SDE `dX = A X dclock + B dW` moves a Gaussian from one stop to a later one by `X' = phi X + noise`, where
`phi' = A phi`, `phi = 1` at the start, and the noise's variance obeys the variance equation from 0. As in
`theory.process` nothing calls an ODE solver: closed forms are stated, and `factor_residual` and
`LinearSDE.residual` say by how much they miss those equations.

Stops are given by forward time: the backward clock runs from `tau_start` down to `tau`.
"""

from __future__ import annotations

from sympy import Expr, Symbol, powsimp

from theory.capped_score import plateau
from theory.notation import tau
from theory.process import LinearSDE, diffused_variance
from theory.schedules import VariancePreserving

__all__ = ["capped_factor", "capped_noise", "factor_residual", "free_factor", "free_noise", "tau_start"]

#: forward time at which a transition starts, `tau_start >= tau`
tau_start = Symbol("tau_start", nonnegative=True)


def _faded(schedule: VariancePreserving) -> Expr:
    """`b_start / b_tau`, in (0, 1]: what the forward process from `tau` to `tau_start` leaves of its start."""
    # one exponential: evaluators then turn 1 - exp(...) into expm1
    return powsimp(schedule.signal.subs(tau, tau_start) / schedule.signal)


def free_factor(schedule: VariancePreserving, variance: Expr) -> Expr:
    """`phi = (b_start / b) v / v_start` for the score `-x / v`, `v = a^2 + b^2 variance`.

    It is the regression of the forward process read backwards: `Cov(X_tau, X_start) / Var X_start`.
    """
    v = diffused_variance(schedule, variance)
    return _faded(schedule) * v / v.subs(tau, tau_start)


def free_noise(schedule: VariancePreserving, variance: Expr) -> Expr:
    """`v (1 - (b_start / b)^2) / v_start`: the variance that the same transition adds; it is never negative."""
    v = diffused_variance(schedule, variance)
    return v * (1 - _faded(schedule) ** 2) / v.subs(tau, tau_start)


def capped_factor(schedule: VariancePreserving) -> Expr:
    """`phi = (b_start / b)^{2C-1}` for the score `-C x`."""
    return powsimp(_faded(schedule) ** (1 / plateau()), force=True)


def capped_noise(schedule: VariancePreserving) -> Expr:
    """`(1 - phi^2) / (2C - 1)`: the variance that the same transition adds."""
    return plateau() * (1 - powsimp(capped_factor(schedule) ** 2, force=True))


def factor_residual(sde: LinearSDE, factor: Expr) -> Expr:
    """`dphi/dclock - drift phi`, clock of a backward process: identically zero iff `factor` is its propagator.

    Raises:
        ValueError: `sde` is a forward process.
    """
    if not sde.backward:
        raise ValueError("sde must be a backward process: its transitions run from tau_start down to tau")
    return -factor.diff(tau) - sde.drift * factor
