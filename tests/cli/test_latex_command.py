"""`latent-stopping latex` as a user meets it."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from proofs_check.cli import main
from proofs_check.report import pdf

needs_tex = pytest.mark.skipif(
    shutil.which("pdflatex") is None and os.environ.get("REQUIRE_LATEX") != "1", reason="needs pdflatex"
)


@pytest.fixture
def kept(tmp_path):
    """A run with one claim, as `verify --json` writes it."""
    claim = {
        "id": "prop-1b/f-second", "title": "Proof step: f'' > 0", "section": "1 Non-monotonicity", "outcome": "fails",
        "hypotheses": [], "witness": {"sigma": "1", "sigma_hat": "1", "x": "0"}, "obligations": [],
        "repaired": "f'' >= 0, and a summand vanishes exactly if hat sigma_j = 1. Convexity, all that the proof needs, "
        "survives.",
        "printed": "f'' > 0", "verdict": "PROVED", "closed_verdict": "PROVED", "uses": [], "proof_uses": [],
        "imports": [], "missing": None, "rules": [], "seconds": 0, "statements": [],
        "mutants": {"killed": 0, "total": 0, "survivors": [], "true": 0, "undecided": 0, "twins": []},
    }  # fmt: skip
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"schema": 1, "exit_code": 0, "claims": [claim]}), encoding="utf-8")
    return str(path)


def test_without_a_name_it_lists_what_can_be_printed(capsys):
    assert main(["latex"]) == 0
    shown = capsys.readouterr().out
    assert "increment" in shown
    assert "prop-1b" in shown
    assert "import/weyl" not in shown


def test_a_quantity_is_printed_bare_or_aligned(capsys):
    assert main(["latex", "threshold-time"]) == 0
    assert capsys.readouterr().out == "T - \\bar a^{-2}\\left(\\frac{3\\sigma^2}{(1 - \\sigma^2)_+}\\right)\n"
    assert main(["latex", "variance", "--format", "align"]) == 0
    assert capsys.readouterr().out == "\\begin{align*}\nv(x) &= x + (1 - x)\\hat\\sigma^2\n\\end{align*}\n"
    assert main(["latex", "variance", "--explicit"]) == 0
    assert capsys.readouterr().out == "x + (1 - x) \\cdot \\hat\\sigma^2\n"


def test_a_claim_is_printed_formula_by_formula(capsys):
    assert main(["latex", "prop-1b"]) == 0
    shown = capsys.readouterr().out
    assert "% prop-1b: derived, its slope f'\n\\left(1 - " in shown
    assert "prop-1b/f-second" not in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prop-1c"], "did you mean prop-1b"),
        (["incremant"], "did you mean increment"),
        (["import/weyl"], "no formula in import/weyl"),
        (["--format", "expr"], "needs the name"),
        (["variance", "--format", "table"], "a quantity has no outcome"),
        (["prop-1b", "--format", "document", "--explicit"], "--explicit does not apply"),
        (["prop-1b", "--pdf", "missing/folder/x.pdf"], "does not exist"),
        (["prop-1b", "--pdf", "x.png"], "ends in .pdf"),
        (["prop-1b", "--format", "table", "--run", "no-such-file.json"], "No such file"),
    ],
)
def test_what_cannot_be_printed_is_refused(arguments, said, capsys):
    assert main(["latex", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_no_run_is_refused(tmp_path, capsys):
    path = tmp_path / "x.json"
    for text, said in (("{", "no JSON"), ("[]", "not a run"), ('{"schema": 2, "claims": []}', "not a run")):
        path.write_text(text, encoding="utf-8")
        assert main(["latex", "--format", "table", "--run", str(path)]) == 2
        assert said in capsys.readouterr().err


def test_outcomes_come_from_the_run_given(kept, capsys):
    assert main(["latex", "prop-1b", "--format", "table", "--run", kept]) == 0
    shown = capsys.readouterr().out
    assert r"\fails \\" in shown
    assert shown.count(r"\texttt") == 1
    assert main(["latex", "prop-1b", "--format", "document", "--run", kept]) == 0
    shown = capsys.readouterr().out
    assert r"\said{Witness against it} $\sigma = 1$, $\hat\sigma = 1$, $x = 0$." in shown
    assert r"\said{What holds instead} $f'' \ge 0$, and a summand vanishes exactly if $\hat\sigma_j = 1$." in shown
    assert shown.rstrip().endswith(r"\end{document}")


@needs_tex
@pytest.mark.parametrize("form", ["expr", "align", "table", "document"])
def test_every_format_compiles(form, kept, tmp_path, capsys):
    target = tmp_path / "out.pdf"
    assert main(["latex", "prop-1b/f-second", "--format", form, "--run", kept, "--pdf", str(target)]) == 0
    assert capsys.readouterr().out == f"wrote {target}\n"
    assert target.read_bytes().startswith(b"%PDF")


@needs_tex
def test_a_document_that_fails_leaves_the_old_file(tmp_path):
    target = tmp_path / "out.pdf"
    target.write_bytes(b"old")
    with pytest.raises(ValueError, match=r"pdflatex failed: Undefined control sequence. \(line 2\)"):
        pdf.write_pdf("\\documentclass{article}\\begin{document}\n\\nonsense\n\\end{document}", target)
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.pdf"]


def test_a_missing_pdflatex_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    assert main(["latex", "variance", "--pdf", str(tmp_path / "x.pdf")]) == 2
    assert "pdflatex, which is not installed" in capsys.readouterr().err
