"""The rules of Section 6: when a better stop for one coordinate moves that of the sum, and phases of a sampler."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, all_of, between, domain, merge, positive
from proofs_check.formula import And, Formula, Iff, Implies, eq, ge, gt, le, lt
from proofs_check.rules.base import Rule, Score, coordinates, plug_in, two_levels, x1, x2
from theory.capped_distance import distance_squared_stopped, kept_at, uncapped_variance
from theory.capped_score import FROM_SWITCH, THROUGHOUT, plateau, switch_level, y
from theory.frechet import distance_slope, kept, on_coordinate, slope
from theory.ideal import ideal_level
from theory.notation import cap, q, sigma, with_exact_score, x

__all__ = [
    "RULES",
    "STOPS",
    "capped_terms_fall",
    "falls_in_every_dimension",
    "largest_minimiser_rises",
    "levels_fall",
    "ordered_minimisers",
    "smallest_minimiser_falls",
    "y1",
    "y2",
]

#: two stops of one trajectory in `y = e^{-2 tau}`: `y1` is passed first, `y2` is closer to the data
y1 = sp.Symbol("y1", positive=True)
y2 = sp.Symbol("y2", positive=True)
#: the cap, `q = e^{-2T}` and two stops
STOPS = domain(
    between(cap, 1, None, open="left"),
    between(q, 0, 1, open="both"),
    between(y1, 0, 1, open="left"),
    between(y2, 0, 1, open="left"),
    given=[le(q, y1), le(y1, y2)],
)

RULES = (
    Rule(
        "ordered-minimisers",
        "If every coordinate's slope in x is < 0 below its level x_j and >= 0 from x_j on, and x_1 >= ... >= x_D, then "
        "sum_{j<=d} slope_j(x) >= 0 implies sum_{j<=d+1} slope_j(x) >= 0.",
        "If the first d slopes have a sum >= 0, x is not below x_d: otherwise it would be below x_1, ..., x_d and the sum "
        "negative. So x >= x_d >= x_{d+1}, and the next slope adds something >= 0.",
    ),
    Rule(
        "capped-terms-fall",
        "Exact capped score: if (sqrt(V) - sigma)^2 has a derivative <= 0 in y = e^{-2 tau} on each phase of each regime "
        "(knowing that V >= 1 - c y while the cap acts), then F(d, .) does not increase along the sampler for any d, and the "
        "largest optimal dimension does not decrease.",
        "V is continuous where phases meet, so each term is non-increasing by the mean value theorem. While the cap acts "
        "y Z' + (2C-1) Z >= 0 for Z = V - (1 - c y), so y^{2C-1} Z does not decrease and Z stays >= 0 once it is. Sums of "
        "non-increasing terms are non-increasing, and F(d', .) - F(d, .) for d < d' is one, up to a constant: once d' is at "
        "least as good as d it stays so.",
    ),
)


def levels_fall(D: int, score: Score = plug_in) -> list[Formula]:
    """`x_1 >= ... >= x_D` for the coordinates' own ideal noise levels."""
    levels = [on_coordinate(score(ideal_level()), j) for j in range(1, D + 1)]
    return [ge(levels[k], levels[k + 1]) for k in range(D - 1)]


def smallest_minimiser_falls(D: int, score: Score = plug_in) -> Formula:
    """Reading (B): where the slope of `F(d, .)` is `>= 0`, that of `F(d+1, .)` is, for `d < D`.

    `F(d, .)` is convex, so its slope is `>= 0` exactly from its smallest minimiser on: the formula, at every `x < X`, says
    that the smallest minimiser for `d + 1` is at most that for `d`.
    """
    slopes = [score(distance_slope(d)) for d in range(1, D + 1)]
    return all_of([Implies(ge(slopes[k], 0), ge(slopes[k + 1], 0)) for k in range(D - 1)])


def ordered_minimisers(
    id: str,
    one: Domain,
    *,
    score: Score = plug_in,
    hypothesis: Callable[[int], list[Formula]],
    ordered: Obligation | None = None,
) -> Lift:
    """Rule `ordered-minimisers` for coordinates in `one`, which holds `X` and `x < X`.

    `hypothesis(D)` is what is assumed about the coordinates together. Either it says that the levels do not increase
    (`levels_fall`), or `ordered` proves it for two coordinates.
    """
    gain, level = score(slope()), score(ideal_level())
    premises = [
        Obligation(
            f"{id}/derivative",
            "the slope is the derivative of the term",
            one,
            eq(score(kept()).diff(x), gain),
        ),
        Obligation(
            f"{id}/convex",
            "the slope does not decrease in x",
            two_levels(one),
            le(gain.subs(x, x1), gain.subs(x, x2)),
        ),
        Obligation(
            f"{id}/level",
            "the slope is >= 0 exactly from the coordinate's level on",
            one,
            Iff(ge(x, level), ge(gain, 0)),
        ),
    ]
    if ordered is not None:
        premises.append(ordered)

    def conclusion(D: int) -> Obligation:
        where = coordinates(one, D).given(*hypothesis(D))
        return Obligation(f"{id}[D={D}]", "reading (B)", where, smallest_minimiser_falls(D, score))

    return Lift("ordered-minimisers", tuple(premises), conclusion, smallest=2)


