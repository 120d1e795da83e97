"""`F(d, x)`, its slope in `x` and criterion [7] for every `d` at one noise level, and `F` on a grid of levels.

One level: every summand to a few units in the last place (`theory.stopping.terms`), prefix sums in twice the working
precision (`theory.prefix`). Many levels: the running sums go along the levels, so that each step is one vector
operation, and blocks stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.noise import checked_levels
from theory.prefix import prefix_sums
from theory.stopping.terms import Spectra, in_pieces, kept_terms, slope_terms

__all__ = ["criteria", "distance_blocks", "distance_grid", "distances", "slopes"]

#: entries of one block of a grid: two blocks fit in a second-level cache
_CACHED = 1 << 16
#: sums below this are formed again with all roots divided by _ROOT
_SUBNORMAL, _ROOT = 1e-280, 2.0**-400
#: scale at which slopes beyond the largest float are summed again
_SHRINK = 2.0**-600


def distances(sigma2: ArrayLike, sigma_hat2: ArrayLike, level: float) -> FloatArray:
    """`F(d, level)` for `d = 1..D`, shape `(D,)`: relative error below `16 EPS` of each value.

    Args:
        sigma2: variances of the data, `(D,)`, non-increasing.
        sigma_hat2: variances the score was built from, `(D,)`, any order.
        level: noise level `x` in `[0, 1]`.

    Raises:
        ValueError: an argument outside these ranges.
    """
    pair, x = Spectra.checked(sigma2, sigma_hat2), float(checked_levels(level, "level"))
    kept = prefix_sums(in_pieces(pair, lambda part: kept_terms(part, x)))
    small = kept < _SUBNORMAL
    if small.any():  # squares among the subnormal floats: their roots are not
        end = int(np.count_nonzero(small))
        sums = prefix_sums(in_pieces(pair.part(0, end), lambda part: kept_terms(part, x, 1 / _ROOT)))
        kept[:end] = sums * _ROOT * _ROOT
    kept[:-1] += prefix_sums(pair.s[:0:-1])[::-1]
    return kept


def slopes(sigma2: ArrayLike, sigma_hat2: ArrayLike, level: float) -> FloatArray:
    """`dF(d, level)/dx` for `d = 1..D`, shape `(D,)`: error below `12 EPS` times the sum of the absolute summands.

    `-inf` where `v_j = 0 < sigma_j` for a kept `j` or the value lies beyond the largest float. Arguments as for
    `distances`.

    Raises:
        ValueError: an argument outside these ranges.
    """
    pair, x = Spectra.checked(sigma2, sigma_hat2), float(checked_levels(level, "level"))
    sums = prefix_sums(in_pieces(pair, lambda part: slope_terms(part, x)))
    lost = ~np.isfinite(sums)
    if lost.any():
        with np.errstate(over="ignore"):
            sums[lost] = (prefix_sums(slope_terms(pair, x, _SHRINK)) / _SHRINK)[lost]
        endless = np.maximum.accumulate((pair.s > 0) & (pair.h == 0)) if x == 0 else np.zeros(len(pair), dtype=bool)
        sums[endless] = -np.inf
    return sums


def criteria(sigma2: ArrayLike, sigma_hat2: ArrayLike) -> FloatArray:
    """Left side of criterion [7] for `d = 1..D`: the slope at `x = 0`, see `slopes`."""
    return slopes(sigma2, sigma_hat2, 0.0)


def distance_grid(
    sigma2: ArrayLike, sigma_hat2: ArrayLike, levels: ArrayLike, out: FloatArray | None = None
) -> FloatArray:
    """`F(d, x)` for `d = 1..D` and every level, shape `(D, K)`; see `distance_blocks` for error and cost.

    Args:
        sigma2: variances of the data, `(D,)`, non-increasing.
        sigma_hat2: variances the score was built from, `(D,)`, any order.
        levels: noise levels in `[0, 1]`, `(K,)`.
        out: where to write, `(D, K)`, float64; by default a new array.

    Raises:
        ValueError: an argument outside these ranges.
    """
    pair, x = _grid_arguments(sigma2, sigma_hat2, levels)
    grid = np.empty((len(pair), len(x))) if out is None else out
    if grid.shape != (len(pair), len(x)) or grid.dtype != np.float64:
        raise ValueError(f"out must be float64 of shape {(len(pair), len(x))}, got {grid.dtype} of shape {grid.shape}")
    for _ in _fill(pair, x, len(pair), grid):
        pass
    return grid


def distance_blocks(
    sigma2: ArrayLike, sigma_hat2: ArrayLike, levels: ArrayLike, rows: int = 4096
) -> Iterator[tuple[int, FloatArray]]:
    """`distance_grid` in blocks of at most `rows` dimensions: pairs `(first d, F of shape (<= rows, K))`.

    Needs memory for the spectra and two blocks only; each block may be kept. With
    `e_j = (x |1 - h_j| + |h_j - s_j|) / (sqrt(v_j) + sigma_j)` the error is at most
    `80 EPS (F + sum_{j<=d} e_j^2)`, of which the sum is what `F` would be if nothing cancelled.

    Raises:
        ValueError: an argument outside the ranges of `distance_grid`, or `rows < 1`.
    """
    pair, x = _grid_arguments(sigma2, sigma_hat2, levels)
    if rows < 1:
        raise ValueError(f"rows must be >= 1, got {rows}")
    return _fill(pair, x, rows, None)


def _grid_arguments(sigma2: ArrayLike, sigma_hat2: ArrayLike, levels: ArrayLike) -> tuple[Spectra, FloatArray]:
    pair, x = Spectra.checked(sigma2, sigma_hat2), checked_levels(levels, "levels")
    if x.ndim != 1:
        raise ValueError(f"levels must be a list of noise levels, got shape {x.shape}")
    return pair, x


def _fill(pair: Spectra, x: FloatArray, rows: int, grid: FloatArray | None) -> Iterator[tuple[int, FloatArray]]:
    """Blocks of the grid, in `grid` where it is given."""
    lost = np.append(prefix_sums(pair.s[:0:-1])[::-1], 0.0)
    carry, rest = np.zeros(len(x)), np.zeros(len(x))
    height = max(1, min(64, _CACHED // max(1, len(x))))
    first_buffer, second_buffer = np.empty((2, height, len(x)))
    for start in range(0, len(pair), rows):
        stop = min(start + rows, len(pair))
        block = np.empty((stop - start, len(x))) if grid is None else grid[start:stop]
        for first in range(start, stop, height):
            last = min(first + height, stop)
            terms, roots = first_buffer[: last - first], second_buffer[: last - first]
            _kept_table(pair.part(first, last), x, terms, roots)
            for i in range(1, last - first):
                np.add(terms[i], terms[i - 1], out=terms[i])
            np.add(terms, carry, out=roots)
            np.add(roots, lost[first:last, None], out=block[first - start : last - start])
            # the carry in two floats (two_sum), so that rounding grows with the blocks' height and not with D
            total = carry + terms[-1]
            step = total - carry
            rest += (carry - (total - step)) + (terms[-1] - step)
            carry = total + rest
            rest -= carry - total
        yield start + 1, block


def _kept_table(pair: Spectra, x: FloatArray, terms: FloatArray, roots: FloatArray) -> None:
    """`(sqrt(v) - sigma)^2` for coordinates times levels into `terms`; `roots` is scratch of the same shape."""
    s, h = pair.s[:, None], pair.h[:, None]
    if float(pair.h.max()) <= 2:
        np.multiply(1 - h, x, out=roots)
        np.add(roots, h - s, out=terms)
        np.add(roots, h, out=roots)
    else:  # x + (1 - x) h and x (1 - s) + (1 - x) (h - s): nothing cancels that does not have to
        np.multiply(h, 1 - x, out=roots)
        np.add(roots, x, out=roots)
        np.multiply(h - s, 1 - x, out=terms)
        np.add(terms, (1 - s) * x, out=terms)
    np.sqrt(roots, out=roots)
    np.add(roots, np.sqrt(s), out=roots)
    with np.errstate(invalid="ignore"):
        np.divide(terms, roots, out=terms)
    if float(pair.s[-1]) == 0 and not float(x.min(initial=1.0)):
        terms[np.isnan(terms)] = 0.0  # v = sigma = 0
    np.multiply(terms, terms, out=terms)
