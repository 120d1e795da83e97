"""Formulas as MathML when the site is built, so that a page needs no script and no network."""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

#: a primed letter: as a superscript the prime, raised by itself already, would be small and high
_PRIMED = re.compile(r"<msup>(<mi>\w</mi>)<mi>(&#x0203[23];)</mi></msup>")
_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


def on_page_content(content: str, **_: Any) -> str:
    """Replace every formula that `pymdownx.arithmatex` found by MathML."""

    def mathml(found: re.Match[str]) -> str:
        display = "block" if found[1] == "div" else "inline"
        text = convert(html.unescape(found[2]).strip(), display=display)
        text = text.replace("<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>")
        return _PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', text)

    return _FORMULA.sub(mathml, content)
