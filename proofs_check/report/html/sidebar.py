"""The list of claims in the paper's order, with the filters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from proofs_check.report.html.markup import Html, join, tag
from proofs_check.report.html.signs import OUTCOMES
from proofs_check.report.html.view import ClaimView

__all__ = ["section_name", "sidebar"]


def section_name(section: str) -> str:
    """ "2 · Optimal latent dimension" for "2 Optimal latent dimension"."""
    number, _, name = section.partition(" ")
    return f"{number} · {name}" if number.isdigit() and name else section


def _toggle(outcome: str, count: int) -> Html:
    sign = OUTCOMES[outcome]
    return tag(
        "button",
        tag("span", sign.symbol, aria_hidden="true"),
        f" {sign.word} ",
        tag("span", count, class_="count"),
        type="button",
        class_=f"badge o-{outcome}",
        data_filter=outcome,
        aria_pressed="false",
        title=sign.meaning,
    )


def _select(id: str, label: str, values: Iterable[tuple[str, str]]) -> Html:
    options = [tag("option", "all", value=""), *(tag("option", words, value=value) for value, words in values)]
    return tag("label", tag("span", label), tag("select", *options, id=id))


def _filters(views: Sequence[ClaimView], engines: Sequence[str]) -> Html:
    counts = {o: sum(v.data["outcome"] == o for v in views) for o in OUTCOMES}
    sections = dict.fromkeys(v.data["section"] for v in views)
    used = [e for e in engines if any(e in v.engines for v in views)]
    hint = "id, title, text  ( / )"
    search = tag("input", type="search", id="search", autocomplete="off", placeholder=hint)
    toggles = (_toggle(o, n) for o, n in counts.items() if n)
    by_section = _select("section", "Section", ((s, section_name(s)) for s in sections))
    by_engine = _select("engine", "Engine", ((e, e) for e in used))
    clear = tag("button", "Clear filters", type="button", id="clear", hidden=True)
    return tag(
        "form",
        tag("label", tag("span", "Search"), search),
        tag("div", *toggles, role="group", aria_label="Outcome", class_="toggles"),
        tag("div", by_section, by_engine, class_="pair"),
        tag("p", tag("output", id="shown"), " ", clear),
        class_="filters script",
        role="search",
        aria_label="Filter the claims",
    )


def _entry(view: ClaimView) -> Html:
    sign = OUTCOMES[view.data["outcome"]]
    step = view.id.count("/") if not view.id.startswith("import/") else 0
    return tag(
        "li",
        tag(
            "a",
            tag("span", sign.symbol, class_="symbol", aria_hidden="true"),
            tag("span", tag("span", view.id, class_="id"), tag("span", f" {view.data['title']}", class_="title")),
            tag("span", f" ({sign.word})", class_="sr"),
            href=f"#claim={view.id}",
            class_=f"entry o-{view.data['outcome']}",
        ),
        data_entry=view.id,
        class_=f"step-{min(step, 2)}",
    )


def sidebar(views: Sequence[ClaimView], engines: Sequence[str]) -> Html:
    """Search, filters and the list."""
    groups = []
    for section, own in groupby(views, key=lambda v: str(v.data["section"])):
        groups.append(
            tag(
                "section", tag("p", section_name(section), class_="group"), tag("ul", *(_entry(v) for v in own)),
                data_section=section, aria_label=section,
            )
        )  # fmt: skip
    return tag(
        "nav",
        tag(
            "div",
            tag("a", "latent-stopping", href="#", class_="brand"),
            tag("button", "Theme: auto", type="button", id="theme", class_="script"),
            class_="bar",
        ),
        tag(
            "details",
            tag("summary", f"Claims and filters ({len(views)})"),
            _filters(views, engines),
            tag("div", join(groups), id="list"),
            id="panel",
            open=True,
        ),
        aria_label="Claims",
        class_="sidebar",
    )
