"""Verdicts and evidence.

Verdicts are ordered and refuse to be used as truth values: `if verdict:` would be wrong for every reading of it.
Evidence is a frozen record that only an engine can make; whoever wants a verdict has to run one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import total_ordering
from math import isfinite
from typing import Any

__all__ = ["Evidence", "Verdict", "as_list", "as_pairs", "as_seconds", "as_text", "evidence_from_json", "worst"]


@total_ordering
class Verdict(Enum):
    """How an obligation stands, best first (`Verdict.PROVED < Verdict.REFUTED`: smaller is better)."""

    PROVED = 0
    ENCLOSED = 1
    SUPPORTED = 2
    UNKNOWN = 3
    VACUOUS = 4
    ERROR = 5
    REFUTED = 6

    def __bool__(self) -> bool:
        raise TypeError("a verdict has no truth value; compare it: verdict is Verdict.PROVED, verdict.established")

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        return self.value < other.value

    @property
    def established(self) -> bool:
        """Proved for every value, or enclosed on the stated box."""
        return self in (Verdict.PROVED, Verdict.ENCLOSED)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The worst of `verdicts`; of none at all nothing is known."""
    return max(verdicts, default=Verdict.UNKNOWN)


_SEAL = object()


@dataclass(frozen=True)
class Evidence:
    """What an engine found out about one obligation.

    `versions` are the tools behind it, `detail` one line in plain words, `witness` an exact point (symbol -> rational,
    as text) for REFUTED, `certificate` what allows a re-check (SMT-LIB text, box count, canonical form), `marks` what a
    reader must see beside the verdict (`single-solver`).
    """

    verdict: Verdict
    engine: str
    detail: str = ""
    versions: tuple[str, ...] = ()
    witness: tuple[tuple[str, str], ...] | None = None
    certificate: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    seal: Any = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("evidence is made by engines only (proofs_check.engines)")

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        data = asdict(self)
        del data["seal"]
        data["verdict"] = self.verdict.name
        return data


def issue(**fields: Any) -> Evidence:
    """Make evidence. For engines and for the cache that replays what they made; nobody else."""
    return Evidence(seal=_SEAL, **fields)


def as_text(value: Any) -> str:
    """`value`, which must be text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"text wanted, got {type(value).__name__}")
    return value


def as_list(value: Any) -> list[Any]:
    """`value`, which must be a list (or the tuple that is written as one). Raises TypeError."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"a list wanted, got {type(value).__name__}")
    return list(value)


def as_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """`value`, which must be a list of pairs of texts. Raises TypeError, ValueError."""
    pairs = [as_list(pair) for pair in as_list(value)]
    return tuple((as_text(a), as_text(b)) for a, b in pairs)


def as_seconds(value: Any) -> float:
    """`value`, which must be a finite number >= 0. Raises TypeError, ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"a number wanted, got {type(value).__name__}")
    if not (isfinite(value) and value >= 0):
        raise ValueError(f"seconds must be finite and >= 0, got {value}")
    return float(value)


def evidence_from_json(data: dict[str, Any]) -> Evidence:
    """Read back `Evidence.to_json`.

    Raises:
        KeyError, TypeError, ValueError, OverflowError: the data is not a record of evidence.
    """
    witness = data["witness"]
    return issue(
        verdict=Verdict[data["verdict"]],
        engine=as_text(data["engine"]),
        detail=as_text(data["detail"]),
        versions=tuple(map(as_text, as_list(data["versions"]))),
        witness=None if witness is None else as_pairs(witness),
        certificate=as_pairs(data["certificate"]),
        marks=tuple(map(as_text, as_list(data["marks"]))),
        seconds=as_seconds(data["seconds"]),
    )
