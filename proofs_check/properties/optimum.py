"""The optimal stop: simulation must find it where theory puts it, for one sample and on average over training sets.

`F(d, .)` and `E F(d, .)` are convex, so a negative slope at `x (1 - delta)` and a positive one at `x (1 + delta)` put
the minimiser between the two. Both signs come from simulation alone; theory only says where to look.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import numpy as np
from sympy import Symbol

from proofs_check.engines.monte_carlo import variance_limits
from proofs_check.engines.monte_carlo.evidence import conclude
from proofs_check.properties.averages import compare_stops
from proofs_check.properties.base import MISS, Context, Finding, Property
from proofs_check.properties.sampler import sum_of_squares
from proofs_check.properties.simulated import collected
from proofs_check.properties.training import training_cases
from proofs_check.verdict import Evidence
from theory.bures import FloatArray
from theory.capped_distance import kept_at
from theory.evaluate import numpy_function
from theory.expected import expected_level
from theory.noise import generated_variances, time_of_noise
from theory.notation import sigma, sigma_hat, x
from theory.process import variance_at_noise
from theory.stopping import optimal_noise_levels

__all__ = ["OPTIMUM"]

_V = Symbol("V", positive=True)
#: half-width, relative to the optimal noise level, within which it must be found
_WITHIN = 0.25
#: an optimum strictly inside: d = 1 under-estimated, d = 2 over-estimated
_SIGMA2, _HATS, _T = np.array([0.75, 0.5]), np.array([0.5, 0.5625]), 2.0


def _slope_limits(totals: FloatArray, n: int, error: float) -> tuple[float, float]:
    """Limits of the slope of `F` from measured variances: `d(sqrt(V) - sigma)^2/dV dv/dx`, which rises with `V`."""
    # sigma_hat < 1 in this sample, so dv/dx > 0
    rate = numpy_function(kept_at(_V).diff(_V) * variance_at_noise(sigma_hat**2).diff(x), _V, sigma, sigma_hat)
    ends = variance_limits(totals, n, error)
    low, high = (float(np.sum(rate(v, np.sqrt(_SIGMA2[: len(v)]), np.sqrt(_HATS[: len(v)])))) for v in ends)
    return low, high


def _found(prop: Property, context: Context) -> Finding:
    """One plug-in sample: the slope from the simulated variances at two stops around the optimum, for every `d`."""
    best, _ = optimal_noise_levels(_SIGMA2, _HATS, 1.0)
    error = context.budget.alarm(prop.id) / (2 * len(best))
    evidence = []
    for d, level in enumerate(best, 1):
        for side, sign in ((-1, "-"), (1, "+")):
            start, at = time.perf_counter(), float(level) * (1 + side * _WITHIN)
            n = _enough(at, d, error)
            rng = context.rng(f"{prop.id}/{d}/{side}")
            tau = float(time_of_noise(at))
            totals = sum_of_squares(partial(context.sampler.generated, rng, _HATS[:d], _T, tau), n)
            low, high = _slope_limits(totals, n, error)
            right, wrong = (high < 0, low > 0) if side < 0 else (low > 0, high < 0)
            evidence.append(
                conclude(
                    rejected=wrong,
                    smallest=_WITHIN if right else np.inf,
                    wanted=_WITHIN,
                    alarm=error,
                    miss=MISS,
                    samples=n,
                    law="chi-square limits, exact; the slope is monotone in each variance",
                    observed=f"d = {d}: slope in [{low:.3g}, {high:.3g}] at x*(1 {sign} {_WITHIN:g})",
                    seconds=time.perf_counter() - start,
                )
            )
    return collected(prop, context, evidence)


def _enough(at: float, d: int, error: float) -> int:
    """A sample size for which the limits of the slope exclude 0 with probability `1 - MISS`, if theory is right."""
    from scipy.stats import chi2

    v = generated_variances(at, _HATS[:d])
    n = 1 << 10
    while True:
        # totals as unlucky as the miss rate allows, in either direction
        for quantile in (chi2.ppf(MISS / d, n), chi2.isf(MISS / d, n)):
            low, high = _slope_limits(v * quantile, n, error)
            if not (low > 0 or high < 0):
                break
        else:
            return n
        n *= 2


def _found_on_average(prop: Property, context: Context) -> Finding:
    """`E F` at the stop that theory names is below `E F` at noise levels a quarter lower and higher."""
    cases = training_cases(context, prop.id)
    error = context.budget.alarm(prop.id) / (2 * len(cases))
    evidence: list[Evidence] = []
    notes: list[str] = []
    for i, case in enumerate(cases):
        level = float(expected_level(case.sigma2, case.n, 1.0)[-1])
        for side in (-1, 1):
            other = min(level * (1 + side * _WITHIN), 1.0)
            if other == level:
                continue  # the optimum is pure noise: there is no higher level
            found = compare_stops(prop, context, f"{i}/{side}", case, level, other, error)
            evidence.extend(found.evidence)
            notes.extend(found.notes)
    found = collected(prop, context, evidence)
    seen = _WITHIN if found.discrepancy == 0 else np.inf
    return replace(found, cases=len(cases), discrepancy=seen, notes=(notes[0],))


OPTIMUM = (
    Property(
        "optimal-stop-found", ("prop-1b", "beyond-1"),
        f"simulated variances put the optimal stop within {_WITHIN:.0%} of x*(d)", "one plug-in sample, every d",
        _found, weight=2,
    ),
    Property(
        "expected-optimal-stop-found", ("beyond-2", "beyond-3"),
        f"simulated training sets put the expected-optimal stop within {_WITHIN:.0%} of its x*",
        "any spectrum, n from 2 to 50",
        _found_on_average, weight=1,
    ),
)  # fmt: skip
