"""A layered drawing of an acyclic graph: longest-path layers, barycentre crossing reduction, least-squares places.

Layers run from left to right, so that what a claim rests on stands to its left. Deterministic: nothing but the order
of the input matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Drawing", "acyclic", "draw", "layers_from_sources", "neighbourhood"]

Edge = tuple[str, str]
Cell = str | tuple[str, str, int]

BOX_HEIGHT = 42
_GAP_X, _GAP_Y, _LINE_GAP = 56, 14, 12
_SWEEPS, _PLACE_SWEEPS = 8, 6


@dataclass(frozen=True)
class Drawing:
    """Top-left corner and width of every box, and the points every edge runs through."""

    width: float
    height: float
    boxes: dict[str, tuple[float, float, float]]
    edges: dict[Edge, tuple[tuple[float, float], ...]]


def acyclic(nodes: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """`edges` less self-loops and those that would close a circle, taken in order."""
    after: dict[str, list[str]] = {n: [] for n in nodes}
    kept: list[Edge] = []

    def reaches(start: str, goal: str) -> bool:
        stack, seen = [start], set[str]()
        while stack:
            node = stack.pop()
            if node == goal:
                return True
            if node not in seen:
                seen.add(node)
                stack.extend(after[node])
        return False

    for a, b in edges:
        if a != b and not reaches(b, a):
            after[a].append(b)
            kept.append((a, b))
    return kept


def neighbourhood(focus: str, edges: Sequence[Edge], depth: int | None) -> tuple[list[str], list[Edge], dict[str, int]]:
    """What `focus` rests on and what rests on it, up to `depth` steps: nodes, edges among them, and their layers.

    The layer of an ancestor is minus its longest path to `focus`, that of a descendant its longest path from it.
    """
    layer = {focus: 0}
    for sign in (-1, 1):
        near: dict[str, list[str]] = {}
        for a, b in edges:
            from_, to = (b, a) if sign < 0 else (a, b)
            near.setdefault(from_, []).append(to)
        reached, ring, steps = {focus}, [focus], 0
        while ring and (depth is None or steps < depth):
            ring = [n for n in dict.fromkeys(m for r in ring for m in near.get(r, ())) if n not in reached]
            reached.update(ring)
            steps += 1
        inside = [(a, b) for a, b in edges if a in reached and b in reached]
        turned = inside if sign > 0 else [(b, a) for a, b in inside]
        for node, level in layers_from_sources(sorted(reached), turned).items():
            if node != focus:
                layer[node] = sign * level
    # what leads past the focus says nothing about it
    shown = [(a, b) for a, b in edges if a in layer and b in layer and layer[a] * layer[b] >= 0]
    return list(layer), shown, layer


def layers_from_sources(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest path to each node, over acyclic `edges`."""
    before: dict[str, list[str]] = {n: [] for n in nodes}
    for a, b in edges:
        before[b].append(a)
    layer: dict[str, int] = {}

    def visit(node: str) -> int:
        if node not in layer:
            layer[node] = max((visit(p) + 1 for p in before[node]), default=0)
        return layer[node]

    for node in nodes:
        visit(node)
    return layer


def _rows(layer: Mapping[str, int], edges: Sequence[Edge]) -> tuple[list[list[Cell]], dict[Edge, list[Cell]]]:
    """The cells of each layer, with one dummy wherever an edge crosses a layer, and the chain of every edge."""
    first = min(layer.values())
    rows: list[list[Cell]] = [[] for _ in range(max(layer.values()) - first + 1)]
    for node, level in layer.items():
        rows[level - first].append(node)
    chains: dict[Edge, list[Cell]] = {}
    for a, b in edges:
        chain: list[Cell] = [a]
        for level in range(layer[a] + 1, layer[b]):
            dummy = (a, b, level)
            rows[level - first].append(dummy)
            chain.append(dummy)
        chains[a, b] = [*chain, b]
    return rows, chains


def _links(chains: Mapping[Edge, list[Cell]]) -> tuple[dict[Cell, list[Cell]], dict[Cell, list[Cell]]]:
    before: dict[Cell, list[Cell]] = {}
    after: dict[Cell, list[Cell]] = {}
    for chain in chains.values():
        for a, b in pairwise(chain):
            after.setdefault(a, []).append(b)
            before.setdefault(b, []).append(a)
    return before, after


def _crossings(rows: list[list[Cell]], after: Mapping[Cell, list[Cell]]) -> int:
    """How many pairs of edges between neighbouring layers cross (merge-sort count would be faster; these are small)."""
    count = 0
    for upper, lower in pairwise(rows):
        place = {c: i for i, c in enumerate(lower)}
        ends = [sorted(place[b] for b in after.get(a, ())) for a in upper]
        tree = [0] * (len(lower) + 1)
        seen = 0
        for targets in ends:
            for t in targets:
                i, below = t + 1, 0
                while i:
                    below += tree[i]
                    i &= i - 1
                count += seen - below
            for t in targets:
                i = t + 1
                while i <= len(lower):
                    tree[i] += 1
                    i += i & -i
            seen += len(targets)
    return count


