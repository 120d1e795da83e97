"""The truth of a formula at one rational point, by two independent paths.

First path: Arb balls, precision raised until every relation is decided. Second path: SymPy's exact numbers. A witness
counts only if both say the same. Equality of irrational numbers is decided by neither path from digits: only an exact
rational value, or a ball that excludes zero, decides.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

import sympy as sp

from proofs_check.claim import Obligation
from proofs_check.formula import Formula, Relation, all_of, truth
from theory.evaluate.arb import ArbBackend, as_ball, precision
from theory.evaluate.program import Program, compile_expression

__all__ = ["Point", "exact_point", "is_counterexample", "truth_by_balls", "truth_by_sympy"]

Point = Mapping[sp.Symbol, Fraction]


def exact_point(point: Point) -> dict[sp.Symbol, sp.Rational]:
    """The point with SymPy rationals."""
    return {s: sp.Rational(v.numerator, v.denominator) for s, v in point.items()}


def _sign(op: str, negative: bool | None, zero: bool | None, positive: bool | None) -> bool | None:
    """Truth of `difference op 0` from what is known about the difference."""
    known = {"<": negative, "<=": None, ">": positive, ">=": None, "=": zero, "!=": None}[op]
    if known is not None:
        return known
    if op in ("<", "<="):
        return True if negative or (op == "<=" and zero) else False if positive or (op == "<" and zero) else None
    if op in (">", ">="):
        return True if positive or (op == ">=" and zero) else False if negative or (op == ">" and zero) else None
    if op == "=":
        return False if negative or positive else None
    return True if negative or positive else False if zero else None


class _Irrational(ArithmeticError):
    """The value is not rational, so exact arithmetic with fractions cannot go on."""


class _FractionBackend:
    """Steps on exact rationals; a root that is not rational, or a transcendental step, raises `_Irrational`."""

    def constant(self, value: Fraction | str) -> Fraction:
        if value == "pi":
            raise _Irrational
        return Fraction(value)

    def apply(self, name: str, *args: Any) -> Fraction:
        if name == "sqrt":
            above, below = isqrt(abs(args[0].numerator)), isqrt(args[0].denominator)
            if args[0] < 0 or above**2 != args[0].numerator or below**2 != args[0].denominator:
                raise _Irrational
            return Fraction(above, below)
        if name not in _RATIONAL_STEPS:
            raise _Irrational
        return _RATIONAL_STEPS[name](*args)

    def compare(self, op: str, left: Fraction, right: Fraction) -> bool:
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]

    def select(self, branches: Sequence[tuple[bool, Any]]) -> Any:
        return next((value for truth_, value in branches if truth_), None)


_RATIONAL_STEPS: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "mul": operator.mul,
    "div": operator.truediv,
    "power": operator.pow,
    "abs": abs,
    "max": max,
    "min": min,
}


@lru_cache(maxsize=512)
def _difference(relation: Relation, symbols: tuple[sp.Symbol, ...]) -> Program:
    return compile_expression(relation.left - relation.right, symbols)


def truth_by_balls(formula: Formula, point: Point, bits: tuple[int, ...] = (64, 256, 1024)) -> bool | None:
    """Truth by exact fractions where the values are rational, else by Arb; None where neither decides."""
    symbols = tuple(point)

    def decide(relation: Relation) -> bool | None:
        program = _difference(relation, symbols)
        try:
            value = program.run(_FractionBackend(), [point[s] for s in symbols])
            return _sign(relation.op, value < 0, value == 0, value > 0)
        except (_Irrational, ZeroDivisionError, TypeError):
            pass  # irrational, or undefined in a branch that is not taken: balls can tell
        for prec in bits:
            with precision(prec):
                ball = program.run(ArbBackend(), [as_ball(point[s]) for s in symbols])
                if not ball.is_finite():
                    continue
                zero = True if ball.is_zero() else None
                result = _sign(relation.op, bool(ball < 0) or None, zero, bool(ball > 0) or None)
                if result is not None:
                    return result
        return None

    return truth(formula, decide)


def truth_by_sympy(formula: Formula, point: Point) -> bool | None:
    """Truth by SymPy's exact numbers."""
    values = exact_point(point)

    def branch(cases: sp.Piecewise) -> sp.Expr:
        taken = (value for value, condition in cases.args if condition.xreplace(values) is sp.true)
        return next(taken, sp.nan)

    def decide(relation: Relation) -> bool | None:
        chosen = (relation.left - relation.right).replace(sp.Piecewise, lambda *args: branch(sp.Piecewise(*args)))
        try:
            difference = chosen.xreplace(values)
        except ValueError:  # Max and Min refuse infinite arguments
            return None
        if difference.has(sp.nan, sp.zoo, sp.I) or difference.free_symbols:
            return None
        if difference.is_Rational:
            return _sign(relation.op, bool(difference < 0), bool(difference == 0), bool(difference > 0))
        value = difference.evalf(60)
        if value.is_Float and abs(value) > sp.Float(10) ** -45:
            return _sign(relation.op, bool(value < 0), False, bool(value > 0))
        return None

    return truth(formula, decide)


def violates(obligation: Obligation, point: Point) -> bool:
    """Whether `point` lies in the domain, satisfies the hypotheses and violates the goal, by the first path."""
    return is_inhabitant(obligation, point) and truth_by_balls(obligation.goal, point) is False


def is_inhabitant(obligation: Obligation, point: Point) -> bool:
    """Whether `point` lies in the domain and satisfies the hypotheses."""
    if set(point) != set(obligation.domain.symbols):
        return False
    if not all(v.contains(point[v.symbol]) for v in obligation.domain.variables):
        return False
    given = obligation.domain.hypotheses
    return not given or truth_by_balls(all_of(given), point) is True


def is_counterexample(obligation: Obligation, point: Point) -> bool:
    """`violates`, and the second path confirms hypotheses and goal wherever it can decide them."""
    if not violates(obligation, point):
        return False
    given = obligation.domain.hypotheses
    if given and truth_by_sympy(all_of(given), point) is False:
        return False
    return truth_by_sympy(obligation.goal, point) is not True


def simplest(
    obligation: Obligation, point: Point, test: Callable[[Obligation, Point], bool] = violates
) -> dict[sp.Symbol, Fraction]:
    """Shrink `point` while `test` still accepts it: simpler rationals first, one coordinate at a time."""
    best = dict(point)
    for _ in range(3):
        changed = False
        for symbol in best:
            value = best[symbol]
            for candidate in _simpler(value):
                trial = {**best, symbol: candidate}
                if test(obligation, trial):
                    best, changed = trial, True
                    break
        if not changed:
            break
    return best


def _cost(value: Fraction) -> int:
    return abs(value.numerator) + 2 * value.denominator


def _simpler(value: Fraction) -> list[Fraction]:
    candidates = {Fraction(k) for k in (0, 1, 2, 3, 4)} | {Fraction(1, k) for k in (2, 3, 4, 5, 8, 10)}
    candidates |= {value.limit_denominator(k) for k in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 32, 50, 100, 1000)}
    return sorted((c for c in candidates if _cost(c) < _cost(value)), key=_cost)
