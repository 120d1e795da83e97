"""NumPy functions accurate to the last digits: float64 where its error bound is small, more precision elsewhere.

Each point climbs until a bound is small enough (Shewchuk's adaptive precision, as a filter on whole arrays):

0. float64 with a running error bound, on each equivalent form of the expression in turn (`theory.evaluate.forms`);
1. double-double with its own bound, on the same forms;
2. Arb balls at 128, 512, ... 16384 bits, until the ball is narrow or closer to zero than half the least double.

Blocks fit the cache, and a block runs without looking for underflow unless the processor's flags report some.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import UnevaluatedExpr

from theory.evaluate import kernels
from theory.evaluate.arb import BallFunction, precision
from theory.evaluate.forms import equivalent_forms
from theory.evaluate.numpy_ import NumpyBackend
from theory.evaluate.program import Program, compile_expression, twice
from theory.evaluate.running import run

if TYPE_CHECKING:
    from sympy import Expr, Symbol

__all__ = ["AdaptiveFunction", "numpy_function"]

FloatArray = NDArray[np.float64]

#: points in float64 at a time, which fit the second cache, and in balls, which are objects
_BLOCK, _BALLS = 1 << 14, 1 << 12
#: bounds accepted in float64: this many units of 2^-53, or this often the bound that holds without cancellation
_UNITS, _SLACK = 8.0, 1.5
#: bound accepted in double-double, in units of 2^-53, before the result is rounded
_ROUNDED = 0.5
_PRECISIONS = (128, 512, 2048, 8192, 16384)
#: bits of a ball that make its midpoint the nearest double but in nearly halfway cases
_CERTAIN = 60
_KERNELS = (kernels.SINGLE, kernels.DOUBLE)


class AdaptiveFunction:
    """An expression as a function of arrays, one positional argument per symbol (see `numpy_function`)."""

    def __init__(self, expression: Expr, symbols: Sequence[Symbol], forms: Sequence[Expr] = ()) -> None:
        self.expression, self.symbols = expression, tuple(symbols)
        self._plain = compile_expression(expression, self.symbols)
        self._forms = tuple(dict.fromkeys((*forms, *equivalent_forms(expression))))
        self._programs = [compile_expression(form, self.symbols) for form in self._forms]
        # functions without a float64 version go to balls at once
        self._floats = [p for p in self._programs if all(n in _KNOWN for n, _ in p.steps)]

    @cached_property
    def _balls(self) -> list[BallFunction]:
        # what a ball evaluator does not know, and does not need
        plain = dict.fromkeys(form.replace(twice, UnevaluatedExpr) for form in self._forms)
        return [BallFunction(compile_expression(form, self.symbols)) for form in plain]

    def __call__(self, *arguments: ArrayLike) -> FloatArray:
        """Values at the broadcast arguments."""
        return self._evaluate(arguments)[0]

    def tiers(self, *arguments: ArrayLike) -> NDArray[np.int8]:
        """Which tier gave each value: 0 float64, 1 double-double, 2 Arb, 3 no finite value (IEEE's answer)."""
        return self._evaluate(arguments)[1]

    def _evaluate(self, arguments: Sequence[ArrayLike]) -> tuple[FloatArray, NDArray[np.int8]]:
        names = [s.name for s in self.symbols]
        if len(arguments) != len(names):
            raise ValueError(f"expected {len(names)} arguments {names}, got {len(arguments)}")
        arrays = [np.asarray(a, dtype=np.float64) for a in arguments]
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
        count = int(np.prod(shape))
        columns = [a.reshape(()) if a.size == 1 else np.broadcast_to(a, shape).reshape(-1) for a in arrays]
        values, tier = np.full(count, np.nan), np.zeros(count, np.int8)
        undecided = self._climb(columns, values, tier) if count else np.zeros(0, np.intp)
        for first in range(0, len(undecided), _BALLS):
            self._with_balls(columns, undecided[first : first + _BALLS], values, tier)
        for column in columns:
            # a case may have been chosen without asking for this argument
            if count and np.isnan(np.min(column)):
                values[np.isnan(column)] = np.nan
        # + 0.0: a zero has no sign here
        return (values + 0.0).reshape(shape), tier.reshape(shape)

    def _climb(self, columns: list[FloatArray], values: FloatArray, tier: NDArray[np.int8]) -> NDArray[np.intp]:
        """Fill in what float64 and double-double can certify; return the indices of the rest."""
        rest: NDArray[np.intp] | None = None
        for level, kernel in enumerate(_KERNELS):
            for program in self._floats:
                rest = _attempt(program, kernel, columns, values, rest)
                tier[rest] = level if program is not self._floats[-1] else level + 1
                if not rest.size:
                    return rest
        return np.arange(len(values)) if rest is None else rest

    def _with_balls(
        self, columns: list[FloatArray], rest: NDArray[np.intp], values: FloatArray, tier: NDArray[np.int8]
    ) -> None:
        from flint import arb

        tier[rest] = 3
        at = [np.broadcast_to(c if c.ndim == 0 else c[rest], rest.shape) for c in columns]
        table = np.stack(at, axis=1) if at else np.zeros((len(rest), 0))
        with np.errstate(all="ignore"):
            plain = np.broadcast_to(self._plain.run(NumpyBackend(), at), rest.shape)
        values[rest] = plain
        finite = np.isfinite(table).all(axis=1)
        left, rows = rest[finite], table[finite]
        for bits in _PRECISIONS:
            with precision(bits):
                half_least = arb(2) ** -1075
                for function in self._balls:
                    if not left.size:
                        return
                    balls = function.columns([[arb(v) for v in column] for column in rows.T.tolist()], bits)
                    # a constant has one value for all
                    balls *= len(left) // len(balls)
                    settled = np.array([_narrow(ball, half_least) for ball in balls])
                    values[left[settled]] = [float(ball) for ball, s in zip(balls, settled, strict=True) if s]
                    tier[left[settled]] = 2
                    left, rows = left[~settled], rows[~settled]


def _narrow(ball: Any, half_least: Any) -> bool:
    return bool(ball.is_finite() and (ball.rel_accuracy_bits() >= _CERTAIN or abs(ball) < half_least))


_STEPS = ("constant", "compare", "select", "twice", "add", "mul", "div", "power", "sqrt", "max", "min", "abs")
_KNOWN = {*kernels.FUNCTIONS, *_STEPS}


def _attempt(
    program: Program,
    kernel: kernels.Kernel,
    columns: list[FloatArray],
    values: FloatArray,
    rest: NDArray[np.intp] | None,
) -> NDArray[np.intp]:
    """Evaluate at the points `rest` (None: all), store what the bound accepts and return the indices of the others."""
    count = len(values) if rest is None else len(rest)
    limit = (_ROUNDED, 0.0) if kernel.double else (_UNITS, _SLACK)
    refused = []
    raised: list[str] = []

    def flagged(kind: str, flags: int) -> None:
        raised.append(kind)

    with np.errstate(all="ignore", over="call", under="call", divide="call", invalid="call", call=flagged):
        for first in range(0, count, _BLOCK):
            where: Any = slice(first, min(first + _BLOCK, count)) if rest is None else rest[first : first + _BLOCK]
            block = [c if c.ndim == 0 else c[where] for c in columns]
            raised.clear()
            careful = kernel.double or not _flags_work()
            value, accepted = run(program, block, kernel, careful, limit)
            if raised and not careful:
                value, accepted = run(program, block, kernel, careful=True, limit=limit)
            size = min(_BLOCK, count - first)
            if np.all(accepted):
                values[where] = value
                continue
            accepted, value = np.broadcast_to(accepted, size), np.broadcast_to(value, size)
            if rest is None:
                values[where] = value
                refused.append(np.flatnonzero(~accepted) + first)
            else:
                values[where[accepted]] = value[accepted]
                refused.append(where[~accepted])
    return np.concatenate(refused) if refused else np.zeros(0, np.intp)


@lru_cache(maxsize=1)
def _flags_work() -> bool:
    """Whether NumPy reports underflow and overflow on this machine (some platforms have no such flags)."""
    raised: list[str] = []

    def flagged(kind: str, flags: int) -> None:
        raised.append(kind)

    small, large = np.full(64, 1e-200), np.full(64, 1e200)
    with np.errstate(all="ignore", over="call", under="call", call=flagged):
        small * small, small / large, large * large, large / small
    return sorted(raised) == ["overflow", "overflow", "underflow", "underflow"]


@lru_cache(maxsize=256)
def numpy_function(expression: Expr, *symbols: Symbol, forms: tuple[Expr, ...] = ()) -> Callable[..., FloatArray]:
    """Return `expression` as a function of arrays, one positional argument per symbol, broadcast together.

    Every finite result is within a few units in the last place of the value of `expression` at the given doubles,
    relative to that value itself, whatever cancels inside; where the value is too small for a double it is the
    nearest subnormal, or 0. Where the expression has no finite value (a pole, a negative square root, an infinite
    argument) the result is what IEEE arithmetic gives, `inf` or `nan`, without a warning; `nan` arguments give `nan`.

    Args:
        expression: a SymPy expression.
        symbols: its symbols, in the order of the function's arguments.
        forms: other writings of the same expression that cancel less, tried first.

    Raises:
        UnsupportedExpression: see `compile_expression`.
    """
    return AdaptiveFunction(expression, symbols, forms)
