"""Calibration: how often the suite raises a false alarm, and how often it catches planted defects, over many seeds.

A false-alarm rate of 1e-6 cannot be seen in a few hundred runs. So every statistical property is run a second time at a
nominal rate of 5 %, where its real rate can be compared with the nominal one.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from proofs_check.engines.monte_carlo import ErrorBudget, clopper_pearson
from proofs_check.properties.base import PROFILES
from proofs_check.properties.defects import DEFECTS
from proofs_check.properties.suite import SUITE, run_suite
from proofs_check.supervise import die_with_owner
from proofs_check.verdict import Verdict

__all__ = ["NOMINAL", "Rate", "SeedResult", "calibrate_seed", "calibrate_seeds", "defect_order"]

#: the level at which real false-alarm rates are measured
NOMINAL = 0.05


@dataclass(frozen=True)
class Rate:
    """`count` of `runs`, with 95 % Clopper-Pearson limits."""

    count: int
    runs: int

    @property
    def limits(self) -> tuple[float, float]:
        """The limits."""
        return clopper_pearson(self.count, self.runs)

    def above(self, nominal: float, error: float) -> bool:
        """Whether the true rate exceeds `nominal`, wrongly said with probability at most `error`."""
        return clopper_pearson(self.count, self.runs, 2 * error)[0] > nominal

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        low, high = self.limits
        return {"count": self.count, "runs": self.runs, "low": low, "high": high}


@dataclass(frozen=True)
class SeedResult:
    """What one seed brought.

    `refuted` and `undecided` are the properties that a true theory did not pass, `nominal` those refuted at the
    nominal level, `caught` the property that caught each defect (None: none did). Times are seconds.
    """

    seed: int
    refuted: tuple[str, ...]
    undecided: tuple[str, ...]
    nominal: tuple[str, ...]
    caught: tuple[tuple[str, str | None], ...]
    suite_seconds: float
    defect_seconds: float


def defect_order() -> tuple[Any, ...]:
    """The statistical properties, those that look at the sampler first."""
    return tuple(sorted((p for p in SUITE if p.weight), key=lambda p: p.id.startswith(("expected", "early", "b-"))))


def _nominal_budget() -> ErrorBudget:
    names = [p.id for p in SUITE if p.weight]
    return ErrorBudget.split(NOMINAL * len(names), dict.fromkeys(names, 1))


def calibrate_seed(seed: int, profile: str) -> SeedResult:
    """Run the suite, the suite at the nominal level (profile `dev`) and every planted defect with one seed."""
    start = time.perf_counter()
    plain = run_suite(seed, PROFILES[profile])
    middle = time.perf_counter()
    statistical = tuple(p for p in SUITE if p.weight)
    nominal = run_suite(seed, PROFILES["dev"], suite=statistical, budget=_nominal_budget())
    caught: list[tuple[str, str | None]] = []
    before = time.perf_counter()
    for defect in DEFECTS:
        outcomes = run_suite(seed, PROFILES[profile], sampler=defect.sampler, suite=defect_order(), until_refuted=True)
        last = outcomes[-1]
        caught.append((defect.id, last.property.id if last.finding.verdict is Verdict.REFUTED else None))
    return SeedResult(
        seed,
        tuple(o.property.id for o in plain if o.finding.verdict is Verdict.REFUTED),
        tuple(o.property.id for o in plain if o.finding.verdict not in (Verdict.REFUTED, Verdict.SUPPORTED)),
        tuple(o.property.id for o in nominal if o.finding.verdict is Verdict.REFUTED),
        tuple(caught),
        middle - start,
        time.perf_counter() - before,
    )


def _leave_interrupts() -> None:
    """In a worker: the parent decides what an interrupt means, and a worker ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_owner()


def calibrate_seeds(seeds: Sequence[int], profile: str, jobs: int) -> Iterator[SeedResult]:
    """The same for many seeds, as they come; with `jobs > 1` in as many processes.

    Raises:
        OSError: a worker process died.
    """
    if jobs <= 1:
        for seed in seeds:
            yield calibrate_seed(seed, profile)
        return
    # forked workers would inherit threads of the numeric libraries in an unknown state
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(seeds)), mp_context=context, initializer=_leave_interrupts) as pool:
        try:
            for future in as_completed([pool.submit(calibrate_seed, seed, profile) for seed in seeds]):
                yield future.result()
        except BrokenProcessPool:
            raise OSError("a worker process died; run again with --jobs 1 to see why") from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                # a seed may take a minute; nobody waits for it any more
                child.kill()
            raise
