"""`verify`, `why`, `mutate` and `list` on a file of the user's own claims, and the SMT-LIB files of `why --smt2`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import proofs_check
from proofs_check.cli import main
from proofs_check.engines.base import Budget
from proofs_check.engines.smt import ask_cvc5
from proofs_check.userclaims import load_claims, verify_claims

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
CLAIM = """
import sympy as sp
from proofs_check import Claim, between, domain, {op}, universal
y = sp.Symbol("y", real=True)
CLAIMS = (
    Claim(id="{id}", title="squares", section="Mine", printed="y^2 >= 0", ours=True, uses=({uses}), statements=(
        universal("square", "y^2 >= 0", domain(between(y, -1, 1)), {op}(y**2, 0)),
    )),
)
"""


@pytest.fixture(autouse=True)
def _one_process(monkeypatch):
    monkeypatch.setattr("proofs_check.pool.default_jobs", lambda: 1)


def claim_file(folder, op="ge", id="mine", uses=""):
    path = folder / "my_claims.py"
    path.write_text(CLAIM.format(op=op, id=id, uses=uses))
    return str(path)


def run(tmp_path, *arguments):
    return main([*arguments, "--cache", str(tmp_path / "cache")])


def test_an_edit_of_the_same_second_and_size_is_seen(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = claim_file(tmp_path)
    stamp = os.stat(path).st_mtime
    assert run(tmp_path, "verify", path) == 0
    assert "✓ holds" in capsys.readouterr().out
    claim_file(tmp_path, op="gt")
    os.utime(path, (stamp, stamp))
    assert run(tmp_path, "verify", path) == 1
    out = capsys.readouterr().out
    assert "✗ fails" in out
    assert "witness against it: y = 0" in out
    assert not (tmp_path / "__pycache__").exists()


def test_only_the_file_is_decided_and_ids_select_in_it(tmp_path, capsys):
    assert run(tmp_path, "verify", str(TUTORIAL / "estimated.py"), "shrink*", "--json", "-") == 0
    claims = json.loads(capsys.readouterr().out)["claims"]
    assert [(c["id"], c["outcome"]) for c in claims] == [("shrink-estimated", "holds-if")]
    assert claims[0]["rules"] == ["rule sum-of-terms"]
    assert run(tmp_path, "verify", str(TUTORIAL / "estimated.py"), "prop-1b") == 2
    assert "no claim matches 'prop-1b'" in capsys.readouterr().err


def test_a_claim_may_rest_on_the_paper(tmp_path, capsys):
    assert run(tmp_path, "verify", claim_file(tmp_path, uses="'prop-9/exact',"), "--no-twins", "--json", "-") == 0
    (claim,) = json.loads(capsys.readouterr().out)["claims"]
    assert (claim["verdict"], claim["closed_verdict"]) == ("PROVED", "ENCLOSED")


def test_why_mutate_and_list_take_a_file(tmp_path, capsys):
    path = claim_file(tmp_path)
    assert run(tmp_path, "why", path, "mine") == 0
    assert "z3 unsat, cvc5 unsat" in capsys.readouterr().out
    assert run(tmp_path, "mutate", path) == 0
    assert "killed by smt" in capsys.readouterr().out
    assert main(["list", path]) == 0
    assert "squares" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n", "defines no CLAIMS"),
        ("CLAIMS = ()\n", "at least one"),
        ("CLAIMS = 3\n", "CLAIMS must be a tuple of claims"),
        ("CLAIMS = ('a',)\n", "got str 'a'"),
        ("\nimport nowhere_at_all\n", "my_claims.py:2: ModuleNotFoundError"),
        ("a = 1\nb = (\n", "my_claims.py:2: SyntaxError"),
        ("def f():\n    raise KeyError('k')\n\nf()\n", "my_claims.py:2: KeyError"),
        ("import sys\nsys.exit(0)\n", "my_claims.py:2: SystemExit"),
        (CLAIM.format(op="ge", id="prop-1b", uses=""), "'prop-1b' is taken by a claim of the paper"),
        (CLAIM.format(op="ge", id="a", uses="'nothing',"), "no claim 'nothing', which a uses"),
        (CLAIM.format(op="ge", id="a", uses="") + "CLAIMS *= 2\n", "two claims are called 'a'"),
        (CLAIM.format(op="ge", id="a", uses="").replace("between(y, -1, 1)", ""), "my_claims.py:7: ValueError"),
    ],
)
def test_a_file_that_cannot_be_used_is_exit_code_2(tmp_path, capsys, text, says):
    path = tmp_path / "my_claims.py"
    path.write_text(text)
    assert run(tmp_path, "verify", str(path)) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_missing_file_and_a_file_in_the_wrong_place(tmp_path, capsys):
    assert run(tmp_path, "verify", str(tmp_path / "none.py")) == 2
    assert "no such file" in capsys.readouterr().err
    assert run(tmp_path, "verify", "text-4", "mine.py") == 2
    assert "before the ids" in capsys.readouterr().err


def test_a_file_may_import_its_neighbours(tmp_path):
    (tmp_path / "neighbour_of_claims.py").write_text("NAME = 'next-door'\n")
    path = Path(claim_file(tmp_path))
    path.write_text("from neighbour_of_claims import NAME\n" + path.read_text().replace('"mine"', "NAME"))
    before = list(sys.path)
    assert list(load_claims(path)) == ["next-door"]
    assert sys.path == before


def test_claims_can_be_decided_from_python():
    outcomes = {}
    for name in ("shrinkage", "wrong_sign", "estimated"):
        claims = load_claims(TUTORIAL / f"{name}.py").values()
        outcomes[name] = verify_claims(claims, twins=False).results[0].outcome
    assert outcomes == {"shrinkage": "holds", "wrong_sign": "fails", "estimated": "holds-if"}


def test_the_facade_is_lazy_and_complete():
    code = (
        "import sys, proofs_check; before = 'sympy' in sys.modules; names = proofs_check.__all__; "
        "[getattr(proofs_check, n) for n in names]; print(before, set(names) == set(proofs_check._HOME))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = proofs_check.nothing


def test_written_queries_are_unsat_for_both_solvers(tmp_path, capsys):
    folder = tmp_path / "queries"
    assert run(tmp_path, "why", "prop-1b", "--smt2", str(folder)) == 0
    assert f"wrote 1 queries to {folder}; 1 obligations were decided without a solver" in capsys.readouterr().out
    (path,) = folder.iterdir()
    text = path.read_text()
    assert "; expected: unsat" in text
    assert ask_cvc5(text, Budget())[0] == "unsat"
    z3 = Path(sys.executable).with_name("z3")
    done = subprocess.run([z3, str(path)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "unsat"


def test_a_refuted_obligation_is_expected_sat(tmp_path):
    folder = tmp_path / "queries"
    assert run(tmp_path, "why", claim_file(tmp_path, op="gt"), "mine", "--smt2", str(folder)) == 1
    assert "; expected: sat" in (folder / "square.smt2").read_text()


def test_a_query_folder_whose_parent_is_missing_is_refused(tmp_path, capsys):
    assert run(tmp_path, "why", "text-4", "--smt2", str(tmp_path / "a" / "b")) == 2
    assert "does not exist" in capsys.readouterr().err
