"""The rules of Section 6, tried on random rational instances and on premises that are false."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from proofs_check.claim import between, domain, positive
from proofs_check.engines.base import Budget
from proofs_check.engines.points import truth_by_balls
from proofs_check.engines.search import SearchEngine
from proofs_check.formula import all_of, lt
from proofs_check.rules import RULES, capped_terms_fall, ordered_minimisers
from proofs_check.rules.headline import (
    STOPS,
    falls_in_every_dimension,
    largest_minimiser_rises,
    levels_fall,
    smallest_minimiser_falls,
    y1,
    y2,
)
from proofs_check.verdict import Verdict
from theory.notation import X, cap, coordinate, coordinate_hat, q, sigma, sigma_hat, with_exact_score, x

ONE = domain(positive(sigma, sigma_hat), between(X, 0, 1, open="left"), between(x, 0, 1), given=[lt(x, X)])


def test_rules_are_registered() -> None:
    assert {"ordered-minimisers", "capped-terms-fall"} <= set(RULES)


def _random(rng: np.random.Generator, low: int, high: int, below: int = 20) -> Fraction:
    return Fraction(int(rng.integers(low, high)), below)


@pytest.mark.parametrize("D", [2, 3, 4])
def test_ordered_levels_give_reading_b(D: int) -> None:
    """Whenever the levels are ordered the conclusion holds; both cases occur among the draws."""
    rng = np.random.default_rng(D)
    lift = ordered_minimisers("t", ONE, hypothesis=levels_fall)
    concluded = lift.conclusion(D)
    ordered, unordered_and_false = 0, 0
    for _ in range(150):
        point = {X: Fraction(1), x: _random(rng, 0, 20)}
        for j in range(1, D + 1):
            point |= {coordinate(j): _random(rng, 1, 30), coordinate_hat(j): _random(rng, 1, 30)}
        premise = truth_by_balls(all_of(levels_fall(D)), point)
        goal = truth_by_balls(concluded.goal, point)
        if premise:
            ordered += 1
            assert goal is not False
        elif goal is False:
            unordered_and_false += 1
    assert ordered >= 3
    assert unordered_and_false >= 3


def test_without_ordered_levels_the_conclusion_is_refuted() -> None:
    free = ordered_minimisers("t", ONE, hypothesis=lambda D: []).conclusion(2)
    assert SearchEngine().decide(free, Budget()).verdict is Verdict.REFUTED


def test_reading_b_formula_at_a_known_sample() -> None:
    """sigma = (1/2, 1/4), hat sigma = (1/2, 1/8): x*(1) = 0, x*(2) = 0.0424."""
    half, quarter, eighth = Fraction(1, 2), Fraction(1, 4), Fraction(1, 8)
    point = {coordinate(1): half, coordinate(2): quarter, coordinate_hat(1): half, coordinate_hat(2): eighth}
    assert truth_by_balls(smallest_minimiser_falls(2), point | {x: Fraction(0)}) is False
    assert truth_by_balls(smallest_minimiser_falls(2), point | {x: Fraction(1, 10)}) is True


@pytest.mark.parametrize("goal", [falls_in_every_dimension, largest_minimiser_rises])
def test_exact_capped_terms_fall_on_random_points(goal: object) -> None:
    D = 3
    formula = goal(D, with_exact_score)  # type: ignore[operator]
    rng = np.random.default_rng(7)
    for _ in range(25):
        ends = sorted(Fraction(int(k), 1000) for k in rng.choice(np.arange(1, 1000), 3, replace=False))
        point = {cap: 1 + _random(rng, 1, 200), q: ends[0], y1: ends[1], y2: ends[2]}
        point |= {coordinate(j): _random(rng, 1, 30) for j in range(1, D + 1)}
        assert truth_by_balls(formula, point) is not False


def test_capped_terms_may_rise_with_an_estimated_score() -> None:
    """The conclusion is false where its premise (hat sigma = sigma) is dropped."""
    formula = falls_in_every_dimension(1, lambda e: e)
    point = {coordinate(1): Fraction(1, 2), coordinate_hat(1): Fraction(1, 4), cap: Fraction(100), q: Fraction(1, 100)}
    point |= {y1: Fraction(9, 10), y2: Fraction(1)}
    assert truth_by_balls(formula, point) is False


def test_conclusions_state_the_stops_in_order() -> None:
    concluded = capped_terms_fall("t", lambda D: falls_in_every_dimension(D, with_exact_score)).conclusion(2)
    assert set(STOPS.hypotheses) <= set(concluded.domain.hypotheses)
    assert all(a.symbol != b.symbol for a, b in pairwise(concluded.domain.variables))
