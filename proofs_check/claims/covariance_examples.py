"""Rational matrices that do not commute, with certified eigenvalues: examples for Section 4.

Every number is rational. An example's formulas say that the characteristic polynomial changes sign between the squared ends
of disjoint intervals, as many as the matrix has rows, and then use those ends in place of the roots of the eigenvalues.
So the engines check the enclosures again; how `theory.matrices.isolate_roots` found them does not matter.
"""

from __future__ import annotations

from itertools import pairwise

import sympy as sp

from proofs_check.claim import Statement, domain, universal
from proofs_check.formula import And, Formula, gt, le, lt
from theory.matrices import characteristic, isolate_roots, orthogonal, root_between
from theory.notation import x
from theory.process import variance_at_noise

__all__ = ["BAND_EXAMPLES", "PROJECTION_EXAMPLES"]

Ends = list[tuple[sp.Rational, sp.Rational]]


def _q(*values: str) -> list[sp.Rational]:
    return [sp.Rational(v) for v in values]


def _v(variance: sp.Expr, level: sp.Rational) -> sp.Expr:
    return variance_at_noise(variance).subs(x, level)


def _certified(A: sp.Matrix) -> tuple[Ends, list[Formula]]:
    """Intervals around the roots of `A`'s eigenvalues, largest first, and the formulas that make them so."""
    ends = isolate_roots(A)
    facts: list[Formula] = [lt(characteristic(A, low**2) * characteristic(A, high**2), 0) for low, high in ends]
    facts += [lt(later[1], earlier[0]) for earlier, later in pairwise(ends)]
    return ends, [*facts, gt(ends[-1][0], 0)]


def _bounded(values: list[sp.Rational]) -> tuple[Ends, list[Formula]]:
    """Intervals around the roots of `values`, and the formulas that make them so."""
    ends = [root_between(value, bits=20) for value in values]
    pairs = zip(values, ends, strict=True)
    return ends, [f for value, (low, high) in pairs for f in (le(low**2, value), lt(value, high**2))]


def _sum(ends: Ends, side: int) -> sp.Rational:
    return sum((end[side] for end in ends), sp.S.Zero)


def _projection(number: int, spectrum: list[sp.Rational], skew: list[sp.Rational], d: int, level: str) -> Statement:
    """A frame that is not PCA's is farther from the data than PCA's, exact score."""
    noise = sp.Rational(level)
    U = orthogonal(skew, len(spectrum))[:, :d]
    M = U.T * sp.diag(*spectrum) * U
    K = noise * sp.eye(d) + (1 - noise) * M
    ends, facts = _certified(K * M)
    generated = [_v(s, noise) for s in spectrum[:d]]
    roots, bounds = _bounded([s * v for s, v in zip(spectrum, generated, strict=False)])
    pca, other = sum(generated) - 2 * _sum(roots, 0), K.trace() - 2 * _sum(ends, 1)
    id = f"prop-6/any-projection/example-{number}"
    text = f"eigenvalues {', '.join(map(str, spectrum))}, a rational frame of {d} columns, x = {level}"
    return universal(id, text, domain(), And((*facts, *bounds, lt(pca, other))))


def _leading(A: sp.Matrix) -> list[Formula]:
    return [gt(A[:k, :k].det(), 0) for k in range(1, A.rows + 1)]


def _band(number: int, estimates: list[sp.Rational], ratio: sp.Matrix, error: str, level: str) -> Statement:
    """`Sigma = h R h` in the eigenbasis of the estimate: the sandwich holds, and `|q_d - Q_d| <= eps Q_d`, d = 3, 4."""
    eps, noise, size = sp.Rational(error), sp.Rational(level), len(estimates)
    h = sp.diag(*estimates)
    M, H = h * ratio * h, h * h
    facts = [*_leading(H - (1 - eps) * M), *_leading((1 + eps) * M - H)]
    for d in (size - 1, size):
        generated = [_v(s**2, noise) for s in estimates[:d]]
        ends, certified = _certified(sp.diag(*generated) * M[:d, :d])
        roots, bounds = _bounded([s**2 * v for s, v in zip(estimates, generated, strict=False)])
        low, high = (_sum(roots, side) for side in (0, 1))
        facts += [
            *certified,
            *bounds,
            le(_sum(ends, 1) - low, eps * low),
            le(high - _sum(ends, 0), eps * low),
        ]
    id = f"prop-7/examples/{number}"
    text = f"estimates {', '.join(map(str, estimates))}, eps = {error}, x = {level}"
    return universal(id, text, domain(), And(tuple(facts)))


_RATIO_1 = sp.Matrix(4, 4, _q(
    "21/20", "1/50", "0", "-1/40",
    "1/50", "19/20", "1/30", "0",
    "0", "1/30", "1", "1/25",
    "-1/40", "0", "1/25", "103/100",
))  # fmt: skip
_RATIO_2 = sp.Matrix(4, 4, _q(
    "11/10", "1/10", "-1/20", "1/15",
    "1/10", "9/10", "1/12", "-1/10",
    "-1/20", "1/12", "1", "1/20",
    "1/15", "-1/10", "1/20", "6/5",
))  # fmt: skip

PROJECTION_EXAMPLES = (
    _projection(1, _q("2", "1", "1/2", "1/5"), _q("1/3", "-1/4", "1/5", "1/2", "1/7", "-1/3"), 2, "1/10"),
    _projection(2, _q("3/2", "4/5", "1/3", "1/10"), _q("1/10", "1/9", "-1/8", "1/7", "1/6", "1/5"), 3, "2/5"),
    _projection(3, _q("4", "3", "2", "1"), _q("1/2", "1/3", "1/4", "-1/5", "1/6", "1/7"), 3, "0"),
)
BAND_EXAMPLES = (
    _band(1, _q("3/2", "1", "2/3", "1/4"), _RATIO_1, "1/8", "1/5"),
    _band(2, _q("2", "6/5", "1/2", "1/3"), _RATIO_2, "2/5", "1/2"),
)
