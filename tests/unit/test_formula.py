from __future__ import annotations

import itertools

import pytest
from sympy import Symbol

from proofs_check.claim import Domain, Obligation, Variable, between, domain, nonnegative, positive
from proofs_check.formula import (
    And,
    Iff,
    Implies,
    Not,
    Or,
    Relation,
    eq,
    ge,
    gt,
    le,
    lt,
    relations,
    serialise,
    truth,
)

a, b = Symbol("a"), Symbol("b")


@pytest.mark.parametrize("formula", [le(a, b), And((le(a, b),)), Not(gt(a, 0)), Or(()), Iff(eq(a, 0), ge(b, 0))])
def test_formulas_refuse_to_be_truth_values(formula):
    with pytest.raises(TypeError, match="truth value"):
        bool(formula)


def test_floats_are_not_exact():
    with pytest.raises(TypeError, match="exact"):
        le(a, 0.5)


def test_unknown_relation_is_refused():
    with pytest.raises(ValueError, match="op must be"):
        Relation("~", a, b)


def test_three_valued_truth_agrees_with_two_valued_logic_and_stays_unknown():
    p, q = gt(a, 0), gt(b, 0)
    for x, y in itertools.product((True, False), repeat=2):
        value = {p: x, q: y}.__getitem__
        assert truth(Implies(p, q), value) is (not x or y)
        assert truth(Iff(p, q), value) is (x == y)
        assert truth(And((p, Not(q))), value) is (x and not y)
        assert truth(Or((p, q)), value) is (x or y)
    assert truth(And((p, q)), {p: None, q: True}.__getitem__) is None
    assert truth(And((p, q)), {p: None, q: False}.__getitem__) is False
    assert truth(Implies(p, q), {p: False, q: None}.__getitem__) is True
    assert truth(Iff(p, q), {p: None, q: None}.__getitem__) is None


def test_serialisation_tells_apart_what_differs():
    texts = {serialise(f) for f in (le(a, b), lt(a, b), le(b, a), Not(le(a, b)), And((le(a, b),)), Or((le(a, b),)))}
    assert len(texts) == 6
    assert len(list(relations(And((le(a, b), Not(lt(a, b))))))) == 2


def test_domains_must_imply_what_sympy_assumes():
    s = Symbol("s", nonnegative=True)
    with pytest.raises(ValueError, match="assumed >= 0"):
        Variable(s, None, None)
    with pytest.raises(ValueError, match="assumed > 0"):
        between(Symbol("p", positive=True), 0, 1)
    assert between(s, 0, 1).contains(1)
    assert not between(s, 0, 1, open="right").contains(1)


def test_every_symbol_of_a_formula_belongs_to_its_domain():
    with pytest.raises(ValueError, match="not in the domain"):
        Obligation("x", "", domain(between(a, 0, 1)), le(a, b))


def test_shared_variables_must_agree():
    from proofs_check.claim import merge

    s = Symbol("s", nonnegative=True)
    with pytest.raises(ValueError, match="two different intervals"):
        merge(domain(nonnegative(s)), domain(positive(s)))
    assert merge(Domain(), domain(nonnegative(s))).symbols == (s,)
