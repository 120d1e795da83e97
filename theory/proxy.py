"""The noisy autoencoder: encode data, add noise to the latent, decode (claim `noisy-autoencoder`).

`P_d^T (b_tau P_d X + a_tau eps)` keeps coordinate `j <= d` as `b X_j + a eps_j`, whatever the law of `X`, and sets
the others to 0. Its second moment is therefore `b^2 E X_j^2 + a^2`. With fresh data `X ~ N(0, Sigma)` that is the
variance of a Gaussian; with `X` drawn from the training set it is the second moment of a mixture of `n` Gaussians,
whose mean is `b` times the training mean.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer, sqrt

from theory.notation import sigma, sigma_hat, x
from theory.process import variance_at_noise
from theory.schedules import VariancePreserving

__all__ = ["mean_square", "proxy_gap", "proxy_gap_bound", "proxy_moment", "proxy_variance"]


def proxy_moment(schedule: VariancePreserving, moment: Expr) -> Expr:
    """Second moment of a decoded coordinate, `b_tau^2 E X_j^2 + a_tau^2`; `moment` is `E X_j^2` of what is encoded."""
    return schedule.signal**2 * moment + schedule.noise_level


def mean_square(points: Sequence[Expr]) -> Expr:
    """`hat sigma^2 = (1/n) sum_i X_i^2` of one coordinate of `n >= 1` training points.

    Raises:
        ValueError: no points.
    """
    if not points:
        raise ValueError("points must hold at least one training point, got none")
    return sum((p**2 for p in points), Integer(0)) / len(points)


def proxy_variance(schedule: VariancePreserving, points: Sequence[Expr]) -> Expr:
    """Variance (about its mean) of a decoded coordinate when a random one of the training points is encoded."""
    mean = sum(points, Integer(0)) / len(points)
    return proxy_moment(schedule, mean_square(points) - mean**2)


def proxy_gap() -> Expr:
    """Squared Frechet distance, one kept coordinate, between proxies of moments `sigma_hat^2` and `sigma^2`."""
    first, second = variance_at_noise(sigma_hat**2), variance_at_noise(sigma**2)
    return first + second - 2 * sqrt(first * second)


def proxy_gap_bound() -> Expr:
    """`b^2 (sigma_hat - sigma)^2`, which bounds `proxy_gap`; `b^2 = 1 - x`."""
    return (1 - x) * (sigma_hat - sigma) ** 2
