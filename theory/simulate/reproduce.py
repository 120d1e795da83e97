"""The paper's synthetic figures by simulation: settings as printed, theory and simulated curves, crossing times.

Three values of every crossing are kept apart: that of the SDE (what the theory is about), that of the exact law of the
Euler-Maruyama chain (what a simulation with so many steps estimates), and that of the simulated paths with an exact
chi-square confidence set.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from theory.bures import FloatArray
from theory.dimension import level
from theory.evaluate import numpy_function
from theory.noise import noise_of_time, time_of_noise
from theory.notation import X, sigma, sigma_hat
from theory.simulate.chain import GaussianChain, euler_chain, exact_chain, uniform_grid
from theory.simulate.estimators import frechet_diagonal, variance_interval
from theory.simulate.paths import Moments, Progress, second_moments
from theory.simulate.streams import checked_count, generator
from theory.simulate.training import training_set

__all__ = ["FIGURES", "Crossing", "Curves", "Reproduction", "Setting", "reproduce"]


@dataclass(frozen=True)
class Setting:
    """A synthetic figure of the paper as printed (OU)."""

    name: str
    variances: tuple[Fraction, ...]
    horizon: float
    #: crossing times printed for the exact score, by dimension
    printed: tuple[tuple[int, str], ...] = ()


_LEFT = tuple(Fraction(3, 5) ** k for k in range(7)) + (Fraction(1, 10**10),) * 2
_RIGHT = (Fraction(10), *(Fraction(1, 5),) * 3, Fraction(0), Fraction(0))
_TIMES = ((4, "1.124123"), (5, "1.704081"), (6, "1.854189"), (7, "1.920609"), (8, "2.000000"))
#: the figures with curves over dimension and stop
FIGURES = {"4-left": Setting("4-left", _LEFT, 2.0, _TIMES), "4-right": Setting("4-right", _RIGHT, 2.0)}


@dataclass(frozen=True)
class Crossing:
    """Backward time from which keeping coordinate `d` pays, `V_d <= 4 sigma_d^2`; None: at no stop of the grid."""

    dimension: int
    theory: float
    euler: float | None
    simulated: float | None
    #: confidence interval of the Euler chain's crossing; None: no crossing is compatible with the paths
    lower: float | None
    upper: float | None


@dataclass(frozen=True, eq=False)
class Curves:
    """Squared distances `(K+1, D)` of every dimension at every stop, for one score."""

    score: str
    estimated: FloatArray
    taus: FloatArray
    theory: FloatArray
    euler: FloatArray
    simulated: FloatArray
    errors: FloatArray
    crossings: tuple[Crossing, ...]

    def best(self, kind: str) -> tuple[int, float, float]:
        """Dimension, backward time and squared distance of the smallest of `"theory"`, `"euler"` or `"simulated"`."""
        values: FloatArray = getattr(self, kind)
        # rounding must not choose between dimensions that tie
        k, d = np.argwhere(values <= values.min() + 1e-12 * values.max())[0]
        return int(d) + 1, float(self.taus[0] - self.taus[k]), float(values[k, d])


@dataclass(frozen=True, eq=False)
class Reproduction:
    """One figure: exact and plug-in score on the same normals."""

    setting: Setting
    paths: int
    steps: int
    points: int
    seed: int
    confidence: float
    curves: tuple[Curves, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data: settings, curves, crossings, best dimension and stop."""
        return {
            "figure": self.setting.name,
            "variances": [str(v) for v in self.setting.variances],
            "horizon": self.setting.horizon,
            "paths": self.paths,
            "steps": self.steps,
            "training_points": self.points,
            "seed": self.seed,
            "confidence": self.confidence,
            "scores": [
                {
                    "score": c.score,
                    "score_variances": c.estimated.tolist(),
                    "tau": c.taus.tolist(),
                    "frechet_squared": {k: getattr(c, k).tolist() for k in ("theory", "euler", "simulated")},
                    "standard_error": c.errors.tolist(),
                    "crossings": [asdict(x) for x in c.crossings],
                    "best": {
                        k: dict(zip(("dimension", "t", "frechet_squared"), c.best(k), strict=True))
                        for k in ("theory", "euler", "simulated")
                    },
                }
                for c in self.curves
            ],
        }