def falls_in_every_dimension(D: int, score: Score, variance: sp.Expr | None = None) -> Formula:
    """`F(d, .)` at the later stop is at most that at the earlier one, for every `d <= D`."""
    F = [score(distance_squared_stopped(D, d, variance)) for d in range(1, D + 1)]
    return all_of([le(f.subs(y, y2), f.subs(y, y1)) for f in F])


def largest_minimiser_rises(D: int, score: Score, variance: sp.Expr | None = None) -> Formula:
    """Reading (A) at stops `y1 <= y2`: if some `d >= k` is optimal at `y1` then some `d >= k` is at `y2`, for every `k`."""
    F = [score(distance_squared_stopped(D, d, variance)) for d in range(1, D + 1)]

    def upper_wins(k: int, at: sp.Symbol) -> Formula:
        values = [f.subs(y, at) for f in F]
        return le(sp.Min(*values[k - 1 :]), sp.Min(*values[: k - 1]))

    return all_of([Implies(upper_wins(k, y1), upper_wins(k, y2)) for k in range(2, D + 1)])


def _phase_premises(id: str) -> tuple[Obligation, ...]:
    c = 1 - sigma**2
    stop = (between(q, 0, 1, open="both"), between(y, 0, 1, open="left"))
    free = with_exact_score(uncapped_variance())
    capped = domain(between(cap, 1, None, open="left"), positive(sigma), stop)
    acts = lt(cap * sigma**2, 1)
    switch = with_exact_score(switch_level())
    later = with_exact_score(FROM_SWITCH.phases[1].variance)
    throughout = with_exact_score(THROUGHOUT.phases[0].variance)
    reached = with_exact_score(FROM_SWITCH.phases[1].start)
    running = domain(positive(sigma), stop, given=[le(q, y)])
    premises = [
        Obligation(f"{id}/uncapped/side", "without the cap V stays on its side of sigma^2", running, ge((free - sigma**2) * c, 0)),
        Obligation(f"{id}/uncapped/towards", "and moves towards sigma^2", running, le(free.diff(y) * c, 0)),
        Obligation(f"{id}/uncapped/still", "and does not move at all if sigma = 1", domain(stop), eq(free.subs(sigma, 1), 1)),
        Obligation(f"{id}/start", "the sampler starts at variance 1", capped, And((eq(free.subs(y, q), 1), eq(throughout.subs(y, q), 1)))),
        Obligation(
            f"{id}/joined", "V is continuous at the switch",
            capped.given(acts, lt(q, switch)), And((eq(free.subs(y, switch), reached), eq(later.subs(y, switch), reached))),
        ),
        Obligation(
            f"{id}/at-switch", "at the switch V >= 1 - c y = 1/C", capped.given(acts, le(q, switch)),
            And((ge(reached, 1 / cap), eq(1 - c * switch, 1 / cap))),
        ),
    ]  # fmt: skip
    for name, variance, given in (
        ("from-switch", later, [acts, le(q, switch), le(switch, y)]),
        ("throughout", throughout, [acts, gt(q, switch), le(q, y)]),
    ):
        excess = variance - (1 - c * y)
        where = capped.given(*given)
        premises += [
            Obligation(f"{id}/{name}/acts", "the cap acts", where, le(cap * (1 - c * y), 1)),
            Obligation(
                f"{id}/{name}/equation", "V solves its equation with weight C", where,
                eq(y * variance.diff(y) - ((1 - 2 * cap) * variance + 1), 0),
            ),
            Obligation(f"{id}/{name}/plateau", "V stays above 1/(2C-1)", where, gt(variance, plateau())),
            Obligation(
                f"{id}/{name}/barrier", "y^{2C-1} (V - (1 - c y)) does not decrease", where,
                ge(y * excess.diff(y) + (2 * cap - 1) * excess, 0),
            ),
        ]  # fmt: skip
    v = sp.Symbol("V", positive=True)
    value = domain(positive(v), between(cap, 1, None, open="left"), positive(sigma), between(y, 0, 1, open="left"))
    rate = (1 - 2 * cap) * v + 1
    move = sp.Symbol("m", real=True)
    moving = Domain((*value.variables, between(move, None, None)), (le(move * (v - sigma**2), 0),))
    premises.append(
        Obligation(
            f"{id}/term",
            "a variance that moves towards sigma^2 makes the term fall",
            moving,
            le(kept_at(v).diff(v) * move, 0),
        )
    )
    premises.append(
        Obligation(
            f"{id}/capped", "under the cap the term falls", value.given(acts, ge(v, 1 - c * y), ge(v, plateau())),
            le(kept_at(v).diff(v) * rate, 0),
        )
    )  # fmt: skip
    return tuple(premises)


def capped_terms_fall(id: str, goal: Callable[[int], Formula]) -> Lift:
    """Rule `capped-terms-fall`; `goal(D)` is `falls_in_every_dimension` or `largest_minimiser_rises`, exact score."""

    def conclusion(D: int) -> Obligation:
        one = domain(positive(sigma))
        return Obligation(f"{id}[D={D}]", "along the capped sampler", merge(coordinates(one, D), STOPS), goal(D))

    return Lift("capped-terms-fall", _phase_premises(id), conclusion)
