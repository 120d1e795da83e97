"""The rule `ordered-slopes` on random instances, and where its premise is missing."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from proofs_check.claim import Domain
from proofs_check.engines.base import Budget
from proofs_check.engines.points import truth_by_balls
from proofs_check.engines.smt import SmtEngine
from proofs_check.formula import all_of
from proofs_check.rules import RULES, ordered_slopes
from proofs_check.rules.expected import minimisers_in_order
from proofs_check.verdict import Verdict
from theory.notation import x


def test_registered() -> None:
    assert "ordered-slopes" in RULES


@pytest.mark.parametrize("reverse", [False, True])
def test_premises_are_proved(reverse: bool) -> None:
    for premise in ordered_slopes("t", reverse=reverse).premises:
        assert SmtEngine().decide(premise, Budget()).verdict is Verdict.PROVED


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("D", [2, 4])
def test_random_instances(D: int, reverse: bool) -> None:
    concluded = minimisers_in_order("t", D, reverse=reverse)
    rng = np.random.default_rng(D)
    met, broken = 0, 0
    for _ in range(300):
        level = [Fraction(int(k)) for k in rng.integers(0, 10, D)]
        at = Fraction(int(rng.integers(0, 10)))
        names = {s.name: s for s in concluded.domain.symbols}
        point = {x: at}
        for j in range(D):
            size = Fraction(int(rng.integers(1, 9)), 3)
            point |= {names[f"L{j + 1}"]: level[j], names[f"g{j + 1}"]: size if at >= level[j] else -size}
        given = truth_by_balls(all_of(concluded.domain.hypotheses), point)
        goal = truth_by_balls(concluded.goal, point)
        met += given is True
        broken += goal is False
        assert not (given is True and goal is False)
    assert met > 5
    assert broken > 5


@pytest.mark.parametrize("reverse", [False, True])
def test_without_the_order_it_is_refuted(reverse: bool) -> None:
    concluded = minimisers_in_order("t", 2, reverse=reverse)
    free = Domain(concluded.domain.variables, concluded.domain.hypotheses[:2])
    loose = type(concluded)(concluded.id, concluded.text, free, concluded.goal)
    assert SmtEngine().decide(loose, Budget()).verdict is Verdict.REFUTED
