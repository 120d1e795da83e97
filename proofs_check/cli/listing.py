"""`latent-stopping list` and `trust`: what is claimed, and what has to be trusted."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from proofs_check.cli.outputs import check_output
from proofs_check.cli.verify import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proofs_check.claim import Claim
    from proofs_check.contents import Entry

__all__ = ["add_parser"]


def add_parser(subparsers: Any) -> None:
    """Add `list` and `trust`."""
    listing = subparsers.add_parser("list", help="every claim with its title")
    listing.add_argument("file", nargs="?", metavar="FILE.py", help="a file of your own claims, which is run")
    listing.add_argument("--json", metavar="FILE", help="write JSON; - for standard output only")
    listing.set_defaults(run=_list)
    trust = subparsers.add_parser("trust", help="what has to be trusted: rules, imports, printers, solvers")
    trust.add_argument("--json", metavar="FILE", help="write JSON; - for standard output only")
    trust.set_defaults(run=_trust)


def _list(args: argparse.Namespace) -> int:
    check_output("--json", args.json)
    from proofs_check.contents import contents
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console
    from proofs_check.userclaims import load_claims

    claims: Sequence[Claim | Entry] = (
        list(contents(cache_folder()).claims.values()) if args.file is None else list(load_claims(args.file).values())
    )
    if args.json is not None:
        rows = [{"id": c.id, "title": c.title, "section": c.section, "printed": c.printed} for c in claims]
        write_json({"schema": 1, "claims": rows}, args.json)
    if args.json != "-":
        out, section = console(), ""
        width = max(len(c.id) for c in claims)
        for claim in claims:
            if claim.section != section:
                section = claim.section
                out.print(f"\n{section}", style="bold")
            out.print(f"  {claim.id:<{width}}  {claim.title}", overflow="ellipsis", no_wrap=True)
    return 0


def _trust(args: argparse.Namespace) -> int:
    check_output("--json", args.json)
    from importlib.metadata import version

    from proofs_check.contents import contents
    from proofs_check.report.json_ import write_json
    from proofs_check.report.terminal import console

    known = contents(cache_folder())
    imports = [c for c in known.claims.values() if c.imported]
    packages = ("sympy", "mpmath", "numpy", "python-flint", "z3-solver", "cvc5")
    versions = {p: version(p) for p in packages}
    engines = {
        "exact": "SymPy's cancel, together and polynomial remainder; radicals and exponentials as generators",
        "smt": "z3 and cvc5 on one SMT-LIB text; PROVED needs unsat from both, or is marked single-solver",
        "ball": "Arb's ball arithmetic through python-flint, branch and bound on the whole box",
        "search": "never proves; a witness is confirmed by exact fractions or balls and by SymPy's exact numbers",
    }
    printers = {
        "proofs_check.engines.smtlib": "expression -> SMT-LIB; roots, quotients and cases as fresh variables",
        "theory.evaluate.program": "expression -> steps; rationals stay exact until a backend rounds outward",
    }
    if args.json is not None:
        data = {
            "schema": 1,
            "rules": [{"name": r.name, "says": r.says, "because": r.because} for r in known.rules],
            "imports": [
                {"id": c.id, "title": c.title, "statement": c.printed, "citation": c.citation} for c in imports
            ],
            "engines": engines,
            "printers": printers,
            "versions": versions,
        }
        write_json(data, args.json)
    if args.json != "-":
        out = console()
        out.print("Lifting rules (proofs in docs/explanation/rules.md)", style="bold")
        for r in known.rules:
            out.print(f"  {r.name}", style="bold")
            out.print(f"    {r.says}\n    Because: {r.because}")
        out.print("Imported theorems", style="bold")
        for c in imports:
            out.print(f"  {c.id}: {c.printed}\n    {c.citation}")
        for title, table in (("Engines", engines), ("Printers", printers), ("Versions", versions)):
            out.print(title, style="bold")
            for name, text in table.items():
                out.print(f"  {name:<28} {text}")
    return 0
