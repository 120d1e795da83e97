"""Whether the hypotheses of an obligation can be satisfied at all."""

from __future__ import annotations

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.engines.smt import ask_cvc5, ask_z3
from proofs_check.engines.smtlib import Untranslatable, script

__all__ = ["hypotheses_unsatisfiable"]


def hypotheses_unsatisfiable(obligation: Obligation, budget: Budget) -> bool:
    """True only if both solvers find domain and hypotheses contradictory."""
    try:
        text = script(obligation, goal=False)
    except Untranslatable:
        return False
    return ask_z3(text, budget)[0] == "unsat" and ask_cvc5(text, budget)[0] == "unsat"
