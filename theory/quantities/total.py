"""A sum over coordinates of one expression, enclosed without ever writing the sum down.

The expression of one coordinate is compiled once and evaluated for all coordinates together, so a spectrum of any
length costs no symbolic work. Values are exact rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from theory.evaluate.arb import as_ball, ball_function, precision, raise_precision

if TYPE_CHECKING:
    from flint import arb

__all__ = ["Total", "enclose_total", "enclose_zero"]

Column = Fraction | int | Sequence[Fraction]


@dataclass(frozen=True)
class Total:
    """The sum over coordinates of `term` at `values`, plus `rest`.

    A symbol's value is one number, or one for each coordinate; without a list there is one coordinate. `root` is the
    symbol that has no value where the quantity is a zero of the sum.
    """

    term: sp.Expr
    values: dict[sp.Symbol, Column] = field(default_factory=dict)
    rest: Fraction = Fraction(0)
    root: sp.Symbol | None = None

    def ball(self, bits: int, at: arb | None = None) -> arb:
        """The sum at `bits` bits, which must be the precision in force, at `root = at`."""
        symbols = tuple(self.values) if self.root is None else (*self.values, self.root)
        columns: list[Any] = [
            as_ball(v) if isinstance(v, Fraction | int) else [as_ball(entry) for entry in v]
            for v in self.values.values()
        ]
        if self.root is not None:
            columns.append(at)
        return sum(ball_function(self.term, symbols).columns(columns, bits), as_ball(self.rest))

    def is_zero(self) -> bool:
        """Whether SymPy finds, by collecting like roots, that the sum is 0."""
        lists = [v for v in self.values.values() if not isinstance(v, Fraction | int)]
        total: sp.Expr = sp.Rational(self.rest.numerator, self.rest.denominator)
        for j in range(len(lists[0]) if lists else 1):
            point = {
                symbol: sp.Rational(*(v if isinstance(v, Fraction | int) else v[j]).as_integer_ratio())
                for symbol, v in self.values.items()
            }
            total += self.term.subs(point, simultaneous=True)
        return total.is_zero is True or sp.expand(total) == 0


def enclose_total(total: Total, digits: int) -> arb:
    """Enclose a sum with a relative radius below `10^-digits`; exactly 0 where it is found to be 0.

    Raises:
        ValueError: `digits < 1`, or there is no finite value.
    """
    ball = raise_precision(total.ball, digits, total.is_zero)
    if not ball.is_finite():
        raise ValueError("there is no finite value here")
    return ball


def enclose_zero(total: Total, top: arb, digits: int) -> arb:
    """Enclose the zero in `[0, top]` of a sum that does not decrease in its `root`.

    Every end of the bracket has a certain sign; where to look next comes from the secant (Illinois), or from the
    middle, in ratio while the ends are orders of magnitude apart. Returns 0 or `top` where the sum does not change
    sign. `top` is a ball.

    Raises:
        ValueError: a sign cannot be decided (the sum vanishes on an interval).
    """
    from flint import arb

    bits = int(3.33 * digits) + 64

    def value(at: arb) -> arb:
        ball = None
        for prec in (bits, 2 * bits, 4 * bits, 16 * bits):
            with precision(prec):
                ball = total.ball(prec, at)
                if ball > 0 or ball < 0:
                    return ball
        return ball

    with precision(4 * bits):
        start = value(arb(0))
        if not (start > 0 or start < 0):
            if total.root is None or not Total(total.term.subs(total.root, 0), total.values, total.rest).is_zero():
                raise ValueError("the sign of the slope at x = 0 cannot be decided")
            return arb(0)
        if start > 0:
            return arb(0)
        if value(arb(top.mid())) < 0 and value(top) < 0:
            return top
        low, high = arb(0), arb(top.upper())
        below, above = start, value(high)
        close = arb(10) ** -(digits + 1)
        side, steps = 0, 0
        while low == 0 or high - low > high * close:
            steps += 1
            if low == 0:
                middle = high * arb(2) ** -steps
            elif high > 4 * low:
                middle = (low * high).sqrt()
            elif steps % 4 and below.is_finite() and above.is_finite():
                middle = low + (high - low) * (below / (below - above)).mid()
            else:
                middle = (low + high) / 2
            middle = arb(middle.mid())
            if not low < middle < high:
                # the secant has reached an end: step aside, so that the bracket closes from both
                aside = (high - low) / 256
                middle = arb((low + aside if middle <= low else high - aside).mid())
            at_middle = value(middle)
            if not (at_middle > 0 or at_middle < 0):
                raise ValueError(f"the slope vanishes near x = {middle.str(15)}; the minimiser may not be unique")
            if at_middle > 0:
                high, above = middle, at_middle
                if side == 1:
                    below /= 2
                side = 1
            else:
                low, below = middle, at_middle
                if side == -1:
                    above /= 2
                side = -1
        return low.union(high)
