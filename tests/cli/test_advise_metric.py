"""`latent-stopping advise --metric`, through the real parser."""

from __future__ import annotations

import json

import numpy as np
import pytest

from proofs_check.cli import main


@pytest.fixture
def samples(tmp_path):
    path = tmp_path / "samples.npy"
    np.save(path, np.random.default_rng(2).normal(size=(80, 6)) * 0.8 ** np.arange(6.0))
    return path


@pytest.mark.parametrize("metric", ["frechet", "sliced-wasserstein", "mmd"])
def test_table_plot_and_json(samples, tmp_path, capsys, metric):
    plot, report = tmp_path / "o.png", tmp_path / "o.json"
    outputs = ["--plot", str(plot), "--json", str(report)]
    assert main(["advise", str(samples), "--metric", metric, "--dimensions", "1,3,6", *outputs]) == 0
    out = capsys.readouterr().out
    assert "samples.npy: 6 columns, 40 rows to learn from, 40 held out, noisy PCA autoencoder" in out
    assert "Best of all: dimension" in out
    assert "200 bootstrap replicates" in out
    data = json.loads(report.read_text())
    assert (data["kind"], data["metric"]) == ("noisy-autoencoder", metric)
    assert [curve["dimension"] for curve in data["curves"]] == [1, 3, 6]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_any_width(samples, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    assert main(["advise", str(samples), "--metric", "frechet", "--dimensions", "1,6"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= int(width)
    assert out.count("interval") == {"40": 1, "80": 2, "200": 3}[width]


def test_refusals_write_nothing(samples, tmp_path, capsys):
    spectrum, target = tmp_path / "s.csv", tmp_path / "o.json"
    spectrum.write_text("1,0.5\n")
    for file, extra, message in (
        (spectrum, [], "a spectrum has none"),
        (samples, ["--dimensions", "7"], "[1, 6] for this data, got 7"),
        (samples, ["--horizon", "0"], "horizon must lie"),
    ):
        assert main(["advise", str(file), "--metric", "mmd", "--json", str(target), *extra]) == 2
        assert message in capsys.readouterr().err
    assert not target.exists()
