"""What is claimed, and how it is decided.

The names here are what a file of your own claims needs (`latent-stopping verify FILE.py`). They are imported when first
used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs_check.claim import Claim as Claim
    from proofs_check.claim import Domain as Domain
    from proofs_check.claim import Lift as Lift
    from proofs_check.claim import Obligation as Obligation
    from proofs_check.claim import Repair as Repair
    from proofs_check.claim import Statement as Statement
    from proofs_check.claim import all_of as all_of
    from proofs_check.claim import between as between
    from proofs_check.claim import domain as domain
    from proofs_check.claim import merge as merge
    from proofs_check.claim import nonnegative as nonnegative
    from proofs_check.claim import positive as positive
    from proofs_check.claim import universal as universal
    from proofs_check.formula import And as And
    from proofs_check.formula import Iff as Iff
    from proofs_check.formula import Implies as Implies
    from proofs_check.formula import Not as Not
    from proofs_check.formula import Or as Or
    from proofs_check.formula import eq as eq
    from proofs_check.formula import ge as ge
    from proofs_check.formula import gt as gt
    from proofs_check.formula import le as le
    from proofs_check.formula import lt as lt
    from proofs_check.formula import ne as ne
    from proofs_check.rules.base import at_coordinate as at_coordinate
    from proofs_check.rules.base import coordinates as coordinates
    from proofs_check.rules.base import sum_of_terms as sum_of_terms
    from proofs_check.rules.base import total as total
    from proofs_check.rules.base import two_levels as two_levels
    from proofs_check.rules.base import x1 as x1
    from proofs_check.rules.base import x2 as x2
    from proofs_check.rules.monotone import slope_increases as slope_increases
    from proofs_check.userclaims import load_claims as load_claims
    from proofs_check.userclaims import verify_claims as verify_claims
    from proofs_check.verdict import Verdict as Verdict

_HOMES = {
    "claim": (
        "Claim", "Domain", "Lift", "Obligation", "Repair", "Statement", "all_of", "between", "domain", "merge",
        "nonnegative", "positive", "universal",
    ),
    "formula": ("And", "Iff", "Implies", "Not", "Or", "eq", "ge", "gt", "le", "lt", "ne"),
    "rules.base": ("at_coordinate", "coordinates", "sum_of_terms", "total", "two_levels", "x1", "x2"),
    "rules.monotone": ("slope_increases",),
    "userclaims": ("load_claims", "verify_claims"),
    "verdict": ("Verdict",),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [  # noqa: RUF022
    # claims
    "Claim", "Statement", "Obligation", "Repair", "Lift", "universal",
    # domains
    "Domain", "domain", "positive", "nonnegative", "between", "merge",
    # formulas
    "eq", "ne", "lt", "le", "gt", "ge", "And", "Or", "Not", "Implies", "Iff", "all_of",
    # rules
    "sum_of_terms", "slope_increases", "coordinates", "at_coordinate", "total", "two_levels", "x1", "x2",
    # deciding
    "verify_claims", "load_claims", "Verdict",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'proofs_check' has no attribute {name!r}")
    return getattr(import_module(f"proofs_check.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
