r"""From an expression to LaTeX as a person would write it.

SymPy's own printer writes `- c q + 1` and `- h (x - 1) + x`. Here a sum begins with a positive term and rises in
degree, a minus sign goes into the bracket that it turns round, equal bases are collected (`v \sqrt v` is `v^{3/2}`),
and brackets grow only around what is tall. What is printed equals the expression: `theory.latex.reader` evaluates it
back from the printed text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

import sympy as sp

from theory.latex.names import symbol_latex
from theory.latex.order import collect, degree, falls_with_cap, minus, natural, negative, rank, reciprocal, unspaced

__all__ = ["Printer", "latex"]

SUM, PRODUCT, POWER, ATOM = range(4)

_FUNCTIONS = {
    "log": r"\log", "erf": r"\operatorname{erf}", "erfc": r"\operatorname{erfc}", "gamma": r"\Gamma",
    "uppergamma": r"\Gamma", "atan": r"\arctan", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan", "sinh": r"\sinh",
    "cosh": r"\cosh", "tanh": r"\tanh", "sign": r"\operatorname{sgn}", "loggamma": r"\log\Gamma", "digamma": r"\psi",
    "tricomi": "U", "tricomi_u": "U", "tricomiu": "U", "hyperu": "U", "kummer_u": "U", "hyper_u": "U",
}  # fmt: skip
_RELATIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}


@dataclass(frozen=True)
class Piece:
    """Printed LaTeX, how tightly it binds, and whether it is taller than a line of text."""

    text: str
    level: int = ATOM
    tall: bool = False


class Printer:
    r"""Prints expressions; `explicit` puts `\cdot` between factors and brackets around every argument.

    `names` says how a symbol is written where that is not as `symbol_latex` has it.
    """

    def __init__(self, *, explicit: bool = False, names: Mapping[sp.Symbol, str] | None = None) -> None:
        self.explicit = explicit
        self.names = names or {}
        self._slash = 0
        self._known: dict[tuple[sp.Basic, bool], Piece] = {}

    def piece(self, expr: sp.Basic) -> Piece:
        """The printed form of `expr` (an expression or a SymPy relation)."""
        key = (expr, self._slash > 0)
        if key not in self._known:
            self._known[key] = self._print(expr)
        return self._known[key]

    def text(self, expr: sp.Basic) -> str:
        """The LaTeX of `expr`."""
        return self.piece(expr).text

    def brackets(self, piece: Piece, left: str = "(", right: str = ")") -> str:
        """`piece` in brackets, which grow if it is tall."""
        if piece.tall:
            return rf"\left{left}{piece.text}\right{right}"
        return f"{left}{piece.text}{right}"

    def terms(self, expr: sp.Expr) -> list[tuple[str, Piece]]:
        """The summands of `expr` in the order of printing, each with its sign `+` or `-`."""
        if not isinstance(expr, sp.Add):
            return [self._signed(expr)]
        order = natural(list(expr.args), lambda e: self._signed(e)[1].text)
        signed = [self._signed(term) for term in order]
        first = next((i for i, (sign, _) in enumerate(signed) if sign == "+"), 0)
        return [signed[first], *signed[:first], *signed[first + 1 :]]

    def _script(self, expr: sp.Basic) -> str:
        self._slash += 1
        try:
            return self.text(expr)
        finally:
            self._slash -= 1

    def _inner(self, expr: sp.Basic, level: int) -> str:
        piece = self.piece(expr)
        return piece.text if piece.level >= level else self.brackets(piece)

    def _print(self, expr: sp.Basic) -> Piece:
        if isinstance(expr, sp.Symbol):
            return Piece(self.names.get(expr) or symbol_latex(expr.name))
        if isinstance(expr, sp.Add):
            signed = self.terms(expr)
            text = ("-" if signed[0][0] == "-" else "") + signed[0][1].text
            text += "".join(f" {sign} {piece.text}" for sign, piece in signed[1:])
            return Piece(text, SUM, any(p.tall for _, p in signed))
        if isinstance(expr, sp.Mul | sp.Rational) or (isinstance(expr, sp.Pow) and reciprocal(expr)):
            sign, piece = self._signed(expr)
            return Piece(f"-{piece.text}", SUM, piece.tall) if sign == "-" else piece
        if isinstance(expr, sp.exp):
            return self._exponential(expr)
        if isinstance(expr, sp.Pow):
            return self._power(minus(expr.base) if self._turns(expr.base, expr.exp) else expr.base, expr.exp)
        if isinstance(expr, sp.Max | sp.Min):
            return self._extremum(expr)
        if isinstance(expr, sp.Abs):
            return Piece(self.brackets(self.piece(expr.args[0]), "|", "|"), ATOM, self.piece(expr.args[0]).tall)
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr)
        if isinstance(expr, sp.core.relational.Relational):
            left, right = self.piece(expr.lhs), self.piece(expr.rhs)
            return Piece(f"{left.text} {_RELATIONS[expr.rel_op]} {right.text}", SUM, left.tall or right.tall)
        if isinstance(expr, sp.And):
            parts = sorted(self.text(a) for a in expr.args)
            return Piece(r"\text{ and }".join(parts), SUM, any(self.piece(a).tall for a in expr.args))
        if isinstance(expr, sp.Or):
            parts = sorted(self.text(a) for a in expr.args)
            return Piece(r"\text{ or }".join(parts), SUM, any(self.piece(a).tall for a in expr.args))
        if isinstance(expr, sp.Function):
            return self._function(expr)
        if isinstance(expr, sp.Sum):
            bounds = expr.limits[0]
            index, low, high = (self._script(b) for b in bounds)
            return Piece(rf"\sum_{{{index}={low}}}^{{{high}}} {self._inner(expr.function, PRODUCT)}", PRODUCT, True)
        if isinstance(expr, sp.Integral):
            variable, low, high = expr.limits[0]
            body = self._inner(expr.function, PRODUCT)
            bounds = f"_{{{self._script(low)}}}^{{{self._script(high)}}}"
            return Piece(rf"\int{bounds} {body}\,d{self.text(variable)}", PRODUCT, True)
        # constants (pi, infinity) and whatever SymPy itself can name
        return Piece(sp.latex(expr), ATOM, False)

    def _exponential(self, expr: sp.Expr) -> Piece:
        exponent = self._outward(expr.args[0])
        inside = self.piece(exponent)
        if inside.tall and exponent.free_symbols and not self._slash:
            return Piece(rf"\exp{self.brackets(inside)}", POWER, True)
        return Piece(f"e^{{{self._script(exponent)}}}", POWER)

    def _outward(self, exponent: sp.Expr) -> sp.Expr:
        """An exponent with its numeric content and sign in front, `2 t - 2 T` as `-2 (T - t)`."""
        if not isinstance(exponent, sp.Add):
            return exponent
        content, rest = exponent.primitive()
        if content == 1 or not isinstance(rest, sp.Add):
            return exponent
        if self._begins_negative(rest):
            content, rest = -content, minus(rest)
        return sp.Mul(content, rest, evaluate=False)

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Piece:
        inside = self.piece(base)
        if exponent == sp.S.Half:
            return Piece(rf"\sqrt{{{inside.text}}}", ATOM, inside.tall)
        simple = isinstance(base, sp.Symbol) and "^" not in inside.text
        if simple or (base.is_Integer and base.is_nonnegative):
            body = f"{{{inside.text}}}" if inside.text.endswith("'") else inside.text
        else:
            body = self.brackets(inside)
        power = self._script(exponent)
        return Piece(f"{body}^{power}" if len(power) == 1 else f"{body}^{{{power}}}", POWER, inside.tall)

    def _extremum(self, expr: sp.Expr) -> Piece:
        args = list(expr.args)
        if isinstance(expr, sp.Max) and len(args) == 2 and sp.S.Zero in args:
            other = next(a for a in args if a != 0)
            if not isinstance(other, sp.Min):
                return Piece(f"{self.brackets(self.piece(other))}_+", POWER, self.piece(other).tall)
        order = sorted(args, key=lambda a: (degree(a), self.text(a)))
        name = r"\max" if isinstance(expr, sp.Max) else r"\min"
        inside = Piece(", ".join(self.text(a) for a in order), SUM, any(self.piece(a).tall for a in order))
        return Piece(name + self.brackets(inside), POWER, inside.tall)

    def _cases(self, expr: sp.Expr) -> Piece:
        merged: dict[str, list[sp.Basic]] = {}
        for value, condition in expr.args:
            text = self.text(value)
            # equal values under two conditions in a row are one case
            if text in merged and text == next(reversed(merged)) and condition != sp.true:
                merged[text].append(condition)
            else:
                merged[text + " " * (text in merged)] = [condition]
        rows = []
        for text, conditions in merged.items():
            when = r"\text{ or }".join(map(self.text, conditions))
            label = r"\text{otherwise}" if sp.true in conditions else rf"\text{{if }} {when}"
            rows.append(f"{text.rstrip()} & {label}")
        return Piece(r"\begin{cases} " + r", \\ ".join(rows) + r" \end{cases}", ATOM, True)

    def _function(self, expr: Any) -> Piece:
        name = type(expr).__name__
        shown = _FUNCTIONS.get(name.lower())
        if shown is None:
            shown = symbol_latex(name) if len(name.split("_")[0]) == 1 else rf"\operatorname{{{name}}}"
        if shown == r"\log" and not self.explicit and (expr.args[0].is_Integer or isinstance(expr.args[0], sp.Symbol)):
            return Piece(rf"\log {self.text(expr.args[0])}", PRODUCT)
        inside = Piece(", ".join(map(self.text, expr.args)), SUM, any(self.piece(a).tall for a in expr.args))
        return Piece(shown + self.brackets(inside), POWER, inside.tall)

    def _signed(self, expr: sp.Expr) -> tuple[str, Piece]:
        """A term's sign and the rest of it."""
        coefficient, powers = collect(expr)
        coefficient, powers = self._turned(coefficient, powers)
        sign = "-" if coefficient < 0 else "+"
        return sign, self._product(abs(coefficient), powers)

    def _turned(
        self, coefficient: sp.Rational, powers: list[tuple[sp.Expr, sp.Expr]]
    ) -> tuple[sp.Rational, list[tuple[sp.Expr, sp.Expr]]]:
        """Turn sums round whose natural order begins with a minus, as long as signs go away by it."""
        for i, (base, exponent) in enumerate(powers):
            if self._turns(base, exponent):
                powers[i] = (minus(base), exponent)
        odd = [i for i, (b, e) in enumerate(powers) if isinstance(b, sp.Add) and e.is_Integer and e % 2 == 1]
        whole = [i for i in odd if all(map(negative, powers[i][0].args)) or falls_with_cap(powers[i][0])]
        for i in whole:
            powers[i] = (minus(powers[i][0]), powers[i][1])
            coefficient = -coefficient
        wrong = [i for i in odd if i not in whole and self._begins_negative(powers[i][0])]
        keep = len(wrong) - len(wrong) % 2 if coefficient > 0 else len(wrong) - (len(wrong) + 1) % 2
        for i in wrong[: max(keep, 0)]:
            powers[i] = (minus(powers[i][0]), powers[i][1])
            coefficient = -coefficient
        return coefficient, powers

    def _turns(self, base: sp.Expr, exponent: sp.Expr) -> bool:
        """Whether an even power reads better of the sum with its signs turned: `(1 - s^2)^2` for `(s^2 - 1)^2`."""
        if not (isinstance(base, sp.Add) and exponent.is_Integer and exponent % 2 == 0):
            return False
        number = base.as_coeff_Add()[0]
        return bool(number < 0 or all(map(negative, base.args))) and self._begins_negative(base)

    def _begins_negative(self, expr: sp.Expr) -> bool:
        if all(negative(t) for t in expr.args):
            return True
        if {s.name for s in expr.free_symbols} == {"C"}:
            return falls_with_cap(expr)
        return negative(natural(list(expr.args), lambda e: self._signed(e)[1].text)[0])

    def _product(self, coefficient: sp.Rational, powers: list[tuple[sp.Expr, sp.Expr]]) -> Piece:
        above = [(b, e) for b, e in powers if not (e.is_Rational and e < 0)]
        below = [(b, -e) for b, e in powers if e.is_Rational and e < 0]
        p, q = sp.Integer(coefficient.p), sp.Integer(coefficient.q)
        heavy = any(isinstance(b, sp.Add | sp.Function | sp.Piecewise) and not isinstance(b, sp.exp) for b, e in above)
        heavy = heavy or (p != 1 and bool(above) and all(isinstance(b, sp.exp) for b, _ in above))
        if not below and q != 1 and heavy and not self._slash:
            front = Piece(rf"\frac{{{p}}}{{{q}}}", PRODUCT, True)
            rest = self._factors(sp.S.One, above)
            body = rest.text if rest.level >= PRODUCT else self.brackets(rest)
            return Piece(front.text + (r" \cdot " if self.explicit else " ") + body, PRODUCT, True)
        top = self._factors(p, above)
        if not below and q == 1:
            return top
        bottom = self._factors(q, below)
        if self._slash:
            upper = top.text if top.level >= PRODUCT else self.brackets(top)
            lower = bottom.text if bottom.level >= POWER else self.brackets(bottom)
            return Piece(f"{upper}/{lower}", PRODUCT, top.tall or bottom.tall)
        return Piece(rf"\frac{{{top.text}}}{{{bottom.text}}}", PRODUCT, True)

    def _factors(self, number: sp.Integer, powers: list[tuple[sp.Expr, sp.Expr]]) -> Piece:
        if number == 1 and len(powers) == 1:
            base, exponent = powers[0]
            return self._power(base, exponent) if exponent != 1 else self.piece(base)
        pieces = [Piece(str(number))] if number != 1 or not powers else []
        order = sorted(powers, key=cmp_to_key(self._before))
        for base, exponent in order:
            pieces.append(self._power(base, exponent) if exponent != 1 else self.piece(base))
        if len(pieces) == 1:
            return pieces[0]
        texts = [p.text if p.level >= PRODUCT else self.brackets(p) for p in pieces]
        # a \log without brackets would swallow what follows
        texts = [
            self.brackets(p) if p.level == PRODUCT and i + 1 < len(pieces) else t
            for i, (p, t) in enumerate(zip(pieces, texts, strict=True))
        ]
        return Piece(self._joined(texts), PRODUCT, any(p.tall for p in pieces))

    def _joined(self, texts: list[str]) -> str:
        if self.explicit:
            return r" \cdot ".join(texts)
        text = texts[0]
        for before, after in pairwise(texts):
            if after[0].isdigit():
                text += r" \cdot "
            elif after.startswith((r"\log", r"\exp", r"\operatorname", r"\max", r"\min")):
                text += r"\," if not before[-1].isdigit() or after.startswith(r"\operatorname") else " "
            elif after[0].isalpha() and re.search(r"\\[A-Za-z]+\Z", before):
                text += " "
            text += after
        return text

    def _before(self, first: tuple[sp.Expr, sp.Expr], second: tuple[sp.Expr, sp.Expr]) -> int:
        a, b = (
            (rank(base**exponent if not exponent.is_Integer else base), text.lstrip("\\").lower(), text, str(exponent))
            for base, exponent in (first, second)
            if (text := unspaced(self.text(base)))
        )  # fmt: skip
        return -1 if a < b else 1 if a > b else 0


def latex(expr: sp.Basic, *, explicit: bool = False) -> str:
    r"""`expr` as LaTeX in the paper's notation; the same text in every process.

    With `explicit` every product sign is written (`\cdot`) and every function's argument bracketed, so that
    `theory.latex.read_value` can evaluate the text.
    """
    return Printer(explicit=explicit).text(expr)
