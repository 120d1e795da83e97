"""Whole runs kept on disk, keyed by every source file, the libraries' versions and what was asked for.

A run that is found here is printed without loading a claim. It is the same plain data that `--json` writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["RunCache"]

_PACKAGES = ("sympy", "mpmath", "numpy", "python-flint", "z3-solver", "cvc5", "rich")


class RunCache:
    """A folder of runs below `directory`; None keeps nothing."""

    def __init__(self, directory: Path | None, ids: Sequence[str], twins: int) -> None:
        self.path: Path | None = None
        if directory is None:
            return
        digest = hashlib.sha256(repr((tuple(ids), twins)).encode())
        root = Path(__file__).resolve().parent.parent
        for package in ("theory", "proofs_check"):
            for source in sorted((root / package).rglob("*.py")):
                digest.update(source.relative_to(root).as_posix().encode())
                digest.update(source.read_bytes())
        for name in _PACKAGES:
            digest.update(f"{name} {version(name)}".encode())
        self.path = directory / "runs" / f"{digest.hexdigest()}.json"

    def get(self) -> dict[str, Any] | None:
        """The run, or None; a damaged file is the same as none."""
        if self.path is None:
            return None
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) and data.get("schema") == 1 and "claims" in data else None

    def put(self, run: dict[str, Any]) -> None:
        """Keep a run unless an engine failed in it; a disk that cannot be written costs speed, not results."""
        from theory.files import write_whole

        if self.path is None or run["exit_code"] == 2:
            return
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda name: Path(name).write_text(json.dumps(run), encoding="utf-8"))
        except OSError:
            return
