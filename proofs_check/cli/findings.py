"""`latent-stopping findings`: every printed statement that is not true as printed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.verify import add_run_options, decide, select

if TYPE_CHECKING:
    from proofs_check.verify import ClaimResult

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


def _proved_by(result: ClaimResult) -> str:
    parts = [i for r in result.standing for s in r.statements for i in s.items if i.role in ("goal", "premise")]
    engines = dict.fromkeys(e for i in parts for e in i.decision.engines)
    rules = dict.fromkeys(s.rule.engine for r in result.standing for s in r.statements if s.rule is not None)
    return ", ".join([*engines, *rules])


def _row(result: ClaimResult) -> dict[str, Any]:
    return {
        "id": result.claim.id,
        "title": result.claim.title,
        "location": f"Section {result.claim.section}",
        "outcome": result.outcome,
        "printed": result.claim.printed,
        "witness": None if result.witness is None else dict(result.witness),
        "hypotheses": list(result.hypotheses),
        "repaired": result.repaired or None,
        "proved_by": _proved_by(result),
    }


def to_markdown(results: list[ClaimResult]) -> str:
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
    for r in results:
        row = _row(r)
        if r.claim.section != section:
            section = r.claim.section
            lines += [f"## {section}", ""]
        lines += [f"### `{r.claim.id}` — {r.claim.title}", "", f"*Outcome:* **{r.outcome}**", ""]
        lines += [f"*Printed:* {_literal(r.claim.printed)}", ""]
        if r.witness is not None:
            lines += [f"*Witness against it:* `{witness_text(r.witness)}`", ""]
        for text in row["hypotheses"]:
            lines += [f"*Holds if:* {_literal(text)}", ""]
        if row["repaired"]:
            lines += [f"*Repaired:* {_literal(row['repaired'])}", ""]
        if row["proved_by"]:
            lines += [f"*Proved by:* {row['proved_by']}", ""]
        if r.claim.missing:
            lines += [f"*Missing:* {_literal(r.claim.missing)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _literal(text: str) -> str:
    """`text` with the characters that Markdown would read as markup made literal."""
    for character in "\\*_[]<>|":
        text = text.replace(character, f"\\{character}")
    return text


def _findings(args: argparse.Namespace) -> int:
    from proofs_check.claims import load
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console, show_findings
    from theory.files import write_whole

    if args.markdown is not None and not Path(args.markdown).absolute().parent.is_dir():
        raise FileNotFoundError(f"--markdown {args.markdown}: the folder does not exist")
    registry = load()
    run = decide(args, select([], registry), registry, twins=0)
    found = [r for r in run.results if r.outcome not in ("holds", "imported")]
    if args.markdown is not None:
        page = to_markdown(found)
        write_whole(Path(args.markdown), lambda name: Path(name).write_text(page, encoding="utf-8"))
    if args.json is not None:
        write_json({"schema": 1, "findings": [_row(r) for r in found]}, args.json)
    if args.json != "-":
        show_findings(found, console())
    return run.exit_code
