"""The formulas of claims by themselves: one to a line, or aligned with what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr

from proofs_check.claim import Claim, Lift, Statement
from proofs_check.formula import Formula, Relation
from proofs_check.report.latex import domain_latex, formula_latex, prose_latex
from theory.latex import Printer
from theory.latex.quantities import sum_over

__all__ = ["claims_formulas", "general_form"]

_SIGNS = {"<=": r"\le", ">=": r"\ge"}


def general_form(lift: Lift, *, explicit: bool = False) -> str | None:
    r"""What a lift concludes for any `d`, as sums over `j \le d`; None where the rule is not about sums of terms."""
    goal = lift.premises[0].goal
    if lift.rule != "sum-of-terms" or not isinstance(goal, Relation):
        return None
    left, right = (
        "0" if side == 0 else sum_over(side, explicit=explicit) for side in (goal.left, goal.right)
    )  # fmt: skip
    return f"{left} {_SIGNS.get(goal.op, goal.op)} {right}"


def _statements(claim: Claim) -> Iterator[tuple[str, Statement]]:
    yield from (("as printed", s) for s in claim.statements)
    yield from (("repair", s) for r in claim.repairs for s in r.statements)


def _entries(claim: Claim, *, explicit: bool) -> Iterator[tuple[str, str, str]]:
    """What is said, where, and the formula, for every formula of the claim."""
    text = Printer(explicit=explicit).text

    def body(what: Expr | Formula) -> str:
        return text(what) if isinstance(what, Expr) else formula_latex(what, side=text)

    for said, what in claim.derivation:
        if not isinstance(what, str):
            yield f"derived, {said}", "", body(what)
    for part, statement in _statements(claim):
        general = general_form(statement.lift, explicit=explicit) if statement.lift else None
        if general is not None:
            yield f"{part}, {statement.text}", "", general
        for o in [*statement.obligations, *(statement.lift.premises if statement.lift else ())]:
            yield f"{part}, {o.text}", domain_latex(o.domain), body(o.goal)


def claims_formulas(claims: Sequence[Claim], *, aligned: bool = False, explicit: bool = False) -> str:
    r"""The formulas of `claims`: bare, each after a comment that says what it is, or in `align*` with words.

    Raises:
        ValueError: none of the claims has a formula.
    """
    blocks = []
    for claim in claims:
        entries = list(dict.fromkeys(_entries(claim, explicit=explicit)))
        if not entries:
            continue
        if aligned:
            rows = []
            for said, where, formula in entries:
                condition = f" && ({where})" if where else ""
                rows.append(f"\\intertext{{{prose_latex(said[:1].upper() + said[1:])}:}}\n& {formula}{condition}")
            body = " \\\\\n".join(rows).replace(" \\\\\n\\intertext", "\n\\intertext")
            blocks.append(f"% {claim.id}\n\\begin{{align*}}\n{body}\n\\end{{align*}}")
        else:
            blocks.append("\n".join(f"% {claim.id}: {said}\n{formula}" for said, _, formula in entries))
    if not blocks:
        raise ValueError(f"no formula in {', '.join(c.id for c in claims)}: a cited theorem or a statement in words")
    return "\n\n".join(blocks)
