"""Properties of single samples, decided exactly: both readings of the headline, inside and outside their hypotheses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from proofs_check.properties.base import Context, Finding, Property
from proofs_check.properties.readings import FailureA, FailureB, failure_of_a, failure_of_b, levels_ordered
from proofs_check.properties.search import Stopwatch, falsify, searched
from proofs_check.strategies import Sample, dyadics, samples, spectra
from theory.stopping import optimal_noise_levels

__all__ = ["PER_SAMPLE", "per_case", "show_numbers"]

#: pairs of coordinates in one search: a spectrum of many variances gets fewer cases, at least three
_PAIRS = 200_000
#: longest spectrum of the user's whose counterexamples are made small
_SHRUNK = 64
#: cases tried before a negation gives up; it stops at the first counterexample
_SEARCH = 1000
_X = st.sampled_from([1.0, 0.5, 0.75, 0.25])
Spectra = SearchStrategy[tuple[float, ...]]


def show_numbers(values: tuple[float, ...]) -> str:
    """Numbers for people: small fractions as such, other floats in full, long lists with runs of one value counted."""
    parts: list[str] = []
    for value in values:
        fraction = Fraction(value)
        text = str(fraction) if fraction.denominator <= 64 and abs(fraction.numerator) < 1000 else f"{value!r}"
        if len(values) > 6 and parts and parts[-1].split(" x")[0] == text:
            _, _, count = parts[-1].partition(" x")
            parts[-1] = f"{text} x{int(count or 1) + 1}"
        else:
            parts.append(text)
    return f"({', '.join(parts)})"


def _show(sample: Sample, failure: object, *more: str) -> str:
    if len(sample.sigma2) > 6:
        changed = {j: r for j, r in enumerate(sample.ratios, 1) if r != 1}
        listed = ", ".join(f"{Fraction(r)} at j = {j}" for j, r in list(changed.items())[:6])
        rest = f" and {len(changed) - 6} more" if len(changed) > 6 else ""
        told = f"your spectrum, sigma_hat^2/sigma^2 = {listed or '1 throughout'}{rest}"
    else:
        told = f"sigma^2 = {show_numbers(sample.sigma2)}, sigma_hat^2 = {show_numbers(sample.sigma_hat2)}"
    return ", ".join([told, *more]) + f": {failure}"


def per_case(
    strategy: Callable[[Spectra], SearchStrategy[Any]],
    breaks: Callable[[Any], bool | None],
    show: Callable[[Any], str],
    generated: Spectra,
    decided: str = "exactly",
) -> Callable[[Property, Context], Finding]:
    """The check of a property of single cases: on generated spectra, then on the user's own.

    `strategy` makes cases from a strategy of spectra; `breaks` is that of `falsify`. A negation needs its
    counterexample among the generated spectra only: a given spectrum need not have one. `decided` is told.
    """

    def check(prop: Property, context: Context) -> Finding:
        most = _SEARCH if prop.negation else context.profile.examples
        sources = [("generated spectra", generated, most)]
        if context.spectrum is not None:
            fewer = max(3, min(context.profile.examples, _PAIRS // len(context.spectrum) ** 2))
            sources.append(("your spectrum", st.just(context.spectrum), fewer))
        evidence, notes, total, shown = [], [], 0, None
        for where, source, examples in sources:
            watch = Stopwatch()
            own = where == "your spectrum"
            small = not own or len(context.spectrum or ()) <= _SHRUNK
            case, cases = falsify(strategy(source), breaks, examples, context.seed, f"{prop.id}/{where}", small)
            example = None if case is None else show(case)
            total += cases
            shown = shown if example is None or (shown is not None and prop.negation) else example
            if own and not cases:
                notes.append("your spectrum: no case that was drawn satisfies the hypotheses")
            elif own and (example is not None or prop.negation):
                notes.append(example or f"your spectrum: no failure among {cases} cases")
            if own and (prop.negation or not cases):
                continue
            evidence.append(
                searched(
                    broken=case is not None,
                    negation=prop.negation,
                    cases=cases,
                    example=example,
                    where=where,
                    seed=context.seed,
                    seconds=watch.seconds,
                    decided=decided,
                )
            )
        kind = "exact" if decided == "exactly" else "numeric"
        return Finding(tuple(evidence), total, shown, notes=tuple(notes), decided=kind)

    return check


def _known(sample: Sample) -> bool:
    """The condition of headline-a: `sigma_hat_d <= 2 sigma_d` for every `d >= 2`, on the very floats."""
    pairs = zip(sample.sigma2[1:], sample.sigma_hat2[1:], strict=True)
    return all(Fraction(h) <= 4 * Fraction(s) for s, h in pairs)


def _a_when(inside: bool) -> Callable[[Sample], bool | None]:
    def breaks(sample: Sample) -> bool | None:
        if _known(sample) is not inside:
            return None
        return failure_of_a(sample.sigma2, sample.sigma_hat2) is not None

    return breaks


def _show_a(sample: Sample) -> str:
    failure: FailureA | None = failure_of_a(sample.sigma2, sample.sigma_hat2)
    return _show(sample, failure)


def _b_when(inside: bool) -> Callable[[tuple[Sample, float]], bool | None]:
    def breaks(case: tuple[Sample, float]) -> bool | None:
        sample, X = case
        # outside, the failure shown shall not rest on the choice among minimisers of a constant F
        if not inside and max(sample.sigma_hat2) >= 1:
            return None
        if levels_ordered(sample.sigma2, sample.sigma_hat2, X) is not inside:
            return None
        return failure_of_b(sample.sigma2, sample.sigma_hat2, X) is not None

    return breaks


def _show_b(case: tuple[Sample, float]) -> str:
    sample, X = case
    failure: FailureB | None = failure_of_b(sample.sigma2, sample.sigma_hat2, X)
    return _show(sample, failure, f"X = {Fraction(X)}")


def _exact(source: Spectra) -> SearchStrategy[Sample]:
    return source.map(lambda s: Sample(s, (1.0,) * len(s)))


def _a_exact(sample: Sample) -> bool:
    return failure_of_a(sample.sigma2, sample.sigma_hat2) is not None


def _b_exact(case: tuple[Sample, float]) -> bool:
    sample, X = case
    return bool(optimal_noise_levels(sample.sigma2, sample.sigma_hat2, X)[0].any())


def _shrunk(inside: bool) -> Callable[[tuple[Sample, float]], bool | None]:
    def breaks(case: tuple[Sample, float]) -> bool | None:
        sample, X = case
        # at sigma_hat_1 = 1 itself F(1, .) is constant: neither inside nor outside
        if sample.sigma_hat2[0] == 1 or (sample.sigma_hat2[0] < 1) is not inside:
            return None
        return failure_of_b(sample.sigma2, sample.sigma_hat2, X) is not None

    return breaks


def _uniform(source: Spectra) -> SearchStrategy[tuple[Sample, float]]:
    # a power of two as the ratio is exact for every float, so that the shrinkage is uniform indeed
    ratio = st.sampled_from([1.0, 0.5, 0.25, 0.125])
    return st.tuples(st.builds(lambda s, r: Sample(s, (r,) * len(s)), source, ratio), _X)


_ANY = spectra(max_size=4)
_WIDE = spectra(max_size=6, extreme=True)
_TWO = spectra(min_size=2, max_size=4, largest=2.0)
_BELOW = spectra(min_size=2, max_size=3, largest=0.5)


def _plug_in(source: Spectra) -> SearchStrategy[Sample]:
    return samples(source, ratio=8.0)


def _moderate(source: Spectra) -> SearchStrategy[Sample]:
    return source.flatmap(
        lambda s: st.tuples(*[dyadics(1 / 4, 2)] * len(s)).map(lambda r: Sample(s, r)),
    )


_SUFFICIENT = "sigma_hat_d <= 2 sigma_d for every d >= 2"

PER_SAMPLE = (
    Property(
        "a-exact", ("headline-a/exact",),
        "(A) exact score: a later stop never wants a lower dimension", "every spectrum, any scale",
        per_case(_exact, _a_exact, _show_a, _WIDE),
    ),
    Property(
        "a-plug-in", ("headline-a", "headline-a/plug-in"),
        "(A) plug-in score: a later stop never wants a lower dimension", _SUFFICIENT,
        per_case(_plug_in, _a_when(True), _show_a, _ANY),
    ),
    Property(
        "a-plug-in-outside", ("headline-a/plug-in",),
        "(A) plug-in score can fail", f"not {_SUFFICIENT}",
        per_case(_plug_in, _a_when(False), _show_a, _TWO), negation=True,
    ),
    Property(
        "b-exact", ("headline-b/exact", "prop-1a"),
        "(B) exact score: the last step is best for every dimension", "every spectrum, any scale",
        per_case(lambda s: st.tuples(_exact(s), _X), _b_exact, _show_b, _WIDE),
    ),
    Property(
        "b-ordered", ("headline-b", "beyond-1"),
        "(B) plug-in score: a higher dimension never wants an earlier stop", "x_1 >= ... >= x_D (own ideal levels)",
        per_case(lambda s: st.tuples(_moderate(s), _X), _b_when(True), _show_b, _ANY),
    ),
    Property(
        "b-outside", ("headline-b/plug-in",),
        "(B) plug-in score can fail", "x_j increases somewhere, all sigma_hat_j < 1",
        per_case(lambda s: st.tuples(_moderate(s), _X), _b_when(False), _show_b, _BELOW), negation=True,
    ),
    Property(
        "b-shrinkage", ("beyond-1/shrinkage",),
        "(B) under uniform shrinkage sigma_hat^2 = r sigma^2", "r <= 1, r sigma_1^2 < 1",
        per_case(_uniform, _shrunk(True), _show_b, _ANY),
    ),
    Property(
        "b-shrinkage-outside", ("beyond-1/shrinkage",),
        "(B) under uniform shrinkage sigma_hat^2 = r sigma^2 can fail", "r <= 1, r sigma_1^2 > 1",
        per_case(_uniform, _shrunk(False), _show_b, spectra(min_size=2, max_size=4)), negation=True,
    ),
)  # fmt: skip
