"""Properties of averages over training sets: expected distances, beyond-2 and beyond-3, how often (B) fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.random import Generator

from proofs_check.engines.monte_carlo import ProportionTest, SequentialMean, SequentialSign
from proofs_check.properties.base import MISS, Context, Finding, Property
from proofs_check.properties.per_sample import per_case, show_numbers
from proofs_check.properties.readings import fails_in_two
from proofs_check.properties.sampler import BLOCK
from proofs_check.properties.simulated import collected
from proofs_check.properties.training import SLACK, TrainingCase, gain_of_common_numbers, training_cases
from proofs_check.strategies import spectra
from proofs_check.verdict import Evidence
from theory.bures import FloatArray
from theory.expected import expected_level, expected_term, probability_reading_b_fails

__all__ = ["AVERAGES", "compare_stops"]

#: `expected_level` has a relative error of about 1e-13
_LEVEL_ERROR = 1e-10
#: leading variances of the user's spectrum whose expected-optimal stops are computed
_LEADING = 64


def _distance(prop: Property, context: Context) -> Finding:
    """`E F(d, x)` at a stop in the middle, by betting until decided, with control variates fitted beforehand."""
    at, cases, evidence, notes = 0.25, training_cases(context, prop.id), [], []
    for i, case in enumerate(cases):
        sigma2, rng = np.asarray(case.sigma2), context.rng(f"{prop.id}/{i}")
        expected = float(np.sum(expected_term(sigma2, case.n, at)))
        # fitted on draws of their own: whatever the coefficients are, the controlled mean is the same
        pilot = context.sampler.estimated(context.rng(f"{prop.id}/{i}/pilot"), sigma2, case.n, 4096)
        plain, controls = case.distances(pilot, at), case.controls(pilot)
        weights, *_ = np.linalg.lstsq(controls, plain - plain.mean(), rcond=None)
        notes.append(
            f"control variates save a factor {plain.var() / (plain - controls @ weights).var():.3g} of samples"
        )
        reach = float(np.abs(weights) @ case.largest_control())
        low, high = -reach, case.largest_distance(at) + reach
        test = SequentialMean(context.budget.alarm(prop.id) / len(cases), MISS, low, high, SLACK * (high - low))

        def draw(k: int, case: TrainingCase = case, rng: Generator = rng, weights: FloatArray = weights) -> FloatArray:
            hats = context.sampler.estimated(rng, np.asarray(case.sigma2), case.n, k)
            return case.distances(hats, at) - case.controls(hats) @ weights

        evidence.append(test.run(draw, expected, context.profile.means * expected, block=BLOCK // 16))
    found = collected(prop, context, evidence)
    # told relative to the distance itself, as it is asked for
    seen = context.profile.means if np.isfinite(found.discrepancy or 0.0) else np.inf
    return replace(found, discrepancy=seen, notes=(notes[0],))


def compare_stops(
    prop: Property, context: Context, name: str, case: TrainingCase, better: float, worse: float, error: float
) -> Finding:
    """Show by simulation that `E F(d, better) < E F(d, worse)`, both stops on the same training sets."""
    low, high = min(better, worse), max(better, worse)
    reach = case.largest_difference(low, high)
    test, rng = SequentialSign(error, MISS, -reach, reach), context.rng(f"{prop.id}/{name}")

    def draw(k: int) -> FloatArray:
        hats = context.sampler.estimated(rng, np.asarray(case.sigma2), case.n, k)
        return case.distances(hats, worse) - case.distances(hats, better)

    hats = context.sampler.estimated(context.rng(f"{prop.id}/{name}/gain"), np.asarray(case.sigma2), case.n, 4096)
    gain = gain_of_common_numbers(case, hats, low, high)
    found = test.run(draw, SLACK * reach, 1, most=1 << 23, block=BLOCK // 8)
    note = f"common training sets for both stops save a factor {gain:.3g} of samples"
    return Finding((found,), 1, notes=(note,))


def _stop_pays(prop: Property, context: Context) -> Finding:
    """beyond-2 by simulation: the stop that theory names beats the last step."""
    cases = training_cases(context, prop.id)
    evidence: list[Evidence] = []
    notes: list[str] = []
    for i, case in enumerate(cases):
        best = float(expected_level(case.sigma2, case.n, 1.0)[-1])
        error = context.budget.alarm(prop.id) / len(cases)
        found = compare_stops(prop, context, str(i), case, best, 0.0, error)
        evidence.extend(found.evidence)
        notes.extend(found.notes)
    found = collected(prop, context, evidence)
    return replace(found, discrepancy=None, notes=(notes[0],))


def _fails_often(prop: Property, context: Context) -> Finding:
    """The share of training sets on which (B) fails for `D = 2`, against its exact probability."""
    pairs: list[tuple[tuple[float, ...], int]] = [((0.5, 0.25), 10), ((0.75, 0.125), 3)]
    if context.spectrum is not None and len(context.spectrum) > 1 and context.spectrum[1] > 0:
        pairs.append((context.spectrum[:2], context.training))
    evidence = []
    for i, (sigma2, n) in enumerate(pairs):
        p0 = float(probability_reading_b_fails(sigma2, n, 1.0))
        test = ProportionTest(context.budget.alarm(prop.id) / len(pairs), MISS)
        size, rng = test.samples_needed(context.profile.probability, p0), context.rng(f"{prop.id}/{i}")
        failed = 0
        for first in range(0, size, BLOCK):
            hats = context.sampler.estimated(rng, np.asarray(sigma2), n, min(BLOCK, size - first))
            failed += int(np.count_nonzero(fails_in_two(sigma2, hats, 1.0)))
        evidence.append(test.decide(failed, size, p0, context.profile.probability))
    return collected(prop, context, evidence)


Averaged = tuple[tuple[float, ...], int]


def _with_points(source: SearchStrategy[tuple[float, ...]]) -> SearchStrategy[Averaged]:
    # an expected-optimal level takes time with the square of the dimension
    return st.tuples(source.map(lambda s: s[:_LEADING]), st.sampled_from([2, 3, 10, 100, 1000]))


def _show(case: Averaged) -> str:
    sigma2, n = case
    levels = expected_level(sigma2, n, 1.0)
    shown = ", ".join(f"{v:.6g}" for v in levels[:6])
    told = f"sigma^2 = {show_numbers(tuple(sigma2))}" if len(sigma2) <= 6 else "your spectrum"
    return f"{told}, n = {n}: expected-optimal noise levels ({shown}{', ...' if len(levels) > 6 else ''})"


def _never_early(case: Averaged) -> bool:
    sigma2, n = case
    return bool((expected_level(sigma2, n, 1.0) <= 0).any())


def _ordered(side: int) -> Callable[[Averaged], bool | None]:
    """(B) on average below 1 (`side` 1), its reverse above 1 (`side` -1)."""

    def breaks(case: Averaged) -> bool | None:
        sigma2, n = case
        if (side > 0 and sigma2[0] > 1) or (side < 0 and sigma2[-1] < 1):
            return None
        levels = expected_level(sigma2, n, 1.0)
        return bool((side * np.diff(levels) > _LEVEL_ERROR * levels[:-1]).any())

    return breaks


def _mixed(case: Averaged) -> bool | None:
    """(B) on average for spectra on both sides of 1."""
    sigma2, n = case
    if not sigma2[0] > 1 > sigma2[-1]:
        return None
    levels = expected_level(sigma2, n, 1.0)
    return bool((np.diff(levels) > 1e-6 * levels[:-1]).any())


_DECIDED = "to 13 digits"
_ANY = spectra(max_size=5)
_LOW = spectra(max_size=5, largest=1.0)
_HIGH = spectra(max_size=5).map(lambda s: tuple(v / s[-1] for v in s))

AVERAGES = (
    Property(
        "expected-distance", ("beyond-3",),
        "the mean of F(d, x) over training sets is E F(d, x)", "x = 1/4, any spectrum, n from 2 to 50",
        _distance, weight=1,
    ),
    Property(
        "early-stop-pays", ("beyond-2",),
        "E F(d, .) is smallest strictly before the last step", "every spectrum, every d, n >= 2 (by E F's minimiser)",
        per_case(_with_points, _never_early, _show, _ANY, _DECIDED),
    ),
    Property(
        "early-stop-pays-simulated", ("beyond-2",),
        "over simulated training sets the named stop beats the last step", "any spectrum, n from 2 to 50",
        _stop_pays, weight=1,
    ),
    Property(
        "b-on-average", ("beyond-3",),
        "(B) on average: a higher dimension wants a later expected-optimal stop", "sigma_1 <= 1, n >= 2",
        per_case(_with_points, _ordered(1), _show, _LOW, _DECIDED),
    ),
    Property(
        "b-reversed-on-average", ("beyond-3",),
        "(B) reversed on average: a higher dimension wants an earlier one", "sigma_D >= 1, n >= 2",
        per_case(_with_points, _ordered(-1), _show, _HIGH, _DECIDED),
    ),
    Property(
        "b-on-average-outside", ("beyond-3",),
        "(B) on average can fail", "sigma_1 > 1 > sigma_D",
        per_case(_with_points, _mixed, _show, spectra(min_size=2, max_size=4), _DECIDED), negation=True,
    ),
    Property(
        "b-fails-probability", ("headline-b/plug-in/probability",),
        "(B) fails for this share of the training sets", "D = 2, plug-in score, against the exact probability",
        _fails_often, weight=1,
    ),
)  # fmt: skip
