"""One error budget for a whole run, split over its tests before any of them looks at data.

With shares `alpha_i` that add up to the total, the chance that any test of a true theory raises an alarm is at most the
total (union bound; the tests may depend on each other in any way).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["ErrorBudget"]


@dataclass(frozen=True)
class ErrorBudget:
    """The false-alarm probability `total` of a run and the share of each named test (exact fractions of 1)."""

    total: float
    shares: Mapping[str, Fraction]

    @classmethod
    def split(cls, total: float, weights: Mapping[str, int]) -> ErrorBudget:
        """Split `total` in proportion to positive integer `weights`, one for each test.

        Raises:
            ValueError: `total` outside (0, 1), no test at all, or a weight below 1.
        """
        if not 0 < total < 1:
            raise ValueError(f"total must lie strictly between 0 and 1, got {total}")
        if not weights:
            raise ValueError("weights must name at least one test, got none")
        for name, weight in weights.items():
            if weight < 1:
                raise ValueError(f"weights: {name!r} must have a weight of at least 1, got {weight}")
        everything = sum(weights.values())
        return cls(total, {name: Fraction(weight, everything) for name, weight in weights.items()})

    def alarm(self, name: str) -> float:
        """The false-alarm rate that the test `name` may use.

        Raises:
            ValueError: a test that was not in the split (nothing is left for it).
        """
        if name not in self.shares:
            raise ValueError(f"test {name!r} has no share of the error budget; shares went to {', '.join(self.shares)}")
        return self.total * float(self.shares[name])
