"""Section 5: what Loewner's order does to products and roots."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Claim,
    Obligation,
    Repair,
    Statement,
    Variable,
    all_of,
    between,
    domain,
    universal,
)
from proofs_check.formula import eq, ge, gt, le, lt
from proofs_check.rules import congruence, negative_eigenvector
from theory.matrices import form, symmetric, vector

__all__ = ["CLAIMS"]

_SECTION = "5 Estimation bounds and lemmas"


def _loewner_instance(D: int) -> Obligation:
    """A <= B (at the vector S x) and S^T A S <= S^T B S (at x), with C = B - A."""
    C, S, y = symmetric("c", D), sp.Matrix(D, D, sp.symbols(f"s_1:{D * D + 1}", real=True)), vector("x", D)
    image = S * y
    entries = [Variable(s) for group in (C, S, y) for s in dict.fromkeys(group)]
    given = ge((image.T * C * image)[0, 0].expand(), 0)
    goal = ge((y.T * (S.T * C * S) * y)[0, 0].expand(), 0)
    return Obligation(f"lemma-2-i[D={D}]", "S^T (B - A) S >= 0", domain(entries).given(given), goal)


def _eigenvector_instance(D: int, *, with_root: bool = False) -> Obligation:
    """With `A = B - l y y^T/|y|^2` on the eigenvector `y` of `B - A`: `y^T (B^2 - A^2) y < 0`."""
    root = sp.Symbol("l", real=True)
    B, y = symmetric("b", D), vector("x", D)
    entries = [Variable(s) for group in (B, y) for s in dict.fromkeys(group)]
    image = B * y
    lowered = image - root * y
    size = form(sp.eye(D), y)
    given = [lt(root, 0), gt(size, 0), ge(form(B, y), 0)]
    if with_root:
        given.append(ge(form(B, y) - root * size, 0))
    goal = lt((image.T * image)[0, 0].expand() - (lowered.T * lowered)[0, 0].expand(), 0)
    return Obligation(
        f"lemma-2-ii[D={D}]",
        "a negative eigenvalue of B - A gives a negative value of B^2 - A^2",
        domain(entries, Variable(root), given=given),
        goal,
    )


_x1, _x2 = sp.Symbol("A", real=True), sp.Symbol("B", real=True)
_SQUARES = domain(Variable(_x1), Variable(_x2), given=[le(_x1**2, _x2**2)])

_EIGENVECTOR = Statement(
    "lemma-2-ii/repaired",
    "for A symmetric and B >= 0, every D: if B - A has a negative eigenvalue then so has B^2 - A^2",
    lift=negative_eigenvector("lemma-2-ii/repaired"),
    instance=_eigenvector_instance,
    sizes=(1, 2, 3),
)


def _two_by_two() -> Statement:
    """Size 2 with entries, in the orthonormal basis whose first vector is the eigenvector of `B - A`."""
    b11, b12, b22, l = sp.symbols("b_11 b_12 b_22 l", real=True)  # noqa: E741
    free = [Variable(s) for s in (b12, b22)]
    where = domain(free, between(b11, 0, None), between(l, None, 0, open="right"))
    other = sp.Symbol("a_22", real=True)
    A = sp.Matrix([[b11 - l, b12], [b12, other]])
    B = sp.Matrix([[b11, b12], [b12, b22]])
    return universal(
        "lemma-2-ii/entries",
        "size 2, entry by entry: the first diagonal entry of B^2 - A^2 is negative",
        domain(where.variables, Variable(other)),
        lt((B**2 - A**2)[0, 0].expand(), 0),
    )


CLAIMS = (
    Claim(
        id="lemma-2-i",
        title="Congruence keeps Loewner's order",
        section=_SECTION,
        printed="A <= B implies S^T A S <= S^T B S.",
        statements=(
            Statement(
                "lemma-2-i/all-D",
                "the form of S^T (B - A) S at x is that of B - A at S x",
                lift=congruence("lemma-2-i/all-D"),
                instance=_loewner_instance,
                sizes=(1, 2),
            ),
        ),
        conventions=("S of any shape: pad with zero rows or columns.",),
    ),
    Claim(
        id="lemma-2-ii",
        title="Loewner's order from that of the squares",
        section=_SECTION,
        printed="A^2 <= B^2 implies A <= B (A, B symmetric).",
        statements=(
            universal(
                "lemma-2-ii/printed",
                "already for 1x1 matrices, A^2 <= B^2 implies A <= B",
                _SQUARES,
                le(_x1, _x2),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "B >= 0 (A need only be symmetric)",
                (
                    _EIGENVECTOR,
                    _two_by_two(),
                    universal("lemma-2-ii/size-1", "size 1", _SQUARES.given(ge(_x2, 0)), le(_x1, _x2)),
                    universal(
                        "lemma-2-ii/needed",
                        "without it, A = |B| has the same square and is not <= B",
                        domain(between(_x2, None, 0, open="right")),
                        all_of([eq(sp.Abs(_x2) ** 2, _x2**2), gt(sp.Abs(_x2), _x2)]),
                    ),
                ),
                outside=(Obligation("lemma-2-ii/outside", "for B < 0", _SQUARES.given(lt(_x2, 0)), le(_x1, _x2)),),
                sharp="necessary if it is to hold for every A: take A = |B|",
            ),
        ),
        conventions=(
            "Contrapositive: if A <= B fails, B - A has a negative eigenvalue with an eigenvector x, and x^T (B^2 - A^2) x < 0.",
        ),
    ),
    Claim(
        id="lemma-2-ii/square-root",
        title="The square root is matrix monotone",
        section=_SECTION,
        printed="In particular, for A, B >= 0: A <= B implies sqrt(A) <= sqrt(B).",
        statements=(
            Statement(
                "lemma-2-ii/square-root/all-D",
                "with A, B standing for the roots, both >= 0",
                lift=negative_eigenvector("lemma-2-ii/square-root/all-D"),
                instance=lambda D: _eigenvector_instance(D, with_root=True),
                sizes=(1, 2, 3),
            ),
        ),
        uses=("lemma-2-ii",),
        conventions=("A and B are replaced by their roots, whose squares are ordered by assumption.",),
    ),
)
