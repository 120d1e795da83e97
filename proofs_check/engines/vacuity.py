"""Whether the hypotheses of an obligation can be satisfied at all."""

from __future__ import annotations

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.engines.isolate import SolverFailed, isolated
from proofs_check.engines.smt import ask_cvc5, ask_z3
from proofs_check.engines.smtlib import Untranslatable, script

__all__ = ["hypotheses_unsatisfiable"]


def hypotheses_unsatisfiable(obligation: Obligation, budget: Budget) -> bool:
    """True only if both solvers find domain and hypotheses contradictory."""
    try:
        text = script(obligation, goal=False)
    except Untranslatable:
        return False
    try:
        return all(isolated(ask, text, budget, seconds=budget.seconds)[0] == "unsat" for ask in (ask_z3, ask_cvc5))
    except SolverFailed:
        return False
