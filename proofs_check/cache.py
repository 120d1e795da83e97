"""Decisions kept on disk, keyed by a hash of the mathematics, the engines' source and the solvers' versions.

A cache can only save time: a missing, unreadable or damaged entry is the same as none, and an entry is written to a
temporary file and renamed, so neither an interrupt nor a second run can leave half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.pool import Result
from proofs_check.portfolio import Decision
from proofs_check.twins import TwinReport
from proofs_check.verdict import Verdict

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
        return bool(result.results)
    cut_short = any(e.detail.startswith("stopped after") for e in result.evidence)
    return result.verdict is not Verdict.ERROR and not cut_short


class Cache:
    """A directory of decisions; `directory` None keeps nothing."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        self.writable = directory is not None

    def _path(self, key: str) -> Path:
        if self.directory is None:
            raise ValueError("this cache keeps nothing")
        return self.directory / key[:2] / f"{key[2:]}.json"

    def get(self, mode: str, key: str) -> Result | None:
        """What is kept under `key`, or None."""
        if self.directory is None:
            return None
        try:
            data = json.loads(self._path(key).read_text(encoding="utf-8"))
            return TwinReport.from_json(data) if mode == "twins" else Decision.from_json(data)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, result: Result) -> None:
        """Keep `result`, unless it was cut short (an error or a time-out may not come again)."""
        if not self.writable or not _lasting(result):
            return
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(result.to_json(), file)
                os.replace(name, path)
            except BaseException:
                os.unlink(name)
                raise
        except OSError:
            # a full or read-only disk costs speed, not results
            self.writable = False
