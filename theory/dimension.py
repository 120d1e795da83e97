"""The optimal latent dimension at a stop time (Section 2): increments in `d` and where they change sign.

Keeping coordinate `d` pays at noise level `x` iff `v_d <= 4 sigma_d^2`. Solved for `x` that is the threshold
`(4 sigma_d^2 - sigma_hat_d^2) / (1 - sigma_hat_d^2)_+`, of which [8] takes the forward time. The paper leaves three
conventions open; here they are (claim `text-4` decides what they cost):

* the positive part may vanish: then the quotient is `+oo` if its numerator is `>= 0` and `-oo` if it is `< 0`
  (the printed formula has no value there; `0/0` is read as `+oo`, the only reading under which prop-2b holds);
* a threshold outside `[0, a_T^2]` is clipped to it, which is what "extended by 0 and by T" in [8] says;
* `t_1 = 0` and `t_{D+1} = T` are definitions, so some dimension `d >= 1` is always kept.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Ge, Integer, Lt, Max, Min, Piecewise, oo, piecewise_fold

from theory.notation import X, sigma, sigma_hat

__all__ = [
    "clipped",
    "level",
    "level_exact_score",
    "threshold",
    "threshold_exact_score",
    "threshold_extended",
]


def threshold() -> Expr:
    """`(4 sigma^2 - sigma_hat^2) / (1 - sigma_hat^2)`: where the increment vanishes, `sigma_hat < 1`."""
    return (4 * sigma**2 - sigma_hat**2) / (1 - sigma_hat**2)


def threshold_exact_score() -> Expr:
    """`3 sigma^2 / (1 - sigma^2)`: the same with the exact score, `sigma < 1`."""
    return threshold().subs(sigma_hat, sigma)


def threshold_extended() -> Expr:
    """The printed threshold with its positive part, as an extended real (conventions of this module)."""
    return Piecewise(
        (threshold(), Lt(sigma_hat, 1)),
        (oo, Ge(4 * sigma**2, sigma_hat**2)),
        (-oo, True),
    )


@cache
def level() -> Expr:
    """The clipped noise level up to which keeping the coordinate pays, `a^2` at forward time `T - hat t_d`."""
    return clipped(threshold_extended())


@cache
def level_exact_score() -> Expr:
    """The same with the exact score, `a^2` at forward time `T - t_d`."""
    extended = Piecewise((threshold_exact_score(), Lt(sigma, 1)), (oo, True))
    return clipped(extended)


def clipped(threshold: Expr) -> Expr:
    """`threshold` clipped to `[0, X]`, `X = a_T^2`: the noise level whose forward time [8] gives."""
    return piecewise_fold(Max(Integer(0), Min(threshold, X)))
