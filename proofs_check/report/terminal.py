"""A run on the terminal: one aligned line per claim, then every hypothesis and witness."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from proofs_check.verify import ClaimResult, Item

__all__ = [
    "console",
    "progress_bar",
    "progress_lines",
    "show_claim",
    "show_findings",
    "show_problems",
    "show_run",
    "show_twins",
    "witness_text",
]

#: symbol and style per outcome: never colour alone
_OUTCOME = {
    "holds": ("✓", "green"),
    "holds-if": ("◐", "yellow"),
    "fails": ("✗", "red"),
    "undetermined": ("?", "magenta"),
    "imported": ("→", "cyan"),
}
_VERDICT_STYLE = {
    "PROVED": "green",
    "ENCLOSED": "green",
    "SUPPORTED": "yellow",
    "REFUTED": "red",
    "ERROR": "bold red",
}


def console(*, stderr: bool = False) -> Console:
    """The terminal, as wide as the user's, or wide enough for the tables where there is none."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = 150
    return made


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error; silent where there is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def report(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bar.add_task(label, total=total)
            bar.update(tasks[label], completed=done, total=total)

        yield report


@contextmanager
def progress_lines() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on standard error after the first second; a line now and then where it is no terminal."""
    began, shown, live = time.monotonic(), [0.0], sys.stderr.isatty()

    def report(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - began > 1 and now - shown[0] > (0.1 if live else 5):
            shown[0] = now
            line = f"{stage}: {done}/{total}"
            sys.stderr.write(f"\r\x1b[K{line}" if live else f"{line}\n")
            sys.stderr.flush()

    try:
        yield report
    finally:
        if live and shown[0]:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def witness_text(witness: Mapping[str, str] | None) -> str:
    """A witness on one line."""
    if witness is None:
        return ""
    return ", ".join(f"{name} = {value}" for name, value in witness.items()) or "(no variables: it fails as it stands)"


def _engines(claim: Mapping[str, Any]) -> str:
    own = [o for o in claim["obligations"] if o["role"] in ("goal", "premise")]
    text = "+".join(dict.fromkeys(e for o in own for e in o["engines"]))
    return text + (" (single solver)" if any("single-solver" in o["marks"] for o in claim["obligations"]) else "")


def _twins(mutants: Mapping[str, Any]) -> str:
    judged = mutants["total"] + mutants["true"] + mutants["undecided"]
    return f"{mutants['killed']}/{mutants['total']}" if judged else "-"


def _wrapped(out: Console, label: str, text: str) -> None:
    from rich.text import Text

    indent = "    " + " " * (len(label) - len(label.lstrip()))
    line = Text(f"{label.lstrip()} ", style="bold")
    line.append(text, style="not bold")
    for part in line.wrap(out, max(20, out.width - len(indent))):
        part.rstrip()
        out.print(Text(indent).append_text(part), soft_wrap=True)


def show_run(run: Mapping[str, Any], out: Console | None = None) -> None:
    """A run (as `run_to_json` makes it): one line per claim, then the findings, then a summary."""
    from rich import box
    from rich.table import Table

    out = out or console()
    claims = run["claims"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    # on a narrow terminal the engines are cut short, never the claim
    table.add_column("claim", no_wrap=True, min_width=max((len(c["id"]) for c in claims), default=0))
    table.add_column("outcome", no_wrap=True, min_width=len("? undetermined"))
    for name in ("verdict", "engines"):
        table.add_column(name, no_wrap=True)
    for name in ("obligations", "twins", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    for c in claims:
        symbol, style = _OUTCOME[c["outcome"]]
        table.add_row(
            c["id"],
            _styled(f"{symbol} {c['outcome']}", style),
            _styled(c["closed_verdict"], _VERDICT_STYLE.get(c["closed_verdict"], "magenta")),
            _engines(c),
            str(sum(o["role"] in ("goal", "premise") for o in c["obligations"])),
            _twins(c["mutants"]),
            f"{c['seconds']:.1f} s",
        )
    out.print(table)
    show_findings([c for c in claims if c["outcome"] not in ("holds", "imported")], out)
    show_problems((line for c in claims for line in c.get("problems", ())), out)
    for c in claims:
        for name in c["mutants"]["survivors"]:
            out.print(f"wrong twin not refuted: {name}")
    counts = {name: sum(c["outcome"] == name for c in claims) for name in _OUTCOME}
    out.print("  ".join(f"{_OUTCOME[name][0]} {count} {name}" for name, count in counts.items() if count))


def show_problems(lines: Iterable[str], out: Console) -> None:
    """What a crash, a time-out or a lack of memory left without an answer: not a statement about the mathematics."""
    for line in dict.fromkeys(lines):
        out.print(_styled("! ", "bold red").append(line, style="not bold"), soft_wrap=True)


def show_findings(claims: Sequence[Mapping[str, Any]], out: Console) -> None:
    """What is not true as printed: the witness, and the hypothesis or the repair that was verified."""
    for c in claims:
        symbol, style = _OUTCOME[c["outcome"]]
        out.print(_styled(f"{symbol} {c['id']}", style), "  ", c["title"], sep="")
        _wrapped(out, "printed:", c["printed"])
        if c["witness"] is not None:
            _wrapped(out, "witness against it:", witness_text(c["witness"]))
        for hypothesis in c["hypotheses"]:
            _wrapped(out, "holds if:", hypothesis)
        if c["repaired"]:
            _wrapped(out, "repaired and verified:", c["repaired"])
        if c["outcome"] == "undetermined":
            _wrapped(out, "missing:", c["missing"] or "an engine that decides it (see `why`)")
        out.print()


def _styled(text: str, style: str) -> Any:
    from rich.text import Text

    return Text(text, style=style)


def _point(witness: tuple[tuple[str, str], ...] | None) -> dict[str, str] | None:
    return None if witness is None else dict(witness)


def _item_line(item: Item) -> str:
    said = "; ".join(f"{e.engine}: {e.verdict.name} ({e.detail})" for e in item.decision.evidence)
    return f"{item.decision.verdict.name}  {item.obligation.id}  [{item.role}]  {said}"


def show_claim(result: ClaimResult, out: Console | None = None) -> None:
    """Everything about one claim: statement, hypotheses, derivation, evidence, witness."""
    from rich.text import Text
    from sympy import sstr

    from proofs_check.formula import Formula, show

    out = out or console()
    claim = result.claim
    symbol, style = _OUTCOME[result.outcome]
    out.print(Text(f"{claim.id}  {claim.title}", style="bold"))
    out.print(Text(f"{symbol} {result.outcome}", style=style), f"  verdict {result.verdict.name}", sep="")
    out.print(f"Section {claim.section}")
    _wrapped(out, "printed:", claim.printed)
    if claim.citation:
        _wrapped(out, "cited from:", claim.citation)
    for convention in claim.conventions:
        _wrapped(out, "read as:", convention)
    if result.witness is not None:
        _wrapped(out, "witness against it:", witness_text(_point(result.witness)))
    for standing in result.standing:
        kind = "holds if:" if standing.repair.kind == "hypothesis" else "repaired:"
        _wrapped(out, kind, standing.repair.text)
        if standing.repair.sharp:
            _wrapped(out, "sharpness:", standing.repair.sharp)
        for item in standing.outside:
            _wrapped(out, "witness just outside:", witness_text(_point(item.decision.witness)))
    if claim.missing:
        _wrapped(out, "missing:", claim.missing)
    if claim.derivation:
        out.print("\nderived from theory/")
        for text, formula in claim.derivation:
            shown = (
                formula
                if isinstance(formula, str)
                else show(formula)
                if isinstance(formula, Formula)
                else sstr(formula)
            )
            _wrapped(out, f"{text}:", shown)
    sections = [("as printed", result.statements)]
    sections += [(f"repair: {r.repair.text}", r.statements) for r in result.repairs]
    for heading, statements in sections:
        out.print(f"\nevidence, {heading}")
        for s in statements:
            _wrapped(out, s.verdict.name, f"{s.statement.id}: {s.statement.text}")
            if s.rule is not None:
                _wrapped(out, "  rule", s.rule.detail)
            for item in s.items:
                _wrapped(out, "   ", _item_line(item))
                if item.role in ("goal", "premise"):
                    _wrapped(out, "      for", item.obligation.domain.show())
                    _wrapped(out, "      show", show(item.obligation.goal))
    rest = [*claim.uses, *claim.proof_uses]
    if rest:
        out.print(f"\nrests on: {', '.join(rest)} (closed verdict {result.closed.name})")
    if result.imports:
        out.print(f"imports: {', '.join(result.imports)}")
    show_twins([result], out)


def show_twins(results: Sequence[ClaimResult], out: Console | None = None, *, every: bool = False) -> None:
    """The kill matrix, claim by engine, then the twins that need a look (all of them with `every`)."""
    from rich import box
    from rich.table import Table

    out = out or console()
    show_problems((line for r in results for line in r.problems), out)
    judged = [r for r in results if r.twins]
    if not judged:
        return
    engines = ("exact", "smt", "ball")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("wrong twins of", no_wrap=True)
    for name in (
        *(f"killed by {e}" for e in engines),
        "killed",
        "survived",
        "no verdict",
        "true",
        "undecided",
    ):
        table.add_column(name, justify="right")
    for r in judged:
        count = {
            s: sum(t.status == s for t in r.twins) for s in ("killed", "survived", "no verdict", "true", "undecided")
        }
        by = [sum(t.status == "killed" and e in t.engines for t in r.twins) for e in engines]
        table.add_row(r.claim.id, *map(str, by), *map(str, count.values()))
    out.print(table)
    for r in judged:
        for t in r.twins:
            if every or t.status in ("survived", "no verdict"):
                detail = f"  witness {witness_text(_point(t.witness))}" if t.witness else ""
                out.print(f"{t.status:<10}  {t.id}  {t.goal}{detail}")
    out.print(
        "A twin counts as wrong once the search has a witness against it; it is killed when a prover refutes it too. "
        "'true': proved, so not wrong. 'undecided': neither a witness nor a proof."
    )
