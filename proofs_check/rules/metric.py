"""The rule of `beyond-5`: from three numbers to quadratic forms along any direction."""

from __future__ import annotations

from typing import Literal

import sympy as sp

from proofs_check.claim import Domain, Lift, Obligation, between, domain, positive
from proofs_check.formula import Implies, ge, gt, le, lt, ne
from proofs_check.rules.base import Rule
from theory.metrics.formulas import component
from theory.notation import coordinate, sigma

__all__ = ["RULES", "slope_along_directions", "spectrum"]

RULES = (
    Rule(
        "slope-along-directions",
        "If (1 - sqrt((a+e)/a)) m has a sign for all a > 0, e > 0 and m of one sign, and no kept coordinate adds to m with the other sign, it has it for "
        "a = sum_{j<=d} sigma_j^2 u_j^2, e = sum_{j>d} sigma_j^2 u_j^2, m = sum_{j<=d} (1 - sigma_j^2) u_j^2, for every d < D "
        "and every direction u without a zero component.",
        "a and e are sums of positive terms; m is a sum of terms of one sign, one of which is not 0.",
    ),
)


def slope_along_directions(id: str, side: Literal["below", "above"]) -> Lift:
    """Rule `slope-along-directions` for kept variances `<= 1`, one below ("below"), or `>= 1`, one above ("above").

    The conclusion for `D` keeps `D - 1` coordinates, the last kept one being the one whose variance is not 1.
    """
    a, e, u = (sp.Symbol(name, positive=True) for name in ("a", "e", "u"))
    m = sp.Symbol("m", real=True)
    term = u**2 * (1 - sigma**2)
    below = side == "below"
    weak, strict, sign = (ge, gt, lt) if below else (le, lt, gt)
    kept = between(sigma, 0, 1, open="left") if below else between(sigma, 1, None)
    premises = (
        Obligation(f"{id}/term", "a kept coordinate's share of m", domain(kept, positive(u)), weak(term, 0)),
        Obligation(
            f"{id}/strict", "not 0 unless sigma = 1", domain(kept, positive(u)), Implies(ne(sigma, 1), strict(term, 0))
        ),
        Obligation(
            f"{id}/sign", "the slope", domain(positive(a, e), between(m, None, None), given=[strict(m, 0)]),
            sign((1 - sp.sqrt((a + e) / a)) * m, 0),
        ),
    )  # fmt: skip

    def conclusion(D: int) -> Obligation:
        d = D - 1
        u2 = [component(j) ** 2 for j in range(1, D + 1)]
        s2 = [coordinate(j) ** 2 for j in range(1, D + 1)]
        held = sum((p * q for p, q in zip(s2[:d], u2[:d], strict=True)), sp.S.Zero)
        rate = sum(((1 - p) * q for p, q in zip(s2[:d], u2[:d], strict=True)), sp.S.Zero)
        goal = sign((1 - sp.sqrt((held + s2[d] * u2[d]) / held)) * rate, 0)
        return Obligation(f"{id}[D={D}]", "the slope along a direction", spectrum(D, side), goal)

    return Lift("slope-along-directions", premises, conclusion, smallest=2)


def spectrum(D: int, side: Literal["below", "above"]) -> Domain:
    """Directions and spectra of the rule's conclusion."""
    low, high, end = (0, 1, "left") if side == "below" else (1, None, "")
    variables = [between(coordinate(j), low, high, open=end) for j in range(1, D)]
    last = coordinate(D - 1)
    variables += [*positive(coordinate(D)), *positive(*(component(j) for j in range(1, D + 1)))]
    return domain(*variables, given=[(lt if side == "below" else gt)(last, 1)])
