"""What `theory.advice` finds, as plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Advice", "BestDimension", "DimensionAdvice", "Reading"]


@dataclass(frozen=True)
class DimensionAdvice:
    """One latent dimension; distances are squared Frechet distances to the data, `tau` is forward time."""

    dimension: int
    variance_kept: float
    tau: float
    noise_level: float
    log_snr: float
    distance_last_step: float
    distance_best_stop: float

    @property
    def gain(self) -> float:
        """Relative improvement of the best stop over the last step, in `[0, 1]`."""
        return 1 - self.distance_best_stop / self.distance_last_step if self.distance_last_step else 0.0


@dataclass(frozen=True)
class BestDimension:
    """`dimension` is best while the stop lies in `[tau_from, tau_to]` (forward time)."""

    tau_from: float
    tau_to: float
    dimension: int


@dataclass(frozen=True)
class Reading:
    """Whether one reading of the headline holds on this data, and the first place where it does not."""

    statement: str
    holds: bool
    violations: int
    first_violation: str


@dataclass(frozen=True)
class Advice:
    """What `advise` found, as plain data. `curves[d]` holds `F(d, .)` at the stop times `curve_taus`."""

    kind: str
    score: str
    ambient: int
    training_rows: int
    held_out_rows: int
    seed: int
    horizon: float
    mean_shift_squared: float
    rows: tuple[DimensionAdvice, ...]
    best_dimensions: tuple[BestDimension, ...]
    reading_a: Reading
    reading_b: Reading
    curve_taus: tuple[float, ...]
    curves: dict[int, tuple[float, ...]]

    @property
    def best(self) -> DimensionAdvice:
        """The row with the smallest distance at its best stop (the lowest dimension among equals)."""
        return min(self.rows, key=lambda row: (row.distance_best_stop, row.dimension))

    def to_json(self) -> dict[str, object]:
        """Return the advice as JSON-ready data; an infinite log-SNR (the last step) is null."""
        return {
            "schema": 1,
            "kind": self.kind,
            "score": self.score,
            "ambient_dimension": self.ambient,
            "training_rows": self.training_rows,
            "held_out_rows": self.held_out_rows,
            "seed": self.seed,
            "horizon": self.horizon,
            "mean_shift_squared": self.mean_shift_squared,
            "best": _row_json(self.best),
            "dimensions": [_row_json(row) for row in self.rows],
            "best_dimensions": [vars(step) for step in self.best_dimensions],
            "reading_a": vars(self.reading_a),
            "reading_b": vars(self.reading_b),
            "curves": {
                "tau": list(self.curve_taus),
                "frechet_squared": {str(d): list(c) for d, c in self.curves.items()},
            },
        }


def _row_json(row: DimensionAdvice) -> dict[str, object]:
    log_snr = row.log_snr if math.isfinite(row.log_snr) else None
    return {**vars(row), "log_snr": log_snr, "gain": row.gain}
