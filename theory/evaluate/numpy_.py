"""NumPy: double precision, vectorised by broadcasting.

Where a step overflows or underflows into a non-finite result although the inputs are finite, the affected points are
evaluated again by Arb (whose exponents are unbounded) and rounded, so scales up to 1e150 need no special formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.evaluate.arb import ArbBackend, precision
from theory.evaluate.program import Program, compile_expression

if TYPE_CHECKING:
    from sympy import Expr, Symbol

__all__ = ["NumpyBackend", "numpy_function"]

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


def _again(program: Program, point: Sequence[float]) -> float:
    from flint import arb

    with precision(160):
        ball = program.run(ArbBackend(), [arb(v) for v in point])
        return float(ball) if ball.is_finite() else float("nan")


@lru_cache(maxsize=256)
def numpy_function(expression: Expr, *symbols: Symbol) -> Callable[..., NDArray[np.float64]]:
    """Return `expression` as a function of arrays, one positional argument per symbol, broadcast together.

    The function returns float64; where the expression has no finite value (a pole, a negative square root) the
    result is what IEEE arithmetic gives, `inf` or `nan`, without a warning.

    Raises:
        UnsupportedExpression: see `compile_expression`.
    """
    program = compile_expression(expression, symbols)

    def function(*arguments: ArrayLike) -> NDArray[np.float64]:
        if len(arguments) != len(symbols):
            raise ValueError(f"expected {len(symbols)} arguments {[s.name for s in symbols]}, got {len(arguments)}")
        arrays = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in arguments))
        with np.errstate(all="ignore"):
            result = np.asarray(program.run(NumpyBackend(), arrays), dtype=np.float64)
        if arrays:
            result = np.array(np.broadcast_to(result, arrays[0].shape))
        lost = ~np.isfinite(result)
        if lost.any():
            finite = np.all([np.isfinite(a) for a in arrays], axis=0)
            for index in np.argwhere(lost & finite):
                at = tuple(index)
                value = _again(program, [float(a[at]) for a in arrays])
                if not np.isnan(value):
                    result[at] = value
        return result

    return function
