"""`latent-stopping findings`: every printed statement that is not true as printed."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proofs_check.cli.outputs import check_output
from proofs_check.cli.verify import add_run_options, run_data

__all__ = ["add_parser", "to_markdown"]


def add_parser(subparsers: Any) -> None:
    """Add `findings`."""
    parser = subparsers.add_parser(
        "findings", help="what is not true as printed: location, witness, repair, what proves it",
        description="Decide every claim and list those that do not hold as printed. Exit code as for verify.",
    )  # fmt: skip
    parser.add_argument("--markdown", metavar="FILE", help="write the documentation page")
    add_run_options(parser)
    parser.set_defaults(run=_findings)


def _proved_by(claim: Mapping[str, Any]) -> str:
    own = [o for o in claim["obligations"] if o["part"] == "repair" and o["role"] in ("goal", "premise")]
    return ", ".join([*dict.fromkeys(e for o in own for e in o["engines"]), *claim["rules"]])


def _row(claim: Mapping[str, Any]) -> dict[str, Any]:
    same = ("id", "title", "outcome", "printed", "witness", "hypotheses", "repaired", "missing")
    return {
        **{name: claim[name] for name in same},
        "location": f"Section {claim['section']}",
        "proved_by": _proved_by(claim),
    }


def to_markdown(claims: Sequence[Mapping[str, Any]]) -> str:
    """The documentation page of findings."""
    from proofs_check.report.terminal import witness_text

    lines = [
        "# Findings",
        "",
        "Printed statements of the paper that do not hold as printed, as the engines decide them. This page is",
        "generated: `latent-stopping findings --markdown docs/findings.md`. Each witness is an exact point at which",
        "the printed statement fails; each repair is itself verified by the engines named.",
        "",
    ]
    section = ""
    sections = list(dict.fromkeys(c["section"] for c in claims))
    for c in sorted(claims, key=lambda c: sections.index(c["section"])):
        if c["section"] != section:
            section = c["section"]
            lines += [f"## {section}", ""]
        lines += [f"### `{c['id']}` — {c['title']}", "", f"*Outcome:* **{c['outcome']}**", ""]
        lines += [f"*Printed:* {_literal(c['printed'])}", ""]
        if c["witness"] is not None:
            lines += [f"*Witness against it:* `{witness_text(c['witness'])}`", ""]
        for text in c["hypotheses"]:
            lines += [f"*Holds if:* {_literal(text)}", ""]
        if c["repaired"]:
            lines += [f"*Repaired:* {_literal(c['repaired'])}", ""]
        if _proved_by(c):
            lines += [f"*Proved by:* {_proved_by(c)}", ""]
        if c["missing"]:
            lines += [f"*Missing:* {_literal(c['missing'])}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _literal(text: str) -> str:
    """`text` with the characters that Markdown would read as markup made literal."""
    for character in "\\*_[]|":
        text = text.replace(character, f"\\{character}")
    # Markdown knows no escape for these
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _findings(args: argparse.Namespace) -> int:
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console, show_findings
    from theory.files import write_whole

    check_output("--markdown", args.markdown)
    data = run_data(args, [], twins=0)
    found = [c for c in data["claims"] if c["outcome"] not in ("holds", "imported")]
    if args.json != "-":
        show_findings(found, console())
    if args.markdown is not None:
        page = to_markdown(found)
        write_whole(Path(args.markdown), lambda name: Path(name).write_text(page, encoding="utf-8"))
    if args.json is not None:
        write_json({"schema": 1, "findings": [_row(c) for c in found]}, args.json)
    return int(data["exit_code"])
