"""The rules about data on a subspace: random instances where the premises hold, and failures where one does not."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, between, domain, positive
from proofs_check.engines.base import Budget
from proofs_check.engines.points import is_inhabitant, truth_by_balls
from proofs_check.formula import Formula, Or, ge, le, lt
from proofs_check.portfolio import decide
from proofs_check.rules import (
    RULES,
    best_rank,
    minimises,
    null_coordinates,
    rank_optimal,
    strict_summand,
    two_levels,
    x1,
    x2,
)
from proofs_check.rules.low_rank import y
from proofs_check.verdict import Verdict
from theory.frechet import criterion_term, distance_slope, slope
from theory.low_rank import distance_low_rank, isotropic
from theory.notation import X, coordinate, coordinate_hat, sigma, sigma_hat, x

SMALL = Budget(points=2000)
H1, H2 = coordinate_hat(1), coordinate_hat(2)
START: Domain = domain(positive(sigma, sigma_hat), between(X, 0, 1, open="both"), between(x, 0, 1), given=[le(x, X)])
TWICE = le(sigma_hat, 2 * sigma)
ORDERED = ge(H1, H2)
FIRST: Formula = Or((le(H1, 1), le(H1, 2 * sigma)))


def proved(lift: Lift) -> bool:
    return all(decide(p, SMALL).verdict is Verdict.PROVED for p in lift.premises)


def refuted(lift: Lift) -> list[str]:
    return [p.id for p in lift.premises if decide(p, SMALL).verdict is Verdict.REFUTED]


def test_every_rule_is_registered() -> None:
    assert {"null-coordinates", "rank-optimal", "best-rank", "strict-summand"} <= set(RULES)


def best_stop(D: int, point: dict[sp.Symbol, Fraction]) -> Fraction | None:
    """An end of [0, X] at which `F(d0, .)` is least, where there is one."""
    rule = minimises(isotropic(distance_slope(D)))
    for stop in (Fraction(0), point[X]):
        if truth_by_balls(rule, point | {y: stop}):
            return stop
    return None


@pytest.mark.parametrize("D", [1, 2, 3])
def test_best_rank_on_random_instances(D: int) -> None:
    lift = best_rank("x", START, isotropic=True, each=[TWICE], pairs=[ORDERED, FIRST])
    assert proved(lift)
    conclusion = lift.conclusion(D)
    rng = random.Random(D)
    stops = set()
    tried = 0
    while tried < 30:
        s = Fraction(rng.randint(1, 60), 40)
        hats = sorted((s * Fraction(rng.randint(2, 80), 40) for _ in range(D)), reverse=True)
        horizon = Fraction(rng.randint(1, 99), 100)
        point = {coordinate_hat(j): h for j, h in enumerate(hats, 1)} | {sigma: s, X: horizon}
        stop = best_stop(D, point)
        if stop is None:
            continue
        point |= {x: horizon * Fraction(rng.randint(0, 20), 20), y: stop}
        point = {symbol: point[symbol] for symbol in conclusion.domain.symbols}
        if is_inhabitant(conclusion, point):
            tried += 1
            stops.add(stop == 0)
            assert truth_by_balls(conclusion.goal, point) is not False, point
    assert stops == {True, False}


@pytest.mark.parametrize(
    ("each", "pairs", "premise", "values"),
    [
        ([], [ORDERED, FIRST], "x/pays", ("1/5", "1/2", "1/2", "1/2", "0", "0")),
        ([TWICE], [ORDERED], "x/kept", ("1/5", "2", "1/3", "9/10", "3/4", "9/10")),
        ([TWICE], [FIRST], "x/kept", ("1/4", "1/5", "1/2", "1/2", "1/20", "0")),
    ],
)
def test_best_rank_without_one_hypothesis(
    each: list[Formula], pairs: list[Formula], premise: str, values: tuple[str, ...]
) -> None:
    lift = best_rank("x", START, isotropic=True, each=each, pairs=pairs)
    assert refuted(lift) == [premise]
    conclusion = lift.conclusion(2)
    point = dict(zip((sigma, H1, H2, X, x, y), map(Fraction, values), strict=True))
    point = {symbol: point[symbol] for symbol in conclusion.domain.symbols}
    assert is_inhabitant(conclusion, point)
    assert truth_by_balls(conclusion.goal, point) is False


def test_rank_optimal_holds_with_its_premise_and_fails_without() -> None:
    small = le(x + (1 - x) * sigma_hat**2, 4 * sigma**2)
    lift = rank_optimal("x", START, isotropic=False, each=[small])
    assert proved(lift)
    conclusion = lift.conclusion(3)
    rng = random.Random(5)
    done = 0
    while done < 30:
        point = {symbol: Fraction(rng.randint(1, 40), 40) for symbol in conclusion.domain.symbols}
        if is_inhabitant(conclusion, point):
            done += 1
            assert truth_by_balls(conclusion.goal, point) is not False
    without = rank_optimal("x", START, isotropic=False)
    assert refuted(without) == ["x/small"]
    weak = without.conclusion(2)
    point = {symbol: Fraction(1, 2) for symbol in weak.domain.symbols} | {coordinate(2): Fraction(1, 10)}
    assert is_inhabitant(weak, point)
    assert truth_by_balls(weak.goal, point) is False


def test_null_coordinates_are_what_the_distance_says() -> None:
    one = domain(positive(sigma, sigma_hat), between(x, 0, 1))
    lift = null_coordinates("x", one)
    assert proved(lift)
    rng = random.Random(1)
    for D in (1, 2):
        goal = lift.conclusion(D).goal
        for _ in range(5):
            # perfect squares: all roots are rational, so that the equations are decided exactly
            r, s = (Fraction(rng.randint(1, 9), 10) for _ in range(2))
            point = {coordinate(j): s for j in range(1, D + 1)}
            point |= {coordinate_hat(j): Fraction(1) for j in range(1, D + 1)} | {x: r}
            assert truth_by_balls(goal, point) is True
    # not zero: the further coordinate does add noise
    gap = distance_low_rank(3, 1, 2) - distance_low_rank(3, 1, 1)
    assert sp.simplify(gap - x) == 0


def test_strict_summand_needs_strictness() -> None:
    two = two_levels(domain(positive(sigma, sigma_hat), between(x, 0, 1))).given(lt(x1, x2))
    left, right = slope().subs(x, x1), slope().subs(x, x2)
    lift = strict_summand("x", "slopes increase", two, left, right, criterion_term())
    assert proved(lift)
    conclusion = lift.conclusion(2)
    rng = random.Random(2)
    negative = 0
    while negative < 20:
        point = {symbol: Fraction(rng.randint(1, 20), 20) for symbol in conclusion.domain.symbols}
        if not is_inhabitant(conclusion, point):
            continue
        assert truth_by_balls(conclusion.goal, point) is True
        sign = sum(
            (1 - point[coordinate(j)] / point[coordinate_hat(j)]) * (1 - point[coordinate_hat(j)] ** 2) for j in (1, 2)
        )
        negative += sign < 0
    # with x1 = x2 allowed the premise is false, and so is the conclusion
    loose = two_levels(domain(positive(sigma, sigma_hat), between(x, 0, 1)))
    weak = strict_summand("x", "slopes increase", loose, left, right, criterion_term())
    assert refuted(weak) == ["x"]
    point = {coordinate(1): Fraction(1, 2), H1: Fraction(1, 4), x1: Fraction(0), x2: Fraction(0)}
    same: Obligation = weak.conclusion(1)
    assert is_inhabitant(same, point)
    assert truth_by_balls(same.goal, point) is False
