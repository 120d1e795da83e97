"""The two readings of the headline and the curves behind them, drawn from `theory` when the report is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from proofs_check.report.html.chart import Chart
from proofs_check.report.html.markup import Html, tag
from theory.bures import FloatArray
from theory.evaluate import numpy_function
from theory.frechet import dropped, kept
from theory.noise import noise_of_time
from theory.notation import sigma, sigma_hat, x
from theory.stopping import optimal_dimensions, optimal_noise_levels

__all__ = ["FIGURES", "figure"]

_HORIZON, _ROWS, _SEED, _SETS = 2.0, 40, 7, 400
#: those of figure 4 (left) between its first, which is 1, and the two that are nearly 0, and one more
_VARIANCES: FloatArray = np.asarray(0.6 ** np.arange(1, 8), dtype=np.float64)
_SHRINKAGE = 0.9
#: the exact sample of claim headline-b/plug-in/open-set: sigma and hat sigma
_SIGMA, _HAT = np.array([0.5, 0.25]), np.array([0.5, 0.15])


@dataclass(frozen=True)
class Figure:
    """A chart, its caption, and its numbers as rows of a table."""

    chart: Chart
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def html(self) -> Html:
        """The figure with its caption and its numbers."""
        table = tag(
            "table",
            tag("thead", tag("tr", *(tag("th", h, scope="col") for h in self.head))),
            tag("tbody", *(tag("tr", *(tag("td", c) for c in row)) for row in self.rows)),
        )
        return tag(
            "figure",
            self.chart.svg(),
            tag("figcaption", tag("b", self.chart.title, ". "), self.caption),
            tag("details", tag("summary", "The numbers"), tag("div", table, class_="scroll")),
        )


@cache
def _samples() -> tuple[FloatArray, int]:
    """Estimated variances of the first training set on which (B) fails, and on how many of all drawn it does.

    Where it fails on none, the first training set and 0.
    """
    draws = np.random.default_rng(np.random.SeedSequence(_SEED)).chisquare(_ROWS, (_SETS, len(_VARIANCES)))
    sets = _VARIANCES * draws / _ROWS
    largest = float(noise_of_time(_HORIZON))
    failing = [s for s in sets if (np.diff(optimal_noise_levels(_VARIANCES, s, largest)[0]) > 0).any()]
    return (failing or [sets[0]])[0], len(failing)


def distances(sigmas: FloatArray, hats: FloatArray, d: int, levels: FloatArray) -> FloatArray:
    """`F(d, x)` at the noise levels, from `theory.frechet`."""
    term = numpy_function(kept(), sigma, sigma_hat, x)
    lost = numpy_function(dropped(), sigma)
    total = sum(
        (np.asarray(term(s, h, levels)) for s, h in zip(sigmas[:d], hats[:d], strict=True)), np.zeros(len(levels))
    )
    return np.asarray(total + sum(float(lost(s)) for s in sigmas[d:]))


def _steps(hats2: FloatArray) -> tuple[list[float], list[int]]:
    """`d*(t)` for backward times in `[0, T]`: the edges of its steps and their values."""
    times = np.linspace(0, _HORIZON, 2001)
    best, _ = optimal_dimensions(_VARIANCES, hats2, noise_of_time(_HORIZON - times))
    jumps = np.flatnonzero(np.diff(best)) + 1
    edges = [0.0, *(float((times[i - 1] + times[i]) / 2) for i in jumps), _HORIZON]
    return edges, [int(best[0]), *(int(best[i]) for i in jumps)]


def _course(values: list[int]) -> str:
    return "never falling" if all(a <= b for a, b in pairwise(values)) else "falling somewhere, so (A) fails"


def reading_a() -> Figure:
    """Reading (A): the best dimension along the run, exact score and one training set."""
    exact, sample = _steps(_VARIANCES), _steps(_samples()[0])
    chart = Chart(
        "(A) The best dimension for each stop",
        f"From d = {exact[1][0]} to {exact[1][-1]} with the exact score, {_course(exact[1])}; "
        f"from {sample[1][0]} to {sample[1][-1]} for the training set, {_course(sample[1])}.",
        (0, _HORIZON), (0, 8), "backward time t of the stop (data at 2)", "best latent dimension d*(t)",
        whole_y=True,
    )  # fmt: skip
    chart.stairs(*exact, 0)
    chart.stairs(*sample, 1)
    chart.label((0.05, exact[1][0]), "exact score (solid)", 0, shift=(0, -12))
    chart.label((0.05, exact[1][0]), f"training set, n = {_ROWS} (dashed)", 1, shift=(0, 22))
    rows = [
        (name, f"{left:.3f} to {right:.3f}", str(value))
        for name, (edges, values) in (("exact", exact), ("training set", sample))
        for value, (left, right) in zip(values, pairwise(edges), strict=True)
    ]
    caption = (
        "Variances 0.6, 0.36, …, 0.6⁷, Ornstein–Uhlenbeck, T = 2. The later the stop, the higher the best dimension: "
        f"this reading is what prop-2 is about. Training set: {_ROWS} points, the one of (B)."
    )
    return Figure(chart, caption, ("score", "t", "d*"), tuple(rows))


def reading_b() -> Figure:
    """Reading (B): the best noise level for each dimension, under shrinkage and for one training set."""
    largest = float(noise_of_time(_HORIZON))
    dims = np.arange(1, len(_VARIANCES) + 1)
    shrunk, _ = optimal_noise_levels(_VARIANCES, _SHRINKAGE * _VARIANCES, largest)
    drawn, failing = _samples()
    sample, _ = optimal_noise_levels(_VARIANCES, drawn, largest)
    rises = [d for d in range(1, len(dims)) if sample[d] > sample[d - 1]]
    said = f"rises from d = {rises[0]} to {rises[0] + 1}, so (B) fails" if rises else "never rises"
    top = 1.15 * float(max(shrunk.max(), sample.max()))
    chart = Chart(
        "(B) The best stop for each dimension",
        f"Under uniform shrinkage the best noise level falls with the dimension; for the training set it {said}.",
        (0.5, len(dims) + 0.5), (0, top), "latent dimension d", "best noise level x*(d)",
        whole_x=True,
    )  # fmt: skip
    for kind, values in ((0, shrunk), (1, sample)):
        spots = [(float(d), float(v)) for d, v in zip(dims, values, strict=True)]
        chart.line(spots, kind)
        chart.points(spots, kind, [f"d = {d}: x* = {v:.5f}" for d, v in zip(dims, values, strict=True)])
    chart.label((1.0, float(sample[0])), f"training set, n = {_ROWS}", 1, shift=(-14, 24))
    chart.label((1.0, float(shrunk[0])), f"uniform shrinkage, r = {_SHRINKAGE}", 0, shift=(8, -9))
    rows = [(str(d), f"{a:.6f}", f"{b:.6f}") for d, a, b in zip(dims, shrunk, sample, strict=True)]
    caption = (
        "The same spectrum; x = 0 is the last step. A higher dimension wants a later stop when the coordinates' own "
        f"best levels are ordered (beyond-1), as under uniform shrinkage. Of {_SETS} training sets (seed {_SEED}) "
        f"(B) fails on {failing}; the first of them is shown."
    )
    return Figure(chart, caption, ("d", "x* under shrinkage", "x* of the training set"), tuple(rows))


def curves() -> Figure:
    """The curves `F(1, .)` and `F(2, .)` of a sample on which (B) fails, with their minima."""
    levels = np.linspace(0, 0.12, 121)
    found, _ = optimal_noise_levels(_SIGMA**2, _HAT**2, 1.0)
    table = [distances(_SIGMA, _HAT, d, levels) for d in (1, 2)]
    least = [float(distances(_SIGMA, _HAT, d, found[d - 1 : d])[0]) for d in (1, 2)]
    chart = Chart(
        "Distance along the run where (B) fails",
        f"F(1, x) is smallest at x = {found[0]:.4g}, the last step; F(2, x) at x = {found[1]:.4g}, before it.",
        (0, 0.12), (0, 1.1 * max(float(c.max()) for c in table)),
        "noise level x (0 is the last step)", "F(d, x)",
    )  # fmt: skip
    for kind, (d, values) in enumerate(zip((1, 2), table, strict=True)):
        chart.line([(float(a), float(b)) for a, b in zip(levels, values, strict=True)], kind)
        chart.points([(float(found[d - 1]), least[d - 1])], kind, [f"minimum of F({d}, ·): x = {found[d - 1]:.6f}"])
        chart.label((0.085, float(np.interp(0.085, levels, values))), f"F({d}, x)", kind, shift=(0, -10))
        chart.label((float(found[d - 1]), least[d - 1]), f"x*({d}) = {found[d - 1]:.4g}", kind, shift=(8, -12))
    rows = [(str(d), f"{found[d - 1]:.6f}", f"{least[d - 1]:.6f}", f"{table[d - 1][0]:.6f}") for d in (1, 2)]
    caption = (
        "σ = (1/2, 1/4) and σ̂ = (1/2, 3/20), a point of the open set of headline-b/plug-in/probability: dimension 1 "
        "wants the last step and dimension 2 an earlier stop, although (A) holds for this sample."
    )
    return Figure(chart, caption, ("d", "x*(d)", "F at x*(d)", "F at the last step"), tuple(rows))


#: figure, and the claims whose cards show it
FIGURES = {
    "a": (reading_a, ("headline-a", "headline-a/exact", "headline-a/plug-in", "prop-2a", "prop-2b")),
    "b": (reading_b, ("headline-b", "headline/quote", "beyond-1", "beyond-1/shrinkage")),
    "curves": (curves, ("headline-b", "headline-b/plug-in", "headline-b/plug-in/probability", "prop-1b")),
}


@cache
def figure(name: str) -> Html:
    """One of `FIGURES` as HTML.

    Raises:
        KeyError: no such figure.
    """
    return FIGURES[name][0]().html()
