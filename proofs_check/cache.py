"""Decisions kept on disk, keyed by a hash of the mathematics, the engines' source and the solvers' versions.

A cache can only save time: a missing, unreadable or damaged entry is the same as none, and so is one that no engine
can have made, such as a proof without evidence. What was cut short (by time, memory or a crash) is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.kept import read_kept, write_kept
from proofs_check.portfolio import Decision, consistent, cut_short
from proofs_check.twins import TwinReport
from proofs_check.verdict import Verdict
from proofs_check.worker import Result

__all__ = ["Cache", "fingerprint", "key_of"]


@cache
def fingerprint() -> str:
    """A hash of everything that decides: engine sources, evaluators, and the versions of the libraries."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    sources = [*(here / "engines").glob("*.py"), *(here.parent / "theory" / "evaluate").glob("*.py")]
    names = ("portfolio", "mutants", "twins", "formula", "claim", "verdict")
    for path in [*sorted(sources), *(here / f"{name}.py" for name in names)]:
        digest.update(path.read_bytes())
    for package in ("sympy", "mpmath", "numpy", "python-flint", "z3-solver", "cvc5"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


def key_of(mode: str, obligation: Obligation, budget: Budget) -> str:
    """The key of one decision."""
    # only twins depend on how many are asked for
    spent = budget if mode == "twins" else replace(budget, twins=0)
    text = "\n".join((fingerprint(), mode, repr(spent), obligation.serialise()))
    return hashlib.sha256(text.encode()).hexdigest()


def _lasting(result: Result) -> bool:
    """Whether a result may be kept: an error or a time-out may not come again. (A twin is never a pass.)"""
    if isinstance(result, TwinReport):
        return not result.problem
    return result.verdict is not Verdict.ERROR and not any(cut_short(e) for e in result.evidence)


def _read(mode: str, data: Any) -> Result | None:
    """What `data` says, if a run of `mode` can have said it."""
    if mode == "twins":
        return TwinReport.from_json(data)
    decision = Decision.from_json(data)
    good = consistent(decision, searched=mode != "decide") and _lasting(decision)
    return decision if good else None


class Cache:
    """A directory of decisions; `directory` None keeps nothing. Counts what it has `kept`.

    `warn` is told once, in words, if the directory cannot be written.
    """

    def __init__(self, directory: Path | None, warn: Callable[[str], None] = lambda text: None) -> None:
        self.directory = directory
        self.warn = warn
        self.writable = directory is not None
        self.kept = 0

    def _path(self, key: str) -> Path:
        if self.directory is None:
            raise ValueError("this cache keeps nothing")
        return self.directory / key[:2] / f"{key[2:]}.json"

    def get(self, mode: str, key: str) -> Result | None:
        """What is kept under `key`, or None."""
        if self.directory is None:
            return None
        data = read_kept(self._path(key), key)
        try:
            return None if data is None else _read(mode, data)
        except (ValueError, KeyError, TypeError, OverflowError):
            return None

    def put(self, key: str, result: Result) -> None:
        """Keep `result`, unless it was cut short (an error or a time-out may not come again)."""
        if not self.writable or not _lasting(result):
            return
        try:
            write_kept(self._path(key), key, result.to_json())
            self.kept += 1
        except OSError as problem:
            # a full or read-only disk costs speed, not results
            self.writable = False
            self.warn(f"no more decisions are kept in {self.directory}: {problem.strerror or problem}")
