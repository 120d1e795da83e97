"""Rigorous enclosures of the shortfall `k(p) = 1 - E sqrt(1 - p + p Y)` and its slope, `Y = chi2_n/n`, for any `n`.

Two ways that share nothing. `by_tricomi`: with `z = n (1-p)/(2p)`, `E r = sqrt(2p/n) U(-1/2, (1-n)/2, z)` and
`E 1/r = sqrt(n/(2p)) U(1/2, (3-n)/2, z)`, `k = 1 - E r` and `k' = (E 1/r - E r)/(2p)`, by Arb's `hypgeom_u`. It is
fast, but has no finite enclosure where `z` is tiny and `n` huge. `by_trapezoid`, `n >= 2`: sums in `z = log Y` of the
integrands of `theory.chi_square`, `f = (Y-1)^2/(1+r)^2 / 2` and `(Y-1)^2/(r(1+r)) / 2` against
`g = exp((n/2)(z - e^z))`, with an enclosed error.

- Step. For `F = f g` analytic in `|Im z| <= a` and `int |F(z + i b)| dz <= M` for `|b| <= a` the sum with step `h` is
  off by at most `2 M/(e^{2 pi a/h} - 1)` (Trefethen and Weideman, The exponentially convergent trapezoidal rule, SIAM
  Review 56, 2014, Theorem 5.1). Here `a < pi/2`, `|g(z + i b)| <= exp((n/2)(z - e^z cos a))`, `|Y - 1| <= e^z + 1`,
  `|1 + r| >= 1` as `Re r >= 0`, and `|r|^2 >= cos(a) (1 - p + p e^z)`, which is at least `cos(a) p e^z` and
  `cos(a) (1-p)`. So `M` is a sum of Gamma functions.
- Tails. Beyond the last node the bounds just used, at `a = 0`, fall faster than a geometric series.
- Mass. `int g dz` is summed the same way, with its own two errors.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, expm1, sqrt
from typing import TYPE_CHECKING

from theory.evaluate.arb import precision

if TYPE_CHECKING:
    from flint import arb

__all__ = ["by_trapezoid", "by_tricomi", "trapezoid_nodes"]

_HALF_WIDTHS = 24


def by_tricomi(share: arb, rest: arb, n: int) -> tuple[arb, arb]:
    """Enclose `k(p)` and `k'(p)` for `p = share > 0`, `1 - p = rest > 0`, at the current precision.

    `k` is a difference of numbers near 1: it loses about `2 log2(1/p) + log2(n)` bits.
    """
    from flint import arb

    scale = 2 * share / n
    z = rest / scale
    root = scale.sqrt() * z.hypgeom_u(arb(-1) / 2, arb(1 - n) / 2)
    inverse = z.hypgeom_u(arb(1) / 2, arb(3 - n) / 2) / scale.sqrt()
    return 1 - root, (inverse - root) / (2 * share)


def by_trapezoid(share: arb, rest: arb, n: int, bits: int = 80) -> tuple[arb, arb]:
    """Enclose `k(p)` and `k'(p)` for balls `p = share` in `[0, 1]`, `1 - p = rest`, relative radius about `2^-bits`.

    Raises:
        ValueError: `n < 2`.
    """
    from flint import arb

    if n < 2:
        raise ValueError(f"n must be at least 2 for the trapezoidal enclosure, got {n}")
    nodes, errors = trapezoid_nodes(n, bits)
    with precision(bits + 40):
        first = second = arb(0)
        for y, weight in nodes:
            r = (rest + share * y).sqrt()
            common = weight / (1 + r)
            first += common / (1 + r)
            second += common / r
        # r >= sqrt(p) e^{z/2} where p >= 1/2, r >= sqrt(1-p) elsewhere
        steep = share > arb(1) / 2
        slack = errors[1] / share.sqrt() if steep else errors[0] / rest.sqrt()
        first += arb(0, errors[0].upper())
        second += arb(0, slack.upper())
        return share**2 * first, share * second


@lru_cache(maxsize=64)
def trapezoid_nodes(n: int, bits: int) -> tuple[list[tuple[arb, arb]], tuple[arb, arb]]:
    """`Y` and `(Y-1)^2/2` times normalised weights at the nodes, and the error of the sums.

    The errors are for `f` with `1/r` replaced by 1 and by `e^{-z/2}`, each below `2^-bits/(8 n)`.
    """
    from flint import arb

    wanted = bits + n.bit_length() + 8
    with precision(wanted + 64 + n.bit_length()):
        # exp(-4 pi^2/c^2) is what a Gaussian of variance 2/n leaves at step c/sqrt(n)
        step = arb(sqrt(39.4 / (0.6931 * wanted)) / sqrt(n + 22))
        while True:
            left, right = _reach(n, 0.6931 * (wanted + 8))
            count = (-ceil(left / float(step)), ceil(right / float(step)))
            z = [step * j for j in range(count[0], count[1] + 1)]
            weights = [(arb(n) / 2 * (point - point.expm1())).exp() for point in z]
            mass = _error(n, step, z[0], z[-1], (arb(1), 0, arb(0)))
            total = sum(weights, arb(0)) * step + arb(0, mass.upper())
            errors = tuple((_error(n, step, z[0], z[-1], (arb(1), 2, arb(b) / 2)) / total / 2).upper() for b in (0, 1))
            if all(error < arb(2) ** -wanted for error in errors) and mass < arb(2) ** -wanted * total:
                break
            step /= 2
        nodes = [
            (point.exp(), weight * step * point.expm1() ** 2 / (2 * total))
            for point, weight in zip(z, weights, strict=True)
        ]
    return nodes, (errors[0], errors[1])


def _reach(n: int, fall: float) -> tuple[float, float]:
    """Ends at which `g`, times `e^{-z/2}` on the left and `e^{2z}` on the right, is below `exp(-fall)`."""
    ends = []
    for side, rate in ((-1, 0.5), (1, 2.0)):
        low, high = 0.0, 4 * fall if side < 0 else 12.0
        for _ in range(60):
            middle = (low + high) / 2
            falls = n / 2 * (expm1(side * middle) - side * middle) - rate * middle >= fall
            low, high = (low, middle) if falls else (middle, high)
        ends.append(high + 1.0 / n**0.5)
    return ends[0], ends[1]


def _error(n: int, step: arb, left: arb, right: arb, bound: tuple[arb, int, arb]) -> arb:
    """Step and tail error of the trapezoidal sum of a function below `c (e^z + 1)^k e^{-b z} e^{n/2} g` in modulus.

    `bound` is `(c, k, b)`, `k` 0 or 2; the factor `(cos a)^{-1/2}` of `1/r` is included throughout.
    """
    from flint import arb

    c, k, b = bound
    half = arb(n) / 2
    best = None
    for i in range(1, _HALF_WIDTHS):
        # the best half-width is about 4 pi/(c sqrt(n)) for large n, and near pi/2 for small n
        a = arb.pi() / 2 * i / _HALF_WIDTHS * min(1.0, 20 / sqrt(n))
        cosine = a.cos()
        # Gamma(half + e)(half cos a)^{-(half + e)} e^half, the integral of e^{ez} exp(half (z - e^z cos a) + half)
        moments = sum(
            (
                weight * ((half + e).lgamma() - (half + e) * (half * cosine).log() + half).exp()
                for weight, e in ((1, -b), (2, 1 - b), (1, 2 - b))[: 1 if k == 0 else 3]
            ),
            arb(0),
        )
        error = 2 * c * moments / cosine.sqrt() / (2 * arb.pi() * a / step).expm1()
        if best is None or error < best:
            best = error
    # tails: log of the bound has slope <= -fall from the last node on
    ends = arb(0)
    for at, fall, factor in (
        (right, half * right.expm1() - k + b, arb(2) ** k * (k * right).exp()),
        (left, -half * left.expm1() - b, arb(2) ** k),
    ):
        if not fall > 0:
            raise ValueError(f"the tail of the chi-square law with n = {n} is not yet falling at log Y = {at.str(5)}")
        size = c * factor * (half * (at - at.expm1()) - b * at).exp()
        ends += step * size / (1 - (-fall * step).exp())
    return best + ends
