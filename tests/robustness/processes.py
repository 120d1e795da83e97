"""The command as a real process, in a session of its own, and what is left of that session."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

COMMAND = (sys.executable, "-c", "from proofs_check.cli import main; raise SystemExit(main())")
#: a file with one claim for each of `goals`
CLAIMS = """
import sympy as sp
from proofs_check import Claim, between, domain, ge, le, universal
x, y, z, w = sp.symbols("x y z w", real=True)
unit = domain(*(between(s, -1, 1) for s in (x, y, z, w)))
goals = [{goals}]
CLAIMS = tuple(
    Claim(f"mine-{{i}}", "t", "Mine", str(i), (universal(f"part-{{i}}", "", unit, g),))
    for i, g in enumerate(goals)
)
"""
QUICK = ", ".join(f"ge({n} * x**2 + y**2, 0)" for n in range(1, 7))


def claim_file(folder, goals=QUICK):
    path = folder / "my_claims.py"
    path.write_text(CLAIMS.format(goals=goals))
    return str(path)


def _as_from_a_terminal():
    """What started the tests (nohup, a shell's background) may have had signals ignored; that is inherited."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(*arguments, env=None, first=None, **options):
    """The command as a process; `first` is called in it before it begins."""

    def prepare():
        _as_from_a_terminal()
        if first is not None:
            first()

    environment = {**os.environ, "COLUMNS": "150", "PYTHONPATH": str(Path(__file__).parent), **(env or {})}
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        start_new_session=True,
        preexec_fn=prepare,
        env={k: v for k, v in environment.items() if v is not None},
        **options,
    )


def run(*arguments, **options):
    """Exit code, standard output, standard error."""
    process = start(*arguments, **options)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def session(leader):
    """Ids of the live processes of the session that `leader` began."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(of) == leader and state not in "ZX":
            found.append(int(entry.name))
    return found


def until(condition, seconds=20.0):
    """Wait for `condition()` to be true, and return whether it became so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())
