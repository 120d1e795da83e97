"""Each path of the command loads only what it uses: asserted on `sys.modules` of a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from proofs_check.contents import Contents, contents, load_for
from proofs_check.kept import read_kept, write_kept
from proofs_check.sources import source_digest

HEAVY = (
    "numpy", "sympy", "mpmath", "scipy", "sklearn", "matplotlib", "hypothesis", "z3", "cvc5", "flint", "rich",
    "latex2mathml", "multiprocessing",
)  # fmt: skip
PROGRAM = """
import sys
from proofs_check.cli import main
try:
    code = main(sys.argv[2:])
except SystemExit as stop:
    code = stop.code
sys.stdout.flush()
print(code, *[name for name in sys.argv[1].split(",") if name in sys.modules], file=sys.stderr)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with data, and a cache folder in which everything asked for below has been decided."""
    folder = tmp_path_factory.mktemp("imports")
    np.save(folder / "spectrum.npy", np.array([3.0, 2.0, 1.0]))
    contents(folder / "cache" / "latent-stopping")
    ask(folder, "verify", "text-4")
    return folder


def ask(folder, *arguments):
    """Exit code and heavy modules of one run of the command, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(HEAVY), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
    )
    last = done.stderr.splitlines()[-1].split()
    assert "Traceback" not in done.stderr, done.stderr
    return int(last[0]), set(last[1:]), done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "allowed"),
    [
        # help and bad usage need nothing at all, not even NumPy
        (("--help",), 0, set()),
        (("verify", "--help"), 0, set()),
        (("advise", "--help"), 0, set()),
        (("property", "--help"), 0, set()),
        (("nonsense",), 2, set()),
        (("verify", "--jobs", "0"), 2, set()),
        (("verify", "--json", "nowhere/run.json"), 2, set()),
        (("findings", "--markdown", "nowhere/page.md"), 2, set()),
        (("figure", "3", "--paths", "0"), 2, None),
        # a kept run, and the kept table of contents, are text: the terminal's tables and no mathematics
        (("verify", "text-4"), 0, {"rich"}),
        (("verify", "text-4", "--json", "-"), 0, set()),
        (("list",), 0, {"rich"}),
        (("list", "--json", "-"), 0, set()),
        (("trust",), 0, {"rich"}),
        (("trust", "--json", "-"), 0, set()),
        # numbers: no solvers, no statistics, no pictures
        (("evaluate", "stop-time", "x=1/2"), 0, {"numpy", "sympy", "mpmath", "flint", "rich"}),
        (("advise", "spectrum.npy"), 0, {"numpy", "sympy", "mpmath", "flint", "rich"}),
        (("advise", "nothing.npy"), 2, {"numpy"}),
        (("advise", "spectrum.npy", "--dimensions", "x"), 2, {"numpy"}),
        (("latex", "stop-time"), 0, {"numpy", "sympy", "mpmath", "flint"}),
        (("latex", "text-4"), 0, {"numpy", "sympy", "mpmath", "flint"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_path_loads_only_what_it_uses(place, arguments, code, allowed):
    found, loaded, _ = ask(place, *arguments)
    assert found == code
    if allowed is None:
        allowed = {"numpy", "sympy", "mpmath", "flint"}
    assert loaded <= allowed


def test_importing_the_packages_loads_nothing_heavy():
    names = ("theory", "proofs_check", "proofs_check.cli", "proofs_check.claims", "proofs_check.contents")
    program = "import sys, importlib\nfor name in sys.argv[2:]: importlib.import_module(name)\n"
    program += "print(*[name for name in sys.argv[1].split(',') if name in sys.modules])"
    run = [sys.executable, "-c", program, ",".join(HEAVY), *names]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.split() == []


@pytest.fixture(scope="module")
def kept(place):
    """The table of contents as it was kept, and the folder that holds it."""
    folder = place / "cache" / "latent-stopping"
    return read_kept(folder / "contents.json", source_digest()), folder


def test_the_kept_contents_are_those_of_the_registry(kept):
    from proofs_check.claims import load
    from proofs_check.rules import RULES

    registry = load()
    assert [row["id"] for row in kept[0]["claims"]] == list(registry)
    for row in kept[0]["claims"]:
        claim = registry[row["id"]]
        for name in ("title", "section", "printed", "citation", "imported"):
            assert row[name] == getattr(claim, name)
        assert row["rests_on"] == [*claim.uses, *claim.proof_uses]
    assert [(row["name"], row["says"], row["because"]) for row in kept[0]["rules"]] == [
        (r.name, r.says, r.because) for r in RULES.values()
    ]


@pytest.mark.parametrize("damage", ["text", "other sources", "no claims", "no rules", "an entry cut short"])
def test_contents_of_other_sources_or_damaged_are_made_again(kept, tmp_path, damage):
    file, good = tmp_path / "contents.json", kept[0]
    wrong = {**good, "claims": [{**row, "title": "changed"} for row in good["claims"]]}
    if damage == "text":
        file.write_text("{")
    else:
        rows = {"no claims": [], "an entry cut short": [{"id": "prop-1b"}]}.get(damage, wrong["claims"])
        rules = [] if damage == "no rules" else good["rules"]
        write_kept(file, "0" * 64 if damage == "other sources" else source_digest(), {"claims": rows, "rules": rules})
    assert json.loads(json.dumps(contents(tmp_path).to_json())) == good
    assert read_kept(file, source_digest()) == good


def test_only_the_sections_a_claim_rests_on_are_loaded(kept, tmp_path):
    program = (
        "import json, sys; from pathlib import Path; from proofs_check.contents import Contents, load_for\n"
        "known = Contents.from_json(json.loads(Path(sys.argv[1]).read_text())); part = load_for(['text-4'], known)\n"
        "print('text-4' in part, all(i in known.claims for i in part), len(part) < len(known.claims))\n"
        "print(*(m for m in sys.modules if m.startswith('proofs_check.claims.')))"
    )
    (tmp_path / "known.json").write_text(json.dumps(kept[0]))
    run = [sys.executable, "-c", program, str(tmp_path / "known.json")]
    first, second = subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()
    assert first == "True True True"
    assert len(second.split()) < 15


def test_an_unknown_id_is_refused(kept):
    with pytest.raises(ValueError, match="no claim 'prop-99'"):
        load_for(["prop-99"], Contents.from_json(kept[0]))
