"""Simple numbers, simplest first, so that whatever is built from them shrinks to something readable."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["dyadics", "nearest_to_half", "uniforms"]


def _cost(value: Fraction) -> tuple[int, Fraction]:
    return value.denominator, abs(value - 1)


@lru_cache(maxsize=256)
def _dyadics(low: Fraction, high: Fraction, denominator: int) -> tuple[float, ...]:
    first, last = -((-low * denominator) // 1), (high * denominator) // 1
    found = sorted({Fraction(k, denominator) for k in range(int(first), int(last) + 1)}, key=_cost)
    return tuple(float(f) for f in found)


def dyadics(low: float, high: float, denominator: int = 16) -> SearchStrategy[float]:
    """Fractions `k / denominator` in `[low, high]`, exact as floats; shrinks to whole numbers, nearest to 1 first.

    Raises:
        ValueError: `denominator` is no power of 2, or no such fraction lies in the interval.
    """
    if denominator < 1 or denominator & (denominator - 1):
        raise ValueError(f"denominator must be a power of 2, got {denominator}")
    found = _dyadics(Fraction(low), Fraction(high), denominator)
    if not found:
        raise ValueError(f"no fraction k/{denominator} lies in [{low}, {high}]")
    return st.sampled_from(found)


def uniforms(parts: int = 64) -> SearchStrategy[float]:
    """Numbers `k / parts` strictly between 0 and 1, for quantile functions; shrinks to 1/2.

    Raises:
        ValueError: `parts` is no power of 2, or below 2.
    """
    if parts < 2 or parts & (parts - 1):
        raise ValueError(f"parts must be a power of 2, at least 2, got {parts}")
    return st.sampled_from(
        [float(f) for f in sorted((Fraction(k, parts) for k in range(1, parts)), key=nearest_to_half)]
    )


def nearest_to_half(value: Fraction) -> tuple[int, Fraction]:
    """Sort key: small denominators first, then by distance from 1/2."""
    return value.denominator, abs(value - Fraction(1, 2))
