"""The paper's synthetic figures: simulated points over the theory's curves.

Matplotlib is imported on first use, with file-only canvases. Every curve has its own marker and is labelled where it
ends, so no meaning rests on colour alone.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from theory.bures import FloatArray
from theory.noise import log_snr_of_noise, noise_of_time, time_of_noise
from theory.plots import INK, MARK, MUTED, STYLE, check_target, save
from theory.simulate.inverse import Inverse
from theory.simulate.reproduce import Curves, Reproduction

__all__ = ["draw_figure"]

_MARKERS = "osD^vP<X>"


def draw_figure(figure: Reproduction | Inverse, path: str | Path) -> None:
    """Draw a reproduced figure to `.png`, `.pdf` or `.svg`; the file appears complete or not at all.

    Raises:
        ValueError, OSError: as `theory.plots.check_target`, and where the file cannot be written.
    """
    target = check_target(path)
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        if isinstance(figure, Inverse):
            canvas = Figure(figsize=(6.4, 4.4), dpi=150, layout="constrained")
            FigureCanvasAgg(canvas)
            _draw_inverse(canvas.subplots(), figure)
        else:
            canvas = Figure(figsize=(13.0, 5.4), dpi=150, layout="constrained")
            FigureCanvasAgg(canvas)
            axes = canvas.subplots(1, 2, sharey=True)
            for axis, curves in zip(axes, figure.curves, strict=True):
                _draw_curves(axis, figure, curves)
            axes[0].set_ylabel("squared Fréchet distance to the data")
            canvas.legend(
                handles=_legend(figure), loc="outside lower center", ncols=4, frameon=False, fontsize=9
            )  # fmt: skip
        save(canvas, target)


def _abscissa(figure: Reproduction, taus: FloatArray) -> FloatArray:
    """Where a stop is drawn: the log-SNR; the last stop, `tau = 0`, is drawn at half the last step."""
    half = figure.setting.horizon / figure.steps / 2
    return log_snr_of_noise(noise_of_time(np.where(taus > 0, taus, half)))


def _draw_curves(axis: Any, figure: Reproduction, curves: Curves) -> None:
    import matplotlib as mpl
    from matplotlib import patheffects

    horizon, count = figure.setting.horizon, curves.theory.shape[1]
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.8, count))
    places = _abscissa(figure, curves.taus)
    low = min(float(c.euler.min()) for c in figure.curves) / 2
    wanted = np.linspace(places[0], places[-2], 13)[:-1] + (places[-2] - places[0]) / 26
    marked = [*sorted({int(np.argmin(np.abs(places[:-1] - w))) for w in wanted}), len(places) - 1]
    width = NormalDist().inv_cdf((1 + figure.confidence) / 2)
    halo = [patheffects.withStroke(linewidth=2.5, foreground="white")]
    ends = _apart(np.log10(np.maximum(curves.euler[-1], low)), 0.045 * np.log10(12 / low))
    for d in range(count):
        shade = shades[d]
        axis.plot(places[:-1], curves.theory[:-1, d], color=shade, linewidth=1.5, zorder=2)
        axis.plot(places, curves.euler[:, d], color=shade, linewidth=1.0, linestyle=(0, (2, 2)), zorder=2)
        values, error = curves.simulated[marked, d], width * curves.errors[marked, d]
        shown = values > 1.05 * low
        axis.errorbar(
            places[marked][shown], values[shown], yerr=np.minimum(error, 0.999 * np.maximum(values, low))[shown],
            fmt=_MARKERS[d], color=shade, markersize=4.2, markeredgecolor="white", markeredgewidth=0.4, elinewidth=0.8,
            zorder=3,
        )  # fmt: skip
        axis.annotate(
            f"d = {d + 1}", (places[-1], 10 ** ends[d]), xytext=(9, -3), textcoords="offset points",
            fontsize=8.5, color=shade, path_effects=halo, annotation_clip=False,
        )  # fmt: skip
        axis.plot(
            places[-1] + 0.012 * (places[-1] - places[0]), 10 ** ends[d], _MARKERS[d], color=shade, markersize=4,
            clip_on=False,
        )  # fmt: skip
    axis.set_yscale("log")
    axis.set_ylim(low, max(float(c.euler.max()) for c in figure.curves) * 1.6)
    axis.set_xlim(places[0] - 0.1, places[-1] + 0.9)
    _draw_crossings(axis, figure, curves)
    if figure.setting.name == "4-right":
        whole = np.arange(np.ceil(places[0] / 2) * 2, places[-2], 2)
        axis.set_xticks([*whole, places[-1]], [*(f"{v:g}" for v in whole), "∞"])
        axis.set_xlabel("log signal-to-noise ratio λ (∞: the last step, t = T)")
    else:
        times = [
            t for t in (0.0, 1.0, 1.5, 1.8, 1.9, 1.95, 1.98, 1.99, 1.995) if horizon - t >= 2 * horizon / figure.steps
        ]
        stops = np.array([horizon - t for t in times] + [0.0])
        axis.set_xticks(_abscissa(figure, stops), [*(f"{t:g}" for t in times), "T"])
        axis.set_xlabel("backward time t (spaced by the log signal-to-noise ratio)")
    axis.set_title(f"{curves.score} score", pad=20)


def _apart(values: FloatArray, gap: float) -> FloatArray:
    """`values` moved up as little as keeps them `gap` apart, in their order."""
    moved, order = values.copy(), np.argsort(values, kind="stable")
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    return moved


def _draw_crossings(axis: Any, figure: Reproduction, curves: Curves) -> None:
    horizon = figure.setting.horizon
    noise = noise_of_time(horizon)
    groups: dict[float, list[int]] = {}
    for crossing in curves.crossings:
        tau = horizon - crossing.theory
        if not 0 < tau < horizon or noise_of_time(tau) >= noise:
            continue
        place = float(_abscissa(figure, np.array([tau if tau > horizon / figure.steps / 2 else 0.0]))[0])
        near = next((p for p in groups if abs(p - place) < 0.35), place)
        groups.setdefault(near, []).append(crossing.dimension)
        axis.axvline(place, color=MARK, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        if crossing.simulated is None or crossing.lower is None or crossing.upper is None:
            continue
        at = _abscissa(figure, horizon - np.array([crossing.simulated, crossing.lower, crossing.upper]))
        k = int(np.argmin(np.abs(curves.taus - (horizon - crossing.simulated))))
        axis.errorbar(
            at[0], curves.euler[k, crossing.dimension - 1], xerr=[[at[0] - at[1]], [at[2] - at[0]]], fmt="D",
            markerfacecolor="white", color=MARK, markersize=5.5, elinewidth=1.3, capsize=2.5, zorder=4,
        )  # fmt: skip
    hat = "" if curves.score == "exact" else "\\hat "
    for place, dimensions in groups.items():
        text = ", ".join(f"${hat}t_{d}$" for d in sorted(dimensions))
        axis.annotate(
            text, (place, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
            ha="center", fontsize=9, color=MARK, annotation_clip=False,
        )  # fmt: skip


def _legend(figure: Reproduction) -> list[Any]:
    from matplotlib.lines import Line2D

    shown = f"{figure.confidence:.0%}"
    law, paths = f"exact law of {figure.steps} Euler steps", f"{figure.paths} simulated paths, {shown}"
    return [
        Line2D([], [], color=INK, linewidth=1.5, label="theory (the SDE)"),
        Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (2, 2)), label=law),
        Line2D([], [], color=INK, marker="o", linestyle="", markersize=4.5, label=paths),
        Line2D([], [], color=MARK, marker="D", markerfacecolor="white", linestyle=(0, (1, 2)), markersize=5.5,
               label=f"crossing: theory (line), simulated ({shown})"),
    ]  # fmt: skip


def _draw_inverse(axis: Any, figure: Inverse) -> None:
    levels = np.linspace(-1.0, 2.0, 3001)
    top = float(noise_of_time(figure.horizon))
    curve = time_of_noise(np.clip(levels, 0.0, top))
    axis.plot(levels, curve, color=INK, linewidth=1.6, label="extended inverse of $a_τ^2$, [8]", zorder=2)
    spread = np.abs([figure.simulated - figure.lower, figure.upper - figure.simulated])
    axis.errorbar(
        figure.simulated, figure.taus, xerr=spread, fmt="o", color=MARK, markersize=4.5, elinewidth=1.1, capsize=2,
        zorder=3, label=f"{figure.paths} paths, {figure.steps} Euler steps, {figure.confidence:.0%}",
    )  # fmt: skip
    axis.axvline(top, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)))
    axis.annotate(
        f"$a_T^2$ = {top:.6f}", (top, 0.4), xytext=(5, 0), textcoords="offset points", fontsize=9, color=MUTED
    )
    axis.set_xlabel("noise level x")
    axis.set_ylabel("forward time τ")
    axis.set_title(f"The extended inverse, OU, T = {figure.horizon:g}")
    axis.legend(frameon=False, loc="upper left", fontsize=9)
