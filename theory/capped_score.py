"""Norm-capped score matching and the variance it generates (Section 3): [9], prop-4, prop-5, [14]-[21].

The learnt score of a coordinate is `-m x`, `m(tau) = min(C, 1/(a^2 + b^2 sigma_hat^2))`, `C > 1`, noise OU.
In `y = e^{-2 tau}` and `c = 1 - sigma_hat^2` the uncapped weight is `1/(1 - c y)`, at `tau = 0` it is
`1/sigma_hat^2`: it exceeds the cap iff `C sigma_hat^2 < 1`, and then for the forward times `tau < tau_star`.
Started at `N(0, 1)` at `tau = T` (`y = q = e^{-2T}`) the sampler is in one of three regimes:

* never capped: `C sigma_hat^2 >= 1` (in particular every `sigma_hat >= 1`);
* capped from the switch on: `C sigma_hat^2 < 1` and `T >= tau_star`;
* capped throughout: `C sigma_hat^2 < 1` and `T < tau_star`. The paper's `t'` does not exist here. Its
  formulas for `V(T)` extend to this regime with `t' = 0`; only the equation `C = m(T - t')` is lost.

As in `theory.process` no ODE solver is called: a phase states its closed form, and `residual` and `start_gap`
say by how much it misses the equation and its start. Both are rational but for one power `(first/y)^{2C-1}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Ge, Integer, Le, Max, Piecewise, Symbol, false, log, nan, sqrt, true

from theory.notation import cap, q, sigma, sigma_hat
from theory.process import LinearSDE, backward
from theory.schedules import OU

__all__ = [
    "FROM_SWITCH",
    "NEVER",
    "REGIMES",
    "THROUGHOUT",
    "Phase",
    "Regime",
    "cap_excess",
    "capped_sde",
    "generated_variance_capped",
    "increment_capped",
    "lower_dimension",
    "plateau",
    "score_risk",
    "score_risk_slope",
    "score_weight",
    "shortest_horizon",
    "switch_level",
    "switch_time",
    "uncapped_weight",
    "upper_dimension",
    "y",
]

#: `e^{-2 tau}`: `q` at the start of the sampler, 1 at the data
y = Symbol("y", positive=True)
#: `C - 1 > 0`, so that signs such as that of `2C - 1` are visible: substitute `cap = 1 + cap_excess`
cap_excess = Symbol("C'", positive=True)


def uncapped_weight() -> Expr:
    """`1 / (a^2 + b^2 sigma_hat^2) = 1 / (1 - c y)`, the minimiser of the unconstrained risk."""
    return 1 / (1 - (1 - sigma_hat**2) * y)


def score_weight() -> Expr:
    """`min(C, 1 / (1 - c y))` (prop-4), by cases so that `1 - c y = 0` divides nothing."""
    return Piecewise((uncapped_weight(), Ge(cap * (1 - (1 - sigma_hat**2) * y), 1)), (cap, True))


def score_risk(m: Expr) -> Expr:
    """One coordinate of the risk [9] at one time: `m^2 (1 - c y) - 2 m + 1/a^2`, with `a^2 = 1 - y`."""
    return m**2 / uncapped_weight() - 2 * m + 1 / (1 - y)


def score_risk_slope(m: Expr) -> Expr:
    """`r'(m) = 2 (m (a^2 + b^2 sigma_hat^2) - 1)`, printed in the proof of prop-4."""
    return 2 * (m / uncapped_weight() - 1)


def switch_level() -> Expr:
    """`e^{-2 tau_star} = (C - 1) / (C c)`: where the uncapped weight equals `C`, for `C sigma_hat^2 < 1`."""
    return (cap - 1) / (cap * (1 - sigma_hat**2))


def switch_time() -> Expr:
    """`tau_star = log(C c / (C - 1)) / 2 > 0`: capped at earlier forward times; `t' = T - tau_star`."""
    return log(1 / switch_level()) / 2


def plateau() -> Expr:
    """`1 / (2C - 1)`: the rest point of [14] under the cap, a lower bound of the variance in every regime."""
    return 1 / (2 * cap - 1)


def _uncapped_variance() -> Expr:
    """Return the solution of [14] from `V(q) = 1` with the uncapped weight; at `y = 1` it is [21]."""
    c = 1 - sigma_hat**2
    return (1 - c * y) * (1 - 2 * c * q + c * q**2 / y) / (1 - c * q) ** 2


def _variance_at_switch() -> Expr:
    """Return the same at the switch, where `1 - c y = 1/C`; it is at least `1/C`, so above the plateau."""
    c = 1 - sigma_hat**2
    return (1 - 2 * c * q + c**2 * q**2 * cap / (cap - 1)) / (cap * (1 - c * q) ** 2)


def _relaxed_variance(ratio: Expr, start: Expr) -> Expr:
    """Return the solution of [14] with `m = C` from `start` at `y = first`, where `ratio = first / y`."""
    return plateau() + (start - plateau()) * ratio ** (2 * cap - 1)


@dataclass(frozen=True)
class Phase:
    """A stretch of the sampler on which the weight is one expression, from `y = first`, `V = start` on."""

    name: str
    weight: Expr
    first: Expr
    start: Expr
    #: the generated variance as an expression in `y`
    variance: Expr

    def residual(self, variance: Expr | None = None) -> Expr:
        """`y dV/dy - ((1 - 2m) V + 1)`, half of [14] as `d/dt = 2y d/dy`: zero iff `variance` solves it.

        `variance` is an expression in `y`; the phase's own closed form if not given.
        """
        v = self.variance if variance is None else variance
        return y * v.diff(y) - ((1 - 2 * self.weight) * v + 1)

    def start_gap(self, variance: Expr | None = None) -> Expr:
        """`V(first) - start`: zero iff the phase starts where the previous one ended (or at `N(0, 1)`)."""
        return (self.variance if variance is None else variance).subs(y, self.first) - self.start


@dataclass(frozen=True)
class Regime:
    """A regime of the cap: its phases in the order in which the sampler passes them, and when it applies."""

    name: str
    condition: str
    phases: tuple[Phase, ...]

    @property
    def final(self) -> Expr:
        """`V(T)`, without early stopping (`y = 1`)."""
        return self.phases[-1].variance.subs(y, 1)


_FREE = Phase("uncapped", uncapped_weight(), q, Integer(1), _uncapped_variance())
_AFTER_SWITCH = _relaxed_variance(switch_level() / y, _variance_at_switch())

NEVER = Regime("never capped", "C sigma_hat^2 >= 1", (_FREE,))
FROM_SWITCH = Regime(
    "capped from the switch on",
    "C sigma_hat^2 < 1 and T >= tau_star",
    (_FREE, Phase("capped", cap, switch_level(), _variance_at_switch(), _AFTER_SWITCH)),
)
THROUGHOUT = Regime(
    "capped throughout",
    "C sigma_hat^2 < 1 and T < tau_star",
    (Phase("capped", cap, q, Integer(1), _relaxed_variance(q / y, Integer(1))),),
)
REGIMES = (NEVER, FROM_SWITCH, THROUGHOUT)


def generated_variance_capped() -> Expr:
    """The variance at the stop `y = e^{-2 tau}`, `q <= y <= 1`, in every regime, `C > 1`, `sigma_hat >= 0`.

    Where the weight can meet the cap it falls as forward time grows, so it is enough to compare it with `C`
    at the stop and at the start. Every branch has a value everywhere (an evaluator may compute them all): the
    `Max` changes nothing where its branch is the one chosen.
    """
    c = 1 - sigma_hat**2
    after_switch = _relaxed_variance((cap - 1) / Max(cap * c * y, cap - 1), _variance_at_switch())
    return Piecewise(
        (NEVER.phases[0].variance, Ge(cap * (1 - c * y), 1)),
        (THROUGHOUT.phases[0].variance, Le(cap * (1 - c * q), 1)),
        (after_switch, True),
    )


def capped_sde(weight: Expr) -> LinearSDE:
    """The backward SDE behind [14], `dX = (1 - 2m) X dt + sqrt(2) dW` from `N(0, 1)`; `weight` in `tau`."""
    return backward(OU, 1 / weight, Integer(1))


def increment_capped(variance: Expr) -> Expr:
    """`F(d) - F(d-1) = V - 2 sigma sqrt(V)`; where `V > 0` its sign is that of `V - 4 sigma^2`."""
    return variance - 2 * sigma * sqrt(variance)


def shortest_horizon(eps: Expr) -> Expr:
    """`log(1/2 + 1/sqrt(3 - eps)) / 2`: the smallest `T` for which [15] holds for every uncapped coordinate.

    That is, for every `sigma > 0` and `sigma_hat^2 <= (1 + eps) sigma^2`, `0 <= eps <= 1`.

    Raises:
        ValueError: `eps` is not a number in [0, 1].
    """
    if not (_at_most(Integer(0), eps, "eps") and _at_most(eps, Integer(1), "eps")):
        raise ValueError(f"eps must lie in [0, 1], got {eps}")
    return log(1 / Integer(2) + 1 / sqrt(3 - eps)) / 2


def _at_most(low: Expr, high: Expr, name: str) -> bool:
    """Decide `low <= high` exactly; a comparison that SymPy leaves open must not count as either answer."""
    if nan not in (low, high) and low.is_extended_real and high.is_extended_real:
        relation = Le(low, high)
        if relation is true or relation is false:
            return bool(relation is true)
    raise ValueError(f"{name} must be exact real numbers that can be compared, got {low} and {high}")


def _check_cap(C: Expr) -> None:
    if _at_most(C, Integer(1), "C"):
        raise ValueError(f"C must be greater than 1, got {C}")


def _check_variances(name: str, variances: Sequence[Expr]) -> None:
    if not variances:
        raise ValueError(f"{name} must hold at least one variance, got none")
    for before, after in zip(variances, [*variances[1:], Integer(0)], strict=True):
        if not _at_most(after, before, name):
            raise ValueError(f"{name} must be non-negative and non-increasing, got {after} after {before}")


def lower_dimension(estimated: Sequence[Expr], C: Expr) -> int:
    """`d1 = max{d' : 1/C <= sigma_hat_d'^2}`, 1 if the set is empty (prop-5).

    `estimated` holds the exact `sigma_hat_j^2`, non-increasing; `C > 1` may be `oo`, with `1/oo = 0`.

    Raises:
        ValueError: `C <= 1`, or `estimated` is empty, negative, increasing or not comparable.
    """
    _check_cap(C)
    _check_variances("estimated", estimated)
    return max((j for j, h in enumerate(estimated, 1) if _at_most(1 / C, h, "estimated")), default=1)


def upper_dimension(true_variances: Sequence[Expr], C: Expr) -> int:
    """`d2 = min{d' : 1/(2C-1) >= 4 sigma_d'^2}`, `D` if the set is empty (prop-5).

    `true_variances` holds the exact `sigma_j^2`, non-increasing; `C > 1` may be `oo`.

    Raises:
        ValueError: `C <= 1`, or `true_variances` is empty, negative, increasing or not comparable.
    """
    _check_cap(C)
    _check_variances("true_variances", true_variances)
    hits = (j for j, s in enumerate(true_variances, 1) if _at_most(4 * s, 1 / (2 * C - 1), "true_variances"))
    return min(hits, default=len(true_variances))
