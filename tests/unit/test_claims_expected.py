"""Claims on the average over training sets: outcomes, and the statements seen by other means."""

from __future__ import annotations

import numpy as np
import pytest

from proofs_check.claims import load
from proofs_check.verify import verify
from theory.bures import bures_squared
from theory.expected import coordinate_level, expected_level, expected_slope

OUTCOMES = {
    "beyond-2": "holds",
    "beyond-2/moments": "holds",
    "beyond-2/singular": "holds-if",
    "beyond-2/full-covariance": "holds",
    "beyond-3": "holds",
    "beyond-3/at-one": "holds",
    "beyond-3/straddling": "fails",
    "beyond-3/closed-form": "holds",
    "beyond-3/probability": "holds",
    "beyond-3/large-variance": "holds",
    "noisy-autoencoder/centred-training": "fails",
    "noisy-autoencoder/diagonal-score": "holds-if",
    "noisy-autoencoder/expected-gap": "holds",
}


@pytest.mark.parametrize(("id", "outcome"), OUTCOMES.items())
def test_outcome(id: str, outcome: str) -> None:
    (result,) = verify([id], load(), jobs=1, twins=False).results
    assert result.outcome == outcome
    assert not result.contradiction


@pytest.mark.parametrize("n", [1, 2, 3, 10, 100, 10**6])
def test_levels_rise_to_one_and_fall_after_it(n: int) -> None:
    below, above = np.geomspace(1e-6, 0.999, 60), np.geomspace(1.001, 1e6, 60)
    assert (np.diff(coordinate_level(below, n)) > 0).all()
    assert (np.diff(coordinate_level(above, n)) < 0).all()


def test_b_on_average_its_reverse_and_the_limit() -> None:
    assert (np.diff(expected_level([1.0, 0.7, 0.3, 0.01], 5, 0.99)) <= 0).all()
    assert (np.diff(expected_level([40.0, 7.0, 3.0, 1.0], 5, 0.99)) >= 0).all()
    assert np.diff(expected_level([4.0, 0.5], 10, 0.99))[0] > 0
    assert np.diff(expected_level([4.0, 0.01], 10, 0.99))[0] < 0
    assert float(coordinate_level(1e12, 2)) == pytest.approx(1 - np.pi / 4, rel=1e-9)


def test_the_proof_does_not_need_the_chi_square_law() -> None:
    """Levels for a two-point law of mean 1 move the same way."""
    y, p = np.array([0.2, 1.8]), 0.5
    grid = np.linspace(1e-4, 1, 20_001)

    def level(s: float) -> float:
        v = grid[:, None] + (1 - grid[:, None]) * s * y
        return float(grid[np.argmin(p * np.sum((np.sqrt(v) - np.sqrt(s)) ** 2, axis=1))])

    assert (np.diff([level(s) for s in (0.05, 0.2, 0.5, 0.8)]) > 0).all()
    assert (np.diff([level(s) for s in (1.3, 2.0, 5.0, 20.0)]) < 0).all()


def _mean_change(s: np.ndarray, n: int, d: int, level: float, rng: np.random.Generator) -> tuple[float, float]:
    """Mean and standard error of `d_F^2(level) - d_F^2(0)` with empirical-PCA axes."""
    changes, D = [], len(s)
    for _ in range(400):
        X = rng.normal(size=(n, D)) * np.sqrt(s)
        values, axes = np.linalg.eigh(X.T @ X / n)
        top, kept = values[::-1][:d], axes[:, ::-1][:, :d]
        both = [(kept * (a + (1 - a) * top)) @ kept.T for a in (0.0, level)]
        changes.append(bures_squared(both[1], np.diag(s)) - bures_squared(both[0], np.diag(s)))
    return float(np.mean(changes)), float(np.std(changes) / 20)


@pytest.mark.parametrize("d", [2, 4])
def test_a_little_noise_helps_with_pca_axes_too(d: int) -> None:
    """D = 4, n = 12: the mean change from x = 0 to 0.005 is below minus four standard errors (proved for d = D)."""
    mean, error = _mean_change(np.array([0.8, 0.4, 0.2, 0.1]), 12, d, 0.005, np.random.default_rng(23))
    assert mean < -4 * error


def test_singular_coordinates_can_turn_the_sign() -> None:
    assert float(np.sum(expected_slope([1.0, 0.0], 2, 0.0))) > 0
    assert float(np.sum(expected_slope([3.0, 0.0], 2, 0.0))) < 0
