"""The statistical engine: exact rates, designed sizes, honest verdicts, replayable seeds.

Every random test here states the probability that it fails although the code is right.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom, chi2, norm

from proofs_check.engines.monte_carlo import (
    BoundedMeanTest,
    DistributionTest,
    ErrorBudget,
    MeanTest,
    ProportionTest,
    SequentialMean,
    SequentialSign,
    SequentialVariance,
    VarianceRatioTest,
    VarianceTest,
    clopper_pearson,
    fresh_seed,
    generator,
    plain_random,
    union_share,
    variance_limits,
)
from proofs_check.verdict import Verdict

ALARM, MISS = 1e-6, 1e-4
#: probability with which one random test of this file fails by chance
CHANCE = 1e-9


def at_most(count, trials, nominal):
    """`count` successes do not contradict a probability of at most `nominal` (error rate CHANCE)."""
    return binom.sf(count - 1, trials, nominal) > CHANCE


class TestFixedSizes:
    @pytest.mark.parametrize("test", [VarianceTest, VarianceRatioTest, MeanTest])
    @pytest.mark.parametrize("coordinates", [1, 7])
    def test_trio_is_consistent(self, test, coordinates):
        trio = test(ALARM, MISS, coordinates)
        n = trio.samples_needed(0.05)
        assert trio.smallest_discrepancy(n) <= 0.05 < trio.smallest_discrepancy(n - 1)

    def test_distribution_trio_is_consistent(self):
        trio = DistributionTest(ALARM, MISS)
        n = trio.samples_needed(0.05)
        assert trio.smallest_discrepancy(n) <= 0.05 < trio.smallest_discrepancy(n - 1)

    @pytest.mark.parametrize("p0", [0.0, 0.1, 0.5, 1.0])
    @pytest.mark.parametrize("kind", [ProportionTest, BoundedMeanTest])
    def test_sizes_of_proportions_and_bounded_means(self, kind, p0):
        trio = kind(ALARM, MISS)
        n = trio.samples_needed(0.05, p0)
        assert trio.smallest_discrepancy(n, p0) <= 0.05
        assert trio.smallest_discrepancy(n // 2, p0) > 0.05

    def test_variance_rates_are_exact(self):
        """Both rates from the chi-square law itself, not from samples."""
        trio, n = VarianceTest(ALARM, MISS, 3), 500
        low, high = trio._limits(n)
        one = chi2.cdf(low, n) + chi2.sf(high, n)
        assert 1 - (1 - one) ** 3 == pytest.approx(ALARM, rel=1e-6)
        seen = trio.smallest_discrepancy(n)
        missed_up = chi2.cdf(high / (1 + seen), n) - chi2.cdf(low / (1 + seen), n)
        missed_down = chi2.cdf(high / (1 - seen), n) - chi2.cdf(low / (1 - seen), n)
        assert max(missed_up, missed_down) == pytest.approx(MISS, rel=1e-6)

    def test_proportion_rates_are_exact(self):
        trio, n, p0 = ProportionTest(0.01, 0.02), 300, 0.2
        low, high = trio._accepted(n, p0)
        assert binom.cdf(low - 1, n, p0) + binom.sf(high, n, p0) <= 0.01
        seen = trio.smallest_discrepancy(n, p0)
        for p in (p0 + seen, p0 - seen):
            assert binom.cdf(high, n, p) - binom.cdf(low - 1, n, p) <= 0.02 * (1 + 1e-9)

    def test_accepted_counts_are_those_with_p0_in_their_interval(self):
        trio, n, p0 = ProportionTest(0.01, 0.02), 60, 0.3
        low, high = trio._accepted(n, p0)
        for k in range(n + 1):
            a, b = clopper_pearson(k, n, 0.01)
            assert (a <= p0 <= b) == (low <= k <= high)

    def test_a_pass_needs_sight(self):
        """A sample too small for the wanted discrepancy ends UNKNOWN, however well it agrees."""
        trio = VarianceTest(ALARM, MISS)
        assert trio.decide([100.0], 100, [1.0], 0.01).verdict is Verdict.UNKNOWN
        n = trio.samples_needed(0.01)
        assert trio.decide([float(n)], n, [1.0], 0.01).verdict is Verdict.SUPPORTED
        assert trio.decide([1.01 * n], n, [1.0], 0.01).verdict is Verdict.REFUTED

    def test_a_zero_variance_must_be_zero(self):
        trio = VarianceTest(ALARM, MISS, 2)
        n = trio.samples_needed(0.1)
        assert trio.decide([n, 0.0], n, [1.0, 0.0], 0.1).verdict is Verdict.SUPPORTED
        assert trio.decide([n, 1e-300], n, [1.0, 0.0], 0.1).verdict is Verdict.REFUTED

    def test_evidence_tells_its_rates(self):
        trio = MeanTest(ALARM, MISS)
        evidence = trio.decide([0.0], 100, [0.0], [1.0], 2.0)
        told = dict(evidence.certificate)
        assert float(told["false-alarm rate"]) == ALARM
        assert float(told["smallest discrepancy"]) == pytest.approx((norm.isf(ALARM / 2) + norm.isf(MISS)) / 10)
        assert evidence.engine == "monte_carlo"

    def test_bounded_mean_refuses_what_leaves_its_range(self):
        with pytest.raises(ValueError, match=r"values must lie in \[0.0, 1.0\]"):
            BoundedMeanTest(ALARM, MISS).decide(np.array([0.5, 1.5]), 0.5, 0.1)

    def test_distribution_sees_a_shift(self):
        rng, trio = generator(0, "distribution"), DistributionTest(CHANCE, CHANCE)
        u = rng.random(trio.samples_needed(0.05))
        assert trio.decide(u, 0.05).verdict is Verdict.SUPPORTED
        assert trio.decide(0.05 + 0.95 * u, 0.05).verdict is Verdict.REFUTED

    @pytest.mark.parametrize("bad", [0.0, 1.0, -0.1, math.nan])
    def test_rates_must_be_probabilities(self, bad):
        with pytest.raises(ValueError, match="alarm must lie strictly between 0 and 1"):
            VarianceTest(bad, MISS)
        with pytest.raises(ValueError, match="miss must lie strictly between 0 and 1"):
            MeanTest(ALARM, bad)


class TestSequential:
    """At nominal rates of 5 % the real ones must not exceed them, whatever the moment of stopping."""

    TRIALS = 400

    def rates(self, run):
        """How often `run(rng, truth)` is refuted if true, and passes if false."""
        rng = generator(1, "sequential")
        alarms = sum(run(rng, True).verdict is Verdict.REFUTED for _ in range(self.TRIALS))
        passes = sum(run(rng, False).verdict is not Verdict.REFUTED for _ in range(self.TRIALS))
        return alarms, passes

    @pytest.mark.parametrize("factor", [1.2, 0.8])
    def test_variance(self, factor):
        test = SequentialVariance(0.05, 0.05)

        def run(rng, true):
            return test.run(lambda k: (1.0 if true else factor) * rng.chisquare(k, 1), 0.2, block=16)

        alarms, passes = self.rates(run)
        assert at_most(alarms, self.TRIALS, 0.05)
        assert at_most(passes, self.TRIALS, 0.05)

    def test_mean(self):
        test = SequentialMean(0.05, 0.05)

        def run(rng, true):
            p = 0.5 if true else 0.6
            return test.run(lambda k: (rng.random(k) < p).astype(float), 0.5, 0.1, block=16)

        alarms, passes = self.rates(run)
        assert at_most(alarms, self.TRIALS, 0.05)
        assert at_most(passes, self.TRIALS, 0.05)

    def test_sign(self):
        test = SequentialSign(0.05, 0.05, -1, 1)

        def run(rng, true):
            shift = 0.1 if true else -0.1
            return test.run(lambda k: np.clip(rng.normal(shift, 0.3, k), -1, 1), 0.0, 1, block=16)

        alarms, passes = self.rates(run)
        assert at_most(alarms, self.TRIALS, 0.05)
        assert at_most(passes, self.TRIALS, 0.05)

    def test_e_values_average_to_at_most_one(self):
        """By exact integration over the chi-square law: the heart of Ville's inequality."""
        test, n, r = SequentialVariance(0.05, 0.05), 40, 0.3
        s = np.linspace(1e-9, 400, 400_001)
        for v, bound in ((1.0, 1.0), (1 + r, 1.0), (1 + 2 * r, 1.0), (1 - r, 1.0)):
            weight = chi2.pdf(s / v, n) / v * (s[1] - s[0])
            if v == 1.0:
                e = np.exp(test.log_against_equal(s, n, r))
                assert np.sum(e * weight) == pytest.approx(1.0, abs=1e-6)
            else:
                e = np.exp(test.log_against_apart(s, n, r))
                assert np.sum(e * weight) <= bound + 1e-9

    def test_undecided_within_its_limit(self):
        evidence = SequentialVariance(ALARM, MISS).run(lambda k: np.array([float(k)]), 0.01, most=1000)
        assert evidence.verdict is Verdict.UNKNOWN
        assert "undecided after 1000 samples" in evidence.detail

    def test_fewer_samples_than_the_fixed_size(self):
        rng = generator(2, "fewer")
        evidence = SequentialVariance(ALARM, MISS).run(lambda k: rng.chisquare(k, 1), 0.02)
        assert evidence.verdict is Verdict.SUPPORTED
        assert int(dict(evidence.certificate)["samples"]) < VarianceTest(ALARM, MISS).samples_needed(0.02)


