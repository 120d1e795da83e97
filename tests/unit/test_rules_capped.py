"""The rules of Section 3: random instances where the premises hold, and failures where one does not."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy as sp

from proofs_check.claim import Domain, Obligation, between, domain, nonnegative
from proofs_check.engines.base import Budget
from proofs_check.engines.points import is_inhabitant, truth_by_balls
from proofs_check.formula import And, Formula, ge, le, lt
from proofs_check.portfolio import decide
from proofs_check.rules import RULES, between_ends, fading_power, ordered_ends
from proofs_check.rules.capped import best_between, ends, first_in, last_in
from proofs_check.verdict import Verdict
from theory.capped_score import plateau
from theory.capped_steps import E, distance_squared_capped, largest_start_level
from theory.notation import cap, coordinate, coordinate_hat, q, sigma, sigma_hat

LOW = le(1 / cap, sigma_hat**2)
HIGH = ge(plateau(), 4 * sigma**2)
CAP = between(cap, 1, None, open="left")
Q = between(q, 0, 1, open="both")
ONE = domain(nonnegative(sigma, sigma_hat), CAP, Q)
EVENT = le(sigma_hat**2, 2 * sigma**2)
LATE = ONE.given(EVENT, le(q, largest_start_level(sp.S.One)))
SMALL = Budget(points=2000)


def random_point(obligation: Obligation, rng: random.Random) -> dict[sp.Symbol, Fraction] | None:
    """A point with ordered coordinates inside the obligation's domain, or None."""
    D = sum(s.name.startswith("sigma_hat") for s in obligation.domain.symbols)
    truths = sorted((Fraction(rng.randint(1, 60), 40) for _ in range(D)), reverse=True)
    hats = sorted((s * Fraction(rng.randint(20, 56), 40) for s in truths), reverse=True)
    point = {cap: 1 + Fraction(rng.randint(1, 400), 10), q: Fraction(rng.randint(1, 99), 100)}
    for j in range(1, D + 1):
        point |= {coordinate(j): truths[j - 1], coordinate_hat(j): hats[j - 1]}
    ordered = {s: point[s] for s in obligation.domain.symbols}
    return ordered if is_inhabitant(obligation, ordered) else None


@pytest.mark.parametrize("sharp", [False, True])
@pytest.mark.parametrize("D", [2, 3])
def test_conclusion_of_between_ends_on_random_instances(D: int, sharp: bool) -> None:
    lift = between_ends("x", LATE, LOW, HIGH, sharp=sharp)
    assert all(decide(p, SMALL).verdict is Verdict.PROVED for p in lift.premises)
    conclusion = lift.conclusion(D)
    rng = random.Random(D)
    points = [p for _ in range(300) if (p := random_point(conclusion, rng)) is not None][:40]
    assert len(points) == 40
    assert all(truth_by_balls(conclusion.goal, p) is True for p in points)
    # the points reach several positions of the two ends
    places = {
        (a, b)
        for p in points
        for a in range(1, D + 1)
        for b in range(1, D + 1)
        if truth_by_balls(And((last_in(D, a, LOW), ends(D, b, HIGH))), p)
    }
    assert len(places) >= D


def test_without_the_horizon_a_premise_is_false_and_the_conclusion_fails() -> None:
    lift = between_ends("x", ONE.given(EVENT), LOW, HIGH, sharp=False)
    verdicts = {p.id: decide(p, SMALL).verdict for p in lift.premises}
    assert [id for id, v in verdicts.items() if v is not Verdict.PROVED] == ["x/low"]
    assert verdicts["x/low"] is Verdict.REFUTED
    values = (1, 1, Fraction(1, 3), Fraction(1, 3), 49, Fraction(15, 16))
    symbols = (coordinate(1), coordinate_hat(1), coordinate(2), coordinate_hat(2), cap, q)
    point = dict(zip(symbols, map(Fraction, values), strict=True))
    conclusion = lift.conclusion(2)
    assert is_inhabitant(conclusion, point)
    assert truth_by_balls(conclusion.goal, point) is False


