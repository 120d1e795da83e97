"""A run as JSON. The schema beside this file is versioned: fields are added, never renamed or removed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory.files import write_whole

if TYPE_CHECKING:
    from proofs_check.twins import TwinResult
    from proofs_check.verify import ClaimResult, Item, Run, StatementResult

__all__ = ["SCHEMA", "dump", "run_to_json", "write_json"]

SCHEMA = 1


def _obligation(item: Item, part: str, statement: str | None) -> dict[str, Any]:
    from proofs_check.formula import show

    return {
        "id": item.obligation.id,
        "role": item.role,
        "part": part,
        "statement": statement,
        "text": item.obligation.text,
        "domain": item.obligation.domain.show(),
        "goal": show(item.obligation.goal),
        "verdict": item.decision.verdict.name,
        "engines": list(item.decision.engines),
        "marks": list(item.decision.marks),
        "evidence": [
            {"engine": e.engine, "verdict": e.verdict.name, "detail": e.detail, "versions": list(e.versions)}
            for e in item.decision.evidence
        ],
        "witness": _point(item.decision.witness),
        "seconds": round(item.decision.seconds, 3),
    }


def _statement(result: StatementResult, part: str) -> dict[str, Any]:
    return {
        "id": result.statement.id,
        "part": part,
        "text": result.statement.text,
        "verdict": result.verdict.name,
        "rule": None if result.rule is None else result.rule.engine,
        "rule_detail": None if result.rule is None else result.rule.detail,
    }


def _twin(twin: TwinResult) -> dict[str, Any]:
    return {
        "id": twin.id,
        "operator": twin.operator,
        "status": twin.status,
        "engines": list(twin.engines),
        "witness": _point(twin.witness),
    }


def _point(witness: tuple[tuple[str, str], ...] | None) -> dict[str, str] | None:
    return None if witness is None else dict(witness)


def _standing(result: ClaimResult) -> list[StatementResult]:
    """The statements behind the outcome: as printed if that holds, else those of the established repairs."""
    if result.outcome == "holds":
        return list(result.statements)
    return [s for r in result.standing for s in r.statements]


def _claim(result: ClaimResult) -> dict[str, Any]:
    claim, twins = result.claim, result.twins
    wrong = [t for t in twins if t.wrong]
    return {
        "id": claim.id,
        "title": claim.title,
        "section": claim.section,
        "printed": claim.printed,
        "outcome": result.outcome,
        "hypotheses": list(result.hypotheses),
        "witness": _point(result.witness),
        "repaired": result.repaired or None,
        "verdict": result.verdict.name,
        "closed_verdict": result.closed.name,
        "uses": list(claim.uses),
        "proof_uses": list(claim.proof_uses),
        "imports": list(result.imports),
        "missing": claim.missing or None,
        "obligations": [
            *(_obligation(i, "printed", s.statement.id) for s in result.statements for i in s.items),
            *(_obligation(i, "repair", s.statement.id) for r in result.repairs for s in r.statements for i in s.items),
            *(_obligation(i, "repair", None) for r in result.repairs for i in r.outside),
        ],
        "statements": [
            *(_statement(s, "printed") for s in result.statements),
            *(_statement(s, "repair") for r in result.repairs for s in r.statements),
        ],
        "rules": list(dict.fromkeys(s.rule.engine for s in _standing(result) if s.rule is not None)),
        "mutants": {
            "killed": sum(t.status == "killed" for t in wrong),
            "total": len(wrong),
            "survivors": [t.id for t in wrong if t.status != "killed"],
            "true": sum(t.status == "true" for t in twins),
            "undecided": sum(t.status == "undecided" for t in twins),
            "twins": [_twin(t) for t in twins],
        },
        "problems": list(result.problems),
        "seconds": round(result.seconds, 3),
    }


def run_to_json(run: Run) -> dict[str, Any]:
    """The whole run as plain data."""
    return {"schema": SCHEMA, "exit_code": run.exit_code, "claims": [_claim(r) for r in run.results]}


def dump(data: Any, encoding: str = "utf-8") -> str:
    """JSON text, one final newline, with escapes where `encoding` lacks a character."""
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(data, indent=1, allow_nan=False) + "\n"
    return text


def write_json(data: Any, target: str) -> None:
    """Write `data` to the file `target`, whole or not at all; `-` is standard output.

    Raises:
        OSError: the file cannot be written; nothing is left behind.
    """
    if target == "-":
        sys.stdout.write(dump(data, getattr(sys.stdout, "encoding", None) or "utf-8"))
    else:
        write_whole(Path(target), lambda name: Path(name).write_text(dump(data), encoding="utf-8"))
