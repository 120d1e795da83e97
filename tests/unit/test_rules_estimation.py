"""The rules of Sections 4 and 5 on random instances, and on premises that are false."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from proofs_check.claim import Obligation, between, domain, nonnegative
from proofs_check.engines.base import Budget
from proofs_check.engines.exact import ExactEngine
from proofs_check.engines.points import is_inhabitant, truth_by_balls
from proofs_check.engines.search import SearchEngine
from proofs_check.engines.smt import SmtEngine
from proofs_check.rules import (
    congruence,
    error_band,
    loewner_sandwich,
    monotone_from_derivative,
    negative_eigenvector,
    smaller_eigenvalues,
)
from proofs_check.verdict import Verdict
from theory.covariance import (
    cholesky,
    compressed_increment,
    cross_term,
    data_covariance,
    diagonal_cross_term,
    relative_error,
)
from theory.notation import coordinate_hat, sigma, x
from theory.process import variance_at_noise

r = sp.Symbol("r", nonnegative=True)
SMALL = Budget(points=4000)


def refuted(obligation: Obligation) -> bool:
    return SearchEngine().decide(obligation, SMALL).verdict is Verdict.REFUTED


def proved(obligation: Obligation) -> bool:
    engine = ExactEngine() if ExactEngine().accepts(obligation) else SmtEngine()
    return engine.decide(obligation, Budget()).verdict is Verdict.PROVED


def test_monotone_from_derivative_premises_and_conclusion() -> None:
    where = domain(nonnegative(r))
    lift = monotone_from_derivative("log", where, r, sp.log(1 + r), r, r / (1 + r))
    assert all(proved(p) for p in lift.premises)
    assert not refuted(lift.conclusion(1))


def test_monotone_from_derivative_false_premise() -> None:
    where = domain(nonnegative(r))
    lift = monotone_from_derivative("log", where, r, sp.log(1 + r), r - r**2, r / (1 + r) - 2 * r)
    start, derivative, sign = lift.premises
    assert proved(start)
    assert proved(derivative)
    assert refuted(sign)
    assert refuted(lift.conclusion(1))


def test_monotone_from_derivative_wrong_start_is_a_false_premise() -> None:
    lift = monotone_from_derivative("shifted", domain(nonnegative(r)), r, r + 1, 2 * r, sp.S.One)
    assert not proved(lift.premises[0])
    assert refuted(lift.conclusion(1))


@pytest.mark.parametrize("where", [domain(between(r, 0, None, open="left")), domain(between(r, 0, 1), given=[])])
def test_monotone_from_derivative_needs_a_closed_start(where: object) -> None:
    if where.variables[0].lower_open:  # type: ignore[attr-defined]
        with pytest.raises(ValueError, match="lower end"):
            monotone_from_derivative("r", where, r, r, r, sp.S.Zero)  # type: ignore[arg-type]
    else:
        monotone_from_derivative("r", where, r, r, r, sp.S.Zero)  # type: ignore[arg-type]


def test_smaller_eigenvalues() -> None:
    one = domain(between(sigma, 0, None, open="left"), between(x, 0, 1))
    gain, v = compressed_increment(), variance_at_noise(sigma**2)
    derivative = -2 * (v - (1 - x) * sigma * sp.sqrt(v) + (1 - x) * sigma**2) / sp.sqrt(v)
    lift = smaller_eigenvalues("g", one, gain, derivative)
    assert all(proved(p) for p in lift.premises)
    for D in (1, 2, 4):
        assert not refuted(lift.conclusion(D))
    rising = smaller_eigenvalues("rising", one, sigma**2 - sigma, 2 * sigma - 1)
    assert refuted(rising.premises[1])
    assert refuted(rising.conclusion(2))


def test_congruence_on_random_matrices() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        D = int(rng.integers(1, 6))
        C, S, y = rng.normal(size=(D, D)), rng.normal(size=(D, 3)), rng.normal(size=3)
        C = C + C.T
        assert y @ (S.T @ C @ S) @ y == pytest.approx((S @ y) @ C @ (S @ y), rel=1e-9, abs=1e-9)
    lift = congruence("c")
    assert proved(lift.premises[0])
    for D in (1, 2, 3):
        conclusion = lift.conclusion(D)
        assert not refuted(conclusion)
    free = Obligation("no premise", "", domain(conclusion.domain.variables), conclusion.goal)
    assert refuted(free)


def test_negative_eigenvector() -> None:
    lift = negative_eigenvector("n")
    assert all(proved(p) for p in lift.premises)
    for D in (1, 2, 3):
        conclusion = lift.conclusion(D)
        assert not refuted(conclusion)
        *others, _ = conclusion.domain.hypotheses
        assert refuted(
            Obligation("B indefinite", "", domain(conclusion.domain.variables, given=others), conclusion.goal)
        )


def _points(D: int, count: int) -> list[dict[sp.Symbol, Fraction]]:
    """Random rational estimates and covariances inside the sandwich."""
    rng = random.Random(D)
    found: list[dict[sp.Symbol, Fraction]] = []
    while len(found) < count:
        error = Fraction(rng.randint(1, 50), 100)
        hats = sorted((Fraction(rng.randint(1, 300), 100) for _ in range(D)), reverse=True)
        point = {coordinate_hat(j + 1): h for j, h in enumerate(hats)}
        for s in cholesky(D).free_symbols:
            near = 1 if s.is_nonnegative else 0
            point[s] = near + error * Fraction(rng.randint(-50, 50), 100)
        point[x], point[relative_error] = Fraction(rng.randint(0, 100), 100), error
        conclusion = loewner_sandwich("s").conclusion(D)
        if is_inhabitant(conclusion, point):
            found.append(point)
    return found


@pytest.mark.parametrize("D", [1, 2])
def test_sandwich_and_band_on_random_matrices(D: int) -> None:
    lifts = [loewner_sandwich("s"), error_band("b"), error_band("i", increments=True)]
    goals = [lift.conclusion(D).goal for lift in lifts]
    for point in _points(D, 25):
        assert all(truth_by_balls(goal, point) is not False for goal in goals)


def test_sandwich_premises_and_a_false_one() -> None:
    for lift in (loewner_sandwich("s"), error_band("b"), error_band("i", increments=True)):
        assert all(proved(p) for p in lift.premises)
    # outside the sandwich the conclusion fails
    conclusion = loewner_sandwich("s").conclusion(2)
    assert refuted(Obligation("free", "", domain(conclusion.domain.variables), conclusion.goal))


def test_cross_terms_agree_with_numpy() -> None:
    rng = np.random.default_rng(1)
    for point in _points(2, 20):
        values = {s: float(v) for s, v in point.items()}
        M = np.array(data_covariance(2).subs(values).tolist(), dtype=float)
        V = np.diag([values[x] + (1 - values[x]) * values[coordinate_hat(j)] ** 2 for j in (1, 2)])
        expected = np.sqrt(np.abs(np.linalg.eigvals(V @ M))).sum()
        assert float(cross_term(data_covariance(2), 2).subs(values)) == pytest.approx(expected, rel=1e-9)
        u = rng.normal(size=2)
        assert u @ M @ u >= 0
        assert float(diagonal_cross_term(2).subs(values)) > 0
