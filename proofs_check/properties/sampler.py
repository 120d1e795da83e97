"""What the statistical properties simulate: the chains and training sets of `theory.simulate`, behind one object.

A planted defect is another `Sampler`, passed in where this one would be.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.bures import FloatArray
from theory.noise import noise_of_time
from theory.simulate import GaussianChain, estimated_variances, euler_chain, exact_chain, simulate_paths, uniform_grid

__all__ = ["BLOCK", "Sampler", "sum_of_squares"]

#: random vectors drawn at a time
BLOCK = 1 << 16


class Sampler:
    """The sampler as the theory has it; a subclass changes what a defect changes.

    Horizons `T`, stops `tau` in `[0, T]` and estimated variances `(D,)` are as in `theory.simulate`.
    """

    name = "as derived"

    def estimated(self, rng: np.random.Generator, sigma2: FloatArray, n: int, size: int) -> FloatArray:
        """`size` training sets of `n` points: estimated variances `(size, D)`."""
        return estimated_variances(rng, sigma2, n, size)

    def stop(self, T: float, tau: float) -> float:
        """The forward time at which the sampler stops when asked to stop at `tau`."""
        return tau

    def chain(self, sigma_hat2: FloatArray, T: float, tau: float) -> GaussianChain:
        """The plug-in sampler in two exact transitions from `T` to its stop."""
        end = self.stop(T, tau)
        return exact_chain([T, (T + end) / 2, end] if end < T else [T], sigma_hat2)

    def discretised(
        self, sigma_hat2: FloatArray, T: float, tau: float, steps: int, cap: float | None = None
    ) -> GaussianChain:
        """Euler-Maruyama for the plug-in sampler or, with a `cap`, for that of prop-5 started at N(0, I)."""
        grid = uniform_grid(T, steps, self.stop(T, tau))
        return euler_chain(grid, sigma_hat2, cap=cap, start="diffused" if cap is None else "standard")

    def generated(
        self, rng: np.random.Generator, sigma_hat2: FloatArray, T: float, tau: float, size: int
    ) -> FloatArray:
        """`size` latents `(size, D)` of the plug-in sampler stopped at `tau`, by exact transitions."""
        return _ends(self.chain(sigma_hat2, T, tau), rng, size)

    def euler(
        self,
        rng: np.random.Generator,
        sigma_hat2: FloatArray,
        T: float,
        tau: float,
        size: int,
        steps: int,
        cap: float | None = None,
    ) -> FloatArray:
        """The same by `steps` Euler-Maruyama steps, shape `(size, D)`."""
        return _ends(self.discretised(sigma_hat2, T, tau, steps, cap), rng, size)

    def encoded(self, rng: np.random.Generator, sigma2: FloatArray, tau: float, size: int) -> FloatArray:
        """The noisy autoencoder: fresh data encoded, diffused to `tau`, `b X + a eps`, shape `(size, D)`."""
        x = float(noise_of_time(tau))
        data = rng.standard_normal((size, len(sigma2))) * np.sqrt(sigma2)
        return np.asarray(np.sqrt(1 - x) * data + np.sqrt(x) * rng.standard_normal(data.shape))


def _ends(chain: GaussianChain, rng: np.random.Generator, size: int) -> FloatArray:
    """The last points of `size` simulated paths, `(size, D)`, under a seed drawn from `rng`."""
    return np.asarray(simulate_paths(chain, size, int(rng.integers(2**63)), record=[chain.steps])[0])


def sum_of_squares(draw: Callable[[int], FloatArray], n: int, block: int = BLOCK) -> FloatArray:
    """Sum of squares per coordinate of `n >= 1` random vectors, drawn in blocks; `draw(k)` has shape `(k, D)`."""
    total: FloatArray | None = None
    for first in range(0, n, block):
        part = draw(min(block, n - first))
        squares = np.einsum("ij,ij->j", part, part)
        total = squares if total is None else total + squares
    if total is None:
        raise ValueError(f"n must be at least 1, got {n}")
    return total