def _distances(variances: FloatArray, s2: FloatArray) -> FloatArray:
    """`F(d)` for `d = 1..D` (last axis) from the variances `V` of all coordinates."""
    kept = np.cumsum((np.sqrt(variances) - np.sqrt(s2)) ** 2, axis=-1)
    # summed from the end: what the last dimensions drop may be ten orders below the first
    return np.asarray(kept + np.append(np.cumsum(s2[:0:-1])[::-1], 0.0))


def _pays_from(times: FloatArray, excess: FloatArray) -> float | None:
    """First backward time from which `excess <= 0` at every later stop, interpolated; None if not at the last one."""
    above = np.flatnonzero(excess > 0)
    if above.size == 0:
        return float(times[0])
    k = int(above[-1])
    if k == len(times) - 1:
        return None
    share = excess[k] / (excess[k] - excess[k + 1])
    return float(times[k] + share * (times[k + 1] - times[k]))


def _interval(times: FloatArray, may_pay: Any, may_not: Any) -> tuple[float | None, float | None]:
    """Confidence interval of the crossing, of at least the level of the variances' intervals.

    Let the crossing lie between grid times `k` and `k + 1`. It is missed only where the interval of `V` is below the
    truth at `k` or above it at `k + 1`, and each tail has half the error rate.
    """
    if not may_pay.any():
        return None, None
    first = max(int(np.argmax(may_pay)) - 1, 0)
    last = int(np.flatnonzero(may_not)[-1]) + 1 if may_not.any() else 0
    return float(times[first]), float(times[min(last, len(times) - 1)])


def _crossings(
    setting: Setting, s2: FloatArray, estimated: FloatArray, chain: GaussianChain, moments: Moments, confidence: float
) -> tuple[Crossing, ...]:
    noise = float(noise_of_time(setting.horizon))
    levels = numpy_function(level(), X, sigma, sigma_hat)(noise, np.sqrt(s2), np.sqrt(estimated))
    stops = np.where(levels >= noise, setting.horizon, time_of_noise(np.minimum(levels, noise)))
    times, law = setting.horizon - chain.taus, chain.variances()
    low, high = variance_interval(moments.second, moments.paths, confidence)
    found: list[Crossing] = []
    for j in range(1, len(s2)):
        bar = 4 * s2[j]
        early, late = _interval(times, low[:, j] <= bar, high[:, j] > bar)
        found.append(
            Crossing(
                j + 1,
                float(setting.horizon - stops[j]),
                _pays_from(times, law[:, j] - bar),
                _pays_from(times, moments.second[:, j] - bar),
                early,
                late,
            )
        )
    return tuple(found)


def reproduce(
    name: str,
    *,
    paths: int = 10_000,
    seed: int = 0,
    steps: int = 1000,
    points: int = 1000,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> Reproduction:
    """Simulate figure `name` ("4-left", "4-right"): Euler-Maruyama from p_T, exact and plug-in score.

    The plug-in variances are those of `points` training points; both scores use the same normals.

    Raises:
        ValueError: an unknown figure, or a count, seed or confidence out of range.
    """
    if name not in FIGURES:
        raise ValueError(f"no figure {name!r} with curves; there are {', '.join(FIGURES)}")
    setting = FIGURES[name]
    checked_count(steps, "steps", 2)
    s2 = np.array([float(v) for v in setting.variances])
    samples = training_set(generator(seed, "training"), s2, points)
    grid = uniform_grid(setting.horizon, steps)
    curves = []
    for score, estimated in (("exact", s2), ("plug-in", np.mean(samples**2, axis=0))):
        label = None if progress is None else partial(_relabel, progress, f"figure {name}, {score} score")
        chain = euler_chain(grid, estimated)
        moments = second_moments(chain, paths, seed, progress=label)
        estimates = [frechet_diagonal(moments, s2, d, confidence=confidence) for d in range(1, len(s2) + 1)]
        curves.append(
            Curves(
                score,
                estimated,
                grid,
                _distances(exact_chain(grid, estimated).variances(), s2),
                _distances(chain.variances(), s2),
                np.array([[e.value for e in column] for column in estimates]).T,
                np.array([[e.standard_error for e in column] for column in estimates]).T,
                _crossings(setting, s2, estimated, chain, moments, confidence),
            )
        )
    return Reproduction(setting, paths, steps, points, seed, confidence, tuple(curves))


def _relabel(progress: Progress, label: str, _: str, done: int, total: int) -> None:
    progress(label, done, total)
