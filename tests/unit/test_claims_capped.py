"""Section 3 decided: every id has an outcome, and the witnesses violate the printed formulas (by mpmath)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest

from proofs_check.claims import load
from proofs_check.verify import ClaimResult, verify

SECTION = "3 Capped score"
PRINTED = [
    *("eq-9", "prop-4", "prop-5", "lemma-1", "special-1", "special-2", "corollary-1"),
    *("prop-5/t-prime", "prop-5/m-decreasing", "prop-5/d1-d2", "prop-5/sum"),
    *(f"prop-5/eq-{k}" for k in range(14, 22)),
]


@pytest.fixture(scope="module")
def results() -> dict[str, ClaimResult]:
    registry = load()
    run = verify([c.id for c in registry.values() if c.section == SECTION], registry, jobs=1, twins=False)
    return {r.claim.id: r for r in run.results}


def test_every_id_of_the_section_is_decided(results: dict[str, ClaimResult]) -> None:
    assert set(PRINTED) <= set(results)
    undecided = {id for id, r in results.items() if r.outcome == "undetermined"}
    # only the power law is not even stated
    assert undecided == {id for id, r in results.items() if r.claim.missing} == {"corollary-1/power-law"}
    assert not any(r.contradiction for r in results.values())


def test_whatever_is_not_true_as_printed_has_a_witness_and_a_repair(results: dict[str, ClaimResult]) -> None:
    for id, r in results.items():
        if r.outcome in ("fails", "holds-if"):
            assert r.witness, id
            assert r.standing, id
    assert all(r.outcome == "holds" for r in results.values() if r.claim.ours)


def test_the_printed_steps_that_survive(results: dict[str, ClaimResult]) -> None:
    hold = {id for id, r in results.items() if r.outcome == "holds"}
    assert {"lemma-1", "special-1"} <= hold
    assert {f"prop-5/eq-{k}" for k in (14, 17, 18, 19, 20, 21)} <= hold


def variance(h: mpmath.mpf, C: mpmath.mpf, q: mpmath.mpf) -> mpmath.mpf:
    """`V(T)` by quadrature of [17] with the weight of prop-4, independent of the closed forms."""
    c = 1 - h
    kinks = [q, 1]
    if C * h < 1 and q < (C - 1) / (C * c) < 1:
        kinks.insert(1, (C - 1) / (C * c))

    def rate(z: mpmath.mpf) -> mpmath.mpf:
        # d/dt = 2 y d/dy turns 2 (1 - 2m) dt into (1 - 2m) dy/y
        gain = 1 - c * z
        return (1 - 2 * (C if C * gain <= 1 else 1 / gain)) / z

    def propagator(start: mpmath.mpf) -> mpmath.mpf:
        return mpmath.exp(mpmath.quad(rate, [start, *(k for k in kinks if k > start)]))

    inner = mpmath.quad(lambda z: propagator(z) / z, kinks)
    return propagator(q) + inner


def numbers(result: ClaimResult, statement: str) -> dict[str, mpmath.mpf]:
    """The witness found against one printed statement."""
    found = next(s for s in result.statements if s.statement.id == statement).witness
    assert found is not None
    values = {name: Fraction(value) for name, value in found}
    return {name: mpmath.mpf(v.numerator) / v.denominator for name, v in values.items()}


def violates_eq_15(v: dict[str, mpmath.mpf]) -> bool:
    event = v["sigma_hat"] ** 2 <= 2 * v["sigma"] ** 2 and v["C"] * v["sigma_hat"] ** 2 >= 1
    return bool(event and variance(v["sigma_hat"] ** 2, v["C"], v["q"]) > 4 * v["sigma"] ** 2)


def violates_eq_16(v: dict[str, mpmath.mpf]) -> bool:
    empty = 1 / (2 * v["C"] - 1) < 4 * v["sigma"] ** 2
    return bool(
        empty and (mpmath.sqrt(variance(v["sigma_hat"] ** 2, v["C"], v["q"])) - v["sigma"]) ** 2 < v["sigma"] ** 2
    )


def violates_prop_5(v: dict[str, mpmath.mpf]) -> bool:
    variances = [v["sigma_1"] ** 2, v["sigma_2"] ** 2]
    low = [d for d in (1, 2) if 1 / v["C"] <= variances[d - 1]]
    high = [d for d in (1, 2) if 1 / (2 * v["C"] - 1) >= 4 * variances[d - 1]]
    kept = [(mpmath.sqrt(variance(s, v["C"], v["q"])) - mpmath.sqrt(s)) ** 2 for s in variances]
    F = {1: kept[0] + variances[1], 2: kept[0] + kept[1]}
    best = {d for d in F if F[d] <= min(F.values())}
    return not best & set(range(max(low, default=1), min(high, default=2) + 1))


def violates_sum(v: dict[str, mpmath.mpf]) -> bool:
    h, C, q = v["sigma_hat"] ** 2, v["C"], v["q"]
    p = (C - 1) / (C * (1 - h))
    E = p ** (2 * C - 1)
    tail = (1 - (1 - h) * p) * (1 - 2 * (1 - h) * q + (1 - h) * q**2 / p) / (1 - (1 - h) * q) ** 2
    return bool(C * h < 1 and abs((1 - E) / (2 * C - 1) + E * tail - variance(h, C, q)) > 1e-6)


def violates_below_half(v: dict[str, mpmath.mpf]) -> bool:
    c, q = 1 - v["sigma_hat"] ** 2, v["q"]
    return bool(v["sigma"] <= 0.5 and (1 - 2 * c * q + c * q**2) / (1 - c * q) ** 2 > 1 / c)


def violates_t_prime(v: dict[str, mpmath.mpf]) -> bool:
    C, h, q = v["C"], v["sigma_hat"] ** 2, v["q"]
    # the uncapped weight falls in tau; at tau = T it is still above C, so C is not attained in [0, T]
    return bool(C * h < 1 and 1 / (1 - (1 - h) * q) > C)


@pytest.mark.parametrize(
    ("id", "statement", "violated"),
    [
        ("prop-5", "prop-5/printed", violates_prop_5),
        ("prop-5/eq-15", "prop-5/eq-15/printed", violates_eq_15),
        ("prop-5/eq-16", "prop-5/eq-16/empty", violates_eq_16),
        ("prop-5/sum", "prop-5/sum/throughout", violates_sum),
        ("prop-5/eq-15/sigma-below-half", "prop-5/eq-15/sigma-below-half/fraction", violates_below_half),
        ("prop-5/t-prime", "prop-5/t-prime/exists", violates_t_prime),
        ("special-2", "special-2/printed", lambda v: 1 / (2 * v["C"] - 1) < 4 * v["sigma"] ** 2),
        ("corollary-1/chain-3", "corollary-1/chain-3/event", lambda v: v["sigma_hat"] ** 2 / 8 < v["sigma"] ** 2 / 16),
    ],
)
def test_witnesses_by_another_route(
    results: dict[str, ClaimResult], id: str, statement: str, violated: Callable[[dict[str, mpmath.mpf]], bool]
) -> None:
    assert violated(numbers(results[id], statement))


def test_the_corollary_fails_at_its_witness(results: dict[str, ClaimResult]) -> None:
    v = numbers(results["corollary-1"], "corollary-1/printed")
    variances = [v["sqrt_lambda"] ** (-2 * j) for j in (1, 2, 3)]
    assert v["sqrt_lambda"] ** 2 > 16
    assert variances[2] <= 1 / v["C"] <= variances[1]
    kept = [(mpmath.sqrt(variance(s, v["C"], v["q"])) - mpmath.sqrt(s)) ** 2 for s in variances]
    F = [sum(kept[:d]) + sum(variances[d:]) for d in (1, 2, 3)]
    assert F[0] < min(F[1:])


def test_the_third_coordinate_is_beyond_the_second_end(results: dict[str, ClaimResult]) -> None:
    v = numbers(results["corollary-1/d2"], "corollary-1/d2/printed")
    high = [d for d in (1, 2, 3) if 1 / (2 * v["C"] - 1) >= 4 * v["sqrt_lambda"] ** (-2 * d)]
    # d = 1: printed d2 < 3
    assert min(high, default=3) == 3
