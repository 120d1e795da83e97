"""Other ways to write an expression: equal to it, but without the cancellation that costs digits.

`sqrt(A) - B` loses what `sqrt(A)` and `B` share; `(A - B^2) / (sqrt(A) + B)` does not, provided that `A - B^2` is
grouped well: with `A = x + (1-x) h` and `B^2 = s` as `x (1-h) + (h - s)`, where both brackets are differences of
arguments and so cost one rounding each, or as `h (1-x) + (x - s)`. Neither is best everywhere, so an evaluator gets
them all and takes at each point the first that its error bound accepts. `log(E)` near `E = 1` is `log1p(E - 1)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.function import PoleError

from theory.evaluate.program import log1p_less, twice

__all__ = ["equivalent_forms"]

#: expressions beyond these sizes are left as they are: rewriting them would cost more than it saves
_MOST_OPERATIONS = 60
_MOST_RADICALS = 2
#: how many groupings of a numerator are tried
_GROUPINGS = 3


@lru_cache(maxsize=512)
def equivalent_forms(expression: sp.Expr) -> tuple[sp.Expr, ...]:
    """Return `expression` in other writings, the most promising first, then as it is.

    Every form equals `expression` wherever both have a value; a form may have none (`0/0`) at isolated points.
    A bracket that must stay together is an `UnevaluatedExpr`.
    """
    found: list[sp.Expr] = []
    if expression.count_ops() <= _MOST_OPERATIONS and not expression.has(sp.oo, sp.zoo, sp.nan):
        for choice in range(_GROUPINGS):
            try:
                form = _rewritten(expression, choice)
            except (sp.PolynomialError, PoleError, NotImplementedError):
                # what SymPy raises where it cannot factor or expand; the expression as it is always remains
                break
            if form != expression and form not in found:
                found.append(form)
    return (*found, expression)


def _rewritten(e: sp.Expr, choice: int) -> sp.Expr:
    if isinstance(e, sp.Piecewise):
        return sp.Piecewise(*((_rewritten(value, choice), test) for value, test in e.args), evaluate=False)
    if isinstance(e, sp.Max | sp.Min):
        return e.func(*(_rewritten(a, choice) for a in e.args), evaluate=False)
    if e.has(expm1, log1p, sp.UnevaluatedExpr):
        return e
    if e.has(sp.log) and not e.has(sp.exp):
        e = e.replace(lambda part: part.is_Add, _logarithm_less)
        return e.replace(lambda part: isinstance(part, sp.log), lambda part: _near_one(part.args[0], choice))
    return _algebraic(e, choice) if e.is_algebraic_expr() and e.free_symbols else e


def _logarithm_less(e: sp.Expr) -> sp.Expr:
    """The sum `e` with `c log(1 + z) - c z` in it gathered into one function."""
    for term in e.args:
        factor, rest = term.as_coeff_Mul()
        if isinstance(rest, sp.log):
            z = rest.args[0] - 1
            others = e - term
            if others == -factor * z:
                return factor * log1p_less(z)
    return e


def _near_one(argument: sp.Expr, choice: int) -> sp.Expr:
    """`log(argument)` through its distance from 1, where that is a quotient of polynomials."""
    if not argument.free_symbols or not argument.is_rational_function():
        return sp.log(argument)
    if choice == 1:
        return sp.log(sp.UnevaluatedExpr(_grouped_factors(sp.factor(argument), 0)), evaluate=False)
    excess = _grouped_factors(sp.factor(argument - 1), choice)
    return log1p(excess)


def _algebraic(e: sp.Expr, choice: int) -> sp.Expr:
    radicands = sorted({p.base for p in e.atoms(sp.Pow) if p.exp.is_Rational and p.exp.q == 2}, key=sp.default_sort_key)
    if len(radicands) > _MOST_RADICALS or any(p.exp.is_Rational and p.exp.q > 2 for p in e.atoms(sp.Pow)):
        return e
    roots = {sp.Dummy(f"w{i}", positive=True): base for i, base in enumerate(radicands)}
    plain = e
    for w, base in roots.items():
        plain = plain.replace(
            lambda p, base=base: p.is_Pow and p.base == base and p.exp.is_Rational and p.exp.q == 2,
            lambda p, w=w: w ** (2 * p.exp),
        )
    factored = min((sp.factor(v) for v in _eliminated(plain, roots)), key=lambda v: (v.count_ops(), str(v)))
    if not roots and not _worth_factoring(factored):
        return e
    return _grouped_factors(factored, choice, roots)


def _worth_factoring(e: sp.Expr) -> bool:
    """Whether a rational function splits into products of short sums (a long sum may lose its positive terms)."""
    sums = [f for f, _ in _factors(e) if f.is_Add]
    return all(len(f.args) == 2 for f in sums) and len(sums) > 1


def _eliminated(e: sp.Expr, roots: dict[sp.Symbol, sp.Expr]) -> Iterator[sp.Expr]:
    """`e` as it is, and with a symbol in which a radicand is linear replaced through the root (`A = w^2`)."""
    yield e
    options = [e]
    for w, base in roots.items():
        further = []
        for before in options:
            for g in sorted(base.free_symbols, key=str):
                poly = sp.Poly(base, g)
                if g not in roots and poly.degree() == 1:
                    slope, rest = poly.all_coeffs()
                    further.append(sp.cancel(before.subs(g, (w**2 - rest) / slope)))
        options = further or options
        yield from options


def _factors(e: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    for f in sp.Mul.make_args(e):
        yield f.as_base_exp()


def _grouped_factors(e: sp.Expr, choice: int, roots: dict[sp.Symbol, sp.Expr] | None = None) -> sp.Expr:
    """The product `e` with each factor conjugated where it is linear in a root, and its sums grouped."""
    roots = roots or {}
    product: sp.Expr = sp.Integer(1)
    for base, exponent in _factors(e):
        if base.is_Add:
            product *= _grouped_factor(base, choice, roots) ** exponent
        else:
            product *= base.xreplace(_back(roots)) ** exponent
    return product


def _back(roots: dict[sp.Symbol, sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
    return {w: sp.sqrt(base) for w, base in roots.items()}


def _grouped_factor(f: sp.Expr, choice: int, roots: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    present = [w for w in roots if f.has(w)]
    if not present:
        return _grouped(f, choice)
    for w in present:
        poly = sp.Poly(f, w)
        if poly.degree() == 1:
            linear, rest = poly.all_coeffs()
            numerator = sp.expand(linear**2 * w**2 - rest**2)
            for root, base in roots.items():
                numerator = sp.expand(
                    numerator.replace(
                        lambda p, root=root: p.is_Pow and p.base == root and p.exp.is_Integer and p.exp % 2 == 0,
                        lambda p, base=base: base ** (p.exp / 2),
                    )
                )
            if not any(numerator.has(root) for root in roots):
                return _grouped(numerator, choice) / (linear * w - rest).xreplace(_back(roots))
    return f.xreplace(_back(roots))


def _grouped(polynomial: sp.Expr, choice: int) -> sp.Expr:
    """`polynomial` as a factored sum by powers of one symbol, the bracket without that symbol kept together."""
    product = sp.factor(polynomial)
    if len([f for f, _ in _factors(product) if f.is_Add]) > 1 or len(sp.Add.make_args(product)) < 3:
        return product
    choices = list(_collected(polynomial))
    return twice(choices[min(choice, len(choices) - 1)]) if choices else product


def _collected(polynomial: sp.Expr) -> Iterator[sp.Expr]:
    for g in sorted(polynomial.free_symbols, key=lambda s: (s.name != "x", s.name)):
        poly = sp.Poly(polynomial, g)
        coefficients: Sequence[sp.Expr] = list(poly.all_coeffs())
        rest = coefficients[-1]
        if len(sp.Add.make_args(rest)) != 2 or all(c.is_number for c in coefficients[:-1]):
            continue
        upper = [sp.factor(c) * g ** (len(coefficients) - 1 - i) for i, c in enumerate(coefficients[:-1])]
        yield sp.Add(*upper) + sp.UnevaluatedExpr(sp.factor(rest))
