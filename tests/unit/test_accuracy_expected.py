"""The expected distance to the last digits: the worst points that `make bench` found, and the corners, against Arb."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from flint import arb

from theory.chi_square import shortfall
from theory.chi_square_balls import by_trapezoid, by_tricomi
from theory.evaluate.arb import precision
from theory.expected import (
    coordinate_level,
    expected_distance,
    expected_level,
    expected_root,
    expected_slope,
    expected_term,
)

SAMPLES = (1, 2, 3, 7, 200, 10**5, 10**9)
#: (n, sigma2, x): worst of a million for the root, the term and the slope
WORST = (
    (1, 1.0000000000532, 3.95545266483365e-13),
    (1, 76.67889142963449, 0.9999999999999816),
    (1, 1133.6798691161698, 7.136919410433446e-09),
    (1, 4814.994896741335, 6.3920740497063805e-09),
    (1, 633980.5252132446, 8.475671641345823e-05),
    (2, 1.0000000000414642, 3.004411054675034e-14),
    (2, 4498.35646205904, 5.754896598676619e-06),
    (2, 1.0000000000091165, 0.9574529402227333),
    (2, 130.111442960223, 8.461515020731325e-05),
    (5, 4213.581693885658, 0.9999954494030204),
    (5, 146.73590506518838, 9.300870217533787e-06),
    (7, 1.558750343314659, 0.9999999999999518),
    (7, 1.0000009229160223, 0.9995754391220544),
    (1000, 1.0000000655264054, 0.042904937526639604),
    (10**5, 532715.9671856775, 0.9987973157862303),
    (10**9, 1.0000000333320562, 0.11529578295673085),
    (10**9, 1.0000013035863273, 0.9999290740023217),
)
CORNERS = tuple(
    (n, s, x)
    for n in SAMPLES
    for s in (1e-300, 1e-16, 1.0, 1 + 2**-52, 1e16, 1e160, 1e300)
    for x in (1e-300, 1e-17, 0.5, 1 - 2**-53)
)


def truth(n: int, s: float, x: float) -> tuple[arb, arb, arb, arb]:
    """Balls around root, term, and the two parts of the slope, `x` in (0, 1)."""
    v, level = arb(s), arb(x)
    mean = level + (1 - level) * v
    p, rest = (1 - level) * v / mean, level / mean
    k, derivative = by_tricomi(p, rest, n) if n == 1 else by_trapezoid(p, rest, n)
    root, sigma = mean.sqrt(), v.sqrt()
    known = level * (1 - v) / (root + sigma)
    cost = sigma / root * (2 * v / mean * derivative - (1 - v) * k)
    return root * (1 - k), known**2 + 2 * sigma * root * k, known * (1 - v) / root, cost


def ulps(value: float, true: arb, scale: arb | None = None) -> float:
    """The distance in units in the last place of `scale`, by default of the true value."""
    size = float(abs(true if scale is None else scale).mid())
    if not np.isfinite(size):
        return 0.0 if np.isinf(value) and (value > 0) == (true > 0) else np.inf
    return float(abs(arb(value) - true).upper()) / float(np.spacing(size))


@pytest.mark.parametrize(("n", "s", "x"), WORST + CORNERS)
def test_root_term_and_slope(n: int, s: float, x: float) -> None:
    with precision(3000 if n == 1 else 2300):
        root, term, known, cost = truth(n, s, x)
        assert root.rel_accuracy_bits() > 60
        assert term.rel_accuracy_bits() > 60
        assert cost.rel_accuracy_bits() > 60
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert ulps(float(expected_root(s, n, x)), root) < 4
            assert ulps(float(expected_term(s, n, x)), term) < 8
            assert ulps(float(expected_slope(s, n, x)), known - cost, known + cost) < 10


@pytest.mark.parametrize("n", SAMPLES)
def test_shortfall(n: int) -> None:
    for theta in (-39.7, -12.25, -1e-3, 0.49, 3.0, 17.9, 43.9, 83.0):
        share, rest = 1 / (1 + np.exp(-theta)), 1 / (1 + np.exp(theta))
        k, slope = shortfall(np.array(share), np.array(rest), n)
        with precision(400):
            # the pair of doubles says p/(1-p); k and k' are p^2 A and p B of it
            p = arb(share) / (arb(share) + arb(rest))
            true = by_tricomi(p, 1 - p, n)
            assert ulps(float(k), true[0] * (arb(share) / p) ** 2) < 4
            assert ulps(float(slope), true[1] * (arb(share) / p)) < 4


@pytest.mark.parametrize("n", [2, 3, 40, 1000, 10**6])
@pytest.mark.parametrize("p", [1e-200, 1e-3, 0.5, 0.875, 1 - 1e-12])
def test_two_enclosures_that_share_nothing_agree(n: int, p: float) -> None:
    with precision(900):
        share = arb(p)
        first, second = by_trapezoid(share, 1 - share, n), by_tricomi(share, 1 - share, n)
        for a, b in zip(first, second, strict=True):
            assert a.rel_accuracy_bits() > 70
            assert a.overlaps(b)
            assert a.contains(b) or b.rad() > a.rad()


def test_the_trapezoidal_enclosure_needs_two_points() -> None:
    with pytest.raises(ValueError, match="n must be at least 2"):
        by_trapezoid(arb(1), arb(0), 1)


@pytest.mark.parametrize("n", SAMPLES)
def test_a_level_is_a_zero_to_its_last_digits(n: int) -> None:
    """The slope's sign changes within 8 ulp times the condition `(known + cost)/(x dslope/dx)`."""
    for s in (1e-290, 0.028977121555278262, 0.9, 1.000119763338859, 251870.49577657686, 1e290):
        level = float(coordinate_level(s, n))
        with precision(3000 if n == 1 else 2300):
            _, _, known, cost = truth(n, s, level)
            step = min(1e-5, (1 - level) / 4)
            sides = [truth(n, s, level * (1 + side * step)) for side in (-1, 1)]
            low, high = (parts[2] - parts[3] for parts in sides)
            rise = (high - low) / (2 * step)
            condition = max(1.0, float((known + cost) / rise))
            assert float(abs(known - cost) / rise) < 8 * condition * np.spacing(level) / level


