"""Whether the fields of a claim hold what they should; dataclasses do not look at the types of their fields."""

from __future__ import annotations

from collections.abc import Iterator

from proofs_check.claim import Claim, Lift, Obligation, Repair, Statement

__all__ = ["misshapen", "shown"]


def shown(value: object) -> str:
    """`value` for a message: short, and whatever its class does when asked for its text."""
    try:
        text = repr(value)
    except Exception:  # a class of somebody else's
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 200 else f"{text[:200]}..."


def misshapen(claim: Claim) -> str:
    """What a field of `claim` should hold and does not, in words; empty if all is well."""
    return next(_wrong(claim), "")


def _texts(owner: object, place: str, *names: str) -> Iterator[str]:
    for name in names:
        if not isinstance(getattr(owner, name), str):
            yield f"{place}{name} must be text, got {shown(getattr(owner, name))}"


def _members(values: object, kind: type, place: str) -> Iterator[str]:
    if not isinstance(values, tuple | list):
        yield f"{place} must be a tuple, got {shown(values)}"
        return
    for value in values:
        if not isinstance(value, kind):
            yield f"{place} must hold {kind.__name__} only, got {shown(value)}"


def _statements(values: object, place: str) -> Iterator[str]:
    yield from _members(values, Statement, place)
    for s in values if isinstance(values, tuple | list) else ():
        yield from _texts(s, f"{place}: ", "id", "text")
        yield from _members(s.obligations, Obligation, f"{place}: obligations")
        yield from _members(s.sizes, int, f"{place}: sizes")
        lift: object = s.lift
        if lift is not None and not isinstance(lift, Lift):
            yield f"{place}: lift must be a Lift, got {shown(lift)}"
        if s.instance is not None and not callable(s.instance):
            yield f"{place}: instance must be a function, got {shown(s.instance)}"


def _wrong(claim: Claim) -> Iterator[str]:
    """Lazy: what comes later may rely on what came before."""
    yield from _texts(claim, "", "id", "title", "section", "printed", "missing", "citation")
    if not claim.id or any(c.isspace() or not c.isprintable() for c in claim.id):
        yield "id must be printable, not empty and without spaces"
    yield from _statements(claim.statements, "statements")
    yield from _members(claim.repairs, Repair, "repairs")
    for r in claim.repairs:
        yield from _texts(r, "repairs: ", "text", "sharp")
        yield from _statements(r.statements, "repairs: statements")
        yield from _members(r.outside, Obligation, "repairs: outside")
    for name in ("uses", "proof_uses", "conventions"):
        yield from _members(getattr(claim, name), str, name)
