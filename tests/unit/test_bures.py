"""The general Bures distance against 100-digit eigenvalues, at its edges, and on bad input."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from theory.bures import bures_squared, bures_squared_factors, factor, frechet_squared, frechet_squared_samples

RNG = np.random.default_rng(20240917)


def reference(first, second):
    """tr A + tr B - 2 tr (A^1/2 B A^1/2)^1/2 at 100 digits, by symmetric eigenvalues only."""
    with mpmath.workdps(100):
        a, b = mpmath.matrix(first.tolist()), mpmath.matrix(second.tolist())
        size = a.rows
        values, vectors = mpmath.eigsy(a)
        root = vectors * mpmath.diag([mpmath.sqrt(max(v, 0)) for v in values]) * vectors.T
        middle = root * b * root
        fidelity = sum(mpmath.sqrt(max(v, 0)) for v in mpmath.eigsy((middle + middle.T) / 2, eigvals_only=True))
        trace = sum(a[i, i] + b[i, i] for i in range(size))
        return trace - 2 * fidelity


def integer_covariance(size, rank):
    """A covariance of the given rank whose entries are small integers, hence exact as floats."""
    columns = RNG.integers(-6, 7, size=(size, rank)).astype(float)
    return columns @ columns.T


@pytest.mark.parametrize(
    ("size", "first", "second"), [(2, 2, 2), (4, 4, 4), (6, 6, 6), (5, 5, 2), (6, 2, 3), (4, 1, 1), (3, 0, 2)]
)
def test_against_100_digits(size, first, second):
    for _ in range(3):
        a, b = integer_covariance(size, first), integer_covariance(size, second)
        assert size == 1 or first * second == 0 or not np.array_equal(a @ b, b @ a)
        exact = reference(a, b)
        assert abs(bures_squared(a, b) - exact) <= 1e-14 * (np.trace(a) + np.trace(b)) * size
        assert abs(bures_squared(b, a) - exact) <= 1e-14 * (np.trace(a) + np.trace(b)) * size


@pytest.mark.parametrize("rank", [1, 3, 8])
def test_zero_on_identical_input_and_never_negative(rank):
    a = integer_covariance(8, rank)
    assert 0 <= bures_squared(a, a) <= 1e-14 * np.trace(a)
    rotated = np.linalg.qr(RNG.normal(size=(rank, rank)))[0]
    left = factor(a)
    assert 0 <= bures_squared_factors(left, left @ rotated[: left.shape[1], : left.shape[1]]) <= 1e-13 * np.trace(a)


def test_small_distance_is_not_lost_to_cancellation():
    a = np.diag([1.0, 1.0])
    shifted = np.diag([1.0, (1 + 1e-7) ** 2])
    assert bures_squared(a, shifted) == pytest.approx(1e-14, rel=1e-6)


@pytest.mark.parametrize("power", [-300, -150, 0, 150, 300])
def test_scale(power):
    a, b = integer_covariance(4, 4), integer_covariance(4, 2)
    scale = float(f"1e{power}")
    assert bures_squared(a * scale, b * scale) == pytest.approx(bures_squared(a, b) * scale, rel=1e-12)


def test_wild_scales_in_one_matrix():
    assert bures_squared(np.diag([1e150, 1e-150]), np.diag([0.0, 4e-150])) == pytest.approx(1e150, rel=1e-14)


def test_more_columns_than_rows():
    wide = RNG.normal(size=(3, 50))
    other = RNG.normal(size=(3, 2))
    direct = bures_squared(wide @ wide.T, other @ other.T)
    assert bures_squared_factors(wide, other) == pytest.approx(direct, rel=1e-12)


def test_factor_of_rank_deficient_covariance():
    a = integer_covariance(7, 3)
    left = factor(a)
    assert left.shape == (7, 3)
    np.testing.assert_allclose(left @ left.T, a, atol=1e-13 * np.trace(a))


@pytest.mark.parametrize("power", [3, 20, 150])
def test_factor_keeps_variances_of_any_scale(power):
    scales = np.geomspace(1, float(f"1e-{power}"), 6)
    covariance = np.outer(scales, scales) * (0.5 + 0.5 * np.eye(6))
    left = factor(covariance)
    assert left.shape == (6, 6)
    np.testing.assert_allclose(left @ left.T, covariance, rtol=1e-14)


@pytest.mark.parametrize("noise", [-1e-18, 0.0, 1e-18, 1e-40, 3.99 * 2.0**-134])
def test_factor_of_rows_that_are_rounding(noise):
    """A direction the data do not have: its row is rounding and need not even fit its own diagonal entry."""
    a = integer_covariance(4, 4)
    a[3], a[:, 3] = 3e-17, 3e-17
    a[3, 3] = noise
    left = factor(a)
    np.testing.assert_allclose(left @ left.T, a, atol=1e-13 * np.trace(a))


def test_rank_of_a_rounded_covariance():
    samples = RNG.normal(size=(20, 60)) @ RNG.normal(size=(60, 60)) * np.geomspace(1, 1e-20, 60)
    assert factor(np.cov(samples.T)).shape == (60, 19)


@pytest.mark.parametrize(("rows", "columns"), [((5, 7), 30), ((40, 50), 6), ((4, 60), 12), ((1, 3), 4)])
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_samples_thin_and_tall(rows, columns, scale):
    first, second = RNG.normal(size=(rows[0], columns)) + 2, RNG.normal(size=(rows[1], columns)) - 1
    moments = [(z.mean(axis=0), np.cov(z.T, bias=True)) for z in (first, second)]
    direct = frechet_squared(*moments[0], *moments[1])
    value = frechet_squared_samples(first * scale, second * scale)
    assert value / scale / scale == pytest.approx(direct, rel=1e-7)
    assert value == pytest.approx(frechet_squared_samples(second * scale, first * scale), rel=1e-13)
    assert frechet_squared_samples(first, first) == 0.0
    if min(rows) > 1:
        unbiased = [(z.mean(axis=0), np.cov(z.T)) for z in (first, second)]
        value = frechet_squared_samples(first, second, ddof=1)
        assert value == pytest.approx(frechet_squared(*unbiased[0], *unbiased[1]), rel=1e-7)


def test_thin_samples_form_no_square_matrix():
    import tracemalloc

    first, second = RNG.normal(size=(2, 10, 3000))
    frechet_squared_samples(first, second)
    tracemalloc.start()
    frechet_squared_samples(first, second)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3000 * 3000 * 8 / 10


@pytest.mark.parametrize(
    ("first", "second", "ddof", "message"),
    [
        (np.ones((3, 2)), np.ones((3, 4)), 0, "same columns"),
        (np.ones((1, 2)), np.ones((3, 2)), 1, "ddof"),
        (np.ones((3, 2)), np.ones((3, 2)), -1, "ddof"),
        (np.ones((0, 2)), np.ones((3, 2)), 0, "ddof"),
        (np.ones(3), np.ones((3, 2)), 0, "2 axis"),
        (np.ones((3, 2)), np.full((3, 2), np.inf), 0, "second samples must be finite"),
        (np.ones((3, 2)) * 1e200, -np.ones((3, 2)), 0, "exceeds the largest float"),
    ],
)
def test_bad_samples(first, second, ddof, message):
    with pytest.raises(ValueError, match=message):
        frechet_squared_samples(first, second, ddof=ddof)


def test_frechet_adds_the_means():
    a, b = integer_covariance(3, 3), integer_covariance(3, 2)
    value = frechet_squared([3.0, 0, 0], a, [0, 4.0, 0], b)
    assert value == pytest.approx(25 + bures_squared(a, b), rel=1e-14)
    assert frechet_squared([1e150], [[0.0]], [-1e150], [[0.0]]) == pytest.approx(4e300)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.0, 0.5], [0.2, 1.0]], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "semidefinite"),
        ([[-1.0, 0.0], [0.0, 1.0]], "semidefinite"),
        ([[0.0, 1.0], [1.0, 0.0]], "semidefinite"),
        ([[1.0, float("nan")], [0.0, 1.0]], "finite"),
        ([[1.0, 2.0]], "square"),
        (np.zeros((0, 0)), "square"),
        ([1.0, 2.0], "2 axis"),
        ([["a", "b"], ["c", "d"]], "real numbers"),
        ([[1j]], "real numbers"),
    ],
)
def test_bad_covariance(matrix, message):
    with pytest.raises(ValueError, match=rf"first covariance.*{message}"):
        bures_squared(matrix, np.eye(2))


def test_mismatched_shapes_and_overflow():
    with pytest.raises(ValueError, match="same number of rows"):
        bures_squared(np.eye(2), np.eye(3))
    with pytest.raises(ValueError, match="share one dimension"):
        frechet_squared([0.0, 0.0], np.eye(3), [0.0, 0.0, 0.0], np.eye(3))
    with pytest.raises(ValueError, match="exceeds the largest float"):
        bures_squared(np.eye(8) * 1e308, np.zeros((8, 8)))
    with pytest.raises(ValueError, match="exceeds the largest float"):
        frechet_squared([1e200], [[1.0]], [0.0], [[1.0]])
