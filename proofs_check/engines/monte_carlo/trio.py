"""What every test of fixed size offers: decide, the smallest discrepancy seen with `n` samples, the `n` for one.

As in `statistical_testing` of TensorFlow Probability the three belong together: a test is designed for a false-alarm
rate (`alarm`, contradicting a true claim) and a false-pass rate (`miss`, passing a discrepancy of the wanted size).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from proofs_check.engines.monte_carlo.evidence import check_rate, conclude
from proofs_check.verdict import Evidence

__all__ = ["MOST_SAMPLES", "Rates", "least_samples"]

#: `samples_needed` gives up beyond this size
MOST_SAMPLES = 1 << 50


@dataclass(frozen=True)
class Rates:
    """The two error rates that a test is designed for.

    Raises:
        ValueError: a rate outside (0, 1).
    """

    alarm: float
    miss: float

    def __post_init__(self) -> None:
        check_rate("alarm", self.alarm)
        check_rate("miss", self.miss)

    def conclude(
        self, start: float, *, rejected: bool, smallest: float, wanted: float, samples: int, law: str, observed: str
    ) -> Evidence:
        """The evidence of this test, begun at `time.perf_counter() == start`; the rest as for `evidence.conclude`."""
        return conclude(
            rejected=rejected,
            smallest=smallest,
            wanted=wanted,
            alarm=self.alarm,
            miss=self.miss,
            samples=samples,
            law=law,
            observed=observed,
            seconds=time.perf_counter() - start,
        )


def least_samples(smallest: Callable[[int], float], discrepancy: float) -> int:
    """The least `n` (up to steps of discrete laws) with `smallest(n) <= discrepancy`, by doubling and halving.

    Raises:
        ValueError: `discrepancy <= 0`, or more than 2^50 samples would be needed.
    """
    if not discrepancy > 0:
        raise ValueError(f"discrepancy must be > 0, got {discrepancy}")
    high = 1
    while not smallest(high) <= discrepancy:
        high *= 2
        if high > MOST_SAMPLES:
            raise ValueError(f"a discrepancy of {discrepancy} needs more than {MOST_SAMPLES} samples")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if smallest(middle) <= discrepancy:
            high = middle
        else:
            low = middle
    return high
