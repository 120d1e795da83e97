from __future__ import annotations

import json
import re
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

from proofs_check.claims import load
from proofs_check.cli import main
from proofs_check.report.html import render, write_report
from proofs_check.report.html.chart import ticks
from proofs_check.report.html.citation import bibtex, location
from proofs_check.report.html.figures import distances
from proofs_check.report.html.graph import edges_of
from proofs_check.report.html.layout import acyclic, draw, layers_from_sources, neighbourhood
from proofs_check.report.html.markup import Html, join, tag
from proofs_check.report.html.mathml import math, prose
from proofs_check.report.html.view import views
from proofs_check.report.json_ import run_to_json
from proofs_check.verify import verify

IDS = ["prop-1b", "eq-5", "text-4"]


@pytest.fixture(scope="module")
def registry():
    return load()


@pytest.fixture(scope="module")
def run(registry):
    return run_to_json(verify(IDS, registry))


@pytest.fixture(scope="module")
def page(run, registry):
    return render(run, registry)


# --- markup ---------------------------------------------------------------------------------------------------------


def test_text_is_escaped_and_html_is_not():
    assert tag("p", "<b>", Html("<i>x</i>"), title='"', hidden=True, id=None) == (
        '<p title="&quot;" hidden>&lt;b&gt;<i>x</i></p>'
    )
    assert join(["a", Html("<br/>")], " & ") == "a &amp; <br/>"
    assert tag("rect", class_="box", aria_label="b") == '<rect class="box" aria-label="b"/>'


def test_mathml_keeps_its_latex_and_falls_back_to_it():
    assert 'alttext="\\sigma &lt; 1"' in math(r"\sigma < 1")
    assert "<msqrt>" in math(r"\sqrt{x}")
    assert math(r"\nosuchcommand{x}") == '<code class="tex">\\nosuchcommand{x}</code>'
    long = math(r"\frac{\sigma}{\sqrt{x + (1 - x) \hat\sigma^2}} \le \sigma + 1 = y")
    assert long.count("<math>") == 3
    assert "data-tex=" in long


def test_prose_escapes_words():
    assert "&lt;b&gt;" in prose("if sigma_1 > 0 then <b>") or "&lt;" in prose("<b>")


# --- layout ---------------------------------------------------------------------------------------------------------


def test_layers_rise_along_every_edge_and_boxes_do_not_overlap():
    edges = [("a", "c"), ("b", "c"), ("a", "d"), ("c", "d"), ("b", "e"), ("a", "e")]
    layer = layers_from_sources("abcde", edges)
    assert layer == {"a": 0, "b": 0, "c": 1, "d": 2, "e": 1}
    drawing = draw(layer, edges, dict.fromkeys("abcde", 100.0))
    boxes = list(drawing.boxes.values())
    for i, (x, y, w) in enumerate(boxes):
        assert 0 <= x <= x + w <= drawing.width
        assert 0 <= y <= y + 42 <= drawing.height
        assert all(abs(x - u) >= w or abs(y - v) >= 42 for u, v, _ in boxes[i + 1 :])
    assert set(drawing.edges) == set(edges)
    assert drawing == draw(layer, edges, dict.fromkeys("abcde", 100.0))
    with pytest.raises(ValueError, match="higher layer"):
        draw(layer, [("d", "a")], dict.fromkeys("abcde", 100.0))


def test_crossings_are_removed_where_they_can_be():
    edges = [("a", "y"), ("b", "x")]
    drawing = draw({"a": 0, "b": 0, "x": 1, "y": 1}, edges, dict.fromkeys("abxy", 50.0))
    above = drawing.boxes["a"][1] < drawing.boxes["b"][1]
    assert above == (drawing.boxes["y"][1] < drawing.boxes["x"][1])


def test_circles_are_cut_and_the_neighbourhood_has_a_depth():
    assert acyclic("abc", [("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")]) == [("a", "b"), ("b", "c")]
    chain = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("b", "d")]
    nodes, edges, layer = neighbourhood("c", chain, 1)
    assert layer == {"c": 0, "b": -1, "d": 1}
    # b -> d leads past the focus
    assert edges == [("b", "c"), ("c", "d")]
    assert set(neighbourhood("c", chain, None)[0]) == set("abcde") > set(nodes)


def test_a_step_points_to_its_claim(run, registry):
    shown = views(run, registry)
    assert edges_of(shown) == {("eq-5", "prop-1b"): "uses"}
    family = views(run_to_json(verify(["text-2", "text-2/split"], registry, twins=False)), registry)
    assert edges_of(family)["text-2/split", "text-2"] in ("part", "proof", "uses")


# --- the page -------------------------------------------------------------------------------------------------------


