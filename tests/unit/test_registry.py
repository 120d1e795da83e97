"""The registry as a whole: every entry of the paper's sections 0 to 6 is there, and every rule is documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofs_check.claims import load
from proofs_check.rules import RULES
from proofs_check.verify import ancestors

ENTRIES = """
    eq-2 eq-4 eq-5 eq-6 prop-1a prop-1b text-1 text-2 text-5 prop-2a prop-2b text-3 text-4 figure-3 figure-4-left prop-3
    prop-8 text-6 figure-4-right eq-9 prop-4 prop-5 lemma-1 special-1 special-2 corollary-1 prop-6 prop-7 prop-9 prop-10
    lemma-2-i lemma-2-ii headline-a headline-b text-7 noisy-autoencoder beyond-1 beyond-2 beyond-3 beyond-4
    beyond-5
""".split()
STEPS = [f"prop-5/eq-{k}" for k in range(14, 22)] + ["prop-7/eq-22", "prop-7/ordering", "prop-8/root"]


@pytest.fixture(scope="module")
def registry():
    return load()


@pytest.mark.parametrize("id", [*ENTRIES, *STEPS])
def test_every_entry_is_registered(registry, id):
    assert id in registry


def test_every_claim_says_what_is_printed_and_rests_on_claims_that_exist(registry):
    assert set(ancestors(list(registry), registry)) == set(registry)
    for claim in registry.values():
        assert claim.printed
        assert claim.title
        assert claim.statements or claim.missing or claim.imported


def test_children_have_a_parent(registry):
    for id in registry:
        parent, slash, _ = id.rpartition("/")
        assert not slash or parent in registry or parent in ("import", "headline"), id


def test_every_lift_names_a_documented_rule(registry):
    page = Path(__file__).parents[2] / "docs" / "explanation" / "rules.md"
    text = " ".join(page.read_text(encoding="utf-8").split())
    for rule in RULES.values():
        assert f"## {rule.name}" in text
    used = {
        s.lift.rule
        for claim in registry.values()
        for s in (*claim.statements, *(t for r in claim.repairs for t in r.statements))
        if s.lift is not None
    }
    assert used <= set(RULES)


def test_the_findings_page_lists_what_the_registry_holds(registry):
    page = Path(__file__).parents[2] / "docs" / "findings.md"
    listed = [line.split("`")[1] for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("### `")]
    assert listed
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(registry)
