"""The runner: from claims to decided claims.

Every obligation, premise and instance of the claims asked for, and of the claims they rest on, is decided once
(whatever claim it comes from), in parallel, through the cache; then the twins of what was established; then the
outcomes are computed. Nothing here can be told what a claim's outcome should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Literal

from proofs_check.cache import Cache, key_of
from proofs_check.claim import Claim, Obligation, Repair, Statement
from proofs_check.engines.base import Budget
from proofs_check.matching import match_lift
from proofs_check.pool import Result, Task, run_tasks
from proofs_check.portfolio import Decision, cut_short
from proofs_check.twins import TwinReport, TwinResult
from proofs_check.verdict import Evidence, Verdict, worst

__all__ = ["ClaimResult", "Item", "Run", "StatementResult", "ancestors", "verify"]

Outcome = Literal["holds", "holds-if", "fails", "undetermined", "imported"]
Witness = tuple[tuple[str, str], ...]
Parts = list[tuple[Literal["goal", "premise", "instance"], Obligation]]


@dataclass(frozen=True)
class Item:
    """One decided obligation, and the part it plays: `goal`, `premise`, `instance` or `outside`."""

    role: Literal["goal", "premise", "instance", "outside"]
    obligation: Obligation
    decision: Decision


@dataclass(frozen=True)
class StatementResult:
    """A statement with the verdict of what it rests on."""

    statement: Statement
    verdict: Verdict
    items: tuple[Item, ...]
    rule: Evidence | None = None

    @property
    def witness(self) -> Witness | None:
        """A counterexample to the statement itself."""
        own = [i.decision.witness for i in self.items if i.role in ("goal", "instance") and i.decision.witness]
        return min(own, key=lambda w: (len(w), sum(len(v) for _, v in w)), default=None)


@dataclass(frozen=True)
class RepairResult:
    """A repair that was tried."""

    repair: Repair
    statements: tuple[StatementResult, ...]
    outside: tuple[Item, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of its statements; UNKNOWN if the hypothesis was not shown to be needed."""
        own = worst([s.verdict for s in self.statements])
        needed = all(i.decision.verdict is Verdict.REFUTED for i in self.outside)
        return own if needed or not own.established else Verdict.UNKNOWN


@dataclass(frozen=True)
class ClaimResult:
    """A decided claim. `verdict` stands behind the outcome: behind the printed statement if it holds, else behind
    what is asserted in its place. `closed` is the worst verdict of the claim and of everything it rests on."""

    claim: Claim
    outcome: Outcome
    verdict: Verdict
    closed: Verdict
    statements: tuple[StatementResult, ...]
    repairs: tuple[RepairResult, ...]
    twins: tuple[TwinResult, ...]
    imports: tuple[str, ...]
    seconds: float
    untwinned: tuple[tuple[str, TwinReport], ...] = ()

    @property
    def witness(self) -> Witness | None:
        """The simplest counterexample to the claim as printed."""
        found = [s.witness for s in self.statements if s.witness is not None]
        return min(found, key=lambda w: (len(w), sum(len(v) for _, v in w)), default=None)

    @property
    def standing(self) -> tuple[RepairResult, ...]:
        """The repairs that were established."""
        return tuple(r for r in self.repairs if r.verdict.established)

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """The further hypotheses under which the printed conclusion was established."""
        return tuple(r.repair.text for r in self.standing if r.repair.kind == "hypothesis")

    @property
    def repaired(self) -> str:
        """The statement established in place of the printed one."""
        return " ".join(r.repair.text for r in self.standing if r.repair.kind == "statement")

    @property
    def items(self) -> tuple[Item, ...]:
        """Every obligation decided for this claim."""
        tried = [i for r in self.repairs for s in r.statements for i in s.items]
        return (
            *(i for s in self.statements for i in s.items),
            *tried,
            *(i for r in self.repairs for i in r.outside),
        )

    @property
    def contradiction(self) -> bool:
        """Engines disagree, or something that we assert ourselves is refuted."""
        ours = [s for r in self.repairs for s in r.statements] + (list(self.statements) if self.claim.ours else [])
        if any(s.verdict is Verdict.REFUTED for s in ours):
            return True
        survived = any(t.status == "survived" for t in self.twins)
        clash = any(i.decision.contradiction for i in self.items)
        return survived or clash

    @property
    def problems(self) -> tuple[str, ...]:
        """What a crash, a time-out or a lack of memory left without an answer, one line each."""
        own = {i.obligation.id: i.decision for i in self.items}
        found = [f"{id}: {e.engine}: {e.detail}" for id, d in own.items() for e in d.evidence if cut_short(e)]
        return (*found, *(f"{id}: its wrong twins: {report.problem}" for id, report in self.untwinned))

    @property
    def failed(self) -> bool:
        """Whether an engine failed (which a time-out alone is not)."""
        lost = any(i.decision.verdict is Verdict.ERROR for i in self.items)
        return lost or any(report.error for _, report in self.untwinned)

    @property
    def decided(self) -> bool:
        """Whether the outcome rests on evidence, or the paper leaves open what would have to be decided."""
        if self.claim.missing and not self.claim.statements:
            return True
        return self.outcome != "undetermined" and (self.outcome == "fails" or self.closed.established)


