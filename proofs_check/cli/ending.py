"""How a command ends: signals and failures become one line on standard error and an exit code."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["Stopped", "run_to_end", "warn"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Stopped(BaseException):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let a request to end unwind like an interrupt, so that everything is put away first."""

    def stop(number: int, frame: Any) -> None:
        raise Stopped(number)

    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        wanted = []
    caught = [number for number in wanted if signal.getsignal(number) is signal.SIG_DFL]
    for number in caught:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, signal.SIG_DFL)


def warn(text: str) -> None:
    """A warning: one line on standard error."""
    _say(f"warning: {text}")


def _say(text: str) -> None:
    """One line on standard error, whatever characters a message or a file's name has."""
    with suppress(OSError):
        print(f"latent-stopping: {_CONTROL.sub(' ', text).strip()}", file=sys.stderr)


def _told(problem: Exception) -> str:
    """What to tell a user of `problem`."""
    if isinstance(problem, OSError) and problem.filename is not None and problem.strerror:
        return f"error: {os.fsdecode(problem.filename)}: {problem.strerror}"
    if isinstance(problem, ValueError | OSError):
        return f"error: {problem}"
    if isinstance(problem, MemoryError):
        return f"error: out of memory; ask for less at once ({problem})" if str(problem) else "error: out of memory"
    # not meant to happen: a defect of ours, and no reason to bury the message under a traceback
    where = traceback.extract_tb(problem.__traceback__)[-1]
    place = f"{os.path.basename(where.filename)}:{where.lineno}"
    return f"internal error, please report it: {type(problem).__name__}: {problem} ({place})"


def run_to_end(work: Callable[[], int]) -> int:
    """Do `work` and return its exit code, or that of what ended it."""
    try:
        with _stoppable():
            code = work()
            sys.stdout.flush()
            return code
    except KeyboardInterrupt as stopped:
        _say("; ".join(["interrupted", *getattr(stopped, "__notes__", ())]))
        return 130
    except Stopped as stopped:
        name = signal.Signals(stopped.number).name
        _say("; ".join([f"stopped by {name}", *getattr(stopped, "__notes__", ())]))
        return 128 + stopped.number
    except Exception as problem:
        if os.environ.get("LATENT_STOPPING_TRACEBACK"):
            traceback.print_exc()
        _say(_told(problem))
        return 2
