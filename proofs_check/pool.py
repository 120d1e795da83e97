"""Obligations decided in parallel processes, so that what crashes, hangs or eats memory takes nothing else with it.

This process hands out one task at a time to each worker and hears from it whenever an engine begins or ends. A worker
that dies, or is silent for too long and is killed, is replaced; what it was working on is known exactly.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from proofs_check.engines.base import Budget
from proofs_check.supervise import how_it_ended, memory_share, undisturbed
from proofs_check.worker import Result, Task, failed, perform, serve

__all__ = ["Result", "Task", "default_jobs", "run_tasks"]

#: an engine that is silent for this many times its seconds does not hear the alarm that should have ended it
PATIENCE = 3
#: workers that may die in a row before they did anything
_FALSE_STARTS = 3
#: seconds between two looks at silent workers
_TICK = 0.5


def default_jobs() -> int:
    """As many processes as this process may use processors."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> Any:
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["proofs_check.worker", "z3", "cvc5"])
    return context


@dataclass
class _Worker:
    """A worker process, the index of the task that it works on, and for how many seconds it has been silent."""

    process: Any
    pipe: Connection
    task: int | None = None
    stage: str = ""
    silent: float = 0.0
    fresh: bool = True

    @staticmethod
    def start(budget: Budget, memory: int) -> _Worker:
        """Raises OSError where no process can be started."""
        context = _context()
        with undisturbed():
            pipe, other = context.Pipe()
            process = context.Process(target=serve, args=(other, budget, memory))
            try:
                process.start()
            except EOFError:
                raise OSError("no worker process can be started") from None
            finally:
                other.close()
        return _Worker(process, pipe)

    def give(self, index: int, task: Task) -> None:
        self.pipe.send(task)
        self.task, self.stage, self.silent = index, "", 0.0


def _end(workers: Sequence[_Worker]) -> None:
    """End idle workers by closing their pipes, busy ones by force."""
    with undisturbed():
        for worker in workers:
            worker.pipe.close()
            if worker.task is not None:
                # it can take its solver along; inside a library call it does not hear this
                worker.process.terminate()
        patient = time.monotonic() + 1
        for worker in workers:
            worker.process.join(max(0.0, patient - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


class _Crew:
    """Workers for `tasks`. `lost` collects the indices of tasks whose worker died, with how it ended."""

    def __init__(self, tasks: Sequence[Task], budget: Budget, memory: int) -> None:
        self.tasks, self.budget, self.memory = tasks, budget, memory
        self.workers: list[_Worker] = []
        self.lost: dict[int, str] = {}
        self.false_starts = 0

    def work(self, indices: Sequence[int], jobs: int) -> Iterator[tuple[int, Result]]:
        """Decide the tasks of `indices` in at most `jobs` processes; yields results as they come."""
        waiting = deque(indices)
        try:
            while waiting or any(w.task is not None for w in self.workers):
                while waiting and (idle := self._idle(jobs)) is not None:
                    yield from self._hand_out(idle, waiting)
                for worker in self._ready():
                    yield from self._hear(worker, waiting)
                yield from self._overdue()
        finally:
            _end(self.workers)
            self.workers.clear()

    def _idle(self, jobs: int) -> _Worker | None:
        for worker in self.workers:
            if worker.task is None:
                return worker
        if len(self.workers) >= jobs:
            return None
        self.workers.append(_Worker.start(self.budget, self.memory))
        return self.workers[-1]

    def _hand_out(self, worker: _Worker, waiting: deque[int]) -> Iterator[tuple[int, Result]]:
        index = waiting.popleft()
        try:
            worker.give(index, self.tasks[index])
        except OSError:
            # it died while it was idle: that is nobody's fault
            waiting.appendleft(index)
            self._dismiss(worker)
        except Exception:
            # it cannot be sent, such as an expression of the user's own class
            yield index, perform(self.tasks[index], self.budget)

    def _ready(self) -> list[_Worker]:
        """The workers that said something or died."""
        busy = [w for w in self.workers if w.task is not None]
        if not busy:
            return []
        before = time.monotonic()
        found = wait([*(w.pipe for w in busy), *(w.process.sentinel for w in busy)], _TICK)
        # not more than two ticks: a run that was stopped and goes on has lost nothing
        passed = min(time.monotonic() - before, 2 * _TICK)
        for worker in busy:
            worker.silent += passed
        return [w for w in busy if w.pipe in found or w.process.sentinel in found]

    def _hear(self, worker: _Worker, waiting: deque[int]) -> Iterator[tuple[int, Result]]:
        index = worker.task
        if index is None:
            return
        try:
            # what it said before it died counts
            said = worker.pipe.recv() if worker.pipe.poll() else None
        except (EOFError, OSError):
            said = None
        if said is None:
            self._died(worker, index, waiting)
            return
        worker.fresh, worker.silent, self.false_starts = False, 0.0, 0
        if isinstance(said, str):
            worker.stage = said
        else:
            worker.task = None
            yield index, perform(self.tasks[index], self.budget) if isinstance(said, Exception) else said

    def _died(self, worker: _Worker, index: int, waiting: deque[int]) -> None:
        ended = how_it_ended(worker.process)
        if worker.fresh:
            self.false_starts += 1
            if self.false_starts >= _FALSE_STARTS:
                raise OSError(f"worker processes end as soon as they start{ended}")
            waiting.appendleft(index)
        else:
            self.lost[index] = f"{ended} in {worker.stage}" if worker.stage else ended
        self._dismiss(worker)

    def _overdue(self) -> Iterator[tuple[int, Result]]:
        limit = PATIENCE * self.budget.seconds
        for worker in [w for w in self.workers if w.task is not None and w.silent > limit]:
            index, stage = worker.task, worker.stage
            self._dismiss(worker)
            if index is not None:
                where = f": {stage} did not return" if stage else ""
                yield index, failed(self.tasks[index], f"stopped after {limit} s{where}", error=False)

    def _dismiss(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        _end([worker])


def run_tasks(
    tasks: Sequence[Task], budget: Budget, jobs: int, memory: int | None = None
) -> Generator[tuple[int, Result], None, None]:
    """Decide `tasks`; yields `(index, result)` as they come. With `jobs < 1` in this process, unprotected.

    A task whose worker died is tried again at the end, alone; if its worker dies again it is an ERROR. A task that does
    not return is stopped: UNKNOWN. `memory` is what each process may use, in bytes (default: an equal share).

    Raises:
        OSError: no worker process can be started.
    """
    if jobs < 1:
        for i, task in enumerate(tasks):
            yield i, perform(task, budget)
        return
    if not tasks:
        return
    jobs = min(jobs, len(tasks))
    crew = _Crew(tasks, budget, memory_share(jobs) if memory is None else memory)
    yield from crew.work(range(len(tasks)), jobs)
    first, crew.lost = crew.lost, {}
    for i, ended in first.items():
        yield from crew.work([i], 1)
        if i in crew.lost:
            again = crew.lost[i]
            how = ended if again == ended else f"{ended}, then{again}"
            yield i, failed(tasks[i], f"the engine process died twice{how}")