class _Tree(HTMLParser):
    """Collects ids, fragment links and whether every element is closed."""

    VOID = ("meta", "input", "br", "hr", "wbr")

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links = [], [], []

    def handle_starttag(self, name, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if name not in self.VOID:
            self.open.append(name)

    def handle_startendtag(self, name, attributes):
        self.handle_starttag(name, attributes)
        if name not in self.VOID:
            self.open.pop()

    def handle_endtag(self, name):
        assert self.open.pop() == name


def test_the_page_is_well_formed_and_its_links_lead_somewhere(page):
    tree = _Tree()
    tree.feed(page)
    assert tree.open == []
    assert len(tree.ids) == len(set(tree.ids))
    assert {link for link in tree.links if link != "#"} <= {f"#{id}" for id in tree.ids}


def test_the_run_is_embedded_and_nothing_is_loaded(page, run):
    embedded = re.search(r'<script type="application/json" id="run">(.*?)</script>', page, re.DOTALL)[1]
    assert json.loads(embedded) == json.loads(json.dumps(run))
    assert not re.findall(r"<link|@import|\ssrc=|url\((?!#)", page)
    assert "default-src 'none'" in unescape(page)


def test_nothing_in_a_run_can_leave_its_text(run, registry):
    evil = json.loads(json.dumps(run))
    evil["claims"][0]["repaired"] = evil["claims"][0]["title"] = '</script><img src=x onerror="alert(1)">'
    evil["claims"][0]["outcome"] = "fails"
    text = render(evil, registry)
    assert "<img" not in text
    assert text.count("</script>") == 4


def test_outcomes_witnesses_and_twins_are_shown(page, run):
    by_id = {c["id"]: c for c in run["claims"]}
    assert by_id["text-4"]["outcome"] == "holds-if"
    for value in by_id["text-4"]["witness"].values():
        assert f'<span class="exact">{Fraction(value)}</span>' in page
    assert (
        f"{by_id['prop-1b']['mutants']['killed']} of {by_id['prop-1b']['mutants']['total']} wrong twins killed" in page
    )
    assert page.count('class="t-killed"') == sum(c["mutants"]["killed"] for c in run["claims"])
    assert 'class="tex"' not in page


def test_what_cannot_be_shown_is_refused(run, registry):
    with pytest.raises(ValueError, match="at least one claim"):
        render({"schema": 1, "exit_code": 0, "claims": []}, registry)
    strange = {**run["claims"][0], "id": "no-such"}
    with pytest.raises(ValueError, match="no-such"):
        render({"schema": 1, "exit_code": 0, "claims": [strange]}, registry)


def test_location_and_citation(run, registry):
    by_id = {v.id: v for v in views(run, registry)}
    assert location(by_id["prop-1b"]) == "Proposition 1(b)"
    assert location(by_id["eq-5"]) == "equation (5)"
    assert location(by_id["text-4"]) == ""
    assert "2510.08409" in bibtex(by_id["text-4"])
    ours = views(run_to_json(verify(["beyond-1/shrinkage", "prop-9/exact"], registry, twins=False)), registry)
    assert [v.ours for v in ours] == [registry[v.id].ours for v in ours]
    assert "2510.08409" not in bibtex(next(v for v in ours if v.ours))


def test_the_curves_are_those_of_the_definition():
    levels = np.array([0.0, 0.25, 1.0])
    found = distances(np.array([0.5, 0.25]), np.array([0.5, 0.15]), 1, levels)
    expected = (np.sqrt(levels + (1 - levels) * 0.25) - 0.5) ** 2 + 0.0625
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_ticks_are_round_and_inside():
    assert ticks(0, 2) == [0, 0.5, 1, 1.5, 2]
    assert ticks(0.5, 7.5) == [2, 4, 6]
    with pytest.raises(ValueError, match="low must be below high"):
        ticks(1, 1)


# --- colours --------------------------------------------------------------------------------------------------------


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(a, b):
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_ink_can_be_read_on_every_ground_it_stands_on():
    css = files("proofs_check.report.html").joinpath("report.css").read_text()
    palette = {n: c for n, *c in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)}
    tones = ("holds", "holds-if", "fails", "undetermined", "imported")
    assert set(tones) < set(palette)
    for scheme in (0, 1):
        colour = {n: c[scheme] for n, c in palette.items()}
        pairs = [(ink, ground) for ink in ("ink", "muted", "accent", *tones) for ground in ("page", "panel")]
        pairs += [(ink, f"{t}-tint") for t in tones for ink in (t, "ink", "muted")]
        assert [p for p in pairs if _contrast(colour[p[0]], colour[p[1]]) < 4.5] == []


# --- files and the command ------------------------------------------------------------------------------------------


def test_the_file_is_written_whole_into_a_new_folder(run, registry, page, tmp_path):
    target = write_report(run, registry, tmp_path / "new")
    assert target.read_text(encoding="utf-8") == page
    assert list(target.parent.iterdir()) == [target]


def test_the_command_shows_a_kept_run(run, page, tmp_path, capsys):
    kept = tmp_path / "run.json"
    kept.write_text(json.dumps(run))
    assert main(["report", str(tmp_path / "out"), "--run", str(kept)]) == run["exit_code"]
    assert "3 claims" in capsys.readouterr().out
    assert (tmp_path / "out" / "index.html").read_text(encoding="utf-8") == page


def test_verify_and_report_write_the_same_claims(tmp_path, capsys):
    cache = ["--cache", str(tmp_path / "cache"), "--jobs", "1"]
    assert main(["verify", "text-4", "--report", str(tmp_path / "a"), *cache]) == 0
    assert main(["report", str(tmp_path / "b"), "text-4", *cache]) == 0
    assert "text-4" in capsys.readouterr().out
    assert (tmp_path / "a" / "index.html").read_bytes() == (tmp_path / "b" / "index.html").read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("[]", "not a run"),
        ('{"schema": 2, "claims": []}', "not a run"),
        ('{"schema": 1, "claims": [{"id": "prop-1b"}]}', "older version"),
    ],
)
def test_a_file_that_is_no_run_is_refused(content, said, tmp_path, capsys):
    (tmp_path / "run.json").write_text(content)
    assert main(["report", str(tmp_path / "out"), "--run", str(tmp_path / "run.json")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_folders_that_cannot_be_are_refused_before_anything_is_decided(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["report", str(tmp_path / "file")]) == 2
    assert main(["report", str(tmp_path / "no" / "such")]) == 2
    assert "is a file" in (said := capsys.readouterr().err)
    assert "does not exist" in said
