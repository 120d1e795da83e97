from __future__ import annotations

import pytest

from proofs_check.verdict import Evidence, Verdict, evidence_from_json, issue, worst


def test_verdicts_are_ordered_and_refuse_bool():
    order = [
        Verdict.PROVED,
        Verdict.ENCLOSED,
        Verdict.SUPPORTED,
        Verdict.UNKNOWN,
        Verdict.VACUOUS,
        Verdict.ERROR,
        Verdict.REFUTED,
    ]
    shuffled = [order[i] for i in (3, 6, 0, 5, 1, 4, 2)]
    assert sorted(shuffled) == order
    for verdict in order:
        with pytest.raises(TypeError):
            bool(verdict)
    assert worst([Verdict.PROVED, Verdict.UNKNOWN]) is Verdict.UNKNOWN
    assert worst([]) is Verdict.UNKNOWN
    assert [v for v in order if v.established] == [Verdict.PROVED, Verdict.ENCLOSED]


def test_only_engines_make_evidence():
    with pytest.raises(TypeError, match="engines only"):
        Evidence(Verdict.PROVED, "me")


def test_evidence_survives_json():
    made = issue(
        verdict=Verdict.REFUTED,
        engine="search",
        witness=(("x", "1/2"),),
        certificate=(("a", "b"),),
        marks=("m",),
    )
    assert evidence_from_json(made.to_json()) == made
    with pytest.raises(KeyError):
        evidence_from_json({})
