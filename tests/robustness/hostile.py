"""SymPy functions whose evaluation in a worker process goes wrong, as a function of a user's own might."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import time

import flint
import sympy as sp

from proofs_check.claim import Obligation, between, domain
from proofs_check.formula import ge, le

u, v = sp.Symbol("u", real=True), sp.Symbol("v", real=True)
UNIT = domain(between(u, 0, 1), between(v, 0, 1))


def in_worker():
    return multiprocessing.parent_process() is not None


class Hostile(sp.Function):
    """Does `harm`, which each kind defines, when an engine wants its text, in worker processes only."""

    nargs = 1

    def _sympystr(self, printer):
        if in_worker():
            self.harm()
        return f"{type(self).__name__}({printer.doprint(self.args[0])})"


class Crashes(Hostile):
    def harm(self):
        os.kill(os.getpid(), signal.SIGSEGV)


class Exits(Hostile):
    def harm(self):
        os._exit(7)


def mark(number):
    return os.path.join(tempfile.gettempdir(), f"latent-stopping-hostile-{number}")


class CrashesOnce(Hostile):
    """`CrashesOnce(u + number)` dies only where the file `mark(number)` does not exist yet."""

    def harm(self):
        name = mark(self.args[0].as_coeff_Add()[0])
        if not os.path.exists(name):
            with open(name, "w"):
                os._exit(7)


class Raises(Hostile):
    def harm(self):
        raise RuntimeError("no\nsuch thing")


class Eats(Hostile):
    def harm(self):
        kept = []
        while True:
            kept.append(bytearray(64 * 2**20))


class EatsInC(Hostile):
    """A library that aborts when an allocation fails."""

    def harm(self):
        flint.fmpz(3) ** (2**36)


class LoopsInPython(Hostile):
    def harm(self):
        while True:
            pass


class LoopsInC(Hostile):
    """No factor of this number is known, and the library asks for no signals while it looks for one."""

    def harm(self):
        flint.fmpz(2**1277 - 1).factor()


class SleepsDeaf(Hostile):
    def harm(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM})
        time.sleep(60)


class Deep(Hostile):
    def harm(self):
        sys.setrecursionlimit(2000)

        def down(n):
            return down(n + 1) + 1

        down(0)


def hostile(kind, name="hostile", number=0):
    """An obligation that is hostile to the engines."""
    return Obligation(name, "", UNIT, ge(kind(u + number) ** 2 + v, v))


def harmless(name="harmless", factor=1):
    return Obligation(name, "", UNIT, le(u * v, factor * u))
