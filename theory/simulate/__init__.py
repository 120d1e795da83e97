"""Simulation of the paper's whole chain: training sets, the backward SDE, Frechet estimates.

Everything follows from one seed. Each coordinate and block of paths has a named generator of its own, so results depend
neither on memory limits nor on how many coordinates or stops are kept, and runs with one seed share their normals.

    moments = sample_moments([2.0, 0.5, 0.0], hat_sigma2, paths=100_000, seed=1)     # no path is drawn
    frechet_diagonal(moments, sigma2, d=3)
    x = sample_paths([2.0, 0.5, 0.0], hat_sigma2, paths=1000, seed=1)                # exact transitions
    second_moments(euler_chain(uniform_grid(2.0, 1000), hat_sigma2), paths=1000, seed=1)   # the discretisation itself
"""

from __future__ import annotations

from theory.simulate.chain import GaussianChain as GaussianChain
from theory.simulate.chain import euler_chain as euler_chain
from theory.simulate.chain import euler_variances as euler_variances
from theory.simulate.chain import exact_chain as exact_chain
from theory.simulate.chain import log_snr_grid as log_snr_grid
from theory.simulate.chain import uniform_grid as uniform_grid
from theory.simulate.estimators import FrechetEstimate as FrechetEstimate
from theory.simulate.estimators import common_numbers_gain as common_numbers_gain
from theory.simulate.estimators import frechet_diagonal as frechet_diagonal
from theory.simulate.estimators import frechet_general as frechet_general
from theory.simulate.estimators import term_law as term_law
from theory.simulate.estimators import variance_interval as variance_interval
from theory.simulate.moments import drawn_moments as drawn_moments
from theory.simulate.paths import Moments as Moments
from theory.simulate.paths import decode as decode
from theory.simulate.paths import second_moments as second_moments
from theory.simulate.paths import simulate_blocks as simulate_blocks
from theory.simulate.paths import simulate_paths as simulate_paths
from theory.simulate.sample import sample_estimates as sample_estimates
from theory.simulate.sample import sample_moments as sample_moments
from theory.simulate.sample import sample_paths as sample_paths
from theory.simulate.streams import generator as generator
from theory.simulate.training import empirical_axes as empirical_axes
from theory.simulate.training import estimated_variances as estimated_variances
from theory.simulate.training import training_set as training_set
from theory.simulate.training import wishart_factor as wishart_factor

__all__ = [
    "FrechetEstimate",
    "GaussianChain",
    "Moments",
    "common_numbers_gain",
    "decode",
    "drawn_moments",
    "empirical_axes",
    "estimated_variances",
    "euler_chain",
    "euler_variances",
    "exact_chain",
    "frechet_diagonal",
    "frechet_general",
    "generator",
    "log_snr_grid",
    "sample_estimates",
    "sample_moments",
    "sample_paths",
    "second_moments",
    "simulate_blocks",
    "simulate_paths",
    "term_law",
    "training_set",
    "uniform_grid",
    "variance_interval",
    "wishart_factor",
]
