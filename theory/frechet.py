"""The squared Frechet distance between the decoded generator and the data, `F(d, x)`, and its derivatives.

With commuting (here: diagonal) covariances [6] splits into coordinates. A kept coordinate contributes
`(sqrt(v) - sigma)^2` with `v = x + (1-x) sigma_hat^2`, a dropped one its whole variance `sigma^2`.
General matrices are in `theory.bures`.
"""

from __future__ import annotations

from sympy import Expr, Integer, sqrt

from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat, x
from theory.process import variance_at_noise

__all__ = [
    "criterion",
    "criterion_term",
    "curvature",
    "distance_slope",
    "distance_squared",
    "dropped",
    "frechet_squared_commuting",
    "increment",
    "kept",
    "on_coordinate",
    "slope",
]


def frechet_squared_commuting(first: list[Expr], second: list[Expr]) -> Expr:
    """[6] for two centred Gaussians with commuting covariances: eigenvalues `first`, `second` in a common basis.

    `tr(S1 + S2 - 2 (S2^{1/2} S1 S2^{1/2})^{1/2})`, summed over the common eigenvectors.
    """
    return sum((a + b - 2 * sqrt(sqrt(b) * a * sqrt(b)) for a, b in zip(first, second, strict=True)), Integer(0))


def kept() -> Expr:
    """`(sqrt(v) - sigma)^2`, what a kept coordinate adds to `F`."""
    return (sqrt(variance_at_noise(sigma_hat**2)) - sigma) ** 2


def dropped() -> Expr:
    """`sigma^2`, what a dropped coordinate adds to `F`."""
    return sigma**2


def slope() -> Expr:
    """First derivative in `x` of a kept coordinate's term, `(1 - sigma / sqrt(v)) (1 - sigma_hat^2)`."""
    v = variance_at_noise(sigma_hat**2)
    return (1 - sigma / sqrt(v)) * v.diff(x)


def curvature() -> Expr:
    """Second derivative in `x` of a kept coordinate's term, `sigma (1 - sigma_hat^2)^2 / (2 v^{3/2})`."""
    v = variance_at_noise(sigma_hat**2)
    return sigma * v.diff(x) ** 2 / (2 * v * sqrt(v))


def criterion_term() -> Expr:
    """One summand of criterion [7], `(1 - sigma / sigma_hat)(1 - sigma_hat^2)`: the slope at `x = 0`."""
    return slope().subs(x, 0)


def increment() -> Expr:
    """`F(d, x) - F(d-1, x) = v_d - 2 sigma_d sqrt(v_d)`, what keeping one more coordinate changes."""
    v = variance_at_noise(sigma_hat**2)
    return v - 2 * sigma * sqrt(v)


def on_coordinate(term: Expr, j: int) -> Expr:
    """`term`, an expression in `sigma` and `sigma_hat`, for coordinate `j >= 1`."""
    return term.xreplace({sigma: coordinate(j), sigma_hat: coordinate_hat(j)})


def distance_squared(D: int, d: int) -> Expr:
    """`F(d, x)` with `D` coordinates of which the first `d` are kept, `0 <= d <= D`."""
    if not 0 <= d <= D:
        raise ValueError(f"d must lie in [0, D] = [0, {D}], got {d}")
    terms = [on_coordinate(kept() if j <= d else dropped(), j) for j in range(1, D + 1)]
    return sum(terms, Integer(0))


def distance_slope(d: int) -> Expr:
    """`dF(d, x)/dx = sum_{j<=d} slope_j`."""
    return sum((on_coordinate(slope(), j) for j in range(1, d + 1)), Integer(0))


def criterion(d: int) -> Expr:
    """Left side of [7], `sum_{j<=d} (1 - sigma_j/sigma_hat_j)(1 - sigma_hat_j^2)`."""
    return sum((on_coordinate(criterion_term(), j) for j in range(1, d + 1)), Integer(0))
