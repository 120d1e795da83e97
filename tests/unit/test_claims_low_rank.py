"""Data on a subspace decided: every id has an outcome, and witnesses violate the printed formulas (by mpmath)."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from proofs_check.claims import load
from proofs_check.verify import ClaimResult, verify

IDS = [i for i in load() if i.startswith(("text-2", "text-6", "figure-3", "figure-4-right", "prop-3", "prop-8"))]
HOLDS_IF = {
    "text-6",
    "text-6/exact-fixed-stop",
    "text-6/plug-in",
    "prop-8",
    "prop-8/root",
    "prop-8/step-i",
    "prop-8/every-sample",
}
FAILS = {
    "text-2/bracket",
    "prop-3/fixed-delta",
    "prop-8/hat-t-1",
    "figure-4-right/hypothesis",
    "figure-4-right/lambda-axis-OU",
}


@pytest.fixture(scope="module")
def results() -> dict[str, ClaimResult]:
    run = verify(IDS, load(), jobs=1, twins=False)
    return {r.claim.id: r for r in run.results}


@pytest.fixture(scope="module", autouse=True)
def digits():
    with mpmath.workdps(40):
        yield


def test_every_id_is_decided(results: dict[str, ClaimResult]) -> None:
    undecided = {i for i, r in results.items() if r.outcome == "undetermined"}
    assert undecided == {"figure-4-right/lambda-axis"} == {i for i, r in results.items() if r.claim.missing}
    assert not any(r.contradiction for r in results.values())
    assert {i for i, r in results.items() if r.outcome == "holds-if"} == HOLDS_IF
    assert {i for i, r in results.items() if r.outcome == "fails"} == FAILS
    assert all(r.standing for i, r in results.items() if i in HOLDS_IF | FAILS)


def point(result: ClaimResult) -> dict[str, mpmath.mpf]:
    assert result.witness is not None
    return {name: mpmath.mpf(Fraction(v).numerator) / Fraction(v).denominator for name, v in result.witness}


def distance(s: list[mpmath.mpf], h: list[mpmath.mpf], d: int, x: mpmath.mpf) -> mpmath.mpf:
    kept = sum((mpmath.sqrt(x + (1 - x) * b**2) - a) ** 2 for a, b in zip(s[:d], h[:d], strict=True))
    return kept + sum(a**2 for a in s[d:])


def least(s: list[mpmath.mpf], h: list[mpmath.mpf], d: int, end: mpmath.mpf) -> mpmath.mpf:
    """A lower bound of the minimum of the convex `F(d, .)` on `[0, end]`, by ternary search and a margin."""
    low, high = mpmath.mpf(0), end
    for _ in range(200):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if distance(s, h, d, a) <= distance(s, h, d, b):
            high = b
        else:
            low = a
    return distance(s, h, d, low) - mpmath.mpf(10) ** -20


def test_a_smaller_dimension_wins_although_only_one_variance_is_misjudged(
    results: dict[str, ClaimResult],
) -> None:
    for name in ("text-6", "text-6/plug-in"):
        w = point(results[name])
        s, h = [mpmath.mpf(1) / 2, w["sigma_2"]], [w["sigma_hat_1"], w["sigma_2"]]
        assert 0.9 < (h[0] / s[0]) ** 2 <= 1
        assert distance(s, h, 1, w["x"]) < least(s, h, 2, w["X"])


def test_fixed_stop(results: dict[str, ClaimResult]) -> None:
    w = point(results["text-6/exact-fixed-stop"])
    s = [w["sigma_1"], w["sigma_2"]]
    assert distance(s, s, 1, w["x"]) < distance(s, s, 2, w["x"])


def test_no_condition_on_the_estimates_is_too_little(results: dict[str, ClaimResult]) -> None:
    w = point(results["prop-8/every-sample"])
    s, h = [w["sigma"]] * 2, [w["sigma_hat_1"], w["sigma_hat_2"]]
    assert distance(s, h, 1, w["x"]) < least(s, h, 2, w["X"])


def test_bracket(results: dict[str, ClaimResult]) -> None:
    m = point(results["text-2/bracket"])["m"]
    # d0 = 1, D = 2
    assert (-1 - m) + 2 - 1 != 2 - 2 + m


def test_no_root(results: dict[str, ClaimResult]) -> None:
    for name in ("prop-8", "prop-8/root"):
        w = point(results[name])
        s, h = w["sigma"], w["sigma_hat_1"]
        assert abs(s**2 - h**2) <= w["epsilon"] * s**2

        def slope(x: mpmath.mpf, s: mpmath.mpf = s, h: mpmath.mpf = h) -> mpmath.mpf:
            return (1 - s / mpmath.sqrt(h**2 + (1 - h**2) * x)) * (1 - h**2)

        assert slope(mpmath.mpf(0)) < 0
        # the slope increases: it is negative up to the horizon
        assert all(slope(w["X"] * k / 50) < 0 for k in range(51))


def test_step_i(results: dict[str, ClaimResult]) -> None:
    w = point(results["prop-8/step-i"])
    first, other, eps = w["sigma_hat_1"] ** 2, w["sigma_hat_2"] ** 2, w["epsilon"]
    left = min((4 / (1 + eps) * first - first) / (1 - first), 1)
    assert left > (4 * w["sigma"] ** 2 - other) / (1 - other)


def test_hat_t_1(results: dict[str, ClaimResult]) -> None:
    w = point(results["prop-8/hat-t-1"])
    assert w["X"] != (4 * w["sigma"] ** 2 - w["sigma_hat"] ** 2) / (1 - w["sigma_hat"] ** 2)


def test_fixed_delta() -> None:
    # P(chi2_20 >= y) from the incomplete gamma function
    def above(y: int) -> mpmath.mpf:
        return mpmath.gammainc(10, mpmath.mpf(y) / 2, mpmath.inf, regularized=True)

    best = max(above(20), 1 - above(20) + above(200))
    assert mpmath.mpf("0.542") < best < mpmath.mpf("0.5422") < 1 - 2 * mpmath.exp(mpmath.mpf(-20) / 8)


def test_figure_axis_and_horizon() -> None:
    assert abs(-mpmath.log(mpmath.expm1(4)) + mpmath.mpf("3.9815")) < 1e-4
    assert abs(mpmath.log(1 + mpmath.exp(6)) / 2 - mpmath.mpf("3.0012")) < 1e-4
    assert mpmath.log(mpmath.mpf(28) / 25) / 2 < mpmath.mpf("0.05667")
