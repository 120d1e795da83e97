"""The bounds that decide which precision a point needs: they hold, and what they refuse is right all the same."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from sympy import Max, Min, Piecewise, UnevaluatedExpr, exp, log, pi, sqrt

from theory import values
from theory.capped_time import capped_variance_in_time, estimated
from theory.evaluate import double_double as dd
from theory.evaluate import kernels
from theory.evaluate.adaptive import AdaptiveFunction
from theory.evaluate.arb import BallFunction, precision
from theory.evaluate.forms import equivalent_forms
from theory.evaluate.program import compile_expression, log1p_less, twice
from theory.evaluate.running import SAFETY, Running
from theory.notation import T, cap, sigma, sigma_hat, tau, x

DRAWS = 400


def hard_points(rng, count, arguments):
    """Columns on all scales, with nearly equal entries, zeros, ones and their neighbours."""
    columns = []
    for _ in range(arguments):
        wide, usual = 10.0 ** rng.uniform(-300, 300, count), rng.uniform(0, 2, count)
        large = 10.0 ** rng.uniform(0, 3, count)
        ends = rng.choice([0.0, 1.0, 1 - 2.0**-53, 1 + 2.0**-52, 1e-300, 0.25, 5e-324], count)
        column = np.choose(rng.integers(0, 4, count), [wide, usual, large, ends])
        if columns:
            near = columns[-1] * (1 + rng.integers(-2, 3, count) * 10.0 ** rng.uniform(-16, -2, count))
            column = np.where(rng.random(count) < 0.3, near, column)
        columns.append(column)
    return columns


def checked_bounds(expression, symbols, columns, kernel):
    """The largest error over its bound, among points with a bound below 1; and how many there were."""
    backend = Running(kernel, careful=True)
    with np.errstate(all="ignore"):
        known = compile_expression(expression, symbols).run(backend, [backend.argument(c) for c in columns])
    bound = np.broadcast_to(known.error(), columns[0].shape) * (SAFETY * 2.0**-53)
    value = [
        np.broadcast_to(v, columns[0].shape)
        for v in (known.value if kernel.double else (known.value,))
        if v is not None
    ]
    balls = BallFunction(compile_expression(expression.replace(twice, UnevaluatedExpr), symbols))
    worst, tried = 0.0, 0
    for i in np.flatnonzero((bound < 1) & np.isfinite(known.lead)):
        for bits in (300, 3000, 20000):
            with precision(bits):
                ball = balls([arb(float(c[i])) for c in columns], bits)
                found = sum((arb(float(v[i])) for v in value), arb(0))
                if not ball.is_finite():
                    continue
                error, allowed = abs(ball - found), abs(found) * float(bound[i])
                if allowed == 0:
                    # exact, or 0 up to what no double can hold
                    assert error.contains(0) if found else error < arb(2) ** -1074
                elif error.rad() < allowed / 100:
                    worst = max(worst, float(error / allowed))
                else:
                    continue
                tried += 1
                break
    return worst, tried


EXPRESSIONS = {name: (build(), symbols) for name, (build, symbols) in values.FORMULAS.items()}
EXPRESSIONS["capped in time"] = (capped_variance_in_time(), (estimated, cap, T, tau))
EXPRESSIONS["mixed"] = (
    Max(sigma - x**3, Min(pi * sigma_hat, exp(-x))) - log(1 + sigma) / (1 + sqrt(x + sigma_hat)),
    (sigma, sigma_hat, x),
)
# each function of an argument that is rounded
EXPRESSIONS |= {
    "exp": (exp(-x / 3), (x,)),
    "expm1": (exp(x / 7) - 1, (x,)),
    "log": (log(x / 3), (x,)),
    "log1p": (log(1 + x / 3), (x,)),
    "log1p below": (log(1 - x / 3), (x,)),
    "log1p less": (x / 3 - log(1 + x / 3), (x,)),
    "log1p less below": (x / 3 + log(1 - x / 3), (x,)),
}


@pytest.mark.parametrize("kernel", [kernels.SINGLE, kernels.DOUBLE], ids=["float64", "double-double"])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_running_bounds_contain_the_error(name, kernel):
    expression, symbols = EXPRESSIONS[name]
    rng = np.random.default_rng([len(name), *name.encode()])
    for form in equivalent_forms(expression):
        worst, tried = checked_bounds(form, symbols, hard_points(rng, DRAWS, len(symbols)), kernel)
        assert worst <= 1
        assert tried > DRAWS / 10


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_forms_are_the_same_function(name):
    expression, symbols = EXPRESSIONS[name]
    forms = [
        BallFunction(compile_expression(form.replace(twice, UnevaluatedExpr), symbols))
        for form in equivalent_forms(expression)
    ]
    rng = np.random.default_rng(5)
    with precision(400):
        for _ in range(20):
            point = [arb(int(k)) / 64 for k in rng.integers(1, 63, len(symbols))]
            first, *others = (form(point, 400) for form in forms)
            if first.is_finite():
                for other in others:
                    assert other.is_finite()
                    assert abs(first - other) < arb(2) ** -300


def test_cancellation_is_rewritten_away_and_costs_no_precision():
    rng = np.random.default_rng(1)
    s, level = rng.uniform(0.1, 2, 1000), 10.0 ** rng.uniform(-140, 0, 1000)
    assert (values.evaluator("kept_term").tiers(s, s, level) == 0).all()
    assert (values.evaluator("chernoff_upper_exponent").tiers(10.0 ** rng.uniform(-140, 2, 1000), 5.0) == 0).all()


def test_every_tier_is_reached_and_right():
    f = AdaptiveFunction(sigma / (sigma - sigma_hat * x), (sigma, sigma_hat, x))
    points = [(3.0, 0.5, 0.1), (1.0, 1 / 3, 3.0), (1e-300, 1e-150, 1.0000000000000004e-150), (1.0, 0.5, 2.0)]
    columns = np.array(points).T
    assert f.tiers(*columns).tolist() == [0, 1, 2, 3]
    exact = [Fraction(a) / (Fraction(a) - Fraction(b) * Fraction(c)) for a, b, c in points[:3]]
    assert f(*columns).tolist() == [*(pytest.approx(float(v), rel=4e-16) for v in exact), np.inf]


def test_nan_arguments_give_nan_even_where_a_case_ignores_them():
    f = AdaptiveFunction(Piecewise((x, sigma < 1), (2, True)), (sigma, x))
    assert np.isnan(f([np.nan, 2.0, 0.5], [1.0, np.nan, np.nan])).all()
    assert f([2.0, 0.5], [1.0, 3.0]).tolist() == [2.0, 3.0]


def test_infinite_arguments_get_what_ieee_gives():
    f = AdaptiveFunction(1 / (1 + x), (x,))
    assert f([np.inf, 1.0]).tolist() == [0.0, 0.5]


def test_shapes_broadcast_and_may_be_empty():
    f = values.evaluator("kept_term")
    assert f(np.ones((2, 1)), np.ones(3), 0.5).shape == (2, 3)
    assert f([], [], []).shape == (0,)
    assert f(1.0, 0.5, 0.5).shape == ()
    with pytest.raises(ValueError, match="expected 3 arguments"):
        f(1.0)


def test_a_point_has_nearly_the_same_value_alone_and_in_a_crowd():
    # which tier takes a point may depend on its block, and the tiers differ in the last bits
    columns = hard_points(np.random.default_rng(2), 500, 2)
    level = np.random.default_rng(3).random(500)
    together = values.kept_term(*columns, level)
    alone = np.array([float(values.kept_term(a, b, c)) for a, b, c in zip(*columns, level, strict=True)])
    assert (np.abs(together - alone) <= 8 * np.spacing(together)).all()


def _fractions(value, i):
    return sum((Fraction(float(part[i])) for part in value if part is not None), Fraction(0))


@given(seed=st.integers(0, 2**32))
def test_double_double_errors_are_within_their_bounds(seed):
    rng = np.random.default_rng(seed)
    high = rng.standard_normal(20) * 2.0 ** rng.integers(-300, 300, 20)
    low = high * rng.uniform(-1, 1, 20) * 2.0**-54
    a = (high + low, low - ((high + low) - high))
    b0 = np.where(rng.random(20) < 0.5, -a[0] * (1 + rng.integers(-2, 3, 20) * 2.0**-52), rng.standard_normal(20))
    b = (b0, None) if rng.random() < 0.5 else (b0, b0 * 2.0**-55)
    unit = Fraction(dd.ROUNDING) / 2**53
    with np.errstate(all="raise"):
        results = {name: getattr(dd, name)(a, b) for name in ("add", "multiply", "divide")}
        root = dd.square_root((np.abs(a[0]), a[1] * np.sign(a[0])))
    for i in range(20):
        p, r = _fractions(a, i), _fractions(b, i)
        for name, true in (("add", p + r), ("multiply", p * r), ("divide", p / r)):
            assert abs(_fractions(results[name], i) - true) <= unit * abs(true)
        assert abs(_fractions(root, i) ** 2 - abs(p)) <= 2 * unit * abs(p)


def test_sums_and_products_of_two_doubles_are_exact_in_double_double():
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((2, 300)) * 2.0 ** rng.integers(-200, 200, (2, 300))
    for name, true in (("add", Fraction.__add__), ("multiply", Fraction.__mul__)):
        found = getattr(dd, name)((a, None), (b, None))
        for i in range(300):
            assert _fractions(found, i) == true(Fraction(float(a[i])), Fraction(float(b[i])))


@given(z=st.floats(-1, 1e300, exclude_min=True).filter(lambda z: z == 0 or abs(z) > 1e-150))
def test_log1p_less_keeps_its_digits(z):
    found = float(kernels.log1p_less(np.float64(z)))
    with precision(3000):
        true = arb(z).log1p() - arb(z)
        allowed = kernels.FUNCTIONS["log1p_less"][0] * 2.0**-53 / 2
        assert abs(true - arb(found)) <= abs(true) * allowed
    assert AdaptiveFunction(x - log(1 + x), (x,)).expression.has(log)
    assert equivalent_forms(x - log(1 + x))[0] == -log1p_less(x)
