"""LaTeX: what is printed is what was meant, reads as a person would write it, and fits TeX and the browser."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import pytest
import sympy as sp

from proofs_check.claim import Claim, Statement, between, domain, positive
from proofs_check.claims import load
from proofs_check.formula import And, Formula, Iff, Implies, Not, Or, eq, ge, gt, le, lt, relations
from proofs_check.report.claim_latex import LINE
from proofs_check.report.display import display, pieces, width
from proofs_check.report.document import appendix, table
from proofs_check.report.formulas import claims_formulas, general_form
from proofs_check.report.latex import (
    domain_latex,
    escape,
    formula_latex,
    prose_html,
    prose_latex,
    split_prose,
    witness_latex,
)
from proofs_check.rules import RULES
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
def registry() -> dict[str, Claim]:
    return load()


def statements(claim: Claim) -> list[Statement]:
    return [*claim.statements, *(s for r in claim.repairs for s in r.statements)]


@cache
def formulas() -> tuple[Formula, ...]:
    """Every formula of the registry: goals and hypotheses."""
    found: dict[Formula, None] = {}
    for claim in registry().values():
        for s in statements(claim):
            for o in [*s.obligations, *(s.lift.premises if s.lift else ())]:
                found.update(dict.fromkeys([o.goal, *o.domain.hypotheses]))
        for o in (o for r in claim.repairs for o in r.outside):
            found.update(dict.fromkeys([o.goal, *o.domain.hypotheses]))
        for _, what in claim.derivation:
            if isinstance(what, Formula):
                found[what] = None
    return tuple(found)


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


@pytest.mark.parametrize(
    ("formula", "printed"),
    [
        (le(x, 1), r"x \le 1"),
        (And((gt(sigma, x), gt(x, y))), r"\sigma > x > y"),
        (And((ge(sigma, x), eq(0, 0))), r"\sigma \ge x \text{ and } 0 = 0"),
        (Or((lt(x, 1), gt(y, 2))), r"x < 1 \text{ or } y > 2"),
        (Implies(lt(x, y), And((lt(x, 1), gt(y, 0)))), r"x < y \Longrightarrow (x < 1 \text{ and } y > 0)"),
        (Not(le(x, 1 / y)), r"\text{not } x \le \frac{1}{y}"),
        (Iff(le(x, y), le(y, sigma)), r"x \le y \Longleftrightarrow y \le \sigma"),
        (
            And((Implies(lt(x, y), lt(y, 1)), Implies(gt(x, y), gt(x, 1)))),
            r"(x < y \Longrightarrow y < 1) \text{ and } (x > y \Longrightarrow x > 1)",
        ),
    ],
)
def test_formulas(formula: Formula, printed: str) -> None:
    assert formula_latex(formula) == printed


def test_domains_and_witnesses() -> None:
    where = domain(positive(sigma, sigma_hat), between(x, 0, 1, open="right"))
    assert (
        domain_latex(where.given(lt(sigma, sigma_hat)))
        == r"\sigma, \hat\sigma > 0,\ x \in [0, 1),\ \sigma < \hat\sigma"
    )
    assert witness_latex({"sigma_hat_1": "1/2", "x": "-3"}) == r"\hat\sigma_1 = 1/2,\ x = -3"
    assert witness_latex({}) == ""


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("hat sigma_j^2 <= 2 sigma_j^2 for j >= 2", r"$\hat\sigma_j^2 \le 2 \sigma_j^2$ for $j \ge 2$"),
        ("x*(d) = argmin_x F(d, .), a_T^2", r"$x^*(d) = \operatorname{argmin}_x F(d, \cdot)$, $a_T^2$"),
        ("for t in [t_d, t_{d+1}), d wins", r"for $t \in [t_d, t_{d + 1})$, $d$ wins"),
        ("see prop-5/eq-15 and [7], (7)", "see prop-5/eq-15 and [7], (7)"),
        ("a paper's claim (A), at most 20 rows", "a paper's claim (A), at most 20 rows"),
        ("1/sqrt(1-eps) <= 1 + eps", r"$1/\sqrt{1 - \varepsilon} \le 1 + \varepsilon$"),
        ("lambda^-(d+2), e^-t, 1e-10", r"$\lambda^{-(d + 2)}$, $e^{-t}$, $10^{-10}$"),
        ("sum_{j<=d} (1 - sigma_j/hat sigma_j) >= 0", r"$\sum_{j \le d} (1 - \sigma_j/\hat\sigma_j) \ge 0$"),
        ("it is 'best before T'.", "it is `best before $T$'."),
        ("50% of A & B_1, A^-1 # B", r"50\% of $A$ \& $B_1$, $A^{-1} \# B$"),
        ("E 1/chi2_n^2, chi2_20", r"$E 1/(\chi^2_n)^2$, $\chi^2_{20}$"),
        ("t_4 .. t_8, 0 <= x < 1", r"$t_4 \dots t_8$, $0 \le x < 1$"),
        ("P(chi2_n > 4n) -> 0", r"$P(\chi^2_n > 4 n) \to 0$"),
        ("d' -> F(d', x) is convex", r"$d' \mapsto F(d', x)$ is convex"),
        ("Frechet distance, |m_j|_oo < C", r"Fr\'echet distance, $| m_j |_\infty < C$"),
    ],
)
def test_sentences(text: str, printed: str) -> None:
    assert prose_latex(text) == printed


def test_prose_html_escapes_text_and_passes_mathematics_on() -> None:
    assert prose_html("if x <= 1 & more", lambda m: f"<b>{m}</b>") == r"if <b>x \le 1</b> &amp; more"


@cache
def texts() -> tuple[str, ...]:
    found: dict[str, None] = {}
    for claim in registry().values():
        said = [claim.title, claim.printed, claim.missing, *claim.conventions, *(text for text, _ in claim.derivation)]
        said += [text for r in claim.repairs for text in (r.text, r.sharp)]
        for s in statements(claim):
            said += [s.text, *(o.text for o in [*s.obligations, *(s.lift.premises if s.lift else ())])]
        found |= dict.fromkeys(filter(None, said))
    found |= dict.fromkeys(text for rule in RULES.values() for text in (rule.says, rule.because))
    return tuple(found)


RAW = re.compile(r"\b(?:sigma|sqrt|lambda|epsilon|chi2|oo)\b|[_^]|<=|>=|->|(?<![\w'])hat\b")


def test_no_sentence_of_the_registry_leaves_mathematics_in_its_text() -> None:
    left = []
    for text in texts():
        for kind, part in split_prose(text):
            # ids and names of functions may contain anything
            if kind == "text" and RAW.search(re.sub(r"[\w-]+[/.][\w./-]+", "", part)):
                left.append((part, text))
        assert prose_latex(text).count("$") % 2 == 0
    assert left == [], "\n".join(map(str, left))


def test_everything_converts_to_mathml() -> None:
    converter = pytest.importorskip("latex2mathml.converter")
    printed = {part for text in texts() for kind, part in split_prose(text) if kind == "math"}
    printed |= {formula_latex(f) for f in formulas() if width(formula_latex(f)) < 200}
    printed |= {e.text for e in quantity_equations().values()}
    for text in printed:
        # an unknown command would be left as it stands
        assert "\\" not in converter.convert(text), text


def test_text_that_cannot_be_printed_is_refused() -> None:
    assert escape("50% & x_1") == r"50\% \& x\_1"
    with pytest.raises(ValueError, match="no LaTeX for"):
        escape("Ω-limit")


def test_long_formulas_are_cut_to_the_line() -> None:
    long = sum((sp.Symbol(f"a_{i}") ** 2 for i in range(30)), sp.S.Zero)
    text = display(eq(long, 0), Printer(), LINE)
    assert text.startswith("\\begin{align*}")
    assert all(width(row) <= LINE + 2 for row in text.splitlines()[1:-1])
    assert " ".join(pieces(eq(long, 0), Printer())) == formula_latex(eq(long, 0))


def test_a_lift_of_sums_has_a_general_form() -> None:
    lift = registry()["prop-1a"].statements[0].lift
    assert lift is not None
    assert str(general_form(lift)).startswith(
        r"\sum_{j \le d} (\sqrt{x_1 + (1 - x_1)\sigma_j^2} - \sigma_j)^2 \le \sum_{j \le d}"
    )
    assert claims_formulas([registry()["prop-1a"]], aligned=True).startswith("% prop-1a\n\\begin{align*}")
    with pytest.raises(ValueError, match="no formula in import/weyl"):
        claims_formulas([registry()["import/weyl"]])


@cache
def run() -> dict[str, Any]:
    """Every claim with some outcome: the document must stand whatever the engines say."""
    claims = []
    for claim in registry().values():
        if claim.imported:
            continue
        hypotheses = [r.text for r in claim.repairs if r.kind == "hypothesis"]
        repaired = " ".join(r.text for r in claim.repairs if r.kind == "statement") or None
        printed = [(s, "printed") for s in claim.statements]
        repair = [(s, "repair") for r in claim.repairs for s in r.statements]
        obligations = [
            {"id": o.id, "part": part, "role": "goal", "verdict": "PROVED", "engines": ["smt"], "marks": []}
            for s, part in printed + repair
            for o in [*s.obligations, *(s.lift.premises if s.lift else ())]
        ]
        outcome = "holds-if" if hypotheses else "fails" if repaired else "holds" if printed else "undetermined"
        claims.append(
            {
                "id": claim.id, "title": claim.title, "section": claim.section, "obligations": obligations,
                "outcome": outcome,
                "hypotheses": hypotheses, "repaired": repaired, "witness": {"sigma": "1/2"} if repair else None,
            }
        )  # fmt: skip
    return {"schema": 1, "claims": claims}


@cache
def document() -> str:
    return appendix(run(), registry())


def test_the_appendix_has_an_entry_for_every_claim() -> None:
    text = document()
    for id, claim in registry().items():
        assert text.count(rf"\label{{claim:{id}}}" if claim.imported else rf"}}{{{id}}}{{") == 1, id
    assert all(rf"\label{{rule:{name}}}" in text for name in RULES)
    assert text.count(r"\bibitem") >= 5


def test_the_table_brings_its_status_marks() -> None:
    rows = [c for c in run()["claims"] if c["id"].startswith("prop-1")]
    text = table(rows)
    assert r"\providecommand{\holds}" in text
    assert r"\toprule" in text
    assert text.count(r"\\") == len(rows) + 1


@pytest.mark.skipif(
    shutil.which("pdflatex") is None and os.environ.get("REQUIRE_LATEX") != "1", reason="needs pdflatex"
)
def test_the_appendix_compiles_without_a_warning(tmp_path: Any) -> None:
    (tmp_path / "a.tex").write_text(document(), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    for _ in range(3):
        done = subprocess.run(
            [*command, "-draftmode", "a.tex"], cwd=tmp_path, capture_output=True, timeout=120, check=False
        )
    log = done.stdout.decode("utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert re.findall(r".*(?:Warning|Overfull|Underfull|Missing character).*", log) == []


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
