"""NumPy, plain: every step in double precision, vectorised by broadcasting, with whatever error that brings.

This is for searches, which need speed and check what they find; `theory.evaluate.adaptive` bounds its error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theory.evaluate.arb import precision

__all__ = ["NumpyBackend"]

_COMPARE = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
_STEPS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "mul": np.multiply,
    "div": np.divide,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
}
_SCIPY = {"gamma": "gamma", "loggamma": "gammaln", "erf": "erf", "erfc": "erfc", "hyp1f1": "hyp1f1"}


class NumpyBackend:
    """Steps on float64 arrays."""

    def constant(self, value: Fraction | str) -> Any:
        """The nearest double."""
        return np.pi if value == "pi" else float(Fraction(value))

    def apply(self, name: str, *args: Any) -> Any:
        """One vectorised step."""
        if name == "power":
            base, k = args
            return base * base if k == 2 else base**k
        if name == "hypu":
            return _hypu(*args)
        if name in _SCIPY:
            import scipy.special

            return getattr(scipy.special, _SCIPY[name])(*args)
        return _STEPS[name](*args)

    def compare(self, op: str, left: Any, right: Any) -> Any:
        """Elementwise truth."""
        return _COMPARE[op](left, right)

    def select(self, branches: Sequence[tuple[Any, Any]]) -> Any:
        """Elementwise first branch that applies."""
        tests = np.broadcast_arrays(*(np.asarray(truth) for truth, _ in branches))
        values = np.broadcast_arrays(*(np.asarray(value, dtype=float) for _, value in branches))
        shape = np.broadcast_shapes(tests[0].shape, values[0].shape)
        return np.select(
            [np.broadcast_to(t, shape) for t in tests], [np.broadcast_to(v, shape) for v in values], np.nan
        )


@np.vectorize
def _hypu(a: float, c: float, z: float) -> float:
    """Point by point through Arb: SciPy's `hyperu` loses all digits at large parameters."""
    from flint import arb

    with precision(160):
        ball = arb(z).hypgeom_u(arb(a), arb(c))
        return float(ball) if ball.is_finite() else float("nan")
