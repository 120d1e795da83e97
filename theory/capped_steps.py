"""The steps of Section 3 between [9] and [21], in closed form.

Written in `y = e^{-2(T-s)}` (so that `d/ds = 2 y d/dy`), `c = 1 - sigma_hat^2`, `p = e^{-2(T-t')}` and the fading
factor `E = e^{(2-4C)(T-t')} = p^{2C-1}`, which is a constant of the time integrals and therefore a symbol of its own.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Integer, Max, Symbol, exp, log, sqrt

from theory.capped_score import generated_variance_capped, plateau, y
from theory.frechet import dropped, on_coordinate
from theory.notation import T, cap, q, sigma, sigma_hat

__all__ = [
    "E",
    "bound",
    "corollary_start_level",
    "cutoff",
    "distance_squared_capped",
    "elapsed",
    "eps",
    "final_variance",
    "homogeneous",
    "inhomogeneous",
    "integral_after_switch",
    "integral_before_switch",
    "inverse_noise_integral",
    "largest_start_level",
    "p",
    "printed_bound_step",
    "printed_fraction",
    "printed_sum",
    "propagator_after_switch",
    "propagator_before_switch",
    "uncapped_keeps",
    "weight_integral",
    "worst_estimate",
]

#: `e^{-2(T-t')}`
p = Symbol("p", positive=True)
#: `e^{(2-4C)(T-t')}`, and in general a power `base^{2C-1}` of a number in (0, 1]
E = Symbol("E", positive=True)
#: size of the event `|sigma^2 - sigma_hat^2| <= eps sigma^2`
eps = Symbol("eps", nonnegative=True)
#: any real number that an integral is compared with
bound = Symbol("B", positive=True)

_c = 1 - sigma_hat**2


def inverse_noise_integral(start: Expr, end: Expr) -> Expr:
    """`int_start^end dtau / a_tau^2`, `a_tau^2 = 1 - e^{-2 tau}`, for `0 < start <= end`."""
    return log((exp(2 * end) - 1) / (exp(2 * start) - 1)) / 2


def cutoff() -> Expr:
    """The `delta > 0` from which on the integral of `1/a^2` up to `T` is `B + 1`."""
    return log(1 + (exp(2 * T) - 1) * exp(-2 * (bound + 1))) / 2


def elapsed() -> Expr:
    """A time after which the integral of the squared weight is above `B`: `(B + 1) max(1, sigma_hat^4)`."""
    return (bound + 1) * Max(1, sigma_hat**4)


def weight_integral(forward: Expr) -> Expr:
    """`int m = tau + log(1 - c e^{-2 tau}) / 2`, used for [18]; `forward` is `tau`."""
    return forward + log(1 - _c * exp(-2 * forward)) / 2


def propagator_before_switch() -> Expr:
    """[18] for `s <= t'`: `e^{2(T-s)} e^{-4C(T-t')} e^{-4(t'-s)} ((1 - c p)/(1 - c y))^2`."""
    return (E * p / y) * (y / p) ** 2 * ((1 - _c * p) / (1 - _c * y)) ** 2


def propagator_after_switch() -> Expr:
    """[18] for `s >= t'`: `e^{2(T-s)} e^{-4C(T-s)}`."""
    return y ** (2 * cap) / y


def homogeneous() -> Expr:
    """[19]: `q e^{-4(C-1)(T-t')} ((1 - c p)/(1 - c q))^2`."""
    return q * (E / p) * ((1 - _c * p) / (1 - _c * q)) ** 2


def inhomogeneous() -> Expr:
    """[20]: `(1 - E)/(2C-1) + (1 - c p) e^{-4(C-1)(T-t')} (p - q)/(1 - c q)`."""
    return (1 - E) / (2 * cap - 1) + (1 - _c * p) * (E / p) * (p - q) / (1 - _c * q)


def integral_before_switch() -> Expr:
    """An antiderivative in `s` of twice [18] for `s <= t'`."""
    return (E / p) * (1 - _c * p) ** 2 * y / (1 - _c * y)


def integral_after_switch() -> Expr:
    """An antiderivative in `s` of twice [18] for `s >= t'`."""
    return propagator_after_switch() / (2 * cap - 1)


def printed_sum(switch: Expr, fading: Expr) -> Expr:
    """The printed `V(T)` for `switch = e^{-2(T-t')}` and `fading = e^{(2-4C)(T-t')}`."""
    tail = (1 - _c * switch) / (1 - _c * q) * (1 - 2 * _c * q + _c * q**2 / switch) / (1 - _c * q)
    return (1 - fading) / (2 * cap - 1) + fading * tail


def printed_bound_step(switch: Expr, fading: Expr) -> Expr:
    """The printed rewriting of it for [16], where `1 - c e^{-2(T-t')}` has been replaced by `1/C`."""
    inner = (1 - 2 * _c * q + _c * q**2 / switch) / (cap * (1 - _c * q) ** 2)
    return plateau() + fading * (inner - plateau())


def printed_fraction() -> Expr:
    """The fraction in [21]: `V(T) / sigma_hat^2` where the cap never acts."""
    return (1 - 2 * _c * q + _c * q**2) / (1 - 2 * _c * q + _c**2 * q**2)


def uncapped_keeps() -> Expr:
    """`(4 sigma^2 - sigma_hat^2)(1 - c q)^2 - c sigma_hat^4 q^2`: `>= 0` exactly if [15] holds, uncapped."""
    return (4 * sigma**2 - sigma_hat**2) * (1 - _c * q) ** 2 - _c * sigma_hat**4 * q**2


def largest_start_level(accuracy: Expr) -> Expr:
    """`q_0 = 2/(1 + 2/sqrt(3 - eps))`, `0 <= eps <= 1`: [15] needs `q <= q_0`, that is `T >= shortest_horizon(eps)`."""
    return 2 / (1 + 2 / sqrt(3 - accuracy))


def worst_estimate(accuracy: Expr) -> Expr:
    """The `sigma_hat^2` that needs the horizon `shortest_horizon(eps)`: `1/2 - sqrt(3 - eps)/4`."""
    return Integer(1) / 2 - sqrt(3 - accuracy) / 4


def corollary_start_level() -> Expr:
    """`q <= 512/(509 + sqrt(4581/5))` is enough for corollary-1 on the event `eps = 1/2`, `lambda >= 16`."""
    return 512 / (509 + sqrt(Integer(4581) / 5))


def final_variance() -> Expr:
    """`V(T)` without early stopping, in every regime of the cap."""
    return generated_variance_capped().subs(y, 1)


def distance_squared_capped(D: int, d: int) -> Expr:
    """`F(d) = sum_{j<=d} (sqrt(V_j(T)) - sigma_j)^2 + sum_{j>d} sigma_j^2` (prop-5), `0 <= d <= D`.

    Raises:
        ValueError: `d` is not in `[0, D]`.
    """
    if not 0 <= d <= D:
        raise ValueError(f"d must lie in [0, D] = [0, {D}], got {d}")
    terms = [_kept(j) if j <= d else on_coordinate(dropped(), j) for j in range(1, D + 1)]
    return sum(terms, Integer(0))


@cache
def _kept(j: int) -> Expr:
    """Return the term of the kept coordinate `j` (substituting in its case distinction is slow)."""
    return on_coordinate((sqrt(final_variance()) - sigma) ** 2, j)
