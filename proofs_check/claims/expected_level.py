"""Section 7: the expected-optimal stop of one coordinate, and reading (B) on average (beyond-3)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import (
    Claim,
    Domain,
    Statement,
    Variable,
    between,
    domain,
    positive,
    universal,
)
from proofs_check.formula import And, eq, ge, gt, le, lt
from proofs_check.rules import ordered_slopes
from proofs_check.rules.expected import minimisers_in_order
from theory.frechet import slope
from theory.notation import sigma, sigma_hat, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS"]

_SECTION = "7 Beyond the paper"
_r, _w, _m = sp.Symbol("r", positive=True), sp.Symbol("w", positive=True), sp.Symbol("m", positive=True)
_z, _lam = sp.Symbol("z", positive=True), sp.Symbol("lambda", positive=True)
_INSIDE = between(x, 0, 1, open="both")

# --- what the level's direction depends on, for one sample: r = hat sigma/sigma, w = sqrt(v) -------------------------
_one_sample = slope().subs(sigma_hat, sigma * _r) / sigma
_v = variance_at_noise(sigma**2 * _r**2)
_balance = (1 / _w - _w) - (1 - x) * (1 / sigma - sigma)
_drift = (_w**2 - x) * (1 + _w**2) / _w**3 - (1 - x) * (1 / sigma + sigma)
_theta = 2 * _w - x / _w - x / _w**3
_ANY = domain(positive(sigma, _r), _INSIDE)
_DEVIATION = domain(positive(sigma, _w), _INSIDE)

_REDUCED = (
    universal(
        "beyond-3/level/stationary",
        "(1-x)/sigma times a sample's slope is -(balance) + (1-x) sigma (1 - r^2): the expected slope is 0 exactly where E balance = 0",
        _ANY,
        eq((1 - x) * _one_sample, -_balance.subs(_w, sp.sqrt(_v)) + (1 - x) * sigma * (1 - _r**2)),
    ),
    universal(
        "beyond-3/level/drift",
        "sigma (1-x) times the derivative in sigma of slope/sigma is drift + (1-x) sigma (1 - r^2)",
        _ANY,
        eq(sigma * (1 - x) * _one_sample.diff(sigma), _drift.subs(_w, sp.sqrt(_v)) + (1 - x) * sigma * (1 - _r**2)),
    ),
    universal(
        "beyond-3/level/theta",
        "drift = 2w - x/w - x/w^3 - 2(1-x) sigma + balance",
        _DEVIATION,
        eq(_drift, _theta - 2 * (1 - x) * sigma + _balance),
    ),
)

# --- sigma < 1: theta lies below its tangent in v at the mean m^2 of v -----------------------------------------------
_bracket = 1 / _m + x * (_w + 2 * _m) / (2 * _m**3 * _w)
_bracket += x * (3 * _w**3 + 6 * _m * _w**2 + 4 * _m**2 * _w + 2 * _m**3) / (2 * _m**5 * _w**3)
_tangent = _theta.subs(_w, _m) + (1 / _m + x / (2 * _m**3) + 3 * x / (2 * _m**5)) * (_w**2 - _m**2)
_SMALL = (
    universal(
        "beyond-3/increases/tangent",
        "theta = its tangent in v = w^2 at m^2 minus (w - m)^2 times a bracket",
        domain(positive(_w, _m), _INSIDE),
        eq(_theta, _tangent - (_w - _m) ** 2 * _bracket),
    ),
    universal("beyond-3/increases/sign", "the bracket is > 0", domain(positive(_w, _m), _INSIDE), gt(_bracket, 0)),
    universal(
        "beyond-3/increases/at-mean",
        "theta(m) < 2 (1-x) sigma where m^2 = x + (1-x) sigma^2, i.e. x = (m^2 - sigma^2)/(1 - sigma^2), sigma < m < 1",
        domain(between(sigma, 0, 1, open="both"), between(_m, 0, 1, open="both"), given=[lt(sigma, _m)]),
        lt((_theta.subs(_w, _m) - 2 * (1 - x) * sigma).subs(x, (_m**2 - sigma**2) / (1 - sigma**2)), 0),
    ),
)

# --- sigma > 1, x = z^2: theta + lambda balance lies above its tangent in v at sigma^2 -------------------------------
_H = (2 - _lam) * _w + (_lam - _z**2) / _w - _z**2 / _w**3
_rate = (2 - _lam) / (2 * sigma) - (_lam - _z**2) / (2 * sigma**3) + 3 * _z**2 / (2 * sigma**5)
_c3 = (_lam - 2) * sigma**4 + (_lam - _z**2) * sigma**2 - 3 * _z**2
_c2 = 2 * sigma**3 * (_lam - _z**2) - 6 * _z**2 * sigma
_A, _B = 4 * _z**2 * sigma**2, 2 * _z**2 * sigma**3
_excess = _c3 * _w**3 + _c2 * _w**2 - _A * _w - _B
_far = (2 * sigma**4 + _z**2 * sigma**2 + 3 * _z**2) / (sigma**2 * (sigma**2 + 1))
_near = 2 * _z * sigma**4 + 2 * sigma**3 * (1 + _z**2) + sigma**2 * (_z**3 + 4 * _z) + 6 * _z**2 * sigma + 3 * _z**3
_near /= sigma**2 * (_z * sigma**2 + 2 * sigma + _z)
_bound = 1 + 1 / sigma**2 - _lam / 2 + (_lam - _z**2) / (2 * sigma**2) - 3 * _z**2 / (2 * sigma**4)
_LARGE = domain(between(sigma, 1, None, open="left"), between(_z, 0, 1, open="both"))
_a, _b, _c, _d = (sp.Symbol(name, real=True) for name in ("a", "b", "c", "d"))
_DECREASING = (
    universal(
        "beyond-3/decreases/tangent",
        "H = theta + lambda (1/w - w) is its tangent at sigma plus (w - sigma)^2 N(w)/(2 sigma^5 w^3)",
        Domain((*_LARGE.variables, *positive(_lam, _w))),
        eq(_H, _H.subs(_w, sigma) + _rate * (_w**2 - sigma**2) + (_w - sigma) ** 2 * _excess / (2 * sigma**5 * _w**3)),
    ),
    universal(
        "beyond-3/decreases/cubic",
        "a cubic a w^3 + b w^2 - c w - d with a, c, d >= 0 that is >= 0 at z > 0 is >= 0 from there on",
        domain(
            positive(_w, _z), Variable(_b), [between(s, None, None) for s in (_a, _c, _d)],
            given=[ge(_a, 0), ge(_c, 0), ge(_d, 0), le(_z, _w), ge(_a * _z**3 + _b * _z**2 - _c * _z - _d, 0)],
        ),
        ge(_a * _w**3 + _b * _w**2 - _c * _w - _d, 0),
    ),
    universal(
        "beyond-3/decreases/multiplier",
        "N has a >= 0 exactly from one lambda on and is >= 0 at w = z exactly from another on",
        Domain((*_LARGE.variables, *positive(_lam))),
        And((
            eq(_c3, (_lam - _far) * sigma**2 * (sigma**2 + 1)),
            eq(_excess.subs(_w, _z), (_lam - _near) * _z**2 * sigma**2 * (_z * sigma**2 + 2 * sigma + _z)),
        )),
    ),
    universal(
        "beyond-3/decreases/value",
        "the tangent at E v = z^2 + (1-z^2) sigma^2, less the constants, is (z^2/sigma)(sigma^2 - 1) times a bound linear in lambda",
        Domain((*_LARGE.variables, *positive(_lam))),
        eq(
            _H.subs(_w, sigma) + _rate * _z**2 * (1 - sigma**2) - (1 - _z**2) * (2 * sigma + _lam * (1 / sigma - sigma)),
            _z**2 * (sigma**2 - 1) * _bound / sigma,
        ),
    ),
    universal("beyond-3/decreases/far", "the bound is > 0 at the one", _LARGE, gt(_bound.subs(_lam, _far), 0)),
    universal("beyond-3/decreases/near", "and at the other", _LARGE, gt(_bound.subs(_lam, _near), 0)),
)  # fmt: skip

_ratio_at_one = slope().subs(sigma, 1)


def _ordered(id: str, text: str, *, reverse: bool) -> Statement:
    return Statement(
        id, text, lift=ordered_slopes(id, reverse=reverse),
        instance=lambda D: minimisers_in_order(id, D, reverse=reverse), sizes=(2, 3),
    )  # fmt: skip


_FALLS = _ordered("beyond-3/b/falls", "falling levels: x*(d) is non-increasing in d", reverse=False)
_RISES = _ordered("beyond-3/b/rises", "rising levels: x*(d) is non-decreasing in d", reverse=True)
_LAW = (
    "Only E r^2 = 1, r >= 0 and P(r = 1) < 1 are used: the statement holds for every unbiased variance estimate, chi-square with any n >= 1 "
    "among them.",
    "d x*/d sigma^2 = -(dG/d sigma^2)/(dG/dx), G = (expected slope)/sigma; dG/dx > 0 by strict convexity, and dG/d sigma^2 has the sign of "
    "E drift. E balance = 0 at the minimiser.",
)
_IMPORTS = ("import/expectation", "import/dominated-convergence")

CLAIMS = (
    Claim(
        id="beyond-3",
        title="Reading (B) on average",
        section=_SECTION,
        printed="The minimiser x*(sigma^2, n) of E (sqrt(v) - sigma)^2 increases with sigma^2 on (0, 1) and decreases on (1, oo). So (B) holds on "
        "average for sigma_1 <= 1 and is reversed for sigma_D >= 1.",
        statements=(*_REDUCED, *_SMALL, *_DECREASING, _FALLS, _RISES),
        uses=("eq-5", "eq-6", "beyond-2"),
        proof_uses=(*_IMPORTS, "beyond-3/closed-form"),
        conventions=(
            *_LAW,
            "The minimiser lies in (0, 1) for sigma != 1 (slope < 0 at 0 by beyond-2, (1 - sigma)(1 - sigma^2) > 0 at 1); on [0, X] it is clipped to X, "
            "which keeps the order. At sigma = 1 it is 1 (beyond-3/at-one).",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-3/increases",
        title="The level increases on (0, 1)",
        section=_SECTION,
        printed="x*(sigma^2, n) strictly increases with sigma^2 on (0, 1), for every n >= 1.",
        statements=(*_REDUCED, *_SMALL),
        uses=("beyond-2",),
        proof_uses=_IMPORTS,
        conventions=(
            *_LAW,
            "E drift = E theta - 2(1-x) sigma <= theta(m) - 2(1-x) sigma < 0 (tangent at the mean, Jensen).",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-3/decreases",
        title="The level decreases on (1, oo)",
        section=_SECTION,
        printed="x*(sigma^2, n) strictly decreases with sigma^2 on (1, oo), for every n >= 1.",
        statements=(*_REDUCED, *_DECREASING),
        uses=("beyond-2",),
        proof_uses=_IMPORTS,
        conventions=(
            *_LAW,
            "E drift = E (theta + lambda balance) - 2(1-x) sigma for every lambda. With lambda the larger of the two values N is >= 0 for w >= z = "
            "sqrt(x), so E drift is at least the tangent's value, which is > 0.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-3/at-one",
        title="The level at sigma = 1",
        section=_SECTION,
        printed="For sigma = 1 every sample's term is non-increasing in x, so x* = X: pure noise is the best generator.",
        statements=(
            universal(
                "beyond-3/at-one/falls",
                "the slope is <= 0",
                domain(positive(sigma_hat), between(x, 0, 1)),
                le(_ratio_at_one, 0),
            ),
        ),
        uses=("eq-6",),
        ours=True,
    ),
    Claim(
        id="beyond-3/b-on-average",
        title="(B) on average within one side of 1",
        section=_SECTION,
        printed="x*(d) = argmin E F(d, .) is non-increasing in d for 1 >= sigma_1 >= ... >= sigma_D > 0 and non-decreasing for "
        "sigma_1 >= ... >= sigma_D >= 1, every n, D and horizon.",
        statements=(_FALLS, _RISES),
        uses=("beyond-3/increases", "beyond-3/decreases", "beyond-3/at-one"),
        conventions=(
            "g_j is coordinate j's expected slope, >= 0 on [0, X] exactly from its level L_j on (for sigma_j = 1 from 1 on).",
        ),
        ours=True,
    ),
)
