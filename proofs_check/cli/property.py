"""`latent-stopping property`: the theory as executable properties, on the user's spectrum and on generated ones."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.outputs import check_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from proofs_check.properties.suite import Outcome

__all__ = ["add_parser", "add_seed_options", "chosen_seed", "need_hypothesis", "show_outcomes"]

#: below this width the statements are printed under the table
_NARROW = 110
_SYMBOL = {
    "SUPPORTED": ("✓", "green"),
    "REFUTED": ("✗", "red"),
    "UNKNOWN": ("?", "magenta"),
    "ERROR": ("!", "bold red"),
}


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `property` command to the subparsers of `latent-stopping` and return its parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "property",
        help="the theory as executable properties, on your spectrum and on generated ones",
        description="Run every property under exactly its hypotheses, and look for a failure outside them. Exact "
        "properties are decided without statistical error; the others share a false-alarm probability of 1e-6.",
        epilog="Exit codes: 0 all as expected, 1 a property is refuted, 2 usage or engine error, 3 undecided.",
    )
    parser.add_argument("--spectrum", metavar="FILE", help="variances (one row) or samples: .npy, .npz, .csv, .txt")
    parser.add_argument("--key", metavar="NAME", help="array to read from an .npz file with several")
    parser.add_argument("--data", choices=["digits"], help="bundled real data instead of FILE")
    parser.add_argument(
        "--points", type=int, metavar="N", help="training points assumed for your spectrum (default: its rows, or 100)"
    )
    parser.add_argument(
        "--profile", choices=["dev", "ci", "thorough"], default="dev", help="how much to do (default dev, seconds)"
    )
    parser.add_argument("--only", metavar="LIST", help="run these properties only, such as a-exact,b-ordered")
    add_seed_options(parser)
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON; - for standard output only")
    parser.set_defaults(run=run)
    return parser


def add_seed_options(parser: argparse.ArgumentParser) -> None:
    """Add `--seed N` and `--vary-seed`, of which at most one may be given."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--seed", type=int, metavar="N", help="replay the run with this seed (default: a fixed one)")
    group.add_argument("--vary-seed", action="store_true", help="draw a new seed; it is printed, for --seed")


def chosen_seed(args: argparse.Namespace) -> int:
    """The seed that the options ask for. Raises ValueError for a negative one."""
    from proofs_check.engines.monte_carlo import DEFAULT_SEED, fresh_seed

    if args.vary_seed:
        return fresh_seed()
    if args.seed is None:
        return DEFAULT_SEED
    if args.seed < 0:
        raise ValueError(f"--seed must be >= 0, got {args.seed}")
    return int(args.seed)


def need_hypothesis() -> None:
    """Raise ValueError, which says what to install, where Hypothesis is missing."""
    try:
        import hypothesis
    except ImportError:
        raise ValueError("property tests need Hypothesis: pip install 'latent-stopping[property]'") from None
    del hypothesis


def _spectrum(args: argparse.Namespace) -> tuple[tuple[float, ...] | None, int, str]:
    """The user's positive variances, the number of training points, and a name for both."""
    from theory.spectra import bundled, principal_axes, read

    if args.spectrum is not None and args.data is not None:
        raise ValueError("property takes either --spectrum FILE or --data digits, not both")
    if args.key is not None and args.spectrum is None:
        raise ValueError("--key applies to --spectrum FILE only")
    if args.points is not None and args.points < 2:
        raise ValueError(f"--points must be at least 2, got {args.points}")
    if args.spectrum is None and args.data is None:
        if args.points is not None:
            raise ValueError("--points applies to --spectrum FILE or --data only")
        return None, 100, "generated spectra"
    values = bundled(args.data) if args.data else read(args.spectrum, args.key)
    rows = 100
    if values.ndim == 2:
        rows, values = len(values), principal_axes(values).variances
    kept = tuple(float(v) for v in values if v > 0)
    points = args.points or max(rows, 2)
    dropped = f", {len(values) - len(kept)} zero variances left out" if len(kept) < len(values) else ""
    name = args.data or Path(args.spectrum).name
    return kept, points, f"{name} ({len(kept)} variances{dropped}, {points} training points) and generated spectra"


