"""Exact signs of sums of slopes and of increments: floats where their error bound allows, then balls.

Every float is a rational number, so each sign is well defined. Summands that vanish are found exactly and left out;
what rounding leaves open is summed in ball arithmetic at rising precision.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from flint import arb, ctx, fmpq

from theory.bures import FloatArray
from theory.noise import generated_variances
from theory.prefix import prefix_sums
from theory.stopping.terms import EPS, LEAST, IntArray, Spectra, in_pieces, slope_terms

__all__ = ["increment_sign", "slope_sign", "slope_signs"]

#: precisions in bits tried on a sign that floating point leaves open; still open at the last one means a tie.
#: The last one holds every sum of floats exactly.
_PRECISIONS = (64, 128, 256, 512, 1024, 2400)
#: a float running sum in twice the precision of terms within 8 EPS is off by less than this share of their sizes
_SHARE = 12 * EPS
#: variances below this have differences without full relative accuracy
_ROUNDED = 1e-290
#: coordinates summed at a time, few enough for the cache
_BLOCK = 1 << 14


def slope_signs(pair: Spectra, level: float) -> IntArray:
    """Exact sign of `dF(d, level)/dx` for every `d`, shape `(D,)`."""
    plain = _plain_signs(pair, level)
    if plain.all():
        return plain
    terms = in_pieces(pair, lambda part: slope_terms(part, level))
    endless = terms == -np.inf
    if level == 0:
        endless &= pair.h == 0
    else:
        endless[:] = False
    nonzero = terms != 0
    with np.errstate(over="ignore", invalid="ignore"):
        sums = prefix_sums(terms)
        sizes = np.abs(terms)
        sizes *= _SHARE
        if level < _ROUNDED:
            # differences of variances this small lie among the subnormal floats: no digits to rely on
            sizes[(pair.h < _ROUNDED) & (pair.s < _ROUNDED) & (pair.s > 0)] *= 1 / EPS
        margin = np.add.accumulate(sizes)
        margin += np.add.accumulate(nonzero) * (64 * LEAST)
        clear = np.abs(sums) > margin
    clear &= np.isfinite(sums)
    signs = np.where(clear, np.sign(np.where(clear, sums, 0.0)), 0).astype(np.int64)
    if endless.any():
        first = int(np.argmax(endless))
        signs[first:], clear[first:] = -1, True
    if not clear.all():
        _settle(pair, level, signs, np.flatnonzero(~clear), np.flatnonzero(nonzero))
    return signs


def _plain_signs(pair: Spectra, level: float) -> IntArray:
    """Signs that ordinary running sums tell, block by block; 0 elsewhere."""
    signs = np.zeros(len(pair), dtype=np.int64)
    total, weight = 0.0, 0.0
    if level < _ROUNDED and (level > 0 or bool(((pair.h < _ROUNDED) & (pair.h > 0)).any())):
        return signs
    with np.errstate(all="ignore"):
        for first in range(0, len(pair), _BLOCK):
            s, h = pair.s[first : first + _BLOCK], pair.h[first : first + _BLOCK]
            root = np.sqrt(generated_variances(level, h))
            rate = (1 - h) / (root * (root + np.sqrt(s)))
            lack, excess = level * (1 - s), (1 - level) * (h - s)
            sums = rate * (lack + excess)
            sizes = np.abs(rate) * (np.abs(lack) + np.abs(excess))
            sums[0] += total
            sizes[0] += weight
            np.add.accumulate(sums, out=sums)
            np.add.accumulate(sizes, out=sizes)
            total, weight = float(sums[-1]), float(sizes[-1])
            if not np.isfinite(weight):
                break
            clear = np.abs(sums) > (EPS * (first + len(s) + 16)) * sizes + (first + len(s)) * _ROUNDED
            signs[first : first + _BLOCK] = np.where(clear, np.sign(sums), 0)
            if not clear.all() and first >= _BLOCK:
                break
    return signs


def _settle(pair: Spectra, level: float, signs: IntArray, open_: IntArray, nonzero: IntArray) -> None:
    """Decide the open signs in ball arithmetic: one running sum over the coordinates for each precision."""
    # dimensions with the same summands share their sign: how many summands each has
    counts = np.searchsorted(nonzero, open_, side="right")
    wanted = np.unique(counts[counts > 0])
    found = {0: 0}
    before = ctx.prec
    try:
        for ctx.prec in _PRECISIONS:
            if not wanted.size:
                break
            decided = _running_signs(pair, level, nonzero, wanted)
            found.update(decided)
            wanted = np.array([k for k in wanted.tolist() if k not in decided], dtype=np.int64)
    finally:
        ctx.prec = before
    signs[open_] = [found.get(k, 0) for k in counts.tolist()]


def _running_signs(pair: Spectra, level: float, nonzero: IntArray, wanted: IntArray) -> dict[int, int]:
    """Signs of the sums of the first `k` nonzero slopes, `k` in `wanted`, as far as this precision tells them."""
    x, total, position = _rational(level), arb(0), 0
    decided: dict[int, int] = {}
    for k in wanted.tolist():
        for a, b in zip(pair.s[nonzero[position:k]].tolist(), pair.h[nonzero[position:k]].tolist(), strict=True):
            hat = _rational(b)
            root = (arb(_rational(a)) / arb(x + (1 - x) * hat)).sqrt() if a else arb(0)
            total += (1 - root) * arb(1 - hat)
        position = k
        if total > 0 or total < 0:
            decided[k] = 1 if total > 0 else -1
    return decided


def slope_sign(pair: Spectra, level: float) -> int:
    """Exact sign of `dF(D, level)/dx` alone, `0 < level <= 1`."""
    terms = in_pieces(pair, lambda part: slope_terms(part, level))
    signs = np.zeros(len(pair), dtype=np.int64)
    _settle(pair, level, signs, np.array([len(pair) - 1]), np.flatnonzero(terms))
    return int(signs[-1])


def increment_sign(s: FloatArray, h: FloatArray, level: float) -> int:
    """Exact sign of the sum of `v_j - 2 sigma_j sqrt(v_j)` over the coordinates with these variances."""
    x = _rational(level)
    pairs = [(_rational(a), x + (1 - x) * _rational(b)) for a, b in zip(s.tolist(), h.tolist(), strict=True)]
    pairs = [(a, v) for a, v in pairs if v != 0 and v != 4 * a]
    before = ctx.prec
    try:
        for ctx.prec in _PRECISIONS:
            total = _ball_sum(arb(v) - 2 * (arb(a) * arb(v)).sqrt() for a, v in pairs)
            if total > 0:
                return 1
            if total < 0:
                return -1
    finally:
        ctx.prec = before
    return 0


def _ball_sum(terms: Iterable[arb]) -> arb:
    total = arb(0)
    for term in terms:
        total += term
    return total


def _rational(value: float | Fraction) -> fmpq:
    return fmpq(*value.as_integer_ratio())
