"""Decisions kept on disk, keyed by a hash of the mathematics, the engines' source and the solvers' versions.

A cache can only save time: a missing, unreadable or damaged entry is the same as none, and an entry is written to a
temporary file and renamed, so neither an interrupt nor a second run can leave half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.portfolio import Decision
from proofs_check.verdict import Verdict

__all__ = ["Cache", "default_directory", "fingerprint", "key_of"]


def default_directory() -> Path:
    """Where the cache lives unless the user says otherwise."""
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("latent-stopping"))


@cache
def fingerprint() -> str:
    """A hash of everything that decides: engine sources, evaluators, and the versions of the libraries."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    sources = [*(here / "engines").glob("*.py"), *(here.parent / "theory" / "evaluate").glob("*.py")]
    for path in [
        *sorted(sources),
        here / "portfolio.py",
        here / "formula.py",
        here / "claim.py",
        here / "verdict.py",
    ]:
        digest.update(path.read_bytes())
    for package in ("sympy", "mpmath", "numpy", "python-flint", "z3-solver", "cvc5"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


def key_of(mode: str, obligation: Obligation, budget: Budget) -> str:
    """The key of one decision."""
    text = "\n".join((fingerprint(), mode, repr(budget), obligation.serialise()))
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """A directory of decisions; `directory` None keeps nothing."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        self.writable = directory is not None

    def _path(self, key: str) -> Path:
        if self.directory is None:
            raise ValueError("this cache keeps nothing")
        return self.directory / key[:2] / f"{key[2:]}.json"

    def get(self, key: str) -> Decision | None:
        """The decision kept under `key`, or None."""
        if self.directory is None:
            return None
        try:
            return Decision.from_json(json.loads(self._path(key).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, decision: Decision) -> None:
        """Keep `decision`, unless it was cut short (an error or a time-out may not come again)."""
        if not self.writable or decision.verdict is Verdict.ERROR:
            return
        if any(e.detail.startswith("stopped after") for e in decision.evidence):
            return
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(decision.to_json(), file)
                os.replace(name, path)
            except BaseException:
                os.unlink(name)
                raise
        except OSError:
            # a full or read-only disk costs speed, not results
            self.writable = False
