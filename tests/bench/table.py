"""One line of the benchmark table, and how the times in it are taken.

A figure and its peer are measured in turn, A B A B, in one process, so a machine whose speed drifts moves both; what is
quoted is the median of each and the median of the ratios pair by pair.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

__all__ = ["Figure", "Pair", "bytes_text", "pair", "seconds", "seconds_text"]


@dataclass(frozen=True)
class Figure:
    """One target: what was asked, what we measured, what the peer measured, and whether the target is met.

    `ratio` is the peer's figure over ours where a comparison is the target (larger is better), else None.
    `note` says what a reader must know to read the line: the condition of an error, the reason of a miss.
    """

    topic: str
    target: str
    ours: str
    peer: str
    ratio: float | None
    met: bool
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Pair:
    """Median seconds of both, and the median over the rounds of peer / ours."""

    ours: float
    peer: float
    ratio: float


def seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """Median wall time of `work`, after one call that does not count."""
    work()
    return median(_once(work) for _ in range(rounds))


def pair(ours: Callable[[], object], peer: Callable[[], object], rounds: int = 5) -> Pair:
    """Time both in turn, after one call of each that does not count."""
    ours(), peer()
    times = [(_once(ours), _once(peer)) for _ in range(rounds)]
    return Pair(median(a for a, _ in times), median(b for _, b in times), median(b / a for a, b in times))


def _once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def seconds_text(value: float) -> str:
    """`1.70 s`, `12.3 ms`, `4.5 us`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def bytes_text(value: float) -> str:
    """`1.5 GB`, `320 MB`."""
    return f"{value / 1e9:.2g} GB" if value >= 1e9 else f"{value / 1e6:.3g} MB"
