"""`latent-stopping report`: a run as one HTML file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.outputs import check_output
from proofs_check.cli.verify import add_run_options, cache_folder, run_data

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

    if not directory:
        raise ValueError("a report needs a folder, got an empty name")
    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(f"{directory} is a file; a report needs a folder")
    if not target.absolute().parent.is_dir():
        raise FileNotFoundError(f"{directory}: the folder {target.absolute().parent} does not exist")
    require_converter()
    return target


def _registry(data: Mapping[str, Any], patterns: list[str]) -> Mapping[str, Claim]:
    """The claims that a run of `patterns` decided, and what they rest on."""
    from proofs_check.contents import contents, load_for
    from proofs_check.userclaims import load_claims, split_file, with_registry

    file, _ = split_file(patterns)
    if file is not None:
        return with_registry(load_claims(file), cache_folder())
    known = contents(cache_folder())
    return load_for([c["id"] for c in data["claims"] if c["id"] in known.claims], known)


def write(data: Mapping[str, Any], patterns: list[str], directory: Path) -> Path:
    """Write the report of a run that `patterns` asked for, and return its file.

    Raises:
        ValueError, OSError: as `write_report`.
    """
    from proofs_check.report.html import write_report

    return write_report(data, _registry(data, patterns), directory)


def _report(args: argparse.Namespace) -> int:
    from proofs_check.report.json_ import write_json
    from proofs_check.report.read_run import read_run

    directory = check_directory(args.directory)
    check_output("--json", args.json)
    if args.kept is not None and args.ids:
        raise ValueError("--run shows the whole of a kept run; leave out the ids")
    data = read_run(args.kept) if args.kept is not None else run_data(args, args.ids, twins=1)
    written = write(data, args.ids, directory)
    if args.json is not None:
        write_json(data, args.json)
    if args.json != "-":
        count = len(data["claims"])
        print(f"{written}: {count} claim{'s' * (count != 1)}")
    return int(data["exit_code"])
