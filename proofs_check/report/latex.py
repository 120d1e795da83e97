r"""Formulas, domains and sentences of the registry as LaTeX.

Relations are printed by `theory.latex`, connectives in words or arrows, sentences through `proofs_check.report.prose`.
Only commands of LaTeX and amsmath are used, which `latex2mathml` converts too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sympy import Expr

from proofs_check.claim import Domain, Variable
from proofs_check.formula import And, Formula, Iff, Implies, Not, Or, Relation
from proofs_check.report.prose import split_prose as split_prose
from theory.latex import latex, symbol_latex

__all__ = [
    "domain_latex",
    "escape",
    "formula_latex",
    "id_latex",
    "prose_html",
    "prose_latex",
    "split_prose",
    "variable_latex",
    "witness_latex",
]

_SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}
_UP, _DOWN = {"<", "<=", "="}, {">", ">=", "="}
_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}", "≤": r"\ensuremath{\le}", "≥": r"\ensuremath{\ge}", "≠": r"\ensuremath{\ne}",
    "∈": r"\ensuremath{\in}", "∞": r"\ensuremath{\infty}", "⇒": r"\ensuremath{\Rightarrow}",
    "⇔": r"\ensuremath{\Leftrightarrow}", "→": r"\ensuremath{\to}", "×": r"\ensuremath{\times}",
    "±": r"\ensuremath{\pm}", "²": r"\ensuremath{^2}", "—": "---", "–": "--", "“": "``", "”": "''", "’": "'",
    "é": r"\'e", "è": r"\`e", "ö": r"\"o", "ü": r"\"u", "ô": r"\^o", "ł": r"\l{}", "√": r"\ensuremath{\surd}",
}  # fmt: skip
#: names that the plain texts write without their accents
_ACCENTS = {"Frechet": r"Fr\'echet", "Poincare": r"Poincar\'e", "Ito's": r"It\^o's"}


def _relation(relation: Relation, side: Callable[[Expr], str]) -> str:
    return f"{side(relation.left)} {_SIGNS.get(relation.op, relation.op)} {side(relation.right)}"


def _chained(args: tuple[Formula, ...], side: Callable[[Expr], str]) -> list[str]:
    """The parts of a conjunction; relations that continue each other (`a < b`, `b < c`) become one."""
    parts: list[tuple[str, list[Relation]]] = []
    for arg in args:
        if not isinstance(arg, Relation):
            parts.append((formula_latex(arg, side=side), []))
            continue
        run = parts[-1][1] if parts else []
        ops = {arg.op, *(r.op for r in run)}
        same = run and run[-1].right == arg.left and arg.left != arg.right and any(ops <= s for s in (_UP, _DOWN))
        if same:
            text = f"{parts[-1][0]} {_SIGNS.get(arg.op, arg.op)} {side(arg.right)}"
            parts[-1] = (text, [*run, arg])
        else:
            parts.append((_relation(arg, side), [arg]))
    return [text for text, _ in parts]


def formula_latex(formula: Formula, *, side: Callable[[Expr], str] = latex) -> str:
    r"""`formula` in one line; `side` prints the two sides of a relation.

    Conjunctions and disjunctions are joined by words, implications by arrows; a formula inside an implication stands
    in brackets.
    """

    def inner(part: Formula) -> str:
        text = formula_latex(part, side=side)
        if isinstance(part, Relation) or (isinstance(part, And) and len(_chained(part.args, side)) == 1):
            return text
        return bracketed(text)

    match formula:
        case Relation():
            return _relation(formula, side)
        case Not(arg):
            return rf"\text{{not }} {inner(arg)}"
        case And(args):
            if not args:
                return r"\text{true}"
            return r" \text{ and } ".join(
                bracketed(text) if "Long" in text or r"\text{ or }" in text else text for text in _chained(args, side)
            )
        case Or(args):
            return r" \text{ or } ".join(map(inner, args)) or r"\text{false}"
        case Implies(a, b):
            return rf"{inner(a)} \Longrightarrow {inner(b)}"
        case Iff(a, b):
            return rf"{inner(a)} \Longleftrightarrow {inner(b)}"


def bracketed(text: str) -> str:
    """`text` in round brackets, which grow around fractions and cases."""
    return rf"\left({text}\right)" if re.search(r"\\frac|\\begin|\\left", text) else f"({text})"


def _interval(v: Variable) -> str:
    """What is said about a variable: a relation to a number, or membership of an interval; empty for every real."""
    if v.lower is None and v.upper is None:
        return r"\in \mathbb{R}"
    if v.upper is None:
        return f"{'>' if v.lower_open else chr(92) + 'ge'} {latex(v.lower)}"
    if v.lower is None:
        return f"{'<' if v.upper_open else chr(92) + 'le'} {latex(v.upper)}"
    left, right = "(" if v.lower_open else "[", ")" if v.upper_open else "]"
    return rf"\in {left}{_inline(v.lower)}, {_inline(v.upper)}{right}"


def _inline(value: Expr) -> str:
    return str(value)


def variable_latex(variable: Variable) -> str:
    r"""A variable and its interval, `\sigma > 0` or `x \in [0, 1)`."""
    return f"{symbol_latex(variable.symbol.name)} {_interval(variable)}"


def domain_latex(domain: Domain) -> str:
    r"""Where a formula is asserted: variables with the same interval together, then the hypotheses."""
    return r",\ ".join(domain_parts(domain))


def domain_parts(domain: Domain, *, side: Callable[[Expr], str] = latex) -> list[str]:
    """The parts of `domain_latex`, where a line may be broken."""
    kinds = dict.fromkeys(_interval(v) for v in domain.variables)
    groups = [[v for v in domain.variables if _interval(v) == kind] for kind in kinds]
    parts = [f"{', '.join(symbol_latex(v.symbol.name) for v in g)} {_interval(g[0])}" for g in groups]
    if domain.hypotheses:
        parts += _chained(domain.hypotheses, side)
    return parts


def witness_latex(witness: Mapping[str, str]) -> str:
    r"""A witness as a list of equations, `\sigma = \frac{1}{2}, x = 0`; empty for one without variables."""
    return r",\ ".join(f"{symbol_latex(name)} = {_value(value)}" for name, value in witness.items())


def _value(text: str) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    p, slash, q = digits.partition("/")
    if not (p.isdigit() and (q.isdigit() or not slash)):
        return rf"\text{{{escape(text)}}}"
    return f"{sign}{p}/{q}" if slash else f"{sign}{p}"


def escape(text: str) -> str:
    """Plain text for LaTeX's text mode: special characters made literal, quotes and accents set.

    Raises:
        ValueError: a character that a small TeX installation cannot print.
    """
    out = re.sub(r"(?<![\w'])'(?=\w)", "`", text)
    out = re.sub(r'(?<!\w)"(?=\w)', "“", out).replace('"', "”")
    out = "".join(_ESCAPES.get(c, c) for c in out).replace(" - ", " -- ").replace("...", r"\dots{}")
    strange = {c for c in out if ord(c) > 126}
    if strange:
        raise ValueError(f"no LaTeX for {', '.join(sorted(map(repr, strange)))} in {text!r}")
    for plain, accented in _ACCENTS.items():
        out = out.replace(plain, accented)
    return out


def id_latex(id: str) -> str:
    """The id of a claim or a rule, which may be broken after a slash or a hyphen."""
    return re.sub(r"([/-])", r"\1\\allowbreak{}", escape(id))


def prose_latex(text: str) -> str:
    """A sentence of the registry as LaTeX: text escaped, formulas between dollar signs."""
    return "".join(f"${part}$" if kind == "math" else escape(part) for kind, part in split_prose(text))


def prose_html(text: str, math: Callable[[str], str]) -> str:
    """A sentence as HTML: text escaped, each formula through `math` (LaTeX to markup)."""
    from html import escape as escape_html

    return "".join(math(part) if kind == "math" else escape_html(part) for kind, part in split_prose(text))
