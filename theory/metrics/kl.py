"""Kullback-Leibler divergence between centred Gaussians with common axes, and between their latent parts.

In the data space both directions are infinite as soon as one law has a variance 0 where the other has none: a decoder
of `d < D` dimensions generates on a subspace that has probability 0 under the data, and the other way round (claim
`beyond-5/kl`). Between the latent laws both are finite.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.noise import checked_variances

__all__ = ["Direction", "kl", "latent_kl_by_dimension", "latent_kl_slope_by_dimension"]

#: "generated" is KL(generated || data), "data" is KL(data || generated)
Direction = Literal["generated", "data"]


def _ratios(generated: ArrayLike, data: ArrayLike, direction: Direction) -> tuple[FloatArray, FloatArray]:
    if direction not in ("generated", "data"):
        raise ValueError(f'direction must be "generated" or "data", got {direction!r}')
    v, s = checked_variances(generated, "generated variances"), checked_variances(data, "data variances")
    if len(v) != len(s):
        raise ValueError(f"generated and data variances must have one length, got {len(v)} and {len(s)}")
    return (v, s) if direction == "generated" else (s, v)


def _excess(e: FloatArray) -> FloatArray:
    """`e - log(1 + e)`, by its series near 0 where the difference would cancel."""
    small = np.abs(e) < 0.03
    near = np.where(small, e, 0.0)
    series = sum(((-near) ** k / k for k in range(2, 13)), np.zeros_like(near))
    far = np.where(small, 0.0, e)
    return np.asarray(np.where(small, series, far - np.log1p(far)))


def kl(generated: ArrayLike, data: ArrayLike, direction: Direction = "generated") -> float:
    """KL divergence in nats, variances `(D,)`; `inf` where exactly one of two variances is 0, in either direction.

    Raises:
        ValueError: variances that are not finite and `>= 0`, different lengths, another direction.
    """
    first, second = _ratios(generated, data, direction)
    if ((first == 0) != (second == 0)).any():
        return float("inf")
    both = first > 0
    return float(0.5 * np.sum(_excess((first[both] - second[both]) / second[both])))


def latent_kl_by_dimension(generated: ArrayLike, data: ArrayLike, direction: Direction = "generated") -> FloatArray:
    """KL between the laws of the first `d` coordinates, `d = 1..D`, shape `(D,)`; `inf` as in `kl`. Raises: as `kl`."""
    first, second = _ratios(generated, data, direction)
    terms = np.zeros(len(first))
    both = (first > 0) & (second > 0)
    terms[both] = 0.5 * _excess((first[both] - second[both]) / second[both])
    terms[(first == 0) != (second == 0)] = np.inf
    return np.cumsum(terms)


def latent_kl_slope_by_dimension(
    generated: ArrayLike, data: ArrayLike, rate: ArrayLike, direction: Direction = "generated"
) -> FloatArray:
    """Derivative of `latent_kl_by_dimension` while variances change at `rate` `(D,)`; variances must be positive.

    Raises:
        ValueError: as `kl`, a variance 0, rates of another length.
    """
    _ratios(generated, data, direction)
    v, s, rates = (np.asarray(values, dtype=np.float64) for values in (generated, data, rate))
    if rates.shape != v.shape or min(v.min(), s.min()) <= 0:
        raise ValueError("latent slopes need one rate for each variance, and variances > 0")
    gap = 0.5 * (v - s)
    return np.cumsum(rates * (gap / (v * s) if direction == "generated" else gap / v**2))
