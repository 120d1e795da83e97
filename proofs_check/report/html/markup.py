"""HTML by functions: text is escaped unless it is `Html` already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as _escape

__all__ = ["Html", "escape", "join", "tag"]

#: closed by themselves, which SVG needs and HTML allows
_VOID = frozenset({"br", "circle", "hr", "img", "input", "line", "link", "meta", "path", "rect", "use"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def escape(text: object) -> Html:
    """`text` as HTML; `Html` stays as it is."""
    return text if isinstance(text, Html) else Html(_escape(str(text)))


def join(parts: Iterable[object], between: object = "") -> Html:
    """The parts one after another, each escaped unless it is `Html`."""
    return Html(str(escape(between)).join(escape(p) for p in parts))


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element. `class_` is `class`, `aria_label` is `aria-label`; True is a bare attribute, None and False none.

    A child that is None is left out, so that optional parts can be written in place.
    """
    text = name
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        text += f" {key}" if value is True else f' {key}="{_escape(str(value))}"'
    if name in _VOID:
        return Html(f"<{text}/>")
    return Html(f"<{text}>{join(c for c in children if c is not None)}</{name}>")
