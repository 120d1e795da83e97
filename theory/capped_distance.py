"""The squared Frechet distance for the capped score at a stop `y = e^{-2 tau}`, `q <= y <= 1` (Section 3).

As in `theory.frechet` a kept coordinate adds `(sqrt(V) - sigma)^2` and a dropped one `sigma^2`, but the variance is
that of `theory.capped_score`: it starts at 1 at `y = q` (the sampler starts at `N(0, I)`), and `y = 1` is the last
step.
"""

from __future__ import annotations

from sympy import Expr, Integer, sqrt

from theory.capped_score import NEVER, generated_variance_capped
from theory.frechet import dropped, on_coordinate
from theory.notation import sigma

__all__ = ["distance_squared_stopped", "kept_at", "uncapped_variance"]


def kept_at(variance: Expr) -> Expr:
    """`(sqrt(V) - sigma)^2` for a generated variance `V`."""
    return (sqrt(variance) - sigma) ** 2


def uncapped_variance() -> Expr:
    """The generated variance where the cap never acts, `C sigma_hat^2 >= 1`: a rational function of `y`, `q`."""
    return NEVER.phases[0].variance


def distance_squared_stopped(D: int, d: int, variance: Expr | None = None) -> Expr:
    """`F(d, y)` with `D` coordinates of which the first `d` are kept, `0 <= d <= D`.

    `variance` is one coordinate's generated variance; by default that of every regime of the cap.

    Raises:
        ValueError: `d` outside `[0, D]`.
    """
    if not 0 <= d <= D:
        raise ValueError(f"d must lie in [0, D] = [0, {D}], got {d}")
    kept = kept_at(generated_variance_capped() if variance is None else variance)
    terms = [on_coordinate(kept if j <= d else dropped(), j) for j in range(1, D + 1)]
    return sum(terms, Integer(0))
