"""Obligations as SMT-LIB 2 text: the hypotheses and the negated goal, over the reals.

Square roots, quotients, maxima, case distinctions and exponentials become fresh variables with their defining
constraints. Each constraint is implied by the meaning of the term wherever the term has one, and leaves the
variable free where it has none (a zero divisor, a negative radicand). So `unsat` proves the obligation for
every value a meaningless term might be given; `sat` may be an artefact, and is only ever used as a hint.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from proofs_check.claim import Obligation
from proofs_check.formula import And, Formula, Iff, Implies, Not, Or, Relation

__all__ = ["Untranslatable", "script"]


class Untranslatable(ValueError):
    """The obligation contains a function that real arithmetic cannot express."""


_RELATIONS = {sp.StrictLessThan: "<", sp.LessThan: "<=", sp.StrictGreaterThan: ">", sp.GreaterThan: ">="}


class _Writer:
    def __init__(self, defined: bool) -> None:
        self.defined = defined
        self.names: dict[sp.Symbol, str] = {}
        self.fresh: list[str] = []
        self.facts: list[str] = []
        self.known: dict[Any, str] = {}

    def declare(self, symbol: sp.Symbol) -> str:
        if "!" in symbol.name or "|" in symbol.name:
            raise Untranslatable(f"symbol name {symbol.name!r}")
        return self.names.setdefault(symbol, f"|{symbol.name}|")

    def new(self, kind: str) -> str:
        # no symbol of a formula has a "!" in its name (see `declare`), so a fresh name is never one of theirs
        name = f"{kind}!{len(self.fresh)}"
        self.fresh.append(name)
        return name

    def term(self, e: Any) -> str:
        if e.is_Symbol:
            return self.declare(e)
        if e not in self.known:
            self.known[e] = self._term(e)
        return self.known[e]

    def _term(self, e: Any) -> str:
        if e.is_Integer:
            return str(e.p) if e.p >= 0 else f"(- {-e.p})"
        if e.is_Rational:
            return f"(/ {self.term(sp.Integer(e.p))} {e.q})"
        if e.is_Add:
            return f"(+ {' '.join(self.term(a) for a in e.args)})"
        if e.is_Mul:
            numerator, denominator = sp.fraction(e)
            if denominator == 1:
                return f"(* {' '.join(self.term(a) for a in e.args)})"
            return self.quotient(numerator, denominator)
        if e.is_Pow:
            return self.power(e.base, e.exp)
        if isinstance(e, sp.Max | sp.Min):
            sign = ">=" if isinstance(e, sp.Max) else "<="
            first, *rest = (self.term(a) for a in e.args)
            for other in rest:
                first = f"(ite ({sign} {first} {other}) {first} {other})"
            return first
        if isinstance(e, sp.Abs):
            inner = self.term(e.args[0])
            return f"(ite (>= {inner} 0) {inner} (- {inner}))"
        if isinstance(e, sp.Piecewise):
            return self.cases([(v, c) for v, c in e.args])
        if isinstance(e, sp.exp):
            name = self.new("e")
            self.facts.append(f"(> {name} 0)")
            return name
        raise Untranslatable(f"no real arithmetic for {type(e).__name__}: {e}")

    def cases(self, branches: Sequence[tuple[Any, Any]]) -> str:
        value, condition = branches[0]
        if condition is sp.true:
            return self.term(value)
        sign = _RELATIONS.get(condition.func)
        if sign is None:
            raise Untranslatable(f"condition {condition}")
        if len(branches) == 1:
            raise Untranslatable("a case distinction without a last case")
        test = f"({sign} {self.term(condition.lhs)} {self.term(condition.rhs)})"
        return f"(ite {test} {self.term(value)} {self.cases(branches[1:])})"

    def quotient(self, numerator: Any, denominator: Any) -> str:
        if denominator.is_Rational:
            return f"(/ {self.term(numerator)} {self.term(denominator)})"
        above, below = self.term(numerator), self.term(denominator)
        name = self.new("r")
        meaning = f"(= (* {name} {below}) {above})"
        if self.defined:
            self.facts.append(f"(and (not (= {below} 0)) {meaning})")
        else:
            self.facts.append(f"(or (= {below} 0) {meaning})")
        return name

    def power(self, base: Any, exponent: Any) -> str:
        if exponent.is_Integer and exponent > 0:
            return f"(* {' '.join([self.term(base)] * int(exponent))})"
        if exponent.is_Rational and exponent < 0:
            return self.quotient(sp.S.One, base**-exponent)
        if exponent.is_Rational and exponent.q == 2:
            root = self.root(base)
            return root if exponent.p == 1 else f"(* {' '.join([root] * int(exponent.p))})"
        if exponent.is_Rational:
            raise Untranslatable(f"power {exponent}")
        # a positive base to a real power is positive, and nothing more is said about it
        name = self.new("p")
        self.facts.append(f"(or (<= {self.term(base)} 0) (> {name} 0))")
        return name

    def root(self, base: Any) -> str:
        key = ("sqrt", base)
        if key not in self.known:
            inner = self.term(base)
            name = self.new("w")
            meaning = f"(= (* {name} {name}) {inner})"
            test = f"(and (>= {inner} 0) {meaning})" if self.defined else f"(or (< {inner} 0) {meaning})"
            self.facts += [f"(>= {name} 0)", test]
            self.known[key] = name
        return self.known[key]

    def formula(self, f: Formula) -> str:
        match f:
            case Relation("!=", a, b):
                return f"(not (= {self.term(a)} {self.term(b)}))"
            case Relation(op, a, b):
                return f"({op} {self.term(a)} {self.term(b)})"
            case Not(arg):
                return f"(not {self.formula(arg)})"
            case And(args):
                return f"(and {' '.join(map(self.formula, args))})" if args else "true"
            case Or(args):
                return f"(or {' '.join(map(self.formula, args))})" if args else "false"
            case Implies(a, b):
                return f"(=> {self.formula(a)} {self.formula(b)})"
            case Iff(a, b):
                return f"(= {self.formula(a)} {self.formula(b)})"


@lru_cache(maxsize=16)
def script(obligation: Obligation, *, goal: bool = True, defined: bool = False) -> str:
    """The SMT-LIB text whose unsatisfiability proves `obligation`.

    With `goal=False` the goal is left out: the text is then satisfiable iff the hypotheses are. With `defined=True`
    every term must have a meaning: models are then more often counterexamples, but `unsat` would prove less, so that
    text is for finding witnesses only.

    Raises:
        Untranslatable: the formulas are not expressible in real arithmetic.
    """
    writer = _Writer(defined)
    for symbol in obligation.domain.symbols:
        writer.declare(symbol)
    asserted = [writer.formula(f) for f in obligation.domain.formulas()]
    if goal:
        asserted.append(f"(not {writer.formula(obligation.goal)})")
    lines = ["(set-logic QF_NRA)"]
    lines += [f"(declare-fun {name} () Real)" for name in [*writer.names.values(), *writer.fresh]]
    lines += [f"(assert {text})" for text in [*writer.facts, *asserted]]
    lines.append("(check-sat)")
    return "\n".join(lines) + "\n"
