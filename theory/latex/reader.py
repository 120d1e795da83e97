r"""Evaluate printed LaTeX: the way back from `theory.latex.latex(expr, explicit=True)` to a number.

It shares no code with the printer and knows nothing of SymPy, so a formula that comes back with the value of its source
was printed right. It reads what the printer writes with explicit product signs, and refuses everything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import mpmath

__all__ = ["UnreadableLatex", "read_value"]


class UnreadableLatex(ValueError):
    """The text is no formula that this reader knows."""


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    r"\log": mpmath.log, r"\exp": mpmath.exp, r"\max": max, r"\min": min, r"\operatorname{erfc}": mpmath.erfc,
    r"\operatorname{erf}": mpmath.erf, r"\log\Gamma": mpmath.loggamma, "U": mpmath.hyperu, r"\arctan": mpmath.atan,
    r"\sin": mpmath.sin, r"\cos": mpmath.cos,
}  # fmt: skip
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    r"\le": lambda a, b: a <= b, r"\ge": lambda a, b: a >= b, r"\ne": lambda a, b: a != b,
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "=": lambda a, b: a == b,
}  # fmt: skip


def read_value(text: str, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    r"""The value of the printed formula `text` at `mpmath`'s working precision.

    `values` maps symbols as printed (`\hat\sigma_1`) to mpmath numbers, `functions` the names of further functions.

    Raises:
        UnreadableLatex: anything but the printer's explicit form, or a symbol without a value.
    """
    reader = _Reader(text, values, {**_FUNCTIONS, **(functions or {})})
    value = reader.sum()
    if reader.rest:
        raise UnreadableLatex(f"cannot read on from {reader.rest[:40]!r}")
    return value


class _Reader:
    def __init__(self, text: str, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self.rest = text.strip()
        self.values, self.functions = values, functions
        self.names = sorted(values, key=len, reverse=True)
        self.heads = sorted(functions, key=len, reverse=True)

    def take(self, token: str) -> bool:
        """Whether `token` comes next; it is consumed."""
        if not self.rest.startswith(token):
            return False
        after = self.rest[len(token) :]
        if token[-1].isalpha() and token.startswith("\\") and after[:1].isalpha():
            return False
        self.rest = after.lstrip()
        return True

    def expect(self, token: str) -> None:
        """Consume `token`."""
        if not self.take(token):
            raise UnreadableLatex(f"expected {token!r} before {self.rest[:40]!r}")

    def sum(self) -> Any:
        """A sum of terms with signs between them."""
        negative = self.take("-")
        value = self.product()
        value = -value if negative else value
        while True:
            if self.take("+"):
                value = value + self.product()
            elif self.take("-"):
                value = value - self.product()
            else:
                return value

    def product(self) -> Any:
        r"""Factors with `\cdot` or `/` between them."""
        value = self.power()
        while True:
            if self.take(r"\cdot"):
                value = value * self.power()
            elif self.take("/"):
                value = value / self.power()
            else:
                return value

    def power(self) -> Any:
        """An atom, with an exponent or the positive-part index."""
        if self.rest.startswith("e^") and "e" not in self.values:
            self.rest = self.rest[2:]
            return mpmath.exp(self.script())
        value = self.atom()
        if self.take("_+"):
            value = max(mpmath.mpf(0), value)
        if self.take("^"):
            value = mpmath.power(value, self.script())
        return value

    def script(self) -> Any:
        """An exponent: a group in braces or one character."""
        if self.take("{"):
            value = self.sum()
            self.expect("}")
            return value
        character, self.rest = self.rest[:1], self.rest[1:].lstrip()
        return _Reader(character, self.values, self.functions).atom()

    def atom(self) -> Any:
        """A number, a symbol, a bracket, a root, a fraction, a function or cases."""
        for head in self.heads:
            if self.rest.startswith((f"{head}(", rf"{head}\left(")):
                self.rest = self.rest[len(head) :]
                return self.arguments(self.functions[head])
        for name in self.names:
            if self.take(name):
                return self.values[name]
        digits = re.match(r"\d+", self.rest)
        if digits:
            self.rest = self.rest[digits.end() :].lstrip()
            return mpmath.mpf(int(digits.group()))
        if self.take(r"\frac{"):
            above = self.sum()
            self.expect("}")
            self.expect("{")
            below = self.sum()
            self.expect("}")
            return above / below
        if self.take(r"\sqrt{"):
            return self.closed(mpmath.sqrt, "}")
        if self.take(r"\begin{cases}"):
            return self.cases()
        for left, right in ((r"\left(", r"\right)"), ("(", ")"), ("{", "}")):
            if self.take(left):
                return self.closed(lambda value: value, right)
        for bar, end in ((r"\left|", r"\right|"), ("|", "|")):
            if self.take(bar):
                return self.closed(abs, end)
        if self.take(r"\pi"):
            return +mpmath.pi
        raise UnreadableLatex(f"cannot read {self.rest[:40]!r}")

    def closed(self, function: Callable[[Any], Any], right: str) -> Any:
        """`function` of what stands before the closing `right`."""
        value = self.sum()
        self.expect(right)
        return function(value)

    def arguments(self, function: Callable[..., Any]) -> Any:
        """A function's value at the arguments that follow in brackets."""
        right = r"\right)" if self.take(r"\left(") else ")"
        if right == ")":
            self.expect("(")
        values = [self.sum()]
        while self.take(","):
            values.append(self.sum())
        self.expect(right)
        return function(*values)

    def cases(self) -> Any:
        """The value of the first case whose condition is met."""
        chosen: Any = None
        while True:
            value = self.guarded()
            self.expect("&")
            met = self.condition()
            chosen = value if chosen is None and met else chosen
            if self.take(r"\end{cases}"):
                if chosen is None:
                    raise UnreadableLatex("no case applies")
                return chosen
            self.take(",")
            self.expect("\\\\")

    def guarded(self) -> Any:
        """A case's value; nan where it divides by zero, which matters only if its condition is met."""
        start = self.rest
        try:
            return self.sum()
        except ZeroDivisionError:
            depth, i = 0, 0
            while depth or not start.startswith("&", i):
                depth += start.startswith(r"\begin{cases}", i) - start.startswith(r"\end{cases}", i)
                i += 1
            self.rest = start[i:]
            return mpmath.nan

    def condition(self) -> bool:
        """`if` with relations joined by `and` and `or`, or `otherwise`."""
        if self.take(r"\text{otherwise}"):
            return True
        self.expect(r"\text{if }")
        alternatives = [[self.relation()]]
        while True:
            if self.take(r"\text{ and }"):
                alternatives[-1].append(self.relation())
            elif self.take(r"\text{ or }"):
                alternatives.append([self.relation()])
            else:
                return any(map(all, alternatives))

    def relation(self) -> bool:
        """One comparison."""
        left = self.sum()
        for sign, holds in _COMPARE.items():
            if self.take(sign):
                return holds(left, self.sum())
        raise UnreadableLatex(f"no relation before {self.rest[:40]!r}")
