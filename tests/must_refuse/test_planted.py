"""Planted wrong things: each must be refused, and none may look like a pass."""

from __future__ import annotations

import os
import time

import pytest
from sympy import Symbol, sqrt

from proofs_check import portfolio, twins
from proofs_check.cache import Cache, key_of
from proofs_check.claim import (
    Claim,
    Obligation,
    Repair,
    Statement,
    between,
    domain,
    positive,
    universal,
)
from proofs_check.engines import smt
from proofs_check.engines.base import Budget
from proofs_check.engines.isolate import SolverFailed, isolated
from proofs_check.formula import And, Relation, eq, ge, gt, le, lt, map_expressions
from proofs_check.mutants import twins_of
from proofs_check.rules import coordinates, sum_of_terms
from proofs_check.verdict import Verdict, issue
from proofs_check.verify import verify
from theory.frechet import kept, on_coordinate, slope
from theory.notation import sigma, sigma_hat, x

u, v = Symbol("u", nonnegative=True), Symbol("v", nonnegative=True)
UNIT = domain(between(u, 0, 1), between(v, 0, 1))
BUDGET = Budget(points=4000)


def claim(*statements, **more):
    return Claim("planted", "planted", "test", "printed", tuple(statements), **more)


def run(c, **options):
    return verify(["planted"], {"planted": c}, budget=BUDGET, twins=False, **options)


def test_a_false_claim_fails_with_a_witness():
    result = run(claim(universal("planted/a", "", UNIT, le(u + v, 1)))).results[0]
    assert result.outcome == "fails"
    assert result.witness is not None


def test_a_vacuous_claim_is_not_a_pass():
    where = UNIT.given(lt(u, v), lt(v, u))
    done = run(claim(universal("planted/a", "", where, eq(u, 7))))
    assert done.results[0].verdict is Verdict.VACUOUS
    assert done.results[0].outcome == "undetermined"
    assert done.exit_code == 3


def test_a_repair_that_is_false_makes_exit_code_1():
    broken = universal("planted/a", "", UNIT, le(u + v, 1))
    repair = Repair("statement", "also false", (universal("planted/b", "", UNIT, le(u, v)),))
    done = run(claim(broken, repairs=(repair,)))
    assert done.results[0].outcome == "undetermined"
    assert done.exit_code == 1


def test_a_hypothesis_that_is_not_needed_is_no_repair():
    broken = universal("planted/a", "", UNIT, le(u + v, 1))
    unneeded = Obligation("planted/c", "", UNIT.given(gt(u, v)), le(v, u))
    repair = Repair(
        "hypothesis", "u = 0", (universal("planted/b", "", UNIT.given(eq(u, 0)), le(u + v, 1)),), (unneeded,)
    )
    assert run(claim(broken, repairs=(repair,))).results[0].outcome == "undetermined"


def test_our_own_claim_refuted_is_exit_code_1():
    assert run(claim(universal("planted/a", "", UNIT, le(u, v)), ours=True)).exit_code == 1


def test_circles_and_unknown_dependencies_are_refused():
    with pytest.raises(ValueError, match="circle"):
        run(claim(universal("planted/a", "", UNIT, le(u, 1)), uses=("planted",)))
    with pytest.raises(ValueError, match="no claim 'nowhere'"):
        run(claim(universal("planted/a", "", UNIT, le(u, 1)), uses=("nowhere",)))


def test_what_rests_on_an_undecided_claim_is_not_established():
    open_claim = Claim("open", "", "", "", (universal("open/a", "", domain(positive(u)), gt(2**u, u)),))
    user = claim(universal("planted/a", "", UNIT, le(u, 1)), uses=("open",))
    done = verify(["planted"], {"open": open_claim, "planted": user}, budget=BUDGET, twins=False)
    assert done.results[0].outcome == "holds"
    assert done.results[0].closed is Verdict.UNKNOWN
    assert done.exit_code == 3


def test_a_lift_whose_conclusion_is_another_statement_is_an_error():
    one = domain(positive(sigma, sigma_hat), between(x, 0, 1))
    lift = sum_of_terms("planted/lift", "", one, ">=", kept(), kept() * 0)

    def instance(D):
        total = sum(on_coordinate(kept(), j) for j in range(1, D + 1))
        return Obligation("planted/i", "", coordinates(one, D), ge(total, 1))

    statement = Statement("planted/s", "", lift=lift, instance=instance)
    # the search refutes this instance; the mismatch alone must be an error too
    done = run(claim(statement))
    assert done.results[0].outcome != "holds"
    weaker = Statement(
        "planted/w",
        "",
        lift=lift,
        instance=lambda D: Obligation("planted/i", "", coordinates(one, D), gt(1 + instance(D).goal.left, 0)),
    )
    assert run(claim(weaker)).results[0].statements[0].verdict is Verdict.ERROR


def test_a_false_premise_leaves_the_statement_open():
    one = domain(positive(sigma, sigma_hat), between(x, 0, 1))
    lift = sum_of_terms("planted/lift", "", one, ">=", slope(), slope() * 0)
    done = run(claim(Statement("planted/s", "", lift=lift, instance=lift.conclusion, sizes=(2,))))
    assert done.results[0].outcome == "fails"


class _Yes:
    """An engine that answers PROVED to everything."""

    name = "yes"

    def accepts(self, obligation):
        return True

    def decide(self, obligation, budget):
        return issue(verdict=Verdict.PROVED, engine=self.name)


class _Raises(_Yes):
    name = "raises"

    def decide(self, obligation, budget):
        raise RuntimeError("boom")


class _Sleeps(_Yes):
    name = "sleeps"

    def decide(self, obligation, budget):
        time.sleep(60)


