from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Max, Min, Piecewise, Rational, Symbol, exp, log, sqrt

from proofs_check.claim import Obligation, between, domain, nonnegative, positive
from proofs_check.engines.ball import BallEngine
from proofs_check.engines.base import Budget
from proofs_check.engines.canonical import is_identically_zero
from proofs_check.engines.exact import ExactEngine
from proofs_check.engines.points import is_counterexample, truth_by_balls, truth_by_sympy
from proofs_check.engines.search import SearchEngine
from proofs_check.engines.smt import SmtEngine, ask_cvc5, ask_z3
from proofs_check.engines.smtlib import Untranslatable, script
from proofs_check.formula import And, Iff, Implies, Or, eq, ge, gt, le, lt, ne
from proofs_check.portfolio import decide
from proofs_check.verdict import Verdict

u, v, w = (Symbol(name, nonnegative=True) for name in "uvw")
r = Symbol("r")
UNIT = domain(between(u, 0, 1), between(v, 0, 1))
SMALL = Budget(points=4000)


def ob(goal, where=UNIT):
    return Obligation("test", "", where, goal)


class TestCanonicalForms:
    @pytest.mark.parametrize(
        "zero",
        [
            (u + v) ** 2 - u**2 - 2 * u * v - v**2,
            sqrt(u * v + v) ** 2 - v * (u + 1),
            (sqrt(u + 1) - 1) * (sqrt(u + 1) + 1) - u,
            1 / (sqrt(u + 2) - 1) - (sqrt(u + 2) + 1) / (u + 1),
            exp(-2 * u) * exp(u) - exp(-u),
            exp(u / 2) ** 2 - exp(u),
            sqrt(4 * u**2 + 8 * u + 4) - 2 * (u + 1),
            sqrt(u - v * (u - 1)) - sqrt(v + u * (1 - v)),
        ],
    )
    def test_identities(self, zero):
        assert is_identically_zero(zero)

    @pytest.mark.parametrize("other", [sqrt(u) - u, exp(u) - exp(2 * u), sqrt(u + v) - sqrt(u) - sqrt(v), u - v])
    def test_non_identities(self, other):
        assert not is_identically_zero(other)


class TestExact:
    def test_proves_and_refutes_with_a_point(self):
        assert ExactEngine().decide(ob(eq((u - v) * (u + v), u**2 - v**2)), SMALL).verdict is Verdict.PROVED
        refuted = ExactEngine().decide(ob(eq((u - v) * (u + v), u**2 + v**2)), SMALL)
        assert refuted.verdict is Verdict.REFUTED
        assert refuted.witness is not None

    def test_does_not_accept_inequalities(self):
        assert not ExactEngine().accepts(ob(le(u, v)))
        assert not ExactEngine().accepts(ob(And((eq(u, v), le(u, v)))))


class TestSmt:
    @pytest.mark.parametrize(
        ("goal", "verdict"),
        [
            (ge(u**2 + v**2, 2 * u * v), Verdict.PROVED),
            (gt(u**2 + v**2, 2 * u * v), Verdict.REFUTED),
            (ge(sqrt(u), u), Verdict.PROVED),
            (le(sqrt(u), u), Verdict.REFUTED),
            (
                Iff(le(Max(u, v), Rational(1, 3)), And((le(u, Rational(1, 3)), le(v, Rational(1, 3))))),
                Verdict.PROVED,
            ),
            (ge(Min(u, v), u), Verdict.REFUTED),
            (le(Piecewise((u, u < v), (v, True)), v), Verdict.PROVED),
            (ne(u, v), Verdict.REFUTED),
        ],
    )
    def test_verdicts(self, goal, verdict):
        assert SmtEngine().decide(ob(goal), SMALL).verdict is verdict

    def test_one_third_stays_one_third(self):
        third = ob(eq(3 * Rational(1, 3) * u, u))
        assert SmtEngine().decide(third, SMALL).verdict is Verdict.PROVED
        assert "(/ |u| 3)" in script(ob(eq(Rational(1, 3) * u, v)))

    def test_a_zero_divisor_is_never_assumed_away(self):
        # where u = v the quotient has no value, and may then be anything
        assert SmtEngine().decide(ob(Implies(gt(u, 0), ge((1 + u) / u, 1))), SMALL).verdict is Verdict.PROVED
        assert SmtEngine().decide(ob(ge((1 + u) / (u - v), 1)), SMALL).verdict is not Verdict.PROVED

    def test_fresh_names_never_meet_a_symbol(self):
        w0, r0 = Symbol("w0", nonnegative=True), Symbol("r0", nonnegative=True)
        where = domain(between(w0, 0, 1), between(r0, 0, 1), between(u, 0, 1))
        text = script(ob(le(sqrt(u) / (1 + w0), 1 + r0), where))
        declared = [line.split()[1].strip("|") for line in text.splitlines() if line.startswith("(declare-fun")]
        assert len(declared) == len(set(declared)) == 5
        assert SmtEngine().decide(ob(le(sqrt(u) / (1 + w0), 1 + r0), where), SMALL).verdict is Verdict.PROVED
        with pytest.raises(Untranslatable):
            script(ob(le(Symbol("a!1", nonnegative=True), 1), domain(nonnegative(Symbol("a!1", nonnegative=True)))))

    def test_exponentials_are_only_known_to_be_positive(self):
        assert SmtEngine().decide(ob(gt(exp(-u), 0)), SMALL).verdict is Verdict.PROVED
        assert SmtEngine().decide(ob(le(exp(-u), 1)), SMALL).verdict is not Verdict.PROVED

    def test_transcendental_functions_are_refused(self):
        with pytest.raises(Untranslatable):
            script(ob(le(log(1 + u), u)))
        assert not SmtEngine().accepts(ob(le(log(1 + u), u)))

    def test_both_solvers_answer_the_same_text(self):
        text = script(ob(ge(u + v, u)))
        assert ask_z3(text, SMALL)[0] == ask_cvc5(text, SMALL)[0] == "unsat"

    def test_the_query_is_kept(self):
        evidence = SmtEngine().decide(ob(ge(u + v, u)), SMALL)
        assert dict(evidence.certificate)["smt2"] == script(ob(ge(u + v, u)))
        assert evidence.versions


