"""Files that a command will write, checked before any work is done for them."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["check_output"]


def check_output(option: str, target: str | None) -> None:
    """Raise where `target`, the value of `option`, cannot be a file; None and `-` (standard output) are neither.

    Raises:
        ValueError: an empty name.
        OSError: its folder does not exist or may not be written to, or it is itself a folder.
    """
    if target is None or target == "-":
        return
    if not target:
        raise ValueError(f"{option} needs the name of a file, got an empty one")
    path = Path(target)
    folder = path.absolute().parent
    if path.is_dir():
        raise IsADirectoryError(f"{option} {target}: it is a folder")
    if not folder.is_dir():
        raise FileNotFoundError(f"{option} {target}: the folder does not exist")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise PermissionError(f"{option} {target}: it may not be written")
