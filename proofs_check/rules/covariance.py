"""The rules about covariances that do not commute (Section 4), on matrices written out for small sizes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import sympy as sp

from proofs_check.claim import (
    Domain,
    Lift,
    Obligation,
    Variable,
    all_of,
    between,
    domain,
    nonnegative,
    positive,
)
from proofs_check.formula import And, Formula, Iff, Implies, Or, eq, ge, le, lt
from proofs_check.rules.base import Rule, at_coordinate, coordinates
from theory.covariance import (
    band,
    cholesky,
    cross_term,
    data_covariance,
    data_size,
    diagonal_cross_term,
    lower_numerator,
    lower_threshold,
    matrix_increment,
    relative_error,
    sandwich,
    upper_numerator,
    upper_threshold,
)
from theory.frechet import distance_squared, dropped, increment, kept, on_coordinate
from theory.notation import coordinate, coordinate_hat, sigma, sigma_hat, with_exact_score, x

__all__ = [
    "RULES",
    "band_crossing",
    "claimed_by_levels",
    "error_band",
    "loewner_sandwich",
    "optimal_set",
    "sandwiched",
    "within",
]

RULES = (
    Rule(
        "loewner-sandwich",
        "If (1-e) M <= H <= (1+e) M in Loewner's order, H = diag(sigma_hat_j^2), then sqrt(1-e) q_d <= Q_d <= sqrt(1+e) q_d "
        "for every d, where q_d = tr((V_d^{1/2} M_d V_d^{1/2})^{1/2}) and Q_d = sum_{j<=d} sigma_hat_j sqrt(v_j).",
        "Compressing to the first d coordinates and congruence by V_d^{1/2} keep the order (lemma-2-i), the root keeps it "
        "(lemma-2-ii/square-root), and so does the trace.",
    ),
    Rule(
        "error-band",
        "In the same situation q_d <= sqrt(1+e) S, where S = sum_j max(sigma_j, sigma_j^2) over the eigenvalues of M; "
        "so a bound that holds for all numbers q, Q, S >= 0 with sqrt(1-e) q <= Q <= sqrt(1+e) q and q <= sqrt(1+e) S holds for "
        "q_d, Q_d and S.",
        "q_d is the sum of the singular values of V_d^{1/2} M_d^{1/2}, at most sum_j sqrt(v_j) sigma_j (Horn), since the "
        "eigenvalues of M_d are at most the largest ones of M (Cauchy); sigma_hat_j^2 <= (1+e) sigma_j^2 (Weyl) and v_j <= "
        "max(1, sigma_hat_j^2) give sqrt(v_j) sigma_j <= sqrt(1+e) max(sigma_j, sigma_j^2).",
    ),
    Rule(
        "band-crossing",
        "If every increment F(j) - F(j-1) lies within k of I_j, I_j <= -k for j <= d and I_j >= k for j > d, then d minimises "
        "F(., x). With ordered estimates it is enough to know this for j = d and j = d + 1.",
        "Increments up to d are <= 0 and those after d are >= 0; the levels are monotone in sigma_hat.",
    ),
    Rule(
        "optimal-set",
        "If the increment of coordinate j is <= 0 exactly where pays(j) and >= 0 exactly where costs(j), pays(j+1) implies "
        "pays(j) and costs(j) implies costs(j+1), then d is optimal exactly where pays(d) and costs(d+1) hold.",
        "If both hold F falls (weakly) up to d and rises after it. If pays(d) fails, F(d) > F(d-1); if costs(d+1) fails, "
        "F(d+1) < F(d).",
    ),
)


def sandwiched(D: int) -> Domain:
    """`D` ordered estimates and a data covariance `M` with `(1-e) M <= hat Sigma <= (1+e) M`, `0 < e <= 1/2`."""
    hats = [coordinate_hat(j) for j in range(1, D + 1)]
    ratios = sorted(cholesky(D).free_symbols, key=lambda s: str(s.name))
    free = [between(s, 0 if s.is_nonnegative else -1, 2) for s in ratios]
    given = [ge(a, b) for a, b in pairwise(hats)] + [ge(m, 0) for m in sandwich(D)]
    level = between(x, 0, 1)
    error = between(relative_error, 0, sp.Rational(1, 2), open="left")
    return domain(positive(*hats), free, level, error, given=given)


def within(gap: sp.Expr, bound: sp.Expr) -> Formula:
    """`|gap| <= bound`, as two inequalities."""
    return And((le(gap, bound), le(-gap, bound)))


_q, _Q, _S = (sp.Symbol(name, nonnegative=True) for name in ("q", "Q", "S"))
_e = relative_error
_NUMBERS = domain(
    nonnegative(_q, _Q),
    between(_e, 0, sp.Rational(1, 2), open="left"),
    given=[le(sp.sqrt(1 - _e) * _q, _Q), le(_Q, sp.sqrt(1 + _e) * _q)],
)


def loewner_sandwich(id: str) -> Lift:
    """Rule `loewner-sandwich`: `|q_d - Q_d| <= e Q_d`, matrices of size `D <= 2` written out."""
    premise = Obligation(f"{id}/numbers", "|q - Q| <= e Q", _NUMBERS, within(_q - _Q, _e * _Q))

    def conclusion(D: int) -> Obligation:
        M = data_covariance(D)
        parts = []
        for d in range(1, D + 1):
            Q = diagonal_cross_term(d)
            parts.append(within(cross_term(M, d) - Q, _e * Q))
        return Obligation(f"{id}[D={D}]", "|q_d - Q_d| <= e Q_d", sandwiched(D), all_of(parts))

    return Lift("loewner-sandwich", (premise,), conclusion)


def error_band(id: str, *, increments: bool = False) -> Lift:
    """Rule `error-band`: `|q_d - Q_d| <= e S`, or that every increment is within `4 S e` of `v - 2 sigma_hat sqrt(v)` ([22])."""
    where = domain(nonnegative(_S), _NUMBERS.variables, given=_NUMBERS.hypotheses).given(le(_q, sp.sqrt(1 + _e) * _S))
    premises = [Obligation(f"{id}/numbers", "|q - Q| <= e S", where, within(_q - _Q, _e * _S))]
    if increments:
        r, R, v = sp.Symbol("r", real=True), sp.Symbol("R", real=True), sp.Symbol("v", nonnegative=True)
        bounds = [bound for gap in (_q - _Q, r - R) for bound in (le(gap, _e * _S), le(-gap, _e * _S))]
        free = domain(nonnegative(_q, _Q, _S, v, _e), Variable(r), Variable(R), given=bounds)
        gap = (v - 2 * (_q - r)) - (v - 2 * (_Q - R))
        premises.append(
            Obligation(f"{id}/difference", "two errors of e S each, doubled", free, within(gap, 4 * _e * _S))
        )

    def conclusion(D: int) -> Obligation:
        M = data_covariance(D)
        S = data_size(M)
        if increments:
            parts = [within(matrix_increment(M, d) - _diagonal_increment(d), 4 * _e * S) for d in range(1, D + 1)]
        else:
            parts = [within(cross_term(M, d) - diagonal_cross_term(d), _e * S) for d in range(1, D + 1)]
        return Obligation(f"{id}[D={D}]", "within the band", sandwiched(D), all_of(parts))

    return Lift("error-band", tuple(premises), conclusion)


def _diagonal_increment(d: int) -> sp.Expr:
    return on_coordinate(increment().subs(sigma, sigma_hat), d)


def claimed_by_levels(h: sp.Expr, k: sp.Expr) -> tuple[Formula, Formula]:
    """When prop-7 claims that keeping the coordinate pays (from `T_d`) and that it costs (from `t_d`), by unclipped levels."""
    upper, lower = (e.subs({sigma_hat: h, band: k}) for e in (upper_threshold(), lower_threshold()))
    pays = Or((And((lt(h, 1), le(k, h**2), le(x, upper))), And((ge(h, 1), le(k, 2 * h - 1)))))
    costs = And((lt(h, 1), ge(x, lower)))
    return pays, costs


def _levels_ordered(id: str) -> tuple[Obligation, ...]:
    """That both levels rise with `sigma_hat`: their numerators do, and so does the quotient."""
    a, b = sp.Symbol("sigma_hat_a", nonnegative=True), sp.Symbol("sigma_hat_b", nonnegative=True)
    N, M = sp.Symbol("N_a", nonnegative=True), sp.Symbol("N_b", nonnegative=True)
    pair = domain(positive(a, b), nonnegative(band), given=[ge(a, b)])
    upper, lower = upper_numerator(), lower_numerator()
    small = domain(between(a, 0, 1, open="both"), between(b, 0, 1, open="both"), nonnegative(N, M))
    return (
        Obligation(
            f"{id}/upper",
            "the numerator of T_d rises",
            pair.given(le(band, b**2)),
            ge(upper.subs(sigma_hat, a), upper.subs(sigma_hat, b)),
        ),
        Obligation(
            f"{id}/lower",
            "the numerator of t_d rises",
            pair,
            ge(lower.subs(sigma_hat, a), lower.subs(sigma_hat, b)),
        ),
        Obligation(
            f"{id}/quotient",
            "the quotient rises",
            small.given(ge(a, b), ge(N, M)),
            ge(N / (1 - a**2), M / (1 - b**2)),
        ),
        Obligation(
            f"{id}/large",
            "an earlier estimate >= 1 pays too",
            pair.given(ge(a, 1), Or((le(band, b**2), le(band, 2 * b - 1))), Or((lt(b, 1), le(band, 2 * b - 1)))),
            le(band, 2 * a - 1),
        ),
    )


def band_crossing(id: str, one: Domain) -> Lift:
    """Rule `band-crossing` with the levels of prop-7, `one` being the domain of one estimate with its band.

    The conclusion is written for matrices of size 2: `d = 2` is optimal where its level says so, and `d = 1` likewise.
    """
    gain = increment().subs(sigma, sigma_hat)
    pays, costs = claimed_by_levels(sigma_hat, band)
    premises = (
        Obligation(f"{id}/pays", "below the level of T_d the increment is <= -k", one.given(pays), le(gain, -band)),
        Obligation(f"{id}/costs", "above the level of t_d the increment is >= k", one.given(costs), ge(gain, band)),
        *_levels_ordered(id),
    )

    def conclusion(D: int) -> Obligation:
        if D != 2:
            raise ValueError(f"the conclusion is written for matrices of size 2, got {D}")
        M = data_covariance(D)
        gained = matrix_increment(M, 2)
        pays, costs = claimed_by_levels(coordinate_hat(2), 4 * _e * data_size(M))
        goal = And((Implies(pays, le(gained, 0)), Implies(costs, ge(gained, 0))))
        return Obligation(f"{id}[D={D}]", "d is optimal between its levels", sandwiched(D), goal)

    return Lift("band-crossing", premises, conclusion, smallest=2)


def optimal_set(id: str, one: Domain, *, pays: Formula, costs: Formula) -> Lift:
    """Rule `optimal-set` with the exact score, `pays` and `costs` being conditions on one coordinate in `one`."""
    gain = with_exact_score(increment())
    a, b = coordinate(1), coordinate(2)
    own = next(v for v in one.variables if v.symbol == sigma)
    pair = Domain(
        (replace(own, symbol=a), replace(own, symbol=b), *(v for v in one.variables if v != own)),
        (ge(a, b),),
    )
    premises = (
        Obligation(
            f"{id}/increment",
            "F(d,x) - F(d-1,x) is the increment",
            one,
            eq(with_exact_score(kept() - dropped()), gain),
        ),
        Obligation(f"{id}/pays", "where the increment is <= 0", one, Iff(le(gain, 0), pays)),
        Obligation(f"{id}/costs", "where the increment is >= 0", one, Iff(ge(gain, 0), costs)),
        Obligation(
            f"{id}/ordered",
            "what pays for a smaller variance pays for a larger one",
            pair,
            Implies(at_coordinate(pays, 2), at_coordinate(pays, 1)),
        ),
        Obligation(
            f"{id}/ordered-costs",
            "what costs for a larger variance costs for a smaller one",
            pair,
            Implies(at_coordinate(costs, 1), at_coordinate(costs, 2)),
        ),
    )

    def conclusion(D: int) -> Obligation:
        F = [with_exact_score(distance_squared(D, d)) for d in range(1, D + 1)]
        parts: list[Formula] = []
        for d in range(1, D + 1):
            best = all_of([le(F[d - 1], F[k - 1]) for k in range(1, D + 1) if k != d])
            ends = [at_coordinate(costs, d + 1)] if d < D else []
            ends += [at_coordinate(pays, d)] if d > 1 else []
            parts.append(Iff(best, all_of(ends)))
        ordered = [ge(coordinate(j), coordinate(j + 1)) for j in range(1, D)]
        where = coordinates(one, D).given(*ordered)
        return Obligation(f"{id}[D={D}]", "the set of optimal dimensions", where, all_of(parts))

    return Lift("optimal-set", premises, conclusion, smallest=2)
