"""What stands in a cache folder and is not what was put there is as good as absent."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hostile import UNIT, harmless, u, v

from proofs_check.cache import Cache, key_of
from proofs_check.claim import Obligation
from proofs_check.contents import contents
from proofs_check.engines.base import Budget
from proofs_check.formula import le
from proofs_check.kept import read_kept, write_kept
from proofs_check.portfolio import Decision, cut_short, decide
from proofs_check.run_cache import RunCache
from proofs_check.sources import source_digest
from proofs_check.twins import judge_twins
from proofs_check.verdict import Verdict, issue
from proofs_check.worker import failed

BUDGET = Budget(points=400)
TRUE = harmless()
FALSE = Obligation("false", "", UNIT, le(u + v, 1))


@pytest.fixture
def proved():
    return decide(TRUE, BUDGET)


@pytest.fixture
def refuted():
    return decide(FALSE, BUDGET)


def test_any_change_of_a_byte_is_noticed(tmp_path):
    path = tmp_path / "x.json"
    write_kept(path, "key", {"a": [1, "b"]})
    text = path.read_bytes()
    assert json.loads(text)[1] == read_kept(path, "key") == {"a": [1, "b"]}
    assert read_kept(path, "another key") is None
    for i in range(len(text)):
        for changed in (text[:i], text[:i] + bytes([text[i] ^ 1]) + text[i + 1 :], text[:i] + text[i + 1 :]):
            path.write_bytes(changed)
            assert read_kept(path, "key") is None, changed
    for other in (b"", b"\0" * 100, b"\xff" * 100, b"[" * 100_000, b'{"a": 1}', b"null"):
        path.write_bytes(other)
        assert read_kept(path, "key") is None
    path.unlink()
    path.mkdir()
    assert read_kept(path, "key") is None


def keep(cache, mode, obligation, data):
    """Put `data` where a decision would be, with a right digest."""
    key = key_of(mode, obligation, BUDGET)
    write_kept(cache._path(key), key, data)
    return cache.get(mode, key)


def changes(data):
    """`data` with every value replaced, one at a time, by something of another type, or left out."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield {k: v for k, v in data.items() if k != name}
            for other in changes(value):
                yield {**data, name: other}
    if isinstance(data, list):
        for i, value in enumerate(data):
            for other in changes(value):
                yield [*data[:i], other, *data[i + 1 :]]
    kinds = (None, True, "x", 7.5, [], {}, [["a"]], [1], float("nan"), -1, "MAYBE", 10**400)
    yield from (k for k in kinds if k is None or type(k) is not type(data))


@pytest.mark.parametrize("mode", ["decide", "twins"])
def test_wrong_shapes_deep_inside(tmp_path, mode, proved, refuted):
    cache = Cache(tmp_path)
    results = [judge_twins(TRUE, BUDGET)] if mode == "twins" else [proved, refuted]
    for result in results:
        data = json.loads(json.dumps(result.to_json()))
        assert keep(cache, mode, TRUE, data) == result
        for changed in changes(data):
            found = keep(cache, mode, TRUE, changed)
            # what is accepted says the same, but for times and words
            if mode == "decide" and found is not None:
                assert found.verdict is result.verdict
                assert [e.verdict for e in found.evidence] == [e.verdict for e in result.evidence] or (
                    found.verdict is Verdict.REFUTED
                )


def test_a_verdict_must_follow_from_its_evidence(tmp_path, proved, refuted):
    cache = Cache(tmp_path)
    unknown = issue(verdict=Verdict.UNKNOWN, engine="search", detail="no counterexample in 400 points")
    lone = issue(verdict=Verdict.PROVED, engine="search", detail="trust me")
    stranger = issue(verdict=Verdict.PROVED, engine="oracle", detail="trust me")
    point = (("u", "1"),)
    forged = [
        Decision(Verdict.PROVED, (), point),
        Decision(Verdict.PROVED, (unknown,), point),
        Decision(Verdict.PROVED, (lone,), point),
        Decision(Verdict.PROVED, (stranger,), point),
        replace(proved, inhabitant=None),
        replace(proved, verdict=Verdict.ENCLOSED),
        replace(proved, verdict=Verdict.REFUTED),
        replace(refuted, verdict=Verdict.PROVED),
        replace(refuted, evidence=tuple(replace(e, witness=None) for e in refuted.evidence)),
        replace(proved, evidence=(*proved.evidence, *refuted.evidence)),
        Decision(Verdict.ERROR, ()),
    ]
    for decision in forged:
        assert keep(cache, "decide", TRUE, decision.to_json()) is None
    # a search says nothing but REFUTED and UNKNOWN
    assert keep(cache, "search", TRUE, proved.to_json()) is None
    assert keep(cache, "search", TRUE, Decision(Verdict.UNKNOWN, (unknown,)).to_json()) is not None


def test_what_was_cut_short_is_not_kept(tmp_path, proved):
    cache = Cache(tmp_path)
    slow = issue(verdict=Verdict.UNKNOWN, engine="exact", detail="stopped after 30 s")
    half = issue(verdict=Verdict.PROVED, engine="smt", detail="z3 failed (killed after 30 s), cvc5 unsat")
    assert cut_short(slow)
    assert cut_short(half)
    results = [replace(proved, evidence=(slow, *proved.evidence)), replace(proved, evidence=(half,))]
    results += [failed((mode, TRUE), "died") for mode in ("decide", "twins")]
    for number, result in enumerate(results):
        cache.put(f"{number:064}", result)
    assert cache.kept == 0
    assert not list(tmp_path.iterdir())


def test_a_run_in_which_something_was_cut_short_is_not_kept(tmp_path):
    runs = RunCache(tmp_path, ["text-1"], 1)
    good = {"schema": 1, "exit_code": 0, "claims": [{"problems": []}]}
    for bad in ({**good, "exit_code": 2}, {**good, "claims": [{"problems": ["part: ball: stopped after 30 s"]}]}):
        runs.put(bad)
        assert runs.get() is None
    runs.put(good)
    assert runs.get() == good
    for wrong in ([], {}, {**good, "schema": 2}, {**good, "exit_code": "0"}, {**good, "claims": {}}):
        write_kept(runs.path, runs.key, wrong)
        assert runs.get() is None


def test_a_damaged_table_of_contents_is_made_again(tmp_path, table_of_contents, monkeypatch):
    made = contents(table_of_contents.parent)
    monkeypatch.setattr("proofs_check.contents._made", lambda: made)
    for wrong in ([], {"claims": [], "rules": []}, {"claims": [3], "rules": [3]}):
        write_kept(tmp_path / "contents.json", source_digest(), wrong)
        assert contents(tmp_path) is made
        assert contents(tmp_path) == made