def _uncross(rows: list[list[Cell]], chains: Mapping[Edge, list[Cell]]) -> list[list[Cell]]:
    before, after = _links(chains)
    best, least = [list(r) for r in rows], _crossings(rows, after)
    for sweep in range(_SWEEPS):
        if not least:
            break
        down = sweep % 2 == 0
        order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for i in order:
            place = {c: k for k, c in enumerate(rows[i - 1 if down else i + 1])}
            near = before if down else after
            here = {c: k for k, c in enumerate(rows[i])}

            def middle(
                c: Cell,
                near: dict[Cell, list[Cell]] = near,
                place: dict[Cell, int] = place,
                here: dict[Cell, int] = here,
            ) -> float:
                spots = [place[n] for n in near.get(c, ())]
                return sum(spots) / len(spots) if spots else here[c]

            rows[i] = sorted(rows[i], key=middle)
        found = _crossings(rows, after)
        if found < least:
            best, least = [list(r) for r in rows], found
    return best


def _separated(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The places nearest to `wanted` in least squares with at least `gaps` between them (pooling of neighbours)."""
    offset, total = [0.0], 0.0
    for gap in gaps:
        total += gap
        offset.append(total)
    blocks: list[list[float]] = []
    for w, o in zip(wanted, offset, strict=True):
        blocks.append([w - o, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            value, size = blocks.pop()
            mean, count = blocks[-1]
            blocks[-1] = [(mean * count + value * size) / (count + size), count + size]
    flat = [mean for mean, size in blocks for _ in range(int(size))]
    return [f + o for f, o in zip(flat, offset, strict=True)]


def _places(rows: list[list[Cell]], chains: Mapping[Edge, list[Cell]]) -> dict[Cell, float]:
    """The middle of every cell across its layer."""
    before, after = _links(chains)

    def half(c: Cell) -> float:
        return BOX_HEIGHT / 2 if isinstance(c, str) else 0.0

    def gap(a: Cell, b: Cell) -> float:
        return half(a) + half(b) + (_GAP_Y if isinstance(a, str) or isinstance(b, str) else _LINE_GAP)

    gaps = [[gap(a, b) for a, b in pairwise(row)] for row in rows]
    place: dict[Cell, float] = {}
    for row, between in zip(rows, gaps, strict=True):
        length = sum(between)
        spots = _separated([0.0] * len(row), between)
        place |= {c: s - spots[0] - length / 2 for c, s in zip(row, spots, strict=True)}
    for sweep in range(_PLACE_SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for i in order:
            wanted = []
            for c in rows[i]:
                near = [*before.get(c, ()), *after.get(c, ())]
                wanted.append(sum(place[n] for n in near) / len(near) if near else place[c])
            place |= dict(zip(rows[i], _separated(wanted, gaps[i]), strict=True))
    return place


def draw(layer: Mapping[str, int], edges: Sequence[Edge], width: Mapping[str, float]) -> Drawing:
    """Draw the graph: boxes as wide as `width` says, every edge from a lower to a higher layer.

    Raises:
        ValueError: an edge that does not go to a higher layer.
    """
    for a, b in edges:
        if layer[a] >= layer[b]:
            raise ValueError(f"the edge {a} -> {b} must lead to a higher layer, got {layer[a]} -> {layer[b]}")
    rows, chains = _rows(layer, edges)
    rows = _uncross(rows, chains)
    place = _places(rows, chains)
    columns = [max((width[c] for c in row if isinstance(c, str)), default=0.0) for row in rows]
    left = [sum(columns[:i]) + i * _GAP_X for i in range(len(columns))]
    column = {c: i for i, row in enumerate(rows) for c in row}
    low = min(p - (BOX_HEIGHT / 2 if isinstance(c, str) else 0) for c, p in place.items())
    high = max(p + (BOX_HEIGHT / 2 if isinstance(c, str) else 0) for c, p in place.items())
    margin = 8.0
    boxes = {n: (left[column[n]] + margin, place[n] - BOX_HEIGHT / 2 - low + margin, columns[column[n]]) for n in layer}
    lines: dict[Edge, tuple[tuple[float, float], ...]] = {}
    for (a, b), chain in chains.items():
        points = [(boxes[a][0] + boxes[a][2], place[a] - low + margin)]
        for c in chain[1:-1]:
            x, y = left[column[c]] + margin, place[c] - low + margin
            points += [(x, y), (x + columns[column[c]], y)]
        points.append((boxes[b][0], place[b] - low + margin))
        lines[a, b] = tuple(points)
    return Drawing(left[-1] + columns[-1] + 2 * margin, high - low + 2 * margin, boxes, lines)
