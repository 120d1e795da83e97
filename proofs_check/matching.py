"""Whether a rule concludes the very statement it is used for."""

from __future__ import annotations

from collections.abc import Sequence

from proofs_check.claim import Obligation, Statement
from proofs_check.engines.canonical import is_identically_zero
from proofs_check.formula import Formula, Relation, children, serialise
from proofs_check.verdict import Evidence, Verdict, issue

__all__ = ["match_lift"]


def _same(a: Formula, b: Formula) -> bool:
    """Same connectives, same relations, and `left - right` identical as canonical forms."""
    if serialise(a) == serialise(b):
        return True
    if isinstance(a, Relation) and isinstance(b, Relation):
        return a.op == b.op and is_identically_zero((a.left - a.right) - (b.left - b.right))
    if type(a) is not type(b) or isinstance(a, Relation):
        return False
    first, second = children(a), children(b)
    return len(first) == len(second) and all(map(_same, first, second))


def _difference(concluded: Obligation, stated: Obligation) -> str:
    """What keeps `concluded` from being at least as strong as `stated`; empty if nothing does."""
    offered = {v.symbol: v for v in stated.domain.variables}
    for v in concluded.domain.variables:
        if offered.get(v.symbol) != v:
            return f"the rule needs {v.show()}, which the statement does not give"
    given = {serialise(h) for h in stated.domain.hypotheses}
    for hypothesis in concluded.domain.hypotheses:
        # most are written alike, and a text is found in no time beside a canonical form
        if serialise(hypothesis) not in given and not any(_same(hypothesis, h) for h in stated.domain.hypotheses):
            return f"the rule needs a hypothesis that the statement does not give: {hypothesis}"
    if not _same(concluded.goal, stated.goal):
        return "the rule concludes another formula than the statement"
    return ""


def match_lift(statement: Statement, instances: Sequence[Obligation]) -> Evidence:
    """PROVED if the rule's conclusion is the statement for every size tried, else ERROR.

    `instances` are the statement written out for each of `statement.sizes`.
    """
    lift = statement.lift
    if lift is None or not instances:
        raise ValueError(f"{statement.id} has no lift, or no instance to compare it with")
    stated = {D: o for D, o in zip(statement.sizes, instances, strict=True) if lift.smallest <= D}
    sizes = list(stated)
    for D in sizes:
        problem = _difference(lift.conclusion(D), stated[D])
        if problem:
            return issue(verdict=Verdict.ERROR, engine=f"rule {lift.rule}", detail=f"D = {D}: {problem}")
    detail = (
        f"premises carried to every D by rule {lift.rule}; conclusion compared for D = {', '.join(map(str, sizes))}"
    )
    return issue(verdict=Verdict.PROVED, engine=f"rule {lift.rule}", detail=detail)