def test_an_engine_that_proves_everything_is_contradicted(monkeypatch):
    monkeypatch.setattr(portfolio, "PROVERS", (_Yes(),))
    done = run(claim(universal("planted/a", "", UNIT, le(u + v, 1))))
    assert done.results[0].outcome == "undetermined"
    assert done.exit_code == 1


def test_an_engine_that_proves_everything_lets_twins_survive(monkeypatch):
    monkeypatch.setattr(twins, "TWIN_PROVERS", (_Yes(),))
    c = claim(universal("planted/a", "", UNIT, le(u * v, u)))
    done = verify(["planted"], {"planted": c}, budget=BUDGET, twins=True)
    assert any(t.status == "survived" for t in done.results[0].twins)
    assert done.exit_code == 1


@pytest.mark.parametrize("engine", [_Raises(), _Sleeps()])
def test_an_engine_that_crashes_or_hangs_never_leads_to_a_pass(monkeypatch, engine):
    monkeypatch.setattr(portfolio, "PROVERS", (engine,))
    c = claim(universal("planted/a", "", UNIT, le(u * v, u)))
    done = verify(["planted"], {"planted": c}, budget=Budget(points=2000, seconds=1), twins=False)
    assert done.results[0].outcome == "undetermined"
    assert done.exit_code in (2, 3)


def say(monkeypatch, **answers):
    """Make a solver answer what it is told, whatever the question."""
    true_isolated = smt.isolated

    def told(call, *arguments, seconds):
        if call.__name__ in answers:
            return answers[call.__name__], {}
        return true_isolated(call, *arguments, seconds=seconds)

    monkeypatch.setattr(smt, "isolated", told)


def test_a_solver_that_answers_unsat_to_everything_is_caught(monkeypatch):
    say(monkeypatch, ask_z3="unsat")
    done = run(claim(universal("planted/a", "", UNIT, le(u + v, 1))))
    assert done.results[0].outcome == "undetermined"
    assert done.exit_code == 1


def test_a_lone_solver_is_marked(monkeypatch):
    say(monkeypatch, ask_cvc5="unknown")
    evidence = smt.SmtEngine().decide(Obligation("a", "", UNIT, le(u * v, u)), BUDGET)
    assert evidence.verdict is Verdict.PROVED
    assert evidence.marks == ("single-solver",)


def test_unknown_is_never_a_pass(monkeypatch):
    say(monkeypatch, ask_z3="unknown", ask_cvc5="unknown")
    monkeypatch.setattr(portfolio, "PROVERS", (smt.SmtEngine(),))
    done = run(claim(universal("planted/a", "", UNIT, le(u * v, u))))
    assert done.results[0].outcome == "undetermined"
    assert done.exit_code == 3


def test_a_printer_that_drops_a_sign_is_caught(monkeypatch):
    true_script = smt.script
    monkeypatch.setattr(smt, "script", lambda o, **options: true_script(o, **options).replace("(- 1)", "1"))
    done = run(claim(universal("planted/a", "", UNIT, ge(-u - v, 0))))
    assert done.results[0].items[0].decision.verdict is Verdict.ERROR
    assert done.exit_code == 1


def test_solver_calls_can_be_killed_and_may_die():
    with pytest.raises(SolverFailed, match="killed"):
        isolated(time.sleep, 30, seconds=0.2)
    with pytest.raises(SolverFailed, match="died"):
        isolated(os._exit, 3, seconds=10)
    with pytest.raises(SolverFailed, match="ZeroDivisionError"):
        isolated(divmod, 1, 0, seconds=10)
    assert isolated(divmod, 7, 2, seconds=10) == (3, 1)


def test_damaged_cache_entries_are_as_good_as_none(tmp_path):
    cache = Cache(tmp_path)
    obligation = Obligation("a", "", UNIT, le(u * v, u))
    key = key_of("decide", obligation, BUDGET)
    first = portfolio.decide(obligation, BUDGET)
    cache.put(key, first)
    assert cache.get("decide", key) == first
    path = next(tmp_path.rglob("*.json"))
    for text in (
        "",
        "{",
        "[]",
        '{"verdict": "PROVED"}',
        '{"verdict": "MAYBE", "evidence": [], "inhabitant": null, "seconds": 0}',
    ):
        path.write_text(text)
        assert cache.get("decide", key) is None
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_cache_key_depends_on_mathematics_mode_and_budget():
    base = Obligation("a", "words", UNIT, le(u * v, u))
    other = Obligation("b", "other words", UNIT, le(u * v, u))
    keys = {
        key_of("decide", base, BUDGET),
        key_of("search", base, BUDGET),
        key_of("decide", base, Budget()),
        key_of("decide", Obligation("a", "words", UNIT, lt(u * v, u)), BUDGET),
        key_of("decide", Obligation("a", "words", UNIT.given(lt(u, v)), le(u * v, u)), BUDGET),
    }
    assert len(keys) == 5
    assert key_of("decide", other, BUDGET) in keys


def test_every_operator_makes_twins_and_none_repeats_the_original():
    obligation = Obligation(
        "a",
        "",
        domain(positive(sigma, sigma_hat), between(x, 0, 1), given=[lt(sigma_hat, 1)]),
        And((Relation("<=", sqrt(kept() + 2), 3 * sigma), le(x, 1 - x))),
    )
    made = twins_of(obligation, 3)
    operators = {t.operator for t in made}
    assert {
        "sign",
        "factor",
        "exponent",
        "dropped term",
        "swapped symbol",
        "strictness",
        "direction",
        "dropped hypothesis",
        "dropped bound",
        "t for T - t",
    } <= operators
    texts = [t.obligation.serialise() for t in made]
    assert len(set(texts)) == len(texts)
    assert obligation.serialise() not in texts
    assert map_expressions(obligation.goal, lambda e: e) == obligation.goal
