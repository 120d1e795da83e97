"""Rigorous enclosure of the squared sliced Wasserstein distance, for a few coordinates, with Arb.

`D SW^2 = tr A + tr B - 2 E sqrt(g'Ag g'Bg)` with `g` standard normal, and `sqrt(ab) = (1/pi) int ab / (e^{w/2} a +
e^{-w/2} b) dw`. The trapezoidal sum with step `k` over all of the line is off by at most `2 sqrt(ab) sum_i sech(2
pi^2 i / k)` (Poisson summation: the integrand is `sqrt(ab) / (2 cosh((w + log(a/b))/2))`), what is cut off beyond
`|w| = W` adds at most `(k/pi) (a + b) e^{-W/2} / (1 - e^{-k/2})`, and `sqrt(ab) <= (a+b)/2`. The mean of each node's
ratio is an integral of determinants (`theory.metrics.sliced`), which after `2 l = (1 - z^2)/(kappa z^2)` is analytic
on `[0, 1]` and is enclosed by Arb's adaptive quadrature.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from theory.evaluate.arb import as_ball, precision

__all__ = ["enclose_sliced_squared"]


def enclose_sliced_squared(
    generated: Sequence[Fraction | int], data: Sequence[Fraction | int], *, bits: int = 96, accuracy: float = 1e-10
) -> Any:
    """An Arb ball around `SW^2` of `N(0, diag(generated))` and `N(0, diag(data))`.

    Args:
        generated: rational variances `>= 0`, at most 6 of them.
        data: rational variances `> 0`, as many.
        bits: working precision.
        accuracy: radius aimed at, relative to the sum of all variances, in [1e-20, 1e-2].

    Raises:
        ValueError: an argument outside these ranges.
    """
    from flint import arb

    if not 1 <= len(data) == len(generated) <= 6:
        raise ValueError(f"need 1 to 6 generated and as many data variances, got {len(generated)} and {len(data)}")
    if min(data) <= 0 or min(generated) < 0:
        raise ValueError("data variances must be > 0 and generated ones >= 0")
    if not 1e-20 <= accuracy <= 1e-2 or bits < 64:
        raise ValueError(f"accuracy must lie in [1e-20, 1e-2] and bits be >= 64, got {accuracy} and {bits}")
    with precision(bits):
        a, b = [as_ball(v) for v in generated], [as_ball(v) for v in data]
        total = sum(a, arb(0)) + sum(b, arb(0))
        digits = -arb(accuracy).log()
        step = 2 * arb.pi() ** 2 / (digits + 3)
        count = int(float((2 * (digits + 3) / step).mid())) + 1
        mean = arb(0)
        if any(v > 0 for v in generated):
            for i in range(-count, count + 1):
                half = (step * i / 2).exp()
                mean += _mean_ratio(a, b, [half * p + q / half for p, q in zip(a, b, strict=True)], accuracy)
        q = (-2 * arb.pi() ** 2 / step).exp()
        aliasing = total / 2 * 4 * q / (1 - q)
        cut = step / arb.pi() * total * (-(count + 1) * step / 2).exp() / (1 - (-step / 2).exp())
        mean = mean * step / arb.pi() + arb(0, 1) * (aliasing + cut).upper()
        return (total - 2 * mean) / len(data)


def _mean_ratio(a: list[Any], b: list[Any], s: list[Any], accuracy: float) -> Any:
    """`E g'Ag g'Bg / g'Sg` for diagonal matrices, `S` positive."""
    from flint import acb, arb

    top = max((v.upper() for v in s), key=float)
    ratios = [v / top for v in s]

    # the powers of z in the numerator and in the substitution cancel but for one
    def integrand(z: Any, analytic: bool) -> Any:
        z2 = z * z
        shares = [1 / (z2 + (1 - z2) * r) for r in ratios]
        root = z
        for r in ratios:
            root *= z * (z2 + (1 - z2) * r).rsqrt(analytic=analytic)
        first = sum((p * m for p, m in zip(a, shares, strict=True)), acb(0))
        second = sum((p * m for p, m in zip(b, shares, strict=True)), acb(0))
        both = sum((p * q * m * m for p, q, m in zip(a, b, shares, strict=True)), acb(0))
        return root * (first * second + 2 * both)

    value = acb.integral(integrand, acb(0), acb(1), abs_tol=arb(accuracy * 1e-3), rel_tol=arb(accuracy * 1e-3))
    return value.real / top
