"""The registry: every claim, one file per section of the paper."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofs_check.claim import Claim

__all__ = ["SECTIONS", "load"]

SECTIONS = (
    "setting",
    "monotonicity",
    "low_rank_remark",
    "dimension",
    "low_rank",
    "low_rank_global",
    "low_rank_full",
    "low_rank_steps",
    "low_rank_figures",
    "capped",
    "capped_variance",
    "capped_lemma",
    "capped_bounds",
    "capped_ends",
    "capped_corollary",
    "covariance",
    "empirical_covariance",
    "empirical_intervals",
    "estimation",
    "matrix_lemmas",
    "headline",
    "headline_b",
    "headline_capped",
    "headline_text",
    "autoencoder",
    "autoencoder_training",
    "metric",
    "metric_readings",
    "metric_mmd",
    "metric_kl",
    "expected",
    "expected_level",
    "expected_closed",
)


def load(sections: Iterable[str] = SECTIONS) -> dict[str, Claim]:
    """The claims of `sections` (all by default) by id, in the paper's order.

    Raises:
        ValueError: two claims share an id.
    """
    registry: dict[str, Claim] = {}
    for section in sections:
        claims: tuple[Claim, ...] = import_module(f"proofs_check.claims.{section}").CLAIMS
        for claim in claims:
            if claim.id in registry:
                raise ValueError(f"two claims are called {claim.id!r}")
            registry[claim.id] = claim
    return registry
