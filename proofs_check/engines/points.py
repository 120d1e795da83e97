"""The truth of a formula at one rational point, by two independent paths.

First path: Arb balls, precision raised until every relation is decided. Second path: SymPy's exact numbers. A witness
counts only if both say the same. Equality of irrational numbers is decided by neither path from digits: only an exact
rational value, or a ball that excludes zero, decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import sympy as sp

from proofs_check.claim import Obligation
from proofs_check.formula import Formula, Relation, conjunction, truth
from theory.evaluate.arb import ArbBackend, as_ball, precision
from theory.evaluate.program import compile_expression

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


def truth_by_balls(formula: Formula, point: Point, bits: tuple[int, ...] = (64, 256, 1024)) -> bool | None:
    """Truth by Arb; None where the balls cannot decide, or where a term has no value at the point."""
    symbols = list(point)

    def decide(relation: Relation) -> bool | None:
        program = compile_expression(relation.left - relation.right, symbols)
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
        taken = (value for value, condition in cases.args if condition.subs(values) is sp.true)
        return next(taken, sp.nan)

    def decide(relation: Relation) -> bool | None:
        chosen = (relation.left - relation.right).replace(sp.Piecewise, lambda *args: branch(sp.Piecewise(*args)))
        try:
            difference = chosen.subs(values, simultaneous=True)
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


def _both(formula: Formula, point: Point) -> bool | None:
    first = truth_by_balls(formula, point)
    if first is None:
        # exact rational values that a ball of finite precision cannot represent (2/3 - 2/3)
        return truth_by_sympy(formula, point)
    return first


def is_counterexample(obligation: Obligation, point: Point) -> bool:
    """Whether `point` lies in the domain, satisfies the hypotheses and violates the goal, by both paths."""
    if set(point) != set(obligation.domain.symbols):
        return False
    if not all(v.contains(point[v.symbol]) for v in obligation.domain.variables):
        return False
    if obligation.domain.hypotheses:
        given = conjunction(obligation.domain.hypotheses)
        if _both(given, point) is not True or truth_by_sympy(given, point) is False:
            return False
    return _both(obligation.goal, point) is False and truth_by_sympy(obligation.goal, point) is not True


def is_inhabitant(obligation: Obligation, point: Point) -> bool:
    """Whether `point` lies in the domain and satisfies the hypotheses."""
    if not all(v.contains(point[v.symbol]) for v in obligation.domain.variables):
        return False
    return not obligation.domain.hypotheses or _both(conjunction(obligation.domain.hypotheses), point) is True


def simplest(obligation: Obligation, point: Point, test: Callable[[Obligation, Point], bool]) -> dict[sp.Symbol, Fraction]:
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
