"""Run solver calls in a process of their own.

Solvers sometimes ignore their own limits, run out of memory, or crash. One forked child serves the calls of a worker;
it is killed when a call takes too long, and a new one takes its place, so none of this reaches the engine that asked.
It does not outlive the process that it serves.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from proofs_check.supervise import die_with_parent, how_it_ended, limit_memory, undisturbed

__all__ = ["SolverFailed", "isolated", "keep_from_solvers", "stop_solvers"]

#: memory a solver may use, bytes
MEMORY = 4 * 2**30
#: calls after which the child is replaced, so that what solvers leak stays small
RECYCLE = 300


class SolverFailed(RuntimeError):
    """The call raised, ran out of time or memory, or its process died."""


#: ends of pipes that a forked child must not hold open
_private: list[Any] = []


def keep_from_solvers(pipe: Connection) -> None:
    """See to it that no solver process holds `pipe` open after this process is gone."""
    _private.append(pipe)


def _serve(pipe: Connection, parent: int) -> None:
    """Answer calls until the process `parent` is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if parent:
        die_with_parent(parent)
    for other in _private:
        other.close()
    limit_memory(MEMORY)
    while True:
        try:
            call, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (True, call(*arguments))
        except MemoryError:
            answer = (False, "out of memory")
        except Exception as problem:
            answer = (False, f"{type(problem).__name__}: {problem}")
        try:
            pipe.send(answer)
        except OSError:
            return


class _Server:
    """The child process of this process, started when first needed and after every loss."""

    def __init__(self) -> None:
        self.owner = 0
        self.calls = 0
        self.process: Any = None
        self.pipe: Any = None

    def start(self) -> None:
        if self.owner == os.getpid() and self.process is not None and self.process.is_alive() and self.calls < RECYCLE:
            return
        self.stop()
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        # the kernel ties a child to the thread that made it
        parent = os.getpid() if threading.current_thread() is threading.main_thread() else 0
        with undisturbed():
            self.pipe, other = context.Pipe()
            _private.append(self.pipe)
            self.process = context.Process(target=_serve, args=(other, parent), daemon=True)
            self.process.start()
            other.close()
            self.owner, self.calls = os.getpid(), 0

    def stop(self) -> None:
        if self.owner == os.getpid() and self.process is not None:
            process, self.process = self.process, None
            process.kill()
            process.join()
            _private.remove(self.pipe)
            self.pipe.close()


_server = _Server()


def stop_solvers() -> None:
    """Kill the solver process of this process, if there is one."""
    _server.stop()


def isolated(call: Callable[..., Any], *arguments: Any, seconds: float) -> Any:
    """`call(*arguments)` in the child process, which is killed after `seconds`. Everything must be picklable.

    Raises:
        SolverFailed: with what went wrong.
    """
    _server.start()
    try:
        _server.pipe.send((call, arguments))
        if not _server.pipe.poll(seconds):
            raise SolverFailed(f"killed after {seconds:g} s")
        good, result = _server.pipe.recv()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        ended = how_it_ended(_server.process)
        _server.stop()
        raise SolverFailed(f"its process died{ended}") from None
    except BaseException:
        _server.stop()
        raise
    _server.calls += 1
    if not good:
        raise SolverFailed(str(result))
    return result
