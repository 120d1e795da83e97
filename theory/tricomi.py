"""The expected deviation in closed form: Tricomi's `U` and the moments of the chi law (claims `beyond-2`, `beyond-3`).

With `Q ~ chi2_n` and `a, b > 0`, `E sqrt(a + b Q) = sqrt(2 b) U(-1/2, (1-n)/2, a/(2b))
= sqrt(a) (a/(2b))^{n/2} U(n/2, (n+3)/2, a/(2b))`: `U(a, c, z) = (1/Gamma(a)) int_0^oo e^{-zt} t^{a-1} (1+t)^{c-a-1} dt`
with `t = b q/a`, then Kummer's transformation `U(a, c, z) = z^{1-c} U(a-c+1, 2-c, z)`.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, Rational, Symbol, gamma, sqrt
from sympy.core.function import ArgumentIndexError

from theory.frechet import dropped, on_coordinate
from theory.notation import sigma, x

__all__ = [
    "expected_distance",
    "expected_distance_slope",
    "expected_kept",
    "expected_kept_slope",
    "initial_slope",
    "initial_slope_term",
    "moment",
    "points",
    "root_mean",
    "tricomi_u",
]

#: number of training points
points = Symbol("n", integer=True, positive=True)


class tricomi_u(Function):  # type: ignore[misc]
    """`U(a, c, z)`, the solution of `z f'' + (c - z) f' = a f` that grows as `z^{-a}`; `z > 0`."""

    nargs = 3

    def fdiff(self, argindex: int = 3) -> Expr:
        """`dU/dz = -a U(a+1, c+1, z)`; no derivative in the parameters.

        Raises:
            ArgumentIndexError: `argindex` is not 3.
        """
        if argindex != 3:
            raise ArgumentIndexError(self, argindex)
        a, c, z = self.args
        return -a * tricomi_u(a + 1, c + 1, z)

    def _eval_evalf(self, prec: int) -> Any:
        import mpmath
        from sympy import Expr as _Expr

        with mpmath.workprec(prec):
            values = [mpmath.mpmathify(argument._to_mpmath(prec)) for argument in self.args]
            return _Expr._from_mpmath(mpmath.hyperu(*values), prec)


def moment(k: int, n: Expr | int = points) -> Expr:
    """`m_k = E (chi2_n/n)^{k/2} = (2/n)^{k/2} Gamma((n+k)/2)/Gamma(n/2)`, finite for `n + k > 0`.

    Raises:
        ValueError: `n + k <= 0` for numbers.
    """
    count = Integer(n) if isinstance(n, int) else n
    if (count + k).is_nonpositive:
        raise ValueError(f"the moment of order {k} is infinite for n = {n}: it needs n + k > 0")
    return (2 / count) ** Rational(k, 2) * gamma((count + k) / 2) / gamma(count / 2)


def root_mean(n: Expr | int = points) -> Expr:
    """`E sqrt(x + (1-x) sigma^2 chi2_n/n)` for `0 < x < 1`; at `x = 0` it is `sigma m_1`."""
    count = Integer(n) if isinstance(n, int) else n
    scale = 2 * (1 - x) * sigma**2 / count
    return sqrt(scale) * tricomi_u(-Rational(1, 2), (1 - count) / 2, x / scale)


def expected_kept(n: Expr | int = points) -> Expr:
    """`E (sqrt(v) - sigma)^2 = x + (1-x) sigma^2 + sigma^2 - 2 sigma E sqrt(v)`: a kept coordinate's part of `E F`."""
    return x + (1 - x) * sigma**2 + sigma**2 - 2 * sigma * root_mean(n)


def expected_kept_slope(n: Expr | int = points) -> Expr:
    """Derivative in `x` of `expected_kept`, `0 < x < 1`."""
    return expected_kept(n).diff(x)


def expected_distance(D: int, d: int, n: Expr | int = points) -> Expr:
    """`E F(d, x)` with `D` coordinates of which the first `d` are kept, `0 < x < 1`.

    Raises:
        ValueError: `d` outside `[0, D]`.
    """
    if not 0 <= d <= D:
        raise ValueError(f"d must lie in [0, D] = [0, {D}], got {d}")
    terms = [on_coordinate(expected_kept(n) if j <= d else dropped(), j) for j in range(1, D + 1)]
    return sum(terms, Integer(0))


def initial_slope_term(n: int) -> Expr:
    """`1 - sigma^2 - m_{-1} + sigma^2 m_1`, the slope at 0 of a kept coordinate's part of `E F`, `n >= 2`."""
    return 1 - sigma**2 - moment(-1, n) + sigma**2 * moment(1, n)


def initial_slope(d: int, n: int) -> Expr:
    """The sum over `j <= d` of `initial_slope_term`, the slope of `E F(d, .)` at 0, `n >= 2` (`beyond-2`)."""
    return sum((on_coordinate(initial_slope_term(n), j) for j in range(1, d + 1)), Integer(0))


def expected_distance_slope(d: int, n: Expr | int = points) -> Expr:
    """`dE F(d, x)/dx`, `0 < x < 1`, the sum over the kept coordinates."""
    return sum((on_coordinate(expected_kept_slope(n), j) for j in range(1, d + 1)), Integer(0))
