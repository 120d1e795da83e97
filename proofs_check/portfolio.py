"""One obligation through the engines that accept it.

The order is by strength: canonical forms, solvers, balls, and a search for counterexamples, which also cross-checks
every proof with a smaller budget. Engines that contradict each other make the obligation an ERROR, never a pass.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from proofs_check.claim import Obligation
from proofs_check.engines.ball import BallEngine
from proofs_check.engines.base import Budget, Engine
from proofs_check.engines.exact import ExactEngine
from proofs_check.engines.search import SearchEngine, find_inhabitant, show_point
from proofs_check.engines.smt import SmtEngine
from proofs_check.engines.vacuity import hypotheses_unsatisfiable
from proofs_check.verdict import Evidence, Verdict, as_list, as_pairs, as_seconds, evidence_from_json, issue

__all__ = [
    "PROVERS",
    "SEARCH",
    "TWIN_PROVERS",
    "Decision",
    "consistent",
    "cut_short",
    "decide",
    "run_engine",
    "search_only",
    "tell",
]

PROVERS: tuple[Engine, ...] = (ExactEngine(), SmtEngine(), BallEngine())
#: for wrong twins: one solver that says unsat is enough to call a twin true
TWIN_PROVERS: tuple[Engine, ...] = (ExactEngine(), SmtEngine(one_suffices=True), BallEngine())
SEARCH = SearchEngine()
#: the verdicts that an engine can give
_POWERS = {
    "exact": (Verdict.PROVED, Verdict.REFUTED, Verdict.UNKNOWN),
    "smt": (Verdict.PROVED, Verdict.REFUTED, Verdict.UNKNOWN),
    "ball": (Verdict.ENCLOSED, Verdict.REFUTED, Verdict.UNKNOWN),
    "search": (Verdict.REFUTED, Verdict.UNKNOWN),
}


@dataclass(frozen=True)
class Decision:
    """What all engines together say about one obligation."""

    verdict: Verdict
    evidence: tuple[Evidence, ...]
    inhabitant: tuple[tuple[str, str], ...] | None = None
    seconds: float = 0.0

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that stand behind the verdict."""
        return tuple(e.engine for e in self.evidence if e.verdict is self.verdict)

    @property
    def contradiction(self) -> bool:
        """Whether two engines, or the two solvers, contradict each other."""
        said = {e.verdict for e in self.evidence}
        proved = {Verdict.PROVED, Verdict.ENCLOSED, Verdict.SUPPORTED} & said
        return any("contradiction" in e.marks for e in self.evidence) or (bool(proved) and Verdict.REFUTED in said)

    @property
    def marks(self) -> tuple[str, ...]:
        """Marks of the evidence behind the verdict."""
        return tuple(dict.fromkeys(m for e in self.evidence if e.verdict is self.verdict for m in e.marks))

    @property
    def witness(self) -> tuple[tuple[str, str], ...] | None:
        """The simplest refuting point, if any."""
        found = [e.witness for e in self.evidence if e.witness is not None]
        return min(found, key=lambda w: sum(len(value) for _, value in w), default=None)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "verdict": self.verdict.name,
            "evidence": [e.to_json() for e in self.evidence],
            "inhabitant": self.inhabitant,
            "seconds": self.seconds,
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> Decision:
        """Read back `to_json`; raises KeyError, TypeError or ValueError on anything else."""
        point = data["inhabitant"]
        return Decision(
            Verdict[data["verdict"]],
            tuple(evidence_from_json(e) for e in as_list(data["evidence"])),
            None if point is None else as_pairs(point),
            as_seconds(data["seconds"]),
        )


class _OutOfTime(BaseException):
    """Not an `Exception`: nothing in between may take it for a failure of its own."""


#: who wants to hear what this process is doing
_listeners: list[Callable[[str], None]] = []


def tell(listener: Callable[[str], None]) -> None:
    """Have `listener` called with the name of every stage of the work as it begins, and with none as it ends."""
    _listeners.append(listener)


def _say(stage: str) -> None:
    for listener in _listeners:
        listener(stage)


@contextmanager
def _alarm(seconds: int, stage: str) -> Iterator[None]:
    """Interrupt pure Python work after `seconds` (a safety net; budgets count work, not time).

    Work inside a library call is not interrupted: whoever listens to `tell` can see that it takes too long.
    """
    _say(stage)
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    over = False

    def ring(signum: int, frame: Any) -> None:
        if not over:
            raise _OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    # it rings again, should the first be lost in a place where Python drops exceptions (a destructor, a callback)
    signal.setitimer(signal.ITIMER_REAL, seconds, 5)
    try:
        try:
            yield
        finally:
            over = True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        _say("")


