"""Beyond the paper: what the maximum mean discrepancy says of stopping early (`beyond-5/mmd`)."""

from __future__ import annotations

import sympy as sp

from proofs_check.claim import Claim, Obligation, Repair, Statement, between, domain, nonnegative, positive, universal
from proofs_check.formula import And, Iff, Implies, eq, ge, gt, le, lt
from proofs_check.rules import x1, x2
from theory.metrics.formulas import bandwidth, mmd, trace_rule, wide_rule
from theory.notation import coordinate, sigma, with_exact_score, x

__all__ = ["CLAIMS"]

_rest, _far, _const = (sp.Symbol(name, positive=True) for name in ("A", "P", "c"))
_v = sp.Symbol("v", positive=True)
_kernel = bandwidth**2


def _one_coordinate(v: sp.Expr) -> sp.Expr:
    """MMD^2 as a function of one kept variance: the other kept coordinates give `A`, the dropped ones `P`."""
    return _rest / sp.sqrt(1 + 2 * v / _kernel) + _const - 2 * _rest * _far / sp.sqrt(1 + (v + sigma**2) / _kernel)


_alpha = _rest / sp.sqrt(1 + 2 * sigma**2 / _kernel)
_FORMULA = universal(
    "beyond-5/mmd/formula",
    "d MMD^2/dv at v = sigma^2 is -alpha (1 - P)/(h^2 + 2 sigma^2)",
    domain(positive(_rest, _far, _const, sigma, bandwidth)),
    eq(_one_coordinate(_v).diff(_v).subs(_v, sigma**2), -_alpha * (1 - _far) / (_kernel + 2 * sigma**2)),
)
_FACTOR = universal(
    "beyond-5/mmd/dropped",
    "each dropped coordinate puts a factor (1 + sigma^2/h^2)^{-1/2} < 1 into P",
    domain(positive(sigma, bandwidth)),
    And((gt(1 / sp.sqrt(1 + sigma**2 / _kernel), 0), lt(1 / sp.sqrt(1 + sigma**2 / _kernel), 1))),
)
_sum = sp.Symbol("S", real=True)
_SIGN = universal(
    "beyond-5/mmd/sign",
    "alpha > 0, 0 < P < 1: the slope -alpha (1 - P) S is negative exactly if S > 0",
    domain(positive(_rest), between(_far, 0, 1, open="both"), between(_sum, None, None)),
    Iff(lt(-_rest * (1 - _far) * _sum, 0), gt(_sum, 0)),
)


def _slope(D: int, d: int) -> sp.Expr:
    return with_exact_score(mmd(D, d)).diff(x).subs(x, 0)


_TWO = domain(positive(coordinate(1), coordinate(2), bandwidth))
_CHECK = universal(
    "beyond-5/mmd/two",
    "D = 2, d = 1, from the definition",
    _TWO,
    Iff(lt(_slope(2, 1), 0), lt(coordinate(1), 1)),
)
_ALL_KEPT = universal(
    "beyond-5/mmd/all-kept",
    "d = D = 1: distance 0 at the last step",
    domain(positive(coordinate(1), bandwidth)),
    eq(with_exact_score(mmd(1, 1)).subs(x, 0), 0),
)

# --- reading (A): an exact witness --------------------------------------------------------------------------------
_WITNESS = {coordinate(1): sp.Integer(3), coordinate(2): sp.Rational(1, 6), bandwidth: sp.Rational(1, 2)}
_gain = with_exact_score(mmd(2, 2) - mmd(2, 1)).subs(_WITNESS)
_LATER_WINS = Implies(le(_gain.subs(x, x2), 0), le(_gain.subs(x, x1), 0))


def _reading_a(D: int) -> Obligation:
    where = domain(between(x1, 0, 1), between(x2, 0, 1), given=[le(x1, x2)])
    return Obligation("beyond-5/mmd/a[D=2]", "if d = 2 is at least as good at x2 it is at x1 <= x2", where, _LATER_WINS)


# --- a wide kernel -----------------------------------------------------------------------------------------------
_lost, _room, _squares, _s = (sp.Symbol(name, nonnegative=True) for name in ("lost", "room", "Q", "s"))
_m = 1 - _s
_WIDE = domain(
    nonnegative(_lost, _room, _squares), between(_s, 0, 1, open="left"),
    given=[gt(_room, 0), le(_s, _lost), le(_squares, _room * _m)],
)  # fmt: skip
_objective = (x * _room - _lost) ** 2 / 4 + x**2 * _squares / 2

