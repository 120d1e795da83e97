"""The `latent-stopping` command.

Exit codes: 0 every claim asked for is decided; 1 engines contradict each other, or something that we assert is
refuted; 2 usage or engine error; 3 something stayed undecided; 130, 143 and 129 stopped by an interrupt, a termination
or the end of its terminal. Heavy imports wait until a command needs them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from proofs_check.cli import (
    advise,
    calibrate,
    demo,
    evaluate,
    figure,
    findings,
    latex,
    listing,
    property,
    report,
    verify,
)
from proofs_check.cli.ending import run_to_end
from proofs_check.cli.streams import prepare_streams

__all__ = ["build_parser", "main"]


def build_parser() -> argparse.ArgumentParser:
    """The command-line parser, all subcommands included."""
    parser = argparse.ArgumentParser(
        prog="latent-stopping",
        description="Verify the theory of optimal stopping in latent diffusion models, and use it.",
        epilog="Exit codes: 0 decided, 1 contradiction, 2 usage or engine error, 3 undecided, 130 interrupted.",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (demo, verify, findings, report, listing, evaluate, latex, advise, figure, property, calibrate):
        module.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; errors in the input become one line on standard error."""
    prepare_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = build_parser()
    for argument in given:
        if "\0" in argument:
            parser.error(f"an argument contains a NUL character: {argument!r}")
        if argument.startswith("--") and argument.endswith("=--"):
            # argparse before Python 3.13 makes an empty list of it
            parser.error(f"{argument.removesuffix('=--')} needs a value, got '--'")
    args = parser.parse_args(given)
    return run_to_end(lambda: int(args.run(args)))
