"""`latent-stopping evaluate`: any quantity of the theory at any number of digits, with its enclosure."""

from __future__ import annotations

import argparse
from typing import Any

from proofs_check.cli.outputs import check_output

__all__ = ["add_parser"]


def add_parser(subparsers: Any) -> None:
    """Add `evaluate`."""
    parser = subparsers.add_parser(
        "evaluate", help="a quantity at any number of digits, with a rigorous error bound",
        description="Evaluate QUANTITY at exact arguments (0.25, 1/4 and 1e-10 are read exactly). Without QUANTITY, "
        "list what can be asked for.",
    )  # fmt: skip
    parser.add_argument("quantity", nargs="?", metavar="QUANTITY")
    parser.add_argument("arguments", nargs="*", metavar="NAME=VALUE", help="lists as 1,3/5,9/25")
    parser.add_argument("--digits", type=int, default=50, metavar="N", help="significant digits (default 50)")
    parser.add_argument("--json", metavar="FILE", help="write JSON; - for standard output only")
    parser.set_defaults(run=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    check_output("--json", args.json)
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console
    from theory.quantities import QUANTITIES, enclose_quantity

    out = console()
    if args.quantity is None:
        for name, q in QUANTITIES.items():
            out.print(f"{name}: {q.says} ({q.source})", style="bold")
            for argument, meaning in q.arguments.items():
                out.print(f"    {argument.removesuffix('...')}: {meaning}")
        return 0
    if args.quantity not in QUANTITIES:
        raise ValueError(f"no quantity {args.quantity!r}; there are {', '.join(QUANTITIES)}")
    if not 1 <= args.digits <= 100_000:
        raise ValueError(f"--digits must lie in [1, 100000], got {args.digits}")
    given: dict[str, str] = {}
    for text in args.arguments:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"arguments are NAME=VALUE, got {text!r}")
        if name in given:
            raise ValueError(f"{name} is given twice")
        given[name] = value
    ball = enclose_quantity(QUANTITIES[args.quantity], given, args.digits)
    value, radius = _decimal(ball, args.digits)
    if args.json is not None:
        data = {
            "quantity": args.quantity,
            "arguments": given,
            "digits": args.digits,
            "value": value,
            "radius": radius,
        }
        write_json({"schema": 1, **data}, args.json)
    if args.json != "-":
        out.print(f"{args.quantity}({', '.join(f'{k}={v}' for k, v in given.items())})")
        out.print(f"  = {value}", soft_wrap=True)
        out.print(f"  ± {radius}")
    return 0


def _decimal(ball: Any, digits: int) -> tuple[str, str]:
    """A ball as decimal midpoint and radius; the radius covers the rounding of the midpoint."""
    if ball.is_zero():
        return "0", "0"
    text = ball.str(digits + 3, more=False)
    if text.startswith("["):
        value, _, radius = text.strip("[]").partition(" +/- ")
        return value, radius
    return text, "0"
