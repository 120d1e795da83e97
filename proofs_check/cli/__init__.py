"""The `latent-stopping` command.

Exit codes: 0 every claim asked for is decided; 1 engines contradict each other, or something that we assert is
refuted; 2 usage or engine error; 3 something stayed undecided. Heavy imports wait until a command needs them.
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

__all__ = ["build_parser", "main"]


def build_parser() -> argparse.ArgumentParser:
    """The command-line parser, all subcommands included."""
    parser = argparse.ArgumentParser(
        prog="latent-stopping",
        description="Verify the theory of optimal stopping in latent diffusion models, and use it.",
        epilog="Exit codes: 0 decided, 1 contradiction, 2 usage or engine error, 3 undecided.",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (demo, verify, findings, report, listing, evaluate, latex, advise, figure, property, calibrate):
        module.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; errors in the input become one line on standard error."""
    args = build_parser().parse_args(arguments)
    try:
        code: int = args.run(args)
    except (ValueError, OSError) as problem:
        print(f"latent-stopping: error: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("latent-stopping: interrupted", file=sys.stderr)
        return 130
    return code
