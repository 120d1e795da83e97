"""`latent-stopping calibrate`: the property suite's real false-alarm rate and its power against planted defects."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from proofs_check.cli.outputs import check_output
from proofs_check.cli.property import add_seed_options, chosen_seed, need_hypothesis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from proofs_check.properties.calibration import Rate, SeedResult
    from proofs_check.properties.rates import Cost, TrioRates

__all__ = ["add_parser"]

_MOST = {"seeds": 10**6, "trials": 10**7, "jobs": 256}
#: probability with which calibration itself may wrongly call a rate too high
_ERROR = 1e-6


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the `calibrate` command to the subparsers of `latent-stopping` and return its parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "calibrate",
        help="how often the property suite is wrong: false alarms, and power against planted defects",
        description="Run the property suite over many seeds, as it is and with defects planted in the simulated side, "
        "and report both error rates with 95 % Clopper-Pearson limits.",
        epilog="Exit codes: 0 the rates are as designed, 1 a false alarm, a rate above nominal or a defect missed, "
        "2 usage or engine error, 3 a run stayed undecided.",
    )
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="number of seeds (default 200)")
    parser.add_argument("--profile", choices=["dev", "ci", "thorough"], default="ci", help="default ci")
    parser.add_argument("--trials", type=int, default=2000, metavar="N", help="runs of each trio (default 2000)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default 2)")
    add_seed_options(parser)
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON; - for standard output only")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Run the command and return its exit code.

    Raises:
        ValueError, OSError: bad usage, or a worker process died.
    """
    need_hypothesis()
    check_output("--json", args.json)
    for name in ("seeds", "trials", "jobs"):
        if getattr(args, name) < 1:
            raise ValueError(f"--{name} must be at least 1, got {getattr(args, name)}")
        if getattr(args, name) > _MOST[name]:
            raise ValueError(f"--{name} must be at most {_MOST[name]}, got {getattr(args, name)}")
    first = chosen_seed(args)

    from proofs_check.properties.base import PROFILES
    from proofs_check.properties.calibration import calibrate_seeds
    from proofs_check.properties.rates import decision_cost, trio_rates
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console, progress_bar

    began = time.perf_counter()
    results: list[SeedResult] = []
    with progress_bar() as progress:
        for result in calibrate_seeds(range(first, first + args.seeds), args.profile, args.jobs):
            results.append(result)
            progress("seeds", len(results), args.seeds)
    results.sort(key=lambda r: r.seed)
    trios = trio_rates(first, args.trials)
    costs = decision_cost(first, PROFILES[args.profile].discrepancy)
    report = _report(results, trios, costs, args.profile)
    if args.json != "-":
        out = console()
        last = first + args.seeds - 1
        out.print(f"Profile {args.profile}, seeds {first} to {last}; {time.perf_counter() - began:.0f} s.")
        _show(results, trios, costs, out)
    if args.json is not None:
        write_json(report, args.json)
    return int(report["exit_code"])


def _rates(results: Sequence[SeedResult]) -> tuple[Rate, dict[str, Rate], dict[str, Rate]]:
    """False alarms of whole runs, of each property at the nominal level, and defects caught."""
    from proofs_check.properties.calibration import Rate
    from proofs_check.properties.suite import SUITE

    runs = len(results)
    nominal = {p.id: Rate(sum(p.id in r.nominal for r in results), runs) for p in SUITE if p.weight}
    caught = {name: Rate(sum(dict(r.caught)[name] is not None for r in results), runs) for name, _ in results[0].caught}
    return Rate(sum(bool(r.refuted) for r in results), runs), nominal, caught


def _problems(results: Sequence[SeedResult], trios: Sequence[TrioRates]) -> list[str]:
    """What is not as designed, in words."""
    from proofs_check.properties.calibration import NOMINAL
    from proofs_check.properties.defects import DEFECTS

    _, nominal, caught = _rates(results)
    share = _ERROR / (len(nominal) + 2 * len(trios))
    found = [f"seed {r.seed}: {', '.join(r.refuted)} refuted without a defect" for r in results if r.refuted]
    found += [f"{name}: false-alarm rate above {NOMINAL:g}" for name, r in nominal.items() if r.above(NOMINAL, share)]
    for t in trios:
        pairs = ((t.alarm, "false-alarm"), (t.miss, "false-pass"))
        found += [f"{t.name}: {kind} rate above {NOMINAL:g}" for rate, kind in pairs if rate.above(NOMINAL, share)]
    promised = {d.id for d in DEFECTS if d.promised}
    return found + [
        f"{k}: missed {r.runs - r.count} times" for k, r in caught.items() if k in promised and r.count < r.runs
    ]


