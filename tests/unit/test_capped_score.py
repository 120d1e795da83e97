"""The capped score's variance: its equation and the printed forms exactly, an ODE solver numerically."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from scipy.integrate import solve_ivp
from sympy import Dummy, Expr, I, Integer, Pow, Rational, S, Symbol, cancel, exp, log, nan, oo, sqrt, together

from theory import capped_score as cs
from theory.evaluate import enclose, evaluate_mpmath, numpy_function
from theory.notation import T, cap, q, sigma, sigma_hat, tau

C = 1 + cs.cap_excess
H = Symbol("h", nonnegative=True)
#: `e^{-2(T-t')}`
p = Symbol("p", positive=True)


def exact(expr: Expr) -> Expr:
    """Canonical form after `C = 1 + C'`: `base^{a C' + n}` becomes `generator(base)^a base^n`, then `cancel`.

    `together` first: `cancel` alone leaves `C' + 1 + 1/(C'/(C' + 1) - 1)` as it stands.
    """
    shifted = expr.subs(cap, C)
    generators: dict[Expr, Expr] = {}
    rational: dict[Expr, Expr] = {}
    for power in shifted.atoms(Pow):
        if power.exp.has(cs.cap_excess):
            multiple = power.exp.expand().coeff(cs.cap_excess)
            rest = (power.exp - multiple * cs.cap_excess).expand()
            assert multiple.is_Integer
            assert rest.is_Integer
            generator = generators.setdefault(cancel(power.base), Dummy("g", positive=True))
            rational[power] = generator**multiple * power.base**rest
    return cancel(together(shifted.xreplace(rational)))


@pytest.mark.parametrize("regime", cs.REGIMES, ids=lambda r: r.name)
def test_every_phase_solves_its_equation_from_its_start(regime: cs.Regime) -> None:
    for phase in regime.phases:
        assert exact(phase.residual()) == 0
        assert exact(phase.start_gap()) == 0


@pytest.mark.parametrize("regime", cs.REGIMES, ids=lambda r: r.name)
def test_a_wrong_variance_leaves_a_residual(regime: cs.Regime) -> None:
    for phase in regime.phases:
        v = phase.variance
        assert exact(phase.residual(2 * v)) != 0
        assert exact(phase.start_gap(2 * v)) != 0


def test_the_phases_join_at_the_switch() -> None:
    free, capped = cs.FROM_SWITCH.phases
    assert capped.first == cs.switch_level()
    assert exact(free.variance.subs(cs.y, cs.switch_level()) - capped.start) == 0
    assert exact(cs.uncapped_weight().subs(cs.y, cs.switch_level()) - cap) == 0
    assert exact(exp(-2 * cs.switch_time()) - cs.switch_level()) == 0


@pytest.mark.parametrize("regime", cs.REGIMES, ids=lambda r: r.name)
def test_the_residual_in_y_is_the_variance_equation_of_the_sde(regime: cs.Regime) -> None:
    for phase in regime.phases:
        in_time = {cs.y: exp(-2 * tau)}
        sde = cs.capped_sde(phase.weight.subs(in_time))
        difference = sde.residual(phase.variance.subs(in_time)) - 2 * phase.residual().subs(in_time)
        assert exact(difference.subs(tau, -log(cs.y) / 2)) == 0


def printed_sum(switch: Expr, E: Expr) -> Expr:
    """The printed sum; `switch = e^{-2(T-t')}`, `E = e^{(2-4C)(T-t')}`, `e^{-2(T+t')} = q^2/switch`."""
    c = 1 - sigma_hat**2
    tail = (1 - c * switch) / (1 - c * q) * (1 - 2 * c * q + c * q**2 / switch) / (1 - c * q)
    return (1 - E) / (2 * cap - 1) + E * tail


def test_the_printed_sum_is_the_sum_of_19_and_20() -> None:
    c = 1 - sigma_hat**2
    E = p ** (2 * cap - 1)
    eq19 = q * p ** (2 * cap - 2) * ((1 - c * p) / (1 - c * q)) ** 2
    eq20 = (1 - E) / (2 * cap - 1) + (1 - c * p) * p ** (2 * cap - 2) * (p - q) / (1 - c * q)
    assert exact(eq19 + eq20 - printed_sum(p, E)) == 0


def test_18_is_the_propagator_on_both_sides_of_the_switch() -> None:
    """The logarithm of [18] has slope `-2 (1 - 2m)` in `s`, `y = e^{-2(T-s)}`, and vanishes at `s = T`."""
    c = 1 - sigma_hat**2
    y = cs.y
    # s <= t': e^{2(T-s)} = 1/y, e^{-4C(T-t')} = p^{2C}, e^{-4(t'-s)} = (y/p)^2
    before = p ** (2 * cap) / y * (y / p) ** 2 * ((1 - c * p) / (1 - c * y)) ** 2
    after = y ** (2 * cap) / y
    for factor, weight in ((before, cs.uncapped_weight()), (after, cap)):
        # d/ds = 2 y d/dy
        assert exact(2 * y * factor.diff(y) / factor + 2 * (1 - 2 * weight)) == 0
    assert exact(before.subs(y, p) - after.subs(y, p)) == 0
    assert after.subs(y, 1) == 1


def test_the_regimes_at_T_are_the_printed_forms() -> None:
    c = 1 - sigma_hat**2
    eq21 = sigma_hat**2 * (1 - 2 * c * q + c * q**2) / (1 - 2 * c * q + c**2 * q**2)
    assert exact(cs.NEVER.final - eq21) == 0
    level = cs.switch_level()
    E = level ** (2 * cap - 1)
    assert exact(cs.FROM_SWITCH.final - printed_sum(level, E)) == 0
    # t' = 0 in the printed sum gives the third regime
    assert exact(cs.THROUGHOUT.final - printed_sum(q, q ** (2 * cap - 1))) == 0


CASES = [
    # sigma_hat^2, C, T: never, never (sigma_hat > 1), at the cap, from the switch, throughout, 0, 0
    ("3/5", "7/2", "9/10"),
    ("9/4", "11/10", "3/2"),
    ("1/4", "4", "2"),
    ("1/50", "7", "3/2"),
    ("1/50", "7/5", "1/10"),
    ("0", "3", "1"),
    ("0", "30", "1/100"),
]


@pytest.mark.parametrize(("h", "C_value", "horizon"), CASES)
def test_against_an_ode_solver(h: str, C_value: str, horizon: str) -> None:
    h_value, bound, end = Rational(h), Rational(C_value), Rational(horizon)

    def weight(forward: float) -> float:
        uncapped = 1 - (1 - float(h_value)) * math.exp(-2 * forward)
        return float(bound) if float(bound) * uncapped <= 1 else 1 / uncapped

    times = np.linspace(0.0, float(end), 9)
    solution = solve_ivp(
        lambda time, v: 2 * (1 - 2 * weight(float(end) - time)) * v + 2,
        (0.0, float(end)),
        [1.0],
        t_eval=times,
        rtol=1e-11,
        atol=1e-13,
        max_step=float(end) / 400,
    )
    form = cs.generated_variance_capped().subs({sigma_hat: sqrt(h_value), cap: bound, q: exp(-2 * end)})
    for k, time in enumerate(times):
        stop = end * Rational(k, 8)
        value = form.subs(cs.y, exp(-2 * (end - stop)))
        assert value is not nan
        # the weight has a kink at the switch, which costs the solver digits within one step of it
        assert float(value) == pytest.approx(solution.y[0, k], rel=2e-7), (h, C_value, horizon, time)


def test_the_evaluators_agree_in_every_regime_and_on_their_borders() -> None:
    form = cs.generated_variance_capped().subs(sigma_hat, sqrt(H))
    symbols = (H, cap, q, cs.y)
    points = [
        ("9/4", "2", "1/9", "1"),
        ("1", "3/2", "1/9", "1/2"),
        ("1/3", "3", "1/9", "1"),
        ("0", "3/2", "1/9", "1"),
    ]
    points += [("1/50", "7", "1/9", "2/3"), ("0", "3/2", "9/10", "1"), ("0", "3/2", "1/3", "1")]
    for point in points:
        values = dict(zip(symbols, map(Fraction, point), strict=True))
        exact_value = form.subs({s: Rational(v) for s, v in values.items()})
        ball = enclose(form, values)
        with ctx.workprec(300):  # else the fraction itself is rounded to 53 bits before it is compared
            assert ball.contains(arb(fmpq(int(exact_value.p), int(exact_value.q))))
        assert float(ball.rad()) < 1e-25
        assert abs(evaluate_mpmath(form, values) - mpmath.mpf(exact_value.p) / exact_value.q) < 1e-14
        numbers = [float(v) for v in values.values()]
        assert numpy_function(form, *symbols)(*numbers) == pytest.approx(float(exact_value), rel=1e-13)


def test_score_weight_is_the_projection_of_the_minimiser() -> None:
    m = Symbol("m", positive=True)
    assert cancel(cs.score_risk(m).diff(m) - cs.score_risk_slope(m)) == 0
    assert cancel(cs.score_risk_slope(cs.uncapped_weight())) == 0
    values = {sigma_hat: Rational(1, 4), cap: Integer(2)}
    assert cs.score_weight().subs(values).subs(cs.y, 1) == 2
    assert cs.score_weight().subs(values).subs(cs.y, Rational(1, 4)) == 1 / (1 - Rational(15, 64))
    assert cs.score_weight().subs({sigma_hat: S.Zero, cs.y: S.One, cap: Integer(5)}) == 5


def test_increment_vanishes_at_four_times_the_true_variance() -> None:
    assert cancel(cs.increment_capped(4 * sigma**2)) == 0
    assert cs.increment_capped(9 * sigma**2).subs(sigma, 2) == 12


def test_dimensions_and_their_empty_sets() -> None:
    hats = [Rational(1, 2), Rational(1, 10), Rational(1, 100)]
    assert cs.lower_dimension(hats, Integer(10)) == 2
    assert cs.lower_dimension(hats, Rational(3, 2)) == 1  # empty
    assert cs.lower_dimension(hats, oo) == 3
    assert cs.lower_dimension([Integer(1), Integer(0)], oo) == 2
    assert cs.upper_dimension(hats, Rational(3, 2)) == 2
    assert cs.upper_dimension(hats, Integer(13)) == 3
    assert cs.upper_dimension(hats, Integer(100)) == 3  # empty
    assert cs.upper_dimension(hats, oo) == 3
    assert cs.upper_dimension([*hats, Integer(0), Integer(0)], oo) == 4
    # a tie counts: 1/(2C-1) = 4 sigma^2 at C = 3, sigma^2 = 1/20
    assert cs.upper_dimension([Rational(1, 19), Rational(1, 20)], Integer(3)) == 2


@pytest.mark.parametrize(
    ("variances", "bound", "named"),
    [
        ([Rational(1, 2)], Integer(1), "C must"),
        ([Rational(1, 2)], nan, "C must"),
        ([], Integer(2), "at least one"),
        ([Rational(1, 2), Integer(1)], Integer(2), "non-increasing"),
        ([Integer(-1)], Integer(2), "non-negative"),
        ([Symbol("v")], Integer(2), "compared"),
        ([1 + I], Integer(2), "compared"),
    ],
)
def test_bad_input_is_named(variances: list[Expr], bound: Expr, named: str) -> None:
    for dimension in (cs.lower_dimension, cs.upper_dimension):
        with pytest.raises(ValueError, match=named):
            dimension(variances, bound)


def test_shortest_horizon_is_where_the_bound_is_attained() -> None:
    """At `q0 = 2/(1 + 2/sqrt(3-eps))` the worst `sigma_hat` gives exactly `V(T) = 4 sigma^2`."""
    for eps in (Integer(0), Rational(1, 2), Integer(1)):
        q0 = 1 / (Rational(1, 2) + 1 / sqrt(3 - eps))
        assert cancel(exp(-2 * cs.shortest_horizon(eps)) - q0) == 0
        c = Rational(1, 2) + sqrt(3 - eps) / 4  # where c + sqrt(c (1-c) (1+eps)/(3-eps)) is largest
        v = cs.NEVER.final.subs(sigma_hat, sqrt(1 - c))
        target = 4 * (1 - c) / (1 + eps)
        assert abs((v.subs(q, q0) - target).evalf(40)) < 1e-35
        assert (v.subs(q, q0 * Rational(101, 100)) - target).evalf(40) > 0
        assert (v.subs(q, q0 * Rational(99, 100)) - target).evalf(40) < 0
    with pytest.raises(ValueError, match="eps"):
        cs.shortest_horizon(Integer(2))
    with pytest.raises(ValueError, match="eps"):
        cs.shortest_horizon(T)
