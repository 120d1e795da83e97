"""Readers that leave, encodings that lack characters, terminals that are too narrow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from processes import COMMAND, claim_file, run, start

from proofs_check.cli import main

ASCII = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"}


def test_a_reader_that_leaves_early_changes_nothing(tmp_path, cache):
    """The exit code still says what was decided, and the other files are written."""
    claims = claim_file(tmp_path, "ge(x**2, 0), ge(x, 0)")
    target = tmp_path / "out.json"
    process = start("verify", claims, "--no-twins", "--cache", cache, "--json", target, bufsize=0)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), err) == (0, "")
    assert [c["outcome"] for c in json.loads(target.read_text())["claims"]] == ["holds", "fails"]


def test_no_standard_output_at_all():
    done = subprocess.run(
        f"'{sys.executable}' -c '{COMMAND[2]}' evaluate >&- 2>&-", shell=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0


def test_an_encoding_without_the_characters(tmp_path, cache):
    claims = claim_file(tmp_path, "ge(x**2, 0), ge(x, 0)")
    code, out, err = run("verify", claims, "--no-twins", "--cache", cache, env=ASCII)
    assert (code, err) == (0, "")
    assert out.isascii()
    assert "+ holds" in out
    assert "x fails" in out
    code, out, _ = run("verify", claims, "--no-twins", "--cache", cache, "--json", "-", env=ASCII)
    assert code == 0
    assert out.isascii()
    assert "∈" in json.loads(out)["claims"][0]["obligations"][0]["domain"]


def test_a_file_name_that_is_no_text(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff.csv"
    Path(os.fsdecode(name)).write_text("1,0.5\n")
    code, out, err = run("advise", os.fsdecode(name), "--json", "-", env={"PYTHONUTF8": "1"})
    assert (code, err) == (0, "")
    assert json.loads(out)["data"] == "\udcff.csv"
    code, out, err = run("advise", os.fsdecode(name), "--json", tmp_path / "o.json")
    assert (code, err) == (0, "")
    assert json.loads((tmp_path / "o.json").read_text())["data"] == "\udcff.csv"


@pytest.mark.parametrize("width", ["0", "1", "7", "-3", "wide", "100000"])
def test_any_width(tmp_path, monkeypatch, capsys, cache, width):
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setattr("proofs_check.pool.default_jobs", lambda: 1)
    np.save(tmp_path / "s.npy", np.random.default_rng(0).normal(size=(30, 3)))
    claims = claim_file(tmp_path, "ge(x**2, 0), ge(x, 0)")
    for arguments in (
        ("verify", claims, "--cache", str(cache)),
        ("why", claims, "mine-0", "--cache", str(cache)),
        ("advise", str(tmp_path / "s.npy")),
        ("evaluate",),
    ):
        assert main(arguments) == 0
        assert "latent-stopping" not in capsys.readouterr().err
