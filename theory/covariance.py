"""General covariances (Section 4): thresholds with an error band, the norm `S`, and the increment between dimensions.

In the eigenbasis of the estimated covariance the generator has variances `v_j = x + (1-x) sigma_hat_j^2`, while the
data keeps a full matrix `M`. The distance then splits as `tr M + sum_{j<=d} v_j - 2 q_d` with
`q_d = tr((V_d^{1/2} M_d V_d^{1/2})^{1/2})`, and `q_d` is compared with `Q_d = sum_{j<=d} sigma_hat_j sqrt(v_j)`.
"""

from __future__ import annotations

from sympy import Expr, Integer, Matrix, Max, Rational, Symbol, diag, eye, sqrt

from theory.frechet import on_coordinate
from theory.matrices import principal_minors, trace_of_root_of_product
from theory.notation import coordinate_hat, sigma, sigma_hat
from theory.process import variance_at_noise

__all__ = [
    "band",
    "cholesky",
    "compressed_increment",
    "cross_term",
    "data_covariance",
    "data_size",
    "diagonal_cross_term",
    "error_constant",
    "lower_numerator",
    "lower_threshold",
    "matrix_increment",
    "relative_error",
    "sandwich",
    "size",
    "upper_numerator",
    "upper_threshold",
]

#: half width of the error band around the increment, `4 S eps_u` in prop-7
band = Symbol("k", nonnegative=True)
#: `eps_u`: `(1-e) Sigma <= hat Sigma <= (1+e) Sigma` in Loewner's order
relative_error = Symbol("epsilon", nonnegative=True)


def upper_numerator() -> Expr:
    """Numerator of `T_d(u)`'s quotient, `sigma_hat^2 - k + 2 sigma_hat sqrt(sigma_hat^2 - k)`."""
    return _numerator(sigma_hat**2 - band)


def lower_numerator() -> Expr:
    """Numerator of `t_d(u)`'s quotient, `sigma_hat^2 + k + 2 sigma_hat sqrt(sigma_hat^2 + k)`."""
    return _numerator(sigma_hat**2 + band)


def upper_threshold() -> Expr:
    """Unclipped noise level of `T_d(u)`: the increment is `<= -k` exactly below it (`k <= sigma_hat^2 < 1`)."""
    return upper_numerator() / (1 - sigma_hat**2)


def lower_threshold() -> Expr:
    """Noise level of `t_d(u)` without clipping: the increment is `>= k` exactly above it (`sigma_hat < 1`)."""
    return lower_numerator() / (1 - sigma_hat**2)


def _numerator(shifted: Expr) -> Expr:
    return shifted + 2 * sigma_hat * sqrt(shifted)


def size(deviation: Expr) -> Expr:
    """One summand of `S`, `max(sigma, sigma^2)`."""
    return Max(deviation, deviation**2)


def error_constant(C: Expr, ratio: Expr) -> Expr:
    """`eps_u = (8 C/3)(sqrt(r) + r)` with `r = (D + u)/n`, prop-7 and prop-10."""
    return Rational(8, 3) * C * (sqrt(ratio) + ratio)


def cholesky(D: int) -> Matrix:
    """Lower triangular with entries `g_ij`, `g_ii >= 0`: `g g^T` is any positive semidefinite matrix."""

    def entry(i: int, j: int) -> Expr:
        if i < j:
            return Integer(0)
        name = f"g_{i + 1}{j + 1}"
        return Symbol(name, nonnegative=True) if i == j else Symbol(name, real=True)

    return Matrix(D, D, entry)


def data_covariance(D: int) -> Matrix:
    """The data's covariance in the eigenbasis of the estimate: `M = h g g^T h`, `h = diag(sigma_hat_j)`, any `g`."""
    root = diag(*(coordinate_hat(j) for j in range(1, D + 1))) * cholesky(D)
    return root * root.T


def sandwich(D: int) -> list[Expr]:
    """Expressions that are all `>= 0` iff `(1-e) M <= diag(sigma_hat_j^2) <= (1+e) M` (principal minors)."""
    ratio = cholesky(D) * cholesky(D).T
    below, above = eye(D) - (1 - relative_error) * ratio, (1 + relative_error) * ratio - eye(D)
    return principal_minors(below) + principal_minors(above)


def data_size(M: Matrix) -> Expr:
    """`S` of a covariance of size 1 or 2, from its eigenvalues.

    Raises:
        ValueError: a larger matrix.
    """
    if M.rows == 1:
        return size(sqrt(M[0, 0]))
    if M.rows != 2:
        raise ValueError(f"M must be 1x1 or 2x2, got {M.shape}")
    spread = sqrt((M[0, 0] - M[1, 1]) ** 2 + 4 * M[0, 1] ** 2)
    return sum((size(sqrt((M.trace() + sign * spread) / 2)) for sign in (1, -1)), Integer(0))


def matrix_increment(M: Matrix, d: int) -> Expr:
    """`F(d, x) - F(d-1, x) = v_d - 2 (q_d - q_{d-1})` for the data covariance `M`, `d <= 2`."""
    v = on_coordinate(variance_at_noise(sigma_hat**2), d)
    earlier = cross_term(M, d - 1) if d > 1 else Integer(0)
    return v - 2 * (cross_term(M, d) - earlier)


def diagonal_cross_term(d: int) -> Expr:
    """`Q_d = sum_{j<=d} sigma_hat_j sqrt(v_j)`."""
    hats = [coordinate_hat(j) for j in range(1, d + 1)]
    return sum((h * sqrt(variance_at_noise(h**2)) for h in hats), Integer(0))


def cross_term(M: Matrix, d: int) -> Expr:
    """`q_d` for the data covariance `M` (in the eigenbasis of the estimate), `d <= 2`.

    Raises:
        ValueError: `d` outside 1..2 or beyond the size of `M`.
    """
    if not 1 <= d <= min(2, M.rows):
        raise ValueError(f"d must be 1 or 2 and at most the size {M.rows} of M, got {d}")
    V = diag(*(variance_at_noise(coordinate_hat(j) ** 2) for j in range(1, d + 1)))
    return trace_of_root_of_product(V, M[:d, :d])


def compressed_increment() -> Expr:
    """`v - 2 sqrt(m v)`: what an axis with data variance `m = sigma^2` adds to `F`, exact score, `v = x + (1-x) m`."""
    v = variance_at_noise(sigma**2)
    return v - 2 * sigma * sqrt(v)
