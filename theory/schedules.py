"""Noise schedules: the coefficients of `X_tau = b_tau X_0 + a_tau eps`, their inverse, the log-SNR.

A variance-preserving schedule is fixed by its integrated rate `W(tau) = int_0^tau w_s^2 ds`; everything else
follows from the forward SDE [1]: `b = e^{-W}`, `a^2 = 1 - e^{-2W}`. Ornstein-Uhlenbeck is `W(tau) = tau`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Function, Integer, exp, log, sqrt

from theory.notation import tau, x

__all__ = [
    "GENERAL",
    "OU",
    "RECTIFIED_FLOW",
    "VARIANCE_EXPLODING",
    "Interpolation",
    "VariancePreserving",
    "linear_rate",
]


@dataclass(frozen=True)
class VariancePreserving:
    """A variance-preserving schedule in forward time `tau`.

    `integrated_rate` is `W(tau)`, with `W(0) = 0` and `W` strictly increasing (the rate `w` may not vanish on
    an interval: otherwise the inverse of `tau -> a_tau^2`, used in [8], does not exist).
    """

    name: str
    integrated_rate: Expr
    #: `W^{-1}(y)` as an expression in `theory.notation.x`, standing for `y`; None where no closed form exists
    inverse_rate: Expr | None = None

    @property
    def rate_squared(self) -> Expr:
        """The squared noise rate `w_tau^2 = W'(tau)`."""
        return self.integrated_rate.diff(tau)

    @property
    def signal(self) -> Expr:
        """`b_tau = e^{-W}`, the factor left of the data."""
        return exp(-self.integrated_rate)

    @property
    def noise_level(self) -> Expr:
        """`x = a_tau^2 = 1 - e^{-2W}`, the variance of the noise."""
        return 1 - exp(-2 * self.integrated_rate)

    @property
    def log_snr(self) -> Expr:
        """`lambda = log(b^2 / a^2)`, the log signal-to-noise ratio, as a function of `tau`."""
        return log(exp(-2 * self.integrated_rate) / self.noise_level)

    @property
    def time_of_noise(self) -> Expr:
        """The forward time at which the noise level is `x`: the inverse `abar^-2` of [8] inside `[0, a_T^2]`.

        Raises:
            ValueError: the schedule has no closed-form inverse.
        """
        if self.inverse_rate is None:
            raise ValueError(f"schedule {self.name!r} has no closed-form inverse; invert noise_level numerically")
        return self.inverse_rate.subs(x, -log(1 - x) / 2)


@dataclass(frozen=True)
class Interpolation:
    """Any schedule `X_tau = b_tau X_0 + a_tau eps`, given by its two coefficients in forward time `tau`."""

    name: str
    signal: Expr
    noise: Expr

    def variance(self, variance: Expr) -> Expr:
        """Return `b_tau^2 variance + a_tau^2`; the exact sampler stopped at `tau` has this variance."""
        return self.signal**2 * variance + self.noise**2


#: Rectified flow, `b = 1 - tau`, `a = tau`, `0 <= tau <= 1` (the schedule of the paper's image experiments).
RECTIFIED_FLOW = Interpolation("rectified flow", 1 - tau, tau)

#: Variance exploding, in the clock `tau = a_tau^2`.
VARIANCE_EXPLODING = Interpolation("variance exploding", Integer(1), sqrt(tau))

#: The Ornstein-Uhlenbeck process, `w = 1`.
OU = VariancePreserving("OU", tau, x)

#: Any variance-preserving schedule: `W` is left as an unknown function.
GENERAL = VariancePreserving("general VP", Function("W", nonnegative=True)(tau))


def linear_rate(first: Expr, slope: Expr) -> VariancePreserving:
    """Return the schedule with rate `w_tau^2 = first + slope tau`, `first > 0`, `slope > 0` (exact numbers)."""
    root = (sqrt(first**2 + 2 * slope * x) - first) / slope
    return VariancePreserving("linear VP", first * tau + slope * tau**2 / 2, root)
