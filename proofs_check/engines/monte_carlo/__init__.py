"""The statistical engine: tests in trios, sequential tests, one error budget, seeds that replay.

Its evidence is SUPPORTED, REFUTED or UNKNOWN, never a proof, and always says at which error rates and which
discrepancy it would have seen.
"""

from __future__ import annotations

from proofs_check.engines.monte_carlo.bounded import BoundedMeanTest, DistributionTest, ProportionTest
from proofs_check.engines.monte_carlo.budget import ErrorBudget
from proofs_check.engines.monte_carlo.gaussian import MeanTest, VarianceRatioTest, VarianceTest
from proofs_check.engines.monte_carlo.intervals import clopper_pearson, union_share, variance_limits
from proofs_check.engines.monte_carlo.seeds import DEFAULT_SEED, fresh_seed, generator, plain_random
from proofs_check.engines.monte_carlo.sequential import SequentialMean, SequentialSign, SequentialVariance

__all__ = [
    "DEFAULT_SEED",
    "BoundedMeanTest",
    "DistributionTest",
    "ErrorBudget",
    "MeanTest",
    "ProportionTest",
    "SequentialMean",
    "SequentialSign",
    "SequentialVariance",
    "VarianceRatioTest",
    "VarianceTest",
    "clopper_pearson",
    "fresh_seed",
    "generator",
    "plain_random",
    "union_share",
    "variance_limits",
]
