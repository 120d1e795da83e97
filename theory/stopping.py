"""The optimal stop at a latent dimension, and the optimal dimension at a stop, for numbers (diagonal case).

`F(d, .)` is convex, so its minimisers form an interval `x*(d)`: where its slope
`sum_{j<=d} (1 - sigma_j/sqrt(v_j)) (1 - sigma_hat_j^2)` changes sign. `F(., x)` is minimal on a set of
dimensions, read off the sums of the increments `v_j - 2 sigma_j sqrt(v_j)`. Every float is a rational number,
so a sign that floating point leaves open is decided exactly: zero terms by a rational test, the rest by ball
arithmetic at rising precision.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np
from flint import arb, ctx, fmpq
from numpy.typing import ArrayLike, NDArray

from theory.bures import FloatArray
from theory.noise import checked_levels, checked_variances, generated_variances

__all__ = [
    "IntArray",
    "optimal_dimensions",
    "optimal_noise_levels",
]

IntArray = NDArray[np.int64]
_EPS = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)
#: entries of one block of the (dimension x coordinate) tables, 8 MiB of floats
_BLOCK = 1 << 20
#: relative distance from a minimiser at which floating point must see the slope's sign clearly
_CLEAR = 1e-9
#: precisions in bits tried on a sign that floating point leaves open; still open at the last one means a tie
_PRECISIONS = (64, 128, 256, 512, 1024, 2000)


def _spectra(sigma2: ArrayLike, sigma_hat2: ArrayLike) -> tuple[FloatArray, FloatArray]:
    pair = checked_variances(sigma2, "sigma2"), checked_variances(sigma_hat2, "sigma_hat2")
    if len(pair[0]) != len(pair[1]):
        raise ValueError(f"sigma2 and sigma_hat2 must have one length, got {len(pair[0])} and {len(pair[1])}")
    rises = np.flatnonzero(np.diff(pair[0]) > 0)
    if rises.size:
        i = int(rises[0])
        raise ValueError(f"sigma2 must be non-increasing, got {pair[0][i]} then {pair[0][i + 1]} at index {i}")
    return pair


def _rational(value: float) -> fmpq:
    return fmpq(*float(value).as_integer_ratio())


def _exact_sign(terms: Callable[[], list[arb]]) -> int:
    """Sign of the sum of `terms()` at rising precision; 0 where no term is left or no precision decides."""
    before = ctx.prec
    try:
        for ctx.prec in _PRECISIONS:
            total = sum(terms(), arb(0))
            if total > 0:
                return 1
            if total < 0:
                return -1
    finally:
        ctx.prec = before
    return 0


def _scale(*arrays: FloatArray) -> float:
    """A power of two that keeps sums of variances below overflow; 1 for all but the largest floats."""
    return 2.0**-60 if max(float(array.max()) for array in arrays) > 1e280 else 1.0


def _slope_terms(s2: FloatArray, h2: FloatArray, level: FloatArray, scale: float) -> FloatArray:
    """The summands of `dF/dx`, `(1 - sigma_j/sqrt(v_j))(1 - sigma_hat_j^2)`, shape `level.shape + (D,)`."""
    v = generated_variances(level[..., None], h2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(s2 == 0, 0.0, np.sqrt(s2) / np.sqrt(v))
        return np.asarray(np.where(h2 == 1, 0.0, (1 - ratio) * ((1 - h2) * scale)))


def _slope_signs(s2: FloatArray, h2: FloatArray, level: float) -> IntArray:
    """Exact sign of `dF(d, .)/dx` at `level` for every `d`."""
    level_q, scale = _rational(level), _scale(s2, h2)
    terms = _slope_terms(s2, h2, np.asarray(level), scale)
    exact = [(_rational(a), _rational(b), level_q + (1 - level_q) * _rational(b)) for a, b in zip(s2, h2, strict=True)]
    vanishing = np.array([b == 1 or (a == v and a != 0) for a, b, v in exact])
    terms[vanishing] = 0.0
    size = np.where(vanishing, 0.0, np.abs(terms) + 2 * np.abs((1 - h2) * scale))
    with np.errstate(invalid="ignore"):
        totals, margin = np.cumsum(terms), 8 * len(s2) * _EPS * np.cumsum(size)
        clear = (np.abs(totals) > margin) | (margin == 0)
    signs = np.where(clear, np.sign(totals), 0).astype(np.int64)
    # Where v_j = 0 < sigma_j the slope is -infinity.
    endless = np.cumsum([a != 0 and v == 0 for a, _, v in exact]) > 0
    signs[endless] = -1
    for d in np.flatnonzero(~clear & ~endless):
        signs[d] = _exact_sign(partial(_slope_balls, [exact[j] for j in range(d + 1) if not vanishing[j]]))
    return signs


def _slope_balls(exact: list[tuple[fmpq, fmpq, fmpq]]) -> list[arb]:
    return [(1 - ((arb(a) / arb(v)).sqrt() if a else 0)) * arb(1 - b) for a, b, v in exact]


def optimal_noise_levels(sigma2: ArrayLike, sigma_hat2: ArrayLike, X: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the interval `x*(d) = argmin F(d, .)` on `[0, X]`, `d = 1..D`, shape `(D,)` each.

    The ends differ only where `F(d, .)` is constant, which needs `sigma_j = 0` or `sigma_hat_j = 1` for every
    kept coordinate; that and a minimum at 0 or X are decided exactly. A minimum between is accurate to 1e-9
    at least, mostly to the last bits; exact signs take over where floating point cannot tell.

    Args:
        sigma2: variances of the data, `(D,)`, non-increasing.
        sigma_hat2: variances the score was built from, `(D,)`, any order.
        X: largest noise level `a_T^2`, in `[0, 1]`.

    Raises:
        ValueError: an argument outside these ranges.
    """
    s2, h2 = _spectra(sigma2, sigma_hat2)
    X = float(checked_levels(X, "X"))
    lower = np.zeros(len(s2))
    upper = np.zeros(len(s2))
    at_zero, at_end = _slope_signs(s2, h2, 0.0), _slope_signs(s2, h2, X)
    lower[at_end <= 0] = upper[at_end <= 0] = X
    lower[at_zero >= 0] = upper[at_zero >= 0] = 0.0
    inside = np.flatnonzero((at_zero < 0) & (at_end > 0)) + 1
    rows = max(1, _BLOCK // len(s2))
    for first in range(0, len(inside), rows):
        dims = inside[first : first + rows]
        lower[dims - 1] = upper[dims - 1] = _bisect(s2, h2, dims, X)
    # A coordinate with sigma_j > 0 and sigma_hat_j != 1 makes F strictly convex, hence the minimiser unique.
    straight = np.cumprod((s2 == 0) | (h2 == 1)).astype(bool)
    slope = Fraction(0)
    for j in np.flatnonzero(straight):
        slope += (1 - Fraction(float(h2[j]))) if s2[j] == 0 else 0
        lower[j], upper[j] = (X if slope < 0 else 0.0), (0.0 if slope > 0 else X)
    return lower, upper


def _bisect(s2: FloatArray, h2: FloatArray, dims: IntArray, X: float) -> FloatArray:
    """First float with slope `>= 0`, per dimension. Halving the bit patterns gives full relative accuracy."""
    widest, scale = int(dims.max()), _scale(s2, h2)
    s2, h2 = s2[:widest], h2[:widest]
    kept = np.arange(widest) < dims[:, None]

    def slopes(level: FloatArray) -> FloatArray:
        return np.where(kept, _slope_terms(s2, h2, level, scale), 0.0)

    low = np.zeros(len(dims), dtype=np.int64)
    high = np.full(len(dims), X).view(np.int64).copy()
    while (high - low > 1).any():
        middle = (low + high) // 2
        rising = np.sum(slopes(middle.view(np.float64)), axis=1) >= 0
        high, low = np.where(rising, middle, high), np.where(rising, low, middle)
    found = high.view(np.float64).copy()
    clear = np.ones(len(dims), dtype=bool)
    for side in (-1, 1):
        terms = side * slopes(np.minimum(found * (1 + side * _CLEAR), X))
        rounding = 8 * widest * _EPS * np.sum(np.abs(terms) + 2 * kept * np.abs(1 - h2) * scale, axis=1)
        clear &= np.sum(terms, axis=1) > rounding
    for i in np.flatnonzero(~clear):
        found[i] = _bisect_exactly(s2[: dims[i]], h2[: dims[i]], X)
    return found


def _bisect_exactly(s2: FloatArray, h2: FloatArray, X: float) -> float:
    """The same for one dimension with exact signs, where large terms cancel below their rounding."""
    low, high = 0, int(np.array(X).view(np.int64))
    while high - low > 1:
        middle = (low + high) // 2
        level = _rational(float(np.array(middle).view(np.float64)))
        pairs = ((_rational(a), _rational(b)) for a, b in zip(s2, h2, strict=True))
        terms = [(a, b, level + (1 - level) * b) for a, b in pairs]
        if _exact_sign(partial(_slope_balls, [t for t in terms if t[0] != t[2] and t[1] != 1])) >= 0:
            high = middle
        else:
            low = middle
    return float(np.array(high).view(np.float64))


def optimal_dimensions(sigma2: ArrayLike, sigma_hat2: ArrayLike, level: ArrayLike) -> tuple[IntArray, IntArray]:
    """Return the smallest and the largest `d` in `1..D` that minimise `F(d, x)`, in the shape of `level`.

    Floats are taken as the rational numbers they are and ties are decided exactly (adjacent dimensions tie
    iff `v_d = 0` or `v_d = 4 sigma_d^2`); sums still open at 2000 bits count as tied.

    Args:
        sigma2: variances of the data, `(D,)`, non-increasing.
        sigma_hat2: variances the score was built from, `(D,)`, any order.
        level: noise levels `x` in `[0, 1]`, any shape.

    Raises:
        ValueError: an argument outside these ranges.
    """
    s2, h2 = _spectra(sigma2, sigma_hat2)
    levels = checked_levels(level, "level")
    flat, scale = np.atleast_1d(levels).ravel(), _scale(s2, h2)
    best = np.empty((2, len(flat)), dtype=np.int64)
    rows = max(1, _BLOCK // len(s2))
    for first in range(0, len(flat), rows):
        block = flat[first : first + rows]
        v = generated_variances(block[:, None], h2)
        root = np.sqrt(s2) * np.sqrt(v)
        steps, size = v * scale - 2 * scale * root, v * scale + 2 * scale * root
        totals = np.cumsum(steps, axis=1)
        margin = 8 * (len(s2) + 4) * (_EPS * np.cumsum(size, axis=1) + _TINY)
        possible = totals - margin <= np.min(totals + margin, axis=1, keepdims=True)
        for i in range(len(block)):
            candidates = np.flatnonzero(possible[i])
            best[:, first + i] = _least(candidates, steps[i], size[i], s2, h2, float(block[i]))
    smallest, largest = best.reshape(2, *levels.shape)
    return smallest, largest


def _least(
    candidates: IntArray, steps: FloatArray, size: FloatArray, s2: FloatArray, h2: FloatArray, level: float
) -> tuple[int, int]:
    """Smallest and largest dimension among tied minimisers; candidate `c` stands for dimension `c + 1`."""
    first = last = int(candidates[0])
    for c in candidates[1:]:
        between = slice(first + 1, int(c) + 1)
        total = float(np.sum(steps[between]))
        margin = 8 * (int(c) - first + 4) * (_EPS * float(np.sum(size[between])) + _TINY)
        sign = int(np.sign(total)) if abs(total) > margin else _increment_sign(s2[between], h2[between], level)
        if sign < 0:
            first = last = int(c)
        elif sign == 0:
            last = int(c)
    return first + 1, last + 1


def _increment_sign(s2: FloatArray, h2: FloatArray, level: float) -> int:
    """Exact sign of the sum of `v_j - 2 sigma_j sqrt(v_j)` over the given coordinates."""
    x_q = _rational(level)
    pairs = [(_rational(a), x_q + (1 - x_q) * _rational(b)) for a, b in zip(s2, h2, strict=True)]
    pairs = [(a, v) for a, v in pairs if v != 0 and v != 4 * a]
    return _exact_sign(lambda: [arb(v) - 2 * (arb(a) * arb(v)).sqrt() for a, v in pairs])
