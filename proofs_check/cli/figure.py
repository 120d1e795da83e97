"""`latent-stopping figure`: the paper's synthetic figures by simulation, under the theory's curves."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from proofs_check.cli.outputs import check_output

if TYPE_CHECKING:
    from rich.console import Console

    from theory.simulate.inverse import Inverse
    from theory.simulate.reproduce import Crossing, Curves, Reproduction

__all__ = ["add_parser"]

#: beyond these a run would end with its memory, or not at all
_MOST = {"paths": 10**7, "steps": 10**6, "n": 10**12}
_FIGURES = ("3", "4-left", "4-right")


def add_parser(subparsers: Any) -> None:
    """Add `figure`."""
    parser = subparsers.add_parser(
        "figure", help="the paper's synthetic figures by simulation, with the theory's curves and crossing times",
        description="Simulate a figure of the paper with its printed settings and compare it with the theory. The "
        "caption says where the printed settings cannot give what is printed.",
    )  # fmt: skip
    parser.add_argument("figure", choices=_FIGURES, metavar="FIGURE", help=f"one of {', '.join(_FIGURES)}")
    parser.add_argument("--out", metavar="FILE", help="draw it (.png, .pdf, .svg)")
    parser.add_argument("--paths", type=int, default=10_000, metavar="N", help="simulated paths (default 10000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of everything random (default 0)")
    parser.add_argument("--steps", type=int, default=1000, metavar="N", help="Euler steps (default 1000, as printed)")
    parser.add_argument(
        "--n", type=int, metavar="N", help="training points of the plug-in score (default 1000, as printed; not for 3)"
    )  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="write curves and crossings as JSON; - for standard output only")
    parser.set_defaults(run=_figure)


def _figure(args: argparse.Namespace) -> int:
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console, progress_lines
    from theory.figures import draw_figure
    from theory.plots import check_target
    from theory.simulate.captions import caption
    from theory.simulate.inverse import Inverse, inverse
    from theory.simulate.reproduce import reproduce

    check_output("--out", args.out)
    check_output("--json", args.json)
    if args.out is not None:
        check_target(args.out)
    for option in ("paths", "steps", "n"):
        value = getattr(args, option)
        if value is not None and value < 2:
            raise ValueError(f"--{option} must be at least 2, got {value}")
        if value is not None and value > _MOST[option]:
            raise ValueError(f"--{option} must be at most {_MOST[option]}, got {value}")
    if args.seed < 0:
        raise ValueError(f"--seed must be >= 0, got {args.seed}")
    if args.figure == "3" and args.n is not None:
        raise ValueError("--n applies to figures 4-left and 4-right only")
    data: Reproduction | Inverse
    with progress_lines() as report:
        if args.figure == "3":
            data = inverse(paths=args.paths, seed=args.seed, steps=args.steps, progress=report)
        else:
            data = reproduce(
                args.figure, paths=args.paths, seed=args.seed, steps=args.steps, points=args.n or 1000, progress=report
            )
    lines = [] if isinstance(data, Inverse) else caption(data)
    out = console()
    if args.json != "-":
        if isinstance(data, Inverse):
            _show_inverse(data, out)
        else:
            _show(data, lines, out)
    if args.out is not None:
        draw_figure(data, args.out)
    if args.json is not None:
        write_json({"schema": 1, **data.to_json(), **({"caption": lines} if lines else {})}, args.json)
        if args.json == "-":
            return 0
    for written in (args.out, args.json):
        if written is not None:
            out.print(f"wrote {written}", markup=False, soft_wrap=True)
    return 0


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    return table


def _show_inverse(data: Inverse, out: Console) -> None:
    out.print(
        f"Figure 3: the extended inverse [8], OU, T = {data.horizon:g}; {data.paths} paths of the forward SDE from 0, "
        f"{data.steps} Euler-Maruyama steps, seed {data.seed}."
    )
    table = _table("tau", "a_tau^2", "Euler law", "simulated", f"{data.confidence:.0%} from", "to")
    for row in zip(data.taus, data.exact, data.euler, data.simulated, data.lower, data.upper, strict=True):
        table.add_row(*(f"{v:.5g}" for v in row))
    out.print(table)
    inside = sum(low <= v <= high for low, v, high in zip(data.lower, data.euler, data.upper, strict=True))
    out.print(
        f"{inside} of {len(data.taus)} exact chi-square intervals hold the Euler chain's value (one set of paths: the "
        "points are not independent). Below x = 0 and beyond a_T^2 the inverse is 0 and T by definition: there is "
        "nothing to simulate."
    )


def _show(data: Reproduction, lines: list[str], out: Console) -> None:
    out.print(f"Figure {data.setting.name}: seed {data.seed}; squared Fréchet distances.", style="bold")
    for line in lines:
        out.print(f"- {line}", markup=False)
    for curves in data.curves:
        out.print()
        out.print(
            f"{curves.score} score: backward time t from which keeping coordinate d pays", style="bold", markup=False
        )
        printed = dict(data.setting.printed) if curves.score == "exact" else {}
        columns = [
            "d",
            *(["printed"] if printed else []),
            "theory",
            "Euler law",
            "simulated",
            f"{data.confidence:.0%} from",
            "to",
        ]
        table = _table(*columns)
        for crossing in curves.crossings:
            table.add_row(*_row(crossing, printed))
        out.print(table)
        _show_best(curves, out)


def _row(crossing: Crossing, printed: dict[int, str]) -> list[str]:
    times = (crossing.theory, crossing.euler, crossing.simulated, crossing.lower, crossing.upper)
    texts = ["never" if v is None else f"{v:.6f}" for v in times[:3]]
    texts += ["none" if v is None else f"{v:.4f}" for v in times[3:]]
    return [str(crossing.dimension), *([printed.get(crossing.dimension, "")] if printed else []), *texts]


def _show_best(curves: Curves, out: Console) -> None:
    found = []
    for kind, name in (("theory", "theory"), ("euler", "Euler law"), ("simulated", "simulated")):
        d, t, value = curves.best(kind)
        found.append(f"{name} d = {d}, t = {t:.6g} ({value:.3g})")
    out.print("best of all: " + "; ".join(found), markup=False)
