"""Engines that crash, hang, or eat memory: the others finish, and what is lost is named and is never a pass."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import hostile
import pytest
from hostile import harmless
from hostile import hostile as obligation

from proofs_check.claim import Claim, Statement
from proofs_check.cli.ending import Stopped
from proofs_check.engines.base import Budget
from proofs_check.engines.isolate import SolverFailed, isolated
from proofs_check.pool import run_tasks
from proofs_check.report.json_ import run_to_json
from proofs_check.report.terminal import show_run
from proofs_check.verdict import Verdict
from proofs_check.verify import verify

BUDGET = Budget(points=400, seconds=1)
MEMORY = 512 * 2**20


def decided(*obligations, mode="decide", jobs=2, budget=BUDGET):
    tasks = [(mode, o) for o in obligations]
    return [r for _, r in sorted(run_tasks(tasks, budget, jobs, MEMORY), key=lambda pair: pair[0])]


@pytest.mark.parametrize(
    ("kind", "verdict", "says"),
    [
        (hostile.Crashes, Verdict.ERROR, r"the engine process died twice \(SIGSEGV\) in \w+"),
        (hostile.Exits, Verdict.ERROR, r"the engine process died twice \(exit code 7\) in \w+"),
        (hostile.Eats, Verdict.ERROR, "out of memory"),
        (hostile.EatsInC, Verdict.ERROR, r"died twice \(SIGABRT\)|out of memory"),
        (hostile.Raises, Verdict.ERROR, "RuntimeError: no such thing"),
        (hostile.Deep, Verdict.ERROR, "RecursionError"),
        (hostile.LoopsInC, Verdict.UNKNOWN, r"stopped after 3 s: \w+ did not return"),
        (hostile.SleepsDeaf, Verdict.UNKNOWN, r"stopped after 3 s: \w+ did not return"),
        (hostile.LoopsInPython, Verdict.UNKNOWN, "stopped after 1 s"),
    ],
)
def test_the_others_finish_and_the_lost_one_says_why(kind, verdict, says, capfd):
    first, lost, last = decided(harmless("a"), obligation(kind), harmless("b", 2))
    assert first.verdict is last.verdict is Verdict.PROVED
    assert lost.verdict is verdict
    assert any(re.search(says, e.detail) for e in lost.evidence)
    assert "Traceback" not in capfd.readouterr().err


def test_a_worker_that_died_for_a_passing_reason_costs_nothing():
    number = os.getpid()
    try:
        _, again = decided(harmless("a"), obligation(hostile.CrashesOnce, number=number))
        assert os.path.exists(hostile.mark(number))
    finally:
        Path(hostile.mark(number)).unlink(missing_ok=True)
    assert again.verdict is Verdict.UNKNOWN
    assert not any(e.engine == "pool" for e in again.evidence)


def test_twins_that_cannot_be_judged_are_an_error_and_not_silence():
    (report,) = decided(obligation(hostile.Crashes), mode="twins")
    assert report.error
    assert "died twice (SIGSEGV)" in report.problem


def test_exit_code_and_message_name_the_obligation(capsys):
    statements = (Statement("s", "text", (obligation(hostile.Exits, "mine/part 3"), harmless())),)
    claim = Claim("mine", "title", "section", "printed", statements)
    run = verify(["mine"], {"mine": claim}, budget=BUDGET, jobs=2, twins=False)
    assert run.exit_code == 2
    assert run.results[0].outcome == "undetermined"
    show_run(run_to_json(run))
    assert "! mine/part 3: pool: the engine process died twice (exit code 7)" in capsys.readouterr().out


def test_time_outs_are_undecided_and_not_errors(capsys):
    claim = Claim("mine", "title", "section", "printed", (Statement("s", "", (obligation(hostile.SleepsDeaf),)),))
    run = verify(["mine"], {"mine": claim}, budget=BUDGET, jobs=1, twins=False)
    assert run.exit_code == 3
    assert run.results[0].problems == (f"hostile: pool: {run.results[0].items[0].decision.evidence[0].detail}",)


def test_what_cannot_be_sent_is_decided_here():
    class Mine(hostile.sp.Function):
        """Of no importable module."""

    (found,) = decided(obligation(Mine))
    assert found.verdict in (Verdict.PROVED, Verdict.UNKNOWN)


def test_a_solver_that_dies_says_how():
    with pytest.raises(SolverFailed, match=r"died \(SIGKILL\)"):
        isolated(signal.raise_signal, signal.SIGKILL, seconds=10)
    with pytest.raises(SolverFailed, match=r"died \(exit code 3\)"):
        isolated(hostile.os._exit, 3, seconds=10)
    with pytest.raises(SolverFailed, match="out of memory"):
        isolated(bytearray, 2**40, seconds=10)
    assert isolated(divmod, 7, 2, seconds=10) == (3, 1)


def test_closing_a_run_early_ends_its_workers_at_once():
    tasks = [("decide", harmless("a")), *(("decide", obligation(hostile.LoopsInC, f"{i}")) for i in range(2))]
    results = run_tasks(tasks, Budget(points=400, seconds=60), 2, MEMORY)
    next(results)
    began = time.monotonic()
    results.close()
    assert time.monotonic() - began < 4


def test_a_signal_to_stop_is_no_failure_of_an_engine():
    """It must pass every `except Exception` on its way out."""
    assert not issubclass(Stopped, Exception)
