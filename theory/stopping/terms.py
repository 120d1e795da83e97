"""The summands of `F` and of its slope, accurate where `v` and `sigma^2` nearly agree.

`sqrt(v) - sigma` loses all digits when `v` is close to `sigma^2`, which is where the optimum lies. Here it comes from
the difference `v - sigma^2 = x (1 - h) + (h - s)`, `s = sigma^2`, `h = sigma_hat^2`, in two floats, divided by
`sqrt(v) + sigma`. What two floats do not settle is computed as a rational number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.bures import FloatArray
from theory.evaluate.double_double import two_sum
from theory.noise import checked_variances, generated_variances
from theory.prefix import two_product

__all__ = ["EPS", "LEAST", "IntArray", "Spectra", "gaps", "in_pieces", "kept_terms", "slope_terms"]

IntArray = NDArray[np.int64]
EPS = float(np.finfo(np.float64).eps)
#: least positive float
LEAST = 5e-324
#: a difference smaller than this share of its summands is computed exactly
_CANCELLED = 2.0**-40
#: summands below this leave no room for the rounding error of a product
_SMALL = 1e-270
#: coordinates evaluated at a time, few enough for the cache
_PIECE = 1 << 14


@dataclass(frozen=True, eq=False)
class Spectra:
    """Variances `s = sigma^2`, non-increasing, and `h = sigma_hat^2`, each `(D,)`."""

    s: FloatArray
    h: FloatArray

    @classmethod
    def checked(cls, sigma2: ArrayLike, sigma_hat2: ArrayLike) -> Spectra:
        """The two spectra, or a ValueError: not variances, different lengths, `sigma2` increasing somewhere."""
        s, h = checked_variances(sigma2, "sigma2"), checked_variances(sigma_hat2, "sigma_hat2")
        if len(s) != len(h):
            raise ValueError(f"sigma2 and sigma_hat2 must have one length, got {len(s)} and {len(h)}")
        rising = s[1:] > s[:-1]
        if rising.any():
            i = int(np.argmax(rising))
            raise ValueError(f"sigma2 must be non-increasing, got {s[i]} then {s[i + 1]} at index {i}")
        return cls(s, h)

    def __len__(self) -> int:
        return len(self.s)

    def part(self, start: int, stop: int) -> Spectra:
        """Coordinates `start + 1 .. stop`, without copying."""
        return Spectra(self.s[start:stop], self.h[start:stop])


def gaps(pair: Spectra, level: float) -> FloatArray:
    """`v - s`, shape `(D,)`: relative error at most `2 EPS` above 1e-300, 0 only where it is 0 exactly."""
    s, h = pair.s, pair.h
    c, c_low = two_sum(1.0, -h)
    e, e_low = two_sum(h, -s)
    product, p_low = two_product(level, c)
    total, t_low = two_sum(product, e)
    gap = np.asarray(total + (t_low + (p_low + (level * c_low + e_low))))
    size = np.abs(product) + np.abs(e)
    open_ = np.abs(gap) <= np.where(size < _SMALL, 0.25, _CANCELLED) * size
    # a product that underflows to 0 does not vanish
    open_ &= (size != 0) | ((c != 0) & (level != 0))
    where = np.flatnonzero(open_)
    if where.size:
        gap[where] = _exact_gaps(s[where], h[where], level)
    return gap


def _exact_gaps(s: FloatArray, h: FloatArray, level: float) -> FloatArray:
    """The same from rational numbers, once for each different coordinate, never rounded to 0."""
    different, back = np.unique(np.stack([s, h]), axis=1, return_inverse=True)
    x = Fraction(level)
    found = np.empty(different.shape[1])
    for i, (a, b) in enumerate(different.T.tolist()):
        exact = x * (1 - Fraction(b)) + Fraction(b) - Fraction(a)
        value = float(exact)
        found[i] = value if value or not exact else (LEAST if exact > 0 else -LEAST)
    return np.asarray(found[back.ravel()])


def kept_terms(pair: Spectra, level: float, scale: float = 1.0) -> FloatArray:
    """`scale^2 (sqrt(v) - sigma)^2`, shape `(D,)`, relative error at most `10 EPS` above 1e-300."""
    gap = gaps(pair, level)
    with np.errstate(invalid="ignore"):
        root = np.where(gap == 0, 0.0, gap / (np.sqrt(generated_variances(level, pair.h)) + np.sqrt(pair.s)))
    root *= scale
    return np.asarray(root * root)


def slope_terms(pair: Spectra, level: float, scale: float = 1.0) -> FloatArray:
    """`scale (1 - sigma/sqrt(v)) (1 - h)`, shape `(D,)`, relative error at most `8 EPS`.

    0 exactly where it vanishes, `-inf` where `v = 0 < sigma`; with `sigma = 0` it is `1 - h` even where `v = 0`.
    """
    root = np.sqrt(generated_variances(level, pair.h))
    rate = (1 - pair.h) * scale
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = gaps(pair, level) / (root + np.sqrt(pair.s)) / root
        return np.asarray(np.where(pair.s == 0, rate, np.where(rate == 0, 0.0, ratio * rate)))


def in_pieces(pair: Spectra, terms: Callable[[Spectra], FloatArray]) -> FloatArray:
    """`terms` of all coordinates, evaluated piece by piece so that temporary arrays stay small."""
    if len(pair) <= _PIECE:
        return terms(pair)
    found = np.empty(len(pair))
    for start in range(0, len(pair), _PIECE):
        found[start : start + _PIECE] = terms(pair.part(start, min(start + _PIECE, len(pair))))
    return found
