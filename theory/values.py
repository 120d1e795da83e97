"""The formulas of the theory as NumPy functions of variances, accurate to the last digits over the range of doubles.

Each is compiled from its expression in `theory` with `sigma = sqrt(sigma^2)`, so a user's variance is never rounded to
a deviation first, and evaluated adaptively (`theory.evaluate.adaptive`): a finite result is within a few units in the
last place of the value of the formula at the given doubles, relative to that value, however close it comes to zero;
zeros and signs are certain. Arguments broadcast. Noise levels, times and log-SNR are in `theory.noise`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Ge, Integer, Max, Min, Piecewise, Symbol, oo, sqrt

from theory import dimension, frechet, ideal, tails
from theory.capped_score import plateau, switch_time
from theory.capped_time import capped_variance_in_time, estimated
from theory.evaluate.adaptive import AdaptiveFunction
from theory.noise import checked_levels
from theory.notation import T, X, cap, sigma, sigma_hat, tau, x
from theory.schedules import OU

__all__ = [
    "FORMULAS",
    "capped_plateau",
    "capped_switch_time",
    "capped_variance",
    "chernoff_lower_exponent",
    "chernoff_upper_exponent",
    "clipped_level",
    "criterion_term",
    "curvature",
    "evaluator",
    "ideal_level",
    "increment",
    "kept_term",
    "printed_exponent",
    "printed_exponent_absolute",
    "slope",
    "threshold",
    "threshold_time",
]

FloatArray = NDArray[np.float64]
_true = Symbol("sigma2", nonnegative=True)
_u = Symbol("u", nonnegative=True)


def _in_variances(term: Expr) -> Expr:
    return term.subs({sigma: sqrt(_true), sigma_hat: sqrt(estimated)}, simultaneous=True)


def _threshold_time() -> Expr:
    """`t_d = T - abar^-2(threshold)`, [8], with the conventions of `theory.dimension`."""

    def time(noise: Expr) -> Expr:
        if noise in (oo, -oo):
            return Integer(0) if noise == oo else T
        inside = Max(Integer(0), Min(T, T - OU.time_of_noise.subs(x, noise)))
        return Piecewise((Integer(0), Ge(noise, 1)), (inside, True))

    cases = _in_variances(dimension.threshold_extended()).args
    return Piecewise(*((time(noise), condition) for noise, condition in cases), evaluate=False)


#: name -> (how to build the expression, its symbols in the order of the function's arguments)
FORMULAS: dict[str, tuple[Callable[[], Expr], tuple[Symbol, ...]]] = {
    "kept_term": (lambda: _in_variances(frechet.kept()), (_true, estimated, x)),
    "slope": (lambda: _in_variances(frechet.slope()), (_true, estimated, x)),
    "curvature": (lambda: _in_variances(frechet.curvature()), (_true, estimated, x)),
    "increment": (lambda: _in_variances(frechet.increment()), (_true, estimated, x)),
    "criterion_term": (lambda: _in_variances(frechet.criterion_term()), (_true, estimated)),
    "threshold": (lambda: _in_variances(dimension.threshold()), (_true, estimated)),
    "clipped_level": (lambda: _in_variances(dimension.level()), (_true, estimated, X)),
    "ideal_level": (lambda: _in_variances(ideal.ideal_level()), (_true, estimated, X)),
    "threshold_time": (_threshold_time, (_true, estimated, T)),
    "capped_variance": (capped_variance_in_time, (estimated, cap, T, tau)),
    "capped_switch_time": (lambda: _in_variances(switch_time()), (estimated, cap)),
    "capped_plateau": (plateau, (cap,)),
    "chernoff_upper_exponent": (tails.chernoff_upper, (tails.deviation, tails.degrees)),
    "chernoff_lower_exponent": (tails.chernoff_lower, (tails.deviation, tails.degrees)),
    "printed_exponent": (tails.printed_exponent, (tails.deviation, tails.degrees)),
    "printed_exponent_absolute": (lambda: tails.printed_exponent_absolute(_u), (_u, tails.degrees)),
}


@cache
def evaluator(name: str) -> AdaptiveFunction:
    """The compiled formula `name` of `FORMULAS`, without checks of its arguments.

    Raises:
        KeyError: no formula has that name.
    """
    build, symbols = FORMULAS[name]
    return AdaptiveFunction(build(), symbols)


def _within(values: ArrayLike, name: str, least: float, *, open_: bool = False, most: float = np.inf) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.size:
        low, high = array.min(), array.max()
        if not ((low > least if open_ else low >= least) and high <= most and np.isfinite(high)):
            allowed = f"{'>' if open_ else '>='} {least:g}" + (f" and <= {most:g}" if most < np.inf else "")
            raise ValueError(f"{name} must be finite and {allowed}, got values from {low} to {high}")
    return array


def _pair(sigma2: ArrayLike, sigma_hat2: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    true = _within(sigma2, "sigma2", 0)
    return true, true if sigma_hat2 is None else _within(sigma_hat2, "sigma_hat2", 0)


def kept_term(sigma2: ArrayLike, sigma_hat2: ArrayLike | None, level: ArrayLike) -> FloatArray:
    """`(sqrt(v) - sigma)^2`, what a kept coordinate adds to `F` ([6]).

    Args of all the functions here: `sigma2 >= 0`, the variance of the data; `sigma_hat2 >= 0`, its estimate (None: the
    exact score, `sigma2`); `level`, the noise level `x` in [0, 1].

    Raises:
        ValueError: an argument outside its range, as in all functions of this module.
    """
    return evaluator("kept_term")(*_pair(sigma2, sigma_hat2), checked_levels(level, "level"))


def slope(sigma2: ArrayLike, sigma_hat2: ArrayLike | None, level: ArrayLike) -> FloatArray:
    """First derivative in `x` of a kept coordinate's term (prop-1); `-inf` where `v = 0 < sigma`.

    Where `v = 0 = sigma` the term is `x` itself and the derivative 1, though the formula reads `0/0`.
    """
    return _where_nan(evaluator("slope")(*_pair(sigma2, sigma_hat2), checked_levels(level, "level")), 1.0)


def curvature(sigma2: ArrayLike, sigma_hat2: ArrayLike | None, level: ArrayLike) -> FloatArray:
    """Second derivative in `x` of a kept coordinate's term (prop-1); at `v = 0`, `inf`, or 0 where `sigma = 0`."""
    return _where_nan(evaluator("curvature")(*_pair(sigma2, sigma_hat2), checked_levels(level, "level")), 0.0)


