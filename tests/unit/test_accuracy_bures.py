"""The Bures distance and the slope of its curve against exact values, at the worst points found by `make bench`."""

from __future__ import annotations

import numpy as np
import pytest
from bures_cases import EPS, Case, regular, rounded, rounding
from exact_bures import exact_bures, exact_curve, gram

from theory.bures import bures_squared, bures_squared_factors, frechet_squared_samples
from theory.bures_curve import BuresCurve, compress


def relative(found, truth):
    return abs(float((truth - found) / truth))


@pytest.mark.parametrize(("size", "seed"), [(1, 109), (2, 113), (2, 214), (8, 0), (8, 120), (17, 0), (24, 0)])
def test_relative_error_at_every_rank_condition_and_scale(size, seed):
    for case in regular(size, seed):
        assert relative(bures_squared(case.first, case.second), case.exact()) < 1e-13, case.kind


@pytest.mark.parametrize(("size", "seed"), [(2, 107), (4, 177), (6, 131), (8, 120), (17, 0), (24, 0)])
def test_error_within_the_rounding_of_the_entries(size, seed):
    """Where one rounding of the entries moves the distance by more than 1e-13, it is the measure (worst seen 7.7)."""
    for case in rounded(size, seed):
        error = abs(float(case.exact() - bures_squared(case.first, case.second)))
        assert error < 10 * rounding(case) + 1e-15 * bures_squared(case.first, case.second), case.kind


@pytest.mark.parametrize("rank", [5, 20])
@pytest.mark.parametrize("spread", [1.0, 1e-8])
def test_factors_of_covariances_of_condition_1e16(rank, spread):
    rng = np.random.default_rng([rank, 7])
    scales, axes = np.geomspace(1, spread, rank), np.linalg.qr(rng.normal(size=(20, 20)))[0][:, :rank]
    first, second = (
        (axes * scales) @ rng.normal(size=(rank, rank)),
        axes @ (scales[:, None] * rng.normal(size=(rank, rank))),
    )
    truth = exact_bures(gram(first), gram(second))
    assert relative(bures_squared_factors(first, second), truth) < 1e-13


def test_identical_inputs():
    for case in regular(12, 1):
        for matrix in (case.first, case.second):
            assert bures_squared(matrix, matrix) == 0.0, case.kind
    rng = np.random.default_rng(5)
    for spread in (1.0, 1e-8):
        factor = rng.normal(size=(12, 9)) * np.geomspace(1, spread, 9)
        turned = factor @ np.linalg.qr(rng.normal(size=(9, 9)))[0]
        assert 0 <= bures_squared_factors(factor, turned) < 1e-14 * np.sum(factor**2)


def test_distances_from_near_to_far_between_the_two_formulas():
    """Around the ratio where singular values alone stop serving; factors, so nothing of the input is lost."""
    rng = np.random.default_rng(11)
    first = rng.normal(size=(9, 9))
    for size in np.geomspace(1e-9, 1, 19):
        second = first + size * rng.normal(size=(9, 9))
        truth = exact_bures(gram(first), gram(second))
        traces = np.sum(first**2) + np.sum(second**2)
        allowed = 8e-14 if truth > traces / 100 else 4 * EPS * np.sqrt(traces / float(truth))
        assert relative(bures_squared_factors(first, second), truth) < allowed


@pytest.mark.parametrize("offset", [0.0, 3.0, 2.0**40])
@pytest.mark.parametrize("rows", [4, 30])
def test_samples(offset, rows):
    """Thin and tall samples, also far from the origin; the exact moments of the floats are the truth."""
    from fractions import Fraction

    from flint import arb

    rng = np.random.default_rng([rows, 3])
    pair = rng.normal(size=(rows, 8)) + offset, 2 * rng.normal(size=(rows + 1, 8)) + offset
    covariances, means = [], []
    for samples in pair:
        exact = [[Fraction(x) for x in row] for row in samples.tolist()]
        mean = [sum(column) / len(exact) for column in zip(*exact, strict=True)]
        centred = [[x - m for x, m in zip(row, mean, strict=True)] for row in exact]
        covariances.append([[sum(r[i] * r[j] for r in centred) / (len(exact) - 1) for j in range(8)] for i in range(8)])
        means.append(mean)
    shift = sum(((a - b) ** 2 for a, b in zip(*means, strict=True)), Fraction(0))
    truth = exact_bures(*covariances) + arb(shift.numerator) / arb(shift.denominator)
    assert relative(frechet_squared_samples(*pair, ddof=1), truth) < 1e-13


@pytest.mark.parametrize("spread", [1.0, 1e-6])
@pytest.mark.parametrize("size", [5, 28])
def test_value_and_slope_along_a_curve(size, spread):
    """Half of the estimated variances 0, data of any grading, stops down to 1e-20."""
    rng = np.random.default_rng([size, 2])
    variances = np.append(np.geomspace(2, 0.1, size // 2), np.zeros(size - size // 2))
    compressed = compress(rng.normal(size=(2 * size, size)) * np.geomspace(1, spread, size))
    curve, data = BuresCurve(variances, compressed), gram(compressed.T)
    for level in (0.5, 1e-12, 1e-20) if size < 10 else (1e-20,):
        truth, slope = exact_curve(variances, data, level)
        value, found = curve.value_and_slope(level)
        assert relative(value, truth) < 1e-14
        assert relative(curve.value(level), truth) < 1e-14
        # The terms of the slope share a sign but for the variances above 1, so the sum is the measure of its error.
        assert abs(float(slope - found)) < 1e-14 * (abs(found) + 4 * size)


def test_a_measure_that_can_fail():
    """`sqrtm` misses the rank-deficient distance by 1e-8, so the bounds above tell good from bad."""
    from scipy.linalg import sqrtm

    case = next(case for case in regular(8, 0) if case.kind == "rank D/4")
    assert isinstance(case, Case)
    usual = case.traces - 2 * np.trace(sqrtm(case.first @ case.second)).real
    assert relative(float(usual), case.exact()) > 1e-12