def run(args: argparse.Namespace) -> int:
    """Run the command and return its exit code.

    Raises:
        ValueError, OSError: bad usage or input; nothing has been written then.
    """
    need_hypothesis()
    check_output("--json", args.json)
    seed = chosen_seed(args)
    spectrum, training, name = _spectrum(args)

    from proofs_check.properties.base import PROFILES, TOTAL_ALARM
    from proofs_check.properties.suite import SUITE, exit_code, run_suite, suite_budget
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console, progress_bar

    suite = SUITE
    if args.only is not None:
        wanted = [part.strip() for part in args.only.split(",")]
        for part in wanted:
            if part not in {p.id for p in SUITE}:
                raise ValueError(f"--only: no property {part!r}; there are {', '.join(p.id for p in SUITE)}")
        suite = tuple(p for p in SUITE if p.id in wanted)
    out = console()
    if args.json != "-":
        out.print(f"Properties on {name}; profile {args.profile}, seed {seed}.")
    began = time.perf_counter()
    with progress_bar() as progress:
        outcomes = run_suite(
            seed,
            PROFILES[args.profile],
            spectrum=spectrum,
            training=training,
            suite=suite,
            progress=lambda label, done, total: progress("properties", done, total),
        )
    code = exit_code(outcomes)
    data = {
        "schema": 1,
        "exit_code": code,
        "data": name,
        "seed": seed,
        "profile": args.profile,
        "false_alarm_budget": {
            "total": TOTAL_ALARM,
            "shares": {p: suite_budget().alarm(p) for p in suite_budget().shares},
        },
        "properties": [o.to_json() for o in outcomes],
    }
    if args.json != "-":
        show_outcomes(outcomes, out)
        for line in _summary(outcomes, time.perf_counter() - began, seed):
            out.print(line)
    if args.json is not None:
        write_json(data, args.json)
    return code


def show_outcomes(outcomes: Sequence[Outcome], out: Console) -> None:
    """The table of properties, then counterexamples and whatever is not as expected."""
    wide = out.width >= _NARROW
    out.print(_table(outcomes, wide))
    if not wide:
        for o in outcomes:
            _hang(out, f"{o.property.id}: ", f"{o.property.statement}; {o.property.hypotheses}")
        out.print()
    shown = [o for o in outcomes if o.property.negation and o.finding.counterexample]
    if shown:
        out.print("Outside the hypotheses: the smallest failures found", style="bold")
        for o in shown:
            _hang(out, f"{o.property.id}: ", str(o.finding.counterexample))
        out.print()
    noted = [(o, note) for o in outcomes for note in o.finding.notes]
    if noted:
        out.print("Notes", style="bold")
        for o, note in noted:
            _hang(out, f"{o.property.id}: ", note)
        out.print()
    for o in outcomes:
        if o.finding.verdict.name != "SUPPORTED":
            _hang(out, f"{_SYMBOL[o.finding.verdict.name][0]} {o.property.id}: ", o.finding.detail)


def _table(outcomes: Sequence[Outcome], wide: bool) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("property", no_wrap=True, min_width=max(len(o.property.id) for o in outcomes))
    if wide:
        table.add_column("statement", ratio=3)
        table.add_column("where", ratio=2)
    table.add_column("result", no_wrap=True, min_width=10)
    table.add_column("cases", justify="right")
    for name in ("alarm", "miss", "sees"):
        table.add_column(name, justify="right", no_wrap=True)
    for o in outcomes:
        f, p = o.finding, o.property
        symbol, style = _SYMBOL[f.verdict.name]
        words = {"SUPPORTED": "fails" if p.negation else "holds", "REFUTED": "REFUTED", "UNKNOWN": "undecided"}
        told = [p.statement, p.hypotheses] if wide else []
        table.add_row(
            p.id,
            *told,
            Text(f"{symbol} {words.get(f.verdict.name, 'ERROR')}", style=style),
            str(f.cases),
            f.decided if f.alarm is None else f"{f.alarm:.1e}",
            "-" if f.miss is None else f"{f.miss:.0e}",
            "-" if f.discrepancy in (None, float("inf")) else f"{f.discrepancy:.2g}",
        )
    return table


def _hang(out: Console, label: str, text: str) -> None:
    """`label` and `text` as one paragraph with a hanging indent."""
    from rich.text import Text

    whole = Text("  ").append(label, style="bold").append(text)
    for i, part in enumerate(whole.wrap(out, max(20, out.width - 4))):
        part.rstrip()
        out.print(part if i == 0 else Text("    ").append_text(part), soft_wrap=True)


def _summary(outcomes: Sequence[Outcome], seconds: float, seed: int) -> Iterator[str]:
    spent = sum(o.finding.alarm or 0.0 for o in outcomes)
    counts = {name: sum(o.finding.verdict.name == name for o in outcomes) for name in _SYMBOL}
    parts = [f"{counts['SUPPORTED']} of {len(outcomes)} as expected"]
    parts += [f"{counts[k]} {w}" for k, w in (("REFUTED", "refuted"), ("UNKNOWN", "undecided")) if counts[k]]
    yield f"{', '.join(parts)}; {seconds:.1f} s."
    yield (
        f"alarm: how likely a true property is refuted, {spent:.1e} in all; miss: how likely a discrepancy of the size "
        "under 'sees' passes. 'exact' properties are decided case by case without any error, 'numeric' ones up to "
        "rounding; 'fails' is what is expected outside the hypotheses."
    )
    yield f"Replay with --seed {seed}."
