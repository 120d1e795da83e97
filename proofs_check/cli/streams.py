"""Standard output and error that fail in no surprising way, whatever they are connected to."""

from __future__ import annotations

import codecs
import io
import os
import sys
import unicodedata
from typing import Any, TextIO

__all__ = ["prepare_streams"]

#: what stands for a character in an encoding that lacks it
_PLAIN = {
    "✓": "+", "✗": "x", "◐": "~", "→": ">", "–": "-", "—": "-", "∞": "oo", "∈": "in", "≤": "<=", "≥": ">=",
    "≠": "!=", "±": "+/-", "×": "x", "·": "*", "σ": "sigma", "τ": "tau", "∧": "and", "∨": "or", "¬": "not ",
}  # fmt: skip
_HANDLER = "latent-stopping"


def _plainly(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    pieces = []
    for character in problem.object[problem.start : problem.end]:
        letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
        escaped = character.encode("ascii", "backslashreplace").decode()
        pieces.append(_PLAIN.get(character) or letters or escaped)
    return "".join(pieces), problem.end


class _Outlet(io.FileIO):
    """A file descriptor whose failures are told once, under its name; that nobody reads any more is none."""

    def __init__(self, descriptor: int, title: str) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.title = title
        self.broken = False

    def write(self, data: Any, /) -> int:
        if not self.broken:
            try:
                return super().write(data)
            except BrokenPipeError:
                # as `| head` does: the exit code still says what was decided
                self.broken = True
            except OSError as problem:
                self.broken = True
                raise OSError(problem.errno, problem.strerror, self.title) from None
        return len(data)


def _prepared(stream: TextIO | None, real: TextIO | None, title: str) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if stream is not real or not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)
    if type(raw) is not io.FileIO:
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Outlet(raw.fileno(), title)),
        encoding=stream.encoding,
        errors=_HANDLER if stream.errors == "strict" else stream.errors,
        line_buffering=stream.line_buffering,
    )


def prepare_streams() -> None:
    """Replace the process's own standard output and error; streams that somebody else put there stay."""
    codecs.register_error(_HANDLER, _plainly)
    sys.stdout = _prepared(sys.stdout, sys.__stdout__, "standard output")
    sys.stderr = _prepared(sys.stderr, sys.__stderr__, "standard error")
