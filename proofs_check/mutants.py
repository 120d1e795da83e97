"""Wrong twins: small changes to an obligation, of the kind that a misprint or a slip makes.

A twin may turn out to be true. It counts as wrong only once a witness found by the search, which is not one of the
engines that prove, shows it false; then an engine that established the original must refute it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import sympy as sp

from proofs_check.claim import Domain, Obligation
from proofs_check.formula import Formula, Implies, Relation, children, map_expressions, rebuild, relations

__all__ = ["OPERATORS", "Twin", "twins_of"]


@dataclass(frozen=True)
class Twin:
    """A changed obligation and the operator that changed it."""

    operator: str
    obligation: Obligation


def _sites(e: sp.Expr) -> Iterator[tuple[sp.Expr, Callable[[sp.Expr], sp.Expr]]]:
    """Every subexpression with a function that puts another in its place (unevaluated only where SymPy keeps it)."""
    yield e, lambda new: new
    if isinstance(e, sp.Piecewise):
        return
    inner = e.args[:1] if e.is_Pow else e.args  # an exponent has its own operator
    for i, arg in enumerate(inner):
        for sub, put in _sites(arg):

            def place(new: sp.Expr, put: Callable[[sp.Expr], sp.Expr] = put, i: int = i) -> sp.Expr:
                args = list(e.args)
                args[i] = put(new)
                return e.func(*args)

            yield sub, place


Change = Iterator[tuple[str, Callable[[], Formula]]]


def _expression_changes(e: sp.Expr) -> Iterator[tuple[str, Callable[[], sp.Expr]]]:
    for sub, put in _sites(e):
        if isinstance(sub, sp.Add):
            for k, term in enumerate(sub.args):
                rest = [t for i, t in enumerate(sub.args) if i != k]
                yield "sign", partial(put, sp.Add(*rest, -term))
                yield "dropped term", partial(put, sp.Add(*rest))
        if sub.is_Rational and sub not in (0, 1, -1):
            yield "factor", partial(put, sub * sp.Rational(11, 10))
        if isinstance(sub, sp.Mul):
            yield "factor", partial(put, 2 * sub)
        if sub.is_Pow:
            step = sp.S.One if sub.exp.is_Integer else sp.S.Half
            yield "exponent", partial(put, sub.base ** (sub.exp + step))


def _goal_changes(goal: Formula, wrap: Callable[[Formula], Formula]) -> Change:
    if isinstance(goal, Relation):
        strict = {"<=": "<", ">=": ">", "<": "<=", ">": ">="}
        turned = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
        if goal.op in strict:
            yield "strictness", lambda: wrap(replace(goal, op=strict[goal.op]))
            yield "direction", lambda: wrap(replace(goal, op=turned[goal.op]))
        for name, left in _expression_changes(goal.left):
            yield name, lambda left=left: wrap(replace(goal, left=left()))  # type: ignore[misc]
        for name, right in _expression_changes(goal.right):
            yield name, lambda right=right: wrap(replace(goal, right=right()))  # type: ignore[misc]
        return
    if isinstance(goal, Implies):
        yield "dropped hypothesis", lambda: wrap(goal.then)
    parts = children(goal)
    for i, part in enumerate(parts):

        def inner(new: Formula, i: int = i) -> Formula:
            return wrap(rebuild(goal, (*parts[:i], new, *parts[i + 1 :])))

        yield from _goal_changes(part, inner)


def _in_goal(goal: Formula, change: dict[sp.Symbol, sp.Expr]) -> Formula:
    return map_expressions(goal, lambda e: e.xreplace(change))


def _symbol_swaps(obligation: Obligation) -> Change:
    """Exchange two symbols of the same kind in the goal only."""
    for a, b in combinations([v.symbol for v in obligation.domain.variables], 2):
        if a.name[:1] == b.name[:1]:
            yield "swapped symbol", lambda a=a, b=b: _in_goal(obligation.goal, {a: b, b: a})  # type: ignore[misc]


def _time_reversal(obligation: Obligation) -> Change:
    """`1 - x` for a noise level `x` in the goal only: noise for signal, `t` for `T - t`."""
    for v in obligation.domain.variables:
        if v.lower == 0 and v.upper == 1 and v.symbol.name.startswith("x"):
            yield "t for T - t", lambda s=v.symbol: _in_goal(obligation.goal, {s: 1 - s})  # type: ignore[misc]


def _domain_changes(domain: Domain) -> Iterator[tuple[str, Domain]]:
    for i in range(len(domain.hypotheses)):
        yield (
            "dropped hypothesis",
            replace(domain, hypotheses=domain.hypotheses[:i] + domain.hypotheses[i + 1 :]),
        )
    for i, v in enumerate(domain.variables):
        if v.upper is not None:
            wider = replace(v, upper=None, upper_open=False)
            yield (
                "dropped bound",
                replace(domain, variables=(*domain.variables[:i], wider, *domain.variables[i + 1 :])),
            )


OPERATORS = (
    "sign",
    "factor",
    "exponent",
    "dropped term",
    "swapped symbol",
    "strictness",
    "direction",
    "dropped hypothesis",
    "dropped bound",
    "t for T - t",
)


def twins_of(obligation: Obligation, per_operator: int) -> list[Twin]:
    """The twins of an obligation, at most `per_operator` for each operator, in a fixed order, without repeats."""
    seen = {obligation.serialise()}
    count: dict[str, int] = {}
    twins: list[Twin] = []

    def add(operator: str, domain: Domain, goal: Callable[[], Formula]) -> None:
        if count.get(operator, 0) >= per_operator:
            return
        number = count.get(operator, 0) + 1
        changed = goal()
        if any(side.has(sp.zoo, sp.nan, sp.oo) for r in relations(changed) for side in (r.left, r.right)):
            return
        twin = Obligation(f"{obligation.id}~{operator} {number}", obligation.text, domain, changed, obligation.source)
        text = twin.serialise()
        if text not in seen:
            seen.add(text)
            count[operator] = number
            twins.append(Twin(operator, twin))

    for changes in (
        _goal_changes(obligation.goal, lambda g: g),
        _symbol_swaps(obligation),
        _time_reversal(obligation),
    ):
        for operator, goal in changes:
            add(operator, obligation.domain, goal)
    for operator, where in _domain_changes(obligation.domain):
        add(operator, where, lambda: obligation.goal)
    return twins
