"""What becomes of an obligation's wrong twins.

The search's witness and the provers' verdict are kept apart: a twin is *wrong* once the search, which never proves, has
a witness against it, and *killed* when a prover refutes it too.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.formula import show
from proofs_check.mutants import Twin, twins_of
from proofs_check.portfolio import SEARCH, TWIN_PROVERS, run_engine
from proofs_check.verdict import Evidence, Verdict, as_list, as_pairs, as_seconds, as_text

__all__ = ["TwinReport", "TwinResult", "TwinStatus", "judge_twins"]

TwinStatus = Literal["killed", "survived", "no verdict", "true", "undecided"]


@dataclass(frozen=True)
class TwinResult:
    """One twin: how it was made, what became of it, which engines spoke, the search's witness."""

    id: str
    operator: str
    goal: str
    status: TwinStatus
    engines: tuple[str, ...]
    witness: tuple[tuple[str, str], ...] | None

    @property
    def wrong(self) -> bool:
        """Whether a witness shows the twin false."""
        return self.status in ("killed", "survived", "no verdict")


@dataclass(frozen=True)
class TwinReport:
    """All twins of one obligation; or `problem`, what kept them from being judged, and whether that is an `error`."""

    results: tuple[TwinResult, ...]
    seconds: float = 0.0
    problem: str = ""
    error: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data of a report without a problem."""
        return {"results": [asdict(r) for r in self.results], "seconds": self.seconds}

    @staticmethod
    def from_json(data: dict[str, Any]) -> TwinReport:
        """Read back `to_json`; raises KeyError, TypeError or ValueError on anything else."""
        results = []
        for r in as_list(data["results"]):
            if r["status"] not in get_args(TwinStatus):
                raise ValueError(f"no twin status {r['status']!r}")
            witness = None if r["witness"] is None else as_pairs(r["witness"])
            engines = tuple(map(as_text, as_list(r["engines"])))
            id, operator, goal = (as_text(r[name]) for name in ("id", "operator", "goal"))
            result = TwinResult(id, operator, goal, r["status"], engines, witness)
            if result.wrong != (witness is not None):
                raise ValueError(f"a twin that is {result.status} {'with' if witness else 'without'} a witness")
            results.append(result)
        return TwinReport(tuple(results), as_seconds(data["seconds"]))


def status_of(witness: object, said: set[Verdict]) -> TwinStatus:
    """The status of a twin from the search's witness (or None) and what the provers said."""
    proved = Verdict.PROVED in said or Verdict.ENCLOSED in said
    if witness is None:
        return "true" if proved else "undecided"
    if proved:
        return "survived"
    return "killed" if Verdict.REFUTED in said else "no verdict"


def _judge(twin: Twin, budget: Budget) -> TwinResult:
    heard: list[Evidence] = []
    for engine in TWIN_PROVERS:
        found = run_engine(engine, twin.obligation, budget)
        if found is not None:
            heard.append(found)
            if found.verdict is not Verdict.UNKNOWN:
                break
    # what a prover calls true is cross-checked with less effort
    true = any(e.verdict in (Verdict.PROVED, Verdict.ENCLOSED) for e in heard)
    effort = replace(budget, points=budget.points // 8) if true else budget
    searched = run_engine(SEARCH, twin.obligation, effort)
    witness = searched.witness if searched is not None and searched.verdict is Verdict.REFUTED else None
    decisive = (Verdict.PROVED, Verdict.ENCLOSED, Verdict.REFUTED)
    engines = tuple(e.engine for e in heard if e.verdict in decisive)
    status = status_of(witness, {e.verdict for e in heard})
    return TwinResult(twin.obligation.id, twin.operator, show(twin.obligation.goal), status, engines, witness)


def judge_twins(obligation: Obligation, budget: Budget) -> TwinReport:
    """Make the twins of an established obligation and decide each, with a quarter of the budget."""
    start = time.perf_counter()
    small = replace(
        budget, points=budget.points // 8, rlimit=budget.rlimit // 8, shrink=False, seconds=min(budget.seconds, 8)
    )
    results = tuple(_judge(twin, small) for twin in twins_of(obligation, budget.twins))
    return TwinReport(results, time.perf_counter() - start)
