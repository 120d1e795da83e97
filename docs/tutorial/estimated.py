"""The same with estimated variances: is it still true that shrinking never hurts?"""

import sympy as sp

from proofs_check import (
    Claim,
    Obligation,
    Repair,
    Statement,
    coordinates,
    domain,
    gt,
    le,
    positive,
    sum_of_terms,
    total,
    universal,
)
from theory.notation import sigma, sigma_hat

s = sp.Symbol("s", positive=True)


def risk(gain):
    """Mean squared error of gain * y as an estimate of z: noise let through, signal lost."""
    return gain**2 * s + (1 - gain) ** 2 * sigma**2


# --8<-- [start:plug-in]
#: the gain that is used in practice: sigma is not known, sigma_hat is
plug_in = sigma_hat**2 / (sigma_hat**2 + s)
ONE = domain(positive(sigma, sigma_hat, s))


def never_worse(D, where):
    """The claim written out for D coordinates, from the definition of the risk."""
    goal = le(total(risk(plug_in), D), D * s)
    return Obligation(f"shrink[D={D}]", "shrinking does not hurt", coordinates(where, D), goal)


# --8<-- [end:plug-in]
# --8<-- [start:repair]
ENOUGH = ONE.given(le(sigma**2, 2 * sigma_hat**2 + s))
TOO_SMALL = ONE.given(gt(sigma**2, 2 * sigma_hat**2 + s))

REPAIR = Repair(
    "hypothesis",
    "sigma_j^2 <= 2 hat sigma_j^2 + s for every j",
    (
        Statement(
            "shrink-estimated/repaired",
            "the total risk is at most D s",
            lift=sum_of_terms("shrink-estimated/one", "one coordinate", ENOUGH, "<=", risk(plug_in), s),
            instance=lambda D: never_worse(D, ENOUGH),
        ),
        universal("shrink-estimated/sharp", "elsewhere it is > s", TOO_SMALL, gt(risk(plug_in), s)),
    ),
    outside=(never_worse(1, TOO_SMALL),),
    sharp="for one coordinate the hypothesis is necessary too",
)
# --8<-- [end:repair]

CLAIMS = (
    Claim(
        id="shrink-estimated",
        title="Shrinking with estimated variances never hurts",
        section="Shrinkage",
        printed="In any number of coordinates the plug-in filter has at most the risk of leaving y, D s.",
        statements=(
            Statement(
                "shrink-estimated/all-D", "the total risk is at most D s", instance=lambda D: never_worse(D, ONE)
            ),
        ),
        repairs=(REPAIR,),
    ),
)
