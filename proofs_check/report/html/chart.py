"""Small SVG charts: two axes, lines, points, labels where they are needed. Colours come from the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from proofs_check.report.html.markup import Html, join, tag

__all__ = ["Chart", "ticks"]

Point = tuple[float, float]
_WIDTH, _HEIGHT = 380, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 16, 48


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, about `count` of them.

    Raises:
        ValueError: an empty range.
    """
    if not low < high:
        raise ValueError(f"low must be below high, got {low} and {high}")
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


@dataclass
class Chart:
    """A chart over `x` and `y` ranges; `title` and `says` are read to those who do not see it."""

    title: str
    says: str
    x: Point
    y: Point
    x_label: str
    y_label: str
    whole_y: bool = False
    whole_x: bool = False
    _marks: list[Html] = field(default_factory=list)

    def _at(self, point: Point) -> Point:
        across = (point[0] - self.x[0]) / (self.x[1] - self.x[0])
        up = (point[1] - self.y[0]) / (self.y[1] - self.y[0])
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    def line(self, points: Sequence[Point], kind: int) -> None:
        """A line in the `kind`-th stroke (colour and dashes)."""
        spots = [self._at(p) for p in points]
        data = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in spots)
        self._marks.append(tag("path", d=data, class_=f"line k{kind}"))

    def stairs(self, edges: Sequence[float], values: Sequence[float], kind: int) -> None:
        """A step function: `values[i]` between `edges[i]` and `edges[i + 1]`."""
        points: list[Point] = []
        for value, (left, right) in zip(values, pairwise(edges), strict=True):
            points += [(left, value), (right, value)]
        self.line(points, kind)

    def points(self, points: Sequence[Point], kind: int, words: Sequence[str]) -> None:
        """Marks, each with its numbers as a tooltip; even kinds are discs, odd ones open squares."""
        for point, said in zip(points, words, strict=True):
            a, b = self._at(point)
            if kind % 2 == 0:
                mark = tag("circle", cx=f"{a:.1f}", cy=f"{b:.1f}", r=4.5, class_=f"mark k{kind}")
            else:
                mark = tag("rect", x=f"{a - 4.5:.1f}", y=f"{b - 4.5:.1f}", width=9, height=9, class_=f"mark k{kind}")
            self._marks.append(tag("g", tag("title", said), mark))

    def label(self, point: Point, text: str, kind: int, anchor: str = "start", shift: Point = (6, -6)) -> None:
        """Words beside a point, in the colour of their line."""
        a, b = self._at(point)
        self._marks.append(
            tag(
                "text",
                text,
                x=f"{a + shift[0]:.1f}",
                y=f"{b + shift[1]:.1f}",
                text_anchor=anchor,
                class_=f"label k{kind}",
            )
        )

    def _axes(self) -> Html:
        parts: list[Html] = []
        for value in ticks(*self.x):
            if self.whole_x and value != round(value):
                continue
            a, _ = self._at((value, self.y[0]))
            parts.append(tag("line", x1=f"{a:.1f}", x2=f"{a:.1f}", y1=_TOP, y2=_HEIGHT - _BOTTOM, class_="grid"))
            parts.append(tag("text", f"{value:g}", x=f"{a:.1f}", y=_HEIGHT - _BOTTOM + 17, text_anchor="middle"))
        for value in ticks(*self.y):
            if self.whole_y and value != round(value):
                continue
            _, b = self._at((self.x[0], value))
            parts.append(tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=f"{b:.1f}", y2=f"{b:.1f}", class_="grid"))
            parts.append(tag("text", f"{value:g}", x=_LEFT - 7, y=f"{b + 4:.1f}", text_anchor="end"))
        middle = (_HEIGHT - _BOTTOM + _TOP) / 2
        parts.append(
            tag(
                "text",
                self.x_label,
                x=(_WIDTH + _LEFT - _RIGHT) / 2,
                y=_HEIGHT - 8,
                text_anchor="middle",
                class_="axis",
            )
        )
        parts.append(
            tag(
                "text",
                self.y_label,
                transform=f"translate(14 {middle:.0f}) rotate(-90)",
                text_anchor="middle",
                class_="axis",
            )
        )
        return join(parts)

    def svg(self) -> Html:
        """The chart."""
        return tag(
            "svg", tag("title", self.title), tag("desc", self.says), self._axes(), *self._marks,
            viewBox=f"0 0 {_WIDTH} {_HEIGHT}", class_="chart", role="img", aria_label=f"{self.title}. {self.says}",
        )  # fmt: skip