def test_levels_of_all_dimensions_are_zeros_of_the_sums() -> None:
    rng = np.random.default_rng(3)
    for n in (1, 2, 50, 10**9):
        s = 10 ** rng.uniform(-5, 3, 40)
        levels = expected_level(s, n, 0.999)
        for d in (1, 7, 40):
            level = float(levels[d - 1])
            with precision(3000 if n == 1 else 2300):
                parts = [truth(n, float(v), level) for v in s[:d]]
                near = [truth(n, float(v), level * (1 + 1e-5)) for v in s[:d]]
                slope = sum((p[2] - p[3] for p in parts), arb(0))
                size = sum((p[2] + p[3] for p in parts), arb(0))
                rise = (sum((p[2] - p[3] for p in near), arb(0)) - slope) / 1e-5
                condition = max(1.0, float(size / rise))
                assert float(abs(slope) / rise) < 8 * condition * np.spacing(level) / level


def test_all_dimensions_cost_no_more_than_a_few_passes() -> None:
    """One evaluation of every slope at one level is the unit; the old way took `D` of them for each of 60 steps."""
    import time

    s = np.sort(10 ** np.random.default_rng(0).uniform(-4, 1, 5000))[::-1]

    def seconds(work) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    expected_slope(s, 10, 0.3)
    unit = min(seconds(lambda: expected_slope(s, 10, 0.3)) for _ in range(7))
    assert min(seconds(lambda: expected_level(s, 10, 0.98)) for _ in range(3)) < 2000 * unit


def test_nothing_overflows_and_nothing_is_lost() -> None:
    s = np.array([0.0, 5e-324, 1e-300, 1.0, 1e300, np.finfo(float).max])
    x = np.array([[0.0], [5e-324], [1e-300], [0.5], [1 - 2**-53], [1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in (1, 2, 10**9):
            for function in (expected_root, expected_term, expected_slope):
                assert not np.isnan(function(s, n, x)).any()
            assert (expected_root(s, n, x) >= 0).all()
            assert (expected_term(s, n, x) >= 0).all()
            assert np.isfinite(expected_distance(s[:5], n, 5, x)).all()
    assert float(expected_slope(1e300, 1, 1e-300)) < float(expected_slope(1e300, 2, 1e-300)) < 0
