"""`latent-stopping advise`: when to stop, and at which latent dimension, for the user's own data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.advise_metric import METRIC_NAMES, choose, print_selection
from proofs_check.cli.outputs import check_output
from proofs_check.report.terminal import progress_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from theory.advice_data import Advice, DimensionAdvice

__all__ = ["add_parser", "parse_dimensions", "run"]

#: the default table shows at most about this many dimensions and stops
_ROWS, _STEPS = 32, 12


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `advise` command to the subparsers of `latent-stopping` and return its parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "advise",
        help="best stop for each latent dimension of your data, and best dimension for each stop",
        description="Estimate the PCA spectrum on one part of the data, measure the squared Frechet distance "
        "to the rest, and report the best stop for each dimension and the best dimension for each stop.",
    )
    parser.add_argument(
        "file", nargs="?", metavar="FILE",
        help="samples (n rows, D columns) or a spectrum (one row of variances): .npy, .npz, .csv or .txt",
    )  # fmt: skip
    parser.add_argument("--data", choices=["digits"], help="bundled real data instead of FILE")
    parser.add_argument("--key", metavar="NAME", help="array to read from an .npz file with several")
    parser.add_argument("--horizon", type=float, default=4.0, metavar="T", help="diffusion horizon (default 4)")
    parser.add_argument("--dimensions", metavar="LIST", help="latent dimensions, such as 1,2,4-8 (default all)")
    parser.add_argument(
        "--held-out", type=float, default=0.5, metavar="F", help="fraction of rows measured on (default 0.5)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the split (default 0)")
    parser.add_argument(
        "--metric", choices=METRIC_NAMES,
        help="measure the noisy autoencoder with this distance and bootstrap it, in place of the Gaussian route",
    )  # fmt: skip
    parser.add_argument("--plot", metavar="FILE", help="draw both readings of the headline (.png, .pdf, .svg)")
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON; - for standard output only")
    parser.set_defaults(run=run)
    return parser


def parse_dimensions(text: str) -> list[int]:
    """Return the dimensions in a list such as `1,2,4-8`. Raises ValueError for anything else."""
    chosen: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isascii() and first.isdigit()) or (dash and not (last.isascii() and last.isdigit())):
            raise ValueError(f"--dimensions takes numbers and ranges such as 1,2,4-8, got {part.strip()!r}")
        low, high = int(first), int(last if dash else first)
        if not 1 <= low <= high <= 10**6:
            raise ValueError(f"--dimensions: a range must rise within 1-1000000, got {part.strip()!r}")
        chosen.extend(range(low, high + 1))
    return chosen


def run(args: argparse.Namespace) -> int:
    """Run the command and return its exit code, 0.

    Raises:
        ValueError, OSError: bad usage or input; nothing has been written then.
    """
    from proofs_check.report.json_ import write_json
    from theory.spectra import bundled, read

    if (args.file is None) == (args.data is None):
        raise ValueError("advise takes either a FILE or --data digits")
    dimensions = None if args.dimensions is None else parse_dimensions(args.dimensions)
    check_output("--plot", args.plot)
    check_output("--json", args.json)
    if args.plot is not None:
        from theory.plots import check_target

        check_target(args.plot)
    if args.data is not None and args.key is not None:
        raise ValueError("--key applies to a FILE only")
    values = bundled(args.data) if args.data else read(args.file, args.key)
    name = args.data or Path(args.file).name
    if args.metric is not None:
        return _run_metric(args, values, dimensions, name)
    from theory.advice import advise

    with progress_lines() as report:
        advice = advise(
            values,
            horizon=args.horizon,
            dimensions=dimensions,
            held_out=args.held_out,
            seed=args.seed,
            progress=report,
        )
    if args.json != "-":
        _print(advice, name, every=dimensions is not None)
    if args.plot is not None:
        from theory.plots import draw_advice

        draw_advice(advice, args.plot, f"{name}: {_subject(advice)}")
    if args.json is not None:
        write_json({"schema": 1, "data": name, **advice.to_json()}, args.json)
        if args.json == "-":
            return 0
    for written in (args.plot, args.json):
        if written is not None:
            print(f"wrote {written}")
    return 0


def _run_metric(args: argparse.Namespace, values: Any, dimensions: list[int] | None, name: str) -> int:
    """The route of `--metric`."""
    from proofs_check.report.json_ import write_json

    with progress_lines() as report:
        selection = choose(values, args, dimensions, report)
    if args.json != "-":
        print_selection(selection, name, values.shape[1])
    if args.plot is not None:
        rows = f"{selection.training_rows} rows encoded, {selection.held_out_rows} held out"
        selection.plot(args.plot, f"{name}: {values.shape[1]} columns, {rows}, PCA")
    if args.json is not None:
        write_json({"data": name, **selection.to_json()}, args.json)
        if args.json == "-":
            return 0
    for written in (args.plot, args.json):
        if written is not None:
            print(f"wrote {written}")
    return 0


def _subject(advice: Advice) -> str:
    if advice.kind == "spectrum":
        return f"a spectrum of {advice.ambient} variances, exact score"
    return (
        f"{advice.ambient} columns, {advice.training_rows} rows to learn from, "
        f"{advice.held_out_rows} held out, plug-in score"
    )


def _selection(advice: Advice) -> list[DimensionAdvice]:
    """All rows if they are few, else an even spread with both ends, the best row and that of most gain."""
    rows = advice.rows
    if len(rows) <= _ROWS:
        return list(rows)
    import numpy as np

    wanted = {rows[round(float(i)) - 1].dimension for i in np.geomspace(1, len(rows), 24)}
    wanted |= {advice.best.dimension, max(rows, key=lambda row: row.gain).dimension}
    return [row for row in rows if row.dimension in wanted]


def _stops(advice: Advice) -> list[tuple[str, int]]:
    """Best dimension over every range of stops if they are few, else at round stop times."""
    steps = advice.best_dimensions
    if len(steps) <= _STEPS:
        return [(f"{step.tau_from:.4g} to {step.tau_to:.4g}", step.dimension) for step in steps]
    marks = [0.0, *(m * 10.0**k for k in range(-12, 3) for m in (1, 3)), advice.horizon]
    marks = [tau for tau in marks if tau == 0 or steps[0].tau_to <= tau <= advice.horizon]
    return [(f"{tau:.4g}", next(s.dimension for s in steps if tau <= s.tau_to)) for tau in marks]


def _print(advice: Advice, name: str, every: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=False)
    console.print(f"{name}: {_subject(advice)}", markup=False)
    console.print(f"Horizon T = {advice.horizon:g}; distances are squared Frechet distances.", markup=False)
    narrow = console.width < 76
    table = Table(box=None, pad_edge=False, padding=(0, 2 if not narrow else 1, 0, 0), header_style="bold")
    columns = [
        "dim", "variance kept", "best stop tau", *([] if narrow else ["noise a^2", "log-SNR"]),
        "at last step", "at best stop", "gain",
    ]  # fmt: skip
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    rows = list(advice.rows) if every else _selection(advice)
    for row in rows:
        extra = [] if narrow else [f"{row.noise_level:.3g}", f"{row.log_snr:.2f}"]
        table.add_row(
            str(row.dimension), f"{row.variance_kept:.2%}", f"{row.tau:.4g}", *extra,
            f"{row.distance_last_step:.5g}", f"{row.distance_best_stop:.5g}", f"{row.gain:.3%}",
            style="bold" if row == advice.best else None,
        )  # fmt: skip
    console.print(table)
    if len(rows) < len(advice.rows):
        console.print(f"({len(rows)} of {len(advice.rows)} dimensions; --json or --dimensions shows all)")
    console.print()
    stops = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    stops.add_column("stop tau", justify="right")
    stops.add_column("best dim", justify="right")
    for stop, dimension in _stops(advice):
        stops.add_row(stop, str(dimension))
    console.print(stops)
    if len(advice.best_dimensions) > _STEPS:
        console.print(f"(at round stop times; --json shows all {len(advice.best_dimensions)} ranges)")
    console.print()
    for line in _conclusion(advice):
        console.print(line, markup=False)


def _conclusion(advice: Advice) -> Iterator[str]:
    best = advice.best
    stop = "running to the last step" if best.tau == 0 else f"stopping at tau = {best.tau:.4g} before the end"
    yield (
        f"Best of all: dimension {best.dimension}, {stop}; squared distance {best.distance_best_stop:.5g} "
        f"(last step {best.distance_last_step:.5g})."
    )
    if advice.kind == "spectrum":
        yield (
            "A spectrum alone knows no training error: with the exact score no early stop gains. "
            "Pass samples to see what the estimated score gains."
        )
    else:
        most = max(advice.rows, key=lambda row: row.gain)
        yield (
            f"An early stop gains most at dimension {most.dimension}: {most.gain:.3%}, tau = {most.tau:.4g}."
            if most.gain > 0
            else "No dimension gains from an early stop."
        )
    for label, reading in (("A", advice.reading_a), ("B", advice.reading_b)):
        if reading.holds:
            yield f"Reading ({label}) holds on this data: {reading.statement}."
        else:
            yield (
                f"Reading ({label}) does not hold on this data ({reading.statement}): "
                f"{reading.violations} exceptions, the first: {reading.first_violation}."
            )
