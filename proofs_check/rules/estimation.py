"""The rules of Sections 4 and 5: from the sign of a derivative to an inequality, and from numbers to matrices."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, Variable
from proofs_check.formula import eq, ge, gt, le, lt, symbols_of
from proofs_check.rules.base import Rule, coordinates, total
from theory.matrices import form, symmetric, vector
from theory.notation import sigma, sigma_hat

__all__ = ["RULES", "congruence", "monotone_from_derivative", "negative_eigenvector", "smaller_eigenvalues"]

RULES = (
    Rule(
        "monotone-from-derivative",
        "If g is continuous on an interval that starts at a, g(a) = 0, and g' >= 0 in its interior, then g >= 0 on it.",
        "Mean value theorem.",
    ),
    Rule(
        "smaller-eigenvalues",
        "If g' <= 0 on (0, oo) then g(m_1) + ... + g(m_d) >= g(l_1) + ... + g(l_d) wherever m_j <= l_j for every j.",
        "Mean value theorem in each coordinate; inequalities add.",
    ),
    Rule(
        "congruence",
        "If y^T C y >= 0 at y = S x then x^T (S^T C S) x >= 0, for matrices of every size.",
        "The two forms are the same number: the matrix product is associative and (S x)^T = x^T S^T.",
    ),
    Rule(
        "negative-eigenvector",
        "If A and B are symmetric, x != 0, (B - A) x = l x with l < 0 and x^T B x >= 0, then x^T (B^2 - A^2) x < 0, "
        "for matrices of every size.",
        "A x = B x - l x, so x^T A^2 x = |A x|^2 = |B x|^2 - 2 l x^T B x + l^2 |x|^2 and the difference is "
        "l (2 x^T B x - l |x|^2).",
    ),
)


def monotone_from_derivative(
    id: str, where: Domain, variable: sp.Symbol, left: sp.Expr, right: sp.Expr, derivative: sp.Expr
) -> Lift:
    """Rule `monotone-from-derivative`: `left <= right` on `where`, in which `variable` starts at its lower bound.

    `derivative` is that of `right - left`, given in a form whose sign an engine can see; `where` may hold no hypothesis
    that involves `variable`, so that it runs over an interval.

    Raises:
        ValueError: the domain of `variable` is not an interval with a finite lower bound.
    """
    own = next((v for v in where.variables if v.symbol == variable), None)
    tied = any(variable in symbols_of(h) for h in where.hypotheses)
    if own is None or own.lower is None or own.lower_open or tied:
        raise ValueError(f"{variable} must run over an interval that contains its lower end")
    gap = right - left
    others = Domain(tuple(v for v in where.variables if v.symbol != variable), where.hypotheses)
    premises = (
        Obligation(f"{id}/start", "both sides agree at the start", others, eq(gap.subs(variable, own.lower), 0)),
        Obligation(f"{id}/derivative", "the derivative", where, eq(gap.diff(variable), derivative)),
        Obligation(f"{id}/sign", "the derivative is >= 0", where, ge(derivative, 0)),
    )

    def conclusion(D: int) -> Obligation:
        return Obligation(f"{id}[D={D}]", "left <= right", where, le(left, right))

    return Lift("monotone-from-derivative", premises, conclusion)


def smaller_eigenvalues(id: str, one: Domain, g: sp.Expr, derivative: sp.Expr) -> Lift:
    """Rule `smaller-eigenvalues` for `g`, an expression in `sigma` that decreases with it on the domain `one`.

    `sigma_j` are the larger numbers and `sigma_hat_j` the smaller ones.
    """
    premises = (
        Obligation(f"{id}/derivative", "the derivative", one, eq(g.diff(sigma), derivative)),
        Obligation(f"{id}/sign", "the derivative is <= 0", one, le(derivative, 0)),
    )
    ours = next(v for v in one.variables if v.symbol == sigma)
    smaller = Variable(sigma_hat, ours.lower, ours.upper, ours.lower_open, ours.upper_open)
    pair = Domain((*one.variables, smaller), (*one.hypotheses, le(sigma_hat, sigma)))

    def conclusion(D: int) -> Obligation:
        goal = le(total(g, D), total(g.subs(sigma, sigma_hat), D))
        return Obligation(f"{id}[D={D}]", "smaller eigenvalues give more", coordinates(pair, D), goal)

    return Lift("smaller-eigenvalues", premises, conclusion)


def _free(*symbols: Sequence[sp.Symbol]) -> tuple[Variable, ...]:
    return tuple(Variable(s) for group in symbols for s in dict.fromkeys(group))


def congruence(id: str) -> Lift:
    """Rule `congruence`: positivity of `C` on the range of `S` passes to `S^T C S`."""

    def parts(D: int) -> tuple[Domain, sp.Expr, sp.Expr]:
        C, S, y = (
            symmetric("c", D),
            sp.Matrix(D, D, sp.symbols(f"s_1:{D * D + 1}", real=True)),
            vector("x", D),
        )
        return Domain(_free(list(C), list(S), list(y))), form(S.T * C * S, y), form(C, S * y)

    where, moved, there = parts(2)
    premise = Obligation(f"{id}/identity", "x^T (S^T C S) x = (S x)^T C (S x)", where, eq(moved, there))

    def conclusion(D: int) -> Obligation:
        where, moved, there = parts(D)
        return Obligation(f"{id}[D={D}]", "S^T C S >= 0", where.given(ge(there, 0)), ge(moved, 0))

    return Lift("congruence", (premise,), conclusion)


def negative_eigenvector(id: str) -> Lift:
    """Rule `negative-eigenvector`: where `B - A` has a negative eigenvalue, `B^2 - A^2` is not positive semidefinite."""
    root = sp.Symbol("l", real=True)
    b, size = sp.Symbol("b", real=True), sp.Symbol("N", positive=True)

    def parts(D: int) -> tuple[Domain, sp.Matrix, sp.Matrix, sp.Expr]:
        B, y = symmetric("b", D), vector("x", D)
        image = B * y
        difference = form(sp.eye(D), image) - form(sp.eye(D), image - root * y)
        return Domain((*_free(list(B), list(y)), Variable(root))), B, y, difference

    where, B, y, difference = parts(2)
    premises = (
        Obligation(
            f"{id}/identity",
            "x^T (B^2 - A^2) x = l (2 x^T B x - l |x|^2)",
            where,
            eq(difference, root * (2 * form(B, y) - root * form(sp.eye(2), y))),
        ),
        Obligation(
            f"{id}/sign",
            "that is negative",
            Domain(
                (
                    Variable(root, upper=sp.S.Zero, upper_open=True),
                    Variable(b, lower=sp.S.Zero),
                    Variable(size, lower=sp.S.Zero, lower_open=True),
                )
            ),
            lt(root * (2 * b - root * size), 0),
        ),
    )

    def conclusion(D: int) -> Obligation:
        where, B, y, difference = parts(D)
        given = (lt(root, 0), gt(form(sp.eye(D), y), 0), ge(form(B, y), 0))
        return Obligation(f"{id}[D={D}]", "x^T (B^2 - A^2) x < 0", where.given(*given), lt(difference, 0))

    return Lift("negative-eigenvector", premises, conclusion)
