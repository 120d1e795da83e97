"""The minimisers of `F(d, .)` for all `d` at once: one streaming pass over the spectrum serves every Chebyshev node.

Dimensions are taken in ranges `(D/4, D]`, `(D/16, D/4]`, ... For each range a sample of the coordinates says where the
minimisers lie; a few pieces (`theory.stopping.pieces`) cover that interval of `u = log(x/(1-x))`. The prefix sums of
the slopes at all nodes are formed block by block, in an order that makes every step a vector operation, and solved for
while they are in the cache. The sample only guesses: what the interpolant's signs do not confirm is left over, and
further pieces, then direct summation, take it up.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from theory.bures import FloatArray
from theory.stopping.bisection import bisected, tabulated
from theory.stopping.pieces import Piece, largest_terms, zeros
from theory.stopping.terms import EPS, Spectra

__all__ = ["DIRECT", "minimisers"]

#: up to this dimension zeros are found by direct summation
DIRECT = 32
#: at most this many of a dimension up to _CHEAP are left to direct summation instead of another piece
_FEW, _CHEAP = 4, 4096
#: by how much further pieces overlap what is covered, so that no zero falls between
_OVERLAP = 1e-3
#: widest piece, in units of log y
_WIDEST = 3.0
#: coordinates of one block: rows, and columns whose sums are chained
_ROWS, _COLUMNS = 16, 128
#: dimensions solved for at a time
_GROUP = 4 * _ROWS * _COLUMNS
#: variances beyond this, or levels below e^_LOWEST, go to direct summation
_LARGEST, _LOWEST = 1e100, -690.0
#: coordinates in the sample that locates the minimisers
_SAMPLE = 4096

Mask = NDArray[np.bool_]


def minimisers(pair: Spectra, inside: Mask, X: float) -> tuple[FloatArray, FloatArray, int]:
    """Minimisers and relative error bounds, `(D,)` each, where `inside`: slope `< 0` at 0 and `> 0` at `X`.

    The third value is the number of evaluations of a slope term, all coordinates and nodes together.
    """
    found, error = np.zeros(len(pair)), np.zeros(len(pair))
    open_ = inside.copy()
    terms = 0
    stop = len(pair)
    safe = max(float(pair.s[0]), float(pair.h.max())) <= _LARGEST
    while safe and stop > DIRECT and inside.any():
        start = max(DIRECT, stop // 4)
        terms += _range(pair, open_, start, stop, X, found, error)
        stop = start
    few = np.flatnonzero(open_[:DIRECT]) + 1
    found[few - 1], error[few - 1] = tabulated(pair, few, X)
    rest = DIRECT + np.flatnonzero(open_[DIRECT:]) + 1
    found[rest - 1], error[rest - 1] = bisected(pair, rest, X)
    return found, error, terms


def _range(pair: Spectra, open_: Mask, start: int, stop: int, X: float, found: FloatArray, error: FloatArray) -> int:
    """Solve for the dimensions `start + 1 .. stop` that are open, and close those that were confirmed."""
    highest = float(np.log(X) - np.log1p(-X)) if X < 1 else 36.0
    few = _FEW if stop <= _CHEAP else 0
    interval = _located(pair, open_, start, stop, highest)
    if interval is None or np.count_nonzero(open_[start:stop]) <= few:
        return 0

    def swept(low: float, high: float) -> _Sweep:
        ends = np.linspace(low, high, max(1, int(np.ceil((high - low) / _WIDEST))) + 1)
        sweep = _Sweep([Piece.on(float(a), float(b)) for a, b in pairwise(ends)], X, found, error, open_)
        sweep.run(pair, start, stop)
        return sweep

    low, high = interval
    sweep = swept(low, high)
    terms, below, above = sweep.terms, sweep.below, sweep.above
    width = 1.0
    while below > few and low > _LOWEST:
        sweep = swept(max(low - width, _LOWEST), low + _OVERLAP)
        low, width = max(low - width, _LOWEST), min(2 * width, 64.0)
        terms, below = terms + sweep.terms, sweep.below
    width = 1.0
    while above > few and high < highest:
        sweep = swept(high - _OVERLAP, min(high + width, highest))
        high, width = min(high + width, highest), min(2 * width, 64.0)
        terms, above = terms + sweep.terms, sweep.above
    return terms


def _located(pair: Spectra, open_: Mask, start: int, stop: int, highest: float) -> tuple[float, float] | None:
    """An interval of `u` that should hold most minimisers of `start + 1 .. stop`, from a sample of the coordinates."""
    stride = max(1, stop // _SAMPLE)
    head = min(stop, _SAMPLE)
    chosen = np.append(np.arange(head), np.arange(head + stride // 2, stop, stride))
    weights = np.where(chosen < head, 1.0, float(stride))
    watched = np.flatnonzero((chosen >= start) & open_[chosen])
    if not watched.size:
        return None
    sample = Spectra(pair.s[chosen], pair.h[chosen])
    few = len(watched) // 1000

    def rising(u: float) -> int:
        sums = np.add.accumulate(_slopes_at(sample, np.exp(u)) * weights)
        return int(np.count_nonzero(sums[watched] > 0))

    ends = []
    for enough in (few + 1, len(watched) - few):
        a, b = _LOWEST, highest
        while b - a > 0.02:
            middle = (a + b) / 2
            a, b = (a, middle) if rising(middle) >= enough else (middle, b)
        ends.append((a, b))
    low, high = max(ends[0][0] - 0.1, _LOWEST), min(ends[1][1] + 0.1, highest)
    return (low, high) if high - low > 1e-3 else (high - 1e-3, high)


def _slopes_at(pair: Spectra, y: float) -> FloatArray:
    z = y + pair.h
    return np.asarray((1 - pair.h) * (y * (1 - pair.s) + pair.h - pair.s) / (z + np.sqrt(pair.s * z * (1 + y))))


class _Sweep:
    """One streaming pass: prefix sums of the slopes at the nodes of all pieces, solved group by group."""

    def __init__(self, pieces: list[Piece], X: float, found: FloatArray, error: FloatArray, open_: Mask) -> None:
        self.pieces, self.X = pieces, X
        self.found, self.error, self.open = found, error, open_
        self.nodes = np.concatenate([piece.nodes for piece in pieces])[:, None]
        self.carry, self.rest = np.zeros((2, len(self.nodes)))
        self.bounds = np.zeros(len(pieces))
        self.terms = self.below = self.above = 0
        shape = (_ROWS, len(self.nodes), _COLUMNS)
        self.values, self.work, self.roots = np.empty((3, *shape))
        self.group = np.empty((len(self.nodes), _GROUP))
        self.largest, self.recent = np.empty((2, len(pieces), _GROUP))
        self.dims = np.empty(_GROUP, dtype=np.int64)
        self.filled = 0

    def run(self, pair: Spectra, start: int, stop: int) -> None:
        """Take in coordinates up to `stop` and solve for the open dimensions beyond `start`."""
        size = _ROWS * _COLUMNS
        # column by column: index = block start + column * _ROWS + row
        order = (np.arange(size).reshape(_COLUMNS, _ROWS).T).ravel()
        for first in range(0, stop, size):
            last = min(first + size, stop)
            self._sums(pair.part(first, last))
            if last <= start:
                for p, piece in enumerate(self.pieces):
                    self.bounds[p] += largest_terms(pair.part(first, last), piece).sum()
                continue
            into = slice(self.filled, self.filled + size)
            self.group[:, into].reshape(len(self.nodes), _ROWS, _COLUMNS)[...] = self.values.transpose(1, 0, 2)
            dims = first + order
            self.dims[into] = np.where((dims >= start) & (dims < stop), dims, -1)
            for p, piece in enumerate(self.pieces):
                sums = np.zeros(size)
                sums[: last - first] = largest_terms(pair.part(first, last), piece)
                np.add.accumulate(sums, out=sums)
                self.recent[p, into] = sums[order]
                self.largest[p, into] = (sums + self.bounds[p])[order]
                self.bounds[p] += sums[-1]
            self.filled += size
            if self.filled == _GROUP:
                self._solve()
        self._solve()
        self.terms = stop * len(self.nodes)

    def _sums(self, part: Spectra) -> None:
        """Prefix sums at all nodes for one block into `values`, `(row, node, column)`."""
        s, h = _blocked(part.s), _blocked(part.h)
        if len(part) < _ROWS * _COLUMNS:
            padding = np.arange(_ROWS * _COLUMNS) >= len(part)
            h[padding.reshape(_COLUMNS, _ROWS).T[:, None, :]] = 1.0  # a coordinate without slope
        values, work, roots, y = self.values, self.work, self.roots, self.nodes
        c = 1 - h
        np.multiply(c * (1 - s), y, out=values)
        values += c * (h - s)
        np.add(h, y, out=work)
        np.multiply(work, 1 + y, out=roots)
        np.sqrt(roots, out=roots)
        roots *= np.sqrt(s)
        roots += work
        values /= roots
        for i in range(1, _ROWS):
            values[i] += values[i - 1]
        chained = np.add.accumulate(values[-1], axis=1)
        total = self.carry + chained[:, -1]
        offsets = np.empty_like(chained)
        offsets[:, 0] = 0
        offsets[:, 1:] = chained[:, :-1]
        offsets += self.carry[:, None]
        values += offsets
        step = total - self.carry
        self.rest += (self.carry - (total - step)) + (chained[:, -1] - step)
        self.carry = total + self.rest
        self.rest -= self.carry - total

    def _solve(self) -> None:
        """Confirm minimisers among the dimensions collected so far."""
        dims = self.dims[: self.filled]
        first = 0
        wanted = np.flatnonzero((dims >= 0) & self.open[dims])
        for p, piece in enumerate(self.pieces):
            last = first + len(piece.nodes)
            if not wanted.size:
                break
            # the running sums within a block, and two more roundings; carries are in two floats
            summation = EPS * (self.largest[p, wanted] + (_ROWS + _COLUMNS) * self.recent[p, wanted])
            values = self.group[first:last]
            if len(wanted) < values.shape[1]:
                values = values[:, wanted]
            doubt = piece.doubt(values, self.largest[p, wanted], summation)
            low, high = values[0], values[-1]
            between = (low < -doubt) & (high > doubt)
            here = wanted[between]
            if p == 0:
                self.below += int(np.count_nonzero(low >= -doubt))
            if p == len(self.pieces) - 1:
                self.above += int(np.count_nonzero(high <= doubt))
            if here.size:
                u, bound = zeros(piece, values if between.all() else values[:, between], doubt[between])
                y = np.exp(u)
                sure = np.isfinite(bound)
                at = dims[here[sure]]
                self.found[at] = np.minimum(y / (1 + y), self.X)[sure]
                self.error[at] = (np.expm1(bound) * (1 + 1e-9))[sure]
                self.open[at] = False
                wanted = wanted[self.open[dims[wanted]]]
            first = last
        self.filled = 0


def _blocked(values: FloatArray) -> FloatArray:
    """One block as `(row, 1, column)`, padded with zeros."""
    padded = np.zeros(_ROWS * _COLUMNS)
    padded[: len(values)] = values
    return np.ascontiguousarray(padded.reshape(_COLUMNS, _ROWS).T)[:, None, :]
