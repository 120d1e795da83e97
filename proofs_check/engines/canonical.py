"""Canonical forms: rational functions over the rationals with explicit radicals and exponentials.

Every square root becomes a generator `w` with `w^2 = radicand`, every exponential a product of powers of independent
generators, every unknown function a symbol. What is left is a polynomial numerator, reduced modulo the radicals'
relations. A zero remainder proves the identity wherever both sides are defined. (A non-zero one disproves it
only where the radicals are independent, so it is not used for that.)
"""

from __future__ import annotations

from math import lcm
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

__all__ = ["canonical_numerator", "is_identically_zero"]


def _unknowns_to_symbols(e: sp.Expr) -> sp.Expr:
    for atom in sorted(e.atoms(sp.Derivative), key=sp.default_sort_key):
        e = e.xreplace({atom: sp.Dummy("D")})
    for atom in sorted(e.atoms(AppliedUndef), key=sp.default_sort_key):
        e = e.xreplace({atom: sp.Dummy("f")})
    return e


def _exponentials_to_symbols(e: sp.Expr) -> sp.Expr:
    """`exp(k m)` with rational `k` becomes `E_m^k`, one generator for each monomial `m` of the exponents."""
    exponentials = sorted(e.atoms(sp.exp), key=sp.default_sort_key)
    parts = {a: sp.Add.make_args(sp.expand(a.args[0])) for a in exponentials}
    scales: dict[Any, int] = {}
    for terms in parts.values():
        for term in terms:
            k, monomial = term.as_coeff_Mul()
            if k.is_Rational:
                scales[monomial] = lcm(scales.get(monomial, 1), int(k.q))
    generators = {m: sp.Dummy("E", positive=True) for m in scales}
    table = {}
    for atom, terms in parts.items():
        product: sp.Expr = sp.S.One
        for term in terms:
            k, monomial = term.as_coeff_Mul()
            product *= generators[monomial] ** (k * scales[monomial])
        table[atom] = product
    return e.xreplace(table)


def _has_root(e: sp.Expr) -> bool:
    return any(p.exp.is_Rational and p.exp.q == 2 for p in e.atoms(sp.Pow))


def _radicals_to_symbols(e: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Symbol, sp.Expr]]]:
    """Replace square roots innermost first; returns the relations `w^2 = radicand` in that order."""
    relations: list[tuple[sp.Symbol, sp.Expr]] = []
    while True:
        powers = [p for p in e.atoms(sp.Pow) if p.exp.is_Rational and p.exp.q == 2]
        inner = [p for p in powers if not _has_root(p.base)]
        if not inner:
            return e, relations
        # two spellings of one radicand must give one generator
        radicands = {p: sp.cancel(p.base) for p in inner}
        base = min(radicands.values(), key=sp.default_sort_key)
        w = sp.sqrt(sp.factor(base))  # a perfect square is no radical
        if _has_root(w):
            w = sp.Dummy("w")
            relations.append((w, base))
        e = e.xreplace({p: w ** (2 * p.exp) for p in inner if radicands[p] == base})


def canonical_numerator(expression: sp.Expr) -> sp.Expr:
    """The reduced numerator of `expression`: identically zero only if `expression` vanishes wherever it is defined."""
    e = _exponentials_to_symbols(_unknowns_to_symbols(expression))
    e, relations = _radicals_to_symbols(e)
    numerator = sp.fraction(sp.cancel(sp.together(e)))[0]
    for w, radicand in reversed(relations):
        if not numerator.has(w):
            continue
        above, below = sp.fraction(sp.together(radicand))
        remainder = sp.rem(sp.Poly(numerator, w), sp.Poly(below * w**2 - above, w))
        numerator = sp.fraction(sp.cancel(sp.together(remainder.as_expr())))[0]
    return sp.expand(numerator)


def is_identically_zero(expression: sp.Expr) -> bool:
    """Whether the canonical form of `expression` is zero (False: not shown, which is not the same as false)."""
    return bool(canonical_numerator(expression) == 0)
