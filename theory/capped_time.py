"""The capped variance as a function of forward time, written in sums of positive terms.

`theory.capped_score.generated_variance_capped` states it in `y = e^{-2 tau}` and `q = e^{-2T}`, which is right for
proofs. As numbers `y` and `q` have lost `tau` and `T` below 1e-16, and `C tau` matters when `C` is large; and there
`1 - c y`, `V - 1/(2C-1)` and `1 - 2 c q + c q^2/y` are differences. With `h = sigma_hat^2`:

* `1 - c y = (1 - y) + h y`, and `1 - 2 c q + c q^2/y = (1-q)^2 + q (q/y) (1-y) + h q (2 - q/y)`;
* capped throughout, `V = (1 + 2 (C-1) e^{-2 (2C-1) (T-tau)}) / (2C-1)`;
* after the switch, `V = 1/(2C-1) + ((C-1)/(C (2C-1)) + g^2/(C (C-1))) r^{2C-1}`, where `g = c q/(1 - c q)` and
  `1/r = C c y/(C-1) = 1 + (c y - (C-1)(1 - c y))/(C-1)`.

A unit test decides exactly that these are the expressions of `theory.capped_score`.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Ge, Le, Piecewise, Symbol, UnevaluatedExpr, exp
from sympy.codegen.cfunctions import expm1, log1p

from theory.capped_score import plateau
from theory.notation import T, cap, tau

__all__ = [
    "capped_variance_in_time",
    "estimated",
    "inverse_relaxation",
    "never_capped",
    "relaxing_part",
    "stays_capped",
]

#: the estimated variance `sigma_hat^2` itself
estimated = Symbol("sigma_hat2", nonnegative=True)

_q, _ratio = exp(-2 * T), exp(-2 * (T - tau))


def _variance_seen(time: Expr) -> Expr:
    """`a^2 + b^2 sigma_hat^2` at forward time `time`, the inverse of the uncapped weight."""
    return -expm1(-2 * time) + estimated * exp(-2 * time)


def never_capped() -> Expr:
    """The variance at `tau` in the regime `C sigma_hat^2 >= 1`, and before the switch."""
    start = _variance_seen(T)
    rest = expm1(-2 * T) ** 2 - _q * _ratio * expm1(-2 * tau) + estimated * _q * (2 - _ratio)
    # two quotients: the square of the denominator may overflow
    return UnevaluatedExpr(_variance_seen(tau) / start) * UnevaluatedExpr(rest / start)


def stays_capped() -> Expr:
    """The variance at `tau` when the score has been capped since `T`."""
    return (1 + 2 * (cap - 1) * exp((2 * cap - 1) * (2 * tau - 2 * T))) * plateau()


def inverse_relaxation() -> Expr:
    """`C c y / (C-1) - 1 >= 0` after the switch, where the variance relaxes by `(1 + this)^-(2C-1)`."""
    shrunk = (1 - estimated) * exp(-2 * tau)
    return UnevaluatedExpr(shrunk - (cap - 1) * _variance_seen(tau)) / (cap - 1)


def relaxing_part() -> Expr:
    """`V - 1/(2C-1)` at the switch."""
    g = (1 - estimated) * _q / _variance_seen(T)
    return UnevaluatedExpr((cap - 1) / cap) * plateau() + UnevaluatedExpr(g / cap) * UnevaluatedExpr(g / (cap - 1))


@cache
def capped_variance_in_time() -> Expr:
    """`V` at forward time `0 <= tau <= T`, in every regime of the cap `C > 1`, for `sigma_hat^2 >= 0`."""
    decay = exp((1 - 2 * cap) * log1p(inverse_relaxation()))
    return Piecewise(
        (never_capped(), Ge(cap * _variance_seen(tau), 1)),
        (stays_capped(), Le(cap * _variance_seen(T), 1)),
        (plateau() + relaxing_part() * decay, True),
        evaluate=False,
    )
