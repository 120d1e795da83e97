"""A `Selection`, drawn: curves over stop times with intervals, and the best stop of each dimension."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from theory.plots import GRID, INK, MARK, MUTED, STYLE, check_target, save
from theory.selection_data import Curve, Selection

__all__ = ["draw_selection"]

_LABEL = {
    "frechet": "squared Fréchet distance",
    "sliced-wasserstein": "squared sliced Wasserstein distance",
    "mmd": "unbiased MMD²",
}


def draw_selection(selection: Selection, path: str | Path, title: str = "") -> None:
    """Draw both panels; the file appears complete or not at all. Raises as `check_target`."""
    target = check_target(path)
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11.5, 4.8), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        _draw_curves(left, selection)
        _draw_stops(right, selection)
        if title:
            figure.suptitle(title, x=0.01, ha="left", color=MUTED, fontsize=10)
        save(figure, target)


def _chosen(selection: Selection) -> list[Curve]:
    """At most six curves: both ends, the recommended one and a spread between."""
    curves = selection.curves
    places = {round(float(i)) for i in np.linspace(0, len(curves) - 1, min(5, len(curves)))}
    places.add(curves.index(selection.best))
    return [curves[i] for i in sorted(places)]


def _stop_axis(axis: Any, selection: Selection, which: str, top: float) -> None:
    positive = [t for t in selection.times if t > 0]
    linear = positive[0] if positive else 1.0
    getattr(axis, f"set_{which}scale")("symlog", linthresh=linear, linscale=1)
    getattr(axis, f"set_{which}lim")(-0.12 * linear, top)
    getattr(axis, f"set_{which}label")("stop time τ  (0 = last step)")


def _draw_curves(axis: Any, selection: Selection) -> None:
    import matplotlib as mpl
    from matplotlib import patheffects

    curves = _chosen(selection)
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.72, len(curves)))
    halo = [patheffects.withStroke(linewidth=2.5, foreground="white")]
    positive = min(v for c in curves for v in (*c.values, *c.low)) > 0
    for i, (shade, curve) in enumerate(zip(shades, curves, strict=True)):
        axis.fill_between(selection.times, curve.low, curve.high, color=shade, alpha=0.22, linewidth=0)
        axis.plot(selection.times, curve.values, color=shade, linewidth=1.6)
        best = curve.best_time, curve.best_value
        axis.plot(*best, "o", color=MARK, markersize=5.5, markeredgecolor="white", zorder=4)
        at = (2 * i + 1) * len(selection.times) // (2 * len(curves)) if len(curves) > 1 else 0
        axis.annotate(
            f"d = {curve.dimension}", (selection.times[at], curve.values[at]), xytext=(0, 5), ha="center",
            textcoords="offset points", fontsize=8.5, color=shade, path_effects=halo,
        )  # fmt: skip
    _stop_axis(axis, selection, "x", selection.times[-1] * 1.15 or 1.0)
    if positive:
        axis.set_yscale("log")
    axis.set_ylabel(_LABEL.get(selection.metric, selection.metric))
    axis.set_title("Noisy autoencoder against held-out data", pad=18)
    axis.annotate(
        f"● best stop   bands: {selection.confidence:.0%} bootstrap intervals",
        (0, 1.015), xycoords="axes fraction", fontsize=8.5, color=MUTED,
    ).set_in_layout(False)  # fmt: skip


def _draw_stops(axis: Any, selection: Selection) -> None:
    dims = [curve.dimension for curve in selection.curves]
    times = np.array([curve.best_time for curve in selection.curves])
    ends = np.array([curve.best_time_interval for curve in selection.curves])
    axis.vlines(dims, ends[:, 0], ends[:, 1], color=GRID, linewidth=5, zorder=1)
    axis.plot(dims, times, "o-", color=INK, markersize=4, linewidth=0.8, zorder=2)
    axis.plot(selection.dimension, selection.time, "D", color=MARK, markersize=7, markeredgecolor="white", zorder=3)
    earliest = next((t for t in selection.times if t > 0), 1.0)
    _stop_axis(axis, selection, "y", max(float(ends.max()) * 2, 2 * earliest))
    from matplotlib.ticker import FixedLocator, NullFormatter, ScalarFormatter

    if len(dims) > 1:
        axis.set_xscale("log")
    shown = dims if len(dims) <= 8 else [dims[round(float(i))] for i in np.linspace(0, len(dims) - 1, 8)]
    axis.xaxis.set_major_locator(FixedLocator(shown))
    axis.xaxis.set_major_formatter(ScalarFormatter())
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_xlabel("latent dimension d")
    axis.set_title("Best stop for each dimension", pad=18)
    axis.annotate(
        f"◆ recommended: d = {selection.dimension}, τ = {selection.time:.3g}   grey: best stops of the replicates",
        (0, 1.015), xycoords="axes fraction", fontsize=8.5, color=MUTED,
    ).set_in_layout(False)  # fmt: skip
