"""Claims of the user's own, from a Python file of theirs.

The file is run, as `python FILE` or pytest would run it, and must define `CLAIMS`, a sequence of `Claim`. Its claims
may use the ids of the registry, but not take them. Nothing is cached under the file's name: every obligation is
looked up by its own mathematics, so a file that changes in any way is never answered with an old result.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofs_check.claim import Claim
    from proofs_check.verify import Run

__all__ = ["blaming", "load_claims", "split_file", "verify_claims", "with_registry"]

_MODULE = "latent_stopping_user_claims"


class _Fresh(SourceFileLoader):
    """Compiles the source each time: a `.pyc` is dated in whole seconds, and may miss an edit."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def split_file(arguments: list[str]) -> tuple[Path | None, list[str]]:
    """The claim file that comes first among `arguments`, or None, and the ids after it.

    Raises:
        ValueError: a name that ends in `.py` elsewhere than first.
    """
    file = Path(arguments[0]) if arguments and arguments[0].endswith(".py") else None
    ids = arguments if file is None else arguments[1:]
    late = [a for a in ids if a.endswith(".py")]
    if late:
        raise ValueError(f"one claim file, before the ids; got {late[0]!r} after {arguments[0]!r}")
    return file, ids


def _where(problem: BaseException, path: Path) -> str:
    """`path:line` of the last line of the user's file that took part in `problem`."""
    if isinstance(problem, SyntaxError) and problem.filename == str(path):
        return f"{path}:{problem.lineno}"
    lines = [f.lineno for f in traceback.extract_tb(problem.__traceback__) if f.filename == str(path)]
    return f"{path}:{lines[-1]}" if lines else str(path)


@contextmanager
def blaming(path: Path, *, always: bool = False) -> Iterator[None]:
    """Turn whatever the code of the file `path` raises into a ValueError with the place in that file.

    Raises:
        ValueError: something was raised and a line of the file took part in it, or it does not matter who did
            (`always`).
    """
    try:
        yield
    except BaseException as problem:
        if not (isinstance(problem, Exception | SystemExit) or type(problem).__module__ == _MODULE):
            raise
        where = _where(problem, path)
        if where == str(path) and not always:
            raise
        raise ValueError(f"{where}: {type(problem).__name__}: {_said(problem)}") from None


def _said(problem: BaseException) -> str:
    try:
        return str(problem.msg if isinstance(problem, SyntaxError) else problem)
    except Exception:  # the file's own exceptions say what they like
        return "(an exception without a text)"


def _run(path: Path) -> ModuleType:
    loader = _Fresh(_MODULE, str(path))
    spec = spec_from_loader(_MODULE, loader, origin=str(path))
    if spec is None:
        raise ValueError(f"{path} cannot be read as a Python module")
    module = module_from_spec(spec)
    folder = str(path.absolute().parent)
    before = list(sys.path)
    sys.modules[_MODULE] = module
    sys.path.insert(0, folder)
    try:
        with blaming(path, always=True):
            loader.exec_module(module)
    finally:
        sys.path[:] = before
        sys.modules.pop(_MODULE, None)
    return module


def load_claims(path: str | Path) -> dict[str, Claim]:
    """The claims that the Python file `path` defines in `CLAIMS`, by id, in its order. The file is run.

    Raises:
        OSError: there is no such file.
        ValueError: it raises (with file and line), defines no `CLAIMS`, or `CLAIMS` holds something else than claims.
    """
    from proofs_check.claim import Claim
    from proofs_check.claim_shape import misshapen, shown

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    found = getattr(_run(path), "CLAIMS", None)
    if found is None:
        raise ValueError(f"{path} defines no CLAIMS; a claim file ends with CLAIMS = (Claim(...), ...)")
    if not isinstance(found, tuple | list) or not found:
        raise ValueError(f"{path}: CLAIMS must be a tuple of claims, at least one, got {shown(found)}")
    for claim in found:
        if not isinstance(claim, Claim):
            raise ValueError(f"{path}: CLAIMS must hold Claim objects only, got {type(claim).__name__} {shown(claim)}")
        wrong = misshapen(claim)
        if wrong:
            raise ValueError(f"{path}: claim {shown(claim.id)}: {wrong}")
    return _by_id(found, str(path))


def _by_id(claims: Iterable[Claim], origin: str) -> dict[str, Claim]:
    own: dict[str, Claim] = {}
    for claim in claims:
        if claim.id in own:
            raise ValueError(f"{origin}: two claims are called {claim.id!r}")
        own[claim.id] = claim
    return own


def with_registry(own: dict[str, Claim], directory: Path | None = None) -> dict[str, Claim]:
    """The user's claims and what they use of the registry, whose contents may be kept in `directory`.

    Raises:
        ValueError: an id of `own` is already the registry's.
    """
    from proofs_check.contents import contents, load_for

    known = contents(directory)
    taken = [id for id in own if id in known.claims]
    if taken:
        raise ValueError(f"the id {taken[0]!r} is taken by a claim of the paper; choose another")
    used = dict.fromkeys(id for claim in own.values() for id in (*claim.uses, *claim.proof_uses))
    return {**load_for([id for id in used if id in known.claims], known), **own}


def verify_claims(claims: Iterable[Claim], *, jobs: int = 0, twins: bool = True) -> Run:
    """Decide `claims`, and the claims of the registry that they use; nothing is cached.

    This happens in `jobs` processes, which protect the caller from an engine that crashes or eats memory (a script that
    asks for them needs `if __name__ == "__main__"`), or with 0 in this one.

    `twins` says whether wrong twins are made of what was established.

    Raises:
        ValueError: two claims share an id, a claim uses one that does not exist, or claims use each other in a circle.
    """
    from proofs_check.verify import verify

    own = _by_id(claims, "claims")
    used = {id for claim in own.values() for id in (*claim.uses, *claim.proof_uses)}
    registry = own if used <= own.keys() else with_registry(own)
    return verify(list(own), registry, jobs=jobs, twins=twins)
