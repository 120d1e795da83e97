"""Other distances than Frechet's: closed forms for the Gaussian model, and estimators for samples."""

from __future__ import annotations

from theory.metrics.kl import kl as kl
from theory.metrics.kl import latent_kl_by_dimension as latent_kl_by_dimension
from theory.metrics.mmd import log_mmd_by_dimension as log_mmd_by_dimension
from theory.metrics.mmd import mmd_by_dimension as mmd_by_dimension
from theory.metrics.mmd import mmd_squared as mmd_squared
from theory.metrics.optimal import GAUSSIAN_METRICS as GAUSSIAN_METRICS
from theory.metrics.optimal import distances as distances
from theory.metrics.optimal import minimising_dimensions as minimising_dimensions
from theory.metrics.optimal import minimising_levels as minimising_levels
from theory.metrics.optimal import trace_level as trace_level
from theory.metrics.samples import Frechet as Frechet
from theory.metrics.samples import Measured as Measured
from theory.metrics.samples import SampleMetric as SampleMetric
from theory.metrics.samples import SlicedWasserstein as SlicedWasserstein
from theory.metrics.samples import UnbiasedMMD as UnbiasedMMD
from theory.metrics.samples import median_bandwidth as median_bandwidth
from theory.metrics.sliced import sliced_by_dimension as sliced_by_dimension
from theory.metrics.sliced import sliced_over_directions as sliced_over_directions
from theory.metrics.sliced import sliced_squared as sliced_squared
