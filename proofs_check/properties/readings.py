"""Both readings of the headline on one sample, decided without statistical error.

A failure is found by the certified argmins of `theory.stopping` and counts only once a second path, Arb balls on the
expressions of `theory.frechet` at the very floats, confirms it at explicit noise levels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from flint import arb
from numpy.typing import NDArray

from theory.bures import FloatArray
from theory.dimension import level
from theory.evaluate import compile_expression, numpy_function
from theory.evaluate.arb import ArbBackend, as_ball, precision
from theory.evaluate.program import Program
from theory.frechet import increment, slope
from theory.ideal import ideal_level
from theory.notation import X as X_SYMBOL
from theory.notation import sigma, sigma_hat, x
from theory.stopping import optimal_dimensions, optimal_noise_levels

__all__ = ["FailureA", "FailureB", "fails_in_two", "failure_of_a", "failure_of_b", "levels_ordered", "thresholds"]

_BITS = 512
#: two minimisers closer than this (relative) are not told apart by their floats
_APART = 1e-8
_GRID = np.linspace(0, 1, 17)


@dataclass(frozen=True)
class FailureA:
    """At noise level `low` dimension `d_low` is best, at the higher one `high` the larger `d_high` is."""

    low: float
    high: float
    d_low: int
    d_high: int

    def __str__(self) -> str:
        return f"d* = {self.d_low} at x = {self.low:.6g} but {self.d_high} at the noisier x = {self.high:.6g}"


@dataclass(frozen=True)
class FailureB:
    """Dimension `d` is best stopped below noise level `between`, dimension `d + 1` above it."""

    d: int
    first: float
    second: float
    between: float

    def __str__(self) -> str:
        return f"x*({self.d}) = {self.first:.6g} but x*({self.d + 1}) = {self.second:.6g}"


# SymPy takes longer to build these expressions than NumPy to evaluate them
@cache
def _own_levels() -> Callable[..., FloatArray]:
    return numpy_function(ideal_level(), sigma, sigma_hat, X_SYMBOL)


@cache
def _program(name: str) -> Program:
    return compile_expression({"increment": increment, "slope": slope}[name](), [sigma, sigma_hat, x])


@cache
def _thresholds() -> Callable[..., FloatArray]:
    return numpy_function(level(), sigma, sigma_hat, X_SYMBOL)


@cache
def _slopes() -> Callable[..., FloatArray]:
    return numpy_function(slope(), sigma, sigma_hat, x)


def _sum_sign(term: str, sigma2: tuple[float, ...], sigma_hat2: tuple[float, ...], at: float) -> int:
    """Sign of the sum of increments or slopes over coordinates with these variances, 0 if balls do not decide."""
    program = _program(term)
    with precision(_BITS):
        total = arb(0)
        for s, h in zip(sigma2, sigma_hat2, strict=True):
            roots = [as_ball(Fraction(v)).sqrt() for v in (s, h)]
            total += program.run(ArbBackend(), [*roots, as_ball(Fraction(at))])
        return 1 if total > 0 else -1 if total < 0 else 0


def thresholds(sigma2: tuple[float, ...], sigma_hat2: tuple[float, ...]) -> FloatArray:
    """Noise levels in [0, 1] at which some increment may change its sign, a grid, and the points between."""
    found = _thresholds()(np.sqrt(sigma2), np.sqrt(sigma_hat2), 1.0)
    points = np.unique(np.concatenate([_GRID, found[np.isfinite(found)]]))
    return np.unique(np.concatenate([points, (points[1:] + points[:-1]) / 2]))


def failure_of_a(sigma2: tuple[float, ...], sigma_hat2: tuple[float, ...]) -> FailureA | None:
    """A confirmed failure of reading (A) (largest minimisers), or None."""
    levels = thresholds(sigma2, sigma_hat2)
    _, best = optimal_dimensions(sigma2, sigma_hat2, levels)
    for i in np.flatnonzero(np.diff(best) > 0):
        found = FailureA(float(levels[i]), float(levels[i + 1]), int(best[i]), int(best[i + 1]))
        between = slice(found.d_low, found.d_high)
        s, h = sigma2[between], sigma_hat2[between]
        if _sum_sign("increment", s, h, found.low) > 0 and _sum_sign("increment", s, h, found.high) < 0:
            return found
    return None


def failure_of_b(sigma2: tuple[float, ...], sigma_hat2: tuple[float, ...], X: float) -> FailureB | None:
    """A confirmed failure of reading (B) (smallest minimisers on `[0, X]`), or None."""
    best, _ = optimal_noise_levels(sigma2, sigma_hat2, X)
    for i in np.flatnonzero(best[1:] > best[:-1] * (1 + _APART)):
        low, high = float(best[i]), float(best[i + 1])
        between, d = (low + high) / 2, int(i) + 1
        first = _sum_sign("slope", sigma2[:d], sigma_hat2[:d], between)
        second = _sum_sign("slope", sigma2[: d + 1], sigma_hat2[: d + 1], between)
        # F(d, .) constant (every kept sigma_hat_j = 1): its smallest minimiser is 0 and its slope is 0
        if second < 0 and (first > 0 or all(h == 1 for h in sigma_hat2[:d])):
            return FailureB(d, low, high, between)
    return None


def levels_ordered(sigma2: tuple[float, ...], sigma_hat2: tuple[float, ...], X: float) -> bool:
    """Whether the coordinates' own ideal noise levels `x_j` do not increase with `j` (hypothesis of beyond-1)."""
    own = _own_levels()(np.sqrt(sigma2), np.sqrt(sigma_hat2), X)
    return bool((np.diff(np.broadcast_to(own, np.shape(sigma2))) <= 0).all())


def fails_in_two(sigma2: tuple[float, ...], sigma_hat2: FloatArray, X: float) -> NDArray[np.bool_]:
    """Whether (B) fails, for `D = 2` and many samples `(size, 2)`, in floating point: shape `(size,)`.

    It does iff `F(2, .)` still falls at `x*(1) = x_1 < X`. Samples where rounding could matter have probability
    of about 1e-15.
    """
    s, h = np.sqrt(np.asarray(sigma2, dtype=np.float64)), np.sqrt(sigma_hat2)
    first = _own_levels()(s[0], h[:, 0], X)
    slopes = _slopes()(s, h, first[:, None])
    # inside (0, X) coordinate 1 has slope 0 at its own optimum; its rounding shall not count
    own = np.where((first > 0) & (first < X), 0.0, slopes[:, 0])
    return np.asarray((first < X) & (own + slopes[:, 1] < 0))
