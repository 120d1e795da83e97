"""What a worker process does: it decides one task after the other and says what it is doing meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from proofs_check.claim import Obligation
from proofs_check.engines.base import Budget
from proofs_check.engines.isolate import keep_from_solvers, stop_solvers
from proofs_check.portfolio import Decision, cross_check, decide, search_only, tell
from proofs_check.supervise import die_with_owner, limit_memory
from proofs_check.twins import TwinReport, judge_twins
from proofs_check.verdict import Verdict, issue

__all__ = ["MODES", "Result", "Task", "failed", "perform", "serve"]

Task = tuple[str, Obligation]
Result: TypeAlias = Decision | TwinReport
MODES: dict[str, Callable[[Obligation, Budget], Result]] = {
    "decide": decide,
    "search": search_only,
    "cross-check": cross_check,
    "twins": judge_twins,
}


def failed(task: Task, detail: str, *, error: bool = True) -> Result:
    """The result of a task that came to no end: an ERROR, or UNKNOWN where only time ran out."""
    if task[0] == "twins":
        return TwinReport((), problem=detail, error=error)
    verdict = Verdict.ERROR if error else Verdict.UNKNOWN
    return Decision(verdict, (issue(verdict=verdict, engine="pool", detail=detail),))


def perform(task: Task, budget: Budget) -> Result:
    """Decide `task` in this process; whatever it raises becomes an ERROR."""
    mode, obligation = task
    try:
        return MODES[mode](obligation, budget)
    except MemoryError:
        return failed(task, "out of memory")
    except Exception as problem:
        return failed(task, " ".join(f"{type(problem).__name__}: {problem}".split())[:500])


def _leave(signum: int, frame: Any) -> None:
    """Go at once, and take the solver along."""
    stop_solvers()
    os._exit(128 + signum)


def serve(pipe: Connection, budget: Budget, memory: int) -> None:
    """Decide the tasks that come through `pipe` until it ends. Sends an empty text when it is ready, the name of every
    stage, and each result.

    After an allocation failed the process ends by itself: its memory is in pieces.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    die_with_owner()
    keep_from_solvers(pipe)
    limit_memory(memory)
    tell(pipe.send)
    pipe.send("")
    while True:
        try:
            task: Task = pipe.recv()
        except (EOFError, OSError):
            return
        except Exception as problem:
            # it cannot be read here, such as an expression of the user's own class
            pipe.send(problem)
            continue
        result = perform(task, budget)
        try:
            pipe.send(result)
        except OSError:
            return
        if isinstance(result, Decision) and any(e.detail == "out of memory" for e in result.evidence):
            return
