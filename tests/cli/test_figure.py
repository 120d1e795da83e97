"""`latent-stopping figure`: tables, files, exit codes; few paths and steps."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from proofs_check.claims import dimension, low_rank_figures
from proofs_check.cli import main
from theory.simulate.reproduce import FIGURES, reproduce

SMALL = ("--paths", "300", "--steps", "60", "--n", "50")


def test_settings_are_those_of_the_claims():
    import sympy as sp

    left, right = FIGURES["4-left"], FIGURES["4-right"]
    assert [sp.Rational(v.numerator, v.denominator) for v in left.variances] == dimension._FIGURE
    assert dict(left.printed) == dimension._PRINTED_TIMES
    assert [sp.Rational(v.numerator, v.denominator) for v in right.variances[:4]] == list(low_rank_figures._TRUE)
    assert right.variances[4:] == (0, 0)
    assert left.horizon == right.horizon == 2.0


def test_left_figure_prints_theory_against_simulation(tmp_path, capsys):
    plot, report = tmp_path / "f.png", tmp_path / "f.json"
    assert main(["figure", "4-left", *SMALL, "--out", str(plot), "--json", str(report)]) == 0
    out = capsys.readouterr().out
    assert "cannot show crossing t_8 = 2.000000" in out
    assert "1.124123" in out
    assert "plug-in score" in out
    assert plot.read_bytes().startswith(b"\x89PNG")
    data = json.loads(report.read_text())
    assert data["schema"] == 1
    exact, plug_in = data["scores"]
    for crossing, (d, printed) in zip(exact["crossings"][2:7], FIGURES["4-left"].printed, strict=True):
        assert crossing["dimension"] == d
        assert f"{crossing['theory']:.6f}" == printed
    assert exact["crossings"][6]["simulated"] is None
    assert np.shape(plug_in["frechet_squared"]["simulated"]) == (61, 9)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.json", "f.png"]


def test_right_figure_says_that_its_axis_is_out_of_reach(tmp_path, capsys):
    assert main(["figure", "4-right", *SMALL, "--out", str(tmp_path / "f.svg")]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "The printed axis, lambda from about -6 to 6, is out of reach" in out
    assert "from -3.98 to" in out
    assert "theory d = 4" in out
    first = (tmp_path / "f.svg").read_bytes()
    assert main(["figure", "4-right", *SMALL, "--out", str(tmp_path / "f.svg")]) == 0
    assert (tmp_path / "f.svg").read_bytes() == first


def test_figure_3_and_json_on_standard_output(tmp_path, capsys):
    assert main(["figure", "3", "--paths", "300", "--steps", "60", "--out", str(tmp_path / "3.pdf")]) == 0
    assert "exact chi-square intervals" in capsys.readouterr().out
    assert main(["figure", "3", "--paths", "300", "--steps", "60", "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["figure"] == "3"
    assert len(data["taus"]) == len(data["simulated"])


def test_euler_crossings_are_a_few_steps_from_the_theory():
    exact, _ = reproduce("4-left", paths=2).curves
    for crossing in exact.crossings[2:6]:
        assert crossing.euler == pytest.approx(crossing.theory, abs=0.005)
    assert [c.euler for c in exact.crossings[6:]] == [None, None]


def test_simulated_distances_follow_their_exact_law():
    """Unbiased, so within 7 exact standard errors of the Euler law at every stop and dimension: alarm below 1e-8."""
    figure = reproduce("4-left", paths=4000, steps=50, points=100, seed=3)
    for curves in figure.curves:
        gap = np.abs(curves.simulated - curves.euler)
        assert (gap[:, :7] <= 7 * curves.errors[:, :7] + 1e-4).all()
        assert not (np.abs(1.2 * curves.simulated - curves.euler) <= 7 * curves.errors + 1e-4)[:, :7].all()
        for crossing in curves.crossings:
            if crossing.euler and crossing.simulated:
                assert crossing.lower <= crossing.simulated <= crossing.upper


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["4-left", "--paths", "1"], "--paths must be at least 2"),
        (["4-left", "--steps", "0"], "--steps"),
        (["4-left", "--seed", "-1"], "--seed"),
        (["3", "--n", "10"], "--n applies"),
        (["3", "--out", "figure.bmp"], ".png"),
        (["3", "--out", "no/such/folder.png"], "does not exist"),
        (["3", "--json", "no/such/folder.json"], "does not exist"),
    ],
)
def test_usage_errors(arguments, says, capsys):
    assert main(["figure", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_unknown_figures_exit_with_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["figure", "5"])
    assert stop.value.code == 2
    assert "4-left" in capsys.readouterr().err


def test_missing_matplotlib_is_one_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["figure", "3", "--out", "f.png"]) == 2
    assert "latent-stopping[plot]" in capsys.readouterr().err


@pytest.mark.parametrize("width", ["40", "80"])
def test_narrow_terminals(width, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", width)
    assert main(["figure", "4-left", *SMALL]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= int(width)
