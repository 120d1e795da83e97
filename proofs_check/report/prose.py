"""Sentences with mathematics typed in ASCII: which part is text, which is mathematics, and that part as LaTeX.

Claims are written in plain text (`hat sigma_j^2 <= 2 sigma_j^2 for j >= 2`). A sentence is cut into tokens, brackets
are matched, and runs of mathematical tokens become LaTeX. Words stay text; so do ids of claims and numbers that stand
alone.
"""

from __future__ import annotations

import re

from proofs_check.report.ascii_math import run_latex
from proofs_check.report.tokens import FUNCTIONS, RELATIONS, Item, group, neighbour, plain, tokens

__all__ = ["Part", "split_prose"]

Part = tuple[str, str]


def _pure(item: Item) -> bool:
    """Whether a group holds mathematics only."""
    if item.text == "[" and re.fullmatch(r"\d+", plain(item.items)):
        return False
    for inner in item.items:
        if (inner.kind == "group" and not _pure(inner)) or inner.kind in ("word", "id"):
            return False
        if inner.kind == "other" and inner.text not in ",.:;!'∫":
            return False
    return bool(item.items)


def _belongs(items: list[Item], i: int, run: bool) -> bool:
    """Whether the group at `i` is part of a formula."""
    item = items[i]
    before = items[i - 1] if i else None
    attached = before is not None and (before.kind in ("name", "prime", "group") or before.text in ("_", "^", "*"))
    attached = attached or (i > 1 and before is not None and before.kind == "num" and items[i - 2].text in ("_", "^"))
    after = items[i + 1] if i + 1 < len(items) else None
    if attached and before is not None and before.text in ("P", "E") and before.kind == "name":
        return True
    if not _pure(item):
        return after is not None and after.text == "^"
    inside = plain(item.items).strip()
    if attached:
        return True
    if re.fullmatch(r"\d+", inside):
        return False
    related = any(inner.kind == "op" and inner.text in RELATIONS for inner in item.items)
    if item.text in "[{":
        return item.text == "{" or "," in inside
    if related and not (after is not None and after.text in ("^", "_")):
        return False
    previous = neighbour(items, i, -1)
    return run or (previous is not None and previous.kind == "op") or "," in inside or any(
        inner.kind in ("op", "name") for inner in item.items
    )  # fmt: skip


def split_prose(text: str) -> list[Part]:
    """Cut a sentence into `("text", plain)` and `("math", LaTeX)` parts, in order.

    The text parts are plain (nothing escaped). Joined with the formulas read aloud they are the sentence.
    """
    parts: list[Part] = []
    _walk(group(tokens(text)), parts)
    return _merged(parts)


def _merged(parts: list[Part]) -> list[Part]:
    merged: list[Part] = []
    for kind, content in parts:
        if merged and merged[-1][0] == kind == "text":
            merged[-1] = ("text", merged[-1][1] + content)
        elif content:
            merged.append((kind, content))
    return merged


def _walk(items: list[Item], parts: list[Part]) -> None:
    i = 0
    while i < len(items):
        end = _run_end(items, i)
        if end > i:
            parts.append(("math", run_latex(items[i:end])))
            i = end
            continue
        item = items[i]
        if item.kind == "group":
            parts.append(("text", item.text))
            _walk(item.items, parts)
            parts.append(("text", item.close))
        else:
            parts.append(("text", item.text))
        i += 1


def _run_end(items: list[Item], start: int) -> int:
    """Where the formula that begins at `start` ends; `start` itself if none does."""
    i, strong, last = start, False, start
    if items[start].kind == "space":
        return start
    depth = 0
    while i < len(items):
        item = items[i]
        previous = items[i - 1] if i > start else None
        if item.kind == "space":
            i += 1
            continue
        spaced = previous is not None and previous.kind == "space"
        if item.kind == "group":
            if not _belongs(items, i, i > start):
                break
            numbers = item.text == "(" and re.fullmatch(r"[\d\s.,]*\)", plain(item.items) + item.close)
            strong = strong or i > start or not numbers
        elif item.kind == "num":
            value = neighbour(items, i, -1)
            if i > start and value is not None and value.opens_value and spaced and not _awaits(items[start:i]):
                break
            strong = strong or not re.fullmatch(r"\d+(?:\.\d+)?", item.text)
        elif item.kind in ("name", "prime"):
            if spaced and _new_formula(items, i):
                break
            strong = True
        elif item.kind == "op":
            if not _operator_fits(items, i, i == start):
                break
            depth += item.text == "|"
            strong = True
        elif item.text == "!" and previous is not None and previous.opens_value:
            strong = True
        elif item.text in (",", ", ") and depth % 2 == 1:
            pass
        else:
            break
        i += 1
        last = i
    while last > start and items[last - 1].text in ("-", "/", "+", " ", "*"):
        if items[last - 1].text == "+" and last - 2 >= start and items[last - 2].text == "_":
            break
        if items[last - 1].text == "*" and items[last - 2].kind == "name":
            break
        last -= 1
    return last if strong else start


def _awaits(run: list[Item]) -> bool:
    """Whether a number may follow: after a function, a sum or an integral sign."""
    words = [item.text for item in run if item.kind != "space"]
    return words[-1] in FUNCTIONS or words[-1] in ("sqrt", "E") or "int" in words or "sum" in words


def _new_formula(items: list[Item], i: int) -> bool:
    """Whether the name at `i`, after a space, begins another formula: nobody writes `1 x`, or `d F(d, x)`."""
    before, after = neighbour(items, i, -1), (items[i + 1] if i + 1 < len(items) else None)
    indexed = i > 2 and items[i - 1].kind == "space" and items[i - 3].text == "_"
    if before is None or indexed or not before.opens_value or before.text in FUNCTIONS or before.text in ("hat", "E"):
        return False
    written = "".join(item.text for item in items[:i]).rstrip()
    one = before.text == "1" and not re.search(r"[\^_]-?1\Z", written)
    function = items[i].text in ("F", "d") and after is not None and (after.kind == "group" or after.text == "*")
    return one or function


def _operator_fits(items: list[Item], i: int, first: bool) -> bool:
    item = items[i]
    after = items[i + 1] if i + 1 < len(items) else None
    right = neighbour(items, i, 1)
    if first:
        if item.text in ("-", "+"):
            return after is not None and after.kind in ("num", "name", "group")
        if item.text in ("^", "_", "*", "/"):
            return False
        starts = right is not None and (right.opens_value or right.kind in ("op", "prime"))
        return starts or item.text in ("..", "...")
    if item.text in ("-", "/"):
        return right is not None and (right.opens_value or right.text in ("|", ".."))
    if item.text in ("..", "..."):
        return right is not None and (right.kind in ("op", "name"))
    return True
