r"""The named quantities of `theory.quantities` as equations: what `latent-stopping evaluate` computes, in symbols.

Sums over coordinates are printed from their term, `\sum_{j \le d}`, with the same expressions that are evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.dimension import threshold, threshold_exact_score
from theory.frechet import criterion_term, curvature, dropped, increment, kept, slope
from theory.latex.printer import Printer
from theory.notation import sigma, sigma_hat
from theory.process import variance_at_noise
from theory.schedules import OU

__all__ = ["Equation", "quantity_equations", "sum_over"]

#: the running index of a sum, as a coordinate
_J = {sigma: sp.Symbol("sigma_j", nonnegative=True), sigma_hat: sp.Symbol("sigma_hat_j", nonnegative=True)}


@dataclass(frozen=True)
class Equation:
    r"""A quantity's printed name and its value; `terms` are the expressions that occur in `right`."""

    left: str
    right: str
    terms: tuple[sp.Expr, ...]

    @property
    def text(self) -> str:
        """Both sides."""
        return f"{self.left} = {self.right}"


def sum_over(term: sp.Expr, bounds: str = r"j \le d", *, explicit: bool = False) -> str:
    r"""`\sum_{bounds}` of `term`, an expression in `sigma` and `sigma_hat`, for coordinate `j`."""
    at_j = term.xreplace(_J)
    piece = Printer(explicit=explicit).piece(at_j)
    printer = Printer(explicit=explicit)
    body = piece.text if piece.level > 0 else printer.brackets(piece)
    return rf"\sum_{{{bounds}}} {body}"


def quantity_equations(*, explicit: bool = False) -> dict[str, Equation]:
    """Every quantity that has a printed form, by its name in `theory.quantities.QUANTITIES`."""
    text = Printer(explicit=explicit).text

    def plain(left: str, value: sp.Expr) -> Equation:
        return Equation(left, text(value), (value,))

    def clipped_time(left: str, level: sp.Expr) -> Equation:
        above, below = level.as_numer_denom()
        return Equation(
            left, rf"T - \bar a^{{-2}}\left(\frac{{{text(above)}}}{{({text(below)})_+}}\right)", (above, below)
        )

    kept_sum, slope_sum = (sum_over(term, explicit=explicit) for term in (kept(), slope()))
    dropped_sum = sum_over(dropped(), "j > d", explicit=explicit)
    return {
        "variance": plain("v(x)", variance_at_noise(sigma_hat**2)),
        "kept-term": plain(r"(\sqrt{v(x)} - \sigma)^2", kept()),
        "slope": plain(r"\frac{d}{dx} (\sqrt{v(x)} - \sigma)^2", slope()),
        "curvature": plain(r"\frac{d^2}{dx^2} (\sqrt{v(x)} - \sigma)^2", curvature()),
        "increment": plain("F(d, x) - F(d - 1, x)", increment()),
        "F": Equation("F(d, x)", f"{kept_sum} + {dropped_sum}", (kept(), dropped())),
        "F-slope": Equation(r"\frac{\partial}{\partial x} F(d, x)", slope_sum, (slope(),)),
        "criterion": Equation(
            r"\frac{\partial}{\partial x} F(d, 0)", sum_over(criterion_term(), explicit=explicit), (criterion_term(),)
        ),
        "optimal-level": Equation(
            "x^*(d)", rf"\min \operatorname{{argmin}}_{{0 \le x \le a_T^2}} {kept_sum}", (kept(),)
        ),
        "threshold-time": clipped_time("t_d", threshold_exact_score()),
        "threshold-time-plug-in": clipped_time(r"\hat t_d", threshold()),
        "noise-level": plain(r"a_\tau^2", OU.noise_level),
        "log-snr": plain(r"\lambda", OU.log_snr),
        "stop-time": plain(r"\tau", OU.time_of_noise),
    }
