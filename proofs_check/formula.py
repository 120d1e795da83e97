"""Formulas: relations between SymPy expressions, joined by connectives.

Our own small tree rather than SymPy's booleans, because those simplify themselves while they are built (a goal could
become `True` before any engine has seen it) and because an unevaluated relation is truthy in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol, srepr, sstr

__all__ = [
    "And",
    "Formula",
    "Iff",
    "Implies",
    "Not",
    "Or",
    "Relation",
    "all_of",
    "eq",
    "ge",
    "gt",
    "le",
    "lt",
    "map_expressions",
    "ne",
    "relations",
    "serialise",
    "show",
    "symbols_of",
    "truth",
]

NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


class _NotABool:
    def __bool__(self) -> bool:
        raise TypeError("a formula has no truth value by itself; an engine decides it")


@dataclass(frozen=True)
class Relation(_NotABool):
    """`left op right`, with `op` one of `<`, `<=`, `>`, `>=`, `=`, `!=`."""

    op: str
    left: Expr
    right: Expr

    def __post_init__(self) -> None:
        if self.op not in NEGATED:
            raise ValueError(f"op must be one of {sorted(NEGATED)}, got {self.op!r}")


@dataclass(frozen=True)
class Not(_NotABool):
    """Negation."""

    arg: Formula


@dataclass(frozen=True)
class And(_NotABool):
    """Conjunction; the empty one is true."""

    args: tuple[Formula, ...]


@dataclass(frozen=True)
class Or(_NotABool):
    """Disjunction; the empty one is false."""

    args: tuple[Formula, ...]


@dataclass(frozen=True)
class Implies(_NotABool):
    """Implication."""

    given: Formula
    then: Formula


@dataclass(frozen=True)
class Iff(_NotABool):
    """Equivalence."""

    left: Formula
    right: Formula


Formula = Relation | Not | And | Or | Implies | Iff


def _relation(op: str) -> Callable[[Any, Any], Relation]:
    def build(left: Any, right: Any) -> Relation:
        return Relation(op, _exact(left), _exact(right))

    return build


def _exact(value: Any) -> Expr:
    from sympy import Integer

    if isinstance(value, bool | float):
        raise TypeError(f"a formula takes exact expressions, got {value!r}")
    return Integer(value) if isinstance(value, int) else value


lt, le, gt, ge, eq, ne = (_relation(op) for op in ("<", "<=", ">", ">=", "=", "!="))


def all_of(formulas: Sequence[Formula]) -> Formula:
    """The conjunction of `formulas`; a single one stands for itself."""
    return formulas[0] if len(formulas) == 1 else And(tuple(formulas))


def children(formula: Formula) -> tuple[Formula, ...]:
    """The direct parts of a formula."""
    match formula:
        case Relation():
            return ()
        case Not(arg):
            return (arg,)
        case And(args) | Or(args):
            return args
        case Implies(a, b) | Iff(a, b):
            return (a, b)


def rebuild(formula: Formula, parts: tuple[Formula, ...]) -> Formula:
    """The same connective over other parts."""
    match formula:
        case Relation():
            return formula
        case Not():
            return Not(parts[0])
        case And():
            return And(parts)
        case Or():
            return Or(parts)
        case Implies():
            return Implies(*parts)
        case Iff():
            return Iff(*parts)


def relations(formula: Formula) -> Iterator[Relation]:
    """All relations, left to right."""
    if isinstance(formula, Relation):
        yield formula
    for part in children(formula):
        yield from relations(part)


def map_expressions(formula: Formula, function: Callable[[Expr], Expr]) -> Formula:
    """Apply `function` to both sides of every relation."""
    if isinstance(formula, Relation):
        return Relation(formula.op, function(formula.left), function(formula.right))
    return rebuild(formula, tuple(map_expressions(part, function) for part in children(formula)))


def symbols_of(formula: Formula) -> set[Symbol]:
    """The free symbols."""
    return set().union(*(r.left.free_symbols | r.right.free_symbols for r in relations(formula)))


def truth(formula: Formula, decide: Callable[[Relation], bool | None]) -> bool | None:
    """Kleene's three-valued truth of `formula`, given that of its relations (None: not known)."""
    match formula:
        case Relation():
            return decide(formula)
        case Not(arg):
            value = truth(arg, decide)
            return None if value is None else not value
        case And(args):
            values = [truth(a, decide) for a in args]
            return False if False in values else None if None in values else True
        case Or(args):
            values = [truth(a, decide) for a in args]
            return True if True in values else None if None in values else False
        case Implies(a, b):
            return truth(Or((Not(a), b)), decide)
        case Iff(a, b):
            left, right = truth(a, decide), truth(b, decide)
            return None if left is None or right is None else left is right


# SymPy's printers sort every sum anew, and a registry says the same few expressions over and over
_plain = lru_cache(maxsize=8192)(sstr)
_structure = lru_cache(maxsize=8192)(srepr)

_WORDS = {"<=": "≤", ">=": "≥", "!=": "≠"}


def show(formula: Formula) -> str:
    """The formula on one line of text."""

    def inner(part: Formula) -> str:
        text = show(part)
        return text if isinstance(part, Relation) else f"({text})"

    match formula:
        case Relation(op, left, right):
            return f"{_plain(left)} {_WORDS.get(op, op)} {_plain(right)}"
        case Not(arg):
            return f"not {inner(arg)}"
        case And(args):
            return " and ".join(map(inner, args)) or "true"
        case Or(args):
            return " or ".join(map(inner, args)) or "false"
        case Implies(a, b):
            return f"{inner(a)} ⇒ {inner(b)}"
        case Iff(a, b):
            return f"{inner(a)} ⇔ {inner(b)}"


def serialise(formula: Formula) -> str:
    """A canonical text, the same in every process; it keys the cache and the certificates."""
    if isinstance(formula, Relation):
        return f"({formula.op} {_structure(formula.left)} {_structure(formula.right)})"
    return f"({type(formula).__name__} {' '.join(map(serialise, children(formula)))})"
