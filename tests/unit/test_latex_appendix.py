"""The appendix: every claim in it, lines that fit, and a compilation without a warning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from typing import Any

import pytest
import sympy as sp
from registered import registry

from proofs_check.formula import eq
from proofs_check.report.claim_latex import LINE
from proofs_check.report.display import display, pieces, width
from proofs_check.report.document import appendix, table
from proofs_check.report.formulas import claims_formulas, general_form
from proofs_check.report.latex import (
    formula_latex,
)
from proofs_check.rules import RULES
from theory.latex import Printer


def test_long_formulas_are_cut_to_the_line() -> None:
    long = sum((sp.Symbol(f"a_{i}") ** 2 for i in range(30)), sp.S.Zero)
    text = display(eq(long, 0), Printer(), LINE)
    assert text.startswith("\\begin{align*}")
    assert all(width(row) <= LINE + 2 for row in text.splitlines()[1:-1])
    assert " ".join(pieces(eq(long, 0), Printer())) == formula_latex(eq(long, 0))


def test_a_lift_of_sums_has_a_general_form() -> None:
    lift = registry()["prop-1a"].statements[0].lift
    assert lift is not None
    assert str(general_form(lift)).startswith(
        r"\sum_{j \le d} (\sqrt{x_1 + (1 - x_1)\sigma_j^2} - \sigma_j)^2 \le \sum_{j \le d}"
    )
    assert claims_formulas([registry()["prop-1a"]], aligned=True).startswith("% prop-1a\n\\begin{align*}")
    with pytest.raises(ValueError, match="no formula in import/weyl"):
        claims_formulas([registry()["import/weyl"]])


@cache
def run() -> dict[str, Any]:
    """Every claim with some outcome: the document must stand whatever the engines say."""
    claims = []
    for claim in registry().values():
        if claim.imported:
            continue
        hypotheses = [r.text for r in claim.repairs if r.kind == "hypothesis"]
        repaired = " ".join(r.text for r in claim.repairs if r.kind == "statement") or None
        printed = [(s, "printed") for s in claim.statements]
        repair = [(s, "repair") for r in claim.repairs for s in r.statements]
        obligations = [
            {"id": o.id, "part": part, "role": "goal", "verdict": "PROVED", "engines": ["smt"], "marks": []}
            for s, part in printed + repair
            for o in [*s.obligations, *(s.lift.premises if s.lift else ())]
        ]
        outcome = "holds-if" if hypotheses else "fails" if repaired else "holds" if printed else "undetermined"
        claims.append(
            {
                "id": claim.id, "title": claim.title, "section": claim.section, "obligations": obligations,
                "outcome": outcome,
                "hypotheses": hypotheses, "repaired": repaired, "witness": {"sigma": "1/2"} if repair else None,
            }
        )  # fmt: skip
    return {"schema": 1, "claims": claims}


@cache
def document() -> str:
    return appendix(run(), registry())


def test_the_appendix_has_an_entry_for_every_claim() -> None:
    text = document()
    for id, claim in registry().items():
        assert text.count(rf"\label{{claim:{id}}}" if claim.imported else rf"}}{{{id}}}{{") == 1, id
    assert all(rf"\label{{rule:{name}}}" in text for name in RULES)
    assert text.count(r"\bibitem") >= 5


def test_the_table_brings_its_status_marks() -> None:
    rows = [c for c in run()["claims"] if c["id"].startswith("prop-1")]
    text = table(rows)
    assert r"\providecommand{\holds}" in text
    assert r"\toprule" in text
    assert text.count(r"\\") == len(rows) + 1


@pytest.mark.skipif(
    shutil.which("pdflatex") is None and os.environ.get("REQUIRE_LATEX") != "1", reason="needs pdflatex"
)
def test_the_appendix_compiles_without_a_warning(tmp_path: Any) -> None:
    (tmp_path / "a.tex").write_text(document(), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    for _ in range(3):
        done = subprocess.run(
            [*command, "-draftmode", "a.tex"], cwd=tmp_path, capture_output=True, timeout=120, check=False
        )
    log = done.stdout.decode("utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert re.findall(r".*(?:Warning|Overfull|Underfull|Missing character).*", log) == []