def test_the_budget_is_spent_once():
    budget = ErrorBudget.split(1e-6, {"a": 1, "b": 2, "c": 5})
    assert sum(budget.shares.values()) == 1
    assert budget.alarm("b") == pytest.approx(2.5e-7)
    with pytest.raises(ValueError, match="'d' has no share"):
        budget.alarm("d")
    with pytest.raises(ValueError, match="at least one test"):
        ErrorBudget.split(1e-6, {})


def test_union_share_is_exact():
    assert 1 - (1 - union_share(0.05, 4)) ** 4 == pytest.approx(0.05, rel=1e-12)
    assert union_share(1e-12, 1000) == pytest.approx(1e-15, rel=1e-6)


def test_clopper_pearson_against_the_textbook():
    assert clopper_pearson(0, 10) == (0.0, pytest.approx(1 - 0.025**0.1))
    assert clopper_pearson(10, 10) == (pytest.approx(0.025**0.1), 1.0)
    low, high = clopper_pearson(3, 20)
    assert binom.sf(2, 20, low) == pytest.approx(0.025)
    assert binom.cdf(3, 20, high) == pytest.approx(0.025)


def test_variance_limits_hold_together():
    totals = np.array([95.0, 210.0])
    low, high = variance_limits(totals, 100, 0.05)
    share = union_share(0.05, 2) / 2
    assert chi2.sf(totals / low, 100) == pytest.approx([share, share])
    assert chi2.cdf(totals / high, 100) == pytest.approx([share, share])


def test_streams_depend_on_seed_and_name_only():
    first = generator(7, "a").random(3)
    assert (generator(7, "a").random(3) == first).all()
    assert (generator(7, "b").random(3) != first).all()
    assert (generator(8, "a").random(3) != first).all()
    assert plain_random(7, "a").random() == plain_random(7, "a").random()
    assert fresh_seed() != fresh_seed() or fresh_seed() != fresh_seed()
    with pytest.raises(ValueError, match="seed must be >= 0"):
        generator(-1, "a")
