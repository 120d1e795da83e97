"""The kill matrix: one row for each obligation, one column for each way of changing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofs_check.report.html.markup import Html, join, tag
from proofs_check.report.html.signs import TWINS

__all__ = ["kill_matrix", "twin_counts"]


def twin_counts(mutants: Mapping[str, Any]) -> str:
    """In words: how many wrong twins were killed, and what became of the rest."""
    text = f"{mutants['killed']} of {mutants['total']} wrong twins killed"
    rest = [
        f"{mutants[name]} {words}"
        for name, words in (("true", "still true"), ("undecided", "undecided"))
        if mutants[name]
    ]
    return "; ".join([text, *rest])


def _cell(twins: Sequence[Mapping[str, Any]]) -> Html:
    if not twins:
        return tag("td", "·")
    marks = []
    for t in twins:
        sign = TWINS[t["status"]]
        witness = ", ".join(f"{k} = {v}" for k, v in t["witness"].items()) if t["witness"] else ""
        about = f"{sign.word}" + (f" by {', '.join(t['engines'])}" if t["engines"] and t["status"] == "killed" else "")
        about += f"; witness {witness}" if witness else ""
        name = t["status"].replace(" ", "-")
        marks.append(tag("span", sign.symbol, tag("i", f" {sign.word}"), class_=f"t-{name}", title=about))
    return tag("td", join(marks, " "))


def kill_matrix(mutants: Mapping[str, Any]) -> Html:
    """The matrix as a table; every cell has its symbol, its word for those who hear the page, and its witness."""
    twins = mutants["twins"]
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for t in twins:
        rows.setdefault(t["id"].partition("~")[0], []).append(t)
    operators = list(dict.fromkeys(t["operator"] for t in twins))
    present = [name for name in TWINS if any(t["status"] == name for t in twins)]
    head = tag("tr", tag("th", "obligation", scope="col"), *(tag("th", tag("span", o), scope="col") for o in operators))
    body = join(
        tag(
            "tr",
            tag("th", row, scope="row"),
            join(_cell([t for t in own if t["operator"] == o]) for o in operators),
        )
        for row, own in rows.items()
    )
    key = join(
        (tag("span", f"{TWINS[n].symbol} {TWINS[n].word}", class_="key", title=TWINS[n].meaning) for n in present), " "
    )
    table = tag(
        "table",
        tag("caption", "Wrong twins by obligation and by the change made"),
        tag("thead", head),
        tag("tbody", body),
        class_="matrix",
    )
    return join(
        [
            tag("p", key, class_="keys"),
            tag("div", table, class_="scroll", tabindex=0, role="region", aria_label="Kill matrix"),
        ]
    )
