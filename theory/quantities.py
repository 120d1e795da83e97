"""The named quantities that a user can ask for, with their arguments, ranges and sources.

Every value comes from an expression of `theory`; arguments are exact rationals, so an enclosure has no input error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy as sp

from theory.dimension import threshold_extended
from theory.evaluate.arb import ArbBackend, as_ball, precision
from theory.evaluate.program import compile_expression
from theory.frechet import criterion, curvature, distance_slope, distance_squared, increment, kept, slope
from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat, tau, x
from theory.process import variance_at_noise
from theory.schedules import OU
from theory.tricomi import expected_distance, expected_distance_slope, initial_slope, moment, root_mean

__all__ = ["QUANTITIES", "Quantity", "enclose_quantity"]

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Quantity:
    """A named quantity. `arguments` maps each name to its meaning; a name ending in `...` takes a list.

    `build` returns the expression and the values of its symbols; a `root` quantity's value is instead the zero in
    `[0, X]` of the non-decreasing expression in `x`, or the end of that interval where it does not change sign.
    """

    says: str
    source: str
    arguments: dict[str, str]
    build: Callable[[Arguments], tuple[sp.Expr, dict[sp.Symbol, Fraction]]]
    root: bool = False


_MEANING = {
    "sigma2": "variance of the data, > 0",
    "sigma_hat2": "estimated variance, > 0 (default: sigma2, the exact score)",
    "x": "noise level a_tau^2, in [0, 1]",
    "tau": "forward time, >= 0",
    "T": "horizon, > 0 (OU process)",
    "d": "latent dimension, from 1 to the number of variances",
    "sigma2...": "variances of the data, non-increasing, > 0, such as 1,3/5,9/25",
    "n": "number of training points, a whole number >= 1",
    "k": "order of the moment, a whole number > -n",
    "sigma_hat2...": "estimated variances, > 0 (default: sigma2, the exact score)",
}


def _square_root(variance: Fraction) -> sp.Expr:
    return sp.sqrt(sp.Rational(variance.numerator, variance.denominator))


def _one(term: sp.Expr) -> Callable[[Arguments], tuple[sp.Expr, dict[sp.Symbol, Fraction]]]:
    def build(given: Arguments) -> tuple[sp.Expr, dict[sp.Symbol, Fraction]]:
        roots = {sigma: _square_root(given["sigma2"]), sigma_hat: _square_root(given["sigma_hat2"])}
        values = {x: given["x"]} if "x" in given else {}
        return term.subs(roots, simultaneous=True), values

    return build


def _spectrum(
    make: Callable[[int, int], sp.Expr],
) -> Callable[[Arguments], tuple[sp.Expr, dict[sp.Symbol, Fraction]]]:
    def build(given: Arguments) -> tuple[sp.Expr, dict[sp.Symbol, Fraction]]:
        true, hats = given["sigma2"], given["sigma_hat2"]
        roots = {coordinate(j): _square_root(s) for j, s in enumerate(true, 1)}
        roots |= {coordinate_hat(j): _square_root(h) for j, h in enumerate(hats, 1)}
        expression = make(len(true), given["d"]).subs(roots, simultaneous=True)
        values = {x: given["x"]} if "x" in given else {}
        return expression, values

    return build


def _threshold_time(given: Arguments) -> tuple[sp.Expr, dict[sp.Symbol, Fraction]]:
    """`t_d = T - abar^-2(threshold)`, [8]: the clip to `[0, a_T^2]` is made in time, where it is exact."""
    hat = given.get("sigma_hat2", given["sigma2"])
    roots = {sigma: _square_root(given["sigma2"]), sigma_hat: _square_root(hat)}
    T = sp.Rational(given["T"].numerator, given["T"].denominator)
    noise = threshold_extended().subs(roots, simultaneous=True)
    if noise >= 1:
        return sp.Integer(0), {}
    return (T if noise <= 0 else sp.Max(0, T - OU.time_of_noise.subs(x, noise))), {}


def _inside(x_value: Fraction) -> None:
    if not 0 < x_value < 1:
        raise ValueError(f"x must lie in (0, 1) for an expected quantity, got {x_value}")


def _on_average(
    make: Callable[[int, int, int], sp.Expr],
) -> Callable[[Arguments], tuple[sp.Expr, dict[sp.Symbol, Fraction]]]:
    def build(given: Arguments) -> tuple[sp.Expr, dict[sp.Symbol, Fraction]]:
        if "x" in given:
            _inside(given["x"])
        roots = {coordinate(j): _square_root(s) for j, s in enumerate(given["sigma2"], 1)}
        expression = make(len(given["sigma2"]), given["d"], given["n"]).subs(roots, simultaneous=True)
        return expression, {x: given["x"]} if "x" in given else {}

    return build


def _expected_root(given: Arguments) -> tuple[sp.Expr, dict[sp.Symbol, Fraction]]:
    _inside(given["x"])
    return root_mean(given["n"]).subs(sigma, _square_root(given["sigma2"])), {x: given["x"]}


def _slope_from_zero(D: int, d: int, n: int) -> sp.Expr:
    # for n = 1 the slope at 0 is -oo (beyond-2): any negative number has its sign
    start = initial_slope(d, n) if n > 1 else sp.Integer(-1)
    return sp.Piecewise((start, sp.Le(x, 0)), (expected_distance_slope(d, n), True))


def _arguments(*names: str) -> dict[str, str]:
    return {name: _MEANING[name] for name in names}


QUANTITIES: dict[str, Quantity] = {
    "variance": Quantity(
        "v(x), the generated variance at noise level x",
        "[4], [5]",
        _arguments("sigma_hat2", "x"),
        _one(variance_at_noise(sigma_hat**2)),
    ),
    "kept-term": Quantity(
        "what a kept coordinate adds to F", "[6]", _arguments("sigma2", "sigma_hat2", "x"), _one(kept())
    ),
    "slope": Quantity(
        "derivative in x of a kept coordinate's term",
        "prop-1",
        _arguments("sigma2", "sigma_hat2", "x"),
        _one(slope()),
    ),
    "curvature": Quantity(
        "second derivative in x of a kept coordinate's term",
        "prop-1b/f-second",
        _arguments("sigma2", "sigma_hat2", "x"),
        _one(curvature()),
    ),
    "increment": Quantity(
        "F(d, x) - F(d-1, x) for the coordinate added",
        "prop-2a",
        _arguments("sigma2", "sigma_hat2", "x"),
        _one(increment()),
    ),
    "F": Quantity(
        "F(d, x), the squared Frechet distance to the data",
        "[6]",
        _arguments("sigma2...", "sigma_hat2...", "d", "x"),
        _spectrum(distance_squared),
    ),
    "F-slope": Quantity(
        "dF(d, x)/dx",
        "prop-1b",
        _arguments("sigma2...", "sigma_hat2...", "d", "x"),
        _spectrum(lambda D, d: distance_slope(d)),
    ),
    "criterion": Quantity(
        "left side of [7]; the distance is monotone iff it is >= 0",
        "prop-1b",
        _arguments("sigma2...", "sigma_hat2...", "d"),
        _spectrum(lambda D, d: criterion(d)),
    ),
    "optimal-level": Quantity(
        "x*(d), the noise level at which F(d, .) is smallest on [0, a_T^2]",
        "Section 6, reading (B)",
        _arguments("sigma2...", "sigma_hat2...", "d", "T"),
        _spectrum(lambda D, d: distance_slope(d)),
        root=True,
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
        lambda given: (moment(given["k"], given["n"]), {}),
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
        _arguments("sigma2...", "n", "d", "x"),
        _on_average(expected_distance),
    ),
    "expected-slope": Quantity(
        "d/dx E F(d, x)",
        "beyond-2",
        _arguments("sigma2...", "n", "d", "x"),
        _on_average(lambda D, d, n: expected_distance_slope(d, n)),
    ),
    "expected-level": Quantity(
        "the noise level at which E F(d, .) is smallest on [0, a_T^2]",
        "beyond-3",
        _arguments("sigma2...", "n", "d", "T"),
        _on_average(_slope_from_zero),
        root=True,
    ),
    "noise-level": Quantity(
        "a_tau^2 of the OU process",
        "Section 0",
        _arguments("tau"),
        lambda given: (OU.noise_level, {tau: given["tau"]}),
    ),
    "log-snr": Quantity(
        "log(b^2 / a^2) of the OU process",
        "Section 0",
        _arguments("tau"),
        lambda given: (OU.log_snr, {tau: given["tau"]}),
    ),
    "stop-time": Quantity(
        "tau, the forward time with noise level x, OU",
        "[8]",
        _arguments("x"),
        lambda given: (OU.time_of_noise, {x: given["x"]}),
    ),
}


def _number(name: str, text: str) -> Fraction:
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{name} takes a number such as 0.25, 1/4 or 1e-10, got {text.strip()!r}") from None


def _check(name: str, value: Fraction) -> None:
    if name in ("sigma2", "sigma_hat2", "T") and value <= 0:
        raise ValueError(f"{name} must be > 0, got {value}")
    if name == "x" and not 0 <= value <= 1:
        raise ValueError(f"x must lie in [0, 1], got {value}")
    if name == "tau" and value < 0:
        raise ValueError(f"tau must be >= 0, got {value}")


def parse_arguments(quantity: Quantity, given: Mapping[str, str]) -> dict[str, Any]:
    """Read the arguments of `quantity` from text into exact numbers and check their ranges.

    Raises:
        ValueError: an argument that is unknown, missing, not a number, or out of its range.
    """
    names = {name.removesuffix("..."): name for name in quantity.arguments}
    for name in given:
        if name not in names:
            raise ValueError(f"no argument {name!r} here; allowed are {', '.join(names)}")
    values: dict[str, Any] = {}
    for name, key in names.items():
        if name not in given:
            if name == "sigma_hat2" and "sigma2" in names:
                continue
            raise ValueError(f"{name} is missing: {quantity.arguments[key]}")
        if name in ("d", "n", "k"):
            text = given[name].strip()
            if not (text.isdigit() or (name == "k" and text.removeprefix("-").isdigit())):
                raise ValueError(f"{name} takes a whole number, got {given[name]!r}")
            values[name] = int(text)
            if name == "n" and values[name] < 1:
                raise ValueError(f"n must be at least 1, got {values[name]}")
            continue
        parts = given[name].split(",") if key.endswith("...") else [given[name]]
        numbers = [_number(name, part) for part in parts]
        for number in numbers:
            _check(name, number)
        values[name] = numbers if key.endswith("...") else numbers[0]
    if "sigma_hat2" in names and "sigma2" in values:
        values.setdefault("sigma_hat2", values["sigma2"])
    if isinstance(values.get("sigma2"), list):
        _check_spectrum(values)
    return values


def _check_spectrum(values: Mapping[str, Any]) -> None:
    true, d = values["sigma2"], values["d"]
    hats = values.get("sigma_hat2", true)
    if any(a < b for a, b in pairwise(true)):
        raise ValueError(f"sigma2 must be non-increasing, got {', '.join(map(str, true))}")
    if len(true) != len(hats):
        raise ValueError(f"sigma_hat2 must have as many entries as sigma2 ({len(true)}), got {len(hats)}")
    if not 1 <= d <= len(true):
        raise ValueError(f"d must lie in [1, {len(true)}], the number of variances, got {d}")


def enclose_quantity(quantity: Quantity, given: Mapping[str, str], digits: int) -> Any:
    """Enclose `quantity` with a relative radius below `10^-digits` (see `theory.evaluate.enclose_digits`).

    Raises:
        ValueError: bad arguments, or the quantity has no finite value there.
    """
    from theory.evaluate import enclose_digits

    arguments = parse_arguments(quantity, given)
    expression, values = quantity.build(arguments)
    if not quantity.root:
        return enclose_digits(expression, values, digits)
    horizon = arguments["T"]
    top = OU.noise_level.subs(tau, sp.Rational(horizon.numerator, horizon.denominator))
    return enclose_zero(expression, x, enclose_digits(top, {}, digits + 10), digits)


def enclose_zero(expression: sp.Expr, variable: sp.Symbol, top: Any, digits: int) -> Any:
    """Enclose the zero in `[0, top]` of a non-decreasing `expression`, by bisection on certain signs.

    Returns 0 or `top` where the expression does not change sign. `top` is a ball.

    Raises:
        ValueError: a sign cannot be decided (the expression vanishes on an interval).
    """
    from flint import arb

    program = compile_expression(expression, [variable])
    bits = int(3.33 * digits) + 64

    def sign(at: Any) -> int:
        for prec in (bits, 2 * bits, 4 * bits, 16 * bits):
            with precision(prec):
                ball = program.run(ArbBackend(), [at])
                if ball > 0:
                    return 1
                if ball < 0:
                    return -1
        return 0

    with precision(4 * bits):
        start = sign(as_ball(0))
        if start == 0 and expression.subs(variable, 0).is_zero is not True:
            raise ValueError("the sign of the slope at x = 0 cannot be decided")
        if start >= 0:
            return arb(0)
        if sign(arb(top.mid())) < 0 and sign(top) < 0:
            return top
        low, high = arb(0), arb(top.upper())
        while (high - low) * arb(10) ** (digits + 1) > high or low == 0:
            middle = arb(((low + high) / 2).mid())
            at_middle = sign(middle)
            if at_middle == 0:
                raise ValueError(f"the slope vanishes near x = {middle.str(15)}; the minimiser may not be unique")
            low, high = (low, middle) if at_middle > 0 else (middle, high)
        return low.union(high)
