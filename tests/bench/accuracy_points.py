"""Where the accuracy of each function is measured: the whole range, its corners, and where its terms cancel.

Everything is drawn from one seeded generator; a set of `count` points is a tuple of columns, one per argument.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["POINTS"]

Column = NDArray[np.float64]
Columns = tuple[Column, ...]
_ULP = 2.0**-52


def _spread(rng: np.random.Generator, count: int, low: float, high: float) -> Column:
    return 10.0 ** rng.uniform(low, high, count)


def _signs(rng: np.random.Generator, count: int) -> Column:
    return rng.choice([-1.0, 1.0], count)


def _near(rng: np.random.Generator, values: Column) -> Column:
    """`values (1 + eps)`, `eps` from a few ulp (0 included) to 0.1, either side."""
    count = len(values)
    ulps = rng.integers(-4, 5, count) * _ULP
    return values * (1 + np.where(rng.random(count) < 0.3, ulps, _signs(rng, count) * _spread(rng, count, -16, -1)))


def _levels(rng: np.random.Generator, count: int) -> Column:
    kind = rng.integers(0, 5, count)
    tiny, ends = _spread(rng, count, -300, 0), rng.choice([0.0, 1.0, 5e-324, 1 - _ULP / 2, 2.0**-1022], count)
    usual, late, small = rng.random(count), 1 - _spread(rng, count, -17, 0), _spread(rng, count, -20, 0)
    return np.choose(kind, [usual, tiny, late, ends, small])


def _variances(rng: np.random.Generator, count: int) -> Column:
    kind = rng.integers(0, 8, count)
    corners = rng.choice([1e-300, 1e300, 1.0, 1 - _ULP / 2, 1 + _ULP, 0.25, 4.0, 5e-301, 0.0], count)
    near_one = _near(rng, np.ones(count))
    wide, usual = _spread(rng, count, -300, 300), _spread(rng, count, -6, 2)
    return np.choose(kind, [wide, wide, wide, usual, usual, rng.random(count) * 4, near_one, corners])


def _coordinate(rng: np.random.Generator, count: int) -> Columns:
    """`sigma2`, `sigma_hat2` and a level: independent, nearly equal, `v` near `sigma^2` or `4 sigma^2`."""
    true, hat, level = _variances(rng, count), _variances(rng, count), _levels(rng, count)
    kind = rng.integers(0, 5, count)
    hat = np.where(kind == 1, _near(rng, true), hat)
    v = level + (1 - level) * hat
    true = np.where((kind == 2) & (v > 0), _near(rng, v), np.where((kind == 3) & (v > 0), _near(rng, v / 4), true))
    with np.errstate(all="ignore"):
        target = rng.choice([1.0, 4.0], count) * true
        root = _near(rng, (target - hat) / (1 - hat))
    level = np.where((kind == 4) & (root > 0) & (root < 1), root, level)
    return np.clip(true, 0, 1e300), np.clip(hat, 0, 1e300), level


def _times(rng: np.random.Generator, count: int) -> Column:
    kind = rng.integers(0, 4, count)
    ends = rng.choice([1e-300, 700.0, 350.0, 1.0, 5e-17], count)
    wide, usual, small = _spread(rng, count, -300, 2.845), rng.random(count) * 4, _spread(rng, count, -20, 2.84)
    return np.choose(kind, [wide, usual, small, ends])


def _forward(rng: np.random.Generator, count: int) -> Columns:
    return (np.where(rng.random(count) < 0.1, _near(rng, np.full(count, np.log(2) / 2)), _times(rng, count)),)


def _capped(rng: np.random.Generator, count: int) -> Columns:
    """`sigma_hat2`, `C`, `T`, `tau`: with `C` near its ends, at `C sigma_hat2 = 1`, and times near the switch."""
    hat, horizon = _variances(rng, count), _times(rng, count)
    excess = np.where(rng.random(count) < 0.5, _spread(rng, count, -15.6, 300), _spread(rng, count, -3, 4))
    cap = 1 + excess
    kind = rng.integers(0, 6, count)
    with np.errstate(all="ignore"):
        cap = np.where((kind == 1) & (hat < 0.9) & (hat > 0), _near(rng, 1 / hat), cap)
        cap = np.where(kind == 2, _near(rng, 1 / (2 * horizon)), cap)
        cap = np.where((cap > 1) & (cap < 1e300), cap, 1 + _ULP)
        hat = np.where(kind >= 4, rng.random(count) / cap, hat)
        switch = 0.5 * np.log1p((1 - cap * hat) / (cap - 1))
        horizon = np.where((kind == 4) & (switch > 0), np.clip(_near(rng, switch), 1e-300, 700), horizon)
        time = horizon * rng.choice([0.0, 1.0, 0.5], count)
        drawn = rng.random(count)
        time = np.where(drawn < 0.3, horizon * _spread(rng, count, -20, 0), time)
        time = np.where((drawn > 0.7) & (switch < horizon) & (switch > 0), _near(rng, switch), time)
        time = np.where((drawn > 0.5) & (drawn < 0.6), _near(rng, horizon), time)
    return hat, cap, horizon, np.clip(time, 0, horizon)


def _switch(rng: np.random.Generator, count: int) -> Columns:
    hat, cap, *_ = _capped(rng, count)
    with np.errstate(over="ignore"):
        return np.where(cap * hat < 1, hat, 0.5 / cap), cap


def _tail(top: float) -> Callable[[np.random.Generator, int], Columns]:
    def draw(rng: np.random.Generator, count: int) -> Columns:
        kind = rng.integers(0, 4, count)
        wide, usual = _spread(rng, count, -300, min(top, 300)), rng.random(count) * 3
        if top <= 0:
            usual = 1 - _spread(rng, count, -16, 0)
        r = np.choose(kind, [wide, usual, _spread(rng, count, -20, min(top, 4)), _spread(rng, count, -2, 0)])
        whole = np.floor(_spread(rng, count, 0.31, 9))
        return r, np.where(rng.random(count) < 0.5, whole, _spread(rng, count, -300, 300))

    return draw


def _one(draw: Callable[[np.random.Generator, int], Column]) -> Callable[[np.random.Generator, int], Columns]:
    return lambda rng, count: (draw(rng, count),)


def _half_levels(rng: np.random.Generator, count: int) -> Column:
    return np.where(rng.random(count) < 0.3, _near(rng, np.full(count, 0.5)), _levels(rng, count))


def _pairs(rng: np.random.Generator, count: int) -> Columns:
    true, hat, _ = _coordinate(rng, count)
    return true, np.where(rng.random(count) < 0.2, np.clip(_near(rng, 4 * true), 0, 1e300), hat)


def _finite_thresholds(rng: np.random.Generator, count: int) -> Columns:
    true, hat = _pairs(rng, count)
    # from 1 on the threshold is infinite, which is a matter of cases and not of accuracy
    with np.errstate(all="ignore"):
        return true, np.where(hat == 1, 1 - _ULP, np.where(hat > 1, 1 / hat, hat))


def _clipped(rng: np.random.Generator, count: int) -> Columns:
    return *_pairs(rng, count), _levels(rng, count)


def _threshold_times(rng: np.random.Generator, count: int) -> Columns:
    true, hat = _pairs(rng, count)
    horizon = np.maximum(_times(rng, count), 1e-300)
    with np.errstate(all="ignore"):
        found = -0.5 * np.log((1 - 4 * true) / (1 - hat))
    near = (rng.random(count) < 0.5) & (found > 0) & (found < 700)
    return true, hat, np.where(near, _near(rng, found), horizon)


#: function -> how to draw its arguments
POINTS: dict[str, Callable[[np.random.Generator, int], Columns]] = {
    "generated_variances": lambda rng, count: _coordinate(rng, count)[:0:-1],
    "kept_term": _coordinate,
    "slope": _coordinate,
    "curvature": _coordinate,
    "increment": _coordinate,
    "criterion_term": _pairs,
    "threshold": _finite_thresholds,
    "clipped_level": _clipped,
    "ideal_level": _clipped,
    "threshold_time": _threshold_times,
    "capped_variance": _capped,
    "capped_switch_time": _switch,
    "noise_of_time": _forward,
    "time_of_noise": _one(_levels),
    "log_snr_of_noise": _one(_half_levels),
    "log_snr_of_time": _forward,
    "chernoff_upper_exponent": _tail(300),
    "chernoff_lower_exponent": _tail(0),
    "printed_exponent": _tail(150),
    "printed_exponent_absolute": _tail(150),
}
