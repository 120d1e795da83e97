"""Wrong twins: small changes to an obligation, of the kind that a misprint or a slip makes.

A twin may turn out to be true. It counts as wrong only once a witness found by the search, which is not one of the
engines that prove, shows it false; then an engine that established the original must refute it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import sympy as sp

from proofs_check.claim import Domain, Obligation
from proofs_check.formula import Formula, Implies, Relation, children, map_expressions, rebuild, serialise

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


def _expression_changes(e: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    for sub, put in _sites(e):
        if isinstance(sub, sp.Add):
            for k, term in enumerate(sub.args):
                rest = [t for i, t in enumerate(sub.args) if i != k]
                yield "sign", put(sp.Add(*rest, -term))
                yield "dropped term", put(sp.Add(*rest))
        if sub.is_Rational and sub not in (0, 1, -1) and abs(sub) != sp.S.Half:
            yield "factor", put(sub * sp.Rational(11, 10))
        if isinstance(sub, sp.Mul):
            yield "factor", put(2 * sub)
        if sub.is_Pow:
            yield "exponent", put(sub.base ** (sub.exp + (1 if sub.exp.is_Integer else sp.S.Half)))


def _goal_changes(goal: Formula, wrap: Callable[[Formula], Formula]) -> Iterator[tuple[str, Formula]]:
    if isinstance(goal, Relation):
        strict = {"<=": "<", ">=": ">", "<": "<=", ">": ">="}
        turned = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
        if goal.op in strict:
            yield "strictness", wrap(replace(goal, op=strict[goal.op]))
            yield "direction", wrap(replace(goal, op=turned[goal.op]))
        for name, left in _expression_changes(goal.left):
            yield name, wrap(replace(goal, left=left))
        for name, right in _expression_changes(goal.right):
            yield name, wrap(replace(goal, right=right))
        return
    if isinstance(goal, Implies):
        yield "dropped hypothesis", wrap(goal.then)
    parts = children(goal)
    for i, part in enumerate(parts):

        def inner(new: Formula, i: int = i) -> Formula:
            return wrap(rebuild(goal, (*parts[:i], new, *parts[i + 1 :])))

        yield from _goal_changes(part, inner)


def _in_goal(goal: Formula, change: dict[sp.Symbol, sp.Expr]) -> Formula:
    return map_expressions(goal, lambda e: e.subs(change, simultaneous=True))


def _symbol_swaps(obligation: Obligation) -> Iterator[tuple[str, Formula]]:
    """Exchange two symbols of the same kind in the goal only."""
    for a, b in combinations([v.symbol for v in obligation.domain.variables], 2):
        if a.name[:1] == b.name[:1]:
            yield "swapped symbol", _in_goal(obligation.goal, {a: b, b: a})


def _time_reversal(obligation: Obligation) -> Iterator[tuple[str, Formula]]:
    """`1 - x` for a noise level `x` in the goal only: noise for signal, `t` for `T - t`."""
    for v in obligation.domain.variables:
        if v.lower == 0 and v.upper == 1 and v.symbol.name.startswith("x"):
            yield "t for T - t", _in_goal(obligation.goal, {v.symbol: 1 - v.symbol})


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


def twins_of(obligation: Obligation, per_operator: int = 3) -> list[Twin]:
    """The twins of an obligation, at most `per_operator` for each operator, in a fixed order, without repeats."""
    seen = {obligation.serialise()}
    count: dict[str, int] = {}
    twins: list[Twin] = []

    def add(operator: str, domain: Domain, goal: Formula) -> None:
        if count.get(operator, 0) >= per_operator or "zoo" in (text := serialise(goal)) or "nan" in text:
            return
        number = count.get(operator, 0) + 1
        twin = Obligation(f"{obligation.id}~{operator} {number}", obligation.text, domain, goal, obligation.source)
        if twin.serialise() not in seen:
            seen.add(twin.serialise())
            count[operator] = number
            twins.append(Twin(operator, twin))

    for operator, goal in (
        *_goal_changes(obligation.goal, lambda g: g),
        *_symbol_swaps(obligation),
        *_time_reversal(obligation),
    ):
        add(operator, obligation.domain, goal)
    for operator, where in _domain_changes(obligation.domain):
        add(operator, where, obligation.goal)
    return twins
