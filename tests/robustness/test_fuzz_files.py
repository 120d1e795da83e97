"""Every reader of files, on bytes that somebody or something damaged: refused in words, and quickly."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofs_check.cli import main
from proofs_check.report.read_run import read_run
from theory.spectra import read

FUZZ = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def saved(save, *arrays, **named):
    stream = io.BytesIO()
    save(stream, *arrays, **named)
    return stream.getvalue()


def header(shape, descr="<f8", extra=""):
    """An .npy file that claims `shape` and holds nothing."""
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, {extra}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


SAMPLES = np.arange(12.0).reshape(4, 3) ** 2
VALID = {
    ".npy": saved(np.save, SAMPLES),
    ".npz": saved(np.savez, a=SAMPLES),
    ".csv": b"1,0.5,0.25\n",
    ".txt": b"1 2\n3 4\n5 7\n",
}
CLAIM = {
    "id": "text-4", "title": "t", "section": "s", "printed": "p", "outcome": "holds", "hypotheses": ["h"],
    "witness": {"x": "1/2"}, "repaired": None, "verdict": "PROVED", "closed_verdict": "PROVED", "uses": [],
    "proof_uses": [], "imports": [], "missing": None, "rules": [], "seconds": 0.5, "problems": [],
    "obligations": [{
        "id": "o", "role": "goal", "part": "printed", "text": "t", "domain": "d", "goal": "g", "verdict": "PROVED",
        "engines": ["smt"], "marks": [], "statement": "s", "witness": None, "seconds": 1,
        "evidence": [{"engine": "smt", "verdict": "PROVED", "detail": "d", "versions": []}],
    }],
    "mutants": {"killed": 0, "total": 0, "survivors": [], "true": 0, "undecided": 1, "twins": [
        {"id": "t", "operator": "sign", "status": "undecided", "engines": [], "witness": None}]},
    "statements": [{"id": "s", "part": "printed", "text": "t", "verdict": "PROVED", "rule": None, "rule_detail": None}],
}  # fmt: skip
RUN = {"schema": 1, "exit_code": 0, "claims": [CLAIM]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw, valid):
    """`valid` with a few bytes changed, cut out or put in."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, max(0, len(data) - 1)))
        j = min(len(data), i + draw(st.integers(0, 6)))
        data[i:j] = draw(st.binary(max_size=6))
    return bytes(data)


def outcome(reader, path):
    """What `reader` makes of `path`, and how it refused it."""
    try:
        return reader(path), None
    except ValueError as problem:
        return None, str(problem)


def refused_or_read(path, data):
    path.write_bytes(data)
    array, refusal = outcome(read, path)
    assert refusal is None or path.name in refusal
    assert array is None or np.isfinite(array).all()


@FUZZ
@given(st.data())
def test_samples_and_spectra(tmp_path, data):
    suffix = data.draw(st.sampled_from(sorted(VALID)))
    content = data.draw(
        st.binary(max_size=80) | damaged(VALID[suffix]) | st.text("0123456789.,-+e naif#\n").map(str.encode)
    )
    refused_or_read(tmp_path / f"x{suffix}", content)


@pytest.mark.parametrize(
    "content",
    [
        header((10**18,)),
        header((10**9, 10**9)),
        header((2**63,)),
        header((-1,)),
        header((0,)),
        header((3,), "|O"),
        header((3,), "V8"),
        header("x"),
        header((3,), "<f8", "'more': 1"),
        header("(" * 5000),
        VALID[".npy"][:-8],
        b"\x93NUMPY\xff\xff",
    ],
)
def test_headers_that_lie(tmp_path, content):
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.npy"):
        read(path)
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", content)
    with pytest.raises(ValueError, match=r"x\.npz"):
        read(path)


@pytest.mark.parametrize("suffix", sorted(VALID))
def test_what_is_no_file_is_refused_at_once(tmp_path, suffix, capsys):
    folder, fifo = tmp_path / f"folder{suffix}", tmp_path / f"fifo{suffix}"
    folder.mkdir()
    os.mkfifo(fifo)
    for path in (folder, fifo, tmp_path / f"none{suffix}"):
        assert main(["advise", str(path)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert path.name in line


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"nan,1\n", b"1,inf\n", b"1e999,1\n", b"-1,2\n", b"0,0\n", b"1,2\n3\n"]
)
def test_numbers_that_are_none(tmp_path, content, capsys):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert main(["advise", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "x.csv" in line


@settings(FUZZ, max_examples=60)
@given(st.data())
def test_kept_runs(tmp_path, data):
    """`--run FILE`: any part of a run replaced by anything."""
    whole = json.loads(json.dumps(RUN))
    place = whole
    while True:
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        inner = place[key]
        if not inner or not isinstance(inner, dict | list) or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(JSON)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(whole))
    run, refusal = outcome(read_run, str(path))
    if run is None:
        assert refusal.startswith(f"--run {path}: ")
        return
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        assert main(["latex", "text-4", "--format", "table", "--run", str(path)]) in (0, 2)
    assert "internal error" not in said.getvalue()


@FUZZ
@given(content=st.binary(max_size=60) | damaged(json.dumps(RUN).encode()))
def test_files_that_are_hardly_runs(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_bytes(content)
    _, refusal = outcome(read_run, str(path))
    assert refusal is None or refusal.startswith(f"--run {path}: ")


def test_a_run_as_it_is_written_is_read(tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(RUN))
    assert read_run(str(path)) == RUN
    for text, says in (("[" * 100_000, "nested too deeply"), ('{"schema": 1}', "not a run"), ("\xff", "no JSON")):
        path.write_text(text, encoding="latin-1")
        with pytest.raises(ValueError, match=says):
            read_run(str(path))
