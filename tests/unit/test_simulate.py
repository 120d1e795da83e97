"""Chains, streams, training sets and estimators: exact expectations and exact laws, no tolerance on a sample."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from theory.bures import bures_squared, factor
from theory.capped_score import generated_variance_capped, y
from theory.evaluate import numpy_function
from theory.notation import cap, q, sigma_hat
from theory.process import backward, diffused_variance
from theory.schedules import GENERAL, OU, linear_rate
from theory.simulate import (
    GaussianChain,
    Moments,
    common_numbers_gain,
    decode,
    empirical_axes,
    estimated_variances,
    euler_chain,
    euler_variances,
    exact_chain,
    frechet_diagonal,
    frechet_general,
    generator,
    log_snr_grid,
    second_moments,
    simulate_blocks,
    simulate_paths,
    term_law,
    training_set,
    uniform_grid,
    variance_interval,
    wishart_factor,
)
from theory.simulate.streams import BLOCK
from theory.simulate.transitions import (
    capped_factor,
    capped_noise,
    factor_residual,
    free_factor,
    free_noise,
    tau_start,
)

SPECTRUM = np.array([4.0, 1.0, 0.6, 0.2, 1e-3, 1e-10, 0.0])


@pytest.mark.parametrize("schedule", [OU, GENERAL])
def test_transitions_solve_their_equations(schedule):
    free = backward(schedule, diffused_variance(schedule, sigma_hat**2), sp.Integer(1))
    held = backward(schedule, 1 / cap, sp.Integer(1))
    for sde, phi, noise in (
        (free, free_factor(schedule, sigma_hat**2), free_noise(schedule, sigma_hat**2)),
        (held, capped_factor(schedule), capped_noise(schedule)),
    ):
        from sympy import powsimp, simplify

        assert simplify(factor_residual(sde, phi)) == 0
        assert simplify(sde.residual(noise)) == 0
        assert powsimp(simplify(phi.subs(sp.Symbol("tau", nonnegative=True), tau_start))) == 1
        assert simplify(noise.subs(sp.Symbol("tau", nonnegative=True), tau_start)) == 0
        assert simplify(factor_residual(sde, phi**2)) != 0


def test_factor_residual_refuses_a_forward_process():
    from theory.process import forward

    with pytest.raises(ValueError, match="backward"):
        factor_residual(forward(OU, sigma_hat**2), sp.Integer(1))


@pytest.mark.parametrize("schedule", [OU, linear_rate(sp.Rational(1, 2), sp.Integer(3))])
def test_exact_chain_has_the_closed_form_variances_at_any_stops(schedule):
    law = numpy_function(diffused_variance(schedule, sigma_hat**2), sp.Symbol("tau", nonnegative=True), sigma_hat)
    for grid in (uniform_grid(2.0, 40), np.array([2.0, 1e-3, 1e-12, 0.0]), np.array([2.0, 0.0]), np.array([1.3])):
        expected = law(grid[:, None], np.sqrt(SPECTRUM))
        np.testing.assert_allclose(exact_chain(grid, SPECTRUM, schedule=schedule).variances(), expected, rtol=1e-13)
    assert exact_chain([2.0, 0.0], [0.0]).variances()[-1] == 0


@pytest.mark.parametrize("bound", [1.01, 3.0, 50.0, 1e3])
def test_capped_chain_meets_the_closed_form_in_every_regime(bound):
    for horizon in (0.05, 2.0):
        grid = uniform_grid(horizon, 60)
        closed = numpy_function(generated_variance_capped(), y, q, cap, sigma_hat)
        expected = closed(np.exp(-2 * grid)[:, None], np.exp(-2 * horizon), bound, np.sqrt(SPECTRUM))
        chain = exact_chain(grid, SPECTRUM, cap=bound, start="standard")
        np.testing.assert_allclose(chain.variances(), expected, rtol=1e-11)
    assert np.array_equal(exact_chain(grid, SPECTRUM, cap=np.inf).factors, exact_chain(grid, SPECTRUM).factors)


@pytest.mark.parametrize("options", [{}, {"start": "standard"}, {"cap": 3.0, "start": "standard"}])
def test_euler_converges_with_order_one(options):
    """Halving the step halves the error, to 5 %: order 0.93 to 1.07 (a wrong drift does not converge at all)."""
    s2 = np.array([4.0, 0.6, 0.2, 0.0])
    errors = []
    for steps in (2000, 4000, 8000):
        grid = uniform_grid(2.0, steps)
        gap = euler_variances(grid, s2, **options) - exact_chain(grid, s2, **options).variances()
        errors.append(np.abs(gap).max(axis=0))
    ratio = np.array(errors[:-1]) / np.array(errors[1:])
    assert (np.abs(ratio - 2) < 0.1).all()


def test_euler_leaves_two_steps_of_variance_where_the_sampler_ends_in_zero():
    for steps in (500, 1000):
        assert euler_variances(uniform_grid(2.0, steps), [0.0])[-1, 0] == pytest.approx(2 * 2.0 / steps, rel=1e-4)
    grid = log_snr_grid(2.0, 200, 1e-6)
    assert grid[0] == 2.0
    assert list(grid[-2:]) == [1e-6, 0.0]
    assert euler_variances(grid, [0.0])[-1, 0] == pytest.approx(2e-6, rel=0.1)


def test_covariances_follow_from_the_factors():
    chain = exact_chain([2.0, 1.0, 0.25], [0.6])
    # the backward process has the forward covariances: (b_1/b_0.25) v(0.25) between tau = 1 and 0.25
    v = 1 - np.exp(-0.5) * 0.4
    assert chain.covariance(1, 2)[0] == pytest.approx(np.exp(-0.75) * v, rel=1e-13)
    with pytest.raises(ValueError, match="first <= second"):
        chain.covariance(2, 1)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: exact_chain([0.0, 1.0], [1.0]), "decrease"),
        (lambda: exact_chain([1.0, -0.1], [1.0]), "taus"),
        (lambda: exact_chain([np.inf, 0.0], [1.0]), "taus"),
        (lambda: exact_chain([1.0, 0.0], [-1.0]), "variances must be finite and >= 0, got -1.0"),
        (lambda: exact_chain([1.0, 0.0], [np.nan]), "variances"),
        (lambda: exact_chain([1.0, 0.0], []), "variances"),
        (lambda: exact_chain([1.0, 0.0], [1.0], cap=1.0), "cap must be greater than 1"),
        (lambda: euler_chain([1.0, 0.0], [1.0], start="p_T"), "start"),
        (lambda: euler_variances(uniform_grid(5e5, 4000), [1.0], cap=1e3), "overflows"),
        (lambda: uniform_grid(2.0, 0), "steps"),
        (lambda: uniform_grid(2.0, 3, stop=2.0), "stop"),
        (lambda: log_snr_grid(2.0, 10, 3.0), "last"),
        (lambda: second_moments(exact_chain([1.0, 0.0], [1.0]), 0, 0), "paths"),
        (lambda: second_moments(exact_chain([1.0, 0.0], [1.0]), 10, -1), "seed"),
        (lambda: second_moments(exact_chain([1.0, 0.0], [1.0]), 10, 0, record=[1, 0]), "record"),
        (lambda: second_moments(exact_chain([1.0, 0.0], [1.0]), 10, 0, record=[2]), "record"),
        (lambda: simulate_paths(exact_chain([1.0, 0.0], [1.0]), 10**6, 0, memory=10**6), "memory"),
        (lambda: simulate_blocks(exact_chain([1.0, 0.0], [1.0]), 10**6, 0, memory=10**3), "memory"),
        (lambda: training_set(generator(0, "x"), [1.0], 0), "n must"),
        (lambda: training_set(generator(0, "x"), [[1.0, 2.0], [2.0, 1.0]], 5), "semidefinite"),
        (lambda: estimated_variances(generator(0, "x"), [1.0], 3, 0), "size"),
        (lambda: wishart_factor(generator(0, "x"), [1.0], 3, 1), "factor"),
        (lambda: empirical_axes([1.0]), "matrix"),
        (lambda: decode([1.0, 2.0], [[1.0]]), "axes"),
        (lambda: variance_interval([1.0], 5, 1.0), "confidence"),
        (lambda: frechet_general(np.ones((5, 2)), np.eye(2)), "groups"),
        (lambda: frechet_general(np.ones((50, 2)), np.eye(3)), "covariance"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_results_depend_on_neither_memory_nor_dimension_nor_stops():
    paths, chain = 2 * BLOCK + 77, exact_chain([2.0, 0.5, 0.0], [2.0, 0.3, 0.1])
    whole = simulate_paths(chain, paths, 5)
    assert whole.shape == (3, paths, 3)
    pieces = list(simulate_blocks(chain, paths, 5, memory=8 * 9 * BLOCK))
    assert len(pieces) == 3
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)
    fewer = simulate_paths(exact_chain([2.0, 0.5, 0.0], [2.0, 0.3]), paths, 5, record=[2])
    assert np.array_equal(fewer[0], whole[2, :, :2])
    moments = second_moments(chain, paths, 5)
    np.testing.assert_allclose(moments.second, np.mean(whole**2, axis=1), rtol=1e-12)
    # an earlier stop uses the same normals up to there
    assert np.array_equal(simulate_paths(exact_chain([2.0, 0.5], [2.0, 0.3, 0.1]), paths, 5), whole[:2])
    assert not np.array_equal(simulate_paths(chain, paths, 6), whole)
    assert not np.array_equal(simulate_paths(chain, paths, 5, stream="other"), whole)


def test_progress_counts_to_the_end():
    seen = []
    chain = exact_chain([2.0, 0.0], [2.0, 0.3])
    second_moments(chain, BLOCK + 1, 0, progress=lambda *row: seen.append(row))
    assert [row[1:] for row in seen] == [(k, 4) for k in range(1, 5)]
    seen.clear()
    list(simulate_blocks(chain, BLOCK + 1, 0, memory=8 * 4 * BLOCK, progress=lambda *row: seen.append(row)))
    assert seen[-1][1:] == (4, 4)


def test_a_chain_steps_as_written():
    chain = GaussianChain(
        np.array([1.0, 0.5, 0.0]), np.array([4.0]), np.array([[0.5], [-2.0]]), np.array([[0.0], [9.0]])
    )
    (x0, x1, x2) = simulate_paths(chain, 100, 1)[..., 0]
    rng = generator(1, "paths", 0, 0)
    z0, z1, z2 = (rng.standard_normal(100) for _ in range(3))
    np.testing.assert_allclose(x0, 2 * z0)
    np.testing.assert_allclose(x1, 0.5 * x0 + 0 * z1)
    np.testing.assert_allclose(x2, -2 * x1 + 3 * z2)


def test_empirical_axes_diagonalise_the_second_moment():
    rng = generator(3, "axes")
    samples = rng.standard_normal((50, 4)) @ np.diag([3.0, 2.0, 1.0, 0.0]) @ np.linalg.qr(rng.normal(size=(4, 4)))[0]
    variances, axes = empirical_axes(samples)
    np.testing.assert_allclose(axes * variances @ axes.T, samples.T @ samples / 50, atol=1e-13)
    again, _ = empirical_axes(samples.T / np.sqrt(50), factor=True)
    np.testing.assert_allclose(again, variances, atol=1e-13)
    z = rng.standard_normal((7, 2))
    np.testing.assert_allclose(decode(z, axes, mean=np.ones(4)), 1 + z @ axes[:, :2].T)


def test_wishart_factor_of_few_points_is_singular():
    columns = wishart_factor(generator(0, "w"), np.diag([2.0, 1.0, 0.5]), 2, 4)
    assert columns.shape == (4, 3, 2)
    assert (columns[:, 0, 1] == 0).all()


@pytest.mark.parametrize("paths", [1, 2, 5, 300])
def test_the_law_of_one_term_against_quadrature(paths):
    from scipy.integrate import quad
    from scipy.stats import chi2

    V, s2 = 1.7, 0.9
    bias, spread = term_law(V, s2, paths)
    m = 1 - bias / (2 * np.sqrt(V * s2))

    def mean(f):
        return quad(lambda u: f(V * chi2.ppf(u, paths) / paths), 0, 1, limit=200, epsabs=1e-9)[0]

    def unbiased(s):
        return s - 2 * np.sqrt(s2 * s) / m + s2

    exact = (np.sqrt(V) - np.sqrt(s2)) ** 2
    assert mean(lambda s: (np.sqrt(s) - np.sqrt(s2)) ** 2) - exact == pytest.approx(float(bias), abs=1e-6)
    assert mean(unbiased) == pytest.approx(exact, abs=1e-6)
    assert mean(lambda s: (unbiased(s) - exact) ** 2) == pytest.approx(float(spread), rel=1e-4, abs=1e-6)


def test_estimate_adds_terms_and_the_dropped_variances():
    s2 = np.array([2.0, 0.5, 0.25])
    moments = Moments(np.array([0.0]), np.array([[2.0, 0.5, 0.3]]), 10**8)
    (two,) = frechet_diagonal(moments, s2, 2)
    assert two.value == pytest.approx(0.25, abs=1e-6)
    # E sqrt(chi2_2 / 2) = sqrt(pi) / 2
    (few,) = frechet_diagonal(Moments(np.array([0.0]), np.array([[3.0]]), 2), [0.5], 1)
    assert few.value == pytest.approx(3 - 2 * np.sqrt(1.5) * 2 / np.sqrt(np.pi) + 0.5, rel=1e-12)
    assert few.value + few.bias == pytest.approx((np.sqrt(3) - np.sqrt(0.5)) ** 2, rel=1e-12)
    (none,) = frechet_diagonal(moments, s2, 0, exact=True)
    assert (none.value, none.standard_error) == (2.75, 0.0)
    (exact,) = frechet_diagonal(moments, s2, 3, exact=True)
    assert exact.lower <= (np.sqrt(0.3) - 0.5) ** 2 <= exact.upper
    with pytest.raises(ValueError, match="d must lie"):
        frechet_diagonal(moments, s2, 4)


def test_general_estimate_has_the_distance_of_its_samples_and_takes_off_bias():
    rng = generator(2, "general")
    target = np.array([[2.0, 0.3, 0.0], [0.3, 0.5, 0.0], [0.0, 0.0, 0.0]])
    samples = training_set(rng, target, 400)
    estimate = frechet_general(samples, target)
    whole = bures_squared(samples.T @ samples / 400, target)
    assert estimate.value + estimate.bias == pytest.approx(whole, rel=1e-9)
    assert estimate.bias > 0
    assert factor(target).shape == (3, 2)


def test_common_numbers_gain_of_a_constant_is_large_and_of_independence_one():
    s2 = [0.6, 0.2]
    near = exact_chain([2.0, 0.101, 0.1], s2)
    assert common_numbers_gain(near, s2, 1, 2, 2) > 50
    apart = GaussianChain(np.array([1.0, 0.0]), np.ones(1), np.zeros((1, 1)), np.full((1, 1), 0.5))
    assert common_numbers_gain(apart, [0.2], 0, 1, 1) == 1
    with pytest.raises(ValueError, match="d must lie"):
        common_numbers_gain(near, s2, 1, 2, 3)
