"""What a reader sees first: the counts, every claim at a glance, what was found, the legend, and how it was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import groupby
from typing import Any

from proofs_check.report.html.card import seconds
from proofs_check.report.html.markup import Html, tag
from proofs_check.report.html.mathml import prose
from proofs_check.report.html.sidebar import section_name
from proofs_check.report.html.signs import OUTCOMES, TWINS, VERDICTS, Sign, outcome_badge, verdict_badge
from proofs_check.report.html.view import ClaimView

__all__ = ["findings", "glance", "legend", "methods", "summary"]


def summary(views: Sequence[ClaimView]) -> Html:
    """One number for each outcome, and the twins."""
    tiles = []
    for outcome, sign in OUTCOMES.items():
        count = sum(v.data["outcome"] == outcome for v in views)
        if count:
            symbol = tag("span", sign.symbol, class_="symbol", aria_hidden="true")
            tiles.append(tag("li", symbol, tag("b", count), tag("span", sign.word), class_=f"o-{outcome}"))
    mutants = [v.data["mutants"] for v in views]
    killed, total = sum(m["killed"] for m in mutants), sum(m["total"] for m in mutants)
    obligations = [o for v in views for o in v.data["obligations"]]
    written = sum(o["role"] == "instance" for o in obligations)
    spent = seconds(sum(v.data["seconds"] for v in views))
    about = f"{len(obligations) - written} obligations decided and {written} statements written out and searched for "
    about += f"counterexamples in {spent} of engine time"
    if total:
        about += f"; {killed} of {total} wrong twins killed"
    return tag(
        "section",
        tag("h2", "Outcomes", class_="sr"),
        tag("ul", *tiles, class_="counts"),
        tag("p", about + ".", class_="muted"),
    )


def _tile(view: ClaimView) -> Html:
    sign = OUTCOMES[view.data["outcome"]]
    return tag(
        "a",
        tag("span", sign.symbol, aria_hidden="true"),
        tag("span", f"{view.id}: {view.data['title']} ({sign.word})", class_="sr"),
        href=f"#claim={view.id}",
        class_=f"tile o-{view.data['outcome']} v-{view.data['closed_verdict'].lower()}",
        title=f"{view.id}: {view.data['title']} ({sign.word})",
        data_tile=view.id,
    )


def glance(views: Sequence[ClaimView]) -> Html:
    """One tile for each claim, a row for each section: entries start a group, their steps follow."""
    rows = []
    for section, own in groupby(views, key=lambda v: str(v.data["section"])):
        groups = []
        for _, family in groupby(own, key=lambda v: v.id if v.id.startswith("import/") else v.id.split("/")[0]):
            groups.append(tag("span", *(_tile(v) for v in family), class_="family"))
        rows.append(tag("div", tag("h3", section_name(section)), tag("div", *groups, class_="tiles"), class_="row"))
    return tag(
        "section",
        tag("h2", "The paper at a glance", id="glance"),
        tag(
            "p",
            "One tile for each claim, in the paper's order; steps stand beside their claim. Border: outcome. "
            "Fill: proof.",
        ),
        *rows,
        aria_labelledby="glance",
        class_="glance",
    )


def _finding(view: ClaimView) -> Html:
    data = view.data
    texts = [("Holds if ", t) for t in data["hypotheses"]]
    if data["repaired"]:
        texts.append(("Repaired: ", data["repaired"]))
    if data["outcome"] == "undetermined":
        texts.append(("Missing: ", data["missing"] or "an engine that decides it"))
    return tag(
        "li",
        tag(
            "p",
            outcome_badge(data["outcome"]),
            " ",
            tag("a", tag("span", view.id, class_="id"), f" {data['title']}", href=f"#claim={view.id}"),
        ),
        *(tag("p", tag("b", label), prose(text)) for label, text in texts),
        data_finding=view.id,
        class_=f"o-{data['outcome']}",
    )


def findings(views: Sequence[ClaimView]) -> Html | None:
    """The claims that do not hold as printed, entries before their steps' details."""
    found = [v for v in views if v.data["outcome"] not in ("holds", "imported")]
    if not found:
        return None
    entries = [v for v in found if "/" not in v.id]
    steps = [v for v in found if "/" in v.id]
    more = tag(
        "details",
        tag("summary", f"{len(steps)} more among proof steps and finer statements"),
        tag("ul", *map(_finding, steps), class_="findings"),
    )
    return tag(
        "section",
        tag("h2", "What does not hold as printed", id="findings"),
        tag("ul", *map(_finding, entries), class_="findings"),
        more if steps else None,
        aria_labelledby="findings",
    )


def legend(views: Sequence[ClaimView]) -> Html:
    """Every sign with its meaning and its count."""

    def table(caption: str, signs: Mapping[str, Sign], shown: Mapping[str, Html], found: Sequence[str]) -> Html:
        head = tag("tr", *(tag("th", name, scope="col") for name in ("sign", "count", "meaning")))
        rows = (
            tag("tr", tag("td", shown[n]), tag("td", found.count(n), class_="number"), tag("td", sign.meaning))
            for n, sign in signs.items()
        )
        return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows))

    outcomes = {n: outcome_badge(n) for n in OUTCOMES}
    verdicts = {n: verdict_badge(n) for n in VERDICTS}
    twins = {n: tag("span", f"{s.symbol} {s.word}", class_="key") for n, s in TWINS.items()}
    decided = [o["verdict"] for v in views for o in v.data["obligations"] if o["role"] != "instance"]
    judged = [t["status"] for v in views for t in v.data["mutants"]["twins"]]
    return tag(
        "section",
        tag("h2", "Legend", id="legend"),
        tag(
            "div",
            table("Outcome of a claim (border)", OUTCOMES, outcomes, [v.data["outcome"] for v in views]),
            table("Verdict of an obligation (fill)", VERDICTS, verdicts, decided),
            table("Wrong twins", TWINS, twins, judged),
            class_="legend",
        ),
        aria_labelledby="legend",
    )


def methods(run: Mapping[str, Any], views: Sequence[ClaimView]) -> Html:
    """The trusted base: rules, cited theorems, versions; the run itself to take away."""
    from proofs_check.rules import RULES

    used = {name for v in views for s in v.statements if s.rule for name in [s.rule.removeprefix("rule ")]}
    rules = []
    for rule in RULES.values():
        if rule.name in used:
            because = tag("span", "Because: ", prose(rule.because), class_="muted")
            said = tag("dd", prose(rule.says), " ", because)
            rules.append(tag("div", tag("dt", rule.name, id=f"rule={rule.name}"), said))
    packages = ("sympy", "mpmath", "numpy", "python-flint", "z3-solver", "cvc5")
    versions = ", ".join(f"{p} {version(p)}" for p in packages)
    made = f"latent-stopping {version('latent-stopping')} with {versions}. Exit code of the run: {run['exit_code']}."
    intro = (
        "The engines, the printers in front of them, the cited theorems, and these rules, which carry statements about "
    )
    return tag(
        "section",
        tag("h2", "What has to be trusted", id="trust"),
        tag("p", intro + "one or two coordinates to any number of them.") if rules else None,
        tag("dl", *rules) if rules else None,
        tag("p", made),
        tag("p", tag("button", "Download this run as JSON", type="button", id="download", class_="script")),
        aria_labelledby="trust",
    )
