"""What every engine offers, and a budget in work rather than in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from proofs_check.claim import Obligation
from proofs_check.verdict import Evidence

__all__ = ["Budget", "Engine"]


@dataclass(frozen=True)
class Budget:
    """How much an engine may spend on one obligation; counts, not wall time, so that outcomes repeat.

    `rlimit` counts z3's and cvc5's own resource units, `boxes` the boxes of a branch and bound, `points` the points
    of a search. `twins` the twins made per obligation and operator; `shrink` whether witnesses are made
    simple. `seconds` is a safety net far above what
    these allow.
    """

    rlimit: int = 4_000_000
    boxes: int = 200_000
    points: int = 40_000
    seconds: int = 30
    twins: int = 1
    shrink: bool = True


class Engine(Protocol):
    """One way of deciding obligations."""

    name: str

    def accepts(self, obligation: Obligation) -> bool:
        """Whether the obligation is of a kind this engine can say something about."""

    def decide(self, obligation: Obligation, budget: Budget) -> Evidence:
        """PROVED, ENCLOSED, SUPPORTED, REFUTED with a witness, or UNKNOWN; never an exception on valid input."""
