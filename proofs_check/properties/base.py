"""What a property is, what running one needs, and what it brings back: plain frozen data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from proofs_check.engines.monte_carlo import ErrorBudget, generator
from proofs_check.properties.sampler import Sampler
from proofs_check.verdict import Evidence, Verdict, worst

__all__ = ["MISS", "PROFILES", "TOTAL_ALARM", "Context", "Finding", "Profile", "Property"]

#: false-alarm probability of a whole run, split over its statistical tests
TOTAL_ALARM = 1e-6
#: false-pass probability of each statistical test at its stated discrepancy
MISS = 1e-6


@dataclass(frozen=True)
class Profile:
    """How much a run does.

    `examples` is the number of cases Hypothesis generates per exact property, `cases` the number of cases of a
    statistical one, `discrepancy` the relative error of a variance that a pass excludes, `means` the same for
    expected distances (relative to the largest term), `probability` for probabilities, `distribution` for
    distribution functions.
    """

    name: str
    examples: int
    cases: int
    discrepancy: float
    means: float
    probability: float
    distribution: float


PROFILES = {
    p.name: p
    for p in (
        Profile("dev", 30, 1, 0.03, 0.05, 0.03, 0.03),
        Profile("ci", 80, 2, 0.01, 0.03, 0.02, 0.02),
        Profile("thorough", 3000, 8, 0.002, 0.005, 0.004, 0.004),
    )
}


@dataclass(frozen=True)
class Context:
    """One run: its seed, size and error budget, the user's spectrum (if any) and what is simulated.

    `training` is the number of training points taken for the user's spectrum.
    """

    seed: int
    profile: Profile
    budget: ErrorBudget
    sampler: Sampler = field(default_factory=Sampler)
    spectrum: tuple[float, ...] | None = None
    training: int = 100

    def rng(self, name: str) -> np.random.Generator:
        """The random numbers of one test of this run."""
        return generator(self.seed, name)


@dataclass(frozen=True)
class Finding:
    """What running a property brought.

    `cases` is the number of cases that satisfied the hypotheses, `counterexample` the smallest one found,
    `alarm`, `miss` and `discrepancy` the error rates and the smallest discrepancy that would have been seen
    (None for exact decisions), `samples` the random vectors drawn.
    """

    evidence: tuple[Evidence, ...]
    cases: int
    counterexample: str | None = None
    alarm: float | None = None
    miss: float | None = None
    discrepancy: float | None = None
    samples: int = 0
    notes: tuple[str, ...] = ()
    #: how a case without error rates is decided: "exact", or "numeric" where the theory's value has rounding errors
    decided: str = "exact"

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of its evidence."""
        return worst([e.verdict for e in self.evidence])

    @property
    def detail(self) -> str:
        """What decided, in words: the line of the worst evidence."""
        return max(self.evidence, key=lambda e: e.verdict.value).detail

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "verdict": self.verdict.name,
            "detail": self.detail,
            "cases": self.cases,
            "decided": self.decided if self.alarm is None else "statistical",
            "counterexample": self.counterexample,
            "false_alarm": self.alarm,
            "false_pass": self.miss,
            "smallest_discrepancy": self.discrepancy if self.discrepancy not in (None, float("inf")) else None,
            "samples": self.samples,
            "notes": list(self.notes),
            "evidence": [{**e.to_json(), "seconds": None} for e in self.evidence],
        }


@dataclass(frozen=True)
class Property:
    """One executable statement about the theory.

    `claims` are the claims it tests, `hypotheses` the words for what its cases satisfy. `weight` is its share in
    the error budget, 0 for properties that are decided exactly. A property with `negation` says that its statement
    fails somewhere outside the hypotheses: it passes by showing a counterexample.
    """

    id: str
    claims: tuple[str, ...]
    statement: str
    hypotheses: str
    check: Callable[[Property, Context], Finding] = field(repr=False)
    weight: int = 0
    negation: bool = False
