"""One expression, three evaluators: they agree, and the balls contain the truth."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sympy import Float, Function, Piecewise, Rational, Symbol, exp, log, pi, sqrt

from theory.dimension import level, level_exact_score
from theory.evaluate import UnsupportedExpression, enclose, enclose_digits, evaluate_mpmath, numpy_function
from theory.evaluate.arb import as_ball, precision
from theory.frechet import criterion_term, curvature, increment, kept, slope
from theory.notation import X, sigma, sigma_hat, x
from theory.schedules import OU

EXPRESSIONS = {
    "kept": kept(),
    "slope": slope(),
    "curvature": curvature(),
    "criterion": criterion_term(),
    "increment": increment(),
}

scales = st.integers(-150, 150).map(lambda k: Fraction(10) ** k)
deviations = st.builds(lambda m, s: m * s, st.fractions(1, 10, max_denominator=50), scales)
moderate = st.fractions(Fraction(1, 100), 100, max_denominator=1000)
noise = st.one_of(st.just(Fraction(0)), st.just(Fraction(1)), st.fractions(0, 1, max_denominator=1000))


def mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


@pytest.mark.parametrize("name", EXPRESSIONS)
@given(s=deviations, h=deviations, a=noise)
@example(s=Fraction(10) ** 150, h=Fraction(1, 10**150), a=Fraction(0))
@example(s=Fraction(1), h=Fraction(1), a=Fraction(1, 2))
def test_balls_contain_what_mpmath_finds(name, s, h, a):
    point = {sigma: s, sigma_hat: h, x: a}
    ball = enclose(EXPRESSIONS[name], point, bits=200)
    with mpmath.workdps(1300):
        value = evaluate_mpmath(EXPRESSIONS[name], point, 1300)
        middle = mpmath.mpf(ball.mid().str(400, radius=False))
        radius = mpmath.mpf(ball.rad().str(30, radius=False)) * (1 + mpmath.mpf(10) ** -20)
        assert abs(value - middle) <= radius + abs(middle) * mpmath.mpf(10) ** -390


@pytest.mark.parametrize("name", EXPRESSIONS)
@given(s=moderate, h=moderate, a=noise)
def test_numpy_agrees_to_double_precision(name, s, h, a):
    point = {sigma: s, sigma_hat: h, x: a}
    got = float(numpy_function(EXPRESSIONS[name], sigma, sigma_hat, x)(float(s), float(h), float(a)))
    exact_inputs = {k: Fraction(float(v)) for k, v in point.items()}
    true = float(enclose_digits(EXPRESSIONS[name], exact_inputs, 20))
    # where terms cancel, the error is relative to the terms
    variance = float(a + (1 - a) * h**2)
    terms = {"kept": variance + float(s) ** 2, "increment": variance + 2 * float(s) * variance**0.5}
    terms["slope"] = (1 + float(s) / variance**0.5) * (1 + float(h) ** 2)
    terms["criterion"] = (1 + float(s / h)) * (1 + float(h) ** 2)
    terms["curvature"] = abs(true) + float(s) * (1 + float(h) ** 2) ** 2 / variance**1.5
    assert abs(got - true) <= 40 * np.finfo(float).eps * terms[name]


@given(s=deviations, h=deviations, a=noise)
def test_numpy_has_no_spurious_nan_at_any_scale(s, h, a):
    for name in ("kept", "slope", "increment"):
        value = float(numpy_function(EXPRESSIONS[name], sigma, sigma_hat, x)(float(s), float(h), float(a)))
        assert not np.isnan(value)


@given(tau=st.fractions(Fraction(1, 10**12), 30))
def test_stop_time_and_noise_level_are_inverse(tau):
    from theory.notation import tau as time

    noise_level = float(numpy_function(OU.noise_level, time)(float(tau)))
    if noise_level < 1:
        back = float(numpy_function(OU.time_of_noise, x)(noise_level))
        assert back == pytest.approx(float(tau), rel=1e-12 / (1 - noise_level) + 1e-14)


def test_time_near_the_data_keeps_its_digits():
    tiny = float(numpy_function(OU.time_of_noise, x)(1e-300))
    assert tiny == pytest.approx(5e-301, rel=1e-15)


@given(s=deviations, h=deviations, top=st.fractions(Fraction(1, 100), Fraction(99, 100)))
def test_clipped_levels_lie_in_their_interval_at_every_scale(s, h, top):
    for expression, symbols, values in (
        (level(), (sigma, sigma_hat, X), (s, h, top)),
        (level_exact_score(), (sigma, X), (s, top)),
    ):
        value = float(numpy_function(expression, *symbols)(*map(float, values)))
        assert 0 <= value <= float(top)
        ball = enclose(expression, dict(zip(symbols, values, strict=True)))
        assert float(ball) == pytest.approx(value, abs=1e-9)


def test_one_third_is_not_rounded_to_a_double():
    ball = enclose(Rational(1, 3) * x, {x: Fraction(3)}, bits=400)
    with precision(400):
        assert ball.contains(as_ball(1))
        assert ball.rad() < as_ball(Fraction(1, 2**300))


@pytest.mark.parametrize("bad", [Float(0.5) * x, Function("f")(x), x + Symbol("other")])
def test_what_cannot_be_evaluated_soundly_is_refused(bad):
    with pytest.raises(UnsupportedExpression):
        enclose(bad, {x: Fraction(1)})


def test_piecewise_and_constants():
    y = Symbol("y", nonnegative=True)
    cases = Piecewise((1 / (1 - y), y < 1), (pi, True))
    assert float(numpy_function(cases, y)(np.array([0.5, 1.0, 2.0])).tolist()[1]) == pytest.approx(np.pi)
    assert float(enclose(cases, {y: Fraction(1)})) == pytest.approx(np.pi)
    assert float(evaluate_mpmath(exp(log(y + 1)) ** sqrt(2), {y: Fraction(1)}, 30)) == pytest.approx(2**2**0.5)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_powers_of_balls_that_contain_zero_are_finite(k):
    # python-flint has nan for them
    ball = enclose((sqrt(x) - sqrt(sigma)) ** k, {x: Fraction(2), sigma: Fraction(2)})
    assert ball.is_finite()
    assert ball.contains(0)


def test_asked_digits_are_certain():
    for digits in (1, 5, 50, 500):
        ball = enclose_digits(sqrt(2) * x, {x: Fraction(1, 7)}, digits)
        assert ball.rel_accuracy_bits() >= 3.32 * digits
    with pytest.raises(ValueError, match="digits must be at least 1"):
        enclose_digits(x, {x: Fraction(1)}, 0)
    with pytest.raises(ValueError, match="no finite value"):
        enclose_digits(1 / x, {x: Fraction(0)}, 10)
