"""Data on a linear subspace (text-2, text-6, prop-3, prop-8): `sigma_j = sigma_hat_j = 0` beyond the rank `d0`.

A coordinate without variance adds `x` to `F` when it is kept (the noise left in it) and nothing when it is dropped. Its
summand of [7] is printed as `(1 - 0/0)(1 - 0)`; what [7] stands for, the slope of `F` at `x = 0`, is 1 there.
The `eps` of prop-8 is `theory.tails.deviation`: its event is `|sigma_hat_j^2 - sigma^2| <= eps sigma^2`.
"""

from __future__ import annotations

from sympy import Expr, Integer, Rational, exp, factorial

from theory.dimension import clipped
from theory.frechet import distance_squared
from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat
from theory.tails import deviation

__all__ = [
    "distance_low_rank",
    "even_chi_square_tail",
    "isotropic",
    "printed_interval_level",
    "smallest_horizon_noise",
]


def distance_low_rank(ambient: int, rank: int, d: int) -> Expr:
    """`F(d, x)` for `ambient` coordinates of which those beyond `rank` have `sigma_j = sigma_hat_j = 0`.

    Raises:
        ValueError: `rank` or `d` outside `[0, ambient]`.
    """
    if not 0 <= rank <= ambient:
        raise ValueError(f"rank must lie in [0, ambient] = [0, {ambient}], got {rank}")
    zeros = {c(j): 0 for j in range(rank + 1, ambient + 1) for c in (coordinate, coordinate_hat)}
    return distance_squared(ambient, d).subs(zeros, simultaneous=True)


def isotropic(expression: Expr) -> Expr:
    """`expression` with one `sigma` for every `sigma_j`: equal variances on the subspace."""
    own = [s for s in expression.free_symbols if s.name.startswith("sigma_") and s.name[6:].isdigit()]
    return expression.subs(dict.fromkeys(own, sigma), simultaneous=True)


def printed_interval_level() -> Expr:
    """The clipped noise level `((3-eps)/(1+eps)) sigma_hat^2/(1 - sigma_hat^2)` of prop-8, `sigma_hat != 1`."""
    return clipped((3 - deviation) / (1 + deviation) * sigma_hat**2 / (1 - sigma_hat**2))


def smallest_horizon_noise() -> Expr:
    """`eps sigma^2 / (1 - (1-eps) sigma^2)`: the least `a_T^2` for which prop-8's `delta` exists on its event.

    Valid where every `sigma_hat_j <= 1`, so for `(1+eps) sigma^2 <= 1`. It solves `v = sigma^2` at the smallest
    variance of the event, `sigma_hat^2 = (1-eps) sigma^2`.
    """
    return deviation * sigma**2 / (1 - (1 - deviation) * sigma**2)


def even_chi_square_tail(n: int, y: int) -> Expr:
    """`P(chi2_n >= y)` for even `n >= 2` and `y >= 0`, exactly: a Poisson sum.

    Raises:
        ValueError: `n` odd or below 2, or `y` negative.
    """
    if n < 2 or n % 2:
        raise ValueError(f"n must be even and at least 2, got {n}")
    if y < 0:
        raise ValueError(f"y must be >= 0, got {y}")
    half = Rational(y, 2)
    return exp(-half) * sum((half**k / factorial(k) for k in range(n // 2)), Integer(0))
