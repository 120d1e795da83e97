"""Claims of the user's own, from a Python file of theirs.

The file is run, as `python FILE` or pytest would run it, and must define `CLAIMS`, a sequence of `Claim`. Its claims
may use the ids of the registry, but not take them. Nothing is cached under the file's name: every obligation is
looked up by its own mathematics, so a file that changes in any way is never answered with an old result.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofs_check.claim import Claim
    from proofs_check.verify import Run

__all__ = ["load_claims", "split_file", "verify_claims", "with_registry"]

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


def _run(path: Path) -> ModuleType:
    loader = _Fresh(_MODULE, str(path))
    spec = spec_from_loader(_MODULE, loader, origin=str(path))
    if spec is None:
        raise ValueError(f"{path} cannot be read as a Python module")
    module = module_from_spec(spec)
    folder = str(path.absolute().parent)
    sys.modules[_MODULE] = module
    sys.path.insert(0, folder)
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as problem:
        said = problem.msg if isinstance(problem, SyntaxError) else problem
        raise ValueError(f"{_where(problem, path)}: {type(problem).__name__}: {said}") from problem
    finally:
        sys.path.remove(folder)
        del sys.modules[_MODULE]
    return module


def load_claims(path: str | Path) -> dict[str, Claim]:
    """The claims that the Python file `path` defines in `CLAIMS`, by id, in its order. The file is run.

    Raises:
        OSError: there is no such file.
        ValueError: it raises (with file and line), defines no `CLAIMS`, or `CLAIMS` holds something else than claims.
    """
    from proofs_check.claim import Claim

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    found = getattr(_run(path), "CLAIMS", None)
    if found is None:
        raise ValueError(f"{path} defines no CLAIMS; a claim file ends with CLAIMS = (Claim(...), ...)")
    if not isinstance(found, tuple | list) or not found:
        raise ValueError(f"{path}: CLAIMS must be a tuple of claims, at least one, got {found!r}")
    wrong = next((c for c in found if not isinstance(c, Claim)), None)
    if wrong is not None:
        raise ValueError(f"{path}: CLAIMS must hold Claim objects only, got {type(wrong).__name__} {wrong!r}")
    return _by_id(found, str(path))


def _by_id(claims: Iterable[Claim], origin: str) -> dict[str, Claim]:
    own: dict[str, Claim] = {}
    for claim in claims:
        if claim.id in own:
            raise ValueError(f"{origin}: two claims are called {claim.id!r}")
        own[claim.id] = claim
    return own


def with_registry(own: dict[str, Claim]) -> dict[str, Claim]:
    """The registry and the user's claims together.

    Raises:
        ValueError: an id of `own` is already the registry's.
    """
    from proofs_check.claims import load

    registry = load()
    taken = [id for id in own if id in registry]
    if taken:
        raise ValueError(f"the id {taken[0]!r} is taken by a claim of the paper; choose another")
    return {**registry, **own}


def verify_claims(claims: Iterable[Claim], *, jobs: int = 1, twins: bool = True) -> Run:
    """Decide `claims`, and the claims of the registry that they use, in `jobs` processes; nothing is cached.

    `twins` says whether wrong twins are made of what was established.

    Raises:
        ValueError: two claims share an id, a claim uses one that does not exist, or claims use each other in a circle.
    """
    from proofs_check.verify import verify

    own = _by_id(claims, "claims")
    used = {id for claim in own.values() for id in (*claim.uses, *claim.proof_uses)}
    registry = own if used <= own.keys() else with_registry(own)
    return verify(list(own), registry, jobs=jobs, twins=twins)
