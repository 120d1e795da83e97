"""Identities by canonical form."""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import islice, product

import sympy as sp

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.engines.canonical import canonical_numerator
from proofs_check.engines.points import is_counterexample
from proofs_check.engines.search import show_point
from proofs_check.formula import And, Formula, Relation
from proofs_check.verdict import Evidence, Verdict, issue
from theory.evaluate import UnsupportedExpression

__all__ = ["ExactEngine"]

_TRIAL = [Fraction(1, 3), Fraction(2, 5), Fraction(3, 7), Fraction(5, 4), Fraction(7, 3)]


def _equations(goal: Formula) -> list[Relation] | None:
    """The equations of a goal that is one, or a conjunction of some; None for anything else."""
    if isinstance(goal, Relation):
        return [goal] if goal.op == "=" else None
    if isinstance(goal, And):
        parts = [_equations(part) for part in goal.args]
        return None if any(p is None for p in parts) else [e for p in parts if p for e in p]
    return None


class ExactEngine:
    """Proves identities between rational expressions with radicals and exponentials; refutes them at a point."""

    name = "exact"

    def accepts(self, obligation: Obligation) -> bool:
        """Equations, without hypotheses that would be needed to simplify them."""
        return bool(_equations(obligation.goal))

    def decide(self, obligation: Obligation, budget: Budget) -> Evidence:
        """PROVED if every canonical form is zero, REFUTED at a trial point, else UNKNOWN."""
        start = time.perf_counter()
        forms = [canonical_numerator(e.left - e.right) for e in _equations(obligation.goal) or []]
        verdict, detail, witness = Verdict.UNKNOWN, "the canonical form is not zero", None
        if all(form == 0 for form in forms):
            verdict, detail = Verdict.PROVED, f"canonical form 0 ({len(forms)} identities)"
        else:
            symbols = obligation.domain.symbols
            for values in islice(product(_TRIAL, repeat=len(symbols)), 64):
                point = dict(zip(symbols, values, strict=True))
                try:
                    found = is_counterexample(obligation, point)
                except UnsupportedExpression:
                    break
                if found:
                    verdict, witness = Verdict.REFUTED, show_point(point)
                    detail = "the canonical form is not zero, nor is the difference at the witness"
                    break
        return issue(
            verdict=verdict,
            engine=self.name,
            detail=detail,
            versions=(f"sympy {sp.__version__}",),
            witness=witness,
            certificate=(("numerators", "; ".join(sp.sstr(f) for f in forms)[:2000]),),
            seconds=time.perf_counter() - start,
        )
