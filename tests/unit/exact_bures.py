"""The Bures distance and the slope of `F(d, x)` of given floats, enclosed: every entry is taken as the rational it is.

The squared distance is `tr A + tr B - 2 sum sqrt(lambda_i)`, `lambda_i` the eigenvalues of `A B`, which are real and
not negative. Their polynomial is computed in integers and FLINT isolates its roots, so rank, condition and scale of the
input play no part.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np
from flint import arb, ctx, fmpz_mat

BITS = 400
#: relative step of the difference quotients that enclose a slope
STEP = Fraction(1, 2**120)


def rational(values):
    """Entries of an array of floats as fractions, nested lists."""
    return [[Fraction(x) for x in row] for row in np.atleast_2d(np.asarray(values, float)).tolist()]


def integers(matrix):
    """An integer matrix and the `q` with `matrix = integers / q`."""
    q = lcm(*(x.denominator for row in matrix for x in row))
    return fmpz_mat([[x.numerator * (q // x.denominator) for x in row] for row in matrix]), q


def gram(factor):
    """`L L^T` of a factor of floats, exactly."""
    whole, q = integers(rational(factor))
    product = whole * whole.transpose()
    return [[Fraction(int(product[i, j]), q * q) for j in range(product.ncols())] for i in range(product.nrows())]


def fidelity(first, second):
    """`sum sqrt(lambda_i(A B))` as a ball; fractions in."""
    a, p = integers(first)
    b, q = integers(second)
    roots = arb(0)
    for root, times in (a * b).charpoly().complex_roots():
        if not root.imag.contains(0) or root.real < 0:
            raise ValueError(f"no pair of covariances: eigenvalue {root}")
        roots += abs(root.real).sqrt() * times
    return roots / (arb(p) * arb(q)).sqrt()


def trace(matrix):
    total = sum((matrix[i][i] for i in range(len(matrix))), Fraction(0))
    return arb(total.numerator) / arb(total.denominator)


def exact_bures(first, second, bits=BITS):
    """Ball around the squared Bures distance of two matrices of fractions (`rational`, `gram`)."""
    with ctx.workprec(bits):
        return trace(first) + trace(second) - 2 * fidelity(first, second)


def exact_curve(variances, data, level, bits=BITS):
    """Balls around the Bures term of `F(d, .)` and its slope at `level`, fractions and floats in.

    Axes are those of the coordinates. `F(d, .)` is convex, so its slope lies between two difference quotients.
    """
    x, h = Fraction(level), [Fraction(float(value)) for value in variances]

    def value(at):
        v = [at + (1 - at) * each for each in h]
        diagonal = [[v[i] if i == j else Fraction(0) for j in range(len(v))] for i in range(len(v))]
        return exact_bures(diagonal, data, bits)

    with ctx.workprec(bits):
        step = x * STEP
        below, here, above = value(x - step), value(x), value(x + step)
        width = arb(step.numerator) / arb(step.denominator)
        return here, ((here - below) / width).union((above - here) / width)
