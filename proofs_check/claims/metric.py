"""Beyond the paper: what the sliced Wasserstein distance says of stopping early (`beyond-5`)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, nonnegative, positive, universal
from proofs_check.claims.headline_b import LAST_STEP
from proofs_check.formula import And, Iff, Implies, eq, ge, gt, le, lt
from proofs_check.rules import slope_along_directions
from proofs_check.rules.metric import spectrum
from theory.metrics.formulas import component, direction_gap, generated_along, trace_rule
from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat, with_exact_score, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS", "SLOPE"]

_MEAN = (
    "The distance is the mean of (sqrt(u'Au) - sqrt(u'Bu))^2 over uniform directions u, and its slope the mean of the slopes "
    "along directions (import/mean-over-directions); directions with a zero component have probability 0."
)
_LOCAL = "Early stopping helps: the distance is smaller at some x > 0 than at the last step; here, its slope at x = 0 is negative."


def _slope_along(D: int) -> sp.Expr:
    """Slope in `x` along a direction at the last step, exact score, `d = D - 1`."""
    return with_exact_score(direction_gap(D, D - 1)).diff(x).subs(x, 0)


def _printed(D: int) -> Obligation:
    goal = lt(_slope_along(D), 0)
    return Obligation(f"beyond-5/sliced[D={D}]", "the slope along a direction", spectrum(D, "below"), goal)


SLOPE = Statement(
    "beyond-5/sliced/slope",
    "kept variances <= 1, one < 1, some variance dropped: the slope at the last step is negative along every direction",
    lift=slope_along_directions("beyond-5/sliced", "below"),
    instance=_printed,
    sizes=(2, 3),
)
_ABOVE = Statement(
    "beyond-5/sliced/above-one/slope",
    "kept variances >= 1, one > 1: the slope at the last step is positive along every direction",
    lift=slope_along_directions("beyond-5/sliced/above", "above"),
    instance=lambda D: Obligation(
        f"beyond-5/sliced/above[D={D}]", "the slope along a direction", spectrum(D, "above"), gt(_slope_along(D), 0)
    ),
    sizes=(2, 3),
)
_FREE = domain(positive(coordinate(1), coordinate(2), component(1), component(2)))
_EVERY = Statement(
    "beyond-5/sliced/any-spectrum/printed",
    "d = 1, D = 2: the slope is negative, whatever sigma_1 is",
    instance=lambda D: Obligation("beyond-5/sliced/any-spectrum[D=2]", "the slope", _FREE, lt(_slope_along(2), 0)),
    sizes=(2,),
)
_SIGN = universal(
    "beyond-5/sliced/any-spectrum/sign",
    "d = 1: negative exactly if sigma_1 < 1, positive exactly if sigma_1 > 1",
    _FREE,
    And((Iff(lt(_slope_along(2), 0), lt(coordinate(1), 1)), Iff(gt(_slope_along(2), 0), gt(coordinate(1), 1)))),
)

# --- convexity and the noise level -------------------------------------------------------------------------------
_a0, _b = sp.Symbol("a0", positive=True), sp.Symbol("b", positive=True)
_a1 = sp.Symbol("a1", real=True)
_line = _a0 + _a1 * x
_gap = (sp.sqrt(_line) - sp.sqrt(_b)) ** 2
_LINE = domain(positive(_a0, _b), between(_a1, None, None), between(x, 0, 1), given=[gt(_line, 0)])
_CONVEX = universal(
    "beyond-5/sliced/convex/second",
    "(sqrt(a0 + a1 x) - sqrt(b))^2 has second derivative a1^2 sqrt(b) / (2 a^{3/2})",
    _LINE,
    eq(_gap.diff(x, 2), _a1**2 * sp.sqrt(_b) / (2 * _line ** sp.Rational(3, 2))),
)
_CONVEX_SIGN = universal(
    "beyond-5/sliced/convex/sign", "which is >= 0, and > 0 unless a1 = 0", _LINE,
    And((ge(_a1**2 * sp.sqrt(_b) / (2 * _line * sp.sqrt(_line)), 0), Implies(eq(_gap.diff(x, 2), 0), eq(_a1, 0)))),
)  # fmt: skip
_AFFINE = universal(
    "beyond-5/sliced/convex/affine",
    "u'Au is affine in x with any score (two coordinates; every further one adds one more affine term)",
    domain(positive(coordinate_hat(1), coordinate_hat(2), component(1), component(2)), between(x, 0, 1)),
    eq(generated_along(2).diff(x, 2), 0),
)

# --- trace matching ----------------------------------------------------------------------------------------------
_lost, _room, _s = (sp.Symbol(name, nonnegative=True) for name in ("lost", "room", "s"))
_kept, _d = sp.Symbol("kept", nonnegative=True), sp.Symbol("d", positive=True)
_TRACES = domain(nonnegative(_lost), nonnegative(_room), nonnegative(_s), given=[gt(_room, 0), le(_s, _lost)])
_next = trace_rule(_lost - _s, _room + 1 - _s)
_TRACE = universal(
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
        id="beyond-5",
        title="The metric decides",
        section="7 Beyond the paper",
        printed="With the exact score, kept variances <= 1 (one < 1) and some variance dropped, the sliced Wasserstein distance has a negative "
        "slope in x at the last step: stopping early always helps. Where u'Au concentrates the optimum matches traces, at "
        "x = sum_{j>d} sigma_j^2 / sum_{j<=d} (1 - sigma_j^2), which decreases in d. In the Frechet distance the last step is best.",
        statements=(SLOPE, _TRACE, LAST_STEP),
        uses=("eq-4/backward", "eq-6"),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            _LOCAL,
            _MEAN,
            "Which effect is 'intrinsic to the dimensionality reduction' (text-7) depends on the metric.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-5/sliced",
        title="Sliced Wasserstein, exact score: stopping early helps",
        section="7 Beyond the paper",
        printed="d/dx SW^2 at x = 0 is E[(1 - sqrt(u'Bu/u'Au)) sum_{j<=d} u_j^2 (1 - sigma_j^2)] < 0 if d < D and sigma_j <= 1 for "
        "j <= d, one of them < 1. With d = D it is 0 and the last step is best.",
        statements=(
            SLOPE,
            universal(
                "beyond-5/sliced/all-kept",
                "d = D: the distance along a direction is 0 at the last step (D = 2)",
                _FREE,
                eq(with_exact_score(direction_gap(2, 2)).subs(x, 0), 0),
            ),
        ),
        uses=("eq-4/backward",),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            _LOCAL,
            _MEAN,
            "In general the slope is -sum_{j<=d} w_j (1 - sigma_j^2) with w_j = E (sqrt(u'Bu/u'Au) - 1) u_j^2 > 0, so stopping early helps "
            "exactly if this weighted sum of 1 - sigma_j^2 is positive; all variances below 1 is not necessary.",
        ),
        derivation=(("slope along a direction, d = 1, D = 2", sp.factor(_slope_along(2))),),
        ours=True,
    ),
    Claim(
        id="beyond-5/sliced/any-spectrum",
        title="Sliced Wasserstein: the bound on the variances is needed",
        section="7 Beyond the paper",
        printed="With the exact score and d < D stopping early helps, for every spectrum.",
        statements=(_EVERY,),
        repairs=(
            Repair(
                "hypothesis",
                "kept variances <= 1, one of them < 1 (for d = 1: exactly if sigma_1 < 1)",
                (SLOPE, _SIGN, _ABOVE),
                outside=(
                    Obligation(
                        "beyond-5/sliced/any-spectrum/outside",
                        "a negative slope although sigma_1 > 1",
                        _FREE.given(gt(coordinate(1), 1)),
                        lt(_slope_along(2), 0),
                    ),
                ),
                sharp="necessary and sufficient for d = 1; if no kept variance is below 1 and one is above, the last step is best, by convexity",
            ),
        ),
        uses=("beyond-5/sliced",),
        proof_uses=("import/mean-over-directions", "beyond-5/sliced/convex"),
        conventions=(
            _LOCAL,
            _MEAN,
            "For d = 1 the sign is the same along every direction, so that it is the sign of the mean.",
        ),
    ),
    Claim(
        id="beyond-5/sliced/convex",
        title="The sliced Wasserstein distance is convex in the noise level",
        section="7 Beyond the paper",
        printed="For every d and every score SW^2 is convex in x, strictly unless every kept hat sigma_j = 1: its minimiser is unique, and at x > 0 "
        "exactly if the slope at x = 0 is negative.",
        statements=(_AFFINE, _CONVEX, _CONVEX_SIGN),
        proof_uses=("import/mean-over-directions",),
        conventions=(_MEAN, "u'Au = a0 + a1 x; a mean of convex functions is convex."),
        ours=True,
    ),
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
                (Statement("beyond-5/trace/repaired", "it falls", (*_MATCHES.obligations, *_TRACE.obligations)),),
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
                _FREE.given(gt(coordinate(1), 1)),
                gt(_slope_along(2), 0),
            ),
            universal(
                "beyond-5/sliced/b/above-one/second",
                "sigma_1 = 1 > sigma_2: the slope for d = 2 is negative",
                domain(
                    positive(coordinate(2), coordinate(3), component(1), component(2), component(3)),
                    given=[lt(coordinate(2), 1)],
                ),
                lt(_slope_along(3).subs(coordinate(1), 1), 0),
            ),
        ),
        uses=("beyond-5/sliced/convex",),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            _MEAN,
            "The slope for d = 2 is continuous in sigma_1, hence negative for sigma_1 slightly above 1 too.",
        ),
        ours=True,
    ),
    Claim(
        id="beyond-5/whitened",
        title="Whitened latents: the stop does not matter",
        section="7 Beyond the paper",
        printed="If every latent coordinate is scaled to variance 1 (exact score) and scaled back by the decoder, the generated law is the same at every "
        "stop, in every metric. If all are scaled by one factor 1/r, the slope of a variance is r^2 - sigma^2 in place of 1 - sigma^2.",
        statements=(
            universal(
                "beyond-5/whitened/constant",
                "v = sigma^2 (x + (1-x) 1) = sigma^2 at every x",
                domain(positive(sigma), between(x, 0, 1)),
                eq(sigma**2 * variance_at_noise(sp.S.One), sigma**2),
            ),
            universal(
                "beyond-5/whitened/one-factor",
                "v = r^2 (x + (1-x) sigma^2/r^2)",
                domain(positive(sigma, _w), between(x, 0, 1)),
                eq((_w**2 * variance_at_noise(sigma**2 / _w**2)).diff(x), _w**2 - sigma**2),
            ),
        ),
        uses=("eq-4/backward",),
        conventions=(
            "So the strict form of (B) fails for whitened latents, and every threshold '1' in beyond-5 is the latent noise's own scale.",
        ),
        ours=True,
    ),
    Claim(
        id="import/mean-over-directions",
        title="Derivative of a mean; the mean of a negative function",
        section="Imported",
        printed="If g(u, .) is differentiable with |g'| below an integrable function, (E g)' = E g'; a measurable function that is < 0 almost "
        "everywhere has a mean < 0. Here |(1 - sqrt(b/a)) a'| is bounded over unit vectors by a constant times 1 + sqrt(b), for variances "
        "bounded away from 0.",
        statements=(),
        citation="G. B. Folland, Real Analysis, 2nd ed., Wiley, 1999, Theorem 2.27 and Proposition 2.16",
    ),
)
