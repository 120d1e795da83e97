"""Generated cases, and the smallest one that breaks a property: Hypothesis, deterministic from the run's seed."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import HypothesisWarning, NoSuchExample

from proofs_check.engines.monte_carlo import plain_random
from proofs_check.verdict import Evidence, Verdict, issue

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Stopwatch", "cases_of", "falsify", "no_traces", "searched"]

T = TypeVar("T")


@contextmanager
def no_traces() -> Iterator[None]:
    """Keep the notes that Hypothesis makes on disk out of the current folder, and remove them at the end."""
    with tempfile.TemporaryDirectory(prefix="latent-stopping-") as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _settings(examples: int, *phases: Phase) -> settings:
    return settings(
        database=None,
        max_examples=examples,
        deadline=None,
        derandomize=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )


def falsify(
    strategy: SearchStrategy[T],
    breaks: Callable[[T], bool | None],
    examples: int,
    seed: int,
    name: str,
    shrink: bool = True,
) -> tuple[T | None, int]:
    """Look for a case that breaks a property and shrink it.

    Args:
        strategy: where cases come from.
        breaks: True for a counterexample, False for a case that holds, None for one outside the hypotheses.
        examples: number of cases to generate.
        seed, name: what the draw depends on.
        shrink: whether a counterexample is made small, which takes hundreds of further cases.

    Returns:
        the smallest counterexample or None, and how many generated cases satisfied the hypotheses.
    """
    tried = 0
    found = False

    def condition(case: T) -> bool:
        nonlocal tried, found
        answer = breaks(case)
        tried += answer is not None and not found
        found = found or answer is True
        return answer is True

    options = _settings(examples, *([Phase.generate, Phase.shrink] if shrink else [Phase.generate]))
    with warnings.catch_warnings():
        # a spectrum of hundreds of variances is long to print, and nobody asks for it
        warnings.simplefilter("ignore", HypothesisWarning)
        try:
            return find(strategy, condition, settings=options, random=plain_random(seed, name)), tried
        except NoSuchExample:
            return None, tried


def cases_of(strategy: SearchStrategy[T], count: int, seed: int, name: str) -> list[T]:
    """Draw `count` different cases, simplest first among equals; fewer if the strategy has no more."""
    drawn: list[T] = []

    def collect(case: T) -> bool:
        if case not in drawn and len(drawn) < count:
            drawn.append(case)
        return False

    # the first cases are the simplest ones of all, so a few more are drawn
    options = _settings(8 * count + 8, Phase.generate)
    with suppress(NoSuchExample):
        find(strategy, collect, settings=options, random=plain_random(seed, name))
    return drawn


def searched(
    *,
    broken: bool,
    negation: bool,
    cases: int,
    example: str | None,
    where: str,
    seed: int,
    seconds: float,
    decided: str = "exactly",
) -> Evidence:
    """Evidence of a search: a statement that should hold (`negation` false) or should fail somewhere.

    `decided` says how each case was decided.
    """
    if negation:
        verdict = Verdict.SUPPORTED if broken else Verdict.UNKNOWN
        detail = f"fails, as it should, at {example}" if broken else f"no failure found among {cases} cases"
    elif broken:
        verdict, detail = Verdict.REFUTED, f"fails at {example}"
    elif cases:
        verdict, detail = Verdict.SUPPORTED, f"no counterexample among {cases} cases, each decided {decided}"
    else:
        verdict, detail = Verdict.UNKNOWN, "no case satisfied the hypotheses"
    return issue(
        verdict=verdict,
        engine="monte_carlo",
        detail=f"{where}: {detail}",
        versions=(f"hypothesis {hypothesis.__version__}",),
        witness=(("case", str(example)),) if broken else None,
        certificate=(("seed", str(seed)), ("cases", str(cases))),
        seconds=seconds,
    )


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return time.perf_counter() - self._start
