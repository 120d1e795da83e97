"""The same file with a wrong sign in the risk."""

# --8<-- [start:model]
import sympy as sp

from proofs_check import Claim, Obligation, Statement, coordinates, domain, le, positive, sum_of_terms, total
from theory.notation import sigma

#: the variance of the noise, the same in every coordinate
s = sp.Symbol("s", positive=True)


def risk(gain):
    """Mean squared error of gain * y as an estimate of z: noise let through, signal lost."""
    return gain**2 * s + (1 + gain) ** 2 * sigma**2


#: the gain of Wiener's filter, which knows sigma
wiener = sigma**2 / (sigma**2 + s)
# --8<-- [end:model]

# --8<-- [start:claim]
#: where the claim is made: sigma > 0 for each coordinate, s > 0 for all of them
ONE = domain(positive(sigma, s))


def never_worse(D):
    """The claim written out for D coordinates, from the definition of the risk."""
    goal = le(total(risk(wiener), D), D * s)
    return Obligation(f"shrink[D={D}]", "shrinking does not hurt", coordinates(ONE, D), goal)


CLAIMS = (
    Claim(
        id="shrink",
        title="Shrinking with the true variances never hurts",
        section="Shrinkage",
        printed="In any number of coordinates Wiener's filter has at most the risk of leaving y, D s.",
        statements=(
            Statement(
                "shrink/all-D",
                "the total risk is at most D s",
                lift=sum_of_terms("shrink/one", "one coordinate", ONE, "<=", risk(wiener), s),
                instance=never_worse,
            ),
        ),
        ours=True,
    ),
)
# --8<-- [end:claim]
