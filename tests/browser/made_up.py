"""A run of the whole registry with invented results, so that the page is tested without deciding anything."""

from __future__ import annotations

OUTCOMES = ("holds", "holds-if", "fails", "undetermined")
VERDICTS = ("PROVED", "ENCLOSED", "SUPPORTED", "UNKNOWN")
TWINS = ("killed", "true", "undecided", "no verdict", "survived")
NASTY = "a < b & c > d, </script><b>not bold</b> \"quoted\" 'so'"


def _obligation(id, role, part, statement, verdict="PROVED"):
    return {
        "id": id, "role": role, "part": part, "statement": statement, "text": NASTY, "domain": "", "goal": "",
        "verdict": verdict, "engines": ["exact" if len(id) % 2 else "smt"], "marks": ["single-solver"],
        "evidence": [{"engine": "exact", "verdict": verdict, "detail": NASTY, "versions": []}],
        "witness": {"sigma_hat_1": "1/3", "x1": "0"} if verdict == "REFUTED" else None, "seconds": 0.01,
    }  # fmt: skip


def _statements(claim):
    parts = [("printed", s) for s in claim.statements]
    parts += [("repair", s) for repair in claim.repairs for s in repair.statements]
    return parts


def _claim(claim, number):
    outcome, obligations, statements = OUTCOMES[number % 4], [], []
    for part, s in _statements(claim):
        rule = s.lift and f"rule {s.lift.rule}"
        told = {"id": s.id, "part": part, "text": s.text, "verdict": "PROVED", "rule": rule, "rule_detail": NASTY}
        statements.append(told)
        obligations += [_obligation(o.id, "goal", part, s.id) for o in s.obligations]
        obligations += [_obligation(o.id, "premise", part, s.id) for o in (s.lift.premises if s.lift else ())]
        if s.instance is not None:
            obligations.append(_obligation(f"{s.id}[D=2]", "instance", part, s.id, "REFUTED"))
    obligations += [_obligation(o.id, "outside", "repair", None, "REFUTED") for r in claim.repairs for o in r.outside]
    twins = [
        {"id": f"{o['id']}~sign 1", "operator": "sign", "status": status, "engines": ["smt"], "witness": {"x": "1/2"}}
        for o, status in zip(obligations, TWINS * len(obligations), strict=False)
    ]
    return {
        "id": claim.id, "title": claim.title, "section": claim.section, "printed": claim.printed, "outcome": outcome,
        "hypotheses": [r.text for r in claim.repairs] if outcome == "holds-if" else [],
        "witness": {"sigma_1": "1", "q": "15/16"} if outcome in ("holds-if", "fails") else None,
        "repaired": NASTY if outcome == "fails" else None, "verdict": VERDICTS[number % 4],
        "closed_verdict": VERDICTS[number // 4 % 4], "uses": list(claim.uses), "proof_uses": list(claim.proof_uses),
        "imports": [], "missing": NASTY if outcome == "undetermined" else None, "obligations": obligations,
        "statements": statements, "rules": [], "seconds": 0.5,
        "mutants": {"killed": 1, "total": 3, "survivors": [], "true": 1, "undecided": 1, "twins": twins},
    }  # fmt: skip


def made_up_run(registry):
    """The run: outcomes and verdicts take turns, and every text that the page must escape is there."""
    claims = [c for c in registry.values() if not c.imported]
    return {"schema": 1, "exit_code": 1, "claims": [_claim(c, i) for i, c in enumerate(claims)]}
