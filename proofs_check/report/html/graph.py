"""The graph of claims: which edges there are, the drawings, and their SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from proofs_check.report.html.layout import BOX_HEIGHT, Drawing, Edge, acyclic, draw, layers_from_sources, neighbourhood
from proofs_check.report.html.markup import Html, join, tag
from proofs_check.report.html.signs import OUTCOMES, VERDICTS
from proofs_check.report.html.view import ClaimView

__all__ = ["DEPTHS", "edges_of", "focus_drawings", "folded", "patterns", "svg", "whole"]

#: how far a focused graph reaches; None is all the way
DEPTHS: tuple[int | None, ...] = (1, 2, 3, None)
_CHARACTER, _PADDING, _LEAST = 7.3, 40, 158


def edges_of(claims: Sequence[ClaimView]) -> dict[Edge, str]:
    """From what is rested on to what rests on it: `uses`, `proof` or `part` (a step of a claim), without circles."""
    kinds: dict[Edge, str] = {}
    for c in claims:
        kinds |= {(other, c.id): "uses" for other in c.uses}
    for c in claims:
        for other in c.proof_uses:
            kinds.setdefault((other, c.id), "proof")
    for c in claims:
        for other in c.parts:
            if (c.id, other) not in kinds:
                kinds.setdefault((other, c.id), "part")
    return {edge: kinds[edge] for edge in acyclic([c.id for c in claims], list(kinds))}


def box_width(id: str) -> float:
    """The width of a claim's box."""
    return max(_LEAST, len(id) * _CHARACTER + _PADDING)


def path(points: Sequence[tuple[float, float]]) -> str:
    """SVG path data: a smooth curve between layers, straight along them."""
    x, y = points[0]
    text = f"M{x:.0f} {y:.0f}"
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        middle = (x0 + x1) / 2
        text += f"L{x1:.0f} {y1:.0f}" if i % 2 else f"C{middle:.0f} {y0:.0f} {middle:.0f} {y1:.0f} {x1:.0f} {y1:.0f}"
    return text


def _drawing(layer: Mapping[str, int], edges: Sequence[Edge]) -> Drawing:
    return draw(layer, edges, {n: box_width(n) for n in layer})


def _plain(drawing: Drawing, kinds: Mapping[Edge, str], index: Mapping[str, int]) -> list[object]:
    return [
        round(drawing.width),
        round(drawing.height),
        [[index[n], round(x), round(y), round(w)] for n, (x, y, w) in drawing.boxes.items()],
        [[index[a], index[b], kinds[a, b], path(points)] for (a, b), points in drawing.edges.items()],
    ]


def focus_drawings(claims: Sequence[ClaimView], kinds: Mapping[Edge, str]) -> dict[str, list[object]]:
    """For each claim its neighbourhood drawn at every depth; a depth that adds nothing repeats the number of the last.

    A drawing is `[width, height, [[claim, x, y, width], ...], [[from, to, kind, path], ...]]`, claims by their index.
    """
    index = {c.id: i for i, c in enumerate(claims)}
    found: dict[str, list[object]] = {}
    for c in claims:
        drawings: list[object] = []
        last, size = 0, (-1, -1)
        for depth in DEPTHS:
            nodes, edges, layer = neighbourhood(c.id, list(kinds), depth)
            if (len(nodes), len(edges)) == size:
                drawings.append(last)
                continue
            last, size = len(drawings), (len(nodes), len(edges))
            drawings.append(_plain(_drawing(layer, edges), kinds, index))
        found[c.id] = drawings
    return found


def folded(claims: Sequence[ClaimView], kinds: Mapping[Edge, str]) -> tuple[Drawing, dict[Edge, str]]:
    """The entries of the paper alone: steps folded into their entry, edges between entries."""
    present = {c.id for c in claims}

    def entry(id: str) -> str:
        first = id.split("/")[0]
        return first if first in present else id

    nodes = list(dict.fromkeys(entry(c.id) for c in claims))
    joined = {(entry(a), entry(b)): kind for (a, b), kind in kinds.items() if kind != "part"}
    edges = acyclic(nodes, list(joined))
    linked = {n for e in edges for n in e}
    drawing = _drawing(_layers([n for n in nodes if n in linked], edges), edges) if edges else Drawing(0, 0, {}, {})
    return drawing, {e: joined[e] for e in edges}


def _layers(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Longest-path layers, but what rests on nothing stands next to its first reader."""
    layer = layers_from_sources(nodes, edges)
    for node in nodes:
        later = [layer[b] for a, b in edges if a == node]
        if layer[node] == 0 and later:
            layer[node] = min(later) - 1
    return layer


def whole(claims: Sequence[ClaimView], kinds: Mapping[Edge, str]) -> Drawing:
    """Every claim."""
    return _drawing(_layers([c.id for c in claims], list(kinds)), list(kinds))


def patterns() -> Html:
    """Fill patterns and the arrow head, defined once for every graph of the page."""
    return tag(
        "svg",
        tag(
            "defs",
            tag(
                "pattern",
                tag("rect", width=6, height=6, class_="fill-ground"),
                tag("path", d="M0 6L6 0", class_="fill-line"),
                id="fill-enclosed", width=6, height=6, patternUnits="userSpaceOnUse",
            ),
            tag(
                "pattern",
                tag("rect", width=6, height=6, class_="fill-ground"),
                tag("circle", cx=3, cy=3, r=1, class_="fill-dot"),
                id="fill-supported", width=6, height=6, patternUnits="userSpaceOnUse",
            ),
            tag(
                "marker",
                tag("path", d="M0 0L8 4L0 8z", class_="arrow-head"),
                id="arrow", viewBox="0 0 8 8", refX=8, refY=4, markerWidth=7, markerHeight=7, orient="auto",
            ),
        ),
        width=0, height=0, aria_hidden="true", class_="defs", focusable="false",
    )  # fmt: skip


def _node(view: ClaimView, x: float, y: float, width: float) -> Html:
    outcome, verdict = OUTCOMES[view.data["outcome"]], VERDICTS[view.data["closed_verdict"]]
    said = outcome.word if view.data["outcome"] == "imported" else f"{outcome.word} · {verdict.word}"
    return tag(
        "a",
        tag("title", f"{view.id}: {view.data['title']} ({said})"),
        tag("rect", width=f"{width:.0f}", height=BOX_HEIGHT, rx=6, class_="box"),
        tag("text", outcome.symbol, x=11, y=18, class_="symbol", aria_hidden="true"),
        tag("text", view.id, x=28, y=18, class_="id"),
        tag("text", said, x=28, y=33, class_="said"),
        href=f"#claim={view.id}",
        class_=f"node o-{view.data['outcome']} v-{view.data['closed_verdict'].lower()}",
        transform=f"translate({x:.0f} {y:.0f})",
        data_node=view.id,
    )


def svg(drawing: Drawing, kinds: Mapping[Edge, str], claims: Mapping[str, ClaimView], title: str, says: str) -> Html:
    """The drawing as SVG; every box is a link to its claim."""
    return tag(
        "svg",
        tag("title", title),
        tag("desc", says),
        tag(
            "g",
            *(
                tag("path", d=path(points), class_=f"edge e-{kinds[e]}", marker_end="url(#arrow)")
                for e, points in drawing.edges.items()
            ),
            aria_hidden="true",
        ),
        join(_node(claims[n], *box) for n, box in drawing.boxes.items()),
        viewBox=f"0 0 {drawing.width:.0f} {drawing.height:.0f}",
        width=f"{drawing.width:.0f}",
        height=f"{drawing.height:.0f}",
        class_="graph",
        role="group",
    )  # fmt: skip
