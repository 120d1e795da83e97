"""Section 6: the noisy autoencoder as a stand-in for the early-stopped model."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, nonnegative, positive, universal
from proofs_check.claims.setting import spent, with_free_schedule
from proofs_check.formula import And, eq, ge, gt, le, lt, ne
from proofs_check.rules import coordinates, sum_of_terms
from proofs_check.rules.base import total
from theory.capped_distance import uncapped_variance
from theory.capped_score import FROM_SWITCH, switch_level, y
from theory.notation import cap, q, sigma, sigma_hat, with_exact_score, x
from theory.process import diffused_variance
from theory.proxy import mean_square, proxy_gap, proxy_gap_bound, proxy_moment, proxy_variance
from theory.schedules import GENERAL

__all__ = ["CLAIMS"]

_SECTION = "6 Headline"
_POINTS = [sp.Symbol(f"X_{i}", real=True) for i in (1, 2, 3)]
_ANY = domain(nonnegative(spent), positive(sigma, sigma_hat))
_TRAINING = domain(nonnegative(spent), [between(p, None, None) for p in _POINTS])
_PROXY = with_free_schedule(proxy_moment(GENERAL, sigma**2))
_EXACT = with_free_schedule(diffused_variance(GENERAL, sigma**2))
_PLUG_IN = with_free_schedule(diffused_variance(GENERAL, sigma_hat**2))


def _trained(points: list[sp.Symbol]) -> sp.Expr:
    return _PLUG_IN.subs(sigma_hat, sp.sqrt(mean_square(points)))


def _encoded(points: list[sp.Symbol]) -> sp.Expr:
    return with_free_schedule(proxy_moment(GENERAL, mean_square(points)))


_FRESH = universal(
    "noisy-autoencoder/fresh/law",
    "fresh data, exact score: b^2 sigma^2 + a^2 is the generated variance, any VP schedule, any stop",
    _ANY,
    eq(_PROXY, _EXACT),
)
_SECOND_MOMENT = universal(
    "noisy-autoencoder/training/second-moment",
    "training data (n = 1, 2, 3 points), plug-in score: the second moments agree",
    _TRAINING,
    And(tuple(eq(_encoded(_POINTS[:n]), _trained(_POINTS[:n])) for n in (1, 2, 3))),
)
_ONE = domain(positive(sigma, sigma_hat), between(x, 0, 1))
_GAP = Statement(
    "noisy-autoencoder/gap/bound",
    "the gap between the proxies is at most b^2 sum_{j<=d} (hat sigma_j - sigma_j)^2",
    lift=sum_of_terms("noisy-autoencoder/gap/term", "one kept coordinate", _ONE, "<=", proxy_gap(), proxy_gap_bound()),
    instance=lambda D: Obligation(
        f"noisy-autoencoder/gap[d={D}]",
        "gap of fresh data against the plug-in sampler",
        coordinates(_ONE, D),
        le(total(proxy_gap(), D), (1 - x) * total((sigma_hat - sigma) ** 2, D)),
    ),
)
_OTHERWISE = Obligation(
    "noisy-autoencoder/otherwise",
    "fresh data, plug-in score, hat sigma != sigma: the second moments agree",
    domain(positive(sigma, sigma_hat), between(x, 0, 1, open="right"), given=[ne(sigma, sigma_hat)]),
    eq(proxy_gap(), 0),
)

_c = 1 - sigma**2
_STOP = domain(positive(sigma), between(q, 0, 1, open="both"), between(y, 0, 1, open="left"), given=[le(q, y)])
_free = with_exact_score(uncapped_variance())
_behind = with_exact_score(FROM_SWITCH.phases[1].variance)

CLAIMS = (
    Claim(
        id="noisy-autoencoder",
        title="The noisy autoencoder against the early-stopped model",
        section=_SECTION,
        printed="P_d^T (b_tau P_d X + a_tau eps) predicts the early-stopped latent diffusion model (read: its kept coordinates have the same "
        "second moments), whichever data is encoded and whichever score is used.",
        statements=(
            universal(
                "noisy-autoencoder/always",
                "fresh data against the plug-in sampler: the second moments agree",
                _ONE,
                eq(proxy_gap(), 0),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "fresh data is encoded and the score is exact (equal laws), or the training data is encoded and the score is built from "
                "the same data (equal second moments)",
                (_FRESH, _SECOND_MOMENT),
                outside=(_OTHERWISE,),
                sharp="for fresh data and the plug-in score they agree at x < 1 only if hat sigma_j = sigma_j for every kept j",
            ),
        ),
        uses=("eq-4/backward", "eq-5", "eq-6"),
        conventions=(
            "Diagonal hat Sigma: only the kept coordinates' second moments enter; with a full hat Sigma the same holds for it as a matrix.",
            "With fresh data F(d, .) is that of the exact score, so the best stop it shows is the last step for every d (prop-1a): the "
            "early stop of the plug-in model is seen only with training data encoded.",
        ),
        derivation=(("second moment of the proxy", _PROXY), ("gap of one coordinate", proxy_gap())),
    ),
    Claim(
        id="noisy-autoencoder/fresh",
        title="Fresh data and the exact score",
        section=_SECTION,
        printed="Encoding fresh data gives exactly the law of the exact-score sampler stopped at the same tau, started at p_T.",
        statements=(_FRESH,),
        uses=("eq-4/backward",),
        conventions=(
            "Both laws are centred Gaussians with independent coordinates, so equal variances are equal laws.",
        ),
        derivation=(("second moment", _PROXY),),
        ours=True,
    ),
    Claim(
        id="noisy-autoencoder/training",
        title="Training data and the plug-in score",
        section=_SECTION,
        printed="Encoding the training data gives the law of the plug-in sampler.",
        statements=(
            universal(
                "noisy-autoencoder/training/law",
                "two training points: variances about the mean agree as well",
                domain(between(x, 0, 1, open="right"), [between(p, None, None) for p in _POINTS[:2]]),
                eq(
                    (1 - x) * (mean_square(_POINTS[:2]) - (sum(_POINTS[:2]) / 2) ** 2),
                    (1 - x) * mean_square(_POINTS[:2]),
                ),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "The second moments agree with those of the plug-in sampler. The law is a mixture of n Gaussians with mean b times the "
                "training mean, and its variance is smaller by the square of that.",
                (
                    _SECOND_MOMENT,
                    universal(
                        "noisy-autoencoder/training/variance",
                        "the variance falls short by b^2 (training mean)^2",
                        _TRAINING,
                        eq(
                            _trained(_POINTS[:2]) - with_free_schedule(proxy_variance(GENERAL, _POINTS[:2])),
                            sp.exp(-2 * spent) * (sum(_POINTS[:2]) / 2) ** 2,
                        ),
                    ),
                ),
            ),
        ),
        uses=("eq-5",),
        conventions=(
            "For any n the identity is that in hat sigma^2 = (1/n) sum_i X_i^2; it is written out for n = 1, 2, 3.",
        ),
        derivation=(("second moment, two points", _encoded(_POINTS[:2])),),
    ),
    Claim(
        id="noisy-autoencoder/gap",
        title="Size of the gap",
        section=_SECTION,
        printed="Fresh data against the plug-in sampler: the distance between the two laws is sum_{j<=d} (sqrt(a^2 + b^2 hat sigma_j^2) - "
        "sqrt(a^2 + b^2 sigma_j^2))^2 <= b^2 sum_{j<=d} (hat sigma_j - sigma_j)^2, and it vanishes only where hat sigma_j = sigma_j.",
        statements=(
            _GAP,
            universal(
                "noisy-autoencoder/gap/zero",
                "one coordinate: the gap is 0 at x < 1 exactly if hat sigma = sigma",
                domain(positive(sigma, sigma_hat), between(x, 0, 1, open="right"), given=[lt(sigma, sigma_hat)]),
                gt(proxy_gap(), 0),
            ),
        ),
        uses=("eq-6",),
        conventions=(
            "d_F is a metric, so the predicted distance to the data and the true one differ by at most the square root of the gap.",
            "The gap is symmetric in sigma and hat sigma; the case hat sigma < sigma is the same.",
        ),
        derivation=(("gap", proxy_gap()), ("bound", proxy_gap_bound())),
        ours=True,
    ),
    Claim(
        id="noisy-autoencoder/capped",
        title="The capped sampler",
        section=_SECTION,
        printed="Fresh data predicts the exact capped sampler: 1 - c y is its variance, c = 1 - sigma^2, y = e^{-2 tau}.",
        statements=(
            universal(
                "noisy-autoencoder/capped/printed", "already where the cap never acts", _STOP, eq(_free, 1 - _c * y)
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "V - (1 - c y) = c q^2 (1 - c y)^2/(y (1 - c q)^2) while the cap does not act: the start at N(0, I) adds variance if sigma < 1 and "
                "takes some away if sigma > 1, and is forgotten as T grows. At the switch V >= 1/C = 1 - c y, and the cap adds more.",
                (
                    universal(
                        "noisy-autoencoder/capped/excess",
                        "the excess without the cap",
                        _STOP,
                        eq(_free - (1 - _c * y), _c * q**2 * (1 - _c * y) ** 2 / (y * (1 - _c * q) ** 2)),
                    ),
                    universal(
                        "noisy-autoencoder/capped/sign",
                        "its sign is that of 1 - sigma",
                        _STOP,
                        ge((_free - (1 - _c * y)) * _c, 0),
                    ),
                    universal(
                        "noisy-autoencoder/capped/barrier",
                        "under the cap y^{2C-1} (V - (1 - c y)) does not decrease",
                        domain(_STOP.variables, between(cap, 1, None, open="left")).given(
                            lt(cap * sigma**2, 1),
                            le(q, with_exact_score(switch_level())),
                            le(with_exact_score(switch_level()), y),
                        ),
                        ge(y * (_behind - (1 - _c * y)).diff(y) + (2 * cap - 1) * (_behind - (1 - _c * y)), 0),
                    ),
                ),
            ),
        ),
        uses=("noisy-autoencoder/fresh",),
        derivation=(("variance where the cap does not act", _free),),
    ),
)
