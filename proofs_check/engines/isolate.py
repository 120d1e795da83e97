"""Run a solver call in a process of its own.

Solvers sometimes ignore their own limits, run out of memory, or crash. A forked child costs a few milliseconds and can
be killed, so none of this reaches the engine that asked.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["SolverFailed", "isolated"]

#: address space a solver may use, bytes
MEMORY = 4 * 2**30


class SolverFailed(RuntimeError):
    """The call raised, ran out of time or memory, or its process died."""


def _child(pipe: Connection, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        import resource
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt means
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        used = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (used, hard))
    except (ImportError, ValueError, OSError):
        pass  # no limits on this platform; the time limit stays
    try:
        pipe.send((True, call(*arguments)))
    except BaseException as problem:
        pipe.send((False, f"{type(problem).__name__}: {problem}"))
    finally:
        pipe.close()


def isolated(call: Callable[..., Any], *arguments: Any, seconds: float) -> Any:
    """`call(*arguments)` in a child process, killed after `seconds`.

    Raises:
        SolverFailed: with what went wrong.
    """
    methods = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, call, arguments), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise SolverFailed(f"killed after {seconds:g} s")
        try:
            good, result = receiver.recv()
        except EOFError:
            raise SolverFailed("its process died") from None
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        receiver.close()
    if not good:
        raise SolverFailed(str(result))
    return result
