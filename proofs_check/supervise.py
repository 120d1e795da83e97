"""What ties a child process to its parent: it dies with it, it keeps to its memory, it leaves interrupts to it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

__all__ = [
    "die_with_owner",
    "die_with_parent",
    "how_it_ended",
    "limit_memory",
    "machine_memory",
    "memory_share",
    "undisturbed",
]

#: what a process may always use beyond what it starts with, bytes
_LEAST = 2**30
_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent, of id `parent`, is gone, whatever it is doing then.

    Only Linux can do this; elsewhere a child sees the end of its pipe when its present work is done.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        # it was gone before it could be asked for
        os._exit(1)


def die_with_owner() -> None:
    """Let the kernel end this process when the one that asked for it is gone, even if another one forked it.

    The owner holds the other end of a pipe; its closing raises SIGIO, which ends a process in the middle of anything.
    Where there is no such signal, a child sees the end of its pipe when its present work is done.
    """
    owner = multiprocessing.parent_process()
    if owner is None or not hasattr(signal, "SIGIO"):
        return
    import fcntl

    with suppress(OSError, AttributeError):
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(owner.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(owner.sentinel, fcntl.F_SETFL, fcntl.fcntl(owner.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if not owner.is_alive():
        # it was gone before it could be asked for
        os._exit(1)


def how_it_ended(process: BaseProcess) -> str:
    """` (SIGSEGV)` or ` (exit code 3)` for a process that is gone or about to be; nothing where that is unknown."""
    process.join(1)
    code = process.exitcode
    if code is None:
        return ""
    if code >= 0:
        return f" (exit code {code})"
    with suppress(ValueError):
        return f" ({signal.Signals(-code).name})"
    return f" (signal {-code})"


def machine_memory() -> int:
    """Bytes of memory that this process may count on: the machine's, or its container's where that is less."""
    try:
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (AttributeError, ValueError, OSError):
        found = [8 * 2**30]
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # "max" is no number
            found.append(int(Path(name).read_text(encoding="ascii")))
    return min(found)


def memory_share(jobs: int) -> int:
    """Bytes that each of `jobs` processes may use: an equal share of the machine's memory, at least 1 GiB."""
    return max(_LEAST, machine_memory() // max(1, jobs))


def _address_space() -> int:
    """Bytes of address space that this process has now; 0 where that cannot be told."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def limit_memory(allowance: int) -> None:
    """Let allocations fail once this process holds `allowance` bytes more than now. Never widens a limit.

    Address space is what can be limited; where the platform cannot, nothing happens.
    """
    with suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limits = [_address_space() + allowance, *(v for v in (soft, hard) if v != resource.RLIM_INFINITY)]
        resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off SIGINT and SIGTERM until the block is done; a process started in it never sees a Ctrl-C itself."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    arrived: list[int] = []
    wanted = [s for s in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(s) is not None]

    def note(number: int, frame: Any) -> None:
        arrived.append(number)

    before = {int(s): signal.signal(s, note) for s in wanted}
    # a mask is inherited, a handler is not; a handler is needed for signals that other threads take
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        for caught, handler in before.items():
            signal.signal(caught, handler)
        for caught in dict.fromkeys(arrived):
            signal.raise_signal(caught)
