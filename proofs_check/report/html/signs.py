"""How outcomes, verdicts and twins are shown: always a symbol and a word, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from proofs_check.report.html.markup import Html, tag

__all__ = ["OUTCOMES", "TWINS", "VERDICTS", "Sign", "badge", "outcome_badge", "verdict_badge"]


@dataclass(frozen=True)
class Sign:
    """A symbol, the word beside it, and what it means in a sentence."""

    symbol: str
    word: str
    meaning: str


OUTCOMES = {
    "holds": Sign("✓", "holds", "The statement holds as printed."),
    "holds-if": Sign("◐", "holds-if", "The printed conclusion holds under a further hypothesis, which is given."),
    "fails": Sign("✗", "fails", "The printed statement is false: an exact witness, and the repair where there is one."),
    "undetermined": Sign("?", "undetermined", "What is printed does not decide it; what is missing is named."),
    "imported": Sign("→", "imported", "A theorem of the literature: cited and used, not decided here."),
}  # fmt: skip

VERDICTS = {
    "PROVED": Sign("■", "proved", "For every value of the domain: an exact normal form, or z3 and cvc5 both."),
    "ENCLOSED": Sign("▤", "enclosed", "By ball arithmetic on the whole of a stated box."),
    "SUPPORTED": Sign("▒", "supported", "By sampling, at a stated error rate."),
    "UNKNOWN": Sign("□", "unknown", "No engine decided it. Never counted as a pass."),
    "VACUOUS": Sign("∅", "vacuous", "The hypotheses exclude each other."),
    "ERROR": Sign("!", "error", "Engines contradict each other, or one of them failed."),
    "REFUTED": Sign("×", "refuted", "An exact point, re-evaluated on a second path, shows it false."),
}

TWINS = {
    "killed": Sign("✓", "killed", "A witness shows the twin false and a prover refutes it too."),
    "survived": Sign("✗", "survived", "A prover calls a twin true that a witness shows false: a hole in the check."),
    "no verdict": Sign("–", "no verdict", "A witness shows it false, but no prover says so."),
    "true": Sign("=", "true", "The change leaves it true, and a prover shows that."),
    "undecided": Sign("?", "undecided", "Neither a witness nor a proof."),
}


def badge(sign: Sign, kind: str) -> Html:
    """Symbol and word in a frame; `kind` is the CSS class that frames it."""
    return tag("span", tag("span", sign.symbol, aria_hidden="true"), " ", sign.word, class_=f"badge {kind}")


def outcome_badge(outcome: str) -> Html:
    """The outcome of a claim."""
    return badge(OUTCOMES[outcome], f"o-{outcome}")


def verdict_badge(verdict: str) -> Html:
    """The verdict of an obligation."""
    return badge(VERDICTS[verdict], f"v-{verdict.lower()}")
