"""The paper's symbols, each with the assumptions under which it is used.

Conventions of the whole package: `t` is *backward* time (0 = pure noise, `T` = data), `tau = T - t` is
*forward* time, i.e. how early the sampler stops, and `x = a_tau^2` in `[0, 1)` is the *noise level*.
Variances are `sigma_j^2` (truth) and `sigma_hat_j^2` (estimated), so a standard deviation is a symbol
and its square an expression; a square root of a variance then simplifies by itself.
"""

from __future__ import annotations

from sympy import Expr, Symbol

__all__ = [
    "T",
    "X",
    "cap",
    "coordinate",
    "coordinate_hat",
    "n",
    "q",
    "sigma",
    "sigma_hat",
    "t",
    "tau",
    "with_exact_score",
    "x",
]

T = Symbol("T", nonnegative=True)
t = Symbol("t", nonnegative=True)
tau = Symbol("tau", nonnegative=True)
#: noise level a_tau^2
x = Symbol("x", nonnegative=True)
#: largest noise level a_T^2
X = Symbol("X", nonnegative=True)
#: e^{-2T}
q = Symbol("q", positive=True)
#: standard deviation of one coordinate of the data, and its estimate from the training set
sigma = Symbol("sigma", nonnegative=True)
sigma_hat = Symbol("sigma_hat", nonnegative=True)
#: the bound C on the norm of the learnt score, [9]
cap = Symbol("C", positive=True)
#: number of training points
n = Symbol("n", positive=True, integer=True)


def coordinate(j: int) -> Symbol:
    """Return `sigma_j`, the standard deviation of coordinate `j >= 1`."""
    return Symbol(f"sigma_{j}", nonnegative=True)


def coordinate_hat(j: int) -> Symbol:
    """Return `sigma_hat_j`, the estimated standard deviation of coordinate `j >= 1`."""
    return Symbol(f"sigma_hat_{j}", nonnegative=True)


def with_exact_score(expression: Expr) -> Expr:
    """`expression` with every estimated standard deviation replaced by the true one (`sigma_hat = sigma`)."""
    hats = [s for s in expression.free_symbols if s.name.startswith("sigma_hat")]
    return expression.xreplace({s: Symbol(s.name.replace("_hat", ""), nonnegative=True) for s in hats})