def run_engine(engine: Engine, obligation: Obligation, budget: Budget) -> Evidence | None:
    """One engine's evidence; None if it does not accept; its failure is an ERROR, its time-out UNKNOWN."""
    try:
        with _alarm(budget.seconds, engine.name):
            return engine.decide(obligation, budget) if engine.accepts(obligation) else None
    except _OutOfTime:
        return issue(verdict=Verdict.UNKNOWN, engine=engine.name, detail=f"stopped after {budget.seconds} s")
    except MemoryError:
        return issue(verdict=Verdict.ERROR, engine=engine.name, detail="out of memory")
    except Exception as problem:
        detail = " ".join(f"{type(problem).__name__}: {problem}".split())
        return issue(verdict=Verdict.ERROR, engine=engine.name, detail=detail[:500])


def combine(evidence: list[Evidence]) -> Verdict:
    """The verdict of several engines on one obligation: contradiction is ERROR, refutation beats silence."""
    verdicts = {e.verdict for e in evidence}
    established = [v for v in verdicts if v in (Verdict.PROVED, Verdict.ENCLOSED, Verdict.SUPPORTED)]
    if any("contradiction" in e.marks for e in evidence):
        return Verdict.ERROR
    if Verdict.REFUTED in verdicts:
        return Verdict.ERROR if established else Verdict.REFUTED
    if established:
        return Verdict.ERROR if Verdict.ERROR in verdicts else min(established)
    return Verdict.ERROR if Verdict.ERROR in verdicts else Verdict.UNKNOWN


def cut_short(evidence: Evidence) -> bool:
    """Whether time, memory or a crash kept an engine, or one of the solvers, from an answer it may give next time."""
    return evidence.verdict is Verdict.ERROR or evidence.detail.startswith("stopped") or " failed (" in evidence.detail


def consistent(decision: Decision, *, searched: bool) -> bool:
    """Whether `decide` (or, if `searched`, a search alone) can have made `decision` of its own evidence."""
    said = combine(list(decision.evidence))
    for e in decision.evidence:
        if e.verdict not in _POWERS.get(e.engine, ()) or (e.verdict is Verdict.REFUTED) != (e.witness is not None):
            return False
    if searched:
        return (
            decision.verdict is said
            and decision.inhabitant is None
            and {e.engine for e in decision.evidence} <= {"search"}
        )
    if said in (Verdict.PROVED, Verdict.ENCLOSED, Verdict.SUPPORTED):
        # a proof about nothing, or about possibly nothing, is no pass
        without = (Verdict.VACUOUS, Verdict.UNKNOWN)
        return decision.verdict in without if decision.inhabitant is None else decision.verdict is said
    return decision.verdict is said and decision.inhabitant is None


def decide(obligation: Obligation, budget: Budget) -> Decision:
    """Decide one obligation: provers in order until one settles it, then the cross-check and the vacuity check."""
    start = time.perf_counter()
    evidence: list[Evidence] = []
    settled = False
    for engine in PROVERS:
        found = run_engine(engine, obligation, budget)
        if found is not None:
            evidence.append(found)
            settled = found.verdict in (Verdict.PROVED, Verdict.ENCLOSED, Verdict.REFUTED)
            if settled:
                break
    effort = replace(budget, points=budget.points // 10) if settled else budget
    cross = run_engine(SEARCH, obligation, effort)
    if cross is not None and (cross.verdict is not Verdict.UNKNOWN or not settled):
        evidence.append(cross)
    verdict = combine(evidence)
    inhabitant = None
    if verdict in (Verdict.PROVED, Verdict.ENCLOSED, Verdict.SUPPORTED):
        try:
            with _alarm(budget.seconds, "inhabitant"):
                point = find_inhabitant(obligation, budget)
        except _OutOfTime:
            point = None
        _say("vacuity")
        if point is not None:
            inhabitant = show_point(point)
        elif hypotheses_unsatisfiable(obligation, budget):
            verdict = Verdict.VACUOUS
        else:
            # a proof about possibly nothing is not a pass
            verdict = Verdict.UNKNOWN
    return Decision(verdict, tuple(evidence), inhabitant, time.perf_counter() - start)


def search_only(obligation: Obligation, budget: Budget) -> Decision:
    """Look for a counterexample and nothing else."""
    start = time.perf_counter()
    found = run_engine(SEARCH, obligation, budget)
    evidence = () if found is None else (found,)
    return Decision(combine(list(evidence)), evidence, None, time.perf_counter() - start)


def cross_check(obligation: Obligation, budget: Budget) -> Decision:
    """A shorter search, for instances of statements that rules carry to every `D`."""
    return search_only(obligation, replace(budget, points=budget.points // 8))
