"""Obligations decided in parallel processes, so that a solver that crashes or hangs takes nothing else with it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeAlias

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.portfolio import Decision, cross_check, decide, search_only
from proofs_check.twins import TwinReport, judge_twins
from proofs_check.verdict import Verdict, issue

__all__ = ["MODES", "Result", "Task", "default_jobs", "run_tasks"]

Task = tuple[str, Obligation]
Result: TypeAlias = Decision | TwinReport
MODES: dict[str, Callable[[Obligation, Budget], Result]] = {
    "decide": decide,
    "search": search_only,
    "cross-check": cross_check,
    "twins": judge_twins,
}


def default_jobs() -> int:
    """As many processes as this process may use processors."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work(task: Task, budget: Budget) -> Result:
    mode, obligation = task
    return MODES[mode](obligation, budget)


def _crashed(task: Task) -> Result:
    if task[0] == "twins":
        return TwinReport(())
    evidence = issue(verdict=Verdict.ERROR, engine="pool", detail="the engine process died")
    return Decision(Verdict.ERROR, (evidence,))


def _executor(jobs: int) -> ProcessPoolExecutor:
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["proofs_check.pool", "z3", "cvc5"])
    return ProcessPoolExecutor(jobs, mp_context=context)


def run_tasks(tasks: Sequence[Task], budget: Budget, jobs: int) -> Iterator[tuple[int, Result]]:
    """Decide `tasks`; yields `(index, result)` as they come. With `jobs <= 1` in this process.

    If a worker dies, the tasks it may have been working on are run again one by one, each in a process of its own, and
    only one that dies again is an ERROR.
    """
    if jobs <= 1 or len(tasks) <= 1:
        for i, task in enumerate(tasks):
            yield i, _work(task, budget)
        return
    done: set[int] = set()
    with _executor(min(jobs, len(tasks))) as pool:
        try:
            futures: dict[Future[Result], int] = {pool.submit(_work, t, budget): i for i, t in enumerate(tasks)}
            for future in as_completed(futures):
                try:
                    result = future.result()
                except BrokenProcessPool:
                    continue
                done.add(futures[future])
                yield futures[future], result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for i in [i for i in range(len(tasks)) if i not in done]:
        with _executor(1) as single:
            try:
                yield i, single.submit(_work, tasks[i], budget).result()
            except BrokenProcessPool:
                yield i, _crashed(tasks[i])