def increment(sigma2: ArrayLike, sigma_hat2: ArrayLike | None, level: ArrayLike) -> FloatArray:
    """`F(d, x) - F(d-1, x)`, what keeping one more coordinate changes (prop-2)."""
    return evaluator("increment")(*_pair(sigma2, sigma_hat2), checked_levels(level, "level"))


def criterion_term(sigma2: ArrayLike, sigma_hat2: ArrayLike) -> FloatArray:
    """One summand of criterion [7], `(1 - sigma/sigma_hat)(1 - sigma_hat^2)`: the slope at `x = 0`."""
    return _where_nan(evaluator("criterion_term")(*_pair(sigma2, sigma_hat2)), 1.0)


def _where_nan(values: FloatArray, limit: float) -> FloatArray:
    return np.where(np.isnan(values), limit, values)


def threshold(sigma2: ArrayLike, sigma_hat2: ArrayLike | None = None) -> FloatArray:
    """The noise level up to which keeping the coordinate pays, as an extended real (`theory.dimension`, [8])."""
    true, hat = _pair(sigma2, sigma_hat2)
    ends, which = _threshold_ends()
    case = which(true, hat).astype(np.intp)
    finite = np.where(case == 0, evaluator("threshold")(true, hat), 0.0)
    return np.asarray(np.where(case == 0, finite, np.array(ends)[case]))


@cache
def _threshold_ends() -> tuple[tuple[float, ...], AdaptiveFunction]:
    """The values of the cases of the extended threshold (nan: the finite one), and which case applies."""
    cases = _in_variances(dimension.threshold_extended()).args
    number = Piecewise(*((Integer(i), condition) for i, (_, condition) in enumerate(cases)))
    ends = tuple(float(value) if value in (oo, -oo) else np.nan for value, _ in cases)
    return ends, AdaptiveFunction(number, (_true, estimated))


