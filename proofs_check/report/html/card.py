"""One claim on the page: what is printed beside what stands, the evidence, the wrong twins, how to re-run and cite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from proofs_check.report.html.citation import bibtex, location
from proofs_check.report.html.markup import Html, join, tag
from proofs_check.report.html.mathml import math, prose
from proofs_check.report.html.matrix import kill_matrix, twin_counts
from proofs_check.report.html.signs import OUTCOMES, outcome_badge, verdict_badge
from proofs_check.report.html.view import ClaimView, ObligationView, StatementView
from theory.latex import symbol_latex

__all__ = ["card", "seconds", "witness_table"]

_ROLES = {
    "goal": "goal",
    "premise": "premise of the rule",
    "instance": "written out in full",
    "outside": "just outside the hypothesis: must be refuted",
}


def seconds(value: float) -> str:
    """A time for people."""
    return f"{value:.1f} s" if value >= 0.1 else f"{1000 * value:.0f} ms"


def claim_link(id: str) -> Html:
    """A link to another claim of the page."""
    return tag("a", id, href=f"#claim={id}", class_="id")


def witness_table(witness: Mapping[str, str]) -> Html:
    """The exact point, each value as a fraction and, where that helps, as a decimal."""
    if not witness:
        return tag("p", "No variables: it fails as it stands.")
    cells = []
    for name, value in witness.items():
        number = Fraction(value)
        near = f" ≈ {float(number):.6g}" if number.denominator != 1 else ""
        cells.append(
            tag(
                "li",
                math(symbol_latex(name)),
                " = ",
                tag("span", value, class_="exact"),
                tag("span", near, class_="muted"),
            )
        )
    return tag("ul", *cells, class_="witness")


def _evidence(o: Mapping[str, Any]) -> Html:
    said = [
        tag("li", tag("b", e["engine"]), f": {e['verdict'].lower()}", f", {e['detail']}" if e["detail"] else "")
        for e in o["evidence"]
    ]
    return tag("ul", *said, class_="said") if said else Html("")


def _pieces(parts: Sequence[str], between: str) -> Html:
    """Formulas that a line may be broken between."""
    return tag(
        "span", join((tag("span", math(p), b) for p, b in zip(parts, [*[between] * (len(parts) - 1), ""], strict=True)))
    )


def _obligation(view: ObligationView) -> Html:
    o = view.data
    facts = [*o["engines"], *o["marks"], seconds(o["seconds"])]
    lines = []
    if view.goal:
        if view.domain:
            lines.append(tag("div", tag("span", "for", class_="label"), _pieces(view.domain, ", "), class_="formula"))
        lines.append(tag("div", tag("span", "show", class_="label"), _pieces(view.goal, " and "), class_="formula"))
    if o["witness"] is not None:
        lines.append(tag("div", tag("span", "refuted at", class_="label"), witness_table(o["witness"]), class_="at"))
    return tag(
        "li",
        tag(
            "p",
            verdict_badge(o["verdict"]),
            " ",
            tag("span", prose(o["text"]), class_="what"),
            " ",
            tag("span", f"{_ROLES[o['role']]} · {' · '.join(facts)}", class_="muted"),
        ),
        *lines,
        tag("details", tag("summary", "what the engines said"), tag("p", tag("code", o["id"])), _evidence(o)),
        class_="obligation",
    )


def _instances(items: Sequence[ObligationView]) -> Html | None:
    """The statement written out for given numbers of coordinates: one line for all, unless one is refuted."""
    if not items:
        return None
    names = ", ".join(i.data["id"].rpartition("[")[2].rstrip("]") for i in items)
    refuted = [i for i in items if i.data["witness"] is not None]
    if refuted:
        return join(_obligation(i) for i in refuted)
    return tag("li", f"Written out for {names} and searched for counterexamples: none.", class_="obligation muted")


def _statement(s: StatementView) -> Html:
    parts = [o for o in s.obligations if o.data["role"] != "instance"]
    instances = [o for o in s.obligations if o.data["role"] == "instance"]
    rule = None
    if s.rule:
        name = s.rule.removeprefix("rule ")
        rule = tag(
            "p",
            "Lifted to any number of coordinates by the rule ",
            tag("a", name, href=f"#rule={name}"),
            ".",
            class_="rule",
        )
    return tag(
        "section",
        tag("h5", verdict_badge(s.verdict), " ", prose(s.text)),
        rule,
        tag("ul", *(_obligation(o) for o in parts), _instances(instances), class_="obligations"),
    )


def _evidence_section(view: ClaimView) -> Html | None:
    groups = []
    for part, heading in (("printed", "As printed"), ("repair", "Established in its place")):
        own = [s for s in view.statements if s.part == part]
        if own:
            groups.append(join([tag("h4", heading), *(_statement(s) for s in own)]))
    if view.outside:
        shown = tag("ul", *(_obligation(o) for o in view.outside), class_="obligations")
        groups.append(join([tag("h4", "The hypothesis is needed"), shown]))
    if not groups:
        return None
    count = sum(o["role"] != "instance" for o in view.data["obligations"])
    about = f"{count} obligation{'s' * (count != 1)}, {', '.join(view.engines) or 'no engine'}"
    about += f", {seconds(view.data['seconds'])}"
    return tag("details", tag("summary", "Evidence ", tag("span", about, class_="muted")), *groups, class_="evidence")


def _twins_section(view: ClaimView) -> Html | None:
    mutants = view.data["mutants"]
    if not mutants["twins"]:
        return None
    return tag(
        "details",
        tag("summary", "Wrong twins ", tag("span", twin_counts(mutants), class_="muted")),
        kill_matrix(mutants),
        class_="twins",
    )


def _stands(view: ClaimView) -> Html:
    """What the verifier puts beside the printed statement."""
    data = view.data
    lines: list[Html] = []
    if data["outcome"] == "holds":
        lines.append(tag("p", "It holds as printed. What was decided:"))
        lines.append(tag("ul", *(tag("li", prose(s.text)) for s in view.statements if s.part == "printed")))
    if data["outcome"] == "imported":
        lines.append(tag("p", f"Cited, not decided here: {view.citation}"))
    for text in data["hypotheses"]:
        lines.append(tag("p", tag("b", "Holds if "), prose(text), class_="finding"))
    if data["repaired"]:
        lines.append(tag("p", tag("b", "Repaired and verified: "), prose(data["repaired"]), class_="finding"))
    if data["outcome"] == "fails" and not data["repaired"]:
        lines.append(tag("p", "It is false as it stands; nothing is put in its place.", class_="finding"))
    if data["outcome"] == "undetermined":
        missing = data["missing"] or "an engine that decides it"
        lines.append(tag("p", tag("b", "Missing: "), prose(missing), class_="finding"))
    lines += [tag("p", tag("b", "How sharp: "), prose(text)) for text in view.sharpness]
    for words, shown, is_latex in view.derivation:
        lines.append(
            tag(
                "div",
                tag("span", prose(words), class_="label"),
                math(shown, display=True) if is_latex else tag("p", prose(shown)),
                class_="formula step",
            )
        )
    return join(lines)


def _relations(view: ClaimView) -> Html | None:
    groups = (
        ("Its statement uses", view.uses),
        ("Its proof uses", view.proof_uses),
        ("Steps", view.parts),
        ("Used by", view.used_by),
        ("Theorems imported on the way", tuple(view.data["imports"])),
    )
    lines = [tag("p", tag("b", f"{name}: "), join(map(claim_link, ids), ", ")) for name, ids in groups if ids]
    return tag("div", *lines, class_="relations") if lines else None


def _copy(label: str, text: str) -> Html:
    """A block to copy, with a button that needs the script."""
    return tag(
        "div",
        tag("pre", tag("code", text)),
        tag("button", "Copy", type="button", class_="copy script", aria_label=f"Copy {label}"),
        class_="copyable",
    )


def card(view: ClaimView, figures: Sequence[Html] = ()) -> Html:
    """The card of one claim; `figures` are drawn below the statements."""
    data = view.data
    sign = OUTCOMES[data["outcome"]]
    parent = view.id.rpartition("/")[0]
    where = [tag("span", words) for words in (data["section"], location(view)) if words]
    if parent:
        where.append(tag("span", "step of ", claim_link(parent)))
    verdicts: Html | None = None
    if data["outcome"] != "imported":
        closed = data["closed_verdict"]
        verdicts = tag(
            "p",
            outcome_badge(data["outcome"]),
            " ",
            verdict_badge(data["verdict"]),
            tag("span", " with all it rests on: ", class_="muted"),
            verdict_badge(closed),
            class_="verdicts",
        )
    else:
        verdicts = tag("p", outcome_badge("imported"), class_="verdicts")
    witness: Html | None = None
    if data["witness"] is not None:
        witness = tag(
            "section",
            tag("h4", "Witness against the printed statement"),
            witness_table(data["witness"]),
            class_="against",
        )
    conventions = None
    if view.conventions:
        items = (tag("li", prose(c)) for c in view.conventions)
        conventions = tag("section", tag("h4", "Read as"), tag("ul", *items), class_="conventions")
    command = f"latent-stopping verify {view.id} --no-cache\nlatent-stopping why {view.id}"
    rerun = None if data["outcome"] == "imported" else join([tag("h4", "Run it again"), _copy("the command", command)])
    cite = join([tag("h4", "Cite"), _copy("the citation", view.citation or bibtex(view))])
    return tag(
        "article",
        tag(
            "header",
            tag("p", join(where, Html(' <span aria-hidden="true">·</span> ')), class_="where"),
            tag("h3", tag("span", view.id, class_="id"), " ", data["title"], id=f"title={view.id}", tabindex=-1),
            verdicts,
        ),
        tag(
            "div",
            tag(
                "section",
                tag("h4", "Stated by latent-stopping" if view.ours else "Printed"),
                tag("p", prose(data["printed"]), class_="statement"),
                witness,
                conventions,
                class_="printed",
            ),
            tag("section", tag("h4", "What stands"), _stands(view), class_="stands"),
            class_="compare",
        ),
        tag("div", *figures, class_="figures") if figures else None,
        tag("div", class_="graph-slot"),
        _relations(view),
        _evidence_section(view),
        _twins_section(view),
        tag("details", tag("summary", "Run it again, cite it"), rerun, cite),
        class_=f"card o-{data['outcome']}",
        id=f"claim={view.id}",
        aria_labelledby=f"title={view.id}",
        data_claim=view.id,
        data_word=sign.word,
    )  # fmt: skip
