"""LaTeX to MathML, so that formulas need no script. The converter comes with the extra `report`."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree import ElementTree

from proofs_check.report.html.markup import Html, escape, join, tag

__all__ = ["math", "prose", "require_converter"]

#: characters written by their number, but for those that HTML reserves
_NUMBERED = re.compile(r"&#x0*(?!(?:3C|3E|26|22|27);)([0-9A-Fa-f]+);")
#: names of functions, which stand closer to their argument than to what is before them
_FUNCTION = re.compile(r"<m[io]>(log|exp|arctan|cos|sin|det|tr)</m[io]>(?=<mo[^>]*>\()")
#: LaTeX up to this length is never broken over lines
_SHORT = 32
_RELATIONS = frozenset("=<>≤≥≠∈⟹⟺⇒⇔→←≈∼")
#: forbids a line break
_JOINER = "\u2060"


def require_converter() -> None:
    """Check that the converter is there before minutes are spent on a run.

    Raises:
        ValueError: latex2mathml is not installed.
    """
    try:
        import latex2mathml.converter  # noqa: F401
    except ImportError:
        raise ValueError("the report needs latex2mathml: pip install 'latent-stopping[report]'") from None


def _converted(latex: str) -> str | None:
    """What stands between `<math>` and `</math>`, or None for what the converter does not know."""
    from latex2mathml.converter import convert

    try:
        body = convert(latex)
    except Exception:  # it has no common error class; its input is ours, and a failure costs only looks
        return None
    inner = body.partition(">")[2].removesuffix("</math>")
    # a backslash left over is a command that it does not know
    return None if "\\" in inner else inner


def _finish(inner: str, attributes: str = "") -> Html:
    """A formula, spaced as TeX spaces it."""
    inner = _NUMBERED.sub(lambda m: chr(int(m[1], 16)), inner)
    inner = inner.replace("<mo>/</mo>", '<mo lspace="0" rspace="0">/</mo>')
    inner = _FUNCTION.sub(r'<mo form="prefix" lspace="0.17em" rspace="0">\1</mo>', inner)
    return Html(f"<math{attributes}>{inner}</math>")


def _pieces(inner: str) -> list[str]:
    """The formula cut before relations and after commas outside of brackets: no browser breaks a line inside MathML."""
    row = ElementTree.fromstring(inner)
    if row.tag != "mrow":
        return [inner]
    pieces: list[list[str]] = [[]]
    depth = 0
    for child in row:
        text = (child.text or "").strip() if child.tag == "mo" else ""
        depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        outside = depth == 0 and len(pieces[-1]) > 0
        if outside and text in _RELATIONS:
            pieces.append([])
        pieces[-1].append(ElementTree.tostring(child, encoding="unicode"))
        if outside and text == ",":
            pieces.append([])
    return [f"<mrow>{''.join(p)}</mrow>" for p in pieces if p]


@lru_cache(maxsize=8192)
def math(latex: str, *, display: bool = False) -> Html:
    """A formula as MathML, its LaTeX kept beside it; what cannot be converted stays LaTeX.

    In a line of text (`display` false) a line may be broken before a relation.

    Raises:
        ValueError: latex2mathml is not installed.
    """
    require_converter()
    inner = _converted(latex)
    if inner is None:
        return tag("code", latex, class_="tex")
    pieces = [inner] if display or len(latex) < _SHORT else _pieces(inner)
    if len(pieces) == 1:
        shown = ' display="block"' if display else ""
        return _finish(inner, f'{shown} alttext="{escape(latex)}"')
    return tag("span", join((_finish(p) for p in pieces), Html("<wbr>")), data_tex=latex)


def prose(text: str) -> Html:
    """A sentence of a claim, the formulas in it as MathML."""
    from proofs_check.report.latex import split_prose

    parts = split_prose(text)
    shown: list[object] = []
    for i, (kind, piece) in enumerate(parts):
        if kind == "math":
            shown.append(math(piece))
            continue
        # no line begins with the full stop after a formula, or ends with the bracket before one
        before = _JOINER if i and not piece[:1].isspace() else ""
        after = _JOINER if i + 1 < len(parts) and not piece[-1:].isspace() else ""
        shown.append(f"{before}{piece}{after}")
    return join(shown)
