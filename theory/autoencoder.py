"""The linear (PCA) autoencoder on real data, and the distance of what it decodes to other data.

`P_d` keeps the first `d` principal axes of the training data. The sampler of [5] run in that latent space and
stopped at noise level `x` decodes to a Gaussian around the training mean with covariance
`U_d diag(v_1, .., v_d) U_d^T`; nothing here assumes that the other data share those axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.bures import FloatArray
from theory.bures_curve import BuresCurve
from theory.noise import generated_variances
from theory.spectra import PrincipalAxes, principal_axes

__all__ = ["DistanceToData", "LinearAutoencoder"]

_EPS = float(np.finfo(np.float64).eps)
#: relative accuracy of `DistanceToData.best_level`
STOP_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class LinearAutoencoder:
    """PCA autoencoder; `pca.axes` has shape `(D, k)`, and latent dimensions run from 1 to `k`."""

    pca: PrincipalAxes

    @classmethod
    def fit(cls, samples: FloatArray) -> LinearAutoencoder:
        """Fit to samples `(n, D)`. Raises ValueError as `theory.spectra.principal_axes` does."""
        return cls(principal_axes(samples))

    @property
    def largest_dimension(self) -> int:
        """`k = min(n - 1, D)`."""
        return len(self.pca.variances)

    def _check(self, d: int) -> None:
        if not 1 <= d <= self.largest_dimension:
            raise ValueError(f"latent dimension d must lie in [1, {self.largest_dimension}], got {d}")

    def encode(self, samples: FloatArray, d: int) -> FloatArray:
        """Return latents `(n, d)` of samples `(n, D)`."""
        self._check(d)
        return np.asarray((samples - self.pca.mean) @ self.pca.axes[:, :d])

    def decode(self, latents: FloatArray) -> FloatArray:
        """Return samples `(n, D)` from latents `(n, d)`."""
        self._check(latents.shape[1])
        return np.asarray(self.pca.mean + latents @ self.pca.axes[:, : latents.shape[1]].T)

    def generated_factor(self, d: int, level: float) -> FloatArray:
        """Return `U_d diag(sqrt(v_j(x)))`, shape `(D, d)`: a factor of the decoded generator's covariance."""
        self._check(d)
        return np.asarray(self.pca.axes[:, :d] * np.sqrt(generated_variances(level, self.pca.variances[:d])))


class DistanceToData:
    """[6] between the decoded generator and other data, for many `(d, x)` from one factorisation.

    Only the data's covariance compressed to the first `d` axes matters to the Bures term: with the centred
    data on the axes factored as `Q R`, that compression is `R_d^T R_d`, `R_d` the leading block. The variance
    off those axes and the difference of the means are added as they are.
    """

    def __init__(self, autoencoder: LinearAutoencoder, samples: FloatArray) -> None:
        """Factor `samples` `(n, D)` once. Raises ValueError where `D` differs or a variance is not finite."""
        mean, axes = autoencoder.pca.mean, autoencoder.pca.axes
        if samples.ndim != 2 or samples.shape[1] != len(mean):
            raise ValueError(f"samples must have {len(mean)} columns, got shape {samples.shape}")
        centred = (samples - samples.mean(axis=0)) / np.sqrt(len(samples))
        on_axes = centred @ axes
        noise = max(samples.shape) * _EPS * float(np.abs(samples).max())
        on_axes[:, np.abs(on_axes).max(axis=0) * np.sqrt(len(samples)) <= noise] = 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            variances = np.sum(on_axes**2, axis=0)
            outside = float(np.sum((centred - on_axes @ axes.T) ** 2))
            #: squared difference of the two means
            self.mean_shift_squared = float(np.sum((samples.mean(axis=0) - mean) ** 2))
        #: `dropped[d]`: the data's variance off the first `d` axes
        self.dropped: FloatArray = np.append(np.cumsum(variances[::-1])[::-1], 0.0) + outside
        if not np.isfinite(self.dropped[0] + self.mean_shift_squared):
            raise ValueError("samples have variances beyond the largest float; rescale them")
        triangle = np.asarray(np.linalg.qr(on_axes, mode="r"))
        # Fewer directions than rows: what the others leave is rounding, not variance where the estimate has none.
        lengths = np.sqrt(np.sum(triangle**2, axis=1))
        triangle[lengths <= max(samples.shape) * _EPS * lengths.max()] = 0.0
        self._triangle = triangle
        self._sigma_hat2 = autoencoder.pca.variances

    def curve(self, d: int) -> BuresCurve:
        """`F(d, .)` alone, from the same factorisation."""
        if not 1 <= d <= len(self._sigma_hat2):
            raise ValueError(f"latent dimension d must lie in [1, {len(self._sigma_hat2)}], got {d}")
        block = self._triangle[:d, :d]
        rest = self.mean_shift_squared + float(self.dropped[d])
        return BuresCurve(self._sigma_hat2[:d], block[block.any(axis=1)], rest)

    def value(self, d: int, level: float) -> float:
        """Squared Frechet distance at latent dimension `d` and noise level `level` in `[0, 1]`."""
        return self.curve(d).value(level)

    def slope(self, d: int, level: float) -> float:
        """Derivative of `value` in `level > 0`; with shared axes that of `theory.frechet`."""
        return self.curve(d).slope(level)

    def best_level(self, d: int, largest: float) -> float:
        """The minimiser of `F(d, .)` on `[0, largest]`: relative accuracy 1e-9, exactly 0 where below 1e-20.

        The fidelity is concave and the variances are linear in the level, so `F(d, .)` is convex.
        """
        from scipy.optimize import brentq

        slope = self.curve(d).slope
        high = largest
        if slope(high) <= 0:
            return high
        low = high / 16
        while slope(low) >= 0:
            high, low = low, low / 16
            if low < 1e-20:
                return 0.0
        tolerance = STOP_TOLERANCE * low
        return float(brentq(slope, low, high, xtol=tolerance, rtol=1e-12))
