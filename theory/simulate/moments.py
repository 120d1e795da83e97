"""Second moments of simulated paths from their exact law, without a path.

Let `X_k` be the vector of all `N` paths of one coordinate after step `k`. A step adds independent normals, `X' = f X +
sqrt(g) z`, and `z` has a part along `X`, one normal `u`, and a part across it, whose squared length is chi-square with
`N - 1` degrees of freedom:

    |X'|^2 = (f |X| + sqrt(g) u)^2 + g chi2_{N-1}.

So `|X_k|` is a Markov chain by itself, and two random numbers a coordinate and recorded time replace `N` normals a
coordinate and step. The joint law over all recorded times is that of simulated paths.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory.simulate.chain import GaussianChain
from theory.simulate.paths import Moments, recorded_times
from theory.simulate.streams import checked_count, checked_seed, generator

__all__ = ["drawn_moments"]


def drawn_moments(
    chain: GaussianChain, paths: int, seed: int, *, stream: str = "moments", record: Sequence[int] | None = None
) -> Moments:
    """Second moments of `paths` paths at the grid indices `record` (all by default), drawn from their joint law.

    Same law as `second_moments`, other numbers: the cost does not depend on `paths`. Neither the number of coordinates
    nor later stops change a number.

    Raises:
        ValueError: `paths < 1`, a negative seed, indices that are not rising or out of range, a chain that overflows.
    """
    count, recorded = checked_count(paths, "paths"), recorded_times(chain, record)
    checked_seed(seed)
    chain.variances()  # refuses a chain that overflows
    squared = chain.start * generator(seed, stream, 0, 0).chisquare(count, chain.dimension)
    second = np.empty((len(recorded), chain.dimension))
    at = 0
    for r, k in enumerate(recorded):
        if k > at:
            factor, noise = chain.between(at, k)
            along = generator(seed, stream, k, 0).standard_normal(chain.dimension)
            # no degree of freedom is left across a single path
            across = generator(seed, stream, k, 1).chisquare(count - 1, chain.dimension) if count > 1 else 0.0
            squared = (factor * np.sqrt(squared) + np.sqrt(noise) * along) ** 2 + noise * across
            at = k
        second[r] = squared / count
    return Moments(chain.taus[list(recorded)], second, count)
