"""A run that is interrupted or killed leaves no process, no half-written file, and keeps what it decided."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import hostile
import pytest
from processes import QUICK, claim_file, run, session, start, until

#: the first goals are decided at once; the last two never return, in Python and in C
GOALS = f"{QUICK}, ge(hostile.LoopsInPython(x)**2, 0), ge(hostile.LoopsInC(x)**2, 0)"
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def claims(tmp_path):
    path = Path(claim_file(tmp_path, GOALS))
    path.write_text("import hostile\n" + path.read_text())
    return str(path)


def decisions(cache):
    return [p for p in cache.rglob("*.json") if len(p.parent.name) == 2]


def running(claims, cache):
    process = start("verify", claims, "--no-twins", "--cache", cache, "--jobs", "3")
    assert until(lambda: len(decisions(cache)) >= 6)
    time.sleep(0.2)
    return process


@linux
@pytest.mark.parametrize(
    ("number", "whole_group", "code", "says"),
    [
        (signal.SIGINT, True, 130, "interrupted"),
        (signal.SIGINT, False, 130, "interrupted"),
        (signal.SIGTERM, False, 143, "stopped by SIGTERM"),
        (signal.SIGTERM, True, 143, "stopped by SIGTERM"),
        (signal.SIGHUP, False, 129, "stopped by SIGHUP"),
    ],
)
def test_a_stopped_run_puts_everything_away(claims, cache, number, whole_group, code, says):
    process = running(claims, cache)
    (os.killpg if whole_group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert err.strip() == f"latent-stopping: {says}; 6 new decisions kept in {cache}"
    assert out == ""
    assert until(lambda: not session(process.pid), 5)
    for path in decisions(cache):
        json.loads(path.read_text())
    assert not [p for p in cache.rglob("*") if p.is_file() and p.suffix != ".json"]
    assert not list(cache.rglob(".*"))


@linux
def test_the_next_run_goes_on_from_there(claims, cache):
    process = running(claims, cache)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=20)
    before = {p: p.stat().st_mtime_ns for p in decisions(cache)}
    code, out, err = run("verify", claims, *(f"mine-{i}" for i in range(6)), "--no-twins", "--cache", cache)
    assert (code, err) == (0, "")
    assert "✓ 6 holds" in out
    assert {p: p.stat().st_mtime_ns for p in decisions(cache)} == before


@linux
def test_when_the_command_is_killed_its_workers_and_solvers_die_too(claims, cache):
    process = running(claims, cache)
    assert len(session(process.pid)) >= 3
    process.kill()
    process.communicate(timeout=20)
    assert until(lambda: not session(process.pid), 5)


@linux
def test_a_worker_that_is_killed_takes_its_solver_along():
    """Also while the solver is at work, deaf to everything but the kernel."""
    code = (
        "import os, time, multiprocessing\n"
        "from proofs_check.engines import isolate\n"
        "isolate.isolated(divmod, 7, 2, seconds=10)\n"
        "isolate._server.pipe.send((time.sleep, (60,)))\n"
        "print(isolate._server.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True)
    solver = int(process.stdout.readline())
    assert solver in session(process.pid)
    process.kill()
    process.communicate()
    assert until(lambda: not session(process.pid), 5)


@linux
def test_an_interrupt_at_any_moment_is_one_line(tmp_path):
    """While modules are loaded, while workers start, while they work."""
    claims = claim_file(tmp_path)
    for delay in (0.45, 0.7, 1.0):
        process = start("verify", claims, "--no-cache", "--no-twins", "--jobs", "2")
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode in (0, 130), err
        if process.returncode:
            assert err.strip().partition(";")[0] == "latent-stopping: interrupted"
            assert len(err.splitlines()) == 1
        assert until(lambda leader=process.pid: not session(leader), 5)


def test_the_hostile_functions_are_harmless_here():
    assert str(hostile.Crashes(hostile.u)) == "Crashes(u)"
