"""Squared sliced Wasserstein distance between two centred Gaussians with common axes.

For `N(0, A)` and `N(0, B)` the one-dimensional distance along a unit vector `u` is `(sqrt(a) - sqrt(b))^2` with
`a = u'Au`, `b = u'Bu`. With `c(w) = 1/(2 cosh(w/2))`

    (sqrt(a) - sqrt(b))^2 = (2/pi) int c(w)^2 (a - b)^2 / (e^{w/2} a + e^{-w/2} b) dw,
    1 - sqrt(b/a)         = (1/pi) int c(w) e^{w/2} (a - b) / (e^{w/2} a + e^{-w/2} b) dw

over the real line (both are the arcsine mixture of harmonic means for `sqrt(ab)`), and the mean of a ratio of
quadratic forms over the sphere is `1/D` times that over standard normal vectors, an integral of determinants: with `S
= e^{w/2} A + e^{-w/2} B` and `M = (I + 2 l S)^{-1}`

    E g'Pg g'Qg / g'Sg = int_0^oo det(M)^{1/2} (tr(PM) tr(QM) + 2 tr(PMQM)) dl.

Both integrals are done by the trapezoidal rule in `w` and `log l`, which converges geometrically here: the integrands
are analytic in strips, of half-width `pi` in `w` whatever `a/b` is, and `pi/2` in `log l` whatever `D` is. All terms
of the first integral are positive, so nothing cancels where `A` is close to `B`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from theory.bures import FloatArray
from theory.noise import checked_variances

__all__ = [
    "random_directions",
    "sliced_by_dimension",
    "sliced_over_directions",
    "sliced_slope_by_dimension",
    "sliced_squared",
]

#: entries of one block of (node x coordinate) tables, 2 MiB of floats
_BLOCK = 1 << 18


def _pair(generated: ArrayLike, data: ArrayLike) -> tuple[FloatArray, FloatArray, float]:
    """Both spectra divided by their common scale, and that scale."""
    v, s = checked_variances(generated, "generated variances"), checked_variances(data, "data variances")
    if len(v) != len(s):
        raise ValueError(f"generated and data variances must have one length, got {len(v)} and {len(s)}")
    scale = float(max(v.max(), s.max()))
    return (v / scale, s / scale, scale) if scale > 0 else (v, s, 0.0)


def _steps(tolerance: float) -> tuple[float, float]:
    """Steps in `w` and in `log l`."""
    if not 1e-14 <= tolerance <= 1e-3:
        raise ValueError(f"tolerance must lie in [1e-14, 1e-3], got {tolerance}")
    # c(w)^2 has double poles at +-i pi, whose residues cost a factor of about 4 pi^2 / step
    return 2 * math.pi**2 / math.log(1000 / tolerance), math.pi**2 / math.log(8 / tolerance)


def _nodes(v: FloatArray, s: FloatArray, tolerance: float, slope: bool) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Blocks of nodes `p = l e^{w/2}`, `r = l e^{-w/2}`; their weights are the product of `_steps`.

    A node is left out where the integrand is at most `tolerance / 100` of the largest eigenvalue: it is bounded through
    `det(M) <= 1/(1 + 2 p v_1 + 2 r s_1)` and `tr(|A - B| M) <= D min(1, 1/(2 p) + 1/(2 r))`, with `slope` through
    `tr(M') <= D min(1, 1/(2 p v_min))` over the kept coordinates.
    """
    step_w, step_y = _steps(tolerance)
    running = np.maximum.accumulate(v)
    narrow, reach = float(running[running > 0].min()), -math.log(tolerance) + math.log(len(v)) + 3
    # the slope's integrand falls like sqrt(r) only
    low = -2 * reach if slope else -reach
    ends_p, ends_r = (-reach, reach - math.log(narrow)), (low, reach - math.log(s.max() or 1.0))
    w_end = max(ends_p[1] - ends_r[0], ends_r[1] - ends_p[0])
    w, y = np.meshgrid(
        np.arange(-math.ceil(w_end / step_w), math.ceil(w_end / step_w) + 1) * step_w,
        np.arange(math.floor(low / step_y), math.ceil(max(ends_p[1], ends_r[1]) / step_y) + 1) * step_y,
        indexing="ij",
    )
    log_p, log_r = y + w / 2, y - w / 2
    inside = (log_p > ends_p[0]) & (log_p < ends_p[1]) & (log_r > ends_r[0]) & (log_r < ends_r[1])
    p, r = np.exp(log_p[inside]), np.exp(log_r[inside])
    trace = np.minimum(1.0, 0.5 / p + 0.5 / r)
    other = np.minimum(1.0, 0.5 / (p * v[v > 0].min())) if slope else r / (p + r) * trace
    bound = np.sqrt(p * r) * len(v) ** 2 * trace * p / (p + r) * other
    heavy = bound > tolerance / 100 * np.sqrt(1 + 2 * p * narrow + 2 * r * s[0])
    p, r = p[heavy], r[heavy]
    rows = max(1, _BLOCK // len(v))
    for first in range(0, len(p), rows):
        yield p[first : first + rows], r[first : first + rows]


def _mean_ratio(v: FloatArray, s: FloatArray, rate: FloatArray | None, tolerance: float, every: bool) -> FloatArray:
    """The double integral for each number of kept coordinates (or for all of them, if not `every`).

    With `rate` None that of `(sqrt(a) - sqrt(b))^2`, else of `(1 - sqrt(b/a)) u' diag(rate) u`.
    """
    total = np.zeros(len(v) if every else 1)
    if v.max() == 0:
        return total + (s.mean() if rate is None else 0.0)

    def sums(kept: FloatArray, dropped: FloatArray) -> FloatArray:
        if not every:
            return np.asarray(kept.sum(axis=1, keepdims=True))
        head = np.cumsum(kept, axis=1)
        head[:, :-1] += np.cumsum(dropped[:, :0:-1], axis=1)[:, ::-1]
        return np.asarray(head)

    for p, r in _nodes(v, s, tolerance, rate is not None):
        load = 2 * r[:, None] * s
        m_kept, m_dropped = 1 / (1 + load + 2 * p[:, None] * v), 1 / (1 + load)
        root = np.exp(0.5 * sums(np.log(m_kept), np.log(m_dropped)))
        kept, dropped = (v - s) * m_kept, -s * m_dropped
        length = np.sqrt(p * r)
        if rate is None:
            # c^2 = 1 / (2 cosh(w/2))^2 = p r / (p + r)^2
            weight = 2 / math.pi * (p / (p + r)) * (r / (p + r)) * length
            form = sums(kept, dropped) ** 2 + 2 * sums(kept**2, dropped**2)
        else:
            # c e^{w/2} = p / (p + r)
            weight = p / (p + r) / math.pi * length
            moving, still = rate * m_kept, np.zeros_like(m_dropped)
            form = sums(kept, dropped) * sums(moving, still) + 2 * sums(kept * moving, still)
        total += weight @ (root * form)
    total *= math.prod(_steps(tolerance)) / len(v)
    if every:
        nothing = np.maximum.accumulate(v) == 0
        total[nothing] = s.mean() if rate is None else 0.0
    return total


def sliced_squared(generated: ArrayLike, data: ArrayLike, *, tolerance: float = 1e-10) -> float:
    """Squared sliced Wasserstein distance of `N(0, diag(generated))` and `N(0, diag(data))`.

    Args:
        generated: variances `(D,)`; 0 for what the encoder dropped.
        data: variances `(D,)` in the same basis.
        tolerance: relative to the larger variance, in [1e-14, 1e-3]; the relative error is as small where both
            are close and of full rank.

    Raises:
        ValueError: variances that are not finite and `>= 0`, or of different lengths.
    """
    v, s, scale = _pair(generated, data)
    return scale * float(_mean_ratio(v, s, None, tolerance, every=False)[0]) if scale else 0.0


def sliced_by_dimension(generated: ArrayLike, data: ArrayLike, *, tolerance: float = 1e-10) -> FloatArray:
    """The same for every number `d = 1..D` of kept coordinates, shape `(D,)`: the others are generated as 0.

    Args, Raises: as `sliced_squared`. Costs hardly more than one value.
    """
    v, s, scale = _pair(generated, data)
    return scale * _mean_ratio(v, s, None, tolerance, every=True) if scale else np.zeros(len(v))


def sliced_slope_by_dimension(
    generated: ArrayLike, data: ArrayLike, rate: ArrayLike, *, tolerance: float = 1e-10
) -> FloatArray:
    """Derivative for every `d = 1..D` while the kept variances change at `rate`, shape `(D,)`.

    `E (1 - sqrt(u'Bu / u'Au)) sum_{j<=d} rate_j u_j^2` (claim `beyond-5/sliced`); for a VP sampler at noise level `x`
    the rate of `v_j` in `x` is `1 - hat sigma_j^2`. Kept variances must be positive where `rate` is not 0.

    Raises:
        ValueError: as `sliced_squared`; rates of another length; a kept variance 0 with a rate.
    """
    v, s, scale = _pair(generated, data)
    rates = np.asarray(rate, dtype=np.float64)
    if rates.shape != v.shape or not np.isfinite(rates).all():
        raise ValueError(f"rate must hold {len(v)} finite numbers, got shape {rates.shape}")
    if (v[rates != 0] == 0).any():
        raise ValueError("a variance of 0 with a rate: the distance has no finite derivative there")
    return _mean_ratio(v, s, rates, tolerance, every=True) if scale else np.zeros(len(v))


def random_directions(size: int, count: int, seed: int = 0) -> FloatArray:
    """`count` independent uniform unit vectors, shape `(count, size)`."""
    if size < 1 or count < 1 or seed < 0:
        raise ValueError(f"size and count must be >= 1 and seed >= 0, got {size}, {count}, {seed}")
    vectors = np.random.default_rng(seed).standard_normal((count, size))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def sliced_over_directions(first: ArrayLike, second: ArrayLike, directions: ArrayLike) -> tuple[float, float]:
    """Mean over `directions` `(k, D)` of `(sqrt(u'Au) - sqrt(u'Bu))^2` and its standard error, for any covariances.

    `first` and `second` are covariance matrices `(D, D)`, which need not commute.

    Raises:
        ValueError: shapes that do not fit, or fewer than 2 directions.
    """
    a, b, u = (np.asarray(m, dtype=np.float64) for m in (first, second, directions))
    if u.ndim != 2 or len(u) < 2 or a.shape != b.shape or a.shape != (u.shape[1], u.shape[1]):
        raise ValueError(f"need matrices (D, D) and at least 2 directions (k, D), got {a.shape}, {b.shape}, {u.shape}")
    lengths = [np.sqrt(np.maximum(np.einsum("ki,ij,kj->k", u, m, u, optimize=True), 0.0)) for m in (a, b)]
    gaps = (lengths[0] - lengths[1]) ** 2
    return float(gaps.mean()), float(gaps.std(ddof=1) / math.sqrt(len(gaps)))
