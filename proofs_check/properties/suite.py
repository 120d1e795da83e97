"""The property suite: every property, one error budget, one seed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from proofs_check.engines.monte_carlo import ErrorBudget
from proofs_check.properties.averages import AVERAGES
from proofs_check.properties.base import TOTAL_ALARM, Context, Finding, Profile, Property
from proofs_check.properties.capped import CAPPED
from proofs_check.properties.optimum import OPTIMUM
from proofs_check.properties.per_sample import PER_SAMPLE
from proofs_check.properties.sampler import Sampler
from proofs_check.properties.search import no_traces
from proofs_check.properties.simulated import SIMULATED
from proofs_check.verdict import Verdict

__all__ = ["SUITE", "Outcome", "exit_code", "run_suite", "suite_budget"]

SUITE: tuple[Property, ...] = (*PER_SAMPLE, *CAPPED, *AVERAGES, *SIMULATED, *OPTIMUM)


@dataclass(frozen=True)
class Outcome:
    """A property, what running it brought, and how long it took."""

    property: Property
    finding: Finding
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Plain data; times are left out, so that the same seed gives the same text."""
        p = self.property
        told = {"id": p.id, "claims": list(p.claims), "statement": p.statement, "hypotheses": p.hypotheses}
        return {**told, "expected": "fails" if p.negation else "holds", **self.finding.to_json()}


def suite_budget(total: float = TOTAL_ALARM, suite: Sequence[Property] = SUITE) -> ErrorBudget:
    """The false-alarm probability `total`, split over the statistical properties by weight."""
    return ErrorBudget.split(total, {p.id: p.weight for p in suite if p.weight})


def run_suite(
    seed: int,
    profile: Profile,
    *,
    sampler: Sampler | None = None,
    spectrum: tuple[float, ...] | None = None,
    training: int = 100,
    suite: Sequence[Property] = SUITE,
    budget: ErrorBudget | None = None,
    until_refuted: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Outcome]:
    """Run the properties of `suite`; the whole run raises a false alarm with probability at most 1e-6.

    Args:
        seed: fixes every draw, >= 0.
        profile: how much to do.
        sampler: what is simulated; a planted defect, or the sampler as derived.
        spectrum: the user's variances, non-increasing.
        training: training points to assume for them.
        suite: what to run; every test keeps the share of the budget that it has in the whole suite.
        budget: other shares than those of `suite_budget`, for calibration.
        until_refuted: stop at the first property that is refuted.
        progress: called with a label, the number done and the number in all.

    Raises:
        ValueError: `seed < 0`.
    """
    context = Context(seed, profile, budget or suite_budget(), sampler or Sampler(), spectrum, training)
    outcomes = []
    with no_traces():
        for done, prop in enumerate(suite):
            if progress is not None:
                progress(prop.id, done, len(suite))
            start = time.perf_counter()
            finding = prop.check(prop, context)
            outcomes.append(Outcome(prop, finding, time.perf_counter() - start))
            if until_refuted and finding.verdict is Verdict.REFUTED:
                break
    return outcomes


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """0 all as expected, 1 something refuted, 2 an engine error, 3 something undecided."""
    verdicts = {o.finding.verdict for o in outcomes}
    if Verdict.REFUTED in verdicts:
        return 1
    if Verdict.ERROR in verdicts:
        return 2
    return 0 if verdicts <= {Verdict.PROVED, Verdict.ENCLOSED, Verdict.SUPPORTED} else 3
