"""Trios without a parametric law: a probability, the mean of a bounded variable, a whole distribution.

Probabilities use the binomial law itself (Clopper-Pearson). Means of variables in `[low, high]` use the
Chernoff-Hoeffding bound `P(mean >= q) <= exp(-n kl(q, m))`, valid at every `n`. Distributions use Massart's constant in
the Dvoretzky-Kiefer-Wolfowitz inequality.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proofs_check.engines.monte_carlo.trio import Rates, least_samples
from proofs_check.verdict import Evidence

__all__ = ["BoundedMeanTest", "DistributionTest", "ProportionTest"]


@dataclass(frozen=True)
class ProportionTest(Rates):
    """A probability `p0`. Discrepancy: `|p - p0|`."""

    def _accepted(self, n: int, p0: float) -> tuple[int, int]:
        """The counts that do not contradict `p0`: those whose Clopper-Pearson interval contains it."""
        from scipy.stats import binom

        if n < 1 or not 0 <= p0 <= 1:
            raise ValueError(f"n must be at least 1 and p0 lie in [0, 1], got n={n}, p0={p0}")
        low, high = int(binom.ppf(self.alarm / 2, n, p0)), int(binom.isf(self.alarm / 2, n, p0))
        return max(low, 0), min(high, n)

    def smallest_discrepancy(self, n: int, p0: float) -> float:
        """The smallest distance from `p0`, in either direction that exists, caught with probability `1 - miss`."""
        from scipy.stats import beta

        low, high = self._accepted(n, p0)
        up = down = 0.0
        if p0 < 1:
            up = np.inf if high == n else float(beta.isf(self.miss, high + 1, n - high)) - p0
        if p0 > 0:
            down = np.inf if low == 0 else p0 - float(beta.ppf(self.miss, low, n - low + 1))
        return max(up, down)

    def samples_needed(self, discrepancy: float, p0: float) -> int:
        """A sample size that catches `discrepancy` with probability `1 - miss` (least up to steps of the binomial)."""
        return least_samples(lambda n: self.smallest_discrepancy(n, p0), discrepancy)

    def decide(self, successes: int, n: int, p0: float, wanted: float) -> Evidence:
        """Test `successes` out of `n` against the probability `p0`.

        Raises:
            ValueError: `successes` outside `[0, n]`, `n < 1`, `p0` outside [0, 1].
        """
        start = time.perf_counter()
        low, high = self._accepted(n, p0)
        if not 0 <= successes <= n:
            raise ValueError(f"successes must lie in [0, {n}], got {successes}")
        return self.conclude(
            start,
            rejected=not low <= successes <= high,
            smallest=self.smallest_discrepancy(n, p0),
            wanted=wanted,
            samples=n,
            law="binomial, exact (Clopper-Pearson)",
            observed=f"share {successes / n:.6g}, expected {p0:.6g}",
        )


def _kl(q: float, m: float) -> float:
    """Relative entropy of Bernoulli laws."""
    from scipy.special import rel_entr

    return float(rel_entr(q, m) + rel_entr(1 - q, 1 - m))


def _solve(start: float, end: float, reached: Callable[[float], bool]) -> float:
    """Move from `start` towards `end` until `reached`; the first such point to the last bits, `end` if none."""
    for _ in range(200):
        middle = (start + end) / 2
        if middle in (start, end):
            break
        if reached(middle):
            end = middle
        else:
            start = middle
    return end


@dataclass(frozen=True)
class BoundedMeanTest(Rates):
    """The mean of a variable known to lie in `[low, high]`. Discrepancy: `|mean - mean0|`."""

    low: float = 0.0
    high: float = 1.0

    def _unit(self, value: float) -> float:
        if not self.low <= value <= self.high:
            raise ValueError(f"a mean must lie in [{self.low}, {self.high}], got {value}")
        return (value - self.low) / (self.high - self.low)

    def _accepted(self, n: int, m0: float) -> tuple[float, float]:
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        bar = np.log(2 / self.alarm) / n
        return _solve(m0, 0.0, lambda q: _kl(q, m0) >= bar), _solve(m0, 1.0, lambda q: _kl(q, m0) >= bar)

    def smallest_discrepancy(self, n: int, expected: float) -> float:
        """The smallest shift of the mean, in either direction that exists, caught with probability `1 - miss`."""
        m0 = self._unit(expected)
        low, high = self._accepted(n, m0)
        bar = np.log(1 / self.miss) / n
        up = down = 0.0
        if m0 < 1:
            up = np.inf if _kl(high, 1.0) < bar else _solve(high, 1.0, lambda m: _kl(high, m) >= bar) - m0
        if m0 > 0:
            down = np.inf if _kl(low, 0.0) < bar else m0 - _solve(low, 0.0, lambda m: _kl(low, m) >= bar)
        return max(up, down) * (self.high - self.low)

    def samples_needed(self, discrepancy: float, expected: float) -> int:
        """The sample size from which on `discrepancy` is caught with probability `1 - miss`."""
        return least_samples(lambda n: self.smallest_discrepancy(n, expected), discrepancy)

    def decide(self, values: NDArray[np.float64], expected: float, wanted: float) -> Evidence:
        """Test a sample, shape `(n,)`, against the mean `expected`.

        Raises:
            ValueError: a value or `expected` outside `[low, high]`, an empty sample.
        """
        start = time.perf_counter()
        n = len(values)
        m0 = self._unit(expected)
        low, high = self._accepted(n, m0)
        if not (values.min() >= self.low and values.max() <= self.high):
            raise ValueError(f"values must lie in [{self.low}, {self.high}], got {values.min()} to {values.max()}")
        mean = self._unit(min(max(float(values.mean()), self.low), self.high))
        return self.conclude(
            start,
            rejected=not low <= mean <= high,
            smallest=self.smallest_discrepancy(n, expected),
            wanted=wanted,
            samples=n,
            law="Chernoff-Hoeffding bound, every n",
            observed=f"mean {float(values.mean()):.6g}, expected {expected:.6g}",
        )


@dataclass(frozen=True)
class DistributionTest(Rates):
    """A continuous distribution. Discrepancy: the largest distance between the two distribution functions."""

    def _limit(self, n: int) -> float:
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        return float(np.sqrt(np.log(2 / self.alarm) / (2 * n)))

    def smallest_discrepancy(self, n: int) -> float:
        """The smallest Kolmogorov distance caught with probability `1 - miss` (Hoeffding at the worst point)."""
        return self._limit(n) + float(np.sqrt(np.log(1 / self.miss) / (2 * n)))

    def samples_needed(self, discrepancy: float) -> int:
        """The sample size from which on `discrepancy` is caught with probability `1 - miss`."""
        return least_samples(self.smallest_discrepancy, discrepancy)

    def decide(self, levels: NDArray[np.float64], wanted: float) -> Evidence:
        """Test `F(X_i)`, shape `(n,)`, `F` the claimed distribution function, for uniformity on [0, 1].

        Raises:
            ValueError: an empty sample or a level outside [0, 1].
        """
        start = time.perf_counter()
        n = len(levels)
        limit = self._limit(n)
        ordered = np.sort(levels)
        if not (ordered[0] >= 0 and ordered[-1] <= 1):
            raise ValueError(f"levels must lie in [0, 1], got {ordered[0]} to {ordered[-1]}")
        steps = np.arange(n + 1) / n
        distance = float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))
        return self.conclude(
            start,
            rejected=distance > limit,
            smallest=self.smallest_discrepancy(n),
            wanted=wanted,
            samples=n,
            law="Kolmogorov-Smirnov with Massart's bound, every n",
            observed=f"Kolmogorov distance {distance:.3g}",
        )
