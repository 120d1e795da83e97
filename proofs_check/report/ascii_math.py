"""A run of mathematical tokens as LaTeX."""

from __future__ import annotations

import re

from proofs_check.report.tokens import NAMES, OPERATORS, Item, neighbour
from theory.latex import GREEK

__all__ = ["run_latex"]

#: commands that stand for one letter and need no braces as an index
_PLAIN = {*GREEK.values(), r"\infty"}


def run_latex(items: list[Item]) -> str:
    """A run of mathematical tokens as LaTeX."""
    out: list[str] = []
    i = 0
    while i < len(items):
        piece, i = _element(items, i)
        out.append(piece)
    text = " ".join(p for p in out if p)
    text = re.sub(r"\s+([,)\]^_'!])", r"\1", text)
    text = re.sub(r"([(\[]) +", r"\1", text)
    text = re.sub(r"(\\\{) ", r"\1", text).replace(r" \}", r"\}")
    text = re.sub(r"((?:^|[({\[,=<>|]|\\(?:le|ge|to|in|mapsto))\s*)([-+]) ", r"\1\2", text)
    text = re.sub(r"\|([_^]) ", r"|\1", text)
    return re.sub(r" ?/ ?", "/", text)


def _element(items: list[Item], i: int) -> tuple[str, int]:
    """The LaTeX of the element at `i` with its scripts, and where the next one begins."""
    item = items[i]
    i += 1
    if item.kind == "space":
        return "", i
    if item.kind == "word":
        words = [item.text]
        while i + 1 < len(items) and items[i].kind == "space" and items[i + 1].kind == "word":
            words.append(items[i + 1].text)
            i += 2
        return rf"\text{{ {' '.join(words)} }}", i
    if item.kind == "op":
        return _operator(items, i - 1), i
    if item.kind == "name" and item.text == "hat":
        while i < len(items) and items[i].kind == "space":
            i += 1
        if i < len(items) and items[i].kind == "name":
            letter, digits = _name(items[i].text)
            wide = items[i].text == "Xb"
            body = rf"\widehat{{{letter}}}" if wide else rf"\hat{'' if letter.startswith(chr(92)) else ' '}{letter}"
            return _scripts(body + digits, items, i + 1)
        return r"\hat{}", i
    if item.kind == "name" and item.text == "sqrt":
        while i < len(items) and items[i].kind == "space":
            i += 1
        if i < len(items):
            inner = items[i]
            body = run_latex(inner.items) if inner.kind == "group" else _element([inner], 0)[0]
            return _scripts(rf"\sqrt{{{body}}}", items, i + 1)
        return r"\sqrt{}", i
    if item.kind == "group":
        inside = run_latex(item.items)
        left = r"\{" if item.text == "{" else item.text
        right = r"\}" if item.close == "}" else item.close
        return _scripts(f"{left}{inside}{right}", items, i)
    if item.kind == "num":
        return _scripts(_number(item.text), items, i)
    if item.kind == "name":
        stem, digits = _name(item.text)
        text, i = _scripts(stem + digits, items, i)
        # a function's argument, attached in the source, is attached in print
        if i < len(items) and items[i].kind == "group" and items[i].text == "(":
            argument, i = _element(items, i)
            text += argument
        return text, i
    return (r"\cdot" if item.text == "." else item.text), i


def _scripts(body: str, items: list[Item], i: int) -> tuple[str, int]:
    """`body` with the primes, indices and powers that follow it."""
    raised = body == NAMES["chi2"]
    while i < len(items):
        item = items[i]
        if raised and item.text == "^":
            body, raised = f"({body})", False
        if item.kind == "prime":
            body += "'"
            i += 1
        elif item.text in ("_", "^") and item.kind == "op":
            script, i = _script(items, i + 1)
            body += item.text + (script if len(script) == 1 or script in _PLAIN else f"{{{script}}}")
        elif item.text == "*" and body[-1].isalpha() and not _factor(items, i + 1):
            body += "^*"
            i += 1
        else:
            break
    return body, i


def _factor(items: list[Item], i: int) -> bool:
    """Whether a factor follows at `i`, so that the `*` before it is a product sign."""
    return i < len(items) and items[i].kind in ("name", "num")


def _script(items: list[Item], i: int) -> tuple[str, int]:
    sign = ""
    if i < len(items) and items[i].text in ("-", "+") and items[i].kind == "op":
        after = items[i + 1] if i + 1 < len(items) else None
        if items[i].text == "+" and (after is None or not after.opens_value):
            return "+", i + 1
        if after is None or not after.opens_value:
            return items[i].text, i + 1
        sign = items[i].text
        i += 1
    if i >= len(items):
        return sign, i
    item = items[i]
    if item.kind == "group":
        inside = run_latex(item.items)
        return sign + (inside if item.text == "{" or not sign else f"{item.text}{inside}{item.close}"), i + 1
    if item.kind == "name":
        word = item.text
        known = {"star": "*", "T": "T", "min": r"\min", "max": r"\max"}
        if word in known:
            return sign + known[word], i + 1
        if set(word) <= set("ijkl"):
            return sign + word, i + 1
        stem, digits = _name(word)
        text = stem + digits
        j = i + 1
        while j < len(items) and items[j].kind == "prime":
            text, j = text + "'", j + 1
        return sign + text, j
    return sign + _operator(items, i) if item.kind == "op" else sign + item.text, i + 1


def _operator(items: list[Item], i: int) -> str:
    item = items[i]
    if item.text == "in":
        return r"\in"
    if item.text == "*":
        return r"\cdot"
    if item.text == "->":
        right = neighbour(items, i, 1)
        # a limit, or the value of a function
        limit = right is None or right.kind == "num" or right.text in ("oo", "N", "infinity", "-", "+")
        return r"\to" if limit else r"\mapsto"
    return OPERATORS.get(item.text, item.text)


def _name(word: str) -> tuple[str, str]:
    """A name's letter and the index that its digits are."""
    if word in NAMES:
        return NAMES[word], ""
    if word == "infinity":
        return r"\infty", ""
    stem = word.rstrip("0123456789")
    digits = word[len(stem) :]
    letter = GREEK.get(stem, stem if len(stem) == 1 else rf"\mathrm{{{stem}}}")
    return letter, (f"_{digits}" if len(digits) == 1 else f"_{{{digits}}}") if digits else ""


def _number(text: str) -> str:
    rows, cross, columns = text.partition("x")
    if cross:
        return rf"{rows}\times{columns}"
    tail = r"\dots" if text.endswith("...") else ""
    mantissa, e, exponent = text.removesuffix("...").partition("e")
    if e:
        return f"10^{{{exponent}}}" if mantissa == "1" else rf"{mantissa}\cdot10^{{{exponent}}}"
    return mantissa + tail
