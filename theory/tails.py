"""Tails of the chi-square law, for the estimated variances of Section 5.

`Z = n sigma_hat^2 / sigma^2` is chi-square with `n` degrees of freedom. Deviations are relative, `Z = (1 +- r) n`, and
bounds are given by their exponents: a probability is at most `exp(-exponent)`.
"""

from __future__ import annotations

from sympy import Expr, Rational, Symbol, erf, erfc, exp, log, sqrt

__all__ = [
    "chernoff_lower",
    "chernoff_upper",
    "constant_by_davidson_szarek",
    "degrees",
    "deviation",
    "exact_two_sided",
    "generating_function",
    "printed_exponent",
    "printed_exponent_absolute",
]

#: relative deviation epsilon of a variance estimate
deviation = Symbol("epsilon", nonnegative=True)
#: degrees of freedom, as a real number: the inequalities between exponents do not need an integer
degrees = Symbol("p", positive=True)


def generating_function(s: Expr) -> Expr:
    """`E exp(s X^2) = (1 - 2 s)^{-1/2}` for standard normal `X`, `s < 1/2`."""
    return 1 / sqrt(1 - 2 * s)


def chernoff_upper() -> Expr:
    """Exponent of `P(Z >= (1+r) p)` at the best Chernoff parameter, `p (r - log(1+r))/2`, `r >= 0`."""
    return degrees * (deviation - log(1 + deviation)) / 2


def chernoff_lower() -> Expr:
    """Exponent of `P(Z <= (1-r) p)`, `p (-r - log(1-r))/2`, `0 <= r < 1`."""
    return degrees * (-deviation - log(1 - deviation)) / 2


def printed_exponent() -> Expr:
    """`eps^2 n / (4 (1 + eps))`, the exponent in prop-9."""
    return deviation**2 * degrees / (4 * (1 + deviation))


def printed_exponent_absolute(u: Expr) -> Expr:
    """`u^2 / (4 (p + u))`, the exponent of the printed tail `P(|Z - p| >= u)`."""
    return u**2 / (4 * (degrees + u))


def exact_two_sided(n: int, *, lower_tail: bool = True) -> Expr:
    """`P(|Z - n| >= eps n)` in closed form, `n` in {1, 2, 4}, for `eps <= 1`; without the lower tail, for `eps >= 1`.

    Raises:
        ValueError: another `n`.
    """
    if n not in (1, 2, 4):
        raise ValueError(f"n must be 1, 2 or 4 (elementary tails), got {n}")

    def above(z: Expr) -> Expr:
        if n == 1:
            return erfc(sqrt(z / 2))
        return exp(-z / 2) * (1 if n == 2 else 1 + z / 2)

    def below(z: Expr) -> Expr:
        return erf(sqrt(z / 2)) if n == 1 else 1 - above(z)

    total = above(n * (1 + deviation))
    return total + below(n * (1 - deviation)) if lower_tail else total


def constant_by_davidson_szarek() -> Expr:
    """`3 sqrt(3)/4`, a value of the universal constant in prop-10 (then `8 C/3 = 2 sqrt(3)`)."""
    return 3 * sqrt(3) * Rational(1, 4)
