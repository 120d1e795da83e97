"""What a user would write instead: grids in plain NumPy and Numba, one root search per dimension."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def dropped(s: Array) -> Array:
    """What the coordinates behind each dimension add."""
    return np.append(np.cumsum(s[:0:-1])[::-1], 0.0)


def blocked_best(s: Array, h: Array, x: Array, rows: int = 8) -> NDArray[np.int64]:
    """The plain way to the best dimensions: `F` for a few levels at a time, running sum, argmin."""
    best = np.empty(len(x), dtype=np.int64)
    sigma, tail = np.sqrt(s), dropped(s)
    for k in range(0, len(x), rows):
        v = x[k : k + rows, None] + (1 - x[k : k + rows, None]) * h
        best[k : k + rows] = 1 + np.argmin(np.cumsum((np.sqrt(v) - sigma) ** 2, axis=1) + tail, axis=1)
    return best


def levels_last(s: Array, h: Array, x: Array, out: Array, rows: int) -> Array:
    """The fastest grid found in NumPy: in place, levels along the fast axis, one vector addition a dimension."""
    sigma, c, high = np.sqrt(s)[:, None], (1 - h)[:, None], h[:, None]
    tail = dropped(s)[:, None]
    carry, block = np.zeros(len(x)), np.empty((rows, len(x)))
    for a in range(0, len(s), rows):
        w = block[: min(rows, len(s) - a)]
        b = a + len(w)
        np.multiply(c[a:b], x, out=w)
        w += high[a:b]
        np.sqrt(w, out=w)
        w -= sigma[a:b]
        np.multiply(w, w, out=w)
        w[0] += carry
        for i in range(1, len(w)):
            np.add(w[i], w[i - 1], out=w[i])
        carry[:] = w[-1]
        np.add(w, tail[a:b], out=out[a:b])
    return out


def dimensions_last(s: Array, h: Array, x: Array, out: Array, columns: int) -> Array:
    """The same with dimensions along the fast axis: `np.add.accumulate` on pieces that fit the cache."""
    sigma, c, tail = np.sqrt(s), 1 - h, dropped(s)
    carry, work = np.zeros(len(x)), np.empty(columns)
    for a in range(0, len(s), columns):
        b = min(a + columns, len(s))
        w = work[: b - a]
        for k in range(len(x)):
            np.multiply(c[a:b], x[k], out=w)
            w += h[a:b]
            np.sqrt(w, out=w)
            w -= sigma[a:b]
            np.multiply(w, w, out=w)
            w[0] += carry[k]
            np.add.accumulate(w, out=w)
            carry[k] = w[-1]
            np.add(w, tail[a:b], out=out[k, a:b])
    return out


def one_pass(s: Array, h: Array, x: float, out: Array, columns: int = 1 << 14) -> Array:
    """All slope terms at one level and their running sum, in place and in the cache."""
    sigma, c, carry = np.sqrt(s), 1 - h, 0.0
    for a in range(0, len(s), columns):
        b = min(a + columns, len(s))
        w = out[a:b]
        np.multiply(h[a:b], 1 - x, out=w)
        w += x
        np.sqrt(w, out=w)
        np.divide(sigma[a:b], w, out=w)
        np.subtract(1, w, out=w)
        w *= c[a:b]
        w[0] += carry
        np.add.accumulate(w, out=w)
        carry = w[-1]
    return out


def root_of_one(s: Array, h: Array, d: int, X: float) -> float:
    """One dimension's minimiser by SciPy's root finder."""
    from scipy.optimize import brentq

    sigma, hat, rate = np.sqrt(s[:d]), h[:d], 1 - h[:d]

    def slope(x: float) -> float:
        return float(np.sum((1 - sigma / np.sqrt(x + (1 - x) * hat)) * rate))

    low = 1e-12
    return 0.0 if slope(low) >= 0 else X if slope(X) <= 0 else float(brentq(slope, low, X, xtol=1e-14, rtol=1e-12))


def compiled_grid():
    """The grid in Numba, levels along the fast axis, or None without Numba."""
    try:
        import numba
    except ImportError:
        return None

    @numba.njit(fastmath=False)
    def grid(s, h, x, tail, out):
        carry = np.zeros(len(x))
        for d in range(len(s)):
            sigma, hat = np.sqrt(s[d]), h[d]
            for k in range(len(x)):
                root = np.sqrt(x[k] * (1 - hat) + hat) - sigma
                carry[k] += root * root
                out[d, k] = carry[k] + tail[d]
        return out

    return grid
