"""What `theory.selection` finds, as plain data, and its plot."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Curve", "Selection"]


@dataclass(frozen=True)
class Curve:
    """One latent dimension: distance at every stop with a pointwise interval, and its best stop.

    `best_time_interval` is where the best stop of the replicates lies, `gain_interval` an interval for the distance
    at the first stop minus that at `best_time`, `share` the fraction of replicates in which this dimension wins.
    """

    dimension: int
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    best_time: float
    best_time_interval: tuple[float, float]
    gain_interval: tuple[float, float]
    share: float

    @property
    def best_value(self) -> float:
        """Distance at the best stop."""
        return min(self.values)


@dataclass(frozen=True)
class Selection:
    """Curves over stop times, and the recommended cell.

    `shares[i][k]` is the fraction of bootstrap replicates whose best cell is dimension `curves[i].dimension` at
    `times[k]`.
    """

    metric: str
    schedule: str
    times: tuple[float, ...]
    curves: tuple[Curve, ...]
    dimension: int
    time: float
    shares: tuple[tuple[float, ...], ...]
    confidence: float
    replicates: int
    training_rows: int
    held_out_rows: int
    seed: int

    @property
    def best(self) -> Curve:
        """The curve of the recommended dimension."""
        return next(curve for curve in self.curves if curve.dimension == self.dimension)

    def likely(self, share: float = 0.95) -> tuple[tuple[int, float, float], ...]:
        """The fewest cells `(dimension, time, share)` that together win at least `share` of the replicates."""
        cells = sorted(
            (
                (curve.dimension, time, won)
                for curve, line in zip(self.curves, self.shares, strict=True)
                for time, won in zip(self.times, line, strict=True)
                if won > 0
            ),
            key=lambda cell: (-cell[2], cell[0], cell[1]),
        )
        totals = np.cumsum([cell[2] for cell in cells])
        return tuple(cells[: int(np.searchsorted(totals, share - 1e-9)) + 1])

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        data = asdict(self)
        for row, curve in zip(data["curves"], self.curves, strict=True):
            row["best_value"] = curve.best_value
        data["recommended"] = {"dimension": data.pop("dimension"), "time": data.pop("time")}
        data["likely"] = [{"dimension": d, "time": t, "share": s} for d, t, s in self.likely()]
        return {"schema": 1, "kind": "noisy-autoencoder", **data}

    def plot(self, path: str | Path, title: str = "") -> None:
        """Draw the curves with their intervals, and the best stop of each dimension; `.png`, `.pdf` or `.svg`.

        Raises:
            ValueError, OSError: as `theory.plots.check_target`, and where the file cannot be written.
        """
        from theory.selection_plot import draw_selection

        draw_selection(self, path, title)
