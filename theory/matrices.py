"""Small symmetric matrices, exactly: roots of 2x2 matrices, quadratic forms, certified eigenvalues of rational ones.

For a positive semidefinite 2x2 matrix, Cayley-Hamilton gives `tr sqrt(A) = sqrt(tr A + 2 sqrt(det A))`. Larger rational
matrices are reduced to their characteristic polynomial, whose roots are enclosed by balls (python-flint): between
rational points where it changes sign lies an eigenvalue, and as many such intervals as the matrix has rows enclose
them all. That can be checked again from the intervals alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from math import isqrt

from sympy import Expr, Matrix, Rational, Symbol, eye, sqrt, zeros

__all__ = [
    "characteristic",
    "form",
    "isolate_roots",
    "orthogonal",
    "principal_minors",
    "root_between",
    "rotation",
    "symmetric",
    "trace_of_root",
    "trace_of_root_of_product",
    "vector",
]


def symmetric(name: str, D: int) -> Matrix:
    """The symmetric `D x D` matrix with real symbols `name_ij`, `i <= j`."""
    return Matrix(D, D, lambda i, j: Symbol(f"{name}_{min(i, j) + 1}{max(i, j) + 1}", real=True))


def vector(name: str, D: int) -> Matrix:
    """The column of real symbols `name_1 .. name_D`."""
    return Matrix([Symbol(f"{name}_{i}", real=True) for i in range(1, D + 1)])


def form(A: Matrix, y: Matrix) -> Expr:
    """The quadratic form `y^T A y`, expanded."""
    return (y.T * A * y)[0, 0].expand()


def principal_minors(A: Matrix) -> list[Expr]:
    """All principal minors, in order of size: a symmetric matrix is positive semidefinite iff all are `>= 0`."""
    sets = [rows for k in range(1, A.rows + 1) for rows in combinations(range(A.rows), k)]
    return [A.extract(list(rows), list(rows)).det().expand() for rows in sets]


def rotation(k: Expr) -> Matrix:
    """The rotation with cosine `(1-k^2)/(1+k^2)` and sine `2k/(1+k^2)`; every rotation but that by pi is one."""
    c, s = (1 - k**2) / (1 + k**2), 2 * k / (1 + k**2)
    return Matrix([[c, -s], [s, c]])


def orthogonal(entries: Sequence[Rational], D: int) -> Matrix:
    """A rational orthogonal matrix, `(I - A)(I + A)^{-1}`; the skew `A` has `entries` above its diagonal, row by row.

    Raises:
        ValueError: not `D (D-1)/2` entries.
    """
    if len(entries) != D * (D - 1) // 2:
        raise ValueError(f"entries must be {D * (D - 1) // 2} numbers for D = {D}, got {len(entries)}")
    A = zeros(D, D)
    for (i, j), value in zip(combinations(range(D), 2), entries, strict=True):
        A[i, j], A[j, i] = value, -value
    return (eye(D) - A) * (eye(D) + A).inv()


def characteristic(A: Matrix, z: Expr) -> Expr:
    """`det(A - z I)`."""
    return (A - z * eye(A.rows)).det()


def trace_of_root(trace: Expr, determinant: Expr) -> Expr:
    """`tr sqrt(A)` of a positive semidefinite 2x2 matrix from its trace and determinant."""
    return sqrt(trace + 2 * sqrt(determinant))


def trace_of_root_of_product(A: Matrix, B: Matrix) -> Expr:
    """`tr (A^{1/2} B A^{1/2})^{1/2}` for positive semidefinite `A`, `B` of size 1 or 2 that need not commute.

    Raises:
        ValueError: another size, or two sizes.
    """
    if A.shape != B.shape or A.rows not in (1, 2):
        raise ValueError(f"A and B must both be 1x1 or 2x2, got {A.shape} and {B.shape}")
    product = A * B
    if A.rows == 1:
        return sqrt(product[0, 0])
    return trace_of_root(product.trace(), (A.det() * B.det()).factor())


def root_between(value: Rational, bits: int = 60) -> tuple[Rational, Rational]:
    """Rational numbers `2^-bits` apart with `low^2 <= value < high^2`, for a rational `value >= 0`.

    Raises:
        ValueError: `value` is not rational, or negative.
    """
    if not value.is_Rational or value < 0:
        raise ValueError(f"value must be rational and >= 0, got {value}")
    scale = 2**bits
    floor = isqrt(int(value.p) * scale**2 // int(value.q))
    return Rational(floor, scale), Rational(floor + 1, scale)


def isolate_roots(A: Matrix, bits: int = 20) -> list[tuple[Rational, Rational]]:
    """Disjoint intervals `(low, high)`, largest first: between `low^2` and `high^2` lies one eigenvalue of `A` each.

    So the ends enclose the eigenvalues of a root of `A`, and their sums `tr sqrt(A)`. `A` is a square rational matrix
    with real, distinct eigenvalues `> 0`, such as a product of two positive definite matrices. `det(A - z I)` changes
    sign between the ends, which are about `2^-bits` apart.

    Raises:
        ValueError: an entry is not rational, or the eigenvalues are not real, positive and separated at this width.
    """
    from flint import arb, fmpq, fmpq_mat

    from theory.evaluate.arb import precision

    entries = list(A)
    if A.rows != A.cols or not all(e.is_Rational for e in entries):
        raise ValueError(f"A must be a square rational matrix, got {A}")
    polynomial = fmpq_mat(A.rows, A.cols, [fmpq(int(e.p), int(e.q)) for e in entries]).charpoly()
    with precision(4 * bits + 64):
        found = [root.real for root, _ in polynomial.complex_roots() if root.imag.contains(arb(0))]
        scaled = [(root.sqrt() * 2**bits).mid() for root in found if root > 0]
        floors = sorted((int(value.floor().unique_fmpz()) for value in scaled), reverse=True)
    ends = [(Rational(k - 1, 2**bits), Rational(k + 2, 2**bits)) for k in floors]
    separate = all(later[1] < earlier[0] for earlier, later in pairwise(ends))
    if len(ends) != A.rows or not separate or ends[-1][0] <= 0 or not _sign_changes(A, ends):
        raise ValueError(f"the eigenvalues of A must be real, positive and separated by 2^-{bits}, got {A}")
    return ends


def _sign_changes(A: Matrix, ends: Sequence[tuple[Rational, Rational]]) -> bool:
    return all(characteristic(A, low**2) * characteristic(A, high**2) < 0 for low, high in ends)