class TestBalls:
    def test_encloses_strict_statements(self):
        box = domain(between(u, 0, 1))
        evidence = BallEngine().decide(ob(gt(exp(u) - u, Rational(9, 10)), box), SMALL)
        assert evidence.verdict is Verdict.ENCLOSED
        assert int(dict(evidence.certificate)["boxes"]) >= 1

    def test_refutes_inside_a_box(self):
        found = BallEngine().decide(ob(gt(exp(u), Rational(3, 2)), domain(between(u, 0, 1))), SMALL)
        assert found.verdict is Verdict.REFUTED

    def test_equality_at_a_point_stays_open(self):
        assert BallEngine().decide(ob(ge(exp(u), 1 + u), domain(between(u, 0, 1))), SMALL).verdict is Verdict.UNKNOWN

    def test_unbounded_domains_are_not_accepted(self):
        assert not BallEngine().accepts(ob(ge(exp(u), 1), domain(nonnegative(u))))

    def test_hypotheses_cut_the_box(self):
        where = domain(between(u, 0, 1), given=[ge(u, Rational(1, 2))])
        assert BallEngine().decide(ob(gt(exp(u), Rational(3, 2)), where), SMALL).verdict is Verdict.ENCLOSED

    def test_constants(self):
        assert BallEngine().decide(ob(lt(sqrt(2), Rational(3, 2)), domain()), SMALL).verdict is Verdict.ENCLOSED


class TestSearch:
    def test_finds_boundary_counterexamples(self):
        found = SearchEngine().decide(ob(lt(u, 1)), SMALL)
        assert found.verdict is Verdict.REFUTED
        assert dict(found.witness or ())["u"] == "1"

    def test_finds_ties(self):
        assert SearchEngine().decide(ob(ne(u, v)), SMALL).verdict is Verdict.REFUTED
        strict = ob(Implies(le(u, v), lt(sqrt(1 + u), sqrt(1 + v))))
        assert SearchEngine().decide(strict, SMALL).verdict is Verdict.REFUTED

    def test_respects_hypotheses(self):
        where = domain(positive(u, v), given=[lt(u, v)])
        assert SearchEngine().decide(ob(lt(u, v), where), SMALL).verdict is Verdict.UNKNOWN

    def test_narrow_targets_are_found_by_refinement(self):
        narrow = ob(Or((lt(u, Rational(731, 1000)), gt(u, Rational(733, 1000)))))
        assert SearchEngine().decide(narrow, Budget()).verdict is Verdict.REFUTED

    def test_is_reproducible(self):
        goal = ob(le(u + v, Rational(3, 2)))
        assert SearchEngine().decide(goal, SMALL).witness == SearchEngine().decide(goal, SMALL).witness


class TestPoints:
    @pytest.mark.parametrize("way", [truth_by_balls, truth_by_sympy])
    def test_both_paths(self, way):
        at = {u: Fraction(1, 4), v: Fraction(1, 3)}
        assert way(eq(sqrt(u), Rational(1, 2)), at) is True
        assert way(lt(sqrt(v), sqrt(u)), at) is False
        assert way(eq(v + v + v, 1), at) is True
        assert way(gt(1 / (u - Rational(1, 4)), 0), at) is None

    def test_piecewise_branches_not_taken_do_not_matter(self):
        cases = Piecewise((1 / (1 - u), u < 1), (Rational(7), True))
        at = {u: Fraction(1)}
        assert truth_by_balls(eq(cases, 7), at) is True
        assert truth_by_sympy(eq(cases, 7), at) is True

    def test_a_point_outside_the_domain_is_no_counterexample(self):
        assert not is_counterexample(ob(le(u, 1)), {u: Fraction(2), v: Fraction(0)})
        assert not is_counterexample(ob(le(u, 1)), {u: Fraction(2)})


def test_portfolio_proves_refutes_and_stays_honest():
    assert decide(ob(ge(sqrt(u), u)), SMALL).verdict is Verdict.PROVED
    refuted = decide(ob(le(sqrt(u), u)), SMALL)
    assert refuted.verdict is Verdict.REFUTED
    assert refuted.witness is not None
    assert decide(ob(le(log(1 + u), u), domain(nonnegative(u))), SMALL).verdict is Verdict.UNKNOWN


def test_free_real_symbols_may_be_negative():
    where = domain(between(r, -1, 1))
    assert decide(ob(ge(r**2, 0), where), SMALL).verdict is Verdict.PROVED
    assert decide(ob(ge(r, 0), where), SMALL).verdict is Verdict.REFUTED
