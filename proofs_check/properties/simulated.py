"""Statistical properties of the sampler: simulated against closed forms, with both error rates designed.

The cases are one fixed anchor, in which every term of the formulas matters, and what Hypothesis chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from proofs_check.engines.monte_carlo import (
    DistributionTest,
    SequentialVariance,
    VarianceRatioTest,
    VarianceTest,
    generator,
)
from proofs_check.properties.base import MISS, Context, Finding, Property
from proofs_check.properties.sampler import BLOCK, Sampler, sum_of_squares
from proofs_check.properties.search import cases_of
from proofs_check.strategies import Sample, dyadics, samples, spectra, stop_times
from proofs_check.verdict import Evidence
from theory.bures import FloatArray
from theory.noise import generated_variances, noise_of_time

__all__ = ["SIMULATED", "Case", "collected", "simulated_cases"]

#: Euler-Maruyama steps; few, since the recursion is exact for every number of them
_STEPS = 8
#: leading coordinates of the user's spectrum that are simulated
_LEADING = 4


@dataclass(frozen=True)
class Case:
    """A plug-in sampler: true and estimated variances, horizon `T` and stop `tau`."""

    sample: Sample
    T: float
    tau: float

    @property
    def hats(self) -> FloatArray:
        """Estimated variances `(D,)`."""
        return np.asarray(self.sample.sigma_hat2)


#: over- and under-estimated, above and below 1, stopped away from both ends and from the middle
_ANCHOR = Case(Sample((1.5, 0.75), (1.5, 0.25)), 2.0, 0.25)


def _strategy() -> SearchStrategy[Case]:
    spectrum = samples(spectra(max_size=2), ratio=4.0)
    return st.sampled_from([2.0, 1.0, 4.0]).flatmap(
        lambda T: st.builds(Case, spectrum, st.just(T), stop_times(T).filter(lambda tau: tau < T))
    )


def simulated_cases(context: Context, name: str) -> list[Case]:
    """The anchor, the user's leading variances with drawn estimates, and cases chosen by Hypothesis."""
    cases = [_ANCHOR, *cases_of(_strategy(), context.profile.cases, context.seed, f"{name}/cases")]
    if context.spectrum is not None:
        leading = tuple(s for s in context.spectrum[:_LEADING] if s > 0)
        own = st.tuples(*[dyadics(1 / 4, 4)] * len(leading)).map(lambda r: Case(Sample(leading, r), 4.0, 0.5))
        cases.append(cases_of(own, 1, context.seed, f"{name}/own")[0])
    return cases


def collected(prop: Property, context: Context, evidence: Sequence[Evidence]) -> Finding:
    """One finding from the evidence of several statistical tests that share the property's error budget."""
    certificates = [dict(e.certificate) for e in evidence]
    return Finding(
        tuple(evidence),
        len(evidence),
        alarm=context.budget.alarm(prop.id),
        miss=max(float(c["false-pass rate"]) for c in certificates),
        discrepancy=max(float(c["smallest discrepancy"]) for c in certificates),
        samples=sum(int(c["samples"]) for c in certificates),
    )


def _expected(case: Case) -> FloatArray:
    return generated_variances(noise_of_time(case.tau), case.hats)


def _variance(prop: Property, context: Context) -> Finding:
    """Fixed size, designed for the profile's discrepancy."""
    cases, wanted, evidence = simulated_cases(context, prop.id), context.profile.discrepancy, []
    for i, case in enumerate(cases):
        test = VarianceTest(context.budget.alarm(prop.id) / len(cases), MISS, len(case.hats))
        n, rng = test.samples_needed(wanted), context.rng(f"{prop.id}/{i}")
        draw = partial(context.sampler.generated, rng, case.hats, case.T, case.tau)
        evidence.append(test.decide(sum_of_squares(draw, n), n, _expected(case), wanted))
    return collected(prop, context, evidence)


