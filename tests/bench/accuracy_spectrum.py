"""Prefix sums over the spectrum and minimisers for all dimensions against Arb, over the whole range of variances."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flint import arb, ctx, fmpq
from numpy.typing import NDArray
from table import Figure

from theory.noise import generated_variances
from theory.stopping import certified_noise_levels, distance_grid, distances, slopes

Array = NDArray[np.float64]
_BITS = 256
_EPS = 2.0**-52


def rational(value: float) -> fmpq:
    """The float as the rational number that it is."""
    return fmpq(*float(value).as_integer_ratio())


def truth(s: Array, h: Array, x: float) -> tuple[list[arb], list[arb], list[arb]]:
    """`F(d, x)`, the slope and the sum of the slope's absolute terms for all `d`, as balls of 256 bits.

    Each term comes from the exact rational `v - s`, so that nothing cancels in it.
    """
    level = rational(x)
    kept, slope, size = [arb(0)], [arb(0)], [arb(0)]
    for a, b in zip(map(rational, s), map(rational, h), strict=True):
        v = level + (1 - level) * b
        root, sigma = arb(v).sqrt(), arb(a).sqrt()
        gap, rate = arb(v - a), arb(1 - b)
        if v == 0:
            kept.append(kept[-1] + arb(a))
            term = arb("-inf") if a else rate
        else:
            kept.append(kept[-1] + (gap / (root + sigma)) ** 2)
            term = rate * gap / (root * (root + sigma)) if a else rate
        slope.append(slope[-1] + term)
        size.append(size[-1] + abs(term))
    tail = [arb(0)]
    for a in s[:0:-1]:
        tail.append(tail[-1] + arb(rational(a)))
    distance = [k + t for k, t in zip(kept[1:], tail[::-1], strict=True)]
    return distance, slope[1:], size[1:]


def cases(rng: np.random.Generator, count: int, D: int) -> Iterator[tuple[Array, Array, float]]:
    """Spectra of every kind with a level: log-uniform from 1e-300 to 1e300, ordinary, tied; levels near minimisers."""
    for i in range(count):
        s = (
            10.0 ** rng.uniform(-300, 300, D),
            rng.gamma(1.0, size=D),
            10.0 ** rng.uniform(-8, 2, D),
            rng.choice([0.0, 0.0625, 0.25, 0.5, 1.0, 4.0], D),
            np.arange(1.0, D + 1) ** -1.5,
        )[i % 5]
        s = np.sort(s)[::-1].copy()
        h = (
            s * rng.chisquare(9, D) / 9,
            s * (1 + 1e-6 * rng.normal(size=D)),
            rng.permutation(s),
            s.copy(),
            s * rng.choice([0.0, 0.25, 1.0, 4.0], D),
        )[i // 5 % 5]
        h = np.minimum(h, 1e300)
        with np.errstate(all="ignore"):
            own = (s - h) / (1 - h)
        inside = own[(own > 0) & (own < 1)]
        levels = [0.0, 1.0, float(rng.random()), 10.0 ** rng.uniform(-300, 0)]
        if inside.size:
            levels += [float(np.nextafter(rng.choice(inside), rng.integers(2)))] * 2
        yield s, h, levels[int(rng.integers(len(levels)))]


def naive(s: Array, h: Array, x: float) -> Array:
    """The peer: running sums of the terms as they are written."""
    with np.errstate(all="ignore"):
        kept = np.cumsum((np.sqrt(generated_variances(x, h)) - np.sqrt(s)) ** 2)
    return np.asarray(kept + np.append(np.cumsum(s[:0:-1])[::-1], 0.0))


def naive_slopes(s: Array, h: Array, x: float) -> Array:
    """The peer: running sums of `(1 - sigma/sqrt(v)) (1 - h)`."""
    with np.errstate(all="ignore"):
        return np.asarray(np.cumsum((1 - np.sqrt(s) / np.sqrt(generated_variances(x, h))) * (1 - h)))


def worst(found: Array, exact: list[arb], unit: list[arb], least: float) -> float:
    """Largest error in units of the last place of `unit`; infinite where a finite truth was missed."""
    most = 0.0
    for value, true, size in zip(found.tolist(), exact, unit, strict=True):
        if not true.is_finite() or float(true.mid()) in (np.inf, -np.inf):
            most = most if value == float(true.mid()) or not true.is_finite() else np.inf
        elif not np.isfinite(value):
            most = np.inf
        else:
            spacing = float(np.spacing(max(float(size.mid()), least)))
            most = max(most, float(abs(arb(rational(value)) - true).mid()) / spacing)
    return most


def prefix_errors(quick: bool) -> dict[str, tuple[float, float, int]]:
    """Worst error in ulp of ours and of the peer, and the points, for `F`, its slope, criterion [7] and the grid."""
    count, D = (25, 40) if quick else (1000, 1000)
    found = {name: [0.0, 0.0, 0] for name in ("F", "slope", "criterion", "grid")}
    before, ctx.prec = ctx.prec, _BITS
    try:
        for s, h, x in cases(np.random.default_rng(2026), count, D):
            distance, slope, size = truth(s, h, x)

            def note(name: str, ours: Array, peer: Array, exact: list[arb], unit: list[arb]) -> None:
                row, least = found[name], 1e-300 if name == "grid" else 2.3e-308
                row[0] = max(row[0], worst(ours, exact, unit, least))
                row[1] = max(row[1], worst(peer, exact, unit, least))
                row[2] += len(exact)

            plain, plain_slope = naive(s, h, x), naive_slopes(s, h, x)
            note("F", distances(s, h, x), plain, distance, distance)
            note("slope" if x else "criterion", slopes(s, h, x), plain_slope, slope, size)
            with np.errstate(all="ignore"):
                e = (x * abs(1 - h) + abs(h - s)) / (np.sqrt(generated_variances(x, h)) + np.sqrt(s))
                allowed = np.cumsum(np.nan_to_num(e, posinf=0.0) ** 2)
            unit = [d + (arb(a) if np.isfinite(a) else d) for d, a in zip(distance, allowed.tolist(), strict=True)]
            note("grid", distance_grid(s, h, [x])[:, 0], plain, distance, unit)
    finally:
        ctx.prec = before
    return {name: (a, b, n) for name, (a, b, n) in found.items()}


def minimiser_errors(quick: bool) -> tuple[int, int, float]:
    """Minimisers checked, certificates refuted by exact signs on both sides of the bound, and the worst bound."""
    checked = refuted = 0
    largest = 0.0
    before, ctx.prec = ctx.prec, 768
    rng = np.random.default_rng(7)
    sizes = [(20, 60)] if quick else [(60, 400), (3000, 4)]
    try:
        for D, count in sizes:
            for s, h, _ in cases(rng, count, D):
                X = float(rng.choice([0.99, 1.0, rng.random()]))
                levels = certified_noise_levels(s, h, X)
                interior = np.flatnonzero((levels.lower > 1e-290) & (levels.lower < X))
                for i in rng.permutation(interior)[:30]:
                    level, error = rational(levels.lower[i]), rational(levels.error[i])
                    below = slope_at(s[: i + 1], h[: i + 1], level * (1 - error))
                    above = slope_at(s[: i + 1], h[: i + 1], min(level * (1 + error), rational(X)))
                    checked += 1
                    refuted += not (below <= 0 and above >= 0)
                    largest = max(largest, float(levels.error[i]))
    finally:
        ctx.prec = before
    return checked, refuted, largest


def slope_at(s: Array, h: Array, level: fmpq) -> arb:
    """The slope at a positive level, as a ball at the working precision."""
    total = arb(0)
    for a, b in zip(map(rational, s), map(rational, h), strict=True):
        v = level + (1 - level) * b
        if v != a:
            total += (1 - (arb(a) / arb(v)).sqrt()) * arb(1 - b)
    return total


def figures_accuracy(quick: bool) -> Iterator[Figure]:
    """Part 1 for prefix sums and minimisers."""
    says: dict[str, tuple[str, float, str]] = {
        "F": ("F(d, x) for all d: a few ulp of the value", 8, ""),
        "slope": ("dF/dx for all d: a few ulp of the sum of absolute terms", 8, "0 < x <= 1"),
        "criterion": ("criterion [7] for all d: a few ulp of the sum of absolute terms", 8, ""),
        "grid": (
            "F on a grid: ulp of F plus what F would be without cancellation",
            40,
            "not sum2; absolute below 1e-300",
        ),
    }
    for name, (ours, peer, points) in prefix_errors(quick).items():
        target, most, note = says[name]
        yield Figure(
            "accuracy", target, f"{ours:.3g} ulp at worst on {points} points", f"running sum {peer:.3g} ulp",
            peer / ours if ours and np.isfinite(peer) else None, ours <= most, note,
        )  # fmt: skip
    checked, refuted, largest = minimiser_errors(quick)
    yield Figure(
        "accuracy", "x*(d) for all d: every certificate holds", f"{refuted} of {checked} refuted", "", None,
        refuted == 0 and largest <= 1e-9, f"signs in Arb on both sides of the bound; largest bound {largest:.2g}",
    )  # fmt: skip
