"""The table of contents of the registry: what can be said of it without a formula.

To load the registry takes seconds of symbolic work; to list it, or to find the sections that a claim rests on, takes
none of that. So the texts are kept on disk with the hash of the sources they were made from, and made again when one of
those changes. What is decided, printed as a formula or shown as evidence never comes from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.kept import read_kept, write_kept

if TYPE_CHECKING:
    from proofs_check.claim import Claim

__all__ = ["Contents", "Entry", "RuleText", "contents", "load_for"]


@dataclass(frozen=True)
class Entry:
    """The texts of one claim, the claims it rests on, and the section of `proofs_check.claims` that defines it."""

    id: str
    title: str
    section: str
    printed: str
    citation: str
    imported: bool
    rests_on: tuple[str, ...]
    home: str


@dataclass(frozen=True)
class RuleText:
    """A lifting rule's name, what it says, and why it is valid in brief."""

    name: str
    says: str
    because: str


@dataclass(frozen=True)
class Contents:
    """All claims by id, in the registry's order, and all rules."""

    claims: dict[str, Entry]
    rules: tuple[RuleText, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"claims": [asdict(e) for e in self.claims.values()], "rules": [asdict(r) for r in self.rules]}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Contents:
        """Read back `to_json`; raises KeyError, TypeError or ValueError on anything else."""
        claims = {}
        for row in data["claims"]:
            texts = {k: str(row[k]) for k in ("id", "title", "section", "printed", "citation", "home")}
            rests_on = tuple(map(str, row["rests_on"]))
            claims[texts["id"]] = Entry(**texts, imported=bool(row["imported"]), rests_on=rests_on)
        rules = tuple(RuleText(*(str(row[k]) for k in ("name", "says", "because"))) for row in data["rules"])
        if not claims or not rules:
            raise ValueError("a table of contents without claims or rules")
        return Contents(claims, rules)


def _made() -> Contents:
    from proofs_check.claims import SECTIONS, load
    from proofs_check.rules import RULES

    claims: dict[str, Entry] = {}
    for home in SECTIONS:
        for c in load((home,)).values():
            rests_on = (*c.uses, *c.proof_uses)
            claims[c.id] = Entry(c.id, c.title, c.section, c.printed, c.citation, c.imported, rests_on, home)
    load()  # refuses an id that two sections use
    return Contents(claims, tuple(RuleText(r.name, r.says, r.because) for r in RULES.values()))


def contents(directory: Path | None) -> Contents:
    """The table of contents, kept in `directory`; None keeps nothing.

    A file that is missing, damaged or of other sources is the same as none, and one that cannot be written costs time
    only.
    """
    from proofs_check.sources import source_digest

    path = None if directory is None else directory / "contents.json"
    if path is None:
        return _made()
    with suppress(ValueError, KeyError, TypeError):
        data = read_kept(path, source_digest())
        if data is not None:
            return Contents.from_json(data)
    made = _made()
    with suppress(OSError):
        write_kept(path, source_digest(), made.to_json())
    return made


def load_for(ids: Iterable[str], known: Contents) -> dict[str, Claim]:
    """The claims `ids` and all they rest on (and what else their sections define), in the registry's order.

    Raises:
        ValueError: an id that `known` does not have.
    """
    from proofs_check.claims import SECTIONS, load

    found: set[str] = set()
    left = list(ids)
    while left:
        id = left.pop()
        if id not in known.claims:
            raise ValueError(f"no claim {id!r}")
        if id not in found:
            found.add(id)
            left.extend(known.claims[id].rests_on)
    homes = {known.claims[id].home for id in found}
    return load(tuple(section for section in SECTIONS if section in homes))
