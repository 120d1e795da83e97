"""Both readings of the headline, drawn from an `Advice`.

Matplotlib is imported only here, on first use, and always with the file-only Agg canvas. No meaning rests on
colour alone: every curve is labelled where it ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from theory.advice_data import Advice, DimensionAdvice
from theory.files import write_whole

__all__ = ["GRID", "INK", "MARK", "MUTED", "STYLE", "check_target", "draw_advice", "save"]

_SUFFIXES = (".png", ".pdf", ".svg")
#: colours and style of every figure
INK, MUTED, GRID, MARK = "#1d2733", "#6b7785", "#e3e7ec", "#c2410c"
STYLE = {
    "font.size": 9.5,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "svg.hashsalt": "latent-stopping",
}


def check_target(path: str | Path) -> Path:
    """Return `path` if a figure can be drawn there.

    Raises:
        ValueError: matplotlib (extra `plot`) is missing, or the suffix is not .png, .pdf or .svg.
        OSError: the folder does not exist.
    """
    target = Path(path)
    if target.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"{target}: a plot must end in {', '.join(_SUFFIXES)}, got {target.suffix!r}")
    if not target.absolute().parent.is_dir():
        raise FileNotFoundError(f"{target}: the folder {target.parent} does not exist")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ValueError("plots need matplotlib: pip install 'latent-stopping[plot]'") from None
    return target


def draw_advice(advice: Advice, path: str | Path, title: str = "") -> None:
    """Draw the best dimension against the stop, the best stop against the dimension, and curves `F(d, .)`.

    The file appears complete or not at all.

    Raises:
        ValueError, OSError: as `check_target`, and where the file cannot be written.
    """
    target = check_target(path)
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(13.5, 4.6), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        left, middle, right = figure.subplots(1, 3)
        _draw_best_dimension(left, advice)
        _draw_best_stop(middle, advice)
        _draw_curves(right, advice)
        if title:
            figure.suptitle(title, x=0.01, ha="left", color=MUTED, fontsize=10)
        save(figure, target)


def save(figure: Any, target: Path) -> None:
    """Write a Matplotlib figure to a checked `target`, whole or not at all."""
    # No creation date: the same advice gives the same file.
    dated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    metadata = dated.get(target.suffix.lower())
    write_whole(target, lambda name: figure.savefig(name, metadata=metadata))


def _time_axis(axis: Any, advice: Advice) -> None:
    """Stop times on a logarithmic axis: how long before the end of the run the sampler stops."""
    axis.set_xscale("log")
    axis.set_xlim(advice.curve_taus[1], advice.horizon)
    axis.set_xlabel("stop time τ (log scale)   later stop ← → earlier stop")


def _verdict(axis: Any, text: str, holds: bool) -> None:
    axis.annotate(
        f"{'holds' if holds else 'does not hold'} here: {text}" if text else "",
        (0, 1.015), xycoords="axes fraction", fontsize=8.5, color=MUTED,
    ).set_in_layout(False)  # fmt: skip


def _draw_best_dimension(axis: Any, advice: Advice) -> None:
    steps = advice.best_dimensions
    edges = [steps[0].tau_from, *(step.tau_to for step in steps)]
    edges[0] = min(advice.curve_taus[1], steps[0].tau_to)
    axis.stairs([step.dimension for step in steps], edges, baseline=None, color=INK, linewidth=1.8)
    _time_axis(axis, advice)
    axis.set_ylim(0, max(step.dimension for step in steps) * 1.08 + 0.5)
    axis.set_ylabel("best latent dimension d*")
    axis.set_title("(A) best dimension for each stop", pad=18)
    _verdict(axis, "the earlier the stop, the lower", advice.reading_a.holds)


def _draw_best_stop(axis: Any, advice: Advice) -> None:
    rows = advice.rows
    dims = np.array([row.dimension for row in rows])
    taus = np.array([row.tau for row in rows])
    early, last = taus > 0, taus == 0
    positive = taus[early]
    floor = float(positive.min()) / 4 if early.any() else advice.curve_taus[1]
    shown = np.where(early, taus, floor)
    axis.plot(dims, shown, color=GRID, linewidth=1.2, zorder=1)
    axis.plot(dims[early], shown[early], "o", color=INK, markersize=4, label="stop early", zorder=3)
    axis.plot(
        dims[last], shown[last], "v", color="white", markeredgecolor=INK, markersize=5,
        label="run to the last step (τ = 0)", zorder=2,
    )  # fmt: skip
    axis.set_yscale("log")
    top = float(positive.max()) * 6 if early.any() else advice.horizon
    axis.set_ylim(floor / 2, top)
    axis.set_xlabel("latent dimension d")
    axis.set_ylabel("best stop time τ*  (log scale)")
    axis.set_title("(B) best stop for each dimension", pad=18)
    axis.legend(frameon=False, loc="upper right", fontsize=8.5)
    _verdict(axis, "the higher the dimension, the later the stop", advice.reading_b.holds)


def _spread(rows: tuple[DimensionAdvice, ...], count: int) -> list[DimensionAdvice]:
    """About `count` rows, evenly spread in the logarithm of the dimension, the ends included."""
    dims = np.array([row.dimension for row in rows])
    wanted = np.geomspace(dims[0], dims[-1], count)
    return [rows[i] for i in sorted({int(np.argmin(np.abs(dims - w))) for w in wanted})]


def _draw_curves(axis: Any, advice: Advice) -> None:
    import matplotlib as mpl
    from matplotlib import patheffects

    chosen = _spread(advice.rows, 7)
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.72, len(chosen)))
    _time_axis(axis, advice)
    taus = np.array(advice.curve_taus)
    for i, (shade, row) in enumerate(zip(shades, chosen, strict=True)):
        axis.plot(taus[1:], advice.curves[row.dimension][1:], color=shade, linewidth=1.6)
        inside = row.tau >= taus[1]
        axis.plot(
            row.tau if inside else taus[1],
            row.distance_best_stop if inside else advice.curves[row.dimension][1],
            "o" if inside else "<", color=MARK, markersize=5.5,
            markeredgecolor="white", zorder=4, clip_on=False,
        )  # fmt: skip
        axis.annotate(
            f"d = {row.dimension}", (taus[1], advice.curves[row.dimension][1]), xytext=(5 + 38 * (i % 2), 4),
            textcoords="offset points", fontsize=8.5, color=shade,
            path_effects=[patheffects.withStroke(linewidth=2.5, foreground="white")],
        )  # fmt: skip
    axis.set_yscale("log")
    axis.set_ylabel("squared Fréchet distance to the data")
    axis.set_title("Distance along the run", pad=18)
    axis.annotate(
        "● best stop   ◀ the same, at or beyond the left edge",
        (0, 1.015), xycoords="axes fraction", fontsize=8.5, color=MARK,
    ).set_in_layout(False)  # fmt: skip
