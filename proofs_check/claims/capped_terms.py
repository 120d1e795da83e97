"""The vocabulary of the claims of Section 3: domains, regimes of the cap, the sets behind d1 and d2, wording."""

from __future__ import annotations

from proofs_check.claim import Claim, Domain, Obligation, Statement, between, domain, nonnegative, positive
from proofs_check.formula import Formula, ge, gt, le, lt
from proofs_check.rules import fading_power
from theory import capped_score as cs
from theory.capped_score import y
from theory.notation import cap, q, sigma, sigma_hat

__all__ = [
    "AT_T",
    "CAP",
    "CAPPED",
    "CLOSED",
    "ENDS",
    "EVENT",
    "EVENT_TEXT",
    "EXACT",
    "FROM_SWITCH",
    "HIGH",
    "HORIZON",
    "LEVEL",
    "LONG",
    "LOW",
    "NOTATION",
    "SECTION",
    "SHORT",
    "SWITCH",
    "THROUGHOUT",
    "UNCAPPED",
    "WEIGHT",
    "K",
    "Q",
    "V",
    "c",
    "claim",
    "fading",
    "h",
    "s",
]

SECTION = "3 Capped score"

#: variances `sigma^2`, `sigma_hat^2`, and `c = 1 - sigma_hat^2`
s, h = sigma**2, sigma_hat**2
c = 1 - h
CAP = between(cap, 1, None, open="left")
Q = between(q, 0, 1, open="both")
LEVEL = between(y, 0, 1, open="left")

CLOSED: Domain = domain(nonnegative(sigma_hat), CAP, LEVEL)
AT_T: Domain = domain(nonnegative(sigma_hat), CAP, Q)
#: the cap acts on the last stretch; `T >= tau_star` is `q <= e^{-2 tau_star}`
CAPPED: Formula = lt(cap * h, 1)
LONG: Formula = le(q * cap * c, cap - 1)
SHORT: Formula = gt(q * cap * c, cap - 1)
FROM_SWITCH: Domain = AT_T.given(CAPPED, LONG)
THROUGHOUT: Domain = AT_T.given(CAPPED, SHORT)

WEIGHT, UNCAPPED, SWITCH = cs.score_weight(), cs.uncapped_weight(), cs.switch_level()
#: `V(T)` where the cap never acts, and its lower bound `1/(2C-1)`
V, K = cs.NEVER.final, cs.plateau()
#: membership in the sets of which d1 is the maximum and d2 the minimum
LOW: Formula = le(1 / cap, h)
HIGH: Formula = ge(K, 4 * s)
EVENT: Formula = le(h, 2 * s)
EXACT: Domain = domain(positive(sigma), CAP, Q)

NOTATION = "y = e^{-2 tau}, q = e^{-2T}, c = 1 - hat sigma^2; tau_star = (1/2) log(C c/(C-1)) is where 1/(1 - c e^{-2 tau}) = C."
HORIZON = "T >= T_0(eps) = (1/2) log(1/2 + 1/sqrt(3 - eps)) on hat sigma_j^2 <= (1 + eps) sigma_j^2, 0 <= eps <= 1"
EVENT_TEXT = (
    "'With high probability' is the event |sigma_j^2 - hat sigma_j^2| <= eps sigma_j^2 for all j (eps = 1 if nothing is said), of "
    "probability at least 1 - 2D e^{-eps^2 n/(4(1+eps))} by prop-9: 1 - 2D e^{-n/8} for eps = 1, 1 - 2D e^{-n/24} for eps = 1/2."
)
ENDS = "d1 = max{d : 1/C <= hat sigma_d^2} (1 if empty), d2 = min{d : 1/(2C-1) >= 4 sigma_d^2} (D if empty); the hat sigma_j do not increase in j."


def fading(id: str, text: str, where: Domain, goal: Formula) -> Statement:
    """A statement with one power of exponent `2C - 1`, by rule `power-of-a-fraction`."""
    return Statement(
        id,
        text,
        lift=fading_power(id, text, where, goal),
        instance=lambda D: Obligation(id, text, where, goal),
        sizes=(1,),
    )


def claim(id: str, title: str, printed: str, *statements: Statement, **more: object) -> Claim:
    """A claim of Section 3; `more` are further fields of `Claim`."""
    return Claim(id=id, title=title, section=SECTION, printed=printed, statements=statements, **more)  # type: ignore[arg-type]
