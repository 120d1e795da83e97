"""Real error rates of every trio at nominal rates that a measurement can see, and the cost of a decision."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from proofs_check.engines.monte_carlo import (
    BoundedMeanTest,
    DistributionTest,
    MeanTest,
    ProportionTest,
    SequentialMean,
    SequentialSign,
    SequentialVariance,
    VarianceRatioTest,
    VarianceTest,
    generator,
)
from proofs_check.properties.base import MISS, TOTAL_ALARM
from proofs_check.properties.calibration import NOMINAL, Rate
from proofs_check.properties.sampler import Sampler, sum_of_squares
from proofs_check.verdict import Evidence, Verdict
from theory.bures import FloatArray
from theory.noise import generated_variances, noise_of_time

__all__ = ["Cost", "TrioRates", "decision_cost", "trio_rates"]

Trial = Callable[[Generator, float], Evidence]
_RATES = (NOMINAL, NOMINAL)


@dataclass(frozen=True)
class TrioRates:
    """A trio's real rates: `alarm` on a true claim, `miss` at the discrepancy it is designed for. Both nominal 5 %."""

    name: str
    exact: bool
    alarm: Rate
    miss: Rate


def _trials() -> list[tuple[str, bool, Trial]]:
    """Per trio: its name, whether its alarm rate is exact (else a bound), and one run at a departure of 0 or 1.

    The departure is a multiple of the smallest discrepancy that the trio sees at its sample size.
    """
    variance, ratio, mean = VarianceTest(*_RATES, 2), VarianceRatioTest(*_RATES, 2), MeanTest(*_RATES, 2)
    share, bounded, law = ProportionTest(*_RATES), BoundedMeanTest(*_RATES), DistributionTest(*_RATES)
    variance_steps, mean_steps, sign = SequentialVariance(*_RATES), SequentialMean(*_RATES), SequentialSign(*_RATES)
    n = 400

    def two(rng: Generator, factor: float) -> FloatArray:
        return np.asarray(rng.chisquare(n, 2) * np.array([factor, 1.0]))

    def run_variance(rng: Generator, departure: float) -> Evidence:
        seen = variance.smallest_discrepancy(n)
        return variance.decide(two(rng, 1 + departure * seen), n, np.ones(2), seen)

    def run_ratio(rng: Generator, departure: float) -> Evidence:
        seen = ratio.smallest_discrepancy(n)
        return ratio.decide(two(rng, 1 + departure * seen), two(rng, 1.0), n, seen)

    def run_mean(rng: Generator, departure: float) -> Evidence:
        seen = mean.smallest_discrepancy(n)
        sums = rng.standard_normal(2) * np.sqrt(n) + np.array([departure * seen * n, 0.0])
        return mean.decide(sums, n, np.zeros(2), np.ones(2), seen)

    def run_share(rng: Generator, departure: float) -> Evidence:
        seen = share.smallest_discrepancy(n, 0.3)
        return share.decide(int(rng.binomial(n, 0.3 + departure * seen)), n, 0.3, seen)

    def run_bounded(rng: Generator, departure: float) -> Evidence:
        seen = bounded.smallest_discrepancy(n, 0.5)
        # two-point laws are the widest of all bounded ones
        return bounded.decide((rng.random(n) < 0.5 + departure * seen).astype(float), 0.5, seen)

    def run_law(rng: Generator, departure: float) -> Evidence:
        seen = law.smallest_discrepancy(n)
        # uniform on [seen, 1]: its distribution function is `seen` away at that point
        return law.decide(departure * seen + (1 - departure * seen) * rng.random(n), seen)

    def run_variance_steps(rng: Generator, departure: float) -> Evidence:
        return variance_steps.run(lambda k: (1 + 0.2 * departure) * rng.chisquare(k, 1), 0.2, block=32)

    def run_mean_steps(rng: Generator, departure: float) -> Evidence:
        p = 0.5 + 0.1 * departure
        return mean_steps.run(lambda k: (rng.random(k) < p).astype(float), 0.5, 0.1, block=32)

    def run_sign(rng: Generator, departure: float) -> Evidence:
        # true claim: the mean lies above 1/2; departure 1: it lies below
        p = 0.55 - 0.1 * departure
        return sign.run(lambda k: (rng.random(k) < p).astype(float), 0.5, 1, block=32)

    return [
        ("variance, chi-square", True, run_variance),
        ("ratio of variances, F", True, run_ratio),
        ("mean, normal", True, run_mean),
        ("probability, Clopper-Pearson", False, run_share),
        ("bounded mean, Chernoff", False, run_bounded),
        ("distribution, Massart", False, run_law),
        ("variance, sequential", False, run_variance_steps),
        ("bounded mean, sequential", False, run_mean_steps),
        ("sign of a mean, sequential", False, run_sign),
    ]


def trio_rates(seed: int, trials: int) -> list[TrioRates]:
    """Measure both rates of every trio over `trials` runs each."""
    found = []
    for name, exact, run in _trials():
        rng = generator(seed, f"calibrate/{name}")
        alarms = sum(run(rng, 0.0).verdict is Verdict.REFUTED for _ in range(trials))
        passes = sum(run(rng, 1.0).verdict is not Verdict.REFUTED for _ in range(trials))
        found.append(TrioRates(name, exact, Rate(alarms, trials), Rate(passes, trials)))
    return found


@dataclass(frozen=True)
class Cost:
    """What one way of deciding needs at the same error rates: normals drawn, and seconds (`measured` or scaled up)."""

    name: str
    samples: int
    normals: int
    seconds: float
    measured: bool


def decision_cost(seed: int, wanted: float) -> list[Cost]:
    """Cost of deciding a generated variance to `wanted` (relative), error rates 1e-6, in three ways.

    Euler-Maruyama as the sampler needs steps until its bias is below half of `wanted`, and then samples for the other
    half; its time is measured on a part and scaled up.
    """
    hats, T, tau, sampler = np.array([0.1875]), 2.0, 0.25, Sampler()
    closed = generated_variances(noise_of_time(tau), hats)
    test = VarianceTest(TOTAL_ALARM, MISS)
    costs = []

    rng, n = generator(seed, "calibrate/cost/exact"), test.samples_needed(wanted)
    begin = time.perf_counter()
    sum_of_squares(lambda k: sampler.generated(rng, hats, T, tau, k), n)
    costs.append(Cost("exact transitions, fixed size", n, 3 * n, time.perf_counter() - begin, True))

    begin = time.perf_counter()
    walk = SequentialVariance(TOTAL_ALARM, MISS).run(
        lambda k: sum_of_squares(lambda m: sampler.generated(rng, hats, T, tau, m), k) / closed, wanted
    )
    used = int(dict(walk.certificate)["samples"])
    costs.append(Cost("exact transitions, sequential", used, 3 * used, time.perf_counter() - begin, True))

    steps = 8
    while abs(float((sampler.discretised(hats, T, tau, steps).variances()[-1] / closed)[0]) - 1) > wanted / 2:
        steps *= 2
    n, part = test.samples_needed(wanted / 2), 1 << 14
    begin = time.perf_counter()
    sampler.euler(rng, hats, T, tau, part, steps)
    seconds = (time.perf_counter() - begin) * n / part
    costs.append(Cost(f"Euler-Maruyama, {steps} steps", n, n * (steps + 1), seconds, False))
    return costs
