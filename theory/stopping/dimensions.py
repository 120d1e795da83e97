"""The best dimensions at given noise levels: all levels at once, ties decided exactly.

Three routes, from cheap to dear:

* exact score (`h = s`): increments change sign once along `d`, where `x (1 - s_d) = 3 s_d`: a binary search per level;
* `sigma_hat_j <= 2 sigma_j` for all `j >= 2`: over any range of `d` the sum of increments is convex in `x` and `<= 0`
  at `x = 0`, so it turns positive once and best dimensions do not increase with `x`: divide and conquer over the
  levels;
* otherwise one running sum per level, over the few dimensions that the second route leaves where it nearly applies.

In the last two only dimensions between the first increment that can be positive and the last that can be negative
are looked at, both read off the increments' thresholds in `x`.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.noise import checked_levels, generated_variances
from theory.stopping.signs import increment_sign
from theory.stopping.terms import EPS, LEAST, IntArray, Spectra, gaps

__all__ = ["optimal_dimensions"]

#: relative distance from a threshold at which floats tell the increment's sign
_CLOSE = 16 * EPS
#: keeps sums of variances below overflow
_SHRINK = 2.0**-60
#: dimensions times levels below which one table is cheapest
_SMALL_TABLE = 1 << 15
#: passes over the spectrum beyond which narrower windows are worth looking for
_MANY_PASSES = 32
_QUARTER = float(np.finfo(np.float64).max) / 4


def optimal_dimensions(sigma2: ArrayLike, sigma_hat2: ArrayLike, level: ArrayLike) -> tuple[IntArray, IntArray]:
    """Return the smallest and the largest `d` in `1..D` that minimise `F(d, x)`, in the shape of `level`.

    Floats are taken as the rational numbers they are and ties are decided exactly (adjacent dimensions tie
    iff `v_d = 0` or `v_d = 4 sigma_d^2`); sums still open at 2400 bits count as tied. Cost for `K` levels:
    `O(D + K log D)` with the exact score, `O((D + K) log K)` if `sigma_hat_j <= 2 sigma_j` for `j >= 2`, else `O(D K)`.

    Args:
        sigma2: variances of the data, `(D,)`, non-increasing.
        sigma_hat2: variances the score was built from, `(D,)`, any order.
        level: noise levels `x` in `[0, 1]`, any shape.

    Raises:
        ValueError: an argument outside these ranges.
    """
    pair = Spectra.checked(sigma2, sigma_hat2)
    levels = checked_levels(level, "level")
    different, back = np.unique(levels.ravel(), return_inverse=True)
    found = _exact_score(pair.s, different) if np.array_equal(pair.s, pair.h) else _searched(pair, different)
    smallest, largest = found[:, back.ravel()].reshape(2, *levels.shape)
    return smallest, largest


def _exact_score(s: FloatArray, levels: FloatArray) -> IntArray:
    """Number of negative and of non-positive increments: `x (1 - s) < 3 s` and `<=`, monotone along `d`."""
    with np.errstate(divide="ignore", over="ignore"):
        thresholds = np.where(s >= 1, np.inf, 3 * s / np.maximum(1 - s, 0.0))[::-1]
    # From the end: positive increments first. Between `lower` and `upper` floats do not tell.
    lower = np.searchsorted(thresholds, levels * (1 - _CLOSE) - LEAST, side="left")
    upper = np.searchsorted(thresholds, levels * (1 + _CLOSE) + LEAST, side="right")
    counts = np.stack([len(s) - upper, len(s) - lower])
    for i in np.flatnonzero(lower < upper):
        x = Fraction(float(levels[i]))
        for row, allowed in enumerate((0, 1)):
            low, high = len(s) - int(upper[i]), len(s) - int(lower[i])
            while low < high:
                middle = (low + high) // 2
                variance = Fraction(float(s[middle]))
                excess = x * (1 - variance) - 3 * variance
                # v = 0 is a tie, and here the excess vanishes too
                if excess < 0 or (allowed and excess == 0):
                    low = middle + 1
                else:
                    high = middle
            counts[row, i] = low
    return np.asarray(np.maximum(counts, 1), dtype=np.int64)


def _searched(pair: Spectra, levels: FloatArray) -> IntArray:
    """Smallest and largest minimisers for increasing `levels`, shape `(2, K)`."""
    if len(pair) * len(levels) <= _SMALL_TABLE:
        return _tabulated(pair, levels)
    first, last = _sandwich(pair, levels)
    # h <= 4 s, decided exactly: 4 s is exact unless it overflows
    with np.errstate(over="ignore"):
        above = 1 + np.flatnonzero(pair.h[1:] > 4 * pair.s[1:])
    if not above.size:
        return _divided(pair, levels, first, last)
    best = np.empty((2, len(levels)), dtype=np.int64)
    if int(np.sum(last - first)) > _MANY_PASSES * len(pair) and len(above) * 8 <= len(pair):
        first = _raised(pair, levels, above, first)
    for i, x in enumerate(levels.tolist()):
        best[:, i] = _window(pair, x, int(first[i]), int(last[i]))
    return best


def _divided(pair: Spectra, levels: FloatArray, first: IntArray, last: IntArray) -> IntArray:
    """The same by divide and conquer over the levels, for `h <= 4 s` beyond the first coordinate."""
    best = np.empty((2, len(levels)), dtype=np.int64)
    # At x = 0 itself sums may vanish that turn negative behind it: smallest minimisers are not ordered there.
    zero = int(levels[0] == 0) if levels.size else 0
    if zero:
        best[:, 0] = _window(pair, 0.0, int(first[0]), int(last[0]))
    stack = [(zero, len(levels), 1, len(pair))]
    while stack:
        start, stop, least, most = stack.pop()
        if start == stop:
            continue
        middle = (start + stop) // 2
        low, high = max(least, int(first[middle])), min(most, int(last[middle]))
        best[:, middle] = a, b = _window(pair, float(levels[middle]), low, high)
        stack += [(start, middle, a, most), (middle + 1, stop, least, b)]
    return best


def _raised(pair: Spectra, levels: FloatArray, above: IntArray, first: IntArray) -> IntArray:
    """Dimensions below which no minimiser lies, where few `h` exceed `4 s`: those at the indices `above`.

    With `h` cut to `4 s` there, best dimensions `e(x)` do not increase with `x > 0`: at `x`, every `d < e(x')` with
    `x' > x` is no better than `e(x')`. Sums with and without the cut differ by no more than all that it changes. So no
    `d < e(x')` is a minimiser if the cut sum at `e(x')` lies above that at `e(x)` by more. Best dimensions at the next
    levels are tried in turn, twice as far each time.
    """
    cut = Spectra(pair.s, pair.h.copy())
    cut.h[above] = 4 * pair.s[above]
    s, h, low = pair.s[above], pair.h[above], first.copy()
    if not max(float(pair.s.max()), float(pair.h.max())) < 1e280:
        return low
    usual, end = _sandwich(cut, levels)
    ends = _divided(cut, levels, usual, end)[0]
    for i, x in enumerate(levels.tolist()):
        v, less = generated_variances(x, h), generated_variances(x, 4 * s)
        if x == 0:
            continue
        top, step = int(ends[i]), 1
        before = above < top
        root = np.sqrt(s[before])
        # g(v) - g(v') for g(v) = v - 2 sigma sqrt(v), rounding included
        most = np.abs(v[before] - less[before] - 2 * root * (np.sqrt(v[before]) - np.sqrt(less[before])))
        size = v[before] + less[before] + 2 * root * (np.sqrt(v[before]) + np.sqrt(less[before]))
        penalty = float(most.sum()) + (len(above) + 16) * EPS * float(size.sum())
        while i + step < len(levels):
            bottom = int(ends[i + step])
            if bottom <= low[i]:
                break
            if bottom < top:
                sums, margin = _sums(cut.part(bottom, top), x)
                if -float(sums[-1]) - 2 * margin > penalty:
                    low[i] = bottom
                    break
            step *= 2
    return low


def _tabulated(pair: Spectra, levels: FloatArray) -> IntArray:
    """The same for a small problem from one table of running sums."""
    v = generated_variances(levels[:, None], pair.h) * _SHRINK
    cross = np.sqrt(v) * np.sqrt(pair.s * _SHRINK)
    size = np.sum(v + 2 * cross, axis=1, keepdims=True)
    sums = np.add.accumulate(v - 2 * cross, axis=1)
    # shrunk variances may have lost digits below the normal floats: at most EPS size + 2^-1020 after the roots
    margin = (len(pair) + 16) * (EPS * size + 2.0**-1000)
    possible = sums <= sums.min(axis=1, keepdims=True) + 2 * margin
    best = np.stack([1 + np.argmax(possible, axis=1), len(pair) - np.argmax(possible[:, ::-1], axis=1)])
    for i in np.flatnonzero(best[0] < best[1]):
        best[:, i] = _window(pair, float(levels[i]), int(best[0, i]), int(best[1, i]))
    return best


def _sandwich(pair: Spectra, levels: FloatArray) -> tuple[IntArray, IntArray]:
    """Dimensions between which the minimisers lie: before and after them increments are `< 0` and `> 0` for sure."""
    s, h = pair.s[1:], pair.h[1:]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        threshold = (4 * s - h) / (1 - h)
    known = (h < 1) & np.isfinite(threshold)
    threshold[~known] = 0.0
    doubt = _CLOSE * np.abs(threshold)
    surely_positive = np.where(known, threshold + doubt, np.inf)
    surely_negative = np.where(known & (h > 0), threshold - doubt, -np.inf)
    # Positive from some index on: beyond the running maximum from the end. Negative up to some index likewise.
    tail = np.maximum.accumulate(surely_positive[::-1])
    head = -np.minimum.accumulate(surely_negative)
    above, below = levels * (1 + _CLOSE) + 4 * LEAST, levels * (1 - _CLOSE) - 4 * LEAST
    last = len(pair) - np.searchsorted(tail, below, side="left")
    first = 1 + np.searchsorted(head, -above, side="left")
    return np.asarray(np.minimum(first, last)), np.asarray(last)


def _window(pair: Spectra, x: float, low: int, high: int) -> tuple[int, int]:
    """Smallest and largest minimiser among the dimensions `low..high`."""
    while low < high:
        sums, margin = _sums(pair.part(low, high), x)
        limit = min(0.0, float(sums.min())) + 2 * margin
        possible = np.flatnonzero(sums <= limit) + low + 1
        start = low if limit >= 0 or not possible.size else int(possible[0])
        stop = int(possible[-1]) if possible.size else low
        if (start, stop) == (low, high):
            return _tied(pair, x, low, high)
        low, high = start, stop
    return low, high


def _sums(pair: Spectra, x: float) -> tuple[FloatArray, float]:
    """Running sums of the increments and a bound of their errors, both times a common power of two."""
    v = generated_variances(x, pair.h)
    cross = np.sqrt(v)
    cross *= np.sqrt(pair.s)
    with np.errstate(over="ignore", invalid="ignore"):
        size = float(v.sum()) + 2 * float(cross.sum())
    if not size < 1e300:
        v, cross = v * _SHRINK, cross * _SHRINK
        size = float(v.sum()) + 2 * float(cross.sum())
    cross *= 2
    v -= cross
    np.add.accumulate(v, out=v)
    return v, (len(v) + 8) * (EPS * size + 4 * LEAST)


def _tied(pair: Spectra, x: float, low: int, high: int) -> tuple[int, int]:
    """The same where running sums from `low` on do not separate the dimensions: exact signs between candidates."""
    signs = _increment_signs(pair.part(low, high), x)
    changing = np.flatnonzero(signs)
    if not changing.size:
        return low, high
    # A minimum follows a negative and precedes a positive increment; increments that vanish extend it to the right.
    after = np.append(signs[changing], 1)
    before = np.append(-1, signs[changing])
    starts = np.append(low, low + 1 + changing)
    ends = np.append(low + changing, high)
    places = np.flatnonzero((before < 0) & (after > 0))
    smallest, largest = int(starts[places[0]]), int(ends[places[0]])
    best = smallest
    known: dict[bytes, int] = {}
    for place in places[1:]:
        here = int(starts[place])
        between = pair.part(best, here)
        sums, margin = _sums(between, x)
        if abs(sums[-1]) > margin:
            sign = 1 if sums[-1] > 0 else -1
        else:
            key = between.s.tobytes() + between.h.tobytes()
            sign = known[key] if key in known else known.setdefault(key, increment_sign(between.s, between.h, x))
        if sign <= 0:
            smallest = here if sign < 0 else smallest
            best, largest = here, int(ends[place])
    return smallest, largest


def _increment_signs(pair: Spectra, x: float) -> IntArray:
    """Exact sign of every increment, that of `v - 4 s`; 0 also where `v = 0`."""
    huge = pair.s > _QUARTER
    signs = np.sign(gaps(Spectra(4 * np.minimum(pair.s, _QUARTER), pair.h), x)).astype(np.int64)
    signs[huge] = -1
    if x == 0:
        signs[pair.h == 0] = 0
    return signs
