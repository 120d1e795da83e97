"""The zero of one dimension's slope by direct summation, with a bound of its error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.bures import FloatArray
from theory.stopping.signs import slope_sign
from theory.stopping.terms import EPS, LEAST, IntArray, Spectra, in_pieces, slope_terms

__all__ = ["bisected", "tabulated"]

#: relative distances from a zero, tried in turn, at which floating point must see the slope's sign
_CLEAR = (2.0**-50, 2.0**-46, 2.0**-42, 2.0**-38, 2.0**-34, 2.0**-30)
#: relative errors of a summand and of a pairwise sum of floats
_ROUNDING = 32 * EPS


def bisected(pair: Spectra, dims: IntArray, X: float) -> tuple[FloatArray, FloatArray]:
    """Minimisers of `F(d, .)` for the given `d`, each with slope `< 0` at 0 and `> 0` at `X`, and error bounds.

    The bounds are relative. Bit patterns are halved until the bracket is narrow, then secant steps within it
    (Illinois); signs on both sides of what was found give the bound. Where they cannot be told in floating point,
    bisection with exact signs to the last bit.
    """
    found, error = np.empty(len(dims)), np.empty(len(dims))
    for i, d in enumerate(dims.tolist()):
        part = pair.part(0, d)
        found[i] = _zero(part, X)
        clear = (share for share in _CLEAR if _encloses(part, float(found[i]), share, X))
        error[i] = next(clear, np.inf)
        if error[i] == np.inf:
            found[i], error[i] = _exactly(part, X), 2 * EPS
    return found, error


def tabulated(pair: Spectra, dims: IntArray, X: float) -> tuple[FloatArray, FloatArray]:
    """The same for a few small dimensions together, by halving the bit patterns."""
    if not dims.size:
        return np.empty(0), np.empty(0)
    slopes = _table(pair, dims)
    low, high = np.zeros(len(dims), dtype=np.int64), np.full(len(dims), _bits(X))
    with np.errstate(all="ignore"):
        while (high - low > 1).any():
            middle = (low + high) // 2
            rising = slopes(middle.view(np.float64))[0] >= 0
            high, low = np.where(rising, middle, high), np.where(rising, low, middle)
        found = high.view(np.float64).copy()
        error = np.full(len(dims), np.inf)
        for share in reversed(_CLEAR):
            clear = found > 1e-290
            for side in (-1, 1):
                place = np.minimum(found * (1 + side * share), X)
                value, size = slopes(place)
                clear &= (side * value > _ROUNDING * size + 64 * len(pair) * LEAST) | ((side > 0) & (place == X))
            error[clear] = share
            if not clear.any():
                break
    for i in np.flatnonzero(error == np.inf):
        found[i], error[i] = _exactly(pair.part(0, int(dims[i])), X), 2 * EPS
    return found, error


def _table(pair: Spectra, dims: IntArray) -> Callable[[FloatArray], tuple[FloatArray, FloatArray]]:
    """Slopes of the given dimensions, each at its own level, and the sums of the sizes of what was added up."""
    part = pair.part(0, int(dims.max()))
    s, h, c = part.s, part.h, 1 - part.h
    kept = np.arange(len(part)) < dims[:, None]
    root_s, lack, excess = np.sqrt(s), 1 - s, h - s

    def slopes(level: FloatArray) -> tuple[FloatArray, FloatArray]:
        x = level[:, None]
        root = np.sqrt(x + (1 - x) * h)
        rate = np.where(kept, np.where(s == 0, c, c / (root * (root + root_s))), 0.0)
        gap = np.where(s == 0, 1.0, x * lack + (1 - x) * excess)
        size = np.where(s == 0, 1.0, x * np.abs(lack) + (1 - x) * np.abs(excess))
        return (rate * gap).sum(axis=1), np.abs(rate * size).sum(axis=1)

    return slopes


def _slope(pair: Spectra, level: float) -> tuple[float, float]:
    """The slope at `level` and the sum of the sizes of its terms."""
    terms = in_pieces(pair, lambda part: slope_terms(part, level))
    return float(terms.sum()), float(np.abs(terms, out=terms).sum())


def _zero(pair: Spectra, X: float) -> float:
    """First approximation: halving of the bit patterns while the slope's sign bracket is wide, then secants."""
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = 0, _bits(X)
        bottom = top = np.nan
        while high - low > 1 and not _float(high) <= 1.5 * _float(low):
            middle = (low + high) // 2
            value, _ = _slope(pair, _float(middle))
            if value >= 0:
                high, top = middle, value
            else:
                low, bottom = middle, value
        a, b = _float(low), _float(high)
        if not (np.isfinite(bottom) and np.isfinite(top)):
            bottom, top = _slope(pair, a)[0], _slope(pair, b)[0]
        side = 0
        for _ in range(60):
            x = b - top * ((b - a) / (top - bottom)) if np.isfinite(top) and np.isfinite(bottom) else (a + b) / 2
            if not a < x < b:
                x = (a + b) / 2
            if not a < x < b:
                break
            value, size = _slope(pair, x)
            if abs(value) <= EPS * size:
                return x
            if value > 0:
                b, top, bottom, side = x, value, bottom / 2 if side == 1 else bottom, 1
            else:
                a, bottom, top, side = x, value, top / 2 if side == -1 else top, -1
    return b


def _encloses(pair: Spectra, level: float, share: float, X: float) -> bool:
    """Whether the slope is surely negative at `level (1 - share)` and surely positive at `level (1 + share)`."""
    for side in (-1, 1):
        place = level * (1 + side * share)
        if side > 0 and place >= X:
            continue  # known to be positive at X
        value, size = _slope(pair, place)
        if not side * value > _ROUNDING * size + 64 * len(pair) * LEAST:
            return False
    return level > 1e-290


def _exactly(pair: Spectra, X: float) -> float:
    """First float with slope `>= 0`, from exact signs, where large terms cancel below their rounding."""
    low, high = 0, _bits(X)
    while high - low > 1:
        middle = (low + high) // 2
        if slope_sign(pair, _float(middle)) >= 0:
            high = middle
        else:
            low = middle
    return _float(high)


def _bits(value: float) -> int:
    return int(np.float64(value).view(np.int64))


def _float(bits: int) -> float:
    return float(np.int64(bits).view(np.float64))
