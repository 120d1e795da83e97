"""Formulas as MathML when the site is built, so that a page needs no script and no network."""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

#: what the converter writes as a letter, and the operator that is meant; primes would come out too small
_OPERATORS = {
    "<mi>&#x0007E;</mi>": "<mo>&#x0223C;</mo>",
    "<mi>&#x02032;</mi>": '<mo style="font-size: 1.4em">&#x02032;</mo>',
    "<mi>&#x02033;</mi>": '<mo style="font-size: 1.4em">&#x02033;</mo>',
}
_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


def on_page_content(content: str, **_: Any) -> str:
    """Replace every formula that `pymdownx.arithmatex` found by MathML."""

    def mathml(found: re.Match[str]) -> str:
        display = "block" if found[1] == "div" else "inline"
        text = convert(html.unescape(found[2]).strip(), display=display)
        for letter, operator in _OPERATORS.items():
            text = text.replace(letter, operator)
        return text

    return _FORMULA.sub(mathml, content)
