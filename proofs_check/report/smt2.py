"""The queries behind a claim as SMT-LIB files, for re-checking with a solver of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from theory.files import write_whole

if TYPE_CHECKING:
    from proofs_check.verdict import Evidence
    from proofs_check.verify import ClaimResult, Item

__all__ = ["query_text", "write_queries"]

_EXPECTED = {
    "PROVED": "unsat (no point of the domain violates the goal: proved)",
    "REFUTED": "sat (the goal is violated somewhere)",
}


def _query(item: Item) -> tuple[Evidence, str] | None:
    """The evidence of the solvers on an obligation, with the text they were asked."""
    for evidence in item.decision.evidence:
        text = dict(evidence.certificate).get("smt2")
        if text is not None:
            return evidence, text
    return None


def query_text(claim: str, item: Item) -> str | None:
    """The SMT-LIB file of one decided obligation of `claim`; None if no solver was asked."""
    from proofs_check.formula import show

    found = _query(item)
    if found is None:
        return None
    evidence, text = found
    o = item.obligation
    header = [
        f"claim {claim}, obligation {o.id} ({item.role}): {o.text}",
        f"for {o.domain.show()}",
        f"show {show(o.goal)}",
        "The goal is negated below; square roots, quotients and exponentials are fresh variables.",
        f"answers so far: {evidence.detail} ({', '.join(evidence.versions)})",
        f"expected: {_EXPECTED.get(evidence.verdict.name, 'none; no solver decided it')}",
        "run: z3 FILE.smt2, cvc5 FILE.smt2, or any solver of nonlinear real arithmetic (QF_NRA)",
    ]
    lines = [f"; {' '.join(line.split())}" for line in header]
    return "\n".join(lines) + "\n" + text


def write_queries(results: Iterable[ClaimResult], directory: Path) -> tuple[Sequence[Path], int]:
    """Write the query of every obligation that the solvers were asked about to `directory`, which is made if need be.

    Returns the files, and how many obligations were decided without a solver (by canonical forms or balls).

    Raises:
        OSError: the folder or a file cannot be written.
    """
    directory.mkdir(exist_ok=True)
    texts: dict[Path, str] = {}
    others: set[str] = set()
    for result in results:
        for item in result.items:
            if item.role == "instance":
                continue
            text = query_text(result.claim.id, item)
            if text is None:
                others.add(item.obligation.serialise())
                continue
            name = re.sub(r"[^A-Za-z0-9=.-]+", "_", item.obligation.id)
            path, number = directory / f"{name}.smt2", 1
            while texts.get(path, text) != text:
                number += 1
                path = directory / f"{name}-{number}.smt2"
            texts[path] = text
    for path, text in texts.items():
        write_whole(path, lambda name, text=text: Path(name).write_text(text, encoding="utf-8"))  # type: ignore[misc]
    return list(texts), len(others)
