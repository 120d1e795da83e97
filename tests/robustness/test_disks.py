"""Full and read-only disks, missing folders, two runs at once: output is whole or absent, and a cache is a luxury."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from processes import QUICK, claim_file, run, start

from theory.files import write_whole

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux")


def small_files():
    """In the child: no file may grow beyond 200 bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))


@pytest.fixture
def samples(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    np.save(folder / "s.npy", np.random.default_rng(2).normal(size=(40, 5)))
    return folder / "s.npy"


def outputs(cache, samples):
    claims = claim_file(samples.parent, "ge(x**2, 0)")
    quick = ("--no-twins", "--cache", cache, "--jobs", "1")
    return {
        "list": ("list", "--json", "out.json"),
        "verify": ("verify", claims, *quick, "--json", "out.json"),
        "queries": ("why", claims, "mine-0", *quick[1:], "--smt2", "out.smt2"),
        "advise": ("advise", samples, "--json", "out.json"),
        "plot": ("advise", samples, "--plot", "out.svg"),
    }


@pytest.mark.parametrize("name", ["list", "verify", "queries", "advise", "plot"])
def test_output_to_a_full_disk_is_one_line_and_leaves_the_old_file(tmp_path, cache, samples, name):
    arguments = outputs(cache, samples)[name]
    target = tmp_path / arguments[-1]
    if target.suffix != ".smt2":
        target.write_text("old")
    code, out, err = run(*arguments, cwd=tmp_path, first=small_files, env={"XDG_CACHE_HOME": None})
    assert code == 2
    last = err.strip().splitlines()[-1]
    assert last.startswith(f"latent-stopping: error: {arguments[-1]}")
    assert last.endswith(os.strerror(27))
    assert "Traceback" not in err
    if target.is_dir():
        assert not list(target.iterdir())
    else:
        assert target.read_text() == "old"
    assert {p.name for p in tmp_path.iterdir()} == {"cache", "data", arguments[-1]}
    if name in ("verify", "advise", "plot"):
        # what was found out is shown all the same
        assert "holds" in out or "Best of all" in out


def test_standard_output_to_a_full_disk():
    with open("/dev/full", "w") as full:
        code, _, err = run("list", stdout=full)
    assert (code, err) == (2, f"latent-stopping: error: standard output: {os.strerror(28)}\n")


@pytest.mark.parametrize("arguments", [("list", "--json", "/dev/full"), ("list", "--json", "/dev/stdout")])
def test_a_device_is_written_to_and_not_replaced(arguments):
    before = os.stat("/dev/full").st_rdev
    code, out, err = run(*arguments)
    if arguments[-1] == "/dev/full":
        assert (code, err) == (2, f"latent-stopping: error: /dev/full: {os.strerror(28)}\n")
    else:
        assert code == 0
        assert json.JSONDecoder().raw_decode(out)[0]["schema"] == 1
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)
    assert os.stat("/dev/full").st_rdev == before


def test_links_are_followed_and_permissions_kept(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    write_whole(link, lambda name: Path(name).write_text("new"))
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(IsADirectoryError, match=str(tmp_path)):
        write_whole(tmp_path, lambda name: Path(name).write_text("new"))


def test_a_full_disk_under_the_cache_costs_one_warning(tmp_path, cache):
    code, out, err = run("verify", claim_file(tmp_path), "--no-twins", "--cache", cache, first=small_files)
    assert code == 0
    assert "✓ 6 holds" in out
    (line,) = err.splitlines()
    assert line.startswith(f"latent-stopping: warning: no more decisions are kept in {cache}: ")
    assert [p.name for p in cache.rglob("*") if p.is_file()] == ["contents.json"]


def test_a_cache_that_cannot_be_a_folder(tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    code, out, err = run("verify", claim_file(tmp_path, "ge(x**2, 0)"), "--no-twins", "--cache", blocked)
    assert code == 0
    assert "✓ 1 holds" in out
    (line,) = err.splitlines()
    assert line.startswith(f"latent-stopping: warning: no more decisions are kept in {blocked}: ")
    assert blocked.read_text() == "a file"


def test_a_user_without_a_home(tmp_path):
    """Without HOME, and in no list of users, as in many containers."""
    code = (
        "import pwd\n"
        "def nobody(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
        "from proofs_check.cli import main\n"
        f"raise SystemExit(main(['verify', {claim_file(tmp_path, 'ge(x**2, 0)')!r}, '--no-twins']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")},
    )  # fmt: skip
    assert done.stderr == "latent-stopping: warning: there is no folder to keep decisions in; --cache DIR names one\n"
    assert done.returncode == 0
    assert [p.name for p in tmp_path.iterdir()] == ["my_claims.py"]


def test_two_runs_at_once_on_one_cache(tmp_path, cache):
    claims = claim_file(tmp_path, QUICK)
    both = [start("verify", claims, "--cache", cache, "--jobs", "1", "--json", "-") for _ in range(2)]
    told = [p.communicate(timeout=120) for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert [err for _, err in told] == ["", ""]
    outcomes = [[c["outcome"] for c in json.loads(out)["claims"]] for out, _ in told]
    assert outcomes == [["holds"] * 6] * 2
    for path in cache.rglob("*"):
        assert path.is_dir() or (path.suffix == ".json" and json.loads(path.read_text()))
