"""One Chebyshev interpolant of the slopes `dF(d, .)/dx` for many `d`, its error bound, and its zeros.

With `y = x/(1 - x)` the slope of `F(d, .)` is the sum over `j <= d` of

    t_j = (1 - h_j) (y (1 - s_j) + h_j - s_j) / (z_j + sigma_j sqrt(z_j (1 + y))),   z_j = y + h_j,

analytic in `u = log y` where `|Im u| < pi`: there `|e^u + h| >= (|e^u| + h) cos(Im u / 2)`, and the two summands of the
denominator are less than a right angle apart. The interpolant of degree `n` in Chebyshev points is off by at most
`4 M rho^-n / (rho - 1)`, `M` the largest slope on the Bernstein ellipse of parameter `rho` (Trefethen, Approximation
Theory and Approximation Practice, Theorem 8.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.bures import FloatArray
from theory.stopping.terms import EPS, Spectra

__all__ = ["Piece", "largest_terms", "zeros"]

#: half height of the strip that holds the ellipse, below pi
_STRIP = 2.7
#: wanted interpolation error as a share of M
_SHARE = 2.0**-44
_NEWTON_STEPS = 4
#: slopes transformed at a time
_COLUMNS = 256


@dataclass(frozen=True, eq=False)
class Piece:
    """An interval `[low, high]` of `u = log y` with its Chebyshev points, ascending.

    `matrix` takes values at the points to Chebyshev coefficients. The computed interpolant is off by at most
    `share M + lebesgue e + product f`, where `e` bounds the rounding of the sums at the points and `f` their size.
    """

    low: float
    high: float
    nodes: FloatArray
    matrix: FloatArray
    rho: float
    share: float
    lebesgue: float
    product: float

    @classmethod
    def on(cls, low: float, high: float) -> Piece:
        """The piece on `[low, high]`, of the degree that makes the interpolation error some `2^-44 M`."""
        half = (high - low) / 2
        rho = _STRIP / half + float(np.hypot(_STRIP / half, 1.0))
        degree = max(4, int(np.ceil(np.log(4 / (_SHARE * (rho - 1))) / np.log(rho))))
        k = np.arange(degree + 1)
        points = np.sin(np.pi * (2 * k - degree) / (2 * degree))
        matrix = np.cos(np.pi * (np.outer(k, degree - k) % (2 * degree)) / degree) * (2 / degree)
        matrix[[0, -1]] *= 0.5
        matrix[:, [0, -1]] *= 0.5
        nodes = np.exp((high + low) / 2 + half * points)
        nodes[0], nodes[-1] = np.exp(low), np.exp(high)
        # Rounding: terms (8 EPS) and misplaced points (Cauchy's estimate of the derivative), both times the Lebesgue
        # constant; Clenshaw's recurrence for coefficients below 2 M rho^-k; the product with the matrix.
        across = half * ((rho + 1 / rho) / 2 - 1)
        misplaced = (max(abs(low), abs(high)) + 8) / across
        lebesgue = 1 + 2 / np.pi * float(np.log(degree + 1))
        rounding = EPS * (lebesgue * (12 + misplaced) + 16 / (1 - 1 / rho) ** 4)
        product = EPS * (1.25 * (degree + 1) ** 2 + 8 * (degree + 1))
        return cls(low, high, nodes, matrix, rho, float(4 * rho**-degree / (rho - 1)) + rounding, lebesgue, product)

    def doubt(self, values: FloatArray, largest: FloatArray, summation: FloatArray) -> FloatArray:
        """Error bounds of the interpolants of `values`, `(n + 1, k)`: `M = largest`, `e = summation`, `(k,)` each."""
        size = np.maximum(np.abs(values[0]), np.abs(values[-1])) + summation  # sums increase along the nodes
        return np.asarray(self.share * largest + self.lebesgue * summation + self.product * size)


def largest_terms(pair: Spectra, piece: Piece) -> FloatArray:
    """Bounds of `|t_j|` on the ellipse of `piece`, shape `(D,)`; not finite where floats do not hold them."""
    middle, half = (piece.high + piece.low) / 2, (piece.high - piece.low) / 2
    reach = half * (piece.rho + 1 / piece.rho) / 2
    s, h = pair.s, pair.h
    with np.errstate(all="ignore"):
        ratios, roots = [], []
        for y in (np.exp(middle - reach), np.exp(middle + reach)):
            z = y + h
            ratios.append((y * np.abs(1 - s) + np.abs(h - s)) / z)
            roots.append(np.sqrt(z / (1 + y)))
        smaller = np.minimum(1.0, np.maximum(*roots) / np.sqrt(s))
        bound = np.abs(1 - h) * np.maximum(*ratios) * smaller
        return np.asarray(bound * ((1 + 1e-9) / np.cos(_STRIP / 2)))


def zeros(piece: Piece, values: FloatArray, doubt: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`u` of the zeros of slopes from their `values` at the nodes, `(n + 1, k)`, and error bounds of `u`, `(k,)` each.

    `doubt` are error bounds of the interpolants. Each slope must be negative at the first node and positive at the
    last. The bound is infinite where the interpolant's signs do not confirm the zero.
    """
    count = len(values)
    points = np.sin(np.pi * (2 * np.arange(count) - count + 1) / (2 * count - 2))
    after = np.clip(np.count_nonzero(values < 0, axis=0), 1, count - 1)
    start, end = points[after - 1], points[after]
    coefficients = np.empty_like(values)
    for first in range(0, values.shape[1], _COLUMNS):  # small products: threads would cost more than they gain
        np.matmul(piece.matrix, values[:, first : first + _COLUMNS], out=coefficients[:, first : first + _COLUMNS])
    with np.errstate(all="ignore"):
        t = _guess(points, values, after)
        for _ in range(_NEWTON_STEPS):
            value, rate = _with_rate(coefficients, t)
            step = value / rate
            t = np.clip(t - step, start, end)
            if np.all(np.abs(step) <= 1e-7):  # quadratic: what is left is below rounding
                break
        width = 2 * doubt / rate + 8 * EPS + 4 * step * step
        low, high = np.maximum(t - width, -1.0), np.minimum(t + width, 1.0)
        confirmed = (_value(coefficients, low) < -doubt) & (_value(coefficients, high) > doubt) & (width > 0)
    half = (piece.high - piece.low) / 2
    u = (piece.high + piece.low) / 2 + half * t
    bound = half * width * (1 + 1e-9) + EPS * (max(abs(piece.low), abs(piece.high)) + 8)
    return u, np.where(confirmed, bound, np.inf)


