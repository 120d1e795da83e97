"""`latent-stopping advise`, through a parser of its own."""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np
import pytest

from proofs_check.cli.advise import add_parser, parse_dimensions


def advise(*arguments):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["advise", *map(str, arguments)])
    return args.run(args)


@pytest.fixture
def samples(tmp_path):
    path = tmp_path / "samples.npy"
    rng = np.random.default_rng(2)
    np.save(path, rng.normal(size=(60, 40)) * 1.15 ** -np.arange(40.0))
    return path


def test_digits_end_to_end(tmp_path, capsys):
    plot, report = tmp_path / "out.png", tmp_path / "out.json"
    assert advise("--data", "digits", "--dimensions", "1-3,8,20", "--plot", plot, "--json", report) == 0
    out = capsys.readouterr().out
    assert "digits: 64 columns, 899 rows to learn from, 898 held out, plug-in score" in out
    assert "Reading (A)" in out
    assert "Reading (B) does not hold on this data" in out
    data = json.loads(report.read_text())
    assert [row["dimension"] for row in data["dimensions"]] == [1, 2, 3, 8, 20]
    first, last = data["dimensions"][0], data["dimensions"][-1]
    assert first["variance_kept"] == pytest.approx(0.1485, abs=1e-4)
    assert 0.01 < first["tau"] < 0.03
    assert first["distance_best_stop"] < first["distance_last_step"]
    assert (last["tau"], last["noise_level"], last["log_snr"], last["gain"]) == (0, 0, None, 0)
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.json", "out.png"]


def test_json_alone_on_standard_output(samples, capsys):
    assert advise(samples, "--dimensions", "1,2", "--json", "-") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == 1
    assert data["data"] == "samples.npy"
    assert len(data["curves"]["tau"]) == len(data["curves"]["frechet_squared"]["2"])


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_tables_at_any_width(samples, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("NO_COLOR", "1")
    assert advise(samples, "--held-out", "0.25") == 0
    out = capsys.readouterr().out
    assert "\x1b[" not in out
    assert max(map(len, out.splitlines())) <= int(width)
    assert ("log-SNR" in out) == (width != "40")
    assert "…" not in out


def test_many_dimensions_print_a_selection(samples, tmp_path, capsys):
    report = tmp_path / "r.json"
    assert advise(samples, "--held-out", "0.25", "--json", report) == 0
    out = capsys.readouterr().out
    assert "of 40 dimensions" in out
    data = json.loads(report.read_text())
    assert [row["dimension"] for row in data["dimensions"]] == list(range(1, 41))
    shown = {line.split()[0] for line in out.splitlines() if line.strip()[:1].isdigit()}
    assert {"1", "40", str(data["best"]["dimension"])} <= shown


def test_a_spectrum_says_what_it_cannot_tell(tmp_path, capsys):
    path = tmp_path / "s.csv"
    path.write_text("1,0.6,0.36\n")
    assert advise(path, "--plot", tmp_path / "s.svg") == 0
    out = capsys.readouterr().out
    assert "a spectrum of 3 variances, exact score" in out
    assert "A spectrum alone knows no training error" in out
    assert (tmp_path / "s.svg").read_text().startswith("<?xml")


def test_same_plot_twice(tmp_path, capsys):
    path = tmp_path / "s.csv"
    path.write_text("1,0.6,0.36\n")
    for suffix in ("svg", "pdf"):
        for name in ("a", "b"):
            assert advise(path, "--plot", tmp_path / f"{name}.{suffix}") == 0
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "either a FILE or --data"),
        (("x.npy", "--data", "digits"), "either a FILE or --data"),
        (("--data", "digits", "--key", "a"), "--key applies to a FILE"),
        (("--data", "digits", "--dimensions", "65"), r"\[1, 64\] for this data, got 65"),
        (("--data", "digits", "--horizon", "-1"), "horizon must lie in"),
        (("--data", "digits", "--held-out", "2"), "held_out must lie"),
        (("--data", "digits", "--seed", "-3"), "seed must be >= 0"),
        (("--data", "digits", "--plot", "a.gif"), r"must end in .*got '\.gif'"),
    ],
)
def test_bad_usage_writes_nothing(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        advise(*arguments, "--json", "out.json")
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""


def test_bad_files_write_nothing(tmp_path):
    text = tmp_path / "words.csv"
    text.write_text("to be or not\n")
    target = tmp_path / "out.png"
    with pytest.raises(ValueError, match=r"words\.csv must hold numbers only"):
        advise(text, "--plot", target)
    with pytest.raises(FileNotFoundError):
        advise(tmp_path / "absent.npy", "--plot", target)
    for option in ("--plot", "--json"):
        with pytest.raises(FileNotFoundError, match="does not exist"):
            advise("--data", "digits", option, tmp_path / "no" / "out.png")
    assert [p.name for p in tmp_path.iterdir()] == ["words.csv"]


def test_plot_without_matplotlib(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ValueError, match=r"latent-stopping\[plot\]"):
        advise("--data", "digits", "--plot", tmp_path / "out.png")


def test_a_failing_plot_leaves_no_file(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    def broken(self, name, **options):
        with open(name, "wb") as stream:
            stream.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", broken)
    path = tmp_path / "s.csv"
    path.write_text("1,0.6,0.36\n")
    with pytest.raises(OSError, match="disk full"):
        advise(path, "--plot", tmp_path / "out.png")
    assert [p.name for p in tmp_path.iterdir()] == ["s.csv"]


def test_parse_dimensions():
    assert parse_dimensions("1,2, 4-8") == [1, 2, 4, 5, 6, 7, 8]
    for text in ("", "a", "1,,2", "-3", "3-", "5-2", "1.5", "0", "1-99999999999", "²"):
        with pytest.raises(ValueError, match="--dimensions"):
            parse_dimensions(text)
