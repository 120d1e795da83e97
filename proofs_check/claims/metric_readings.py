"""Beyond the paper, sliced Wasserstein: trace matching, and both readings of the headline (`beyond-5`)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, nonnegative, positive, universal
from proofs_check.formula import Iff, eq, ge, gt, le, lt
from theory.metrics.formulas import component, direction_gap, trace_rule
from theory.notation import coordinate, sigma, sigma_hat, with_exact_score, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS", "FREE", "MEAN", "TRACE_FALLS", "slope_along"]

MEAN = (
    "The distance is the mean of (sqrt(u'Au) - sqrt(u'Bu))^2 over uniform directions u, and its slope the mean of the slopes "
    "along directions (import/mean-over-directions); directions with a zero component have probability 0."
)


def slope_along(D: int) -> sp.Expr:
    """Slope in `x` along a direction at the last step, exact score, `d = D - 1`."""
    return with_exact_score(direction_gap(D, D - 1)).diff(x).subs(x, 0)


FREE = domain(positive(coordinate(1), coordinate(2), component(1), component(2)))
_b = sp.Symbol("b", positive=True)

# --- trace matching ----------------------------------------------------------------------------------------------
_lost, _room, _s = (sp.Symbol(name, nonnegative=True) for name in ("lost", "room", "s"))
_kept, _d = sp.Symbol("kept", nonnegative=True), sp.Symbol("d", positive=True)
_TRACES = domain(nonnegative(_lost), nonnegative(_room), nonnegative(_s), given=[gt(_room, 0), le(_s, _lost)])
_next = trace_rule(_lost - _s, _room + 1 - _s)
TRACE_FALLS = universal(
    "beyond-5/trace/falls",
    "one more kept coordinate with s = sigma_{d+1}^2 in (0, 1] lowers the level that matches the traces",
    _TRACES.given(gt(_s, 0), le(_s, 1)),
    lt(_next, trace_rule(_lost, _room)),
)
_MATCHES = universal(
    "beyond-5/trace/matches",
    "tr A = d x + (1-x) kept equals tr Sigma = kept + lost exactly at that level (room = d - kept)",
    domain(nonnegative(_kept), nonnegative(_lost), positive(_d), between(x, 0, None), given=[lt(_kept, _d)]),
    Iff(eq(_d * variance_at_noise(sp.S.Zero) + (1 - x) * _kept, _kept + _lost), eq(x, trace_rule(_lost, _d - _kept))),
)
_TRACE_OUTSIDE = Obligation(
    "beyond-5/trace/outside",
    "the level falls although sigma_{d+1} > 1",
    _TRACES.given(gt(_s, 1), gt(_room + 1 - _s, 0)),
    lt(_next, trace_rule(_lost, _room)),
)

_a, _t = sp.Symbol("a", positive=True), sp.Symbol("t", positive=True)
_along = (sp.sqrt(_a) - sp.sqrt(_b)) ** 2

# --- reading (A) between neighbours, reading (B) among equals ------------------------------------------------------
_p, _v1, _v2, _w1, _w2 = (sp.Symbol(name, positive=True) for name in ("p", "a_1", "a_2", "v_1", "v_2"))


def _one_more(a: sp.Expr, v: sp.Expr) -> sp.Expr:
    """What keeping one more coordinate changes along a direction, divided by its variance `v`; `p = u_{d+1}^2`."""
    return _p - 2 * sp.sqrt(_b) * _p / (sp.sqrt(a + v * _p) + sp.sqrt(a))


_MORE = universal(
    "beyond-5/sliced/a/increment",
    "the change along a direction is v times that expression",
    domain(positive(_p, _b, _v1, _w1)),
    eq(
        (sp.sqrt(_v1 + _w1 * _p) - sp.sqrt(_b)) ** 2 - (sp.sqrt(_v1) - sp.sqrt(_b)) ** 2,
        _w1 * _one_more(_v1, _w1),
    ),
)
_MORE_RISES = universal(
    "beyond-5/sliced/a/rises",
    "it does not fall as a and v rise",
    domain(positive(_p, _b, _v1, _v2, _w1, _w2), given=[le(_v1, _v2), le(_w1, _w2)]),
    le(_one_more(_v1, _w1), _one_more(_v2, _w2)),
)
_VARIANCES_RISE = universal(
    "beyond-5/sliced/a/variances",
    "every generated variance, and so a, rises with x if sigma <= 1",
    domain(between(sigma, 0, 1, open="left"), between(x, 0, 1)),
    ge(with_exact_score(variance_at_noise(sigma_hat**2)).diff(x), 0),
)
_share, _M, _k = sp.Symbol("kappa", positive=True), sp.Symbol("M", positive=True), sp.Symbol("k", positive=True)
_w, _c = sp.Symbol("w", positive=True), sp.Symbol("c", real=True)


def _level_of(value: sp.Expr) -> sp.Expr:
    """The noise level at which a variance `sigma^2 < 1` has become `value`."""
    return (value - sigma**2) / (1 - sigma**2)


CLAIMS = (
    Claim(
        id="beyond-5/trace",
        title="The trace-matching stop decreases in d",
        section="7 Beyond the paper",
        printed="x_d = sum_{j>d} sigma_j^2 / sum_{j<=d} (1 - sigma_j^2), the level at which tr A = tr Sigma, decreases in d, for every spectrum "
        "with positive denominators.",
        statements=(
            _MATCHES,
            universal(
                "beyond-5/trace/printed",
                "one more kept coordinate lowers the level",
                _TRACES.given(gt(_s, 0), gt(_room + 1 - _s, 0)),
                lt(_next, trace_rule(_lost, _room)),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "sigma_{d+1} <= 1",
                (Statement("beyond-5/trace/repaired", "it falls", (*_MATCHES.obligations, *TRACE_FALLS.obligations)),),
                outside=(_TRACE_OUTSIDE,),
                sharp="for sigma_{d+1} > 1 it may fall or rise: it falls iff lost (s - 1) < s room",
            ),
        ),
        conventions=("lost = sum_{j>d} sigma_j^2, room = sum_{j<=d} (1 - sigma_j^2) > 0, s = sigma_{d+1}^2.",),
    ),
    Claim(
        id="beyond-5/trace/error",
        title="How far the exact stop is from trace matching",
        section="7 Beyond the paper",
        printed="At the best level x* of SW^2, |sqrt(tr A) - sqrt(tr B)|^2 <= D SW^2(x*) <= sqrt(2 D tr C^2 / (D + 2)), C = A - B at the level that "
        "matches traces.",
        statements=(
            universal(
                "beyond-5/trace/error/upper",
                "(sqrt(a) - sqrt(b))^2 <= |a - b|",
                domain(positive(_a, _b)),
                le(_along, sp.Max(_a - _b, _b - _a)),
            ),
            universal(
                "beyond-5/trace/error/lower",
                "(sqrt(a) - sqrt(b))^2 >= a + b - t a - b/t for every t > 0",
                domain(positive(_a, _b, _t)),
                ge(_along, _a + _b - _t * _a - _b / _t),
            ),
            universal(
                "beyond-5/trace/error/mean",
                "at t = sqrt(E b / E a) the mean of the right side is (sqrt(E a) - sqrt(E b))^2",
                domain(positive(_a, _b)),
                eq(_a + _b - sp.sqrt(_b / _a) * _a - _b / sp.sqrt(_b / _a), _along),
            ),
        ),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            "E u'Au = tr A / D; E (u'Cu)^2 = (2 tr C^2 + (tr C)^2) / (D (D+2)), and E |u'Cu| is at most its root; tr C = 0 there. The level must lie in [0, X].",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-5/sliced/a",
        title="Reading (A) under sliced Wasserstein, neighbouring dimensions",
        section="7 Beyond the paper",
        printed="Exact score, variances <= 1: for every d, keeping d + 1 coordinates is at least as good as keeping d exactly on an interval [0, l_d] of "
        "noise levels. For D = 2 this is reading (A).",
        statements=(_MORE, _MORE_RISES, _VARIANCES_RISE),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            "The change in SW^2, divided by v_{d+1} > 0, is the mean of an expression that does not fall as x rises; its sign changes once.",
            "Nothing here compares d with d + 2: no counterexample was found among 225 random spectra with sigma_1 <= 1, D <= 5.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-5/sliced/b",
        title="Reading (B) under sliced Wasserstein among equal variances",
        section="7 Beyond the paper",
        printed="Exact score, sigma_1^2 = ... = sigma_{d+1}^2 < 1, whatever the later variances are: x*(d+1) <= x*(d) for SW^2. If all D variances are "
        "equal, v/sigma^2 = (D E|P_d u| / d)^2 at the unclipped x*(d). And x*(D) = 0 always.",
        statements=(
            universal(
                "beyond-5/sliced/b/minimiser",
                "the mean of (w R - sqrt(b))^2, w^2 k - 2 w M + c, falls in w up to M/k and rises from there: sqrt(v) = M/k",
                domain(positive(_w, _k, _M), between(_c, None, None)),
                Iff(ge((_w**2 * _k - 2 * _w * _M + _c).diff(_w), 0), ge(_w, _M / _k)),
            ),
            universal(
                "beyond-5/sliced/b/projection",
                "a length r <= 1 is at least its square",
                domain(between(sp.Symbol("r", nonnegative=True), 0, 1)),
                ge(sp.Symbol("r", nonnegative=True), sp.Symbol("r", nonnegative=True) ** 2),
            ),
            universal(
                "beyond-5/sliced/b/falls",
                "kappa >= d/(d+1) makes M_{d+1}/(d+1) <= M_d/d, M_d = kappa M_{d+1}",
                domain(positive(_share, _M, _d), given=[ge(_share, _d / (_d + 1))]),
                le(_M / (_d + 1), _share * _M / _d),
            ),
            universal(
                "beyond-5/sliced/b/level",
                "a smaller variance v is a smaller level x",
                domain(between(sigma, 0, 1, open="both"), positive(_a, _b), given=[le(_a, _b)]),
                le(_level_of(_a), _level_of(_b)),
            ),
        ),
        uses=("beyond-5/sliced", "beyond-5/sliced/convex"),
        conventions=(
            "R = |P_d u|, k = E R^2 = d/D, M_d = E R sqrt(u'Bu). u'Bu depends on the first d+1 components through |P_{d+1} u| only, and "
            "their direction theta is independent and uniform: M_d = kappa M_{d+1}, kappa = E |P_d theta| >= E |P_d theta|^2 = d/(d+1).",
            "All variances equal: sqrt(u'Bu) = sigma, and E|P_d u| = Gamma((d+1)/2) Gamma(D/2) / (Gamma(d/2) Gamma((D+1)/2)).",
            "Unequal variances <= 1: no counterexample among 500 random spectra, D <= 5; not proved. With sigma_1 > 1 it fails: "
            "beyond-5/sliced/b/above-one.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-5/sliced/b/above-one",
        title="Reading (B) under sliced Wasserstein fails with a variance above 1",
        section="7 Beyond the paper",
        printed="Exact score, D = 3: for sigma_1 just above 1 and sigma_2 < 1, x*(1) = 0 < x*(2).",
        statements=(
            universal(
                "beyond-5/sliced/b/above-one/first",
                "sigma_1 > 1: the slope for d = 1 is positive",
                FREE.given(gt(coordinate(1), 1)),
                gt(slope_along(2), 0),
            ),
            universal(
                "beyond-5/sliced/b/above-one/second",
                "sigma_1 = 1 > sigma_2: the slope for d = 2 is negative",
                domain(
                    positive(coordinate(2), coordinate(3), component(1), component(2), component(3)),
                    given=[lt(coordinate(2), 1)],
                ),
                lt(slope_along(3).subs(coordinate(1), 1), 0),
            ),
        ),
        uses=("beyond-5/sliced/convex",),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            MEAN,
            "The slope for d = 2 is continuous in sigma_1, hence negative for sigma_1 slightly above 1 too.",
        ),
        ours=True,
    ),
)
