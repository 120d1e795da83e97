"""Fifty digits: balls beside lambdified mpmath and SymPy's `evalf`, on the same expressions and points.

Ours is timed three ways: `columns` (the compiled function at many points, arguments already balls), `enclose_many`
(from fractions) and `enclose_digits` (one call from fractions, precision raised until 50 digits are certain). The peer
is `sympy.lambdify(..., "mpmath")` at 50 digits with arguments already `mpf`, which is the fastest way of using it, and
has no error bound. Every enclosure that is timed is also checked.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp
from table import Figure, pair, seconds, seconds_text

from theory.capped_score import generated_variance_capped, y
from theory.evaluate import enclose, enclose_digits, enclose_many
from theory.evaluate.arb import as_ball, ball_function, precision
from theory.frechet import curvature, kept, slope
from theory.notation import cap, q, sigma, sigma_hat, tau, x
from theory.quantities import QUANTITIES, enclose_quantity
from theory.schedules import OU
from theory.tricomi import expected_kept, expected_kept_slope

__all__ = ["figures"]

DIGITS = 50
BITS = 200
TARGET = 5.0
Point = dict[sp.Symbol, Fraction]


def _fraction(rng: random.Random, low: int, high: int, scale: int = 1000) -> Fraction:
    return Fraction(rng.randint(low, high), scale)


def _expressions() -> dict[str, tuple[sp.Expr, Callable[[random.Random], Point]]]:
    def term(rng: random.Random) -> Point:
        return {sigma: _fraction(rng, 1, 3000), sigma_hat: _fraction(rng, 1, 3000), x: _fraction(rng, 1, 999)}

    def capped(rng: random.Random) -> Point:
        first = _fraction(rng, 1, 900)
        stop = first + (1 - first) * _fraction(rng, 0, 1000)
        return {sigma_hat: _fraction(rng, 1, 3000), cap: 1 + _fraction(rng, 1, 9000), q: first, y: stop}

    def expected(rng: random.Random) -> Point:
        return {sigma: _fraction(rng, 1, 3000), x: _fraction(rng, 1, 999)}

    return {
        "kept term": (kept(), term),
        "slope": (slope(), term),
        "curvature": (curvature(), term),
        "capped variance": (generated_variance_capped(), capped),
        "stop time": (OU.time_of_noise, lambda rng: {x: _fraction(rng, 1, 999)}),
        "noise level": (OU.noise_level, lambda rng: {tau: _fraction(rng, 1, 9000)}),
        "expected term, n = 10": (expected_kept(10), expected),
        "expected slope, n = 10": (expected_kept_slope(10), expected),
    }


def _mpf(value: Fraction) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator


def _lambdified(expression: sp.Expr, symbols: list[sp.Symbol]) -> Callable[..., Any]:
    return sp.lambdify(symbols, expression, [{"tricomi_u": mpmath.hyperu}, "mpmath"])


def _contained(ball: Any, expression: sp.Expr, point: Point, function: Callable[..., Any]) -> bool:
    """Whether the ball holds the value at twice the digits, by Arb and by mpmath, and is as narrow as promised."""
    finer = enclose(expression, point, 6 * BITS)
    with mpmath.workdps(3 * DIGITS):
        value = function(*(_mpf(v) for v in point.values()))
        other = value.real if isinstance(value, mpmath.mpc) else value
        text = mpmath.nstr(other, 2 * DIGITS + 10)
    with precision(6 * BITS):
        from flint import arb

        near = arb(text, abs(finer.mid()) * arb(10) ** -(2 * DIGITS))
        return bool(ball.contains(finer) and ball.overlaps(near) and ball.rad() <= abs(ball.mid()) * arb(10) ** -DIGITS)


def _times(name: str, expression: sp.Expr, points: list[Point], rounds: int) -> Iterator[Figure]:
    symbols = list(points[0])
    function = _lambdified(expression, symbols)
    balls = ball_function(expression, tuple(symbols))
    with precision(BITS):
        columns = [[as_ball(point[s]) for point in points] for s in symbols]
    lists = {s: [point[s] for point in points] for s in symbols}

    def compiled() -> object:
        with precision(BITS):
            return balls.columns(columns, BITS)

    with mpmath.workdps(DIGITS):
        arguments = [[_mpf(v) for v in point.values()] for point in points]

        def peer() -> object:
            return [function(*row) for row in arguments]

        many = pair(compiled, peer, rounds)
        fractions = pair(lambda: enclose_many(expression, lists, BITS), peer, rounds)
        single = pair(lambda: [enclose_digits(expression, p, DIGITS) for p in points], peer, rounds)
    few = points[:3]
    evalf = seconds(lambda: [expression.evalf(DIGITS, subs=_rationals(p)) for p in few], 1) / len(few)
    count = len(points)
    yield Figure(
        "precision",
        f"{name}: at least {TARGET:g} times as fast as lambdified mpmath, {DIGITS} digits",
        f"{seconds_text(many.ours / count)} a point",
        f"{seconds_text(many.peer / count)} lambdified, {seconds_text(evalf)} evalf",
        many.ratio,
        many.ratio >= TARGET,
        f"from fractions x{fractions.ratio:.3g}; one call of enclose_digits x{single.ratio:.3g}",
    )


def _rationals(point: Point) -> dict[sp.Symbol, sp.Rational]:
    return {s: sp.Rational(v.numerator, v.denominator) for s, v in point.items()}


def _spectrum(D: int, rounds: int) -> Iterator[Figure]:
    """`F(d, x)` for a spectrum, as the command evaluates it, beside a sum of lambdified terms."""
    rng = random.Random(5)
    true = sorted((_fraction(rng, 1, 4000) for _ in range(D)), reverse=True)
    hats = [value * _fraction(rng, 800, 1200) for value in true]
    d, level = 3 * D // 4, Fraction(1, 7)
    given = {
        "sigma2": ",".join(map(str, true)), "sigma_hat2": ",".join(map(str, hats)), "d": str(d), "x": str(level),
    }  # fmt: skip
    function = _lambdified(kept(), [sigma, sigma_hat, x])
    from theory.quantities import parse_arguments

    quantity = QUANTITIES["F"]
    total = quantity.build(parse_arguments(quantity.arguments, given))
    with mpmath.workdps(DIGITS):
        first, second, at = [_mpf(v) for v in true], [_mpf(v) for v in hats], _mpf(level)

        def peer() -> Any:
            pairs = zip(first[:d], second, strict=False)
            return sum(function(mpmath.sqrt(s), mpmath.sqrt(h), at) for s, h in pairs) + sum(first[d:])

        def ours() -> Any:
            with precision(BITS):
                return total.ball(BITS)

        both = pair(ours, peer, rounds)
        whole = seconds(lambda: enclose_quantity(quantity, given, DIGITS), rounds)
        ball = ours()
        with precision(4 * BITS):
            finer = total.ball(4 * BITS)
        held = ball.contains(finer)
    yield Figure(
        "precision",
        f"F(d, x), D = {D}: at least {TARGET:g} times as fast as lambdified mpmath, {DIGITS} digits",
        f"{seconds_text(both.ours)}, from fractions",
        f"{seconds_text(both.peer)}, summed term by term",
        both.ratio,
        both.ratio >= TARGET and bool(held),
        f"with reading the command's arguments and certifying {DIGITS} digits {seconds_text(whole)}",
    )


def figures(*, quick: bool) -> Iterator[Figure]:
    """One figure for each expression, one for a spectrum, one for what the balls contain."""
    rng = random.Random(2024)
    count, rounds = (20, 1) if quick else (400, 7)
    checked = failed = 0
    for name, (expression, draw) in _expressions().items():
        points = [draw(rng) for _ in range(count)]
        function = _lambdified(expression, list(points[0]))
        for point in points[: 20 if quick else 200]:
            checked += 1
            failed += not _contained(enclose_digits(expression, point, DIGITS), expression, point, function)
        yield from _times(name, expression, points if "expected" not in name else points[:40], rounds)
    yield from _spectrum(64 if quick else 512, rounds)
    yield Figure(
        "precision",
        f"radius: every ball holds the value to {2 * DIGITS} digits (Arb, mpmath) and is below 1e-{DIGITS} of it",
        f"{checked - failed} of {checked} balls",
        f"mpmath {mpmath.__version__} ({mpmath.libmp.BACKEND}) has no radius",
        None,
        failed == 0,
    )
