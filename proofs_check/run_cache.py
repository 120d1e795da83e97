"""Whole runs kept on disk, keyed by every source file, the libraries' versions and what was asked for.

A run that is found here is printed without loading a claim. It is the same plain data that `--json` writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from proofs_check.kept import read_kept, write_kept
from proofs_check.sources import source_digest

__all__ = ["RunCache"]


class RunCache:
    """A folder of runs below `directory`; None keeps nothing."""

    def __init__(self, directory: Path | None, ids: Sequence[str], twins: int) -> None:
        self.path: Path | None = None
        self.key = ""
        if directory is None:
            return
        asked = repr((source_digest(), tuple(ids), twins))
        self.key = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
        self.path = directory / "runs" / f"{self.key}.json"

    def get(self) -> dict[str, Any] | None:
        """The run, or None; a damaged file is the same as none."""
        data = None if self.path is None else read_kept(self.path, self.key)
        if not isinstance(data, dict) or data.get("schema") != 1 or data.get("exit_code") not in (0, 1, 3):
            return None
        return data if isinstance(data.get("claims"), list) else None

    def put(self, run: dict[str, Any]) -> None:
        """Keep a run in which nothing failed or was cut short; that may go better next time.

        A disk that cannot be written costs speed, not results.
        """
        if self.path is None or run["exit_code"] == 2 or any(c["problems"] for c in run["claims"]):
            return
        with suppress(OSError):
            write_kept(self.path, self.key, run)
