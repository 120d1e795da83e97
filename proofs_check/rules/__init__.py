"""Lifting rules: from obligations about one or two coordinates to a statement about any number `D` of them.

These rules are the trusted base beside the engines and the imports: no engine checks them for every `D`. So they are few and
named, each says what it concludes and why it is valid, and each builds its premises and its conclusion from the same
terms. `docs/` holds the proofs in full, `tests/` tries every rule against random instances and against
premises that are false.
"""

from __future__ import annotations

from proofs_check.rules import (
    base,
    capped,
    covariance,
    dimension,
    estimation,
    expected,
    headline,
    low_rank,
    metric,
    monotone,
)
from proofs_check.rules.base import Rule as Rule
from proofs_check.rules.base import at_coordinate as at_coordinate
from proofs_check.rules.base import coordinates as coordinates
from proofs_check.rules.base import plug_in as plug_in
from proofs_check.rules.base import sum_of_terms as sum_of_terms
from proofs_check.rules.base import two_levels as two_levels
from proofs_check.rules.base import x1 as x1
from proofs_check.rules.base import x2 as x2
from proofs_check.rules.capped import between_ends as between_ends
from proofs_check.rules.capped import fading_power as fading_power
from proofs_check.rules.capped import ordered_ends as ordered_ends
from proofs_check.rules.covariance import band_crossing as band_crossing
from proofs_check.rules.covariance import error_band as error_band
from proofs_check.rules.covariance import loewner_sandwich as loewner_sandwich
from proofs_check.rules.covariance import optimal_set as optimal_set
from proofs_check.rules.dimension import increments_convex as increments_convex
from proofs_check.rules.dimension import largest_minimiser_falls as largest_minimiser_falls
from proofs_check.rules.dimension import optimal_between_levels as optimal_between_levels
from proofs_check.rules.dimension import single_crossing as single_crossing
from proofs_check.rules.estimation import congruence as congruence
from proofs_check.rules.estimation import monotone_from_derivative as monotone_from_derivative
from proofs_check.rules.estimation import negative_eigenvector as negative_eigenvector
from proofs_check.rules.estimation import smaller_eigenvalues as smaller_eigenvalues
from proofs_check.rules.expected import ordered_slopes as ordered_slopes
from proofs_check.rules.headline import capped_terms_fall as capped_terms_fall
from proofs_check.rules.headline import ordered_minimisers as ordered_minimisers
from proofs_check.rules.low_rank import best_rank as best_rank
from proofs_check.rules.low_rank import minimises as minimises
from proofs_check.rules.low_rank import null_coordinates as null_coordinates
from proofs_check.rules.low_rank import rank_optimal as rank_optimal
from proofs_check.rules.low_rank import strict_summand as strict_summand
from proofs_check.rules.metric import slope_along_directions as slope_along_directions
from proofs_check.rules.monotone import slope_increases as slope_increases

#: every rule by name
RULES: dict[str, Rule] = {
    rule.name: rule
    for module in (base, monotone, dimension, low_rank, capped, estimation, covariance, headline, expected, metric)
    for rule in module.RULES
}
