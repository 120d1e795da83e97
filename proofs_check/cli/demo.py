"""`latent-stopping demo`: prove a claim, break it in front of the user, show what the engines say."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from sympy import Expr

    from proofs_check.verify import ClaimResult, Item

__all__ = ["add_parser"]

_NEXT = (
    ("latent-stopping verify text-1", "a slip of this kind in the paper itself"),
    ("latent-stopping why prop-1b", "the claim above in full"),
    ("latent-stopping findings", "all that is not true as printed (minutes)"),
    ("latent-stopping verify my_claims.py", "a theorem of your own, see the tutorial"),
    ("latent-stopping advise --data digits", "when to stop, on real data"),
)


def add_parser(subparsers: Any) -> None:
    """Add `demo`."""
    parser = subparsers.add_parser(
        "demo", help="prove a claim, break it, see the witness: ten seconds",
        description="Decide one claim live, plant a sign error in it, and show how the engines refute it. Exit code 0 "
        "only if both came out as they should.",
    )  # fmt: skip
    parser.set_defaults(run=_demo)


def _decided(slope: Expr) -> ClaimResult:
    """prop-1b with `slope` taken for the slope of a coordinate's term, decided now, without what it rests on."""
    from dataclasses import replace

    from proofs_check.claim import Claim
    from proofs_check.claims.monotonicity import ONE, slope_iff
    from proofs_check.rules.monotone import slope_increases
    from proofs_check.verify import verify
    from theory.frechet import kept

    printed = slope_iff("demo", "F(d, .) is non-decreasing exactly if [7] holds")
    statement = replace(printed, lift=slope_increases("demo", ONE, kept(), slope))
    claim = Claim(id="demo", title="", section="", printed="", statements=(statement,))
    return verify(["demo"], {"demo": claim}, twins=False).results[0]


def _show(out: Console, result: ClaimResult) -> list[Item]:
    """Print one line per premise; returns the premises."""
    from rich.text import Text

    premises = [i for i in result.items if i.role == "premise"]
    for item in premises:
        good = item.decision.verdict.established
        heard = [e for e in item.decision.evidence if e.verdict is item.decision.verdict]
        line = Text("   ")
        line.append("✓" if good else "✗", style="green" if good else "bold red")
        line.append(f" {item.decision.verdict.name:<8} ", style="bold")
        line.append(item.obligation.text)
        out.print(line)
        out.print(f"     by {heard[0].engine}: {heard[0].detail}", style="dim")
    return premises


def _sides(item: Item) -> tuple[Expr, Expr] | None:
    """Both sides of the goal of a refuted identity at its witness, as exact numbers."""
    from fractions import Fraction

    import sympy as sp

    from proofs_check.formula import Relation

    goal, witness = item.obligation.goal, item.decision.witness
    if witness is None or not isinstance(goal, Relation):
        return None
    point = {symbol: Fraction(dict(witness)[symbol.name]) for symbol in item.obligation.domain.symbols}
    exact = {s: sp.Rational(v.numerator, v.denominator) for s, v in point.items()}
    return goal.left.subs(exact), goal.right.subs(exact)


def _demo(args: argparse.Namespace) -> int:
    from rich.text import Text
    from sympy import sqrt, sstr

    from proofs_check.report.terminal import console, witness_text
    from theory.frechet import slope
    from theory.notation import sigma, sigma_hat, x
    from theory.process import variance_at_noise

    out, began = console(), time.perf_counter()
    v = variance_at_noise(sigma_hat**2)

    out.print("\n1  A claim (prop-1b of the paper)", style="bold")
    out.print("   The distance falls all the way to the last step exactly if the slopes at noise level")
    out.print("   x = 0 add up to at least 0: condition [7], for any number of coordinates.")
    out.print(f"   slope = {sstr(slope())}", style="cyan")
    proved = _decided(slope())
    premises = _show(out, proved)
    rule = proved.statements[0].rule
    holds = proved.outcome == "holds" and rule is not None
    if rule is not None and holds:
        out.print(Text("   ").append("✓", style="green").append(f" {rule.engine}: to any number of coordinates"))

    wrong = (1 + sigma / sqrt(v)) * v.diff(x)
    out.print("\n2  The same with one sign changed", style="bold")
    out.print(f"   slope = {sstr(wrong)}", style="cyan")
    broken = _decided(wrong)
    caught = [i for i in _show(out, broken) if i.decision.verdict.name == "REFUTED"]
    sides = _sides(caught[0]) if caught else None
    if sides is not None:
        out.print(f"   at {witness_text(dict(caught[0].decision.witness or ()))}:", style="bold")
        out.print(f"     derivative of the term {sstr(sides[0])}, the formula says {sstr(sides[1])}")
    refuted = broken.outcome != "holds" and sides is not None and (sides[0] - sides[1]).is_zero is False

    out.print(f"\n3  What to try next  ({time.perf_counter() - began:.1f} s so far)", style="bold")
    width = max(len(command) for command, _ in _NEXT)
    for command, says in _NEXT:
        out.print(Text("   $ ").append(f"{command:<{width}}", style="green").append(f"  {says}", style="dim"))
    out.print()
    if holds and len(premises) == 2 and refuted:
        return 0
    out.print("The demonstration did not come out as it should: please report it.", style="bold red")
    return 1
