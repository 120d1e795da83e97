"""The optimal stop at a latent dimension, and the optimal dimension at a stop, for numbers (diagonal case).

`F(d, .)` is convex, so its minimisers form an interval `x*(d)`: where its slope
`sum_{j<=d} (1 - sigma_j/sqrt(v_j)) (1 - sigma_hat_j^2)` changes sign. `F(., x)` is minimal on a set of
dimensions, read off the sums of the increments `v_j - 2 sigma_j sqrt(v_j)`. Every float is a rational number,
so a sign that floating point leaves open is decided exactly: zero terms by a rational test, the rest by ball
arithmetic at rising precision.
"""

from theory.stopping.dimensions import optimal_dimensions
from theory.stopping.distances import criteria, distance_blocks, distance_grid, distances, slopes
from theory.stopping.levels import NoiseLevels, certified_noise_levels, optimal_noise_levels
from theory.stopping.terms import IntArray

__all__ = [
    "IntArray",
    "NoiseLevels",
    "certified_noise_levels",
    "criteria",
    "distance_blocks",
    "distance_grid",
    "distances",
    "optimal_dimensions",
    "optimal_noise_levels",
    "slopes",
]
