"""Sampling until decided: tests that stay valid at every moment, whatever stops them.

An e-process is a non-negative process that starts at 1 and, under its hypothesis, has expectation at most 1 at every
stopping time. By Ville's inequality it ever reaches `1/error` with probability at most `error`. A decision runs
several: one against "equal" (reaching `1/alarm` refutes) and one against "at least the tolerance apart" on either side
(both reaching `1/miss` supports). Sampling stops at the first of the two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proofs_check.engines.monte_carlo.trio import Rates
from proofs_check.verdict import Evidence

__all__ = ["SequentialMean", "SequentialSign", "SequentialVariance"]

#: bets as fractions of the largest that cannot ruin: a mixture over them adapts to the unknown variance
_FRACTIONS = 0.5 ** np.arange(1, 13)


@dataclass(frozen=True)
class SequentialVariance(Rates):
    """Decide whether variances of independent centred Gaussian coordinates equal `v0` or differ.

    Against equality: the likelihood ratio mixed over a Gamma prior on the precision, centred at `v0` and as wide as the
    tolerance (a martingale, in closed form). Against `v >= (1 + r) v0` and `v <= (1 - r) v0`: the likelihood ratio
    of `v0` to that bound, a supermartingale for every variance beyond it.
    """

    coordinates: int = 1

    def log_against_equal(self, totals: NDArray[np.float64], n: int, wanted: float) -> NDArray[np.float64]:
        """Log e-values against `v = v0`; `totals` are sums of `n` squares over `v0`."""
        from scipy.special import gammaln

        shape = 4 / wanted**2
        updated = shape + n / 2
        return np.asarray(
            shape * np.log(shape)
            - gammaln(shape)
            + gammaln(updated)
            - updated * np.log(shape + totals / 2)
            + totals / 2
        )

    def log_against_apart(self, totals: NDArray[np.float64], n: int, wanted: float) -> NDArray[np.float64]:
        """The smaller of the log e-values against `v >= (1 + r) v0` and `v <= (1 - r) v0`, `0 < r < 1`."""
        ratio = np.array([[1 + wanted], [1 - wanted]])
        return np.asarray(np.min(n / 2 * np.log(ratio) - (1 - 1 / ratio) * totals / 2, axis=0))

    def run(
        self, draw: Callable[[int], NDArray[np.float64]], wanted: float, most: int = 1 << 28, block: int = 4096
    ) -> Evidence:
        """Draw until decided, or UNKNOWN after `most` samples.

        Args:
            draw: returns, for a number of fresh samples, the sum of squares over `v0` of each coordinate.
            wanted: the tolerance `r` in (0, 1).
            block: size of the first block; blocks grow with the sample, a quarter of it at a time.

        Raises:
            ValueError: `wanted` outside (0, 1).
        """
        if not 0 < wanted < 1:
            raise ValueError(f"wanted must lie strictly between 0 and 1, got {wanted}")
        start, n = time.perf_counter(), 0
        totals, close = np.zeros(self.coordinates), np.zeros(self.coordinates, dtype=bool)
        refuted, bar = False, np.log(self.coordinates / self.alarm)
        while n < most and not (refuted or close.all()):
            size = min(max(block, n // 4), most - n)
            totals, n = totals + draw(size), n + size
            refuted = bool((self.log_against_equal(totals, n, wanted) >= bar).any())
            close |= self.log_against_apart(totals, n, wanted) >= np.log(1 / self.miss)
        worst = int(np.argmax(np.abs(totals / n - 1)))
        return self.conclude(
            start,
            rejected=refuted,
            smallest=wanted if close.all() else np.inf,
            wanted=wanted,
            samples=n,
            law=f"e-processes (Gamma mixture of likelihood ratios), any stopping time; {self.coordinates} coordinates",
            observed=f"variance / expected = {totals[worst] / n:.6g} at coordinate {worst + 1}",
        )


class _Bets:
    """The log wealth of a mixture of constant bets on `direction * (x - m)` for `x` in `[low, high]`.

    Wealth is a supermartingale while `direction * (mean - m) <= 0`: betting that the mean lies beyond `m`.
    """

    def __init__(self, m: float, direction: int, low: float, high: float) -> None:
        room = m - low if direction > 0 else high - m
        self.rates = _FRACTIONS / room if room > 0 else np.zeros_like(_FRACTIONS)
        self.m, self.direction = m, direction
        self.log_wealth = np.zeros_like(self.rates)

    def update(self, values: NDArray[np.float64]) -> float:
        centred = self.direction * (values - self.m)
        self.log_wealth = self.log_wealth + np.array([np.log1p(rate * centred).sum() for rate in self.rates])
        return self.log_value

    @property
    def log_value(self) -> float:
        highest = float(self.log_wealth.max())
        return highest + float(np.log(np.mean(np.exp(self.log_wealth - highest))))


def _drawn(
    draw: Callable[[int], NDArray[np.float64]], low: float, high: float, most: int, block: int
) -> NDArray[np.float64]:
    values = draw(min(block, most))
    if not (values.min() >= low and values.max() <= high):
        raise ValueError(f"values must lie in [{low}, {high}], got {values.min()} to {values.max()}")
    return values


@dataclass(frozen=True)
class SequentialMean(Rates):
    """Decide whether the mean of a variable in `[low, high]` equals `expected` or differs, by betting.

    `slack` widens "equal" to `|mean - expected| <= slack`, for an expectation that is itself known only so well.
    """

    low: float = 0.0
    high: float = 1.0
    slack: float = 0.0

    def run(
        self,
        draw: Callable[[int], NDArray[np.float64]],
        expected: float,
        wanted: float,
        most: int = 1 << 24,
        block: int = 4096,
    ) -> Evidence:
        """Draw until decided, or UNKNOWN after `most` samples; `draw(k)` returns `k` fresh values.

        Raises:
            ValueError: a value outside `[low, high]`, or `wanted <= slack`.
        """
        if not wanted > self.slack >= 0:
            raise ValueError(f"wanted must exceed the slack {self.slack}, got {wanted}")
        start, n, total = time.perf_counter(), 0, 0.0
        differs = [_Bets(expected + s * self.slack, s, self.low, self.high) for s in (1, -1)]
        # a bound beyond the range needs no evidence against it
        apart = [
            _Bets(expected + s * wanted, -s, self.low, self.high)
            for s in (1, -1)
            if self.low < expected + s * wanted < self.high
        ]
        beaten = [False] * len(apart)
        refuted = False
        while n < most and not (refuted or all(beaten)):
            values = _drawn(draw, self.low, self.high, most - n, max(block, n // 4))
            n, total = n + len(values), total + float(values.sum())
            refuted = any(bets.update(values) >= np.log(2 / self.alarm) for bets in differs)
            beaten = [b or bets.update(values) >= np.log(1 / self.miss) for b, bets in zip(beaten, apart, strict=True)]
        return self.conclude(
            start,
            rejected=refuted,
            smallest=wanted if all(beaten) else np.inf,
            wanted=wanted,
            samples=n,
            law="e-processes (betting on a bounded mean), any stopping time",
            observed=f"mean {total / n:.6g}, expected {expected:.6g}",
        )


@dataclass(frozen=True)
class SequentialSign(Rates):
    """Decide on which side of `bound` the mean of a variable in `[low, high]` lies, by betting both ways.

    Claim: `direction * (mean - bound) > 0`. Supporting a false claim has probability at most `miss`, contradicting a
    true one at most `alarm`. The nearer the mean to the bound, the longer it takes.
    """

    low: float = 0.0
    high: float = 1.0

    def run(
        self,
        draw: Callable[[int], NDArray[np.float64]],
        bound: float,
        direction: int,
        most: int = 1 << 24,
        block: int = 4096,
    ) -> Evidence:
        """Draw until decided, or UNKNOWN after `most` samples; `direction` is 1 (above) or -1 (below)."""
        start, n, total = time.perf_counter(), 0, 0.0
        claim, opposite = (_Bets(bound, s * direction, self.low, self.high) for s in (1, -1))
        refuted = supported = False
        while n < most and not (refuted or supported):
            values = _drawn(draw, self.low, self.high, most - n, max(block, n // 4))
            n, total = n + len(values), total + float(values.sum())
            supported = claim.update(values) >= np.log(1 / self.miss)
            refuted = opposite.update(values) >= np.log(1 / self.alarm)
        return self.conclude(
            start,
            rejected=refuted,
            smallest=0.0 if supported else np.inf,
            wanted=0.0,
            samples=n,
            law="e-processes (betting on a bounded mean), any stopping time",
            observed=f"mean {total / n:.6g}, {'above' if total / n > bound else 'below'} {bound:.6g}",
        )
