from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import jsonschema
import pytest

from proofs_check.cli import main

SCHEMA = json.loads(files("proofs_check.report").joinpath("verify-1.schema.json").read_text())


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", "from proofs_check.cli import main; raise SystemExit(main())", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_help_names_every_command_and_the_exit_codes():
    done = command("--help")
    assert done.returncode == 0
    for name in ("verify", "why", "mutate", "findings", "list", "trust", "evaluate", "advise"):
        assert name in done.stdout
    assert "Exit codes" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("verify", "--jobs", "x"), ("why",)])
def test_usage_errors_are_exit_code_2(arguments):
    assert command(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("verify", "prop-99"), "no claim matches 'prop-99'"),
        (("verify", "text-4", "--jobs", "0"), "--jobs must be at least 1, got 0"),
        (("verify", "text-4", "--json", "/nowhere/x.json"), "folder does not exist"),
        (("verify", "text-4", "--cache", "d", "--no-cache"), "exclude each other"),
        (("evaluate", "nothing"), "no quantity 'nothing'"),
        (("evaluate", "F", "sigma2=1,2", "d=1", "x=0"), "sigma2 must be non-increasing"),
        (("evaluate", "F", "sigma2=1,-1", "d=1", "x=0"), "sigma2 must be > 0, got -1"),
        (("evaluate", "F", "sigma2=1", "d=2", "x=0"), "d must lie in [1, 1]"),
        (("evaluate", "F", "sigma2=1", "d=1", "x=2"), "x must lie in [0, 1], got 2"),
        (("evaluate", "F", "sigma2=nan", "d=1", "x=0"), "sigma2 takes a number"),
        (("evaluate", "F", "sigma2=1", "d=1"), "x is missing"),
        (("evaluate", "F", "sigma2=1", "d=1", "x=0", "y=1"), "no argument 'y'"),
        (("evaluate", "F", "sigma2=1", "d=1", "x=0", "x=1"), "x is given twice"),
        (("evaluate", "F", "sigma2"), "arguments are NAME=VALUE"),
        (("evaluate", "F", "sigma2=1", "d=1", "x=0", "--digits", "0"), "--digits must lie in"),
        (("evaluate", "F", "sigma2=1,1", "sigma_hat2=1", "d=1", "x=0"), "sigma_hat2 must have as many"),
        (("evaluate", "stop-time", "x=1"), "no finite value"),
        (("findings", "--markdown", "/nowhere/x.md"), "folder does not exist"),
    ],
)
def test_bad_input_says_what_is_wrong_and_what_is_allowed(capsys, arguments, says):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_verify_prints_a_line_per_claim_and_valid_json(tmp_path, capsys):
    target = tmp_path / "run.json"
    assert main(["verify", "text-4", "prop-1b/f-second", "--cache", str(tmp_path / "c"), "--json", str(target)]) == 0
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if line.strip().startswith(("text-4 ", "prop-1b/f-second "))]
    assert len({line.split()[0] for line in lines}) == 2
    assert "holds-if" in out
    assert "witness against it" in out
    data = json.loads(target.read_text())
    jsonschema.validate(data, SCHEMA)
    by_id = {c["id"]: c for c in data["claims"]}
    assert by_id["text-4"]["outcome"] == "holds-if"
    assert by_id["text-4"]["hypotheses"]
    assert by_id["prop-1b/f-second"]["outcome"] == "fails"
    assert by_id["prop-1b/f-second"]["witness"]["sigma_hat"] == "1"
    assert by_id["text-4"]["mutants"]["total"] > 0
    assert by_id["text-4"]["mutants"]["survivors"] == []


def test_a_narrow_terminal_never_cuts_the_claim(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    assert main(["verify", "prop-1b/f-second", "--no-twins", "--cache", str(tmp_path)]) == 0
    assert any(line.strip().startswith("prop-1b/f-second ") for line in capsys.readouterr().out.splitlines())


def without_times(data):
    if isinstance(data, dict):
        return {k: without_times(v) for k, v in data.items() if k != "seconds"}
    return [without_times(v) for v in data] if isinstance(data, list) else data


def test_the_same_json_for_any_hash_seed_and_number_of_jobs():
    import os

    runs = []
    for seed, jobs in (("1", "1"), ("2", "2")):
        done = command(
            "verify", "text-4", "text-3", "--no-cache", "--jobs", jobs, "--json", "-",
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        runs.append(without_times(json.loads(done.stdout)))
    assert runs[0] == runs[1]


def test_a_warm_cache_gives_the_same_run(tmp_path, capsys):
    runs = []
    for _ in range(2):
        main(["verify", "text-3", "--cache", str(tmp_path), "--json", "-"])
        runs.append(json.loads(capsys.readouterr().out))
    assert runs[0] == runs[1]


def test_a_read_only_cache_costs_nothing_but_time(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert main(["verify", "text-3", "--no-twins", "--cache", str(blocked)]) == 0
    assert "text-3" in capsys.readouterr().out


def test_why_shows_statement_derivation_and_evidence(tmp_path, capsys):
    assert main(["why", "prop-1b", "--cache", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    for part in (
        "printed:",
        "derived from theory/",
        "evidence, as printed",
        "rule",
        "z3 unsat, cvc5 unsat",
        "rests on",
    ):
        assert part in out


def test_mutate_lists_the_kill_matrix(tmp_path, capsys):
    target = tmp_path / "twins.json"
    assert main(["mutate", "text-4", "--all", "--cache", str(tmp_path), "--json", str(target)]) == 0
    assert "killed by smt" in capsys.readouterr().out
    twins = json.loads(target.read_text())["twins"]
    assert {t["status"] for t in twins} <= {"killed", "true", "undecided"}
    assert all(t["witness"] for t in twins if t["status"] == "killed")


def test_evaluate_gives_certain_digits(capsys):
    assert main(["evaluate", "threshold-time", "sigma2=0.216", "T=2", "--digits", "50", "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    # 2 + log(1 - 3*0.216/(1 - 0.216))/2, by mpmath
    import mpmath

    with mpmath.workdps(70):
        truth = 2 + mpmath.log(1 - 3 * mpmath.mpf("0.216") / (1 - mpmath.mpf("0.216"))) / 2
        assert abs(mpmath.mpf(data["value"]) - truth) <= mpmath.mpf(data["radius"]) < mpmath.mpf(10) ** -49


def test_list_and_trust(capsys):
    assert main(["list", "--json", "-"]) == 0
    ids = {c["id"] for c in json.loads(capsys.readouterr().out)["claims"]}
    assert {"prop-1a", "prop-1b", "prop-2a", "headline-a"} <= ids
    assert main(["trust"]) == 0
    assert "single-crossing" in capsys.readouterr().out


def test_an_interrupt_is_reported(monkeypatch, capsys):
    from proofs_check.cli import listing

    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr(listing, "_list", interrupted)
    assert main(["list"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_the_reference_page_is_what_the_parser_says():
    from pathlib import Path

    from proofs_check.cli import build_parser
    from proofs_check.report.reference import render

    page = Path(__file__).parents[2] / "docs" / "reference" / "command.md"
    assert page.read_text(encoding="utf-8") == render(build_parser())
