"""LaTeX of claims: formulas, domains and sentences, for TeX and for the browser."""

from __future__ import annotations

import re
from functools import cache

import pytest
import sympy as sp
from registered import formulas, registry, statements

from proofs_check.claim import between, domain, positive
from proofs_check.formula import And, Formula, Iff, Implies, Not, Or, eq, ge, gt, le, lt
from proofs_check.report.display import width
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
from theory.latex.quantities import quantity_equations
from theory.notation import sigma, sigma_hat, x

y, c = sp.symbols("y c", positive=True)
eps, n = sp.Symbol("epsilon", positive=True), sp.Symbol("n", positive=True)


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
