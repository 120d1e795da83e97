"""Sums of all prefixes of a long list, accurate to the last digits, and error-free steps on arrays.

A running sum in floating point loses up to `n` units of rounding. Here the error of every step is computed exactly
(Knuth's TwoSum) and their own running sum is added at the end: Sum2 of Ogita, Rump and Oishi (2005) for all
prefixes at once. The result is as good as a running sum in twice the precision, rounded once.
"""

from __future__ import annotations

import numpy as np

from theory.bures import FloatArray

__all__ = ["PrefixSum", "prefix_sums", "two_product"]

_SPLIT = 2.0**27 + 1
_SHRINK = 2.0**-60


def two_product(a: FloatArray | float, b: FloatArray | float) -> tuple[FloatArray, FloatArray]:
    """`(p, e)` with `p = fl(a b)` and `p + e = a b` exactly (Dekker, Veltkamp).

    Exact where `|a b| >= 1e-290` or zero and nothing overflows.
    """
    product = np.asarray(a * b)
    high_a, low_a = _split(a)
    high_b, low_b = _split(b)
    return product, np.asarray(((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b)


def _split(a: FloatArray | float) -> tuple[FloatArray, FloatArray]:
    value = np.asarray(a)
    # the factor of the splitting overflows beyond 1e300
    if np.max(np.abs(value), initial=0.0) > 1e290:
        shrink = np.where(np.abs(value) > 1e290, 2.0**-60, 1.0)
        wide = _SPLIT * (value * shrink)
        high = (wide - (wide - value * shrink)) / shrink
    else:
        wide = _SPLIT * value
        high = wide - (wide - value)
    return high, np.asarray(value - high)


class PrefixSum:
    """Prefix sums of a list that comes in pieces, with the carry kept in two floats."""

    def __init__(self) -> None:
        self._high = 0.0
        self._low = 0.0

    def add(self, terms: FloatArray) -> FloatArray:
        """Sums of everything so far up to each of `terms`, shape `(m,)`.

        With `u = 2^-53` the error of each is at most `u |sum| + (n u)^2 sum |terms|` over the `n` terms so far: to
        half a unit in the last place where terms do not cancel. Infinite terms give infinite or NaN sums.
        """
        if not len(terms):
            return np.empty(0)
        running = np.empty(len(terms) + 1)
        running[0] = self._high
        running[1:] = terms
        np.add.accumulate(running, out=running)
        before, after = running[:-1], running[1:]
        step = after - before
        errors = after - step
        np.subtract(before, errors, out=errors)
        np.subtract(terms, step, out=step)
        errors += step
        errors[0] += self._low
        np.add.accumulate(errors, out=errors)
        self._high, self._low = float(after[-1]), float(errors[-1])
        return np.asarray(after + errors)


def prefix_sums(terms: FloatArray) -> FloatArray:
    """Sums of `terms[:1], terms[:2], ...`, shape `(m,)`; the error bound is that of `PrefixSum.add`.

    Sums beyond the largest float are infinite, without a warning; those before and after keep their value.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        sums = PrefixSum().add(terms)
        lost = ~np.isfinite(sums)
        if lost.any():
            sums[lost] = (PrefixSum().add(terms * _SHRINK) / _SHRINK)[lost]
    return sums
