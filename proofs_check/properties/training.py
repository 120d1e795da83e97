"""Draws over training sets, bounded so that finite-sample bounds apply, and the cases they are drawn for.

`chi2_n / n` is cut at the point that it exceeds with probability 1e-20. That changes no expectation used here by more
than 1e-12 of the variable's range; every test gives that much slack.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from proofs_check.properties.base import Context
from proofs_check.properties.search import cases_of
from proofs_check.strategies import spectra
from theory.bures import FloatArray
from theory.evaluate import numpy_function
from theory.frechet import kept
from theory.notation import sigma, sigma_hat, x

__all__ = ["SLACK", "TrainingCase", "gain_of_common_numbers", "training_cases"]

#: of a variable's range: what cutting `chi2_n / n` may change in an expectation
SLACK = 1e-12
_CUT = 1e-20
#: training points assumed for the user's spectrum, at most: differences between stops shrink like 1/n
_MOST_POINTS = 50


@dataclass(frozen=True)
class TrainingCase:
    """The plug-in sampler of `d = len(sigma2)` kept coordinates over training sets of `n` points."""

    sigma2: tuple[float, ...]
    n: int

    @property
    def largest_ratio(self) -> float:
        """Where `chi2_n / n` is cut."""
        from scipy.stats import chi2

        return float(chi2.isf(_CUT, self.n)) / self.n

    def _kept(self, hats: FloatArray, at: float) -> FloatArray:
        return numpy_function(kept(), sigma, sigma_hat, x)(np.sqrt(self.sigma2), np.sqrt(hats), at)

    def distances(self, hats: FloatArray, at: float) -> FloatArray:
        """`F(d, x)` without the dropped variances, for estimated variances `(size, d)`; shape `(size,)`."""
        return np.asarray(np.sum(self._kept(np.minimum(hats, self._ceiling), at), axis=1))

    def largest_distance(self, at: float) -> float:
        """A bound of `distances`: each term is convex in `sqrt(v)`, so largest at an end."""
        ends = np.stack([np.zeros(len(self.sigma2)), self._ceiling])
        # rounding of the terms must not leave the range
        return float(np.sum(np.max(self._kept(ends, at), axis=0))) * (1 + 1e-9)

    def largest_difference(self, low: float, high: float) -> float:
        """A bound of `|F(d, high) - F(d, low)|`, `0 <= low < high`.

        One term is `(high - low)(1 - sigma_hat^2)(1 - 2 sigma/(sqrt(v_low) + sqrt(v_high)))`, and the roots in it are
        at least `sqrt(low)` and `sqrt(high)`.
        """
        first = np.maximum(1.0, self._ceiling - 1)
        second = np.maximum(1.0, 2 * np.sqrt(self.sigma2) / (np.sqrt(low) + np.sqrt(high)))
        return float((high - low) * np.sum(first * second)) * (1 + 1e-9)

    def controls(self, hats: FloatArray) -> FloatArray:
        """Control variates `h_j - sigma_j^2` and `(h_j - sigma_j^2)^2 - 2 sigma_j^4 / n`, mean 0: `(size, 2d)`."""
        sigma2 = np.asarray(self.sigma2)
        off = np.minimum(hats, self._ceiling) - sigma2
        return np.concatenate([off, off**2 - 2 * sigma2**2 / self.n], axis=1)

    def largest_control(self) -> FloatArray:
        """Bounds of `|controls|`, shape `(2d,)`; `h_j` runs from 0 to its cut."""
        sigma2 = np.asarray(self.sigma2)
        off = np.maximum(sigma2, self._ceiling - sigma2)
        return np.concatenate([off, np.maximum(off**2, 2 * sigma2**2 / self.n)]) * (1 + 1e-9)

    @property
    def _ceiling(self) -> FloatArray:
        return np.asarray(self.sigma2) * self.largest_ratio


#: a decreasing spectrum below 1, where every term of the expected distance matters
_ANCHOR = TrainingCase((0.75, 0.25), 5)


def training_cases(context: Context, name: str) -> list[TrainingCase]:
    """The anchor, the user's two leading variances, and cases chosen by Hypothesis."""
    chosen = st.builds(TrainingCase, spectra(max_size=3), st.sampled_from([4, 2, 10, 30]))
    cases = [_ANCHOR, *cases_of(chosen, context.profile.cases, context.seed, f"{name}/cases")]
    if context.spectrum is not None:
        cases.append(TrainingCase(tuple(s for s in context.spectrum[:2] if s > 0), min(context.training, _MOST_POINTS)))
    return cases


def gain_of_common_numbers(case: TrainingCase, hats: FloatArray, low: float, high: float) -> float:
    """How many times fewer samples a difference between two stops needs when both use the same training sets.

    Infinite where the difference does not vary at all.
    """
    first, second = case.distances(hats, low), case.distances(hats, high)
    varies = float((second - first).var())
    return float(first.var() + second.var()) / varies if varies > 0 else float("inf")
