"""`latent-stopping advise --metric`: the noisy PCA autoencoder measured on held-out samples, any metric."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from theory.bures import FloatArray
    from theory.selection import Selection

__all__ = ["METRIC_NAMES", "choose", "print_selection"]

#: what `--metric` takes
METRIC_NAMES = ("frechet", "sliced-wasserstein", "mmd")
_TITLE = {
    "frechet": "squared Frechet distances",
    "sliced-wasserstein": "squared sliced Wasserstein distances (128 directions)",
    "mmd": "unbiased MMD^2 (Gaussian kernel, median heuristic)",
}
_DIMENSIONS, _CELLS = 12, 6


def choose(
    values: FloatArray,
    args: argparse.Namespace,
    dimensions: list[int] | None,
    progress: Callable[[str, int, int], None],
) -> Selection:
    """Split, fit PCA, and measure its noisy autoencoder.

    Raises:
        ValueError: a spectrum instead of samples, or arguments that `select` refuses.
    """
    import numpy as np

    from theory.autoencoder import LinearAutoencoder
    from theory.selection import default_times, select
    from theory.spectra import split

    if values.ndim != 2:
        raise ValueError("--metric measures samples; a spectrum has none (leave --metric out)")
    if not 0 < args.horizon <= 18:
        raise ValueError(f"horizon must lie in (0, 18], got {args.horizon}")
    training, rest = split(values, args.held_out, args.seed)
    autoencoder = LinearAutoencoder.fit(training)
    largest = autoencoder.largest_dimension
    if dimensions is None:
        dimensions = sorted({round(float(d)) for d in np.geomspace(1, largest, min(_DIMENSIONS, largest))})
    outside = [d for d in dimensions if not 1 <= d <= largest]
    if outside:
        raise ValueError(f"dimensions must lie in [1, {largest}] for this data, got {outside[0]}")
    return select(
        training,
        rest,
        lambda d: (lambda rows: autoencoder.encode(rows, d), autoencoder.decode),
        dimensions=dimensions,
        times=default_times("ou", args.horizon),
        metric=args.metric,
        seed=args.seed,
        progress=progress,
    )


def print_selection(selection: Selection, name: str, columns: int) -> None:
    """Print the table of dimensions, the likely choices and the recommendation."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=False)
    console.print(
        f"{name}: {columns} columns, {selection.training_rows} rows to learn from, {selection.held_out_rows} held out, "
        "noisy PCA autoencoder",
        markup=False,
    )
    console.print(
        f"Horizon T = {selection.times[-1]:g}; {_TITLE[selection.metric]}; {selection.confidence:.0%} intervals from "
        f"{selection.replicates} bootstrap replicates.",
        markup=False,
    )
    narrow, middling = console.width < 76, console.width < 100
    table = Table(box=None, pad_edge=False, padding=(0, 1 if narrow else 2, 0, 0), header_style="bold")
    for column in (
        "dim", "best stop tau", *([] if narrow else ["interval"]), "at last step", "at best stop",
        *([] if middling else ["interval"]), "wins",
    ):  # fmt: skip
        table.add_column(column, justify="right", overflow="fold")
    for curve in selection.curves:
        at = selection.times.index(curve.best_time)
        stops = f"{curve.best_time_interval[0]:.3g} to {curve.best_time_interval[1]:.3g}"
        around = f"{curve.low[at]:.4g} to {curve.high[at]:.4g}"
        table.add_row(
            str(curve.dimension), f"{curve.best_time:.4g}", *([] if narrow else [stops]), f"{curve.values[0]:.5g}",
            f"{curve.best_value:.5g}", *([] if middling else [around]), f"{curve.share:.0%}",
            style="bold" if curve.dimension == selection.dimension else None,
        )  # fmt: skip
    console.print(table)
    console.print()
    early = f"stopping at tau = {selection.time:.4g} before the end"
    stop = "running to the last step" if selection.time == 0 else early
    console.print(f"Best of all: dimension {selection.dimension}, {stop}.", markup=False)
    low, high = selection.best.gain_interval
    if selection.time > 0:
        sure = "" if low > 0 else " (the interval contains 0: the last step may be as good)"
        console.print(f"There the early stop lowers the distance by {low:.3g} to {high:.3g}{sure}.", markup=False)
    likely = selection.likely()
    cells = ", ".join(f"d = {d} at tau = {tau:.3g} ({share:.0%})" for d, tau, share in likely[:_CELLS])
    more = f", and {len(likely) - _CELLS} more" if len(likely) > _CELLS else ""
    console.print(f"Winners of the replicates: {cells}{more}.", markup=False)
