"""Planted defects: samplers that are wrong in a known way, to measure what the properties would catch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from proofs_check.properties.sampler import Sampler
from theory.bures import FloatArray
from theory.noise import noise_of_time
from theory.simulate import GaussianChain

__all__ = ["DEFECTS", "Defect"]


class _WrongVariance(Sampler):
    name = "every generated variance 1 % too large"

    def chain(self, sigma_hat2: FloatArray, T: float, tau: float) -> GaussianChain:
        right = super().chain(sigma_hat2, T, tau)
        return replace(right, start=right.start * 1.01, noises=right.noises * 1.01)


class _SwappedTime(Sampler):
    name = "t and T - t swapped"

    def stop(self, T: float, tau: float) -> float:
        return T - tau


class _HalvedNoise(Sampler):
    name = "noise w in place of sqrt(2) w"

    def chain(self, sigma_hat2: FloatArray, T: float, tau: float) -> GaussianChain:
        right = super().chain(sigma_hat2, T, tau)
        return replace(right, noises=right.noises / 2)


class _HalvedScore(Sampler):
    name = "score in the drift without its factor 2"

    def discretised(
        self, sigma_hat2: FloatArray, T: float, tau: float, steps: int, cap: float | None = None
    ) -> GaussianChain:
        right = super().discretised(sigma_hat2, T, tau, steps, cap)
        # f = 1 + (1 - 2m) h becomes 1 + (1 - m) h
        h = -np.diff(right.taus)[:, None]
        return replace(right, factors=(1 + h + right.factors) / 2)


class _MissingSignal(Sampler):
    name = "encoded data not scaled by b"

    def encoded(self, rng: np.random.Generator, sigma2: FloatArray, tau: float, size: int) -> FloatArray:
        return super().encoded(rng, np.asarray(sigma2) / (1 - float(noise_of_time(tau))), tau, size)


class _DegreesOffByOne(Sampler):
    name = "n - 1 degrees of freedom for n points"

    def estimated(self, rng: np.random.Generator, sigma2: FloatArray, n: int, size: int) -> FloatArray:
        return super().estimated(rng, sigma2, max(n - 1, 1), size)


class _EulerBias(Sampler):
    name = "32 Euler-Maruyama steps taken for the sampler"

    def chain(self, sigma_hat2: FloatArray, T: float, tau: float) -> GaussianChain:
        return self.discretised(sigma_hat2, T, tau, 32)


class _SinglePrecision(Sampler):
    name = "single precision"

    def generated(
        self, rng: np.random.Generator, sigma_hat2: FloatArray, T: float, tau: float, size: int
    ) -> FloatArray:
        paths = super().generated(rng, sigma_hat2, T, tau, size)
        return np.asarray(paths.astype(np.float32), dtype=np.float64)


@dataclass(frozen=True)
class Defect:
    """A wrong sampler, and whether the stated discrepancies promise that it is caught.

    `promised` is False for a defect far below what any property is designed to see: it tells where sight ends.
    """

    id: str
    sampler: Sampler
    promised: bool = True


DEFECTS = (
    Defect("wrong-variance", _WrongVariance()),
    Defect("swapped-time", _SwappedTime()),
    Defect("missing-factor", _HalvedNoise()),
    Defect("missing-factor-drift", _HalvedScore()),
    Defect("missing-signal", _MissingSignal()),
    Defect("degrees-off-by-one", _DegreesOffByOne()),
    Defect("euler-bias", _EulerBias()),
    Defect("single-precision", _SinglePrecision(), promised=False),
)