def clipped_level(sigma2: ArrayLike, sigma_hat2: ArrayLike | None, top: ArrayLike) -> FloatArray:
    """`threshold` clipped to `[0, top]`, `top = a_T^2` in [0, 1]."""
    return evaluator("clipped_level")(*_pair(sigma2, sigma_hat2), checked_levels(top, "top"))


def ideal_level(sigma2: ArrayLike, sigma_hat2: ArrayLike, top: ArrayLike) -> FloatArray:
    """The smallest minimiser in `[0, top]` of the coordinate's own term (beyond-1)."""
    return evaluator("ideal_level")(*_pair(sigma2, sigma_hat2), checked_levels(top, "top"))


def threshold_time(sigma2: ArrayLike, sigma_hat2: ArrayLike | None, horizon: ArrayLike) -> FloatArray:
    """The backward time from when on keeping the coordinate pays, `t_d` or `hat t_d` of [8], OU, `horizon > 0`."""
    return evaluator("threshold_time")(*_pair(sigma2, sigma_hat2), _within(horizon, "horizon", 0, open_=True))


def capped_variance(sigma_hat2: ArrayLike, cap: ArrayLike, horizon: ArrayLike, time: ArrayLike) -> FloatArray:
    """The variance generated with the capped score at forward time `0 <= time <= horizon` ([14]-[21]), `cap > 1`."""
    end, at = _within(horizon, "horizon", 0), _within(time, "time", 0)
    if np.any(at > end):
        raise ValueError(f"time must not exceed the horizon, got up to {at.max()} with a horizon from {end.min()}")
    bound = _within(cap, "cap", 1, open_=True)
    return evaluator("capped_variance")(_within(sigma_hat2, "sigma_hat2", 0), bound, end, at)


def capped_switch_time(sigma_hat2: ArrayLike, cap: ArrayLike) -> FloatArray:
    """The forward time below which the score is capped, `log(C c/(C-1))/2` (prop-5).

    It is positive where `C sigma_hat^2 < 1`; elsewhere the formula is negative or `nan`, and the cap is never met.
    """
    return evaluator("capped_switch_time")(_within(sigma_hat2, "sigma_hat2", 0), _within(cap, "cap", 1, open_=True))


def capped_plateau(cap: ArrayLike) -> FloatArray:
    """`1/(2C-1)`, below which no capped variance falls."""
    return evaluator("capped_plateau")(_within(cap, "cap", 1, open_=True))


def chernoff_upper_exponent(deviation: ArrayLike, degrees: ArrayLike) -> FloatArray:
    """Exponent of `P(Z >= (1+r) p)`, `p (r - log(1+r))/2`, `deviation = r >= 0`, `degrees = p > 0` (prop-9)."""
    r, p = _within(deviation, "deviation", 0), _within(degrees, "degrees", 0, open_=True)
    return evaluator("chernoff_upper_exponent")(r, p)


def chernoff_lower_exponent(deviation: ArrayLike, degrees: ArrayLike) -> FloatArray:
    """Exponent of `P(Z <= (1-r) p)`, `p (-r - log(1-r))/2`, `0 <= r <= 1`; `inf` at 1."""
    r, p = _within(deviation, "deviation", 0, most=1), _within(degrees, "degrees", 0, open_=True)
    return evaluator("chernoff_lower_exponent")(r, p)


def printed_exponent(deviation: ArrayLike, degrees: ArrayLike) -> FloatArray:
    """`eps^2 n / (4 (1 + eps))`, the exponent printed in prop-9."""
    r, p = _within(deviation, "deviation", 0), _within(degrees, "degrees", 0, open_=True)
    return evaluator("printed_exponent")(r, p)


def printed_exponent_absolute(u: ArrayLike, degrees: ArrayLike) -> FloatArray:
    """`u^2 / (4 (p + u))`, the exponent of the printed tail `P(|Z - p| >= u)`."""
    return evaluator("printed_exponent_absolute")(_within(u, "u", 0), _within(degrees, "degrees", 0, open_=True))
