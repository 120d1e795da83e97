"""In which order a person writes the terms of a sum and the factors of a product."""

from __future__ import annotations

import re
from collections.abc import Callable

import sympy as sp

__all__ = ["collect", "degree", "falls_with_cap", "minus", "natural", "negative", "rank", "reciprocal", "unspaced"]


def rank(expr: sp.Basic) -> float:
    """Where a factor stands in a product: numbers, parameters and noise level, deviations, estimates, functions."""
    if not expr.free_symbols:
        return 4 if isinstance(expr, sp.exp) else 0 if expr.is_Number else 0.3
    if isinstance(expr, sp.Symbol):
        if expr.name in ("eps", "epsilon"):
            return 0.9
        return 3 if "_hat" in expr.name else 2 if expr.name.startswith("sigma") else 1
    if isinstance(expr, sp.Add):
        return max(map(rank, expr.free_symbols)) + 0.5
    if isinstance(expr, sp.Pow):
        radical = expr.exp.is_Rational and not expr.exp.is_Integer
        return 4.5 if radical or not expr.exp.is_Rational else rank(expr.base)
    if isinstance(expr, sp.Mul):
        return max(map(rank, expr.args))
    return 4 if isinstance(expr, sp.exp) else 6 if isinstance(expr, sp.Piecewise) else 5


def degree(expr: sp.Basic) -> sp.Rational:
    """A degree to order a sum by: powers rise, exponentials and functions come last."""
    if expr.is_Number or not expr.free_symbols:
        return sp.S.Zero
    if isinstance(expr, sp.Symbol):
        return sp.S.One
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
        return degree(expr.base) * abs(expr.exp)
    if isinstance(expr, sp.Mul):
        return sum(map(degree, expr.args), sp.S.Zero)
    if isinstance(expr, sp.Add):
        return max(map(degree, expr.args))
    return sp.Integer(9)


def negative(term: sp.Expr) -> bool:
    """Whether a term's numeric factor is negative."""
    return bool(sp.Mul.make_args(term)[0].is_Number and term.as_coeff_Mul()[0] < 0)


def natural(terms: list[sp.Expr], written: Callable[[sp.Expr], str]) -> list[sp.Expr]:
    """Terms in rising degree; `written` breaks ties, so that the order is the same in every process."""
    key = {t: (degree(t), rank(t), unspaced(written(t.as_coeff_Mul()[1]))) for t in terms}
    return sorted(terms, key=lambda t: (key[t][0], key[t][1], key[t][2]))


def unspaced(text: str) -> str:
    """Printed text without spaces and product signs: what the order may depend on."""
    return re.sub(r"\\cdot|\\,|\s", "", text)


def reciprocal(expr: sp.Pow) -> bool:
    """Whether a power belongs below the bar of a fraction."""
    return bool(expr.exp.is_Rational and expr.exp < 0)


def falls_with_cap(expr: sp.Add) -> bool:
    """Whether a sum in the cap `C` alone is negative for large `C`: as `C > 1`, `C - 1` is positive as it stands."""
    symbols = list(expr.free_symbols)
    return [s.name for s in symbols] == ["C"] and bool(expr.coeff(symbols[0]) < 0)


def minus(expr: sp.Add) -> sp.Expr:
    """The sum with every sign turned round."""
    return sp.Add(*(-term for term in expr.args))


def collect(expr: sp.Expr) -> tuple[sp.Rational, list[tuple[sp.Expr, sp.Expr]]]:
    """The rational factor of a product, and its other factors as powers with equal bases collected."""
    coefficient = sp.S.One
    powers: dict[sp.Expr, sp.Expr] = {}
    stack = [(factor, sp.S.One) for factor in reversed(sp.Mul.make_args(expr))]
    while stack:
        factor, outer = stack.pop()
        if factor.is_Rational and outer.is_Integer:
            coefficient *= factor**outer
        elif isinstance(factor, sp.Mul) and outer.is_Integer:
            stack += [(f, outer) for f in reversed(factor.args)]
        elif isinstance(factor, sp.Pow) and not isinstance(factor, sp.exp) and outer == 1 and factor.exp.is_Rational:
            stack.append((factor.base, factor.exp))
        elif isinstance(factor, sp.Add) and outer.is_Integer:
            content, rest = factor.primitive()
            coefficient *= content**outer
            powers[rest] = powers.get(rest, sp.S.Zero) + outer
        else:
            powers[factor] = powers.get(factor, sp.S.Zero) + outer
    return coefficient, [(b, e) for b, e in powers.items() if e != 0]
