"""The appendix: all claims with their outcomes, what proves them, and what has to be trusted, as one LaTeX document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Claim
from proofs_check.report.bibliography import Bibliography
from proofs_check.report.claim_latex import MACROS, ClaimWriter
from proofs_check.report.latex import escape, id_latex, prose_latex
from proofs_check.report.preamble import PREAMBLE, STATUS

if TYPE_CHECKING:
    from proofs_check.rules import Rule

__all__ = ["appendix", "claims_document", "entries", "table"]

_OUTCOMES = ("holds", "holds-if", "fails", "undetermined")
_PACKAGES = ("sympy", "mpmath", "python-flint", "z3-solver", "cvc5")

_NOTATION = (
    ("sigma_j, hat sigma_j", "standard deviation of coordinate j of the data, and its estimate from n training points"),
    ("D, d", "ambient and latent dimension, 1 <= d <= D"),
    ("T, t, tau = T - t", "horizon, backward time (0 is noise, T is data), forward time: how early the sampler stops"),
    ("x = a_tau^2", "noise level at which the sampler stops, 0 <= x <= X with X = a_T^2"),
    ("v_j(x) = x + (1 - x) hat sigma_j^2", "generated variance of coordinate j"),
    ("F(d, x)", "squared Frechet distance: sum_{j<=d} (sqrt(v_j(x)) - sigma_j)^2 + sum_{j>d} sigma_j^2"),
    ("C, V_j", "cap on the learnt score, and the variance that the capped sampler generates"),
    ("y = e^{-2 tau}, q = e^{-2T}, c = 1 - hat sigma^2", "variables in which the capped sampler is rational"),
)  # fmt: skip

_ENGINES = (
    (
        "exact",
        "canonical forms of rational functions, with radicals and exponentials as generators (SymPy): an identity or "
        "a sign is proved when the form shows it",
    ),
    (
        "smt",
        "real arithmetic by z3 and cvc5 on one SMT-LIB text; both must agree, or the proof is marked 'single solver'",
    ),
    ("ball", "ball arithmetic with rigorous error bounds (Arb), branch and bound over the whole box"),
    (
        "search",
        "looks for counterexamples; a witness is rational and confirmed by a second path, and a failed search proves "
        "nothing",
    ),
)


def table(rows: Sequence[Mapping[str, Any]], *, linked: bool = False) -> str:
    """Claims and outcomes as a table; it needs `booktabs`, `longtable` and `amssymb`.

    `rows` are claims as in the JSON of a run. In the appendix ids are `linked` to the entries; otherwise the table
    brings its status marks along.
    """
    lines = [] if linked else [STATUS.rstrip()]
    lines += [r"\begin{longtable}{@{}p{0.36\textwidth}p{0.46\textwidth}l@{}}", r"\toprule"]
    lines += [r"claim & about & outcome \\ \midrule \endhead", r"\bottomrule \endfoot"]
    for row in rows:
        id = id_latex(row["id"])
        id = ClaimWriter.link(row["id"]) if linked else rf"\texttt{{{id}}}"
        title = prose_latex(row["title"])
        lines.append(rf"\raggedright{{\small {id}}} & \raggedright {title} & {MACROS[row['outcome']]} \\")
    return "\n".join([*lines, r"\end{longtable}"])


def _section_name(section: str) -> str:
    return re.sub(r"^\d+ ", "", section)


def appendix(run: Mapping[str, Any], registry: Mapping[str, Claim]) -> str:
    """The whole document. `run` is a run as plain data (`verify --json`), `registry` the claims that it decided."""
    from proofs_check.rules import RULES

    data = {c["id"]: c for c in run["claims"] if c["id"] in registry}
    imports = [c for c in registry.values() if c.imported]
    books = Bibliography(imports)
    writer = ClaimWriter(registry)
    sections = dict.fromkeys(sorted({c.section for c in registry.values() if not c.imported}, key=_order))
    parts = [PREAMBLE, r"\begin{document}", _title(), _summary(data), r"\tableofcontents", _notation(), _findings(data)]
    for section in sections:
        claims = [c for c in registry.values() if c.section == section and c.id in data]
        parts.append(rf"\section{{{_section_name(section)}}}")
        parts.append(_shared(writer, claims))
        parts += [writer.claim(c, data[c.id]) for c in claims]
    parts += [_trusted(RULES.values(), imports, books, writer), books.text(), r"\end{document}", ""]
    return "\n\n".join(part for part in parts if part)


def entries(rows: Sequence[Mapping[str, Any]], registry: Mapping[str, Claim]) -> str:
    """A document with the entries of the claims in `rows` (as in the JSON of a run), and the rules they use."""
    from proofs_check.rules import RULES

    writer = ClaimWriter([row["id"] for row in rows])
    decided = [row for row in rows if row["outcome"] != "imported"]
    body = "\n\n".join(writer.claim(registry[row["id"]], row) for row in decided)
    used = [RULES[name] for name in RULES if rf"\ruleref{{{name}}}" in body]
    if used:
        body += "\n\n\\section*{Rules}\n" + "\n".join(_rule(rule, writer) for rule in used)
    return claims_document(body)


def claims_document(body: str) -> str:
    """A document around formulas or entries that were asked for by name."""
    return "\n\n".join([PREAMBLE, r"\begin{document}", body, r"\end{document}", ""])


def _order(section: str) -> tuple[int, str]:
    number = re.match(r"\d+", section)
    return (int(number.group()) if number else 99, section)


def _title() -> str:
    return (
        r"\title{What holds, and under which hypotheses\\[0.6ex]\large A machine-checked appendix to "
        r"`Optimal Stopping in Latent Diffusion Models'}"
        "\n\\author{}\\date{}\n\\maketitle"
    )


def _summary(data: Mapping[str, Mapping[str, Any]]) -> str:
    count = Counter(c["outcome"] for c in data.values())
    words = {
        "holds": "hold as printed",
        "holds-if": "hold under a further hypothesis, which is given",
        "fails": "fail, with an exact witness and a repaired statement",
        "undetermined": "cannot be decided from what is printed or by the engines at hand",
    }
    said = "; ".join(f"{count[o]} {words[o]}" for o in _OUTCOMES if count[o])
    obligations = sum(o["role"] in ("goal", "premise") for c in data.values() for o in c["obligations"])
    return (
        r"\begin{abstract}\noindent "
        rf"The statements of~\cite{{paper}}, its proof steps, and what follows from them were written out as "
        rf"{len(data)} claims and decided by programs: {said}. The proofs rest on {obligations} formulas about one or "
        r"two coordinates, each decided by the engines named beside it, and on the rules and cited theorems listed "
        r"at the end. Every formula is printed from the expression that the engines decided.\end{abstract}"
    )


def _notation() -> str:
    rows = [rf"{_listed_math(symbols)} & {prose_latex(meaning)} \\" for symbols, meaning in _NOTATION]
    marks = " ".join(rf"{MACROS[o]}{end}" for o, end in zip(_OUTCOMES, (",", ",", ",", "."), strict=True))
    return "\n".join(
        [
            r"\section*{Notation}\addcontentsline{toc}{section}{Notation}",
            r"\noindent\begin{tabular}{@{}p{0.3\textwidth}p{0.66\textwidth}@{}}\toprule",
            *rows,
            r"\bottomrule\end{tabular}",
            "",
            r"\medskip\noindent An entry gives the statement as printed, the outcome in the margin, and what was "
            rf"proved. Outcomes: {marks} Brackets name the engines that decided a formula.",
        ]
    )


def _listed_math(symbols: str) -> str:
    return r"\raggedright " + prose_latex(symbols)


def _shared(writer: ClaimWriter, claims: Sequence[Claim]) -> str:
    """Conventions that several claims of a section share, said once."""
    count = Counter(c for claim in claims for c in claim.conventions)
    common = [text for text, n in count.items() if n > 1]
    writer.shared = {text: f"({chr(ord('a') + i)})" for i, text in enumerate(common[:26])}
    if not writer.shared:
        return ""
    items = [rf"\item[{label}] {writer.prose(text)}" for text, label in writer.shared.items()]
    return "\n".join([r"\noindent Throughout this section:", r"\begin{conventions}", *items, r"\end{conventions}"])


def _findings(data: Mapping[str, Mapping[str, Any]]) -> str:
    found = [c for c in data.values() if c["outcome"] not in ("holds", "imported")]
    return "\n".join(
        [
            r"\section*{Findings}\addcontentsline{toc}{section}{Findings}",
            r"\noindent Statements that are not true as printed; the entry of each gives the witness and what is true.",
            table(found, linked=True),
        ]
    )


def _rule(rule: Rule, writer: ClaimWriter) -> str:
    return (
        rf"\par\medskip\noindent\phantomsection\label{{rule:{rule.name}}}\textit{{{escape(rule.name)}.}} "
        rf"{writer.prose(rule.says)} \emph{{Because:}} {writer.prose(rule.because)}"
    )


def _trusted(rules: Any, imports: Sequence[Claim], books: Bibliography, writer: ClaimWriter) -> str:
    out = [r"\section{What has to be trusted}", r"\subsection{Lifting rules}"]
    out.append(
        r"\noindent Engines decide formulas about one or two coordinates. These rules carry them to any number of "
        r"coordinates; they are not checked by an engine, and proved in the documentation."
    )
    out += [_rule(rule, writer) for rule in rules]
    out.append(r"\subsection{Cited theorems}")
    for claim in imports:
        out.append(
            rf"\par\medskip\noindent\phantomsection\label{{claim:{claim.id}}}\textbf{{{writer.prose(claim.title)}.}} "
            rf"{{\footnotesize\texttt{{{id_latex(claim.id)}}}}} {writer.prose(claim.printed)} {books.cite(claim)}"
        )
    out.append(r"\subsection{Engines}")
    out.append(r"\begin{description}")
    out += [rf"\item[\normalfont\textsf{{{name}}}] {escape(text)}." for name, text in _ENGINES]
    out.append(r"\end{description}")
    versions = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    out.append(rf"\noindent Versions: {escape(versions)}; Python code of latent-stopping {version('latent-stopping')}.")
    return "\n".join(out)
