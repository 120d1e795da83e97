"""Sections 4 and 5: outcomes, probabilities against the exact laws, and matrices against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import sympy as sp

from proofs_check.claims import load
from proofs_check.verify import verify
from theory.matrices import isolate_roots, orthogonal, principal_minors, root_between, trace_of_root_of_product

OUTCOMES = {
    "prop-6": "fails",
    "prop-6/any-projection": "holds",
    "prop-7": "holds-if",
    "prop-7/S-bound": "fails",
    "prop-7/closed-interval": "holds-if",
    "prop-7/eq-22": "holds",
    "prop-7/examples": "holds",
    "prop-7/large-estimates": "holds-if",
    "prop-7/ordering": "holds-if",
    "prop-7/sqrt-step": "holds",
    "prop-7/trace-bound": "holds",
    "prop-9": "holds",
    "prop-9/exact": "holds",
    "prop-10": "holds",
    "prop-10/at-least": "holds",
    "prop-10/constant": "holds",
    "prop-10/universal-constant": "undetermined",
    "lemma-2-i": "holds",
    "lemma-2-ii": "holds-if",
    "lemma-2-ii/square-root": "holds",
}


@pytest.fixture(scope="module")
def results() -> dict[str, object]:
    run = verify(list(OUTCOMES), load(), twins=False)
    return {r.claim.id: r for r in run.results}


@pytest.mark.parametrize(("id", "outcome"), OUTCOMES.items())
def test_outcome(results: dict[str, object], id: str, outcome: str) -> None:
    result = results[id]
    assert result.outcome == outcome  # type: ignore[attr-defined]
    assert not result.contradiction  # type: ignore[attr-defined]
    if outcome != "undetermined":
        assert result.decided  # type: ignore[attr-defined]
    if outcome in ("fails", "holds-if"):
        assert result.witness is not None  # type: ignore[attr-defined]


def test_imports_are_cited_and_used() -> None:
    registry = load()
    imported = {id for id, claim in registry.items() if claim.imported and claim.id.startswith("import/")}
    used = {other for claim in registry.values() for other in (*claim.uses, *claim.proof_uses)}
    assert {"import/chernoff", "import/davidson-szarek", "import/weyl", "import/cauchy-interlacing"} <= imported
    assert imported <= used


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 50, 200, 1000])
def test_prop_9_exact_chi_square(n: int) -> None:
    """Each tail by itself is below exp(-eps^2 n/(4(1+eps))): exact laws, so no false alarms."""
    eps = np.concatenate([np.geomspace(1e-3, 20, 60), [0.999, 1.0, 1.001]])
    bound = -(eps**2) * n / (4 * (1 + eps))
    with np.errstate(divide="ignore"):
        upper = scipy.stats.chi2.logsf(n * (1 + eps), n)
        lower = scipy.stats.chi2.logcdf(n * np.maximum(1 - eps, 0), n)
    assert (upper < bound).all()
    assert (lower < bound).all()


def test_prop_10_constant_on_exact_one_dimensional_law() -> None:
    """D = 1: with C = 3 sqrt(3)/4 the exact failure probability is below 2 e^{-u}."""
    for n in (1, 2, 5, 20, 100):
        u = np.geomspace(0.01, 300, 60)
        ratio = (1 + u) / n
        eps = 2 * np.sqrt(3) * (np.sqrt(ratio) + ratio)
        fail = scipy.stats.chi2.sf(n * (1 + eps), n) + scipy.stats.chi2.cdf(n * np.maximum(1 - eps, 0), n)
        assert (fail <= 2 * np.exp(-u)).all()


def test_trace_of_root_of_product() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        A, B = (sp.Matrix(2, 2, [int(k) for k in rng.integers(-5, 6, 4)]) for _ in range(2))
        A, B = A * A.T, B * B.T
        expected = np.sqrt(np.abs(np.linalg.eigvals(np.array((A * B).tolist(), dtype=float)))).sum()
        assert float(trace_of_root_of_product(A, B)) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    with pytest.raises(ValueError, match="1x1 or 2x2"):
        trace_of_root_of_product(sp.eye(3), sp.eye(3))


def test_isolated_roots_enclose_numpy_eigenvalues() -> None:
    U = orthogonal([sp.Rational(1, k) for k in range(2, 8)], 4)
    assert sp.eye(4) == U * U.T
    A = U * sp.diag(4, 3, 2, 1) * U.T
    B = sp.diag(5, 1, 2, 3)
    ends = isolate_roots(A * B)
    values = np.sort(np.linalg.eigvals(np.array((A * B).tolist(), dtype=float)).real)[::-1]
    for (low, high), value in zip(ends, np.sqrt(values), strict=True):
        assert float(low) < value < float(high)


@pytest.mark.parametrize(
    "matrix", [sp.Matrix([[1, 0], [0, 1]]), sp.Matrix([[0, 1], [-1, 0]]), sp.Matrix([[sp.sqrt(2)]]), -sp.eye(1)]
)
def test_isolate_roots_refuses(matrix: sp.Matrix) -> None:
    with pytest.raises(ValueError, match=r"A must be|eigenvalues of A"):
        isolate_roots(matrix)


def test_root_between_and_minors() -> None:
    low, high = root_between(sp.Rational(2), bits=30)
    assert low**2 <= 2 < high**2
    assert high - low == sp.Rational(1, 2**30)
    with pytest.raises(ValueError, match="value must be rational"):
        root_between(sp.Rational(-1))
    assert principal_minors(sp.Matrix([[2, 1], [1, 3]])) == [2, 3, 5]
