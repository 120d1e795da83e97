"""The other metrics as expressions, in the notation of the paper, for the claims `beyond-5`.

Along a unit vector with squared components `u_j^2` the generated variance is `a = sum_{j<=d} v_j u_j^2` and the data's
`b = sum_j sigma_j^2 u_j^2`. Everything is homogeneous in `u`, so its length plays no part in a sign.
"""

from __future__ import annotations

from sympy import Expr, Integer, Rational, Symbol, log, sqrt

from theory.frechet import on_coordinate
from theory.notation import coordinate, sigma, sigma_hat
from theory.process import variance_at_noise

__all__ = [
    "bandwidth",
    "component",
    "data_along",
    "direction_gap",
    "generated_along",
    "latent_kl_data",
    "latent_kl_generated",
    "mmd",
    "trace_rule",
    "wide_rule",
]

#: bandwidth of the Gaussian kernel
bandwidth = Symbol("h", positive=True)


def component(j: int) -> Symbol:
    """`|u_j|`, a component of the direction; positive but for a set of directions of measure 0."""
    return Symbol(f"u{j}", positive=True)


def generated_along(d: int) -> Expr:
    """`a = u'Au` with `d` kept coordinates and the plug-in score."""
    v = variance_at_noise(sigma_hat**2)
    return sum((on_coordinate(v, j) * component(j) ** 2 for j in range(1, d + 1)), Integer(0))


def data_along(D: int) -> Expr:
    """`b = u'Bu`."""
    return sum((coordinate(j) ** 2 * component(j) ** 2 for j in range(1, D + 1)), Integer(0))


def direction_gap(D: int, d: int) -> Expr:
    """`(sqrt(u'Au) - sqrt(u'Bu))^2`: its mean over directions is the squared sliced Wasserstein distance."""
    return (sqrt(generated_along(d)) - sqrt(data_along(D))) ** 2


def mmd(D: int, d: int) -> Expr:
    """MMD^2 with the Gaussian kernel of width `bandwidth`, `d` of `D` coordinates kept."""
    a = [on_coordinate(variance_at_noise(sigma_hat**2), j) if j <= d else Integer(0) for j in range(1, D + 1)]
    b = [coordinate(j) ** 2 for j in range(1, D + 1)]

    def mean_kernel(first: list[Expr], second: list[Expr]) -> Expr:
        product: Expr = Integer(1)
        for s, t in zip(first, second, strict=True):
            product *= 1 + (s + t) / bandwidth**2
        return 1 / sqrt(product)

    return mean_kernel(a, a) + mean_kernel(b, b) - 2 * mean_kernel(a, b)


def latent_kl_generated() -> Expr:
    """One latent coordinate's `KL(generated || data)`, `(v/s - 1 - log(v/s))/2`."""
    ratio = variance_at_noise(sigma_hat**2) / sigma**2
    return (ratio - 1 - log(ratio)) * Rational(1, 2)


def latent_kl_data() -> Expr:
    """One latent coordinate's `KL(data || generated)`, `(s/v - 1 + log(v/s))/2`."""
    ratio = variance_at_noise(sigma_hat**2) / sigma**2
    return (1 / ratio - 1 + log(ratio)) * Rational(1, 2)


def trace_rule(lost: Expr, room: Expr) -> Expr:
    """Noise level where traces match, exact score; `lost = sum_{j>d} sigma_j^2`, `room = sum_{j<=d} 1 - sigma_j^2`."""
    return lost / room


def wide_rule(lost: Expr, room: Expr, squares: Expr) -> Expr:
    """Minimiser of `(x room - lost)^2/4 + x^2 squares/2`, a wide kernel's MMD^2; `squares = sum (1 - sigma_j^2)^2`."""
    return lost * room / (room**2 + 2 * squares)
