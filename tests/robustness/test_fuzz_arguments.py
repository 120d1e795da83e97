"""Every option of every command with values that make no sense: one line that names it, a documented exit code."""

from __future__ import annotations

import argparse
import io
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofs_check.cli import build_parser, main
from theory.quantities import QUANTITIES

#: what comes before the option under test, so that a value that happens to be fine is answered at once
BASE = {
    "verify": ["no-such-claim"],
    "why": ["no-such-claim"],
    "mutate": ["no-such-claim"],
    "report": ["folder", "no-such-claim"],
    "evaluate": ["variance", "x=1/2", "sigma_hat2=1/4"],
    "latex": ["variance"],
    "advise": ["s.csv"],
    "figure": ["3", "--paths", "1", "--steps", "1"],
    "property": ["--only", "none"],
    "calibrate": ["--seeds", "0", "--trials", "0"],
}
JUNK = (
    "", "-1", "0", "nan", "inf", "-inf", "1e400", "9" * 30, "9" * 5000, "é", "\udcff", "\n", "x" * 3000, "1,2", "../..",
    "/", "/dev/full", "/dev/null/x", ".", "--", "0x10", "１２", "1_000", "None", "%s", "\x1b[31m", "no/such/file.npy",
)  # fmt: skip
NUMBERS = (
    "", "-1", "0", "1", "2", "nan", "1e400", "1e-5000", "1e999999999", "1/0", "1/3,", ",", "1,3/5,9/25", "x", "1_0",
    "１", "--1", "1e", "1/1e5", "-0", "9" * 5000,
)  # fmt: skip


def commands():
    action = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return action.choices


def options():
    return [
        (name, option.option_strings[-1])
        for name, parser in commands().items()
        if name in BASE
        for option in parser._actions
        if option.option_strings and option.nargs != 0
    ]


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch, table_of_contents):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.csv").write_text("1,0.5,0.25\n")
    np.save(tmp_path / "x.npy", np.eye(3))


def said(arguments):
    """Exit code and standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as left:
            code = left.code
    text = err.getvalue()
    assert code in (0, 1, 2, 3), arguments
    assert "Traceback" not in text
    assert "internal error" not in text, (arguments, text)
    assert (code != 2) or "error: " in text
    return code, text


@pytest.mark.parametrize(("command", "option"), options())
def test_every_option_with_junk(command, option):
    for junk in JUNK:
        code, text = said([command, *BASE[command], f"{option}={junk}"])
        if code == 2:
            assert len(text.strip().splitlines()[-1]) < 7000


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["verify", "--jobs", "0"], "--jobs"),
        (["verify", "--jobs", "100000"], "--jobs must be at most 256"),
        (["verify", "--memory", "1"], "--memory must be at least 64 MiB"),
        (["verify", "--cache", ""], "--cache needs a folder"),
        (["verify", "--json", ""], "--json needs the name of a file"),
        (["verify", "--json", "."], "--json .: it is a folder"),
        (["verify", "--report", ""], "a report needs a folder"),
        (["why", "text-4", "--smt2", ""], "--smt2 needs a folder"),
        (["figure", "3", "--paths", "99999999999999"], "--paths must be at most"),
        (["calibrate", "--trials", "99999999999999"], "--trials must be at most"),
        (["advise", "s.csv", "--horizon=--"], "--horizon needs a value"),
        (["advise", "s.csv", "--seed", "9\0"], "NUL"),
        (["list", "a\0b"], "NUL"),
    ],
)
def test_the_message_names_the_argument(arguments, names):
    code, text = said(arguments)
    assert code == 2
    assert names in text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_quantities_at_any_arguments(data):
    name = data.draw(st.sampled_from(sorted(QUANTITIES)))
    value = st.sampled_from(NUMBERS) | st.text(max_size=6)
    given_ = [f"{n.removesuffix('...')}={data.draw(value)}" for n in QUANTITIES[name].arguments]
    said(["evaluate", name, "--digits", "8", *given_])