def _guess(points: FloatArray, values: FloatArray, after: NDArray[np.int64]) -> FloatArray:
    """Zeros by inverse interpolation through the two nodes around each and a third one next to them."""
    columns = np.arange(values.shape[1])
    third = np.where(after + 1 < len(values), after + 1, after - 2)
    a, b, c = (values[node, columns] for node in (after - 1, after, third))
    at_a, at_b, at_c = points[after - 1], points[after], points[third]
    slope_ab = (at_b - at_a) / (b - a)
    slope_bc = (at_c - at_b) / (c - b)
    t = at_a - a * slope_ab + a * b * ((slope_bc - slope_ab) / (c - a))
    sound = (t >= at_a) & (t <= at_b)
    return np.asarray(np.where(sound, t, (at_a + at_b) / 2))


def _value(coefficients: FloatArray, t: FloatArray) -> FloatArray:
    """Clenshaw's recurrence, in place."""
    twice = 2 * t
    ahead, behind = coefficients[-1].copy(), np.zeros_like(t)
    for row in coefficients[-2:0:-1]:
        np.multiply(twice, ahead, out=(work := np.empty_like(t)))
        work -= behind
        work += row
        ahead, behind = work, ahead
    return np.asarray(t * ahead - behind + coefficients[0])


def _with_rate(coefficients: FloatArray, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same with the derivative in `t`."""
    twice = 2 * t
    ahead, behind = coefficients[-1].copy(), np.zeros_like(t)
    rate_ahead, rate_behind = np.zeros_like(t), np.zeros_like(t)
    for row in coefficients[-2:0:-1]:
        rate = twice * rate_ahead
        rate -= rate_behind
        rate += 2 * ahead
        value = twice * ahead
        value -= behind
        value += row
        ahead, behind, rate_ahead, rate_behind = value, ahead, rate, rate_ahead
    return t * ahead - behind + coefficients[0], ahead + t * rate_ahead - rate_behind