@dataclass
class Run:
    """All results of one run, in the order asked for."""

    results: list[ClaimResult] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 decided, 1 contradiction or a refuted assertion of ours, 2 engine error, 3 something stayed undecided."""
        if any(r.contradiction for r in self.results):
            return 1
        if any(r.failed for r in self.results):
            return 2
        return 0 if all(r.decided for r in self.results) else 3


def ancestors(ids: Iterable[str], registry: dict[str, Claim]) -> list[str]:
    """`ids` and everything they rest on, each after what it rests on.

    Raises:
        ValueError: an id that is not in the registry, or a circle of dependencies.
    """
    found: dict[str, None] = {}

    def visit(id: str, path: tuple[str, ...]) -> None:
        if id not in registry:
            raise ValueError(f"no claim {id!r}" + (f", which {path[-1]} uses" if path else ""))
        if id in path:
            raise ValueError(f"claims rest on each other in a circle: {' -> '.join((*path, id))}")
        if id in found and not path:
            return
        for other in (*registry[id].uses, *registry[id].proof_uses):
            visit(other, (*path, id))
        found[id] = None

    for id in ids:
        visit(id, ())
    return list(found)


def _statements(claim: Claim) -> list[Statement]:
    return [*claim.statements, *(s for r in claim.repairs for s in r.statements)]


def _parts(statement: Statement) -> Parts:
    parts: Parts = [("goal", o) for o in statement.obligations]
    if statement.lift is not None:
        parts += [("premise", p) for p in statement.lift.premises]
    if statement.instance is not None:
        parts += [("instance", statement.instance(D)) for D in statement.sizes]
    return parts


class _Decider:
    """Decisions by content: each mathematical text is decided once."""

    def __init__(
        self, budget: Budget, jobs: int, cache: Cache, progress: Callable[[str, int, int], None], memory: int | None
    ) -> None:
        self.budget, self.jobs, self.cache, self.progress, self.memory = budget, jobs, cache, progress, memory
        self.known: dict[tuple[str, str], Result] = {}

    def run(self, label: str, tasks: Sequence[Task]) -> None:
        wanted: dict[tuple[str, str], Task] = {}
        for mode, obligation in tasks:
            key = (mode, obligation.serialise())
            if key not in self.known:
                wanted.setdefault(key, (mode, obligation))
        keys = {k: key_of(mode, o, self.budget) for k, (mode, o) in wanted.items()}
        for k in list(wanted):
            kept = self.cache.get(k[0], keys[k])
            if kept is not None:
                self.known[k] = kept
                del wanted[k]
        # long texts take longest: first, so that no process is left alone with one at the end
        order = sorted(wanted, key=lambda k: -len(k[1]))
        self.progress(label, 0, len(order))
        with closing(run_tasks([wanted[k] for k in order], self.budget, self.jobs, self.memory)) as results:
            for count, (i, result) in enumerate(results, 1):
                self.known[order[i]] = result
                self.cache.put(keys[order[i]], result)
                self.progress(label, count, len(order))

    def decision(self, mode: str, obligation: Obligation) -> Decision:
        found = self.known[mode, obligation.serialise()]
        if not isinstance(found, Decision):
            raise TypeError(f"mode {mode!r} does not decide")
        return found

    def twins(self, obligation: Obligation) -> TwinReport:
        found = self.known["twins", obligation.serialise()]
        if not isinstance(found, TwinReport):
            raise TypeError("not a report of twins")
        return found


def _mode(statement: Statement, role: str) -> str:
    if role != "instance":
        return "decide"
    return "search" if statement.lift is None else "cross-check"


def _statement_result(statement: Statement, parts: Parts, decider: _Decider) -> StatementResult:
    items = tuple(Item(role, o, decider.decision(_mode(statement, role), o)) for role, o in parts)
    goals = [i.decision.verdict for i in items if i.role == "goal"]
    refuted = any(i.decision.verdict is Verdict.REFUTED for i in items if i.role == "instance")
    if statement.lift is None:
        verdict = Verdict.REFUTED if refuted else worst(goals)
        return StatementResult(statement, verdict, items)
    rule = match_lift(statement, [o for role, o in parts if role == "instance"])
    premises = worst([rule.verdict, *goals, *(i.decision.verdict for i in items if i.role == "premise")])
    if refuted:
        # a counterexample to what proved premises and a rule conclude would be a contradiction
        verdict = Verdict.ERROR if premises.established else Verdict.REFUTED
    elif premises is Verdict.REFUTED:
        # a false premise leaves the statement open
        verdict = Verdict.UNKNOWN
    else:
        verdict = premises
    return StatementResult(statement, verdict, items, rule)


def _established(result: StatementResult) -> list[Obligation]:
    return [i.obligation for i in result.items if i.role in ("goal", "premise") and i.decision.verdict.established]


def _outcome(printed: Verdict, repairs: Sequence[RepairResult]) -> tuple[Outcome, Verdict]:
    if printed.established:
        return "holds", printed
    if printed is not Verdict.REFUTED:
        return "undetermined", printed
    standing = [r for r in repairs if r.verdict.established]
    if not standing:
        return ("undetermined", Verdict.UNKNOWN) if repairs else ("fails", Verdict.REFUTED)
    kind: Outcome = "holds-if" if standing[0].repair.kind == "hypothesis" else "fails"
    return kind, worst([r.verdict for r in standing])


def verify(
    ids: Sequence[str],
    registry: dict[str, Claim],
    *,
    budget: Budget | None = None,
    jobs: int = 0,
    cache: Cache | None = None,
    twins: bool = True,
    progress: Callable[[str, int, int], None] = lambda label, done, total: None,
    memory: int | None = None,
) -> Run:
    """Decide the claims `ids` of `registry` (and, for their closed verdicts, everything they rest on).

    In this process, or in `jobs` processes that may use `memory` bytes each (an equal share by default).

    Raises:
        ValueError: an unknown id, or a circle of dependencies.
    """
    needed = ancestors(ids, registry)
    decider = _Decider(budget or Budget(), jobs, cache or Cache(None), progress, memory)
    # a statement may serve several claims; its instances are written out once
    parts = {id(s): _parts(s) for name in needed for s in _statements(registry[name])}
    tasks: list[Task] = []
    for name in needed:
        for statement in _statements(registry[name]):
            tasks += [(_mode(statement, role), o) for role, o in parts[id(statement)]]
        tasks += [("decide", o) for r in registry[name].repairs for o in r.outside]
    decider.run("claims", tasks)

    decided: dict[int, StatementResult] = {}
    for name in needed:
        for statement in _statements(registry[name]):
            if id(statement) not in decided:
                decided[id(statement)] = _statement_result(statement, parts[id(statement)], decider)
    printed = {name: tuple(decided[id(s)] for s in registry[name].statements) for name in needed}
    repaired = {
        name: tuple(
            RepairResult(
                r,
                tuple(decided[id(s)] for s in r.statements),
                tuple(Item("outside", o, decider.decision("decide", o)) for o in r.outside),
            )
            for r in registry[name].repairs
        )
        for name in needed
    }
    results: dict[str, ClaimResult] = {}

    originals: dict[str, list[Obligation]] = {}
    if twins:
        for name in ids:
            sources = [*printed[name], *(s for r in repaired[name] if r.verdict.established for s in r.statements)]
            originals[name] = list({o.serialise(): o for s in sources for o in _established(s)}.values())
        decider.run("wrong twins", [("twins", o) for found in originals.values() for o in found])

    imported: Outcome = "imported"
    for name in needed:
        claim = registry[name]
        if claim.imported:
            outcome, verdict = imported, Verdict.PROVED
        else:
            outcome, verdict = _outcome(worst([s.verdict for s in printed[name]]), repaired[name])
        below = [other for other in ancestors([name], registry) if other != name]
        reports = [(o.id, decider.twins(o)) for o in originals.get(name, ())]
        result = ClaimResult(
            claim=claim,
            outcome=outcome,
            verdict=verdict,
            closed=worst([verdict, *(results[other].verdict for other in below)]),
            statements=printed[name],
            repairs=repaired[name],
            twins=tuple(t for _, report in reports for t in report.results),
            imports=tuple(other for other in below if registry[other].imported),
            seconds=0.0,
            untwinned=tuple((id, report) for id, report in reports if report.problem),
        )
        results[name] = replace(result, seconds=sum(i.decision.seconds for i in result.items))
    return Run([results[name] for name in dict.fromkeys(ids)])
