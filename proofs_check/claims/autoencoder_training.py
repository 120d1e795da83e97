"""Section 6: the noisy autoencoder fed with training data, beyond second moments, and the gap on average."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, between, domain, positive, universal
from proofs_check.formula import And, eq, le, lt, ne
from theory.notation import sigma, x
from theory.process import variance_at_noise
from theory.proxy import mean_square

__all__ = ["CLAIMS"]

_SECTION = "6 Headline"
_POINTS = [sp.Symbol(f"X_{i}", real=True) for i in (1, 2, 3)]
_n, _ratio = sp.Symbol("n", positive=True), sp.Symbol("r", positive=True)
_SYMMETRIC = domain(between(x, 0, 1, open="right"), between(_POINTS[0], None, None))
_OTHER = [sp.Symbol(f"Z_{i}", real=True) for i in (1, 2)]
_CROSS = domain(between(x, 0, 1, open="right"), [between(p, None, None) for p in (*_POINTS[:2], *_OTHER)])
_cross = (_POINTS[0] * _OTHER[0] + _POINTS[1] * _OTHER[1]) / 2


def _power_mean(points: list[sp.Expr], k: int) -> sp.Expr:
    return sum((p**k for p in points), sp.S.Zero) / len(points)


def _second(points: list[sp.Expr]) -> sp.Expr:
    return variance_at_noise(mean_square(points))


def _mixture_fourth(points: list[sp.Expr]) -> sp.Expr:
    """`E (b X + a eps)^4` for `X` drawn from the points; `b^2 = 1 - x`, `a^2 = x`."""
    return (1 - x) ** 2 * _power_mean(points, 4) + 6 * x * (1 - x) * mean_square(points) + 3 * x**2


def _fourth_gap(points: list[sp.Expr]) -> sp.Expr:
    return (1 - x) ** 2 * (_power_mean(points, 4) - 3 * mean_square(points) ** 2)


CLAIMS = (
    Claim(
        id="noisy-autoencoder/centred-training",
        title="Training data with mean 0",
        section=_SECTION,
        printed="If the training mean is 0, encoding the training data gives the law of the plug-in sampler (read: the fourth moments agree, points p and -p).",
        statements=(
            universal(
                "noisy-autoencoder/centred-training/printed",
                "fourth moments agree",
                _SYMMETRIC,
                eq(_fourth_gap([_POINTS[0], -_POINTS[0]]), 0),
            ),
        ),
        repairs=(
            Repair(
                "statement",
                "The fourth moments differ by b^4 (M_4 - 3 M_2^2), M_k = (1/n) sum_i X_i^k: negative for n <= 2, -6 b^4 sigma^4/n on average. Equal means "
                "and second moments make every Gaussian-fit (Frechet) distance equal although the laws differ.",
                (
                    universal(
                        "noisy-autoencoder/centred-training/gap",
                        "mixture less Gaussian: E (b X + a eps)^4 - 3 (b^2 M_2 + a^2)^2 = b^4 (M_4 - 3 M_2^2), n = 1, 2, 3",
                        domain(between(x, 0, 1), [between(p, None, None) for p in _POINTS]),
                        And(
                            tuple(
                                eq(_mixture_fourth(p) - 3 * _second(p) ** 2, _fourth_gap(p))
                                for p in (_POINTS[:n] for n in (1, 2, 3))
                            )
                        ),
                    ),
                    universal(
                        "noisy-autoencoder/centred-training/two",
                        "two points, not both 0: the mixture has the smaller fourth moment",
                        domain(between(x, 0, 1, open="right"), [between(p, None, None) for p in _POINTS[:2]]).given(
                            ne(_POINTS[0], 0)
                        ),
                        lt(_fourth_gap(_POINTS[:2]), 0),
                    ),
                    universal(
                        "noisy-autoencoder/centred-training/average",
                        "E M_4 - 3 E M_2^2 = 3 sigma^4 - 3 sigma^4 (1 + 2/n) = -6 sigma^4/n",
                        domain(positive(sigma, _n)),
                        eq(3 * sigma**4 - 3 * sigma**4 * (1 + 2 / _n), -6 * sigma**4 / _n),
                    ),
                ),
            ),
        ),
        uses=("noisy-autoencoder/training",),
        proof_uses=("import/expectation",),
        conventions=("eps is standard normal: E eps^2 = 1, E eps^4 = 3, independent of X.",),
    ),
    Claim(
        id="noisy-autoencoder/diagonal-score",
        title="Training data against a score with a diagonal covariance",
        section=_SECTION,
        printed="Encoding the training data gives the second moments of the plug-in sampler of [5] with a diagonal hat Sigma, cross moments included.",
        statements=(
            universal(
                "noisy-autoencoder/diagonal-score/printed",
                "two coordinates, two points: the cross moment b^2 (X_11 X_12 + X_21 X_22)/2 is 0, as for independent coordinates",
                _CROSS,
                eq((1 - x) * _cross, 0),
            ),
        ),
        repairs=(
            Repair(
                "hypothesis",
                "the sample covariance is diagonal; or the score is built from the full hat Sigma, whose sampler has covariance a^2 I + b^2 hat Sigma",
                (
                    universal(
                        "noisy-autoencoder/diagonal-score/repaired",
                        "then it is 0",
                        _CROSS.given(eq(_cross, 0)),
                        eq((1 - x) * _cross, 0),
                    ),
                ),
                outside=(
                    Obligation(
                        "noisy-autoencoder/diagonal-score/outside",
                        "the cross moment is 0",
                        _CROSS.given(ne(_cross, 0)),
                        eq((1 - x) * _cross, 0),
                    ),
                ),
            ),
        ),
        uses=("noisy-autoencoder/training",),
    ),
    Claim(
        id="noisy-autoencoder/expected-gap",
        title="The gap on average",
        section=_SECTION,
        printed="Fresh data against the plug-in sampler: the expected squared gap is at most 2 b^2 sum_{j<=d} sigma_j^2 (1 - m_1) <= (2 b^2/n) sum_{j<=d} sigma_j^2.",
        statements=(
            universal(
                "noisy-autoencoder/expected-gap/mean",
                "(r - 1)^2 = (r^2 - 1) + 2 (1 - r), r = hat sigma/sigma: its mean is 2 (1 - m_1)",
                domain(positive(_ratio)),
                eq((_ratio - 1) ** 2, (_ratio**2 - 1) + 2 * (1 - _ratio)),
            ),
            universal(
                "noisy-autoencoder/expected-gap/bound",
                "(r - 1)^2 <= (r^2 - 1)^2, whose mean is Var(chi2_n/n) = 2/n",
                domain(positive(_ratio)),
                le((_ratio - 1) ** 2, (_ratio**2 - 1) ** 2),
            ),
        ),
        uses=("noisy-autoencoder/gap",),
        proof_uses=("import/expectation",),
        ours=True,
    ),
)
