"""The tokens of a sentence with mathematics typed in ASCII, and its brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from theory.latex import GREEK

__all__ = ["FUNCTIONS", "NAMES", "OPERATORS", "RELATIONS", "Item", "group", "neighbour", "plain", "tokens"]

_ID = (
    r"(?:eq|prop|text|figure|lemma|special|corollary|beyond|question)-\w+(?:-(?:i+|left|right)\b)?(?:/[\w-]*\w)*"
    r"|headline(?:-[ab]\b|(?=/))(?:/[\w-]*\w)*|noisy-autoencoder(?:/[\w-]*\w)*|import/[\w-]*\w|theory[./][\w.]*\w"
)
_TOKEN = re.compile(
    rf"(?P<id>(?<![\w-])(?:{_ID}))|(?P<num>\d+x\d+\b|\d+\.\d+\.{{2,3}}|\d+(?:\.\d+)?(?:e-?\d+\b)?)"
    r"|(?P<own>\bi\.e\.|\be\.g\.|(?<=[A-Za-z0-9)])'[st]\b(?! ?[<>=+*/^_-]))"
    r"|(?P<word>[A-Za-z]{2,}(?:-[A-Za-z]+)*-(?=[a-z]\b)|[A-Za-z]{2,}(?:-[A-Za-z]{2,})+|[A-Za-z]+\d*|[^\W\d_]+)"
    r"|(?P<op><=>|=>|<=|>=|!=|->|:=|\.\.\.|\.\.|[~=<>+\-*/^_|#≤≥≠∈×→⇒⇔±∞])"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<space>\s+)|(?P<other>.)"
)

FUNCTIONS = {
    "exp": r"\exp", "log": r"\log", "max": r"\max", "min": r"\min", "inf": r"\inf", "sup": r"\sup", "det": r"\det",
    "sin": r"\sin", "cos": r"\cos", "arctan": r"\arctan", "sum": r"\sum", "int": r"\int", "lim": r"\lim",
    "tr": r"\operatorname{tr}", "diag": r"\operatorname{diag}", "erfc": r"\operatorname{erfc}",
    "argmin": r"\operatorname{argmin}", "argmax": r"\operatorname{argmax}", "erf": r"\operatorname{erf}",
}  # fmt: skip
#: words of the sentence that are also functions: mathematics only before an argument
_AMBIGUOUS = {"max", "min", "inf", "sup", "sum", "int", "sin", "lim", "hat", "sqrt", "exp", "log"}
NAMES = {
    **GREEK, **FUNCTIONS, "oo": r"\infty", "chi2": r"\chi^2", "Xb": r"\overleftarrow{X}", "abar": r"\bar a",
    "hat": r"\hat", "sqrt": r"\sqrt",
    **{f"d{v}": f"d{v}" for v in "tsuxyvfFGHPVWX"}, "dtau": r"d\tau",
    **{w: w for w in ("cq", "cy", "Cq", "kx", "Cy", "VV", "OP", "AB", "BA")},
    "Au": "A u", "Bu": "B u", "Cu": "C u", "SW": r"\mathrm{SW}",
}  # fmt: skip
OPERATORS = {
    "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "->": r"\to", "~": r"\sim", "..": r"\dots", "#": r"\#", "...": r"\dots",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∈": r"\in", "×": r"\times", "→": r"\to", "⇒": r"\Rightarrow",
    "⇔": r"\Leftrightarrow", "±": r"\pm", "∞": r"\infty", "=>": r"\Rightarrow", "<=>": r"\Leftrightarrow",
}  # fmt: skip
RELATIONS = {"<=", ">=", "!=", "=", "<", ">", "~", "->", "≤", "≥", "≠", "∈", "in"}
_PROGRAMS = {"z3", "cvc5", "v1", "v2"}


@dataclass
class Item:
    """A token (`kind` as in `_TOKEN`, or `name`, `prime`), or a bracketed group with its items."""

    kind: str
    text: str
    items: list[Item] = field(default_factory=list)
    close: str = ""

    @property
    def opens_value(self) -> bool:
        """Whether it is a value: a name, a number or something in brackets."""
        return self.kind in ("name", "num", "group")


def tokens(text: str) -> list[Item]:
    """The tokens of `text`, each known to be a word or a name of mathematics."""
    text = re.sub(r"(?<=\bn) x (?=D\b)", " × ", text)
    text = re.sub(r"(?<![A-Za-z_])([A-Za-z]+)_hat(?![A-Za-z])", r"hat \1", text)
    found = [Item(str(m.lastgroup), m.group()) for m in _TOKEN.finditer(text)]
    quoted = False
    for i, item in enumerate(found):
        before = found[i - 1] if i else None
        if item.kind == "word":
            item.kind = _word_kind(found, i)
        elif item.text == "'":
            after = found[i + 1].text if i + 1 < len(found) else " "
            named = before is not None and (before.kind in ("name", "prime") or before.text in (")", "}"))
            if named and (not quoted or after[0].isalnum() or after[0] in "(_^'"):
                item.kind = "prime"
                continue
            quoted = not quoted if before is None or before.kind != "word" or quoted else quoted
    return found


def neighbour(found: list[Item], i: int, step: int) -> Item | None:
    """The next token to the right (`step` 1) or left (-1) of `i` that is no space."""
    i += step
    while 0 <= i < len(found) and found[i].kind == "space":
        i += step
    return found[i] if 0 <= i < len(found) else None


def _word_kind(found: list[Item], i: int) -> str:
    word = found[i].text
    before, after = (found[i - 1] if i else None), (found[i + 1] if i + 1 < len(found) else None)
    left, right = neighbour(found, i, -1), neighbour(found, i, 1)
    if before is not None and before.text in ("_", "^"):
        return "name"
    if word in ("a", "A"):
        ends = after is not None and (after.kind == "close" or after.text == ",")
        enclosed = ends and (word == "A" or (before is not None and before.kind == "open"))
        scripted = enclosed or (after is not None and after.text in ("_", "^", "'", "("))
        beside = any(n is not None and n.kind == "op" and n.text != ".." for n in (left, right))
        spoken = right is not None and right.kind == "word" and len(right.text) > 1 and (
            right.text in _AMBIGUOUS or right.text not in {*NAMES, "and", "or", "is", "are", "need"}
        )  # fmt: skip
        starts = left is None or left.text in (".", ":", ";")
        capital = word == "A" and not (starts and spoken)
        return "name" if scripted or beside or capital else "word"
    if after is not None and after.text in ("_", "^"):
        return "name"
    if word == "delta" and right is not None and right.text == "method":
        return "word"
    if word == "infinity" and left is not None and left.kind == "op":
        return "name"
    if word == "in":
        value = left is not None and (left.kind in ("name", "close", "num", "prime"))
        opens = right is not None and right.kind == "open"
        return "op" if value and opens and not _is_label(found, i) else "word"
    if word in _AMBIGUOUS:
        if word == "sum" and left is not None and left.text in ("the", "their", "this", "that"):
            return "word"
        if right is None or (word in ("sum", "int", "max", "min", "sup", "inf") and right.kind == "word" and
                             right.text not in NAMES and len(right.text) > 1):  # fmt: skip
            return "word"
        known = right.kind == "word" and (right.text in NAMES or len(right.text.rstrip("0123456789")) == 1)
        argument = known or right.kind in ("num", "open", "name") or right.text in ("_", "|", "-", "^")
        return "name" if argument else "word"
    if word in NAMES or (len(word) == 1 and word.isascii()):
        return "name"
    if word in _PROGRAMS:
        return "word"
    stem = word.rstrip("0123456789")
    return "name" if stem != word and (len(stem) == 1 or stem in GREEK) else "word"


def _is_label(found: list[Item], i: int) -> bool:
    """Whether `(A)` or `(B)`, a reading of the headline, follows."""
    return "".join(t.text for t in found[i + 1 : i + 5]).strip()[:3] in ("(A)", "(B)")


def group(found: list[Item]) -> list[Item]:
    """Match brackets, of different kinds too (half-open intervals); one without a partner is text."""
    stack: list[list[Item]] = [[]]
    opened: list[Item] = []
    for item in found:
        if item.kind == "open":
            opened.append(item)
            stack.append([])
        elif item.kind == "close" and opened and (item.text == "}") == (opened[-1].text == "{"):
            group = Item("group", opened.pop().text, stack.pop(), item.text)
            stack[-1].append(group)
            if plain(group.items) in ("A", "B", "i") and (len(stack[-1]) < 2 or stack[-1][-2].kind == "space"):
                # a label such as `reading (A)`
                stack[-1][-1] = Item("id", plain([group]))
        else:
            stack[-1].append(Item("other", item.text) if item.kind == "close" else item)
    while opened:
        rest = stack.pop()
        stack[-1] += [Item("other", opened.pop().text), *rest]
    return stack[0]


def plain(items: list[Item]) -> str:
    """The text that `items` were cut from."""
    return "".join(i.text + (plain(i.items) + i.close if i.kind == "group" else "") for i in items)
