r"""Short names for what would make a formula too long: `v`, `c`, and levels given by cases.

A person writes `\sqrt v - \sigma` and says once that `v = x + (1 - x)\sigma^2`. `Abbreviations` finds such parts, names
them, and remembers what each name stands for; substituting the definitions back gives the formula again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sympy as sp

from theory.latex.names import symbol_latex
from theory.latex.printer import Printer
from theory.notation import x

__all__ = ["Abbreviations"]


def _index(symbols: Iterable[sp.Symbol]) -> str:
    """The coordinate that all deviations among `symbols` belong to, as an index; empty for none or several."""
    found = {re.sub(r"^sigma(_hat)?_?", "", s.name) for s in symbols if s.name.startswith("sigma")}
    return found.pop() if len(found) == 1 else ""


def _variance(expr: sp.Basic) -> tuple[sp.Symbol, sp.Expr] | None:
    """`(level, estimate)` if `expr` is `level + estimate (1 - level)`, the variance at a noise level."""
    if not (isinstance(expr, sp.Add) and len(expr.args) == 2):
        return None
    return next(((level, estimate) for level, estimate, k in _inside(expr) if k == 1), None)


def _inside(expr: sp.Add) -> list[tuple[sp.Symbol, sp.Expr, sp.Rational]]:
    """Each `(level, estimate, k)` such that `k level` and `k estimate (1 - level)` are summands of `expr`.

    An estimated variance is a product of squares with a deviation among them, such as `r^2 sigma^2`.
    """
    factors = {rest: k for k, rest in (a.as_coeff_Mul() for a in expr.args)}
    found = []
    for level in sorted((s for s in factors if isinstance(s, sp.Symbol)), key=lambda s: s.name):
        shares = {}
        for rest, k in factors.items():
            estimate = rest / (1 - level)
            if not estimate.has(level) and _is_estimate(estimate):
                shares[estimate] = k
        if shares and sum(shares.values()) == factors[level]:
            found += [(level, estimate, k) for estimate, k in shares.items()]
    return found


def _is_estimate(expr: sp.Expr) -> bool:
    squares = all(f.is_Pow and f.base.is_Symbol and f.exp == 2 for f in sp.Mul.make_args(expr))
    return squares and any(s.name.startswith("sigma") for s in expr.free_symbols)


def _complement(expr: sp.Add, deviation: sp.Symbol) -> sp.Expr:
    """A sum with `1 - deviation^2` kept together."""
    if len(expr.args) < 3 or sp.S.One not in expr.args or -(deviation**2) not in expr.args:
        return expr
    rest = [a for a in expr.args if a not in (sp.S.One, -(deviation**2))]
    return sp.Add(*rest, 1 - deviation**2, evaluate=False)


def _gathered(expr: sp.Add) -> sp.Expr:
    """A sum with the two summands of a variance kept together, so that it can be named."""
    found = _inside(expr)
    if not found:
        return expr
    kept, rest = [], expr
    for level, estimate, k in found:
        variance = level + estimate * (1 - level)
        if rest == variance:
            return expr
        rest = rest - k * level - k * estimate * (1 - level)
        kept.append(sp.Mul(k, variance, evaluate=False) if k != 1 else variance)
    return sp.Add(rest, *kept, evaluate=False)


class Abbreviations:
    """Names given so far; `taken` are symbol names that must not be given."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self.definitions: dict[sp.Symbol, sp.Expr] = {}
        self._found: dict[sp.Expr, sp.Symbol] = {}
        self._letters: dict[tuple[str, sp.Expr], str] = {}

    def shorten(self, expr: sp.Expr, *, whole: bool = False) -> sp.Expr:
        """`expr` with its long parts replaced by names; with `whole` it is not replaced altogether if it is cases."""
        if not (whole and isinstance(expr, sp.Piecewise)):
            expr = self._cases(expr)
        expr = expr.replace(lambda e: isinstance(e, sp.Add), _gathered)
        variances = {part: found for part in sp.preorder_traversal(expr) if (found := _variance(part))}
        for part, (level, estimate) in variances.items():
            self._name(part, self._letter("v", estimate), "" if level.name in ("x", "tau") else level.name)
        if {s.name for s in expr.free_symbols} & {"q", "y", "p"}:
            for s in sorted(expr.free_symbols, key=lambda s: s.name):
                if s.name.startswith("sigma"):
                    expr = expr.replace(lambda e: isinstance(e, sp.Add), lambda e, s=s: _complement(e, s))
                if s.name.startswith("sigma") and expr.has(1 - s**2):
                    self._name(1 - s**2, self._letter("c", s**2))
        # evaluated again: what was kept apart may now be one sum
        short = expr.xreplace({part: name for part, name in self._found.items() if expr.has(part)})
        # 2 - 2 sigma^2 is 2 c, and sigma^2 - 1 is -c
        squares = {part: name for part, name in self._found.items() if name.name.startswith("c")}
        return short.xreplace({sp.expand(k * part): k * name for part, name in squares.items() for k in (2, -1)})

    def _cases(self, expr: sp.Expr) -> sp.Expr:
        """Name every part that is given by cases."""
        parts = [p for p in sp.preorder_traversal(expr) if isinstance(p, sp.Piecewise)]
        inner = {q for p in parts for a in p.args for q in sp.preorder_traversal(a) if isinstance(q, sp.Piecewise)}
        outer = {}
        for part in dict.fromkeys(p for p in parts if p not in inner):
            names = {s.name for s in part.free_symbols}
            letter = "V" if "C" in names and names & {"q"} else "m" if "C" in names else "l"
            level = next((n for n in ("y1", "y2", "y_1", "y_2") if n in names), "")
            index = _index(part.free_symbols)
            outer[part] = self._name(part, f"{letter}_{index}" if index else letter, level)
        return expr.xreplace(outer)

    def name_part(self, part: sp.Expr) -> sp.Symbol:
        """Name any part of a formula that is too wide for the page: `P`, `Q`, `R` and so on."""
        letter = next((c for c in "PQRGHKLMN" if c not in self.taken), "P")
        return self._name(part, letter)

    def _letter(self, letter: str, estimate: sp.Expr) -> str:
        """`letter` with the coordinate's index, and a prime if another variance has taken it."""
        if (letter, estimate) not in self._letters:
            index = _index(estimate.free_symbols)
            self._letters[letter, estimate] = self._free(f"{letter}_{index}" if index else letter)
        return self._letters[letter, estimate]

    def _free(self, stem: str) -> str:
        while stem in self.taken:
            stem += "'"
        self.taken.add(stem)
        return stem

    def _name(self, part: sp.Expr, stem: str, at: str = "") -> sp.Symbol:
        if part not in self._found:
            free = stem if stem in self._letters.values() else self._free(f"{stem}({at})" if at else stem)
            name = f"{free}({at})" if at and not free.endswith(")") else free
            symbol = sp.Symbol(name, real=True)
            self._found[part] = symbol
            self.definitions[symbol] = part
        return self._found[part]

    @property
    def names(self) -> dict[sp.Symbol, str]:
        """How each name is written."""
        written = {}
        for symbol in self.definitions:
            stem, _, at = symbol.name.partition("(")
            text = symbol_latex(stem).replace("l", r"\ell", 1) if stem.startswith("l") else symbol_latex(stem)
            written[symbol] = text + (f"({symbol_latex(at[:-1])})" if at else "")
        return written

    def glossary(self) -> list[tuple[str, str]]:
        """Each name with what it stands for, as LaTeX; a variance at several levels is defined once, as a function."""
        names = self.names
        printer = Printer(names=names)
        entries: dict[str, str] = {}
        for symbol, part in self.definitions.items():
            found = _variance(part)
            stem, _, at = symbol.name.partition("(")
            several = found and any(s.name.startswith(f"{stem}(") for s in self.definitions)
            if found and several:
                entries[f"{symbol_latex(stem)}(x)"] = printer.text(part.xreplace({found[0]: x}))
                if not at:
                    entries[names[symbol]] = f"{symbol_latex(stem)}(x)"
            else:
                entries[names[symbol]] = printer.text(part)
        return list(entries.items())
