"""The capped score of Section 3: both readings with exact scores, and its variance against the discretised SDE."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
from flint import arb
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from proofs_check.properties.base import Context, Finding, Property
from proofs_check.properties.per_sample import per_case, show_numbers
from proofs_check.properties.sampler import Sampler
from proofs_check.properties.search import Stopwatch, cases_of, searched
from proofs_check.strategies import dyadics, spectra
from theory.bures import FloatArray
from theory.capped_distance import kept_at
from theory.capped_score import generated_variance_capped, increment_capped, y
from theory.evaluate import compile_expression, numpy_function
from theory.evaluate.arb import ArbBackend, as_ball, precision
from theory.evaluate.program import Program
from theory.noise import generated_variances, noise_of_time
from theory.notation import cap, q, sigma, sigma_hat

__all__ = ["CAPPED"]

_BITS = 256
#: stops from the start of the sampler to the data, as shares of the way in `y = e^{-2 tau}`
_SHARES = tuple(Fraction(k, 8) for k in range(9))
#: caps in the comparison with the discretised SDE
_CAPS = (2.0, 4.0, 1.5)
Capped = tuple[tuple[float, ...], float, float]


@cache
def _program(name: str) -> Program:
    term = {"kept": kept_at, "increment": increment_capped}[name]
    return compile_expression(term(generated_variance_capped()), [sigma, sigma_hat, cap, q, y])


def _balls(term: str, case: Capped) -> list[list[arb]]:
    """Values of a coordinate's term with the exact score, per stop and coordinate. Call inside `precision`."""
    sigma2, C, start = case
    program = _program(term)
    first = Fraction(start)
    stops = [first + (1 - first) * share for share in _SHARES]
    roots = [as_ball(Fraction(s)).sqrt() for s in sigma2]
    return [
        [program.run(ArbBackend(), [r, r, as_ball(Fraction(C)), as_ball(first), as_ball(stop)]) for r in roots]
        for stop in stops
    ]


def _late_degradation(case: Capped) -> int | None:
    """The least `d` whose `F(d, .)` rises between two stops, if balls show one to."""
    with precision(_BITS):
        table = _balls("kept", case)
        for before, after in pairwise(table):
            total = arb(0)
            for d, (a, b) in enumerate(zip(before, after, strict=True), 1):
                total += b - a
                if total > 0:
                    return d
    return None


def _dimension_falls(case: Capped) -> bool:
    """Whether the largest optimal dimension is certainly above some `k` at one stop and at most `k` at the next."""
    with precision(_BITS):
        table = _balls("increment", case)
        totals = [[sum(row[: d + 1], arb(0)) for d in range(len(row))] for row in table]
    return any(
        _someone_beats_all(before[k:], before[:k]) and _someone_beats_all(after[:k], after[k:])
        for before, after in pairwise(totals)
        for k in range(1, len(case[0]))
    )


def _someone_beats_all(candidates: list[arb], others: list[arb]) -> bool:
    return any(all(one < other for other in others) for one in candidates)


def _strategy(source: SearchStrategy[tuple[float, ...]]) -> SearchStrategy[Capped]:
    # e^{-2T} from nearly 0 to nearly 1, caps from barely above 1 to large
    caps, starts = st.sampled_from([2.0, 4.0, 1.5, 1.0625, 16.0, 256.0]), st.sampled_from([0.5, 0.125, 0.875, 2.0**-10])
    return st.tuples(source.map(lambda s: s[:8]), caps, starts)


def _show(case: Capped) -> str:
    sigma2, C, start = case
    return f"sigma^2 = {show_numbers(sigma2)}, C = {C:g}, e^(-2T) = {Fraction(start)}"


# --- closed forms against the discretised SDE --------------------------------------------------------------------


def _misses(closed: FloatArray, hats: FloatArray, T: float, tau: float, C: float | None) -> NDArray[np.bool_]:
    """Where the exact Euler recursion fails to converge to `closed` at its order, 1.

    At 2048 steps it must be near, and the extrapolated value `2 V(2N) - V(N)` nearer still by ten times.
    """
    coarse, fine = (Sampler().discretised(hats, T, tau, steps, C).variances()[-1] for steps in (1024, 2048))
    left, extrapolated = np.abs(fine - closed), np.abs(2 * fine - coarse - closed)
    rounding = 1e-10 * np.maximum(closed, 1.0)
    return np.asarray((extrapolated > left / 10 + rounding) | (left > 0.02 * closed))


def _closed_forms(prop: Property, context: Context) -> Finding:
    watch = Stopwatch()
    variance = numpy_function(generated_variance_capped(), sigma_hat, cap, q, y)
    chosen = cases_of(
        st.tuples(dyadics(1 / 16, 4), st.sampled_from(_CAPS)), context.profile.examples, context.seed, prop.id
    )
    T, tau = 1.0, 0.125
    h, C = (np.array(column) for column in zip(*chosen, strict=True))
    wrong = _misses(generated_variances(noise_of_time(tau), h), h, T, tau, None)
    for bound in _CAPS:
        those = np.equal(C, bound)
        if those.any():
            capped = variance(np.sqrt(h[those]), bound, np.exp(-2 * T), np.exp(-2 * tau))
            wrong[those] |= _misses(capped, h[those], T, tau, bound)
    shown = None
    if wrong.any():
        value, cap_ = chosen[int(np.argmax(wrong))]
        shown = f"sigma_hat^2 = {Fraction(value)}, C = {cap_:g}, T = {T:g}, tau = {tau:g}"
    found = searched(
        broken=shown is not None,
        negation=False,
        cases=len(chosen),
        example=shown,
        where="generated estimates",
        seed=context.seed,
        seconds=watch.seconds,
        decided="numerically",
    )
    return Finding((found,), len(chosen), shown, decided="numeric")


CAPPED = (
    Property(
        "a-capped-exact", ("headline-a/capped",),
        "(A) exact capped score: a later stop never wants a lower dimension", "every spectrum, C > 1, horizon",
        per_case(_strategy, _dimension_falls, _show, spectra(max_size=3)),
    ),
    Property(
        "b-capped-exact", ("headline-b/capped", "text-7/capped"),
        "(B) exact capped score: the last step is best for every dimension", "every spectrum, C > 1, horizon",
        per_case(_strategy, lambda case: _late_degradation(case) is not None, _show, spectra(max_size=3)),
    ),
    Property(
        "closed-forms", ("eq-5", "prop-5"),
        "the Euler recursion converges, at order 1, to v_j and to the capped variance", "every estimate, C > 1",
        _closed_forms,
    ),
)  # fmt: skip
