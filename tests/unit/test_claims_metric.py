"""The claims `beyond-5`: outcomes, the rule, and figures found in another way."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from proofs_check.claims import load
from proofs_check.engines.base import Budget
from proofs_check.engines.points import truth_by_balls
from proofs_check.engines.search import SearchEngine
from proofs_check.rules import RULES, slope_along_directions
from proofs_check.rules.metric import spectrum
from proofs_check.verdict import Verdict
from proofs_check.verify import verify
from theory.evaluate import numpy_function
from theory.metrics import mmd_by_dimension
from theory.metrics.formulas import bandwidth, component, direction_gap, mmd
from theory.metrics.mmd import mmd_slope_by_dimension
from theory.notation import coordinate, coordinate_hat, x

OUTCOMES = {
    "beyond-5": "holds",
    "beyond-5/sliced": "holds",
    "beyond-5/sliced/any-spectrum": "holds-if",
    "beyond-5/sliced/convex": "holds",
    "beyond-5/sliced/a": "holds",
    "beyond-5/sliced/b": "holds",
    "beyond-5/sliced/b/above-one": "holds",
    "beyond-5/trace": "holds-if",
    "beyond-5/trace/error": "holds",
    "beyond-5/whitened": "holds",
    "beyond-5/mmd": "holds",
    "beyond-5/mmd/a": "fails",
    "beyond-5/mmd/wide": "holds",
    "beyond-5/kl": "holds",
    "beyond-5/kl/latent": "holds",
    "beyond-5/kl/convex": "holds-if",
    "beyond-5/kl/average": "holds",
}


def test_every_claim_has_its_outcome() -> None:
    run = verify(list(OUTCOMES), load(), jobs=1, twins=False)
    found = {result.claim.id: result for result in run.results}
    for id, outcome in OUTCOMES.items():
        assert found[id].outcome == outcome, id
        assert not found[id].contradiction
        assert outcome == "holds" or found[id].witness is not None


@pytest.mark.parametrize(("side", "sign"), [("below", True), ("above", True)])
@pytest.mark.parametrize("D", [2, 3, 5])
def test_the_rule_on_random_spectra(side, sign, D) -> None:
    """Exact rational points of its domain, all `D - 1` kept coordinates drawn on its side of 1."""
    rng = np.random.default_rng(D)
    concluded = slope_along_directions("t", side).conclusion(D)
    for _ in range(25):
        point = {component(j): Fraction(int(rng.integers(1, 30)), 7) for j in range(1, D + 1)}
        for j in range(1, D):
            low = Fraction(int(rng.integers(1, 12)), 12)
            point[coordinate(j)] = low if side == "below" else 1 / low
        point[coordinate(D - 1)] = Fraction(1, 2) if side == "below" else Fraction(2)
        point[coordinate(D)] = Fraction(int(rng.integers(1, 30)), 10)
        assert truth_by_balls(concluded.goal, point) is sign


def test_the_rule_is_false_without_its_hypothesis() -> None:
    assert "slope-along-directions" in RULES
    concluded = slope_along_directions("t", "below").conclusion(3)
    free = type(concluded)("t", "t", spectrum(3, "above"), concluded.goal)
    assert SearchEngine().decide(free, Budget()).verdict is Verdict.REFUTED


def test_expressions_agree_with_the_numeric_module() -> None:
    """`theory.metrics.formulas` against `theory.metrics.mmd`, and the gap along a direction against its definition."""
    s, hat, h, level = np.array([0.9, 0.5, 0.2]), np.array([0.8, 0.6, 0.1]), 0.7, 0.3
    names = [*(coordinate(j) for j in (1, 2, 3)), *(coordinate_hat(j) for j in (1, 2, 3)), x, bandwidth]
    values = [*s, *hat, level, h]
    v = level + (1 - level) * hat**2
    for d in (1, 2, 3):
        known = {p: q for p, q in zip(names, values, strict=True) if p in mmd(3, d).free_symbols}
        found = numpy_function(mmd(3, d), *known)(*map(np.asarray, known.values()))
        assert found == pytest.approx(mmd_by_dimension(v, s**2, h)[d - 1], rel=1e-9)
    u = np.array([0.3, -0.8, 0.5])
    expression = direction_gap(3, 2)
    known = {coordinate(j): s[j - 1] for j in (1, 2, 3)} | {coordinate_hat(j): hat[j - 1] for j in (1, 2)}
    known |= {component(j): abs(u[j - 1]) for j in (1, 2, 3)} | {x: level}
    gap = (np.sqrt(u[:2] ** 2 @ v[:2]) - np.sqrt(u**2 @ s**2)) ** 2
    assert numpy_function(expression, *known)(*map(np.asarray, known.values())) == pytest.approx(gap)


def test_average_slope_of_latent_kl_by_simulation() -> None:
    """beyond-5/kl/average at n = 30, 10^6 draws: five standard errors, each below 2 % of the value."""
    n, s = 30, np.array([0.7])
    Y = np.random.default_rng(5).chisquare(n, size=10**6) / n
    hats = Y * s
    for slope, exact in (
        ((1 - hats) * (hats - s) / (2 * s * hats), -1 / ((n - 2) * s[0])),
        ((1 - hats) * (hats - s) / (2 * hats**2), (1 - 2 * n / ((n - 4) * s[0])) / (n - 2)),
    ):
        error = slope.std() / 1000
        assert abs(slope.mean() - exact) < 5 * error
        assert error < 0.02 * abs(exact)


def test_mmd_sign_can_go_either_way_with_a_large_variance() -> None:
    """sigma^2 = (4, 0.1), both kept of three: the bandwidth decides the sign, as beyond-5/mmd says."""
    s = np.array([4.0, 0.1, 0.05])
    for h in (0.3, 20.0):
        weighted = np.sum((1 - s[:2]) / (h**2 + 2 * s[:2]))
        slope = mmd_slope_by_dimension(s, s, 1 - s, h)[1]
        assert np.sign(slope) == -np.sign(weighted)
    assert mmd_slope_by_dimension(s, s, 1 - s, 0.3)[1] < 0 < mmd_slope_by_dimension(s, s, 1 - s, 20.0)[1]
