"""The command-line reference page, generated from the parser: `python -m proofs_check.report.reference FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

__all__ = ["render"]


def _option(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
    name = ", ".join(action.option_strings) + value if action.option_strings else str(action.metavar or action.dest)
    return f"| `{name}` | {action.help or ''} |"


def render(parser: argparse.ArgumentParser) -> str:
    """The page as Markdown."""
    lines = ["# Command line", "", str(parser.description), "", str(parser.epilog), ""]
    lines += ["This page is generated from the parser: `make pages`.", ""]
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help for choice in commands._choices_actions}
    for name, command in commands.choices.items():
        lines += [f"## {name}", "", f"{helps[name]}.", ""]
        if command.description:
            lines += [str(command.description), ""]
        shown = [a for a in command._actions if not isinstance(a, argparse._HelpAction)]
        if shown:
            lines += ["| argument | meaning |", "|---|---|", *map(_option, shown), ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    from proofs_check.cli import build_parser
    from theory.files import write_whole

    page = render(build_parser())
    write_whole(Path(sys.argv[1]), lambda name: Path(name).write_text(page, encoding="utf-8"))
