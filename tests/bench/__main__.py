"""Measure every target of speed and accuracy beside what a user would use instead, and write the table.

    python tests/bench [TOPIC ...] [--quick] [--write docs/reference/benchmarks.md] [--json FILE]

Exit code 0 when every target is met, 1 when one is missed, 2 when a measurement failed. `--quick` takes small sizes
(a check that the suite runs; its figures mean nothing).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# One thread each, for us and for every peer: said in the table, and set before NumPy is loaded.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from table import Figure  # noqa: E402

TOPICS = {
    "accuracy": "Double precision",
    "spectrum": "All dimensions, all times",
    "covariances": "General covariances",
    "precision": "High precision",
    "sampling": "Monte Carlo",
    "command": "The command",
}
PACKAGES = ("numpy", "scipy", "python-flint", "mpmath", "sympy", "pot", "numba", "pytorch-fid")


def measure(topics: Sequence[str], quick: bool) -> tuple[list[Figure], list[str]]:
    """All figures of `topics`, and a line for every topic that failed."""
    found: list[Figure] = []
    failed: list[str] = []
    for topic in topics:
        start = time.perf_counter()
        print(f"== {TOPICS[topic]}", file=sys.stderr, flush=True)
        try:
            for figure in import_module(topic).figures(quick=quick):
                found.append(figure)
                print(line(figure), file=sys.stderr, flush=True)
        except Exception as problem:
            failed.append(f"{topic}: {type(problem).__name__}: {problem}")
            print(f"   FAILED {failed[-1]}", file=sys.stderr, flush=True)
        print(f"   {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return found, failed


def line(figure: Figure) -> str:
    """One figure on one line of the terminal."""
    ratio = "" if figure.ratio is None else f"  x {ratio_text(figure.ratio)}"
    peer = f"  | {figure.peer}" if figure.peer else ""
    return f"   {'met   ' if figure.met else 'MISSED'} {figure.target}: {figure.ours}{peer}{ratio}"


def ratio_text(ratio: float) -> str:
    """Three digits; beyond a million only that it is (a peer without any digits)."""
    return f"{ratio:.3g}" if ratio < 1e6 else "> 1e6"


def machine() -> str:
    """Processor, Python and libraries, one sentence."""
    names = [text.split(":")[1].strip() for text in _cpuinfo() if text.startswith("model name")]
    packages = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    return (
        f"{os.cpu_count()} x {names[0] if names else platform.machine()}, one thread unless a line says otherwise; "
        f"Python {platform.python_version()}, {', '.join(packages)}."
    )


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def page(figures: Sequence[Figure]) -> str:
    """The reference page: one table a topic."""
    met = sum(figure.met for figure in figures)
    lines = [
        "# Benchmarks",
        "",
        "<!-- written by `make bench`; do not edit -->",
        "",
        f"Measured on {date.today().isoformat()} by `make bench`: {met} of {len(figures)} targets met. {machine()}",
        "Figure and peer are taken in turn in one process; medians. The ratio is the peer's figure over ours.",
        "How each number is made, and what its error is relative to: [Numerics](../explanation/numerics.md).",
    ]
    missed = [f for f in figures if not f.met]
    if missed:
        lines += ["", "Missed:", "", *(f"- {f.target}: {f.ours}. {f.note[:1].upper()}{f.note[1:]}." for f in missed)]
    for topic, title in TOPICS.items():
        rows = [figure for figure in figures if figure.topic == topic]
        if not rows:
            continue
        lines += ["", f"## {title}", "", "| target | measured | peer | ratio | |", "|---|---|---|---|---|"]
        for f in rows:
            ratio = "" if f.ratio is None else ratio_text(f.ratio)
            verdict = "met" if f.met else "**missed**"
            cells = (f.target, f.ours, f.peer, ratio, verdict + (f"; {f.note}" if f.note else ""))
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suite."""
    parser = argparse.ArgumentParser(prog="python tests/bench", description=__doc__.splitlines()[0])
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"of {', '.join(TOPICS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes, to check that the suite runs")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    args = parser.parse_args(arguments)
    unknown = [topic for topic in args.topics if topic not in TOPICS]
    if unknown:
        parser.error(f"no topic {unknown[0]!r}; topics are {', '.join(TOPICS)}")
    figures, failed = measure(args.topics or list(TOPICS), args.quick)
    if args.write:
        args.write.write_text(page(figures), encoding="utf-8")
    if args.json:
        args.json.write_text(json.dumps([f.to_json() for f in figures], indent=1), encoding="utf-8")
    for problem in failed:
        print(f"failed: {problem}", file=sys.stderr)
    return 2 if failed else 0 if all(f.met for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
