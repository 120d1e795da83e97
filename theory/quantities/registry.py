"""The named quantities that a user can ask for, with their arguments and sources.

Every value comes from an expression of `theory` for one coordinate; a quantity of a spectrum is its sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from theory.capped_score import generated_variance_capped, y
from theory.dimension import threshold_extended
from theory.frechet import criterion_term, curvature, dropped, increment, kept, slope
from theory.notation import T, cap, q, sigma, sigma_hat, tau, x
from theory.process import variance_at_noise
from theory.quantities.arguments import MEANINGS
from theory.quantities.total import Total
from theory.schedules import OU
from theory.tails import chernoff_lower, chernoff_upper, degrees, deviation, printed_exponent
from theory.tricomi import expected_kept, expected_kept_slope, initial_slope_term, moment, root_mean

__all__ = ["QUANTITIES", "Quantity"]

Arguments = Mapping[str, Any]
#: variances as symbols: exact where standard deviations are irrational
_S = sp.Symbol("s", positive=True)
_H = sp.Symbol("h", positive=True)


@dataclass(frozen=True)
class Quantity:
    """A named quantity. `arguments` maps each name to its meaning; a name ending in `...` takes a list.

    `build` returns its value as a sum; where that has a `root`, the value is instead the zero in `[0, a_T^2]` of the
    sum, which does not decrease, or the end of that interval where it does not change sign.
    """

    says: str
    source: str
    arguments: dict[str, str]
    build: Callable[[Arguments], Total]


@cache
def _in_variances(term: sp.Expr) -> sp.Expr:
    return term.xreplace({sigma: sp.sqrt(_S), sigma_hat: sp.sqrt(_H)})


def _one(term: sp.Expr) -> Callable[[Arguments], Total]:
    """`term` at one coordinate."""
    names = {_S: "sigma2", _H: "sigma_hat2", x: "x"}

    def build(given: Arguments) -> Total:
        return Total(_in_variances(term), {symbol: given[name] for symbol, name in names.items() if name in given})

    return build


def _plain(expression: Callable[[], sp.Expr], names: Mapping[sp.Symbol, str]) -> Callable[[Arguments], Total]:
    """`expression` with a symbol for each argument named."""
    return lambda given: Total(expression(), {symbol: given[name] for symbol, name in names.items()})


def _kept(term: sp.Expr, given: Arguments) -> dict[sp.Symbol, Any]:
    """The values of `term`, an expression in variances, on the kept coordinates."""
    d = given["d"]
    values: dict[sp.Symbol, Any] = {_S: given["sigma2"][:d]}
    if term.has(_H):
        values[_H] = given["sigma_hat2"][:d]
    return values


def _dropped(given: Arguments) -> Fraction:
    assert dropped() == sigma**2
    return sum(given["sigma2"][given["d"] :], Fraction(0))


def _sum(term: sp.Expr, *, with_dropped: bool = False, root: bool = False) -> Callable[[Arguments], Total]:
    """The sum of `term` over the kept coordinates."""

    def build(given: Arguments) -> Total:
        summand = _in_variances(term)
        values = _kept(summand, given)
        if "x" in given:
            values[x] = given["x"]
        return Total(summand, values, _dropped(given) if with_dropped else Fraction(0), x if root else None)

    return build


def _inside(x_value: Fraction) -> None:
    if not 0 < x_value < 1:
        raise ValueError(f"x must lie in (0, 1) for an expected quantity, got {x_value}")


def _expected(term: Callable[[int], sp.Expr], *, with_dropped: bool = False) -> Callable[[Arguments], Total]:
    """The sum over the kept coordinates of an expression that depends on `n`."""

    def build(given: Arguments) -> Total:
        _inside(given["x"])
        return _sum(term(given["n"]), with_dropped=with_dropped)(given)

    return build


def _expected_root(given: Arguments) -> Total:
    _inside(given["x"])
    return _one(root_mean(given["n"]))(given)


def _expected_level(given: Arguments) -> Total:
    n = given["n"]
    # for n = 1 the slope at 0 is -oo (beyond-2): any negative number has its sign
    start = initial_slope_term(n) if n > 1 else sp.Integer(-1)
    return _sum(sp.Piecewise((start, sp.Le(x, 0)), (expected_kept_slope(n), True)), root=True)(given)


def _exact(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def _threshold(given: Arguments) -> sp.Expr:
    roots = {sigma: sp.sqrt(_exact(given["sigma2"])), sigma_hat: sp.sqrt(_exact(_hat(given)))}
    return threshold_extended().subs(roots, simultaneous=True)


def _threshold_time(given: Arguments) -> Total:
    """`t_d = T - abar^-2(threshold)`, [8]: the clip to `[0, a_T^2]` is made in time, where it is exact."""
    noise = _threshold(given)
    if noise >= 1:
        return Total(sp.Integer(0))
    if noise <= 0:
        return Total(_exact(given["T"]))
    return Total(sp.Max(0, T - OU.time_of_noise.subs(x, noise)), {T: given["T"]})


def _threshold_level(given: Arguments) -> Total:
    noise, top = _threshold(given), OU.noise_level.subs(tau, T)
    if noise <= 0:
        return Total(sp.Integer(0))
    return Total(top if noise >= 1 else sp.Min(noise, top), {T: given["T"]})


def _hat(given: Arguments) -> Fraction:
    return given.get("sigma_hat2", given["sigma2"])  # type: ignore[no-any-return]


def _capped(given: Arguments) -> Total:
    stopped = _in_variances(generated_variance_capped()).xreplace({y: sp.exp(-2 * tau), q: sp.exp(-2 * T)})
    if given["tau"] > given["T"]:
        raise ValueError(f"tau must lie in [0, T] = [0, {given['T']}], got {given['tau']}")
    return Total(stopped, {_H: given["sigma_hat2"], cap: given["C"], tau: given["tau"], T: given["T"]})


def _tail(exponent: sp.Expr, factor: int, below: int | None = None) -> Callable[[Arguments], Total]:
    def build(given: Arguments) -> Total:
        if below is not None and given["eps"] >= below:
            raise ValueError(f"eps must be < {below} for the lower tail, got {given['eps']}")
        return Total(factor * sp.exp(-exponent), {degrees: given["n"], deviation: given["eps"]})

    return build


def _arguments(*names: str) -> dict[str, str]:
    return {name: MEANINGS[name] for name in names}


_TERM = _arguments("sigma2", "sigma_hat2", "x")
_SPECTRUM = _arguments("sigma2...", "sigma_hat2...", "d")
_AVERAGE = _arguments("sigma2...", "n", "d")

QUANTITIES: dict[str, Quantity] = {
    "variance": Quantity(
        "v(x), the generated variance at noise level x",
        "[4], [5]",
        _arguments("sigma_hat2", "x"),
        _one(variance_at_noise(sigma_hat**2)),
    ),
    "capped-variance": Quantity(
        "V, the variance generated with capped weights, stopped at forward time tau, OU",
        "prop-5",
        _arguments("sigma_hat2", "C", "tau", "T"),
        _capped,
    ),
    "kept-term": Quantity("what a kept coordinate adds to F", "[6]", _TERM, _one(kept())),
    "slope": Quantity("derivative in x of a kept coordinate's term", "prop-1", _TERM, _one(slope())),
    "curvature": Quantity(
        "second derivative in x of a kept coordinate's term", "prop-1b/f-second", _TERM, _one(curvature())
    ),
    "increment": Quantity("F(d, x) - F(d-1, x) for the coordinate added", "prop-2a", _TERM, _one(increment())),
    "F": Quantity(
        "F(d, x), the squared Frechet distance to the data",
        "[6]",
        _SPECTRUM | _arguments("x"),
        _sum(kept(), with_dropped=True),
    ),
    "F-slope": Quantity("dF(d, x)/dx", "prop-1b", _SPECTRUM | _arguments("x"), _sum(slope())),
    "criterion": Quantity(
        "left side of [7]; the distance is monotone iff it is >= 0", "prop-1b", _SPECTRUM, _sum(criterion_term())
    ),
    "optimal-level": Quantity(
        "x*(d), the noise level at which F(d, .) is smallest on [0, a_T^2]",
        "Section 6, reading (B)",
        _SPECTRUM | _arguments("T"),
        _sum(slope(), root=True),
    ),
    "threshold-level": Quantity(
        "the noise level up to which keeping the coordinate pays, in [0, a_T^2], OU",
        "prop-2b",
        _arguments("sigma2", "sigma_hat2", "T"),
        _threshold_level,
    ),
    "threshold-time": Quantity(
        "t_d, from when on keeping the coordinate pays, exact score, OU",
        "prop-2a",
        _arguments("sigma2", "T"),
        _threshold_time,
    ),
    "threshold-time-plug-in": Quantity(
        "hat t_d, the same with the plug-in score",
        "prop-2b",
        _arguments("sigma2", "sigma_hat2", "T"),
        _threshold_time,
    ),
    "moment": Quantity(
        "m_k = E (chi2_n/n)^{k/2}",
        "beyond-2",
        _arguments("n", "k"),
        lambda given: Total(moment(given["k"], given["n"])),
    ),
    "expected-root": Quantity(
        "E sqrt(x + (1-x) sigma^2 chi2_n/n), the expected generated deviation",
        "beyond-3",
        _arguments("sigma2", "n", "x"),
        _expected_root,
    ),
    "expected-distance": Quantity(
        "E F(d, x) over the draw of n training points",
        "beyond-3",
        _AVERAGE | _arguments("x"),
        _expected(expected_kept, with_dropped=True),
    ),
    "expected-slope": Quantity(
        "d/dx E F(d, x)", "beyond-2", _AVERAGE | _arguments("x"), _expected(expected_kept_slope)
    ),
    "expected-level": Quantity(
        "the noise level at which E F(d, .) is smallest on [0, a_T^2]",
        "beyond-3",
        _AVERAGE | _arguments("T"),
        _expected_level,
    ),
    "tail-printed": Quantity(
        "2 exp(-eps^2 n/(4 (1 + eps))), the printed bound of P(|hat sigma^2 - sigma^2| > eps sigma^2)",
        "prop-9",
        _arguments("n", "eps"),
        _tail(printed_exponent(), 2),
    ),
    "tail-upper": Quantity(
        "exp(-n (eps - log(1 + eps))/2), the Chernoff bound of P(hat sigma^2 >= (1 + eps) sigma^2)",
        "prop-9",
        _arguments("n", "eps"),
        _tail(chernoff_upper(), 1),
    ),
    "tail-lower": Quantity(
        "exp(-n (-eps - log(1 - eps))/2), the Chernoff bound of P(hat sigma^2 <= (1 - eps) sigma^2)",
        "prop-9",
        _arguments("n", "eps"),
        _tail(chernoff_lower(), 1, below=1),
    ),
    "noise-level": Quantity(
        "a_tau^2 of the OU process", "Section 0", _arguments("tau"), _plain(lambda: OU.noise_level, {tau: "tau"})
    ),
    "log-snr": Quantity(
        "log(b^2 / a^2) of the OU process", "Section 0", _arguments("tau"), _plain(lambda: OU.log_snr, {tau: "tau"})
    ),
    "stop-time": Quantity(
        "tau, the forward time with noise level x, OU",
        "[8]",
        _arguments("x"),
        _plain(lambda: OU.time_of_noise, {x: "x"}),
    ),
}
