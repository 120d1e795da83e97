"""Small JSON files in the cache folder that are whole, unaltered and under the right name, or as good as absent.

A file is written to a temporary one and renamed, so that neither an interrupt nor a second run leaves half of one, and
it carries a digest of its key and its text, so that what a failing disk or an editor makes of it is noticed. That is
no protection against somebody who means to deceive: whoever may write to the cache folder is trusted.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["read_kept", "write_kept"]

_OPEN, _MIDDLE, _END = '["', '",\n', "]\n"
_HEX = 64


def _digest(key: str, body: str) -> str:
    return hashlib.sha256(f"{key}\n{body}".encode()).hexdigest()


def read_kept(path: Path, key: str) -> Any:
    """What `write_kept` put there under `key`; None if there is nothing, or something else."""
    try:
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8")
        start = len(_OPEN) + _HEX
        digest, body = text[len(_OPEN) : start], text[start + len(_MIDDLE) : -len(_END)]
        if text != f"{_OPEN}{digest}{_MIDDLE}{body}{_END}" or digest != _digest(key, body):
            return None
        return json.loads(body)
    except (OSError, ValueError, RecursionError, MemoryError):
        return None


def write_kept(path: Path, key: str, data: Any) -> None:
    """Keep `data`, plain data, at `path`; folders are made.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    from theory.files import write_whole

    body = json.dumps(data)
    text = f"{_OPEN}{_digest(key, body)}{_MIDDLE}{body}{_END}"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda name: Path(name).write_text(text, encoding="utf-8"))
