"""One hash of everything that a run depends on: every source file, and the versions of the libraries."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

__all__ = ["source_digest"]

_PACKAGES = ("sympy", "mpmath", "numpy", "python-flint", "z3-solver", "cvc5", "rich")


@cache
def source_digest() -> str:
    """SHA-256 over the text of every source file of `theory` and `proofs_check`, and the libraries' versions.

    Contents, not dates: a file's date may stay the same when its text does not. This takes about 5 ms.
    """
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for package in ("theory", "proofs_check"):
        for source in sorted((root / package).rglob("*.py")):
            digest.update(source.relative_to(root).as_posix().encode())
            digest.update(source.read_bytes())
    for name in _PACKAGES:
        digest.update(f"{name} {version(name)}".encode())
    return digest.hexdigest()