def _report(
    results: Sequence[SeedResult], trios: Sequence[TrioRates], costs: Sequence[Cost], profile: str
) -> dict[str, Any]:
    from proofs_check.properties.base import MISS, TOTAL_ALARM
    from proofs_check.properties.calibration import NOMINAL

    alarms, nominal, caught = _rates(results)
    problems = _problems(results, trios)
    undecided = [{"seed": r.seed, "properties": list(r.undecided)} for r in results if r.undecided]
    return {
        "schema": 1,
        "exit_code": 1 if problems else 3 if undecided else 0,
        "profile": profile,
        "seeds": [r.seed for r in results],
        "designed": {"false_alarm_per_run": TOTAL_ALARM, "false_pass_per_test": MISS, "nominal": NOMINAL},
        "false_alarms": alarms.to_json(),
        "undecided": undecided,
        "nominal": {name: rate.to_json() for name, rate in nominal.items()},
        "trios": [
            {"name": t.name, "exact": t.exact, "false_alarm": t.alarm.to_json(), "false_pass": t.miss.to_json()}
            for t in trios
        ],
        "defects": {name: {**rate.to_json(), "caught_by": _catchers(results, name)} for name, rate in caught.items()},
        "cost": [
            {"way": c.name, "samples": c.samples, "normals": c.normals, "seconds": c.seconds, "measured": c.measured}
            for c in costs
        ],
        "problems": problems,
        "seconds": {
            "suite": [round(r.suite_seconds, 3) for r in results],
            "defects": [round(r.defect_seconds, 3) for r in results],
        },
    }


def _catchers(results: Sequence[SeedResult], defect: str) -> dict[str, int]:
    from collections import Counter

    return dict(Counter(by for r in results if (by := dict(r.caught)[defect]) is not None))


def _show(results: Sequence[SeedResult], trios: Sequence[TrioRates], costs: Sequence[Cost], out: Console) -> None:
    from proofs_check.properties.calibration import NOMINAL
    from proofs_check.properties.defects import DEFECTS

    alarms, nominal, caught = _rates(results)
    out.print("\nFalse alarms of whole runs, designed for 1e-06", style="bold")
    out.print(f"  {_told(alarms)}; {sum(r.suite_seconds for r in results) / len(results):.1f} s a run")

    out.print("\nPlanted defects", style="bold")
    table = _grid("defect", "what is wrong", ">caught", ">95 % limits", "first caught by")
    for d in DEFECTS:
        by = ", ".join(_catchers(results, d.id)) or (
            "-" if d.promised else "- (below what any test is designed to see)"
        )
        table.add_row(d.id, d.sampler.name, *_columns(caught[d.id]), by)
    out.print(table)

    out.print(f"\nFalse alarms of each statistical property, at a nominal {NOMINAL:.0%}", style="bold")
    table = _grid("property", ">alarms", ">95 % limits")
    for name, rate in nominal.items():
        table.add_row(name, *_columns(rate))
    out.print(table)

    out.print(f"\nBoth rates of each trio, at a nominal {NOMINAL:.0%}", style="bold")
    table = _grid("trio", "alarm rate is", ">alarms", ">95 % limits", ">passes", ">95 % limits")
    for t in trios:
        table.add_row(t.name, "exact" if t.exact else "a bound", *_columns(t.alarm), *_columns(t.miss))
    out.print(table)

    out.print("\nCost of one decision on a variance, error rates 1e-06 each", style="bold")
    table = _grid("way", ">samples", ">normals drawn", ">seconds", "")
    for c in costs:
        table.add_row(
            c.name, f"{c.samples:,}", f"{c.normals:,}", f"{c.seconds:.3g}", "" if c.measured else "(scaled up)"
        )
    out.print(table)
    out.print()
    for r in results:
        if r.undecided:
            out.print(f"? seed {r.seed}: {', '.join(r.undecided)} undecided")
    for line in _problems(results, trios) or ["✓ all rates are as designed"]:
        out.print(line if line.startswith("✓") else f"✗ {line}")


def _grid(*headings: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading.lstrip(">"), justify="right" if heading.startswith(">") else "left")
    return table


def _columns(rate: Rate) -> tuple[str, str]:
    low, high = rate.limits
    return f"{rate.count}/{rate.runs}", f"{low:.4f}-{high:.4f}"


def _told(rate: Rate) -> str:
    low, high = rate.limits
    return f"{rate.count} of {rate.runs} runs, 95 % limits {low:.4f} to {high:.4f}"