def _variance_sequential(prop: Property, context: Context) -> Finding:
    """The same by sampling until decided."""
    case, wanted, rng = _ANCHOR, context.profile.discrepancy, context.rng(prop.id)
    expected = _expected(case)

    def draw(k: int) -> FloatArray:
        return sum_of_squares(lambda m: context.sampler.generated(rng, case.hats, case.T, case.tau, m), k) / expected

    test = SequentialVariance(context.budget.alarm(prop.id), MISS, len(case.hats))
    return collected(prop, context, [test.run(draw, wanted, block=BLOCK // 4)])


def _law(prop: Property, context: Context) -> Finding:
    """Every coordinate's distribution function, not only its variance."""
    from scipy.special import ndtr

    case, wanted, rng = _ANCHOR, context.profile.distribution, context.rng(prop.id)
    test = DistributionTest(context.budget.alarm(prop.id) / len(case.hats), MISS)
    paths = context.sampler.generated(rng, case.hats, case.T, case.tau, test.samples_needed(wanted))
    levels = ndtr(paths / np.sqrt(_expected(case)))
    return collected(prop, context, [test.decide(column, wanted) for column in levels.T])


def _training(prop: Property, context: Context) -> Finding:
    """`n sigma_hat^2 / sigma^2`: its mean by the exact law of the sum, its law by its distribution function."""
    from scipy.special import gammainc

    evidence = []
    sizes = (2, 5, context.training if context.spectrum is not None else 50)
    for n in sizes:
        sigma2 = np.asarray(_ANCHOR.sample.sigma2)
        alarm, wanted = context.budget.alarm(prop.id) / (2 * len(sizes)), context.profile.distribution
        test = VarianceTest(alarm, MISS, len(sigma2), degrees=n)
        size, rng = test.samples_needed(context.profile.discrepancy), context.rng(f"{prop.id}/{n}")
        totals = np.zeros(len(sigma2))
        for first in range(0, size, BLOCK):
            totals += context.sampler.estimated(rng, sigma2, n, min(BLOCK, size - first)).sum(axis=0) * n
        evidence.append(test.decide(totals, size, sigma2, context.profile.discrepancy))
        shape = DistributionTest(alarm, MISS)
        drawn = context.sampler.estimated(rng, sigma2[:1], n, shape.samples_needed(wanted))[:, 0]
        # chi2_n / 2 is a Gamma(n/2)
        evidence.append(shape.decide(gammainc(n / 2, n * drawn / (2 * sigma2[0])), wanted))
    return collected(prop, context, evidence)


def _euler_with(cap: float | None) -> Callable[[Property, Context], Finding]:
    """Paths of a chain against the exact variances of the chain that the theory derives."""

    def check(prop: Property, context: Context) -> Finding:
        case, wanted, rng = _ANCHOR, 2 * context.profile.discrepancy, context.rng(prop.id)
        test = VarianceTest(context.budget.alarm(prop.id), MISS, len(case.hats))
        n = test.samples_needed(wanted)
        totals = sum_of_squares(lambda k: context.sampler.euler(rng, case.hats, case.T, case.tau, k, _STEPS, cap), n)
        expected = Sampler().discretised(case.hats, case.T, case.tau, _STEPS, cap).variances()[-1]
        return collected(prop, context, [test.decide(totals, n, expected, wanted)])

    return check


def _autoencoder(prop: Property, context: Context) -> Finding:
    """Fresh data encoded and noised against the exact-score generator: equal variances, both centred Gaussians."""
    from scipy.special import ndtr

    case, wanted = _ANCHOR, 2 * context.profile.discrepancy
    sigma2, alarm = np.asarray(case.sample.sigma2), context.budget.alarm(prop.id)
    test = VarianceRatioTest(alarm / 2, MISS, len(sigma2))
    n = test.samples_needed(wanted)
    one, two = (generator(context.seed, f"{prop.id}/{side}") for side in ("encoded", "generated"))
    first = sum_of_squares(lambda k: context.sampler.encoded(one, sigma2, case.tau, k), n)
    second = sum_of_squares(lambda k: context.sampler.generated(two, sigma2, case.T, case.tau, k), n)
    shape = DistributionTest(alarm / 2, MISS)
    paths = context.sampler.encoded(one, sigma2[:1], case.tau, shape.samples_needed(context.profile.distribution))
    levels = ndtr(paths[:, 0] / np.sqrt(generated_variances(noise_of_time(case.tau), sigma2[:1])))
    return collected(
        prop, context, [test.decide(first, second, n, wanted), shape.decide(levels, context.profile.distribution)]
    )


SIMULATED = (
    Property(
        "generated-variance", ("eq-4/backward", "eq-5"),
        "the stopped sampler has variances v_j(x) = x + (1-x) sigma_hat_j^2", "any estimates, any stop in [0, T)",
        _variance, weight=2,
    ),
    Property(
        "generated-variance-sequential", ("eq-5",),
        "the same, sampling until decided", "one sampler with every term at work", _variance_sequential, weight=1,
    ),
    Property(
        "generated-law", ("eq-4/backward", "eq-5"),
        "the stopped sampler is Gaussian with those variances", "one sampler with every term at work",
        _law, weight=1,
    ),
    Property(
        "training-variances", ("prop-9",),
        "n sigma_hat_j^2 / sigma_j^2 is chi-square with n degrees of freedom", "n = 2, 5 and 50 (or your own)",
        _training, weight=1,
    ),
    Property(
        "euler-recursion", ("eq-2",),
        "Euler-Maruyama paths of [2] have the variances of the exact recursion", f"plug-in score, {_STEPS} steps",
        _euler_with(None), weight=1,
    ),
    Property(
        "euler-capped", ("prop-4", "prop-5"),
        "Euler-Maruyama paths of the capped sampler [14] have the variances of the exact recursion",
        f"C = 2, started at N(0, I), {_STEPS} steps", _euler_with(2.0), weight=1,
    ),
    Property(
        "noisy-autoencoder", ("noisy-autoencoder/fresh",),
        "b P_d X + a eps has the law of the sampler stopped at the same tau", "fresh data, exact score",
        _autoencoder, weight=1,
    ),
)  # fmt: skip
