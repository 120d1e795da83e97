"""The noise level at which one coordinate alone would best be stopped.

`(sqrt(v(x)) - sigma)^2` with `v = x + (1-x) sigma_hat^2` is smallest where `v` is closest to `sigma^2`. Solved for `x`
that is `(sigma^2 - sigma_hat^2) / (1 - sigma_hat^2)`, clipped to `[0, X]`: 0 for an over-estimated variance
(`sigma_hat < 1`), `X` where even pure noise has too little. For `sigma_hat = 1` the coordinate does not depend
on `x`, and the smallest minimiser, 0, is taken.
"""

from __future__ import annotations

from sympy import Expr, Gt, Integer, Lt, Piecewise, Symbol

from theory.dimension import clipped
from theory.notation import sigma, sigma_hat

__all__ = ["ideal_level", "shrinkage", "shrunk"]

#: square root of the factor `r` of uniform shrinkage, `sigma_hat = sqrt(r) sigma`
shrinkage = Symbol("rho", positive=True)


def ideal_level() -> Expr:
    """Return `x_j`, the smallest minimiser of a kept coordinate's term on `[0, X]` (claim `beyond-1`)."""
    below = clipped((sigma**2 - sigma_hat**2) / (1 - sigma_hat**2))
    # the same quotient, written so that SymPy keeps the two cases apart (no engine reads "unequal" as a case)
    above = clipped((sigma_hat**2 - sigma**2) / (sigma_hat**2 - 1))
    return Piecewise((below, Lt(sigma_hat, 1)), (above, Gt(sigma_hat, 1)), (Integer(0), True))


def shrunk(expression: Expr) -> Expr:
    """Return `expression` with every `sigma_hat_j` replaced by `rho sigma_j` (uniform shrinkage, `r = rho^2`)."""
    hats = [s for s in expression.free_symbols if s.name.startswith("sigma_hat")]
    names = {s: shrinkage * Symbol(s.name.replace("_hat", ""), nonnegative=True) for s in hats}
    return expression.subs(names, simultaneous=True)
