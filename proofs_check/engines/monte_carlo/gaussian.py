"""Trios with exact laws for Gaussian samples: variance (chi-square), ratio of variances (F), mean (normal).

Several independent coordinates are tested at once: each gets the share of the false-alarm rate at which the
union of independent alarms has exactly the stated probability.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from proofs_check.engines.monte_carlo.intervals import union_share
from proofs_check.engines.monte_carlo.trio import Rates, least_samples
from proofs_check.verdict import Evidence

__all__ = ["MeanTest", "VarianceRatioTest", "VarianceTest"]


def _rows(name: str, values: ArrayLike, coordinates: int) -> NDArray[np.float64]:
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if array.shape != (coordinates,):
        raise ValueError(f"{name} must have one entry for each of {coordinates} coordinates, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}")
    return array


def _check_size(n: int) -> None:
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")


@dataclass(frozen=True)
class VarianceTest(Rates):
    """Variances of centred Gaussian coordinates. Discrepancy: `|v / v0 - 1|` of the worst coordinate.

    More generally the scale of sums that are chi-square with `degrees` degrees of freedom per sample (1 for
    squares of Gaussians; `n` for `n hat sigma^2 / sigma^2`).
    """

    coordinates: int = 1
    degrees: int = 1

    def _limits(self, n: int) -> tuple[float, float]:
        from scipy.stats import chi2

        share = union_share(self.alarm, self.coordinates) / 2
        return float(chi2.ppf(share, n * self.degrees)), float(chi2.isf(share, n * self.degrees))

    def smallest_discrepancy(self, n: int) -> float:
        """The smallest relative error of a variance, in either direction, caught with probability `1 - miss`."""
        from scipy.stats import chi2

        _check_size(n)
        low, high = self._limits(n)
        up = high / float(chi2.ppf(self.miss, n * self.degrees)) - 1
        down = 1 - low / float(chi2.isf(self.miss, n * self.degrees))
        return max(up, down)

    def samples_needed(self, discrepancy: float) -> int:
        """The sample size from which on `discrepancy` is caught with probability `1 - miss`."""
        return least_samples(self.smallest_discrepancy, discrepancy)

    def decide(self, totals: ArrayLike, n: int, expected: ArrayLike, wanted: float) -> Evidence:
        """Test sums of `n` squares, one per coordinate, against the variances `expected >= 0`.

        A coordinate with `expected = 0` must be identically zero.

        Raises:
            ValueError: shapes, sizes or signs that do not fit.
        """
        _check_size(n)
        start = time.perf_counter()
        sums, scale = _rows("totals", totals, self.coordinates), _rows("expected", expected, self.coordinates)
        if sums.min() < 0 or scale.min() < 0:
            raise ValueError("totals and expected must be >= 0")
        low, high = self._limits(n)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(scale > 0, sums / scale, np.where(sums > 0, np.inf, n * self.degrees))
        ratio = np.where((scale == 0) & (sums == 0), n * self.degrees, ratio)
        worst = int(np.argmax(np.abs(ratio / (n * self.degrees) - 1)))
        return self.conclude(
            start,
            rejected=bool(((ratio < low) | (ratio > high)).any()),
            smallest=self.smallest_discrepancy(n),
            wanted=wanted,
            samples=n,
            law=f"chi-square, exact; {self.coordinates} independent coordinates",
            observed=f"variance / expected = {ratio[worst] / (n * self.degrees):.6g} at coordinate {worst + 1}",
        )


@dataclass(frozen=True)
class VarianceRatioTest(Rates):
    """Equal variances of two independent centred Gaussian samples of one size. Discrepancy: `|v / v' - 1|`."""

    coordinates: int = 1

    def smallest_discrepancy(self, n: int) -> float:
        """The smallest relative difference caught with probability `1 - miss`."""
        from scipy.stats import f

        _check_size(n)
        share = union_share(self.alarm, self.coordinates) / 2
        # the law of the ratio is that of its inverse, so both directions are one
        return float(f.isf(share, n, n) / f.ppf(self.miss, n, n) - 1)

    def samples_needed(self, discrepancy: float) -> int:
        """The size of each sample from which on `discrepancy` is caught with probability `1 - miss`."""
        return least_samples(self.smallest_discrepancy, discrepancy)

    def decide(self, first: ArrayLike, second: ArrayLike, n: int, wanted: float) -> Evidence:
        """Test two sums of `n` squares per coordinate against each other. Raises ValueError for shapes and signs."""
        from scipy.stats import f

        _check_size(n)
        start = time.perf_counter()
        a, b = _rows("first", first, self.coordinates), _rows("second", second, self.coordinates)
        if a.min() <= 0 or b.min() <= 0:
            raise ValueError("first and second must be > 0")
        limit = float(f.isf(union_share(self.alarm, self.coordinates) / 2, n, n))
        ratio = a / b
        worst = int(np.argmax(np.abs(np.log(ratio))))
        return self.conclude(
            start,
            rejected=bool(((ratio > limit) | (ratio < 1 / limit)).any()),
            smallest=self.smallest_discrepancy(n),
            wanted=wanted,
            samples=2 * n,
            law=f"F, exact; {self.coordinates} independent coordinates",
            observed=f"ratio of variances {ratio[worst]:.6g} at coordinate {worst + 1}",
        )


@dataclass(frozen=True)
class MeanTest(Rates):
    """Means of Gaussian coordinates of known variance. Discrepancy: `|mean - mean0|` in standard deviations."""

    coordinates: int = 1

    def smallest_discrepancy(self, n: int) -> float:
        """The smallest shift, in standard deviations, caught with probability `1 - miss`."""
        from scipy.stats import norm

        _check_size(n)
        share = union_share(self.alarm, self.coordinates) / 2
        return float((norm.isf(share) + norm.isf(self.miss)) / np.sqrt(n))

    def samples_needed(self, discrepancy: float) -> int:
        """The sample size from which on `discrepancy` is caught with probability `1 - miss`."""
        return least_samples(self.smallest_discrepancy, discrepancy)

    def decide(self, totals: ArrayLike, n: int, expected: ArrayLike, deviations: ArrayLike, wanted: float) -> Evidence:
        """Test sums of `n` values per coordinate against means `expected` at standard deviations `deviations > 0`."""
        from scipy.stats import norm

        _check_size(n)
        start = time.perf_counter()
        sums, means = _rows("totals", totals, self.coordinates), _rows("expected", expected, self.coordinates)
        scale = _rows("deviations", deviations, self.coordinates)
        if scale.min() <= 0:
            raise ValueError("deviations must be > 0")
        z = (sums / n - means) / scale * np.sqrt(n)
        worst = int(np.argmax(np.abs(z)))
        limit = float(norm.isf(union_share(self.alarm, self.coordinates) / 2))
        return self.conclude(
            start,
            rejected=bool((np.abs(z) > limit).any()),
            smallest=self.smallest_discrepancy(n),
            wanted=wanted,
            samples=n,
            law=f"normal, exact; {self.coordinates} independent coordinates",
            observed=f"mean off by {z[worst] / np.sqrt(n):.3g} standard deviations at coordinate {worst + 1}",
        )
