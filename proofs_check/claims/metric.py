"""Beyond the paper: what the sliced Wasserstein distance says of stopping early (`beyond-5`)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, positive, universal
from proofs_check.claims.headline_b import LAST_STEP
from proofs_check.claims.metric_readings import FREE, MEAN, TRACE_FALLS, slope_along
from proofs_check.formula import And, Iff, Implies, eq, ge, gt, lt
from proofs_check.rules import slope_along_directions
from proofs_check.rules.metric import spectrum
from theory.metrics.formulas import component, direction_gap, generated_along
from theory.notation import coordinate, coordinate_hat, sigma, with_exact_score, x
from theory.process import variance_at_noise

__all__ = ["CLAIMS", "SLOPE"]

_LOCAL = "Early stopping helps: the distance is smaller at some x > 0 than at the last step; here, its slope at x = 0 is negative."


def _printed(D: int) -> Obligation:
    goal = lt(slope_along(D), 0)
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
        f"beyond-5/sliced/above[D={D}]", "the slope along a direction", spectrum(D, "above"), gt(slope_along(D), 0)
    ),
    sizes=(2, 3),
)
_EVERY = Statement(
    "beyond-5/sliced/any-spectrum/printed",
    "d = 1, D = 2: the slope is negative, whatever sigma_1 is",
    instance=lambda D: Obligation("beyond-5/sliced/any-spectrum[D=2]", "the slope", FREE, lt(slope_along(2), 0)),
    sizes=(2,),
)
_SIGN = universal(
    "beyond-5/sliced/any-spectrum/sign",
    "d = 1: negative exactly if sigma_1 < 1, positive exactly if sigma_1 > 1",
    FREE,
    And((Iff(lt(slope_along(2), 0), lt(coordinate(1), 1)), Iff(gt(slope_along(2), 0), gt(coordinate(1), 1)))),
)

# --- convexity and the noise level -------------------------------------------------------------------------------
_a0, _b = sp.Symbol("a0", positive=True), sp.Symbol("b", positive=True)
_a1, _r = sp.Symbol("a1", real=True), sp.Symbol("r", positive=True)
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

CLAIMS = (
    Claim(
        id="beyond-5",
        title="The metric decides",
        section="7 Beyond the paper",
        printed="With the exact score, kept variances <= 1 (one < 1) and some variance dropped, the sliced Wasserstein distance has a negative "
        "slope in x at the last step: stopping early always helps. Where u'Au concentrates the optimum matches traces, at "
        "x = sum_{j>d} sigma_j^2 / sum_{j<=d} (1 - sigma_j^2), which decreases in d. In the Frechet distance the last step is best.",
        statements=(SLOPE, TRACE_FALLS, LAST_STEP),
        uses=("eq-4/backward", "eq-6"),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            _LOCAL,
            MEAN,
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
                FREE,
                eq(with_exact_score(direction_gap(2, 2)).subs(x, 0), 0),
            ),
        ),
        uses=("eq-4/backward",),
        proof_uses=("import/mean-over-directions",),
        conventions=(
            _LOCAL,
            MEAN,
            "In general the slope is -sum_{j<=d} w_j (1 - sigma_j^2) with w_j = E (sqrt(u'Bu/u'Au) - 1) u_j^2 > 0, so stopping early helps "
            "exactly if this weighted sum of 1 - sigma_j^2 is positive; all variances below 1 is not necessary.",
        ),
        derivation=(("slope along a direction, d = 1, D = 2", sp.factor(slope_along(2))),),
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
                        FREE.given(gt(coordinate(1), 1)),
                        lt(slope_along(2), 0),
                    ),
                ),
                sharp="necessary and sufficient for d = 1; if no kept variance is below 1 and one is above, the last step is best, by convexity",
            ),
        ),
        uses=("beyond-5/sliced",),
        proof_uses=("import/mean-over-directions", "beyond-5/sliced/convex"),
        conventions=(
            _LOCAL,
            MEAN,
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
        conventions=(MEAN, "u'Au = a0 + a1 x; a mean of convex functions is convex."),
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
                domain(positive(sigma, _r), between(x, 0, 1)),
                eq((_r**2 * variance_at_noise(sigma**2 / _r**2)).diff(x), _r**2 - sigma**2),
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