def test_without_the_event_a_coordinate_is_in_both_sets_and_the_ends_change_places() -> None:
    lift = ordered_ends("x", ONE, LOW, HIGH)
    verdicts = {p.id: decide(p, SMALL).verdict for p in lift.premises}
    assert [id for id, v in verdicts.items() if v is Verdict.REFUTED] == ["x/not-both"]
    small, large = Fraction(1, 4), Fraction(3, 2)
    point = {cap: Fraction(2), q: Fraction(1, 2), coordinate(1): Fraction(1)}
    point |= {coordinate(j): small for j in (2, 3)} | {coordinate_hat(j): large for j in (1, 2, 3)}
    conclusion = lift.conclusion(3)
    assert is_inhabitant(conclusion, point)
    assert truth_by_balls(conclusion.goal, point) is False
    assert all(
        decide(p, SMALL).verdict is Verdict.PROVED for p in ordered_ends("x", ONE.given(EVENT), LOW, HIGH).premises
    )


def position(D: int, formula_of: object, point: dict[sp.Symbol, Fraction]) -> list[int]:
    return [k for k in range(1, D + 1) if truth_by_balls(formula_of(k), point)]  # type: ignore[operator]


def test_the_ends_are_the_maximum_and_the_minimum_of_the_sets() -> None:
    rng = random.Random(5)
    D = 4
    for _ in range(50):
        point = {cap: 1 + Fraction(rng.randint(1, 100), 10)}
        for j in range(1, D + 1):
            point |= {
                coordinate(j): Fraction(rng.randint(1, 20), 20),
                coordinate_hat(j): Fraction(rng.randint(0, 20), 20),
            }
        low = [j for j in range(1, D + 1) if 1 / point[cap] <= point[coordinate_hat(j)] ** 2]
        high = [j for j in range(1, D + 1) if 1 / (2 * point[cap] - 1) >= 4 * point[coordinate(j)] ** 2]
        assert position(D, lambda k: last_in(D, k, LOW), point) == [max(low, default=1)]
        assert position(D, lambda k: ends(D, k, HIGH), point) == [min(high, default=D)]
        assert position(D, lambda k: first_in(k, HIGH), point) == ([min(high)] if high else [])


def test_best_between_needs_a_proper_interval() -> None:
    for first, last in ((2, 1), (1, 2)):
        with pytest.raises(ValueError, match=r"\[first, last\]"):
            best_between(2, first, last)


def power_goal(exponent: sp.Expr) -> Formula:
    return le(1 + q**exponent, 2)


def test_a_power_of_a_fraction_is_a_number_of_the_unit_interval() -> None:
    where = Domain((CAP, Q))
    lift = fading_power("x", "1 + q^(2C-1) <= 2", where, power_goal(2 * cap - 1))
    assert all(decide(p, SMALL).verdict is Verdict.PROVED for p in lift.premises)
    assert not any(r.left.has(q) for p in lift.premises[1:] for r in [p.goal])
    rng = random.Random(1)
    for _ in range(30):
        point = {cap: 1 + Fraction(rng.randint(1, 50), 10), q: Fraction(rng.randint(1, 99), 100)}
        assert truth_by_balls(lift.conclusion(1).goal, point) is True


def test_a_negative_exponent_breaks_the_premise_and_the_conclusion() -> None:
    lift = fading_power("x", "1 + q^(1-2C) <= 2", Domain((CAP, Q)), power_goal(1 - 2 * cap))
    assert decide(lift.premises[0], SMALL).verdict is Verdict.REFUTED
    assert truth_by_balls(lift.conclusion(1).goal, {cap: Fraction(2), q: Fraction(1, 2)}) is False


def test_the_rule_refuses_goals_without_one_power() -> None:
    with pytest.raises(ValueError, match="one power"):
        fading_power("x", "none", Domain((CAP, Q)), lt(q, 1))
    with pytest.raises(ValueError, match="one power"):
        fading_power("x", "two", Domain((CAP, Q)), lt(q**cap, (q / 2) ** cap))


def test_a_base_above_one_breaks_the_premise() -> None:
    wide = Domain((CAP, between(q, 0, 2, open="both")))
    lift = fading_power("x", "q^C <= 1", wide, le(q**cap, 1))
    assert decide(lift.premises[0], SMALL).verdict is Verdict.REFUTED
    assert truth_by_balls(lift.conclusion(1).goal, {cap: Fraction(2), q: Fraction(3, 2)}) is False
    assert E not in lift.conclusion(1).domain.symbols


def test_the_rules_are_listed() -> None:
    assert {"power-of-a-fraction", "ordered-ends", "optimal-between-ends"} <= set(RULES)


def test_the_distance_refuses_dimensions_that_do_not_exist() -> None:
    for d in (-1, 3):
        with pytest.raises(ValueError, match=rf"got {d}"):
            distance_squared_capped(2, d)
    assert distance_squared_capped(2, 0) == coordinate(1) ** 2 + coordinate(2) ** 2
