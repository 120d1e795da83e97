"""Ball arithmetic: branch and bound over a box, with Arb.

The box of the domain is split until on every piece the goal is certainly true, or some hypothesis certainly false. An
overlap of balls never counts as equality, so goals that hold with equality somewhere stay undecided here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import flint

from proofs_check.claim import Domain, Obligation
from proofs_check.engines.base import Budget
from proofs_check.engines.points import is_counterexample, simplest
from proofs_check.engines.search import show_point
from proofs_check.formula import Formula, Relation, relations, truth
from proofs_check.verdict import Evidence, Verdict, issue
from theory.evaluate.arb import ArbBackend, as_ball, precision
from theory.evaluate.program import UnsupportedExpression, compile_expression

__all__ = ["BallEngine"]

Box = tuple[tuple[Fraction, Fraction], ...]
BITS = 128
#: pieces narrower than this (relative to the box) are left open, and after so many of them the engine gives up
FINEST, LEAVES = Fraction(1, 2**24), 50


def _box(domain: Domain) -> Box | None:
    """The bounding box, or None if some variable is unbounded. Open ends are closed: that only asks for more."""
    sides = []
    for v in domain.variables:
        if v.lower is None or v.upper is None:
            return None
        sides.append((Fraction(int(v.lower.p), int(v.lower.q)), Fraction(int(v.upper.p), int(v.upper.q))))
    return tuple(sides)


def _interval(low: Fraction, high: Fraction) -> Any:
    middle, radius = as_ball((low + high) / 2), as_ball((high - low) / 2)
    return middle + flint.arb(0, 1) * radius


def _decider(formulas: Sequence[Formula], domain: Domain) -> Callable[[Formula, list[Any]], bool | None]:
    programs = {r: compile_expression(r.left - r.right, domain.symbols) for f in formulas for r in relations(f)}

    def decide(formula: Formula, balls: list[Any]) -> bool | None:
        def relation(r: Relation) -> bool | None:
            ball = programs[r].run(ArbBackend(), balls)
            if not ball.is_finite():
                return None
            match r.op:
                case "<":
                    return True if ball < 0 else False if ball >= 0 else None
                case "<=":
                    return True if ball <= 0 else False if ball > 0 else None
                case ">":
                    return True if ball > 0 else False if ball <= 0 else None
                case ">=":
                    return True if ball >= 0 else False if ball < 0 else None
                case "=":
                    return True if ball.is_zero() else False if ball < 0 or ball > 0 else None
                case _:
                    return True if ball < 0 or ball > 0 else False if ball.is_zero() else None

        return truth(formula, relation)

    return decide


class BallEngine:
    """Encloses: proves strict statements on a bounded box, or evaluates a statement without variables."""

    name = "ball"

    def accepts(self, obligation: Obligation) -> bool:
        """Bounded domains only."""
        if _box(obligation.domain) is None:
            return False
        try:
            _decider([obligation.goal, *obligation.domain.hypotheses], obligation.domain)
        except UnsupportedExpression:
            return False
        return True

    def decide(self, obligation: Obligation, budget: Budget) -> Evidence:
        """ENCLOSED with the number of boxes, REFUTED at the middle of a box, else UNKNOWN."""
        start = time.perf_counter()
        domain, goal = obligation.domain, obligation.goal
        box = _box(domain)
        if box is None:
            raise ValueError(f"{obligation.id}: the domain is not bounded")
        decide = _decider([goal, *domain.hypotheses], domain)
        stack, done, open_pieces, smallest = [box], 0, 0, Fraction(1)
        verdict, detail, witness = Verdict.ENCLOSED, "", None
        with precision(BITS):
            while stack and verdict is Verdict.ENCLOSED:
                piece = stack.pop()
                done += 1
                balls = [_interval(low, high) for low, high in piece]
                given = [decide(h, balls) for h in domain.hypotheses]
                if False in given:
                    continue
                value = decide(goal, balls)
                if value is True:
                    continue
                if value is False and None not in given:
                    middle = {s: (a + b) / 2 for s, (a, b) in zip(domain.symbols, piece, strict=True)}
                    if is_counterexample(obligation, middle):
                        verdict = Verdict.REFUTED
                        witness = show_point(simplest(obligation, middle))
                        detail = "counterexample inside a box on which the goal is false"
                        break
                if done >= budget.boxes or not piece:
                    open_pieces = LEAVES
                widths = [
                    (b - a) / (d - c) if d > c else Fraction(0) for (a, b), (c, d) in zip(piece, box, strict=True)
                ]
                k = max(range(len(piece)), key=lambda i: widths[i], default=0)
                if open_pieces < LEAVES and widths[k] < FINEST:
                    # keep looking elsewhere: another piece may still hold a counterexample
                    open_pieces += 1
                    continue
                if open_pieces >= LEAVES:
                    break
                smallest = min(smallest, widths[k] / 2)
                low, high = piece[k]
                middle_k = (low + high) / 2
                stack.append((*piece[:k], (low, middle_k), *piece[k + 1 :]))
                stack.append((*piece[:k], (middle_k, high), *piece[k + 1 :]))
        if open_pieces and verdict is Verdict.ENCLOSED:
            verdict, detail = Verdict.UNKNOWN, f"undecided after {done} boxes"
        if verdict is Verdict.ENCLOSED:
            detail = f"{done} boxes" if box else "evaluated"
        return issue(
            verdict=verdict,
            engine=self.name,
            detail=f"{detail}, {BITS} bits",
            versions=(f"python-flint {flint.__version__}",),
            witness=witness,
            certificate=(("boxes", str(done)), ("smallest relative width", str(smallest))),
            seconds=time.perf_counter() - start,
        )
