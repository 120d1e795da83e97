"""A program on arrays with a bound on the error of every entry, carried along with the values.

A value `v` comes with a relative error: the true value lies within `(base + extra) u |v|` of it, `u = 2^-53`. `base`
is one number for the whole array and costs nothing: products, quotients, roots and sums of one sign only add to it.
`extra` is an array that appears where a sum cancels, and then costs a few cheap passes. This is running error analysis
(Wilkinson; Higham, *Accuracy and Stability*, section 3.3) in relative form, used as a floating-point filter
(Shewchuk 1997): a caller keeps the entries whose bound is small and hands the others on.

The bounds are of first order where relative errors are below `2^-20`; larger ones are made infinite before a step
that needs them small, so what is neglected is far below one part in a hundred of a bound, and `SAFETY` covers it
together with the rounding of the bounds. A result that underflows gets its absolute error as a relative one, and the
least subnormal stands for 0: where a larger term is added, it does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from theory.evaluate import kernels
from theory.evaluate.known import CLEAR, SUBNORMAL, TOTAL, Known, least, most
from theory.evaluate.program import Program

__all__ = ["SAFETY", "Running", "run"]

Array = Any  # an array or a scalar of float64
#: factor on every bound for what first order and rounding neglect
SAFETY = 1.01
#: an error this small, in units of `u`, is counted for the whole array
_NEGLIGIBLE = 0.125


def _sum(first: Array | None, second: Array | None) -> Array | None:
    return second if first is None else first if second is None else first + second


class Running:
    """Backend of `Program.run` on `Known`. With `careful`, each step looks for entries that left the normal range.

    Without it the caller must watch the processor's flags for overflow, underflow and division by zero, and not use
    the result when one was raised.
    """

    def __init__(self, kernel: kernels.Kernel, careful: bool) -> None:
        self.kernel, self.careful = kernel, careful

    def _known(self, value: Any, base: float, extra: Array | None, floor: float) -> Known:
        return Known(value, self.kernel.lead(value), base, extra, floor)

    def argument(self, values: Array) -> Known:
        """An exact argument."""
        return self._known(self.kernel.of(values), 0.0, None, 0.0)

    def constant(self, value: Fraction | str) -> Known:
        """A constant, with its rounding."""
        number, exact = self.kernel.constant(value)
        error = 0.0 if exact else self.kernel.rounding
        known = self._known(number, error, None, error)
        known.scale = exact and abs(np.frexp(known.lead)[0]) == 0.5
        return known

    def apply(self, name: str, *args: Any) -> Known:
        """One step."""
        if name in ("add", "mul", "div", "power", "sqrt", "max", "min", "abs"):
            return getattr(self, "_" + name)(*args)  # type: ignore[no-any-return]
        if name == "twice":
            return self._twice(args[0], args[1:])
        return self._function(name, *args)

    def _add(self, a: Known, b: Known) -> Known:
        k = self.kernel
        rounding = 0.0 if k.lossless(a.value, b.value) else k.rounding
        known = self._known(k.add(a.value, b.value), rounding, None, max(a.floor, b.floor) + rounding)
        if a.exact and b.exact:
            return known
        if a.extra is None and b.extra is None and a.sign * b.sign > 0:
            known.base += max(a.base, b.base)
            return known.signed(a.sign)
        if a.extra is None and b.extra is None:
            # |b| <= |a| + |a + b|, so that one quotient is enough: on the side with the larger error
            worse = a if a.base >= b.base else b
            extra = np.abs(worse.lead / known.lead) * (a.base + b.base)
            known.base += min(a.base, b.base)
            both_zero = worse.lead
        else:
            sizes = [np.abs(p.lead) * p.error() for p in (a, b) if not p.exact]
            both_zero = sizes[0] if len(sizes) == 1 else sizes[0] + sizes[1]
            extra = both_zero / np.abs(known.lead)
        known.clear = bool(most(extra) <= CLEAR)
        if not known.clear:
            # 0 = 0 + 0 is exact, and 0/0 here
            extra = np.where((known.lead == 0) & (both_zero == 0), 0.0, extra)
        known.extra = extra
        return known

    def _mul(self, a: Known, b: Known) -> Known:
        k = self.kernel
        if not self.careful:
            a, b = a.cleared(), b.cleared()
        scaled = k.scale(a.value, b.value) if b.scale else k.scale(b.value, a.value) if a.scale else None
        value = k.multiply(a.value, b.value) if scaled is None else scaled
        rounding = 0.0 if scaled is not None or k.lossless(a.value, b.value) else k.rounding
        extra = _sum(a.extra, b.extra)
        if self.careful:
            if a.extra is not None and b.extra is not None:
                extra = extra + a.extra * (b.extra / TOTAL)
            value, extra = self._ranged(value, extra, a, b)
        return self._known(value, a.base + b.base + rounding, extra, a.floor + b.floor + rounding)

    def _div(self, a: Known, b: Known) -> Known:
        k = self.kernel
        a, b = a if self.careful else a.cleared(), b.cleared()
        value, extra = k.divide(a.value, b.value), _sum(a.extra, b.extra)
        rounding = 0.0 if b.scale else k.rounding
        if self.careful:
            extra = self._doubtful(extra, ~k.divisible(a.value))
            value, extra = self._ranged(value, extra, a)
        return self._known(value, a.base + b.base + rounding, extra, a.floor + b.floor + rounding)

    def _power(self, a: Known, exponent: int) -> Known:
        if exponent == 1:
            return a
        half = self._power(a, exponent // 2)
        square = self._mul(half, half).signed(1)
        return self._mul(square, a) if exponent % 2 else square

    def _sqrt(self, a: Known) -> Known:
        k = self.kernel
        extra = a.extra
        if extra is not None:
            # |sqrt(1 + r) - 1| <= |r|, and about r/2 for small r
            extra = np.where(extra <= CLEAR, extra * 0.5, np.where(extra <= TOTAL, extra, np.inf))
        if a.sign <= 0:
            # a root of what is negative only by rounding is an open question, not a result
            extra = self._doubtful(extra, a.lead < 0)
        return self._known(k.square_root(a.value), a.base / 2 + k.rounding, extra, a.floor / 2 + k.rounding).signed(1)

    def _abs(self, a: Known) -> Known:
        return self._known(self.kernel.magnitude(a.value), a.base, a.extra, a.floor).signed(1)

    def _max(self, a: Known, b: Known, greater: bool = True) -> Known:
        first = self.kernel.difference(a.value, b.value) >= 0
        value = self.kernel.where(first if greater else ~first, a.value, b.value)
        extra = b.extra if a.extra is None else a.extra if b.extra is None else np.maximum(a.extra, b.extra)
        return self._known(value, max(a.base, b.base), extra, max(a.floor, b.floor))

    def _min(self, a: Known, b: Known) -> Known:
        return self._max(a, b, greater=False)

    def _function(self, name: str, *args: Known) -> Known:
        """A function of the library: of the leading double, the rest counted as an error of the argument."""
        (a, *more), k = args, self.kernel
        lead = a.lead
        if more or name not in kernels.FUNCTIONS:
            return self._known(k.of(np.full(np.shape(lead), np.nan)), 0.0, np.full(np.shape(lead), np.inf), 0.0)
        rounding, compute, condition = kernels.FUNCTIONS[name]
        value = compute(lead)
        error = a.error() + k.tail(a.value)
        extra = None
        if not a.exact or k.double:
            extra = np.asarray(error * condition(lead, value))
            extra = np.where((extra <= CLEAR) | (error == 0), np.where(error == 0, 0.0, extra), np.inf)
        out_of_range = ~kernels.normal(value) & ~((value == 0) & (lead == (1.0 if name == "log" else 0.0)))
        if name == "exp":
            # e^-1000 is positive, and below the least normal number only that much is certain
            below = value < kernels.TINY
            value = np.where(value == 0, SUBNORMAL, value)
            extra = self._doubtful(extra, below, TOTAL)
            out_of_range = ~np.isfinite(value)
        extra = self._doubtful(extra, out_of_range)
        return self._known(k.of(value), rounding, extra, a.floor + rounding)

    def _twice(self, program: Program, arguments: Sequence[Known]) -> Known:
        """A part of a program in double-double: what cancels there costs float64 one rounding."""
        if self.kernel.double:
            return program.run(self, arguments)  # type: ignore[no-any-return]
        # its own range is looked after step by step, so the processor's flags are no concern
        with np.errstate(all="ignore"):
            backend = Running(kernels.DOUBLE, careful=True)
            known: Known = program.run(backend, [backend.argument(a.lead) for a in arguments])
            extra, base = known.extra, 1.0 + known.base
            if extra is not None and most(extra) <= _NEGLIGIBLE:
                extra, base = None, base + _NEGLIGIBLE
        return self._known(known.lead, base, extra, 1.0)

    def compare(self, op: str, left: Known, right: Known) -> tuple[Array, Array | None]:
        """Truth, and where it is certain (None: everywhere)."""
        k = self.kernel
        gap = k.difference(left.value, right.value)
        truth = {"<": gap < 0, "<=": gap <= 0, ">": gap > 0, ">=": gap >= 0}[op]
        if left.exact and right.exact:
            return truth, None
        size = np.abs(left.lead) * left.error() + np.abs(right.lead) * right.error()
        return truth, np.abs(gap) > (SAFETY / TOTAL) * size + 4 * kernels.TINY

    def select(self, branches: Sequence[tuple[Any, Known]]) -> Known:
        """The first branch that applies; its error is infinite where an earlier or its own test is not certain."""
        k = self.kernel
        value, error = k.of(np.float64(np.nan)), np.asarray(np.inf)
        for test, branch in reversed(branches):
            truth, certain = (np.True_, None) if test is True else test
            value = k.where(truth, branch.value, value)
            error = np.where(truth, branch.error(), error)
            if certain is not None:
                error = np.where(certain, error, np.inf)
        floor = max(branch.floor for _, branch in branches)
        return self._known(value, 0.0, error, floor)

    def _ranged(self, value: Any, extra: Array | None, *factors: Known) -> tuple[Any, Array | None]:
        """Entries that left the kernel's range: an absolute error more, or, if too large, no value.

        A zero that comes from a zero factor is no underflow.
        """
        k = self.kernel
        lead = k.lead(value)
        size = np.abs(lead)
        if least(size) >= k.least and most(size) <= k.largest:
            return value, extra
        zero = (lead == 0) & ((factors[0].lead == 0) | (factors[-1].lead == 0))
        low = (size < k.least) & ~zero
        if np.any(low):
            value = k.where(low & (size == 0), k.of(np.copysign(SUBNORMAL, lead)), value)
            extra = (0.0 if extra is None else extra) + np.where(low, k.underflow / np.maximum(size, SUBNORMAL), 0.0)
        return value, self._doubtful(extra, ~((size <= k.largest) | zero))

    @staticmethod
    def _doubtful(extra: Array | None, where: Array, error: float = np.inf) -> Array | None:
        if not np.any(where):
            return extra
        before = 0.0 if extra is None else extra
        return np.where(where, np.maximum(before, error), before)


def run(
    program: Program, arguments: Sequence[Array], kernel: kernels.Kernel, careful: bool, limit: tuple[float, float]
) -> tuple[Array, Array]:
    """Values, and where they are accurate.

    That is, where the error is below `limit[0]` units of `2^-53`, or below `limit[1]` times what it would be if nothing
    cancelled.
    """
    backend = Running(kernel, careful)
    known: Known = program.run(backend, [backend.argument(a) for a in arguments])
    accepted = np.isfinite(known.lead)
    allowed = max(limit[0], limit[1] * known.floor) / SAFETY - known.base
    if known.extra is not None:
        accepted &= known.extra <= allowed
    elif allowed < 0:
        accepted = np.zeros_like(accepted)
    return known.lead, accepted