CLAIMS = (
    Claim(
        id="beyond-5/mmd",
        title="MMD with a Gaussian kernel, exact score: when stopping early helps",
        section="7 Beyond the paper",
        printed="d/dx MMD^2 at x = 0 is -alpha (1 - P) sum_{j<=d} (1 - sigma_j^2)/(h^2 + 2 sigma_j^2), alpha = prod_{j<=d} (1 + 2 sigma_j^2/h^2)^{-1/2}, "
        "P = prod_{j>d} (1 + sigma_j^2/h^2)^{-1/2}. With d < D it is negative exactly if that sum is positive (so whenever all kept "
        "sigma_j <= 1, one < 1); with d = D it is 0 and the last step is best.",
        statements=(_FORMULA, _FACTOR, _SIGN, _CHECK, _ALL_KEPT),
        uses=("eq-4/backward",),
        conventions=(
            "The slope in x is the sum over kept coordinates of dMMD^2/dv_j times dv_j/dx = 1 - sigma_j^2.",
            "A wide kernel (h -> oo) weighs all kept coordinates alike, a narrow one those of small variance most.",
            "The sign is about x near 0; MMD^2 need not be convex in x.",
        ),
        derivation=(("slope, D = 2, d = 1", sp.factor(_slope(2, 1))),),
        ours=True,
    ),
    Claim(
        id="beyond-5/mmd/a",
        title="Reading (A) under MMD",
        section="7 Beyond the paper",
        printed="With the exact score reading (A) holds for MMD^2 (D = 2, sigma = (3, 1/6), h = 1/2).",
        statements=(
            Statement("beyond-5/mmd/a/printed", "reading (A) for this spectrum", instance=_reading_a, sizes=(2,)),
        ),
        repairs=(
            Repair(
                "statement",
                "For this spectrum d = 2 is worse than d = 1 at x = 1/2 and better again at x = 1: (A) fails.",
                (
                    universal(
                        "beyond-5/mmd/a/fails", "the sign of the difference at both levels", domain(),
                        And((gt(_gain.subs(x, sp.Rational(1, 2)), 0), lt(_gain.subs(x, 1), 0))),
                    ),
                ),
            ),
        ),
        conventions=("For sigma_1 <= 1 no counterexample was found among 225 random spectra and bandwidths, D <= 5; not proved.",),
    ),
    Claim(
        id="beyond-5/mmd/wide",
        title="MMD with a wide kernel: reading (B)",
        section="7 Beyond the paper",
        printed="As h -> oo, h^4 MMD^2 -> (tr C)^2/4 + tr C^2/2, C = A - B. With the exact score and 1 > sigma_1 >= ... >= sigma_D its minimiser "
        "x_d = lost room/(room^2 + 2 Q), Q = sum_{j<=d} (1 - sigma_j^2)^2, is non-increasing in d; it lies below the trace-matching level.",
        statements=(
            universal(
                "beyond-5/mmd/wide/minimiser", "the derivative in x is >= 0 exactly from that level on (tr C = x room - lost)",
                domain(nonnegative(_lost, _room, _squares), between(x, 0, None), given=[gt(_room, 0)]),
                Iff(ge(_objective.diff(x), 0), le(wide_rule(_lost, _room, _squares), x)),
            ),
            universal(
                "beyond-5/mmd/wide/falls", "one more coordinate with 1 - s >= the earlier 1 - sigma_j^2, which makes Q <= room (1 - s)",
                _WIDE, le(wide_rule(_lost - _s, _room + _m, _squares + _m**2), wide_rule(_lost, _room, _squares)),
            ),
            universal(
                "beyond-5/mmd/wide/below-trace", "it is at most the trace-matching level",
                _WIDE, le(wide_rule(_lost, _room, _squares), trace_rule(_lost, _room)),
            ),
        ),
        uses=("beyond-5/trace",),
        conventions=("lost = sum_{j>d} sigma_j^2, room = sum_{j<=d} (1 - sigma_j^2).", "The limit is that of the determinants' expansion to second order in 1/h^2; tests measure it."),
        ours=True,
    ),
)  # fmt: skip
