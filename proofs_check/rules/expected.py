"""The rule of Section 7 for slopes that are known only by their sign: ordered levels order the minimisers of sums."""

from __future__ import annotations

from itertools import pairwise

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, Variable
from proofs_check.formula import Formula, Iff, Implies, all_of, ge, le, lt
from proofs_check.rules.base import Rule
from theory.notation import x

__all__ = ["RULES", "minimisers_in_order", "ordered_slopes"]

RULES = (
    Rule(
        "ordered-slopes",
        "Let g_j(x) >= 0 exactly from the level L_j on. If L_1 >= L_2 >= ..., then g_1 + ... + g_k >= 0 implies "
        "g_1 + ... + g_{k+1} >= 0; if L_1 <= L_2 <= ..., then g_1 + ... + g_k < 0 implies g_1 + ... + g_{k+1} < 0.",
        "Falling levels: where the sum S_k is >= 0, x >= L_k (below L_k every g_j, j <= k, is negative), so x >= L_{k+1} and "
        "g_{k+1} >= 0. Rising levels: where S_k < 0, x < L_k, so x < L_{k+1} and g_{k+1} < 0. The premises are one step of it.",
    ),
)


def _slope(j: int) -> sp.Symbol:
    return sp.Symbol(f"g{j}", real=True)


def _level(j: int) -> sp.Symbol:
    return sp.Symbol(f"L{j}", real=True)


def _in_order(first: sp.Expr, second: sp.Expr, reverse: bool) -> Formula:
    return le(first, second) if reverse else ge(first, second)


def minimisers_in_order(id: str, D: int, *, reverse: bool) -> Obligation:
    """`x*(d)` non-increasing in `d` (`reverse`: non-decreasing) for slopes `g_j` at `x` with levels `L_j` in order."""
    symbols = [s for j in range(1, D + 1) for s in (_slope(j), _level(j))]
    signs = [Iff(ge(x, _level(j)), ge(_slope(j), 0)) for j in range(1, D + 1)]
    order = [_in_order(_level(j), _level(j + 1), reverse) for j in range(1, D)]
    sums = [sum((_slope(j) for j in range(1, d + 1)), sp.S.Zero) for d in range(1, D + 1)]
    steps: list[Formula] = [
        Implies(lt(a, 0), lt(b, 0)) if reverse else Implies(ge(a, 0), ge(b, 0)) for a, b in pairwise(sums)
    ]
    where = Domain((Variable(x, sp.S.Zero), *(Variable(s) for s in symbols)), (*signs, *order))
    return Obligation(f"{id}[D={D}]", "the minimisers are in order", where, all_of(steps))


def ordered_slopes(id: str, *, reverse: bool = False) -> Lift:
    """Rule `ordered-slopes`; the premises are the induction step on a sum `S` whose last level is `L1`."""
    total, g, old, new = sp.Symbol("S", real=True), _slope(2), _level(1), _level(2)
    variables = (Variable(x, sp.S.Zero), *(Variable(s) for s in (total, g, old, new)))
    given: list[Formula] = [Iff(ge(x, new), ge(g, 0)), _in_order(old, new, reverse)]
    if reverse:
        given.append(Implies(lt(total, 0), lt(x, old)))
        step, keep = Implies(lt(total, 0), lt(total + g, 0)), Implies(lt(total + g, 0), lt(x, new))
        given.append(Implies(ge(x, old), ge(total, 0)))
    else:
        given.append(Implies(ge(total, 0), ge(x, old)))
        step, keep = Implies(ge(total, 0), ge(total + g, 0)), Implies(ge(total + g, 0), ge(x, new))
    where = Domain(variables, tuple(given))
    premises = (
        Obligation(f"{id}/step", "the next sum has the same sign", where, step),
        Obligation(f"{id}/keep", "and its sign bounds x by the next level", where, keep),
    )
    return Lift("ordered-slopes", premises, lambda D: minimisers_in_order(id, D, reverse=reverse), smallest=2)
