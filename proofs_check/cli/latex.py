"""`latent-stopping latex`: quantities, claims and the whole appendix in the paper's notation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofs_check.cli.outputs import check_output

if TYPE_CHECKING:
    from proofs_check.contents import Contents

__all__ = ["add_parser"]

_FORMATS = ("expr", "align", "table", "document")


def add_parser(subparsers: Any) -> None:
    """Add `latex`."""
    parser = subparsers.add_parser(
        "latex", help="quantities, claims or the whole appendix as LaTeX, or as PDF",
        description="Print a quantity or a claim as LaTeX, generated from the expressions that the engines check; "
        "'--format document' without NAME is the appendix with every claim. Without anything, list what "
        "can be printed.",
    )  # fmt: skip
    parser.add_argument("name", nargs="?", metavar="ID|QUANTITY", help="a claim id or pattern, or a quantity")
    parser.add_argument(
        "--format", choices=_FORMATS,
        help="expr: formulas only; align: aligned, with what they say; table: outcomes (booktabs); "
        "document: complete (default: expr, and document with --pdf)",
    )  # fmt: skip
    parser.add_argument("--explicit", action="store_true", help="write every product sign (\\cdot)")
    parser.add_argument("--pdf", metavar="FILE", help="compile with pdflatex instead of printing")
    parser.add_argument("--run", dest="kept", metavar="FILE", help="outcomes written by 'verify --json FILE'")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: as many as there are processors)")
    parser.add_argument("--cache", metavar="DIR", help="where decisions are kept (default: the user's cache folder)")
    parser.add_argument("--no-cache", action="store_true", help="decide everything anew and keep nothing")
    parser.set_defaults(run=_latex, json=None, memory=None)


def _latex(args: argparse.Namespace) -> int:
    from proofs_check.report.document import claims_document
    from proofs_check.report.pdf import check_target, write_pdf

    if args.name is None and args.format is None and args.pdf is None:
        _list()
        return 0
    form = args.format or ("document" if args.pdf is not None else "expr")
    check_output("--pdf", args.pdf)
    if args.pdf is not None:
        check_target(Path(args.pdf))
    text = _text(args, form)
    if args.pdf is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return 0
    write_pdf(text if form == "document" else claims_document(_displayed(text, form)), Path(args.pdf))
    print(f"wrote {args.pdf}")
    return 0


def _displayed(text: str, form: str) -> str:
    if form != "expr":
        return text
    return "\n".join(f"\\[ {line} \\]" for line in text.splitlines() if not line.startswith("%"))


def _text(args: argparse.Namespace, form: str) -> str:
    """What was asked for.

    Raises:
        ValueError, OSError: an unknown name, a format that does not apply, a run that cannot be read.
    """
    from proofs_check.claims import load
    from proofs_check.cli.verify import cache_folder, select
    from proofs_check.contents import contents, load_for
    from proofs_check.report import document, formulas
    from theory.latex.quantities import quantity_equations
    from theory.quantities import QUANTITIES

    if args.name in QUANTITIES:
        equation = quantity_equations(explicit=args.explicit).get(args.name)
        if equation is None:
            raise ValueError(f"quantity {args.name!r} has no closed form to print")
        if form == "expr":
            return equation.right
        if form == "align":
            return f"\\begin{{align*}}\n{equation.left} &= {equation.right}\n\\end{{align*}}"
        if form == "document":
            return document.claims_document(f"\\[ {equation.text} \\]")
        raise ValueError("--format table is for claims; a quantity has no outcome")
    known = contents(cache_folder())
    if form in ("expr", "align"):
        if args.name is None:
            raise ValueError(f"--format {form} needs the name of a claim or a quantity")
        ids = _chosen(args.name, known, children=False)
        part = load_for(ids, known)
        claims = [part[id] for id in ids]
        return formulas.claims_formulas(claims, aligned=form == "align", explicit=args.explicit)
    if args.explicit:
        raise ValueError(f"--explicit does not apply to --format {form}")
    if args.name is not None:
        _chosen(args.name, known, children=True)
    data = _run(args)
    if args.name is None:
        return document.appendix(data, load()) if form == "document" else document.table(data["claims"])
    wanted = set(select([args.name], known.claims))
    rows = [c for c in data["claims"] if c["id"] in wanted]
    if form == "table":
        return document.table(rows)
    return document.entries(rows, load())


def _chosen(name: str, known: Contents, *, children: bool) -> list[str]:
    """The ids of the claims called `name`, or matching it as a pattern.

    Raises:
        ValueError: there is none; quantities and claims with a similar name are suggested.
    """
    from difflib import get_close_matches

    from proofs_check.cli.verify import select
    from theory.quantities import QUANTITIES

    try:
        return select([name], known.claims, children=children)
    except ValueError:
        close = get_close_matches(name, [*known.claims, *QUANTITIES], n=6, cutoff=0.5)
        close += [id for id in known.claims if name.split("/")[0] in id and id not in close][: 6 - len(close)]
        hint = f"; did you mean {', '.join(close)}?" if close else ""
        raise ValueError(f"no claim or quantity {name!r}{hint} ('latent-stopping latex' lists them)") from None


def _run(args: argparse.Namespace) -> dict[str, Any]:
    """The outcomes: from the file given, from a kept run, or decided now.

    Raises:
        ValueError, OSError: a file that is no run, options out of range.
    """
    from proofs_check.cli.verify import run_data
    from proofs_check.report.read_run import read_run

    return run_data(args, [], twins=0) if args.kept is None else read_run(args.kept)


def _list() -> None:
    from proofs_check.cli.verify import cache_folder
    from proofs_check.contents import contents
    from proofs_check.report.terminal import console
    from theory.quantities import QUANTITIES

    out = console()
    out.print("Quantities", style="bold")
    for name, quantity in QUANTITIES.items():
        out.print(f"  {name:<24}{quantity.says}", overflow="ellipsis", no_wrap=True)
    out.print("\nClaims (children with 'latent-stopping list')", style="bold")
    for claim in contents(cache_folder()).claims.values():
        if "/" not in claim.id:
            out.print(f"  {claim.id:<24}{claim.title}", overflow="ellipsis", no_wrap=True)
    out.print("\nThe whole appendix: latent-stopping latex --pdf appendix.pdf")
