"""What the page shows of each claim: the run's plain data joined with the registry's formulas, as LaTeX and text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofs_check.claim import Claim, Domain, Obligation
from proofs_check.formula import And

__all__ = ["ClaimView", "ObligationView", "StatementView", "views"]


@dataclass(frozen=True)
class ObligationView:
    """A decided obligation: `data` as the run has it; domain and goal as pieces of LaTeX that a line may break between.

    Both are empty for a statement written out in full for a number of coordinates.
    """

    data: Mapping[str, Any]
    domain: tuple[str, ...] = ()
    goal: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatementView:
    """A statement with its obligations, its rule, and whether it belongs to what is printed or to a repair."""

    text: str
    part: str
    verdict: str
    rule: str | None
    rule_detail: str
    obligations: tuple[ObligationView, ...]


@dataclass(frozen=True)
class ClaimView:
    """A claim as the page shows it. `data` is its entry in the run; `rests_on` and `used_by` are claim ids by kind."""

    data: Mapping[str, Any]
    ours: bool
    citation: str
    conventions: tuple[str, ...]
    derivation: tuple[tuple[str, str, bool], ...]
    sharpness: tuple[str, ...]
    statements: tuple[StatementView, ...]
    outside: tuple[ObligationView, ...]
    uses: tuple[str, ...]
    proof_uses: tuple[str, ...]
    parts: tuple[str, ...]
    used_by: tuple[str, ...]

    @property
    def id(self) -> str:
        """The claim's id."""
        return str(self.data["id"])

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines behind its goals and premises."""
        own = [o for o in self.data["obligations"] if o["role"] in ("goal", "premise")]
        return tuple(dict.fromkeys(e for o in own for e in o["engines"]))


def _written(claim: Claim) -> dict[str, Obligation]:
    """The obligations of a claim that are short enough to be shown as formulas, by id."""
    statements = [*claim.statements, *(s for r in claim.repairs for s in r.statements)]
    found = [o for s in statements for o in (*s.obligations, *(s.lift.premises if s.lift else ()))]
    found += [o for r in claim.repairs for o in r.outside]
    return {o.id: o for o in found}


def _obligation(data: Mapping[str, Any], written: Mapping[str, Obligation]) -> ObligationView:
    from proofs_check.report.latex import domain_parts

    known = written.get(data["id"]) if data["role"] != "instance" else None
    if known is None:
        return ObligationView(data)
    parts = known.goal.args if isinstance(known.goal, And) else (known.goal,)
    return ObligationView(data, tuple(domain_parts(known.domain)), tuple(domain_parts(Domain((), parts))))


def _derivation(claim: Claim) -> tuple[tuple[str, str, bool], ...]:
    """The steps as (words, formula or sentence, whether it is LaTeX)."""
    from proofs_check.formula import Formula
    from proofs_check.report.latex import formula_latex
    from theory.latex import latex

    steps = []
    for words, shown in claim.derivation:
        if isinstance(shown, str):
            steps.append((words, shown, False))
        elif isinstance(shown, Formula):
            steps.append((words, formula_latex(shown), True))
        else:
            steps.append((words, latex(shown), True))
    return tuple(steps)


def _statements(data: Mapping[str, Any], written: Mapping[str, Obligation]) -> tuple[StatementView, ...]:
    return tuple(
        StatementView(
            text=s["text"],
            part=s["part"],
            verdict=s["verdict"],
            rule=s["rule"],
            rule_detail=s["rule_detail"] or "",
            obligations=tuple(
                _obligation(o, written)
                for o in data["obligations"]
                if o["statement"] == s["id"] and o["part"] == s["part"]
            ),
        )
        for s in data["statements"]
    )


def _imported(claim: Claim) -> dict[str, Any]:
    """The entry that a cited theorem would have in the run."""
    return {
        "id": claim.id, "title": claim.title, "section": claim.section, "printed": claim.printed,
        "outcome": "imported", "hypotheses": [], "witness": None, "repaired": None, "verdict": "PROVED",
        "closed_verdict": "PROVED", "uses": [], "proof_uses": [], "imports": [], "missing": None, "obligations": [],
        "statements": [], "rules": [], "seconds": 0.0,
        "mutants": {"killed": 0, "total": 0, "survivors": [], "true": 0, "undecided": 0, "twins": []},
    }  # fmt: skip


def _section_order(section: str) -> tuple[int, int]:
    """Numbered sections first, by number."""
    number = section.partition(" ")[0]
    return (0, int(number)) if number.isdigit() else (1, 0)


def views(run: Mapping[str, Any], registry: Mapping[str, Claim]) -> list[ClaimView]:
    """Every claim of the run, and the cited theorems they use, section by section.

    Raises:
        ValueError: a claim of the run that is not in the registry.
    """
    decided = {c["id"]: c for c in run["claims"]}
    unknown = sorted(set(decided) - set(registry))
    if unknown:
        raise ValueError(f"the run decides claims that are not registered here: {', '.join(unknown)}")
    shown: dict[str, Mapping[str, Any]] = {}
    used = {other for c in decided.values() for other in (*c["uses"], *c["proof_uses"], *c["imports"])}
    for id, claim in sorted(registry.items(), key=lambda item: _section_order(item[1].section)):
        if id in decided:
            shown[id] = decided[id]
        elif claim.imported and id in used:
            shown[id] = _imported(claim)
    return [_view(registry[id], data, shown) for id, data in shown.items()]


def _view(claim: Claim, data: Mapping[str, Any], shown: Mapping[str, Mapping[str, Any]]) -> ClaimView:
    written = _written(claim)
    repairs = [r for r in claim.repairs if r.sharp]

    def present(ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(i for i in dict.fromkeys(ids) if i in shown)

    return ClaimView(
        data=data,
        ours=claim.ours,
        citation=claim.citation,
        conventions=claim.conventions,
        derivation=_derivation(claim),
        sharpness=tuple(r.sharp for r in repairs),
        statements=_statements(data, written),
        outside=tuple(_obligation(o, written) for o in data["obligations"] if o["statement"] is None),
        uses=present(data["uses"]),
        proof_uses=present([i for i in data["proof_uses"] if i not in data["uses"]]),
        parts=tuple(i for i in shown if i.rpartition("/")[0] == claim.id),
        used_by=tuple(i for i, c in shown.items() if claim.id in (*c["uses"], *c["proof_uses"])),
    )
