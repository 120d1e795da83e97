"""The expected distance: against Arb, against mpmath's quadrature, against samples, and at its edges."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import acb, arb, ctx
from sympy import Rational

from theory.evaluate import enclose, enclose_digits, evaluate_mpmath, numpy_function
from theory.evaluate.arb import precision
from theory.expected import (
    coordinate_level,
    expected_distance,
    expected_level,
    expected_root,
    expected_slope,
    expected_term,
    probability_reading_b_fails,
)
from theory.notation import coordinate, sigma, x
from theory.quantities import QUANTITIES, enclose_quantity
from theory.stopping import optimal_noise_levels
from theory.tricomi import expected_kept, expected_kept_slope, initial_slope, moment, root_mean, tricomi_u

LEVELS = (1e-300, 1e-12, 1e-3, 0.5, 0.999)
VARIANCES = (1e-300, 1e-5, 0.3, 1.0, 7.0, 1e8, 1e300)


def _ball(value: float) -> arb:
    return arb(value)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 20, 200])
def test_every_digit_against_arb(n: int) -> None:
    """Root and term to 4e-15; the slope to 1e-13 unless its two parts cancel."""
    for s in VARIANCES:
        for level in LEVELS:
            with precision(2400):
                b = 2 * (1 - _ball(level)) * _ball(s) / n
                root = b.sqrt() * (_ball(level) / b).hypgeom_u(arb(-1) / 2, arb(1 - n) / 2)
                term = _ball(level) + (1 - _ball(level)) * _ball(s) + _ball(s) - 2 * _ball(s).sqrt() * root
                assert root.rel_accuracy_bits() > 60
                assert float(expected_root(s, n, level)) == pytest.approx(float(root), rel=4e-15)
                if float(term) > 1e-305:
                    assert float(expected_term(s, n, level)) == pytest.approx(float(term), rel=4e-15)


@pytest.mark.parametrize("n", [1, 2, 7, 200])
def test_slope_against_the_derivative_of_the_closed_form(n: int) -> None:
    for s, level in ((Fraction(1, 4), Fraction(1, 1024)), (Fraction(9), Fraction(1, 2)), (Fraction(1), Fraction(3, 4))):
        root = Fraction(int(s.numerator**0.5 + 0.5), int(s.denominator**0.5 + 0.5))
        true = float(enclose_digits(expected_kept_slope(n), {sigma: root, x: level}, 20))
        assert float(expected_slope(float(s), n, float(level))) == pytest.approx(true, rel=1e-13)


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_closed_form_against_the_defining_integral(n: int) -> None:
    """30 digits by Arb's rigorous integration in `q = t^2` (no branch point for real t)."""
    level, s = Fraction(1, 3), Fraction(1, 4)
    formula = enclose_digits(root_mean(n), {sigma: Fraction(1, 2), x: level}, 32)
    with precision(200):
        a, b = arb(1) / 3, (arb(2) / 3) / 4 / n

        def integrand(t: acb, analytic: bool) -> acb:
            return 2 * t ** (n - 1) * (-t * t / 2).exp() * (a + b * t * t).sqrt(analytic=analytic)

        mass = arb(2) ** (arb(n) / 2) * (arb(n) / 2).gamma()
        value = acb.integral(integrand, 0, 40).real / mass
        assert abs(value - formula) < arb(10) ** -30
    assert s * n > 0


@pytest.mark.parametrize("n", [10**5, 10**9])
def test_large_samples_follow_the_expansion_in_1_over_n(n: int) -> None:
    """`E (sqrt(v) - sigma)^2` at x = 0 is `2 sigma^2 (1 - m_1)`, `1 - m_1 = 1/(4n) - 1/(32 n^2) + O(n^-3)`."""
    expected = 2 * 3.0 * (1 / (4 * n) - 1 / (32 * n**2))
    assert float(expected_term(3.0, n, 0.0)) == pytest.approx(expected, rel=1e-13)
    slope = -(3 + 3.0) / (4 * n)
    assert float(expected_slope(3.0, n, 0.0)) == pytest.approx(slope, rel=3 / n + 1e-13)


@pytest.mark.parametrize("n", [2, 3, 30])
def test_initial_slope_is_the_formula_of_the_moments(n: int) -> None:
    true = float(enclose(initial_slope(1, n).subs(coordinate(1), 2), {}))
    assert float(expected_slope(4.0, n, 0.0)) == pytest.approx(true, rel=1e-13)
    assert true < 0


def test_edges() -> None:
    assert float(expected_slope(2.0, 1, 0.0)) == -np.inf
    assert np.isfinite(expected_slope(1e300, 1, 1e-300))
    assert float(expected_root(0.0, 3, 0.25)) == 0.5
    assert float(expected_slope(0.0, 3, 0.0)) == 1.0
    assert float(expected_term(0.0, 3, 0.0)) == 0.0
    assert float(expected_term(4.0, 3, 1.0)) == 1.0
    assert expected_distance([4, 1, 0.5], 3, 0, [0.0, 1.0]).tolist() == [5.5, 5.5]
    assert expected_root([1.0, 4.0], 3, [[0.0], [1.0], [0.5]]).shape == (3, 2)


def test_distance_against_samples() -> None:
    """200,000 draws; at five standard errors the false-alarm rate is below 1e-5."""
    rng = np.random.default_rng(5)
    s, n, d, level = np.array([4.0, 1.0, 0.25, 0.1]), 3, 3, 0.2
    h = s * rng.chisquare(n, (200_000, 4)) / n
    F = np.sum((np.sqrt(level + (1 - level) * h[:, :d]) - np.sqrt(s[:d])) ** 2, axis=1) + s[d:].sum()
    error = F.std() / np.sqrt(len(F))
    assert abs(float(expected_distance(s, n, d, level)) - F.mean()) < 5 * error


