"""LaTeX of expressions: what is printed is what was meant, and reads as a person would write it."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import pytest
import sympy as sp
from registered import formulas, registry

from proofs_check.formula import relations
from theory.capped_score import generated_variance_capped
from theory.dimension import level, threshold
from theory.frechet import criterion_term, curvature, distance_squared, increment, kept, slope
from theory.latex import Abbreviations, Printer, latex, read_value, symbol_latex
from theory.latex.quantities import quantity_equations
from theory.latex.reader import UnreadableLatex
from theory.notation import T, X, cap, q, sigma, sigma_hat, t, tau, x
from theory.process import variance_at_noise
from theory.quantities import QUANTITIES
from theory.schedules import OU

y, c = sp.symbols("y c", positive=True)
eps, n = sp.Symbol("epsilon", positive=True), sp.Symbol("n", positive=True)


@pytest.mark.parametrize(
    ("expr", "printed"),
    [
        (1 - c * q, "1 - cq"),
        (variance_at_noise(sigma_hat**2), r"x + (1 - x)\hat\sigma^2"),
        (increment(), r"x - 2\sigma\sqrt{x + (1 - x)\hat\sigma^2} + (1 - x)\hat\sigma^2"),
        (criterion_term(), r"\left(1 - \frac{\sigma}{\hat\sigma}\right)(1 - \hat\sigma^2)"),
        (curvature(), r"\frac{\sigma(1 - \hat\sigma^2)^2}{2(x + (1 - x)\hat\sigma^2)^{3/2}}"),
        (threshold(), r"\frac{4\sigma^2 - \hat\sigma^2}{1 - \hat\sigma^2}"),
        (-(x - 1) * y, "y(1 - x)"),
        (sp.Mul(x - 1, y - 1), "(1 - x)(1 - y)"),
        ((sigma**2 - 1) ** 2, r"(1 - \sigma^2)^2"),
        (-sigma - sigma_hat, r"-\sigma - \hat\sigma"),
        (1 / (2 * cap - 1), r"\frac{1}{2C - 1}"),
        (1 + y * (1 - 2 * cap), "1 - y(2C - 1)"),
        (OU.noise_level, r"1 - e^{-2\tau}"),
        (sp.exp(2 * t - 2 * T), "e^{-2(T - t)}"),
        (sp.exp(-(eps**2) * n / (4 * (1 + eps))), r"\exp\left(-\frac{\varepsilon^2n}{4(1 + \varepsilon)}\right)"),
        (OU.time_of_noise, r"-\frac{1}{2} \log(1 - x)"),
        (sp.log(2) - sp.Rational(1, 3), r"\log 2 - \frac{1}{3}"),
        (sp.Max(0, 1 - sigma**2), r"(1 - \sigma^2)_+"),
        (sp.Max(1, sp.Min(X, x)), r"\max(1, \min(X, x))"),
        (sp.Abs(sigma - sigma_hat), r"|\sigma - \hat\sigma|"),
        ((q / y) ** (2 * cap - 1), r"\left(\frac{q}{y}\right)^{2C - 1}"),
        (sp.Rational(2, 3) * sigma**2, r"\frac{2\sigma^2}{3}"),
        (sp.Integer(2) * sp.Integer(3) ** n, r"2 \cdot 3^n"),
        (sp.Function("tricomi_u")(x, y, 2), "U(x, y, 2)"),
        (sp.gamma(n / 2), r"\Gamma\left(\frac{n}{2}\right)"),
        (sp.Function("W")(tau), r"W(\tau)"),
    ],
)  # fmt: skip
def test_expressions_read_as_a_person_writes_them(expr: sp.Expr, printed: str) -> None:
    assert latex(expr) == printed


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("sigma_hat_2", r"\hat\sigma_2"), ("sigma_12", r"\sigma_{12}"), ("x1", "x_1"), ("eps", r"\varepsilon"),
        ("C'", "C'"), ("d0", "d_0"), ("w2", "w^2"), ("sigma_hat_a", r"\hat\sigma_a"), ("Phi", r"\Phi"),
    ],
)  # fmt: skip
def test_symbols_are_the_papers(name: str, printed: str) -> None:
    assert symbol_latex(name) == printed


def test_cases_are_printed_once_per_value() -> None:
    same = sp.Piecewise((x, sigma < 1), (x, sigma > 1), (0, True))
    assert (
        latex(same)
        == r"\begin{cases} x & \text{if } \sigma < 1\text{ or }\sigma > 1, \\ 0 & \text{otherwise} \end{cases}"
    )
    assert latex(level()).count(r" \\ ") == 2


@cache
def expressions() -> tuple[sp.Expr, ...]:
    found = {side: None for f in formulas() for r in relations(f) for side in (r.left, r.right)}
    for claim in registry().values():
        found |= {what: None for _, what in claim.derivation if isinstance(what, sp.Expr)}
    for equation in quantity_equations().values():
        found |= dict.fromkeys(equation.terms)
    return tuple(found)


def point(symbols: list[sp.Symbol], rng: random.Random) -> list[mpmath.mpf]:
    """A random rational point; the cap exceeds 1 as everywhere in the theory."""
    values = [Fraction(rng.randint(1, 99), rng.randint(1, 99)) for _ in symbols]
    values = [v + 1 if s.name == "C" else v for s, v in zip(symbols, values, strict=True)]
    return [mpmath.mpf(v.numerator) / v.denominator for v in values]


FUNCTIONS = {"W": lambda a: a * a + 1}


def source(symbols: list[sp.Symbol], expr: sp.Expr) -> Any:
    return sp.lambdify(symbols, expr, modules=[{"tricomi_u": mpmath.hyperu, **FUNCTIONS}, "mpmath"], cse=True)


def close(a: Any, b: Any) -> bool:
    return bool(mpmath.almosteq(a, b, 1e-25, 1e-25) or (mpmath.isnan(a) and mpmath.isnan(b)))


def test_every_printed_expression_evaluates_to_its_source() -> None:
    rng, compared, outside = random.Random(20251008), 0, 0
    with mpmath.workdps(40):
        for expr in expressions():
            symbols = sorted(expr.free_symbols, key=lambda s: s.name)
            names = [symbol_latex(s.name) for s in symbols]
            assert len(set(names)) == len(names), names
            printed, value = latex(expr, explicit=True), source(symbols, expr)
            at = point(symbols, rng)
            try:
                want = value(*at)
                read = read_value(printed, dict(zip(names, at, strict=True)), FUNCTIONS)
            except (ZeroDivisionError, TypeError):  # a pole, or an order asked of complex numbers
                outside += 1
                continue
            assert close(want, read), f"{expr}\n{printed}"
            compared += 1
    assert compared > 800
    assert outside < compared / 50


def test_the_default_form_only_drops_product_signs() -> None:
    def bare(text: str) -> str:
        return re.sub(r"\\cdot|\\,|[\s()]", "", text.replace(r"\left(", "(").replace(r"\right)", ")"))

    for expr in expressions():
        assert bare(latex(expr)) == bare(latex(expr, explicit=True)), expr


def test_the_reader_notices_a_wrong_sign_and_refuses_other_text() -> None:
    values = {"x": mpmath.mpf("0.3"), r"\hat\sigma": mpmath.mpf("0.7")}
    right = latex(variance_at_noise(sigma_hat**2), explicit=True)
    assert mpmath.almosteq(read_value(right, values), mpmath.mpf("0.643"))
    assert not mpmath.almosteq(read_value(right.replace("1 - x", "1 + x"), values), read_value(right, values))
    for text in ("x y", r"x \cdot", r"\frac{1}{x", r"\sin x", "y", r"x \le 1"):
        with pytest.raises(UnreadableLatex):
            read_value(text, values)


def test_abbreviations_stand_for_what_they_replace() -> None:
    rng = random.Random(7)
    with mpmath.workdps(40):
        for expr in expressions():
            short = Abbreviations({s.name for s in expr.free_symbols})
            shortened = short.shorten(expr)
            if not short.definitions:
                continue
            back = shortened
            for _ in range(4):
                back = back.xreplace(short.definitions)
            symbols = sorted(expr.free_symbols, key=lambda s: s.name)
            assert back.free_symbols <= set(symbols)
            try:
                at = point(symbols, rng)
                assert close(source(symbols, expr)(*at), source(symbols, back)(*at)), expr
            except (ZeroDivisionError, TypeError):
                continue


def test_abbreviations_name_the_variance() -> None:
    short = Abbreviations()
    shown = Printer(names=short.names).text(short.shorten(slope()))
    assert shown == r"\left(1 - \frac{\sigma}{\sqrt{v}}\right)(1 - \hat\sigma^2)"
    assert short.glossary() == [("v", r"x + (1 - x)\hat\sigma^2")]
    assert Printer().text(Abbreviations({"v"}).shorten(increment())) == r"v' - 2\sigma\sqrt{v'}"
    capped = Abbreviations()
    shortened = capped.shorten(2 * generated_variance_capped())
    assert Printer(names=capped.names).text(shortened) == "2V"


def test_every_quantity_is_printed_from_its_expression() -> None:
    equations = quantity_equations(explicit=True)
    assert set(equations) <= set(QUANTITIES)
    # every quantity that was printed once stays printed
    assert {"variance", "F", "criterion", "threshold-time", "optimal-level", "log-snr"} <= set(equations)
    kept_part, dropped_part = equations["F"].right.split(r" + \sum_{j > d} ")
    term = kept_part.removeprefix(r"\sum_{j \le d} ")
    s = {1: mpmath.mpf(3) / 4, 2: mpmath.mpf(1) / 3}
    values = {r"\sigma_j": s[1], r"\hat\sigma_j": mpmath.mpf("0.6"), "x": mpmath.mpf("0.2")}
    got = read_value(term, values) + read_value(dropped_part, {r"\sigma_j": s[2]})
    symbols = {"sigma_1": s[1], "sigma_hat_1": mpmath.mpf("0.6"), "sigma_2": s[2], "x": mpmath.mpf("0.2")}
    F = distance_squared(2, 1)
    assert mpmath.almosteq(
        got, sp.lambdify(list(F.free_symbols), F, "mpmath")(*(symbols[v.name] for v in F.free_symbols))
    )


def test_the_text_is_the_same_in_every_process() -> None:
    code = (
        "from theory.latex.quantities import quantity_equations; from theory.latex import latex; "
        "from theory.capped_score import generated_variance_capped; "
        "print([e.text for e in quantity_equations().values()], latex(generated_variance_capped()))"
    )
    shown = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(shown) == 1


def test_the_printed_kept_term() -> None:
    assert latex(kept()) == r"(\sqrt{x + (1 - x)\hat\sigma^2} - \sigma)^2"
