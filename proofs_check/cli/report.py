"""`latent-stopping report`: a run as one HTML file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.verify import add_run_options, run_data

if TYPE_CHECKING:
    from proofs_check.claim import Claim

__all__ = ["add_parser", "check_directory", "write"]


def add_parser(subparsers: Any) -> None:
    """Add `report`."""
    parser = subparsers.add_parser(
        "report", help="the graph of claims, statements, evidence and witnesses as one HTML file",
        description="Decide the claims IDS (all by default) and write DIR/index.html: one file that needs no network. "
        "Exit code as for verify.",
    )  # fmt: skip
    parser.add_argument("directory", metavar="DIR", help="folder of the report; made if it does not exist")
    parser.add_argument("ids", nargs="*", metavar="[FILE.py] IDS", help="as for verify")
    parser.add_argument(
        "--run", dest="kept", metavar="FILE", help="show a run that verify --json wrote; decide nothing"
    )
    add_run_options(parser)
    parser.set_defaults(run=_report)


def check_directory(directory: str) -> Path:
    """The folder of a report, before anything is decided for it.

    Raises:
        ValueError: latex2mathml is not installed.
        OSError: a file stands in its place, or the folder it would be made in does not exist.
    """
    from proofs_check.report.html.mathml import require_converter

    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(f"{directory} is a file; a report needs a folder")
    if not target.absolute().parent.is_dir():
        raise FileNotFoundError(f"{directory}: the folder {target.absolute().parent} does not exist")
    require_converter()
    return target


def _registry(patterns: list[str]) -> Mapping[str, Claim]:
    """The claims that a run of `patterns` is about."""
    from proofs_check.claims import load
    from proofs_check.userclaims import load_claims, split_file, with_registry

    file, _ = split_file(patterns)
    return load() if file is None else with_registry(load_claims(file))


def _read(file: str) -> dict[str, Any]:
    """A run that `verify --json` wrote.

    Raises:
        ValueError: the file holds something else, or a run without statements and twins (of an older version).
        OSError: it cannot be read.
    """
    import json

    data: dict[str, Any]
    try:
        data = json.loads(Path(file).read_text(encoding="utf-8"))
    except ValueError as problem:
        raise ValueError(f"--run {file}: no JSON: {problem}") from None
    claims = data.get("claims") if isinstance(data, dict) else None
    if not isinstance(claims, list) or data.get("schema") != 1 or not all(isinstance(c, dict) for c in claims):
        raise ValueError(f"--run {file}: not a run as `verify --json` writes it (schema 1)")
    if not all("statements" in c and "twins" in c.get("mutants", {}) for c in claims):
        raise ValueError(f"--run {file}: written by an older version; run `verify --json` again")
    return data


def write(data: Mapping[str, Any], patterns: list[str], directory: Path) -> Path:
    """Write the report of a run that `patterns` asked for, and return its file.

    Raises:
        ValueError, OSError: as `write_report`.
    """
    from proofs_check.report.html import write_report

    return write_report(data, _registry(patterns), directory)


def _report(args: argparse.Namespace) -> int:
    from proofs_check.report.json_ import write_json

    directory = check_directory(args.directory)
    if args.kept is not None and args.ids:
        raise ValueError("--run shows the whole of a kept run; leave out the ids")
    data = _read(args.kept) if args.kept is not None else run_data(args, args.ids, twins=1)
    written = write(data, args.ids, directory)
    if args.json is not None:
        write_json(data, args.json)
    if args.json != "-":
        count = len(data["claims"])
        print(f"{written}: {count} claim{'s' * (count != 1)}")
    return int(data["exit_code"])
