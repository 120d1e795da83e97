"""Run solver calls in a process of their own.

Solvers sometimes ignore their own limits, run out of memory, or crash. One forked child serves the calls of a worker;
it is killed when a call takes too long, and a new one takes its place, so none of this reaches the engine that asked.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["SolverFailed", "isolated"]

#: address space a solver may use, bytes
MEMORY = 4 * 2**30
#: calls after which the child is replaced, so that what solvers leak stays small
RECYCLE = 300


class SolverFailed(RuntimeError):
    """The call raised, ran out of time or memory, or its process died."""


def _limit_resources() -> None:
    try:
        import resource
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        used = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (used, hard))
    except (ImportError, ValueError, OSError):
        return  # no limits on this platform; the time limit stays


def _serve(pipe: Connection) -> None:
    """Answer calls until the parent is gone."""
    _limit_resources()
    while True:
        try:
            call, arguments = pipe.recv()
        except EOFError:
            return
        try:
            answer = (True, call(*arguments))
        except Exception as problem:
            answer = (False, f"{type(problem).__name__}: {problem}")
        pipe.send(answer)


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
        if self.owner == os.getpid():
            self.stop()
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other,), daemon=True)
        self.process.start()
        other.close()
        self.owner, self.calls = os.getpid(), 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.pipe.close()
            self.process = None


_server = _Server()


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
        _server.stop()
        raise SolverFailed("its process died") from None
    except BaseException:
        _server.stop()
        raise
    _server.calls += 1
    if not good:
        raise SolverFailed(str(result))
    return result
