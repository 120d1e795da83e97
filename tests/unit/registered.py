"""The registry, loaded once, and every formula in it."""

from __future__ import annotations

from functools import cache

from proofs_check.claim import Claim, Statement
from proofs_check.claims import load
from proofs_check.formula import Formula


@cache
def registry() -> dict[str, Claim]:
    return load()


def statements(claim: Claim) -> list[Statement]:
    return [*claim.statements, *(s for r in claim.repairs for s in r.statements)]


@cache
def formulas() -> tuple[Formula, ...]:
    """Every formula of the registry: goals and hypotheses."""
    found: dict[Formula, None] = {}
    for claim in registry().values():
        for s in statements(claim):
            for o in [*s.obligations, *(s.lift.premises if s.lift else ())]:
                found.update(dict.fromkeys([o.goal, *o.domain.hypotheses]))
        for o in (o for r in claim.repairs for o in r.outside):
            found.update(dict.fromkeys([o.goal, *o.domain.hypotheses]))
        for _, what in claim.derivation:
            if isinstance(what, Formula):
                found[what] = None
    return tuple(found)
