r"""Displayed formulas that fit the page, cut where a person would cut them: at connectives, relations and signs.

Nothing is measured by TeX here; `width` estimates in em, a little on the large side.
"""

from __future__ import annotations

import re

from sympy import Expr, Piecewise

from proofs_check.formula import And, Formula, Iff, Implies, Not, Or, Relation
from theory.latex import Printer

__all__ = ["chunks", "display", "pieces", "width"]

_WIDE = {r"\Longrightarrow": 2.6, r"\Longleftrightarrow": 2.9, r"\log": 1.5, r"\exp": 1.8, r"\max": 2.0, r"\min": 1.8}
_SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}
_CONNECTIVES = (r"\text{ and }", r"\text{ or }", r"\Long")
_RELATIONS = ("=", "<", ">", r"\le ", r"\ge ", r"\ne ")
_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|.", re.DOTALL)


def _group(text: str, start: int) -> tuple[str, int]:
    """The argument at `start`: a braced group or one token, and where it ends."""
    while start < len(text) and text[start] == " ":
        start += 1
    if start >= len(text):
        return "", start
    if text[start] != "{":
        token = _TOKEN.match(text, start)
        end = token.end() if token else start + 1
        return text[start:end], end
    depth, i = 0, start
    while i < len(text):
        if text[i] == "\\":
            i += 2
            continue
        depth += (text[i] == "{") - (text[i] == "}")
        i += 1
        if depth == 0:
            break
    return text[start + 1 : i - 1], i


def width(text: str) -> float:
    """The width of a formula in em, estimated."""
    total, i = 0.0, 0
    if text.startswith(r"\begin{cases}") and text.endswith(r"\end{cases}"):
        rows = text[len(r"\begin{cases}") : -len(r"\end{cases}")].split(r"\\")
        return 2.5 + max(width(row) for row in rows)
    while i < len(text):
        token = _TOKEN.match(text, i)
        word = token.group() if token else text[i]
        i = token.end() if token else i + 1
        if word in (r"\frac", r"\dfrac"):
            above, i = _group(text, i)
            below, i = _group(text, i)
            total += 0.3 + max(width(above), width(below))
        elif word == r"\sqrt":
            inside, i = _group(text, i)
            total += 1.0 + width(inside)
        elif word in ("_", "^"):
            inside, i = _group(text, i)
            total += 0.72 * width(inside)
        elif word in (r"\text", r"\mathrm", r"\operatorname", r"\texttt"):
            inside, i = _group(text, i)
            total += 0.48 * len(inside) + (0.2 if word == r"\operatorname" else 0)
        elif word == r"\begin":
            _, i = _group(text, i)
            end = text.find(r"\end{cases}", i)
            rows = text[i:end].split(r"\\") if end >= 0 else [text[i:]]
            total += 2.5 + max(width(row) for row in rows)
            i = end + len(r"\end{cases}") if end >= 0 else len(text)
        elif word in (r"\hat", r"\bar", r"\left", r"\right", "{", "}", " ", r"\bigl", r"\bigr", r"\end"):
            pass
        elif word in (r"\,", r"\;", r"\ "):
            total += 0.3
        elif word in _WIDE:
            total += _WIDE[word]
        elif word in ("+", "-", r"\cdot"):
            total += 1.2
        elif word in ("=", "<", ">", r"\le", r"\ge", r"\ne", r"\in", r"\to"):
            total += 1.4
        elif word == "&":
            total += 1.0
        elif word in "()[]|,.":
            total += 0.4
        else:
            total += 0.55 if word.isdigit() or word.islower() else 0.75
    return total


def _sides(printer: Printer, expr: Expr) -> list[str]:
    """A side of a relation, cut before the signs of its sum."""
    terms = printer.terms(expr)
    first = ("-" if terms[0][0] == "-" else "") + terms[0][1].text
    return [first, *(f"{sign} {piece.text}" for sign, piece in terms[1:])]


def _enclosed(parts: list[str]) -> list[str]:
    tall = any(r"\frac" in p or r"\begin" in p or r"\left" in p for p in parts)
    left, right = (r"\bigl(", r"\bigr)") if tall or len(parts) > 3 else ("(", ")")
    return [left + parts[0], *parts[1:-1], parts[-1] + right] if len(parts) > 1 else [f"{left}{parts[0]}{right}"]


def chunks(formula: Formula, printer: Printer) -> list[str]:
    """The formula in pieces between which a line may be broken, in order; joined by spaces they are the formula."""

    def inner(part: Formula) -> list[str]:
        parts = chunks(part, printer)
        return parts if isinstance(part, Relation) else _enclosed(parts)

    def joined(parts: list[list[str]], word: str) -> list[str]:
        out = list(parts[0])
        for part in parts[1:]:
            out += [f"{word} {part[0]}", *part[1:]]
        return out

    match formula:
        case Relation(op, left, right):
            after = _sides(printer, right)
            return [*_sides(printer, left), f"{_SIGNS.get(op, op)} {after[0]}", *after[1:]]
        case Not(arg):
            parts = inner(arg)
            return [rf"\text{{not }} {parts[0]}", *parts[1:]]
        case And(args):
            return joined([inner(a) if not isinstance(a, And) else chunks(a, printer) for a in args], r"\text{ and }")
        case Or(args):
            return joined([inner(a) for a in args], r"\text{ or }")
        case Implies(a, b):
            return joined([inner(a), inner(b)], r"\Longrightarrow")
        case Iff(a, b):
            return joined([inner(a), inner(b)], r"\Longleftrightarrow")


def _until_connective(pieces: list[str]) -> str:
    stop = next((i for i, piece in enumerate(pieces) if piece.startswith(_CONNECTIVES)), len(pieces))
    return " ".join(pieces[:stop])


def _filled(pieces: list[str], limit: float) -> list[str]:
    """Pieces on lines; where one line is not enough, connectives and relations begin a line of their own."""
    if width(" ".join(pieces)) <= limit:
        return [" ".join(pieces)]
    lines = [pieces[0]]
    for i, piece in enumerate(pieces[1:], 1):
        room = limit - (2 if len(lines) > 1 else 0)
        connective = piece.startswith(_CONNECTIVES) and width(lines[-1]) > limit / 2
        relation = piece.startswith(_RELATIONS) and width(f"{lines[-1]} {_until_connective(pieces[i:])}") > room
        if width(f"{lines[-1]} {piece}") > room or connective or (relation and width(lines[-1]) > limit / 4):
            lines.append(piece)
        else:
            lines[-1] += f" {piece}"
    return lines


def pieces(body: Expr | Formula, printer: Printer) -> list[str]:
    """An expression or a formula in pieces between which a line may be broken."""
    if not isinstance(body, Expr):
        return chunks(body, printer)
    return [printer.text(body)] if isinstance(body, Piecewise) else _sides(printer, body)


def display(body: Expr | Formula, printer: Printer, limit: float, *, end: str = "") -> str:
    """A displayed formula on lines no wider than `limit` em where that is possible; `end` is its full stop."""
    lines = _filled(pieces(body, printer), limit)
    if len(lines) == 1:
        return f"\\[ {lines[0]}{end} \\]"
    rows = [f"& {lines[0]}", *(rf"& \quad {line}" for line in lines[1:])]
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + end + "\n\\end{align*}"
