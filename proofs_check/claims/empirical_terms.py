"""What the claims on PCA with the empirical axes share: the increment of the error band, and the interval's closed end."""

from __future__ import annotations

from proofs_check.claim import Obligation, between, domain, nonnegative, positive, universal
from proofs_check.formula import ge, gt, le
from theory.covariance import band
from theory.dimension import threshold_exact_score
from theory.frechet import distance_squared, increment, on_coordinate
from theory.notation import X, coordinate, sigma, sigma_hat, with_exact_score, x

__all__ = ["BAND_GAIN", "BELOW_ONE", "CLOSED", "CLOSED_OUTSIDE"]

_k = band
_a, _b = coordinate(1), coordinate(2)

BAND_GAIN = increment().subs(sigma, sigma_hat)
BELOW_ONE = domain(between(sigma_hat, 0, 1, open="both"), nonnegative(_k), between(x, 0, 1))

CLOSED = universal(
    "prop-7/closed-interval/printed",
    "D = 2, hat Sigma = Sigma (inside the event for every eps): t = 0 lies in [T_1, t_2], so d = 1 is optimal there",
    domain(positive(_a, _b), between(X, 0, 1, open="both"), given=[ge(_a, _b)]),
    le(
        with_exact_score(distance_squared(2, 1)).subs(x, X),
        with_exact_score(distance_squared(2, 2)).subs(x, X),
    ),
)
CLOSED_OUTSIDE = Obligation(
    "prop-7/closed-interval/outside",
    "d = 1 at t = 0 where the level of d = 2 exceeds a_T^2",
    domain(
        positive(_a), between(_b, 0, 1, open="both"), between(X, 0, 1, open="both"),
        given=[ge(_a, _b), gt(on_coordinate(threshold_exact_score(), 2), X)],
    ),
    CLOSED.obligations[0].goal,
)  # fmt: skip
