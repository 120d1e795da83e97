"""z3 and cvc5 on the same SMT-LIB text.

PROVED needs `unsat` from both; from one alone the evidence carries the mark `single-solver`; if one says `unsat` and
the other `sat`, the verdict is ERROR. A model counts as a refutation only after its rational rounding has been
confirmed as a counterexample by the exact paths of `points`.
"""

from __future__ import annotations

import re
import time
from fractions import Fraction
from typing import Any

import sympy as sp

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.engines.isolate import SolverFailed, isolated
from proofs_check.engines.search import nearby_counterexample, show_point
from proofs_check.engines.smtlib import Untranslatable, script
from proofs_check.verdict import Evidence, Verdict, issue

__all__ = ["SmtEngine", "ask_cvc5", "ask_z3"]

Answer = tuple[str, dict[str, Fraction]]


def ask_z3(text: str, budget: Budget) -> Answer:
    """z3's answer (`sat`, `unsat`, `unknown`) and, if sat, rational values near its model."""
    import z3

    context = z3.Context()
    solver = z3.SolverFor("QF_NRA", ctx=context)
    solver.set("rlimit", budget.rlimit)
    solver.set("timeout", budget.seconds * 1000)
    solver.from_string(text.replace("(check-sat)", ""))
    answer = str(solver.check())
    if answer != "sat":
        return answer, {}
    model = solver.model()
    return answer, {d.name(): value for d in model.decls() if (value := _z3_value(model[d])) is not None}


def _z3_value(value: Any) -> Fraction | None:
    import z3

    if z3.is_rational_value(value):
        return Fraction(value.numerator_as_long(), value.denominator_as_long())
    if z3.is_algebraic_value(value):
        near = value.approx(20)
        return Fraction(near.numerator_as_long(), near.denominator_as_long())
    return None


def ask_cvc5(text: str, budget: Budget) -> Answer:
    """cvc5's answer and, if sat, the rational values of its model."""
    import cvc5

    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption("produce-models", "true")
    solver.setOption("rlimit", str(budget.rlimit // 40))
    solver.setOption("tlimit", str(budget.seconds * 1000))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "obligation")
    symbols = parser.getSymbolManager()
    answer = "unknown"
    while not (command := parser.nextCommand()).isNull():
        output = command.invoke(solver, symbols).strip()
        if output.startswith("(error"):
            raise RuntimeError(f"cvc5: {output}")
        if output in ("sat", "unsat", "unknown"):
            answer = output
    if answer != "sat":
        return answer, {}
    values = {}
    for term in symbols.getDeclaredTerms():
        value = solver.getValue(term)
        if value.isRealValue():
            values[str(term)] = Fraction(value.getRealValue())
    return answer, values


def _versions() -> tuple[str, ...]:
    import cvc5
    import z3

    return (f"z3 {z3.get_version_string()}", f"cvc5 {cvc5.__version__}")


def _witness(obligation: Obligation, values: dict[str, Fraction], shrink: bool) -> dict[sp.Symbol, Fraction] | None:
    """A confirmed counterexample at or near a model, or None."""
    point = {s: values.get(s.name, values.get(f"|{s.name}|", Fraction(0))) for s in obligation.domain.symbols}
    return nearby_counterexample(obligation, point, shrink=shrink)


class SmtEngine:
    """Real arithmetic by two independent solvers."""

    name = "smt"

    def __init__(self, *, one_suffices: bool = False) -> None:
        """With `one_suffices` the second solver is asked only where the first does not know (for wrong twins)."""
        self.one_suffices = one_suffices

    def accepts(self, obligation: Obligation) -> bool:
        """Whether the obligation translates to real arithmetic."""
        try:
            script(obligation)
        except Untranslatable:
            return False
        return True

    def decide(self, obligation: Obligation, budget: Budget) -> Evidence:
        """PROVED (both `unsat`, or one and marked), REFUTED (confirmed model), ERROR (they disagree), UNKNOWN."""
        start = time.perf_counter()
        text = script(obligation)
        answers: dict[str, str] = {}
        verdict, witness = Verdict.UNKNOWN, None
        marks: tuple[str, ...] = ()
        for name, ask in (("z3", ask_z3), ("cvc5", ask_cvc5)):
            try:
                answers[name], values = isolated(ask, text, budget, seconds=budget.seconds)
            except SolverFailed as problem:
                # a solver's own failure is no verdict, and must not hide the other solver's answer
                answers[name] = f"failed ({re.sub('[^ -~]+', ' ', str(problem))[:120]})"
                continue
            point = _witness(obligation, values, budget.shrink) if values else None
            if point is not None:
                # a confirmed counterexample needs no second solver
                verdict, witness = Verdict.REFUTED, show_point(point)
                break
            if self.one_suffices and answers[name] == "unsat":
                break
        if verdict is Verdict.UNKNOWN and "sat" in answers.values() and "unsat" not in answers.values():
            # the models may give values to meaningless terms: ask for one in which every term has a meaning
            witness = self._meaningful_witness(obligation, budget)
            verdict = Verdict.UNKNOWN if witness is None else Verdict.REFUTED
        said = ", ".join(f"{name} {answer}" for name, answer in answers.items())
        common: dict[str, Any] = {
            "engine": self.name,
            "detail": said,
            "versions": _versions(),
            "certificate": (("smt2", text),),
        }
        kinds = set(answers.values())
        if "unsat" in kinds and ("sat" in kinds or verdict is Verdict.REFUTED):
            verdict, witness, marks = Verdict.ERROR, None, ("contradiction",)
        elif kinds == {"unsat"} and len(answers) == 2:
            verdict = Verdict.PROVED
        elif "unsat" in kinds:
            verdict, marks = Verdict.PROVED, ("single-solver",)
        seconds = time.perf_counter() - start
        return issue(verdict=verdict, witness=witness, marks=marks, seconds=seconds, **common)

    def _meaningful_witness(self, obligation: Obligation, budget: Budget) -> tuple[tuple[str, str], ...] | None:
        text = script(obligation, defined=True)
        for ask in (ask_z3, ask_cvc5):
            try:
                _, values = isolated(ask, text, budget, seconds=budget.seconds)
            except SolverFailed:
                continue
            point = _witness(obligation, values, budget.shrink) if values else None
            if point is not None:
                return show_point(point)
        return None
