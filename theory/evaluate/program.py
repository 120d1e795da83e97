"""A SymPy expression as a straight-line program, shared by all evaluators.

SymPy has no printer for Arb, and `lambdify` with Arb functions is unsound (it prints 1/3 as a Python float). So an
expression is compiled once into a list of elementary steps, common subexpressions merged, and each backend says
what a step means for its numbers. `1 - e^u` and `log(1 + u)` become `expm1` and `log1p`, which keeps
double precision near the ends of the stop-time axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.codegen.rewriting import expm1_opt, log1p_opt, optimize

__all__ = ["Backend", "Program", "UnsupportedExpression", "compile_expression", "log1p_less", "twice"]


class log1p_less(sp.Function):  # type: ignore[misc]
    """`log(1 + z) - z`, which loses every digit near `z = 0` when it is computed as a difference."""

    nargs = 1


class twice(sp.Function):  # type: ignore[misc]
    """Its argument, to be computed in twice the working precision and rounded once (`theory.evaluate.running` can)."""

    nargs = 1


class UnsupportedExpression(ValueError):
    """The expression contains something that no evaluator knows (a float, an unknown function, a free symbol)."""


class Backend(Protocol):
    """What the elementary steps mean for one kind of number."""

    def constant(self, value: Fraction | str) -> Any:
        """An exact rational, or the name of a constant (`pi`)."""

    def apply(self, name: str, *args: Any) -> Any:
        """The step `name`: add, mul, div, power (integer exponent), sqrt, exp, expm1, log, log1p, ..."""

    def select(self, branches: Sequence[tuple[Any, Any]]) -> Any:
        """The value of the first branch `(truth, value)` whose truth is certain."""

    def compare(self, op: str, left: Any, right: Any) -> Any:
        """The truth of `left op right`, in whatever truth values the backend has."""


@dataclass(frozen=True)
class Program:
    """A compiled expression: `symbols` are the arguments in order, `steps` the work, `result` the last slot."""

    symbols: tuple[sp.Symbol, ...]
    steps: tuple[tuple[str, tuple[Any, ...]], ...]
    result: int

    def run(self, backend: Backend, arguments: Sequence[Any]) -> Any:
        """Evaluate with the numbers of `backend`; `arguments` are in the order of `symbols`."""
        slots: list[Any] = list(arguments)
        for name, args in self.steps:
            if name == "constant":
                slots.append(backend.constant(args[0]))
            elif name == "compare":
                slots.append(backend.compare(args[0], slots[args[1]], slots[args[2]]))
            elif name == "power":
                slots.append(backend.apply("power", slots[args[0]], args[1]))
            elif name == "select":
                pairs = [(True if test is None else slots[test], slots[value]) for test, value in args[0]]
                slots.append(backend.select(pairs))
            elif name == "twice":
                slots.append(backend.apply(name, args[0], *(slots[a] for a in args[1:])))
            else:
                slots.append(backend.apply(name, *(slots[a] for a in args)))
        return slots[self.result]


_FUNCTIONS: Mapping[Any, str] = {
    sp.exp: "exp",
    sp.log: "log",
    expm1: "expm1",
    log1p: "log1p",
    log1p_less: "log1p_less",
    sp.Abs: "abs",
    sp.gamma: "gamma",
    sp.loggamma: "loggamma",
    sp.erf: "erf",
    sp.erfc: "erfc",
}
_RELATIONS: Mapping[Any, str] = {
    sp.StrictLessThan: "<",
    sp.LessThan: "<=",
    sp.StrictGreaterThan: ">",
    sp.GreaterThan: ">=",
}


class _Compiler:
    def __init__(self, symbols: Sequence[sp.Symbol]) -> None:
        self.slots: dict[Any, int] = {symbol: i for i, symbol in enumerate(symbols)}
        self.steps: list[tuple[str, tuple[Any, ...]]] = []
        self.count = len(symbols)

    def emit(self, name: str, *args: Any) -> int:
        key = (name, args)
        if key not in self.slots:
            self.steps.append((name, args))
            self.slots[key] = self.count
            self.count += 1
        return self.slots[key]

    def visit(self, e: sp.Basic) -> int:
        if e not in self.slots:
            self.slots[e] = self._visit(e)
        return self.slots[e]

    def _fold(self, name: str, parts: Sequence[int]) -> int:
        total = parts[0]
        for part in parts[1:]:
            total = self.emit(name, total, part)
        return total

    def _visit(self, e: Any) -> int:
        if e.is_Rational:
            return self.emit("constant", Fraction(int(e.p), int(e.q)))
        if e is sp.pi:
            return self.emit("constant", "pi")
        if e is sp.E:
            return self.emit("exp", self.emit("constant", Fraction(1)))
        if e.is_Add:
            return self._fold("add", [self.visit(a) for a in e.args])
        if e.is_Mul:
            below = [a for a in e.args if a.is_Pow and a.exp.is_Rational and a.exp < 0]
            above = [self.visit(a) for a in e.args if a not in below]
            product = self._fold("mul", above) if above else self.emit("constant", Fraction(1))
            for a in below:
                product = self.emit("div", product, self._power(a.base, -a.exp))
            return product
        if e.is_Pow:
            return self._power(e.base, e.exp)
        if isinstance(e, twice):
            symbols = sorted(e.free_symbols, key=str)
            return self.emit("twice", compile_expression(e.args[0], symbols), *(self.visit(s) for s in symbols))
        if isinstance(e, sp.UnevaluatedExpr):
            return self.visit(e.args[0])
        if isinstance(e, sp.Max | sp.Min):
            return self._fold("max" if isinstance(e, sp.Max) else "min", [self.visit(a) for a in e.args])
        if isinstance(e, sp.Piecewise):
            return self.emit("select", tuple((self._test(c), self.visit(v)) for v, c in e.args))
        if isinstance(e, sp.hyper) and len(e.ap) == 1 and len(e.bq) == 1:
            return self.emit("hyp1f1", self.visit(e.ap[0]), self.visit(e.bq[0]), self.visit(e.argument))
        name = "hypu" if e.func.__name__ == "tricomi_u" else _FUNCTIONS.get(e.func)
        if name is not None:
            return self.emit(name, *(self.visit(a) for a in e.args))
        raise UnsupportedExpression(f"no evaluator knows {e!r} ({type(e).__name__})")

    def _power(self, base: Any, exponent: Any) -> int:
        if exponent == 1:
            return self.visit(base)
        if exponent.is_Integer and exponent > 0:
            return self.emit("power", self.visit(base), int(exponent))
        if exponent.is_Rational and exponent < 0:
            one = self.emit("constant", Fraction(1))
            return self.emit("div", one, self._power(base, -exponent))
        if exponent.is_Rational and exponent.q == 2:
            root = self.emit("sqrt", self.visit(base))
            return root if exponent.p == 1 else self.emit("power", root, int(exponent.p))
        logarithm = self.emit("log", self.visit(base))
        return self.emit("exp", self.emit("mul", self.visit(exponent), logarithm))

    def _test(self, condition: Any) -> int | None:
        if condition is sp.true:
            return None
        name = _RELATIONS.get(condition.func)
        if name is None:
            raise UnsupportedExpression(f"no evaluator knows the condition {condition!r}")
        return self.emit("compare", name, self.visit(condition.lhs), self.visit(condition.rhs))


def compile_expression(expression: sp.Expr, symbols: Sequence[sp.Symbol]) -> Program:
    """Compile `expression`, whose free symbols must be among `symbols`.

    Raises:
        UnsupportedExpression: a float, a free symbol not listed, or a function that no evaluator knows.
    """
    return _compiled(expression, tuple(symbols))


@lru_cache(maxsize=2048)
def _compiled(expression: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> Program:
    missing = expression.free_symbols - set(symbols)
    if missing:
        raise UnsupportedExpression(f"expression depends on {sorted(map(str, missing))}, which are not arguments")
    if expression.atoms(sp.Float):
        raise UnsupportedExpression(f"expression contains a float: {expression}")
    compiler = _Compiler(symbols)
    # a writing that somebody chose is not rewritten
    if expression.has(sp.exp, sp.log) and not expression.has(sp.UnevaluatedExpr, expm1, log1p):
        expression = optimize(expression, [expm1_opt, log1p_opt])
    result = compiler.visit(expression)
    return Program(tuple(symbols), tuple(compiler.steps), result)