@pytest.mark.parametrize("n", [1, 2, 9, 10**6])
def test_levels_are_where_the_slope_changes_sign(n: int) -> None:
    s = np.array([1e6, 4.0, 0.99, 0.5, 1e-8, 1e-300])
    levels = coordinate_level(s, n)
    assert (expected_slope(s, n, levels * (1 - 1e-9)) < 0).all()
    assert (expected_slope(s, n, np.minimum(levels * (1 + 1e-9), 1)) > 0).all()
    sums = expected_level(s, n, 0.9)
    for d, level in enumerate(sums, 1):
        below, above = (np.sum(expected_slope(s[:d], n, level * f)) for f in (1 - 1e-9, 1 + 1e-9))
        assert below < 0
        assert above > 0 or level == 0.9


def test_levels_at_the_ends() -> None:
    assert coordinate_level([0.0, 1.0], 4).tolist() == [0.0, 1.0]
    assert expected_level([1.0, 1.0], 4, 0.7).tolist() == [0.7, 0.7]
    assert expected_level([4.0, 0.0], 10, 0.7)[1] == 0.0
    assert expected_level([4.0, 2.0], 10, 0.0).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("s", "n", "X"), [((0.5, 0.25), 2, 0.9), ((4.0, 0.25), 3, 0.9), ((4.0, 2.0), 5, 0.9), ((0.5, 0.25), 1, 0.3)]
)
def test_probability_against_samples(s: tuple[float, float], n: int, X: float) -> None:
    """1000 samples, exact minimisers; 4.5 standard errors of at most 0.016, false-alarm rate below 1e-5."""
    rng = np.random.default_rng(17)
    failures = 0
    for row in np.array(s) * rng.chisquare(n, (1000, 2)) / n:
        stops, _ = optimal_noise_levels(s, row, X)
        failures += bool(stops[1] > stops[0])
    p = probability_reading_b_fails(s, n, X)
    assert abs(failures / 1000 - p) < 4.5 * np.sqrt(p * (1 - p) / 1000)


def test_probability_tends_to_the_cone_and_exceeds_the_bound() -> None:
    assert probability_reading_b_fails((0.5, 0.25), 10**8, 0.9) == pytest.approx(0.20762, abs=1e-4)
    assert probability_reading_b_fails((0.5, 0.25), 2, 0.9) > 0.0625
    assert probability_reading_b_fails((1.0, 0.25), 5, 0.9) == 0.0


def test_tricomi_function_in_every_evaluator() -> None:
    expression = tricomi_u(-Rational(1, 2), -Rational(3, 2), x)
    point = {x: Fraction(5, 7)}
    true = enclose_digits(expression, point, 40)
    with mpmath.workdps(40):
        assert float(abs(mpmath.mpf(true.str(38, radius=False)) - evaluate_mpmath(expression, point, 40))) < 1e-36
    assert float(numpy_function(expression, x)(5 / 7)) == pytest.approx(float(true), rel=1e-15)
    value = expected_kept(5).subs({sigma: 2, x: Rational(1, 2)}).evalf(20)
    assert float(value) == pytest.approx(float(expected_term(4.0, 5, 0.5)), rel=1e-14)
    assert ctx.prec == 53


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: expected_root(-1.0, 3, 0.5), "sigma2 must be finite and >= 0"),
        (lambda: expected_root(1.0, 0, 0.5), "n must be at least 1"),
        (lambda: expected_root(1.0, 2.5, 0.5), "n must be a whole number"),
        (lambda: expected_root(1.0, 3, 1.5), r"x must lie in \[0, 1\]"),
        (lambda: expected_distance([1.0], 3, 2, 0.5), "d must lie in"),
        (lambda: expected_level([[1.0]], 3, 0.5), "non-empty list"),
        (lambda: expected_level([1.0], 3, 1.5), r"X must lie in \[0, 1\]"),
        (lambda: probability_reading_b_fails([1.0], 3, 0.5), "two finite variances"),
        (lambda: probability_reading_b_fails([1.0, 2.0], 3, 0.0), r"X must lie in \(0, 1\]"),
        (lambda: moment(-1, 1), "infinite"),
    ],
)
def test_what_is_refused(call, words) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_quantities_agree_with_the_numbers() -> None:
    given = {"sigma2": "4,1/2", "n": "10", "d": "2", "T": "2"}
    level = float(enclose_quantity(QUANTITIES["expected-level"], given, 15))
    assert level == pytest.approx(float(expected_level([4, 0.5], 10, -np.expm1(-4.0))[1]), rel=1e-13)
    given = {"sigma2": "4,1/2", "n": "3", "d": "1", "x": "1/4"}
    known = {
        "expected-distance": expected_distance([4, 0.5], 3, 1, 0.25),
        "expected-slope": expected_slope(4, 3, 0.25),
    }
    for name, value in known.items():
        assert float(enclose_quantity(QUANTITIES[name], given, 15)) == pytest.approx(float(value), rel=1e-13)
    root = enclose_quantity(QUANTITIES["expected-root"], {"sigma2": "4", "n": "3", "x": "1/4"}, 15)
    assert float(root) == pytest.approx(float(expected_root(4, 3, 0.25)), rel=1e-14)
    assert float(enclose_quantity(QUANTITIES["moment"], {"n": "2", "k": "-1"}, 15)) == pytest.approx(np.sqrt(np.pi))
    refused = {("0", "1"): "at least 1", ("2", "x"): "whole number", ("1", "-1"): "infinite"}
    for (n, k), words in refused.items():
        with pytest.raises(ValueError, match=words):
            enclose_quantity(QUANTITIES["moment"], {"n": n, "k": k}, 15)
