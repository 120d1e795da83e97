"""The whole page: one HTML file with everything in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from proofs_check.report.html.card import card
from proofs_check.report.html.citation import PAPER
from proofs_check.report.html.figures import FIGURES, figure
from proofs_check.report.html.graph import edges_of, focus_drawings, folded, patterns, svg, whole
from proofs_check.report.html.markup import Html, join, tag
from proofs_check.report.html.overview import findings, glance, legend, methods, summary
from proofs_check.report.html.sidebar import sidebar
from proofs_check.report.html.view import ClaimView

__all__ = ["page"]

_ENGINES = ("exact", "smt", "ball", "search")


def _asset(name: str) -> str:
    return files("proofs_check.report.html").joinpath(name).read_text(encoding="utf-8")


def _embedded(id: str, data: Any) -> Html:
    """Data inside the page; `<` never appears in it, so that nothing can end the element early."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return tag("script", Html(text), type="application/json", id=id)


def _policy(script: str) -> str:
    """A content policy that lets the page load nothing at all and run nothing but its own script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'; base-uri 'none'"
    )


def _index(views: Sequence[ClaimView]) -> list[dict[str, Any]]:
    """What the script filters by."""
    return [
        {
            "id": v.id,
            "outcome": v.data["outcome"],
            "section": v.data["section"],
            "engines": list(v.engines),
            "text": f"{v.id} {v.data['title']} {v.data['printed']}".lower(),
        }
        for v in views
    ]


def _frame(drawing: Html, label: str, id: str | None = None) -> Html:
    """A drawing that scrolls inside its frame."""
    return tag("div", drawing, class_="scroll graph-box", id=id, tabindex=0, role="region", aria_label=label)


def _graphs(views: Sequence[ClaimView]) -> tuple[Html, dict[str, list[object]]]:
    """The section of drawn graphs, and the drawings for every focus."""
    kinds = edges_of(views)
    by_id = {v.id: v for v in views}
    drawn: list[Html] = []
    small, joined = folded(views, kinds)
    if small.boxes:
        says = f"{len(small.boxes)} entries and {len(joined)} dependencies; what an entry rests on stands to its left."
        shape = svg(small, joined, by_id, "Graph of the entries", says)
        drawn.append(_frame(shape, "Graph of the entries"))
    everything = whole(views, kinds)
    says = f"{len(views)} claims and {len(kinds)} dependencies, steps included."
    full = svg(everything, kinds, by_id, "Graph of all claims", says)
    drawn.append(
        tag(
            "details",
            tag("summary", f"All {len(views)} claims with their steps"),
            _frame(full, "Graph of all claims"),
            id="all-claims",
        )
    )
    about = tag(
        "p",
        "Arrows lead from what is rested on to what rests on it: ",
        tag("span", "used by the statement", class_="key line uses"),
        " ",
        tag("span", "used by the proof", class_="key line proof"),
        " ",
        tag("span", "step of", class_="key line part"),
        ". Choose a claim to see only what it rests on and what rests on it.",
    )
    section = tag(
        "section", tag("h2", "What rests on what", id="graph"), about, *drawn, class_="graphs", aria_labelledby="graph"
    )
    return section, focus_drawings(views, kinds)


def _focus_bar() -> Html:
    """The controls above a chosen claim; they need the script."""
    depths = (("1", "1 step"), ("2", "2 steps"), ("3", "3 steps"), ("all", "all the way"))
    options = (tag("option", words, value=value, selected=value == "1") for value, words in depths)
    bar = tag(
        "div",
        tag("a", "← Overview", href="#", class_="back", id="back"),
        tag(
            "span",
            tag("a", "Previous", href="#", id="previous"),
            " ",
            tag("a", "Next", href="#", id="next"),
            class_="steps",
        ),
        class_="focus-bar script",
        id="focus-bar",
        hidden=True,
    )
    panel = tag(
        "section",
        tag("h4", "What it rests on, what rests on it"),
        tag("label", "Depth ", tag("select", *options, id="depth")),
        _frame(Html(""), "Neighbourhood of the claim", "focus-graph"),
        id="focus-panel",
        hidden=True,
    )  # fmt: skip
    return join([bar, panel])


def _header(views: Sequence[ClaimView]) -> Html:
    ours = sum(v.ours for v in views)
    return tag(
        "header",
        tag("h1", "Optimal Stopping in Latent Diffusion Models, checked"),
        tag(
            "p",
            f"Every claim of the paper, held as data and decided by independent engines: {len(views)} claims, "
            f"{ours} of them additions of the verifier.",
            class_="lead",
        ),
        tag("p", PAPER, class_="muted"),
        class_="top",
    )


def page(run: Mapping[str, Any], views: Sequence[ClaimView]) -> str:
    """The report as one HTML document that loads nothing.

    Raises:
        ValueError: there is no claim to show.
    """
    if not views:
        raise ValueError("a report needs at least one claim, got none")
    script = _asset("report.js")
    graphs, drawings = _graphs(views)
    shown = {v.id for v in views}
    pictures = tag(
        "section",
        tag("h2", "The headline in pictures", id="headline-figures"),
        tag("p", "“Lower latent dimension, earlier stop” has two readings, and they are not the same statement."),
        tag("div", *(figure(name) for name in FIGURES), class_="figures"),
        aria_labelledby="headline-figures",
    ) if any(id in shown for _, ids in FIGURES.values() for id in ids) else None  # fmt: skip
    cards = join(card(v, [figure(name) for name, (_, ids) in FIGURES.items() if v.id in ids]) for v in views)
    body = tag(
        "body",
        tag("a", "Skip to the content", href="#main", class_="skip"),
        patterns(),
        tag(
            "div",
            sidebar(views, _ENGINES),
            tag(
                "main",
                _header(views),
                tag(
                    "div",
                    summary(views),
                    glance(views),
                    findings(views),
                    pictures,
                    graphs,
                    legend(views),
                    methods(run, views),
                    id="overview",
                ),
                _focus_bar(),
                tag(
                    "section",
                    tag("h2", "Claims", id="claims-heading"),
                    cards,
                    id="claims",
                    aria_labelledby="claims-heading",
                ),
                id="main",
                tabindex=-1,
            ),
            class_="layout",
        ),
        tag("p", role="status", aria_live="polite", class_="sr", id="status"),
        _embedded("run", run),
        _embedded("index", _index(views)),
        _embedded("drawings", drawings),
        tag("script", Html(script)),
        class_="no-script",
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"latent-stopping {version('latent-stopping')}"),
        tag("title", "Optimal Stopping in Latent Diffusion Models, checked"),
        tag("style", Html(_asset("report.css"))),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"
