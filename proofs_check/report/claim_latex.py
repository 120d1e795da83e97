"""One claim as LaTeX: statement, outcome, hypotheses, derivation and what was proved, as a person would set them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Add, Expr, Symbol, preorder_traversal

from proofs_check.claim import Claim, Domain, Obligation, Statement
from proofs_check.formula import And, Formula, Relation, all_of, map_expressions, relations, symbols_of
from proofs_check.report.display import display, pieces, width
from proofs_check.report.latex import domain_parts, escape, formula_latex, id_latex, split_prose, witness_latex
from theory.latex import Abbreviations, Printer

__all__ = ["MACROS", "ClaimWriter", "own_statements"]

#: the status mark of each outcome
MACROS = {
    "holds": r"\holds",
    "holds-if": r"\holdsif",
    "fails": r"\fails",
    "undetermined": r"\undetermined",
    "imported": r"\imported",
}
#: width of a line in em, and of what may stand inside a sentence
LINE, INLINE = 34.0, 15.0


def own_statements(claim: Claim, data: Mapping[str, Any]) -> list[tuple[str, Statement]]:
    """The statements behind the outcome, each with its part of the run's data.

    They are the printed ones if those hold, else those of the repairs that were established.
    """
    if data["outcome"] == "holds":
        return [("printed", s) for s in claim.statements]
    said = [*data["hypotheses"], data["repaired"] or ""]
    return [("repair", s) for r in claim.repairs if any(r.text in text for text in said) for s in r.statements]


def _formulas(claim: Claim) -> Iterable[Formula]:
    for s in [*claim.statements, *(s for r in claim.repairs for s in r.statements)]:
        for o in [*s.obligations, *(s.lift.premises if s.lift else ())]:
            yield all_of((o.goal, *o.domain.hypotheses))


class ClaimWriter:
    """Writes claims one after the other; `ids` are all claims that can be referred to.

    `shared` maps a convention that several claims of a section have to its label there.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        longest_first = sorted(ids, key=len, reverse=True)
        self._ids = re.compile(rf"(?<![\w/-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w/]|-\w)")
        self.shared: dict[str, str] = {}
        self._proved_in: dict[int, str] = {}

    def prose(self, text: str) -> str:
        """A sentence of the registry; ids of claims become links."""
        out = []
        for kind, part in split_prose(text):
            if kind == "math":
                out.append(f"${part}$")
                continue
            at = 0
            for found in self._ids.finditer(part):
                out += [escape(part[at : found.start()]), self.link(found.group())]
                at = found.end()
            out.append(escape(part[at:]))
        return "".join(out)

    @staticmethod
    def link(id: str) -> str:
        """A link to a claim."""
        return rf"\claimref{{{id}}}{{{id_latex(id)}}}"

    def claim(self, claim: Claim, data: Mapping[str, Any]) -> str:
        """The whole entry."""
        taken = {s.name for f in _formulas(claim) for s in symbols_of(f)} | {"T", "X", "d", "D"}
        short = Abbreviations(taken)
        body = [self._printed(claim), *self._outcome(claim, data)]
        derivation = self._derivation(claim, short)
        proof = self._proof(claim, data, short)
        body += [self._glossary(short), derivation, proof]
        arguments = (MACROS[data["outcome"]], claim.id, id_latex(claim.id), self.prose(claim.title))
        head = r"\begin{claim}" + "".join(f"{{{argument}}}" for argument in arguments)
        return "\n".join([head, *(part for part in body if part), r"\end{claim}"])

    def _printed(self, claim: Claim) -> str:
        ours = claim.ours or claim.printed.startswith("(ours)")
        text = self.prose(claim.printed.removeprefix("(ours)").strip())
        return rf"\said{{{'Statement' if ours else 'Printed'}}} {_capital_sentence(text)}"

    def _outcome(self, claim: Claim, data: Mapping[str, Any]) -> Iterable[str]:
        own = [c for c in claim.conventions if c not in self.shared]
        labels = [self.shared[c] for c in claim.conventions if c in self.shared]
        reading = " ".join(_sentence(self.prose(c)) for c in own)
        if labels:
            reading = f"As in {', '.join(labels)}. {reading}".strip()
        if reading:
            yield rf"\said{{Read as}} {reading}"
        if data["witness"] is not None:
            equations = witness_latex(data["witness"]).split(r",\ ")
            point = ", ".join(f"${e}$" for e in equations) if data["witness"] else "it fails as it stands"
            yield rf"\said{{Witness against it}} {point}."
        for repair in claim.repairs:
            if repair.kind == "hypothesis" and repair.text in data["hypotheses"]:
                yield rf"\said{{Holds if}} {_capital_sentence(self.prose(repair.text))}"
                if repair.sharp:
                    yield rf"\said{{Sharpness}} {_capital_sentence(self.prose(repair.sharp))}"
        if data["repaired"]:
            yield rf"\said{{What holds instead}} {_capital_sentence(self.prose(data['repaired']))}"
        if data["outcome"] == "undetermined":
            yield rf"\said{{Missing}} {_capital_sentence(self.prose(claim.missing or 'an engine that decides it'))}"

    def _glossary(self, short: Abbreviations) -> str:
        entries = short.glossary()
        if not entries:
            return ""
        wide = [_tall(text) or width(text) > INLINE for _, text in entries]
        plain = [f"${name} = {text}$" for (name, text), w in zip(entries, wide, strict=True) if not w]
        shown = [f"\\[ {name} = {text} \\]" for (name, text), w in zip(entries, wide, strict=True) if w]
        words = " and ".join([", ".join(plain[:-1]), plain[-1]]) if len(plain) > 1 else "".join(plain)
        if shown and words:
            words += ", and"
        return rf"\said{{Notation}} {words}" + ("\n" + "\n".join(shown) if shown else ".")

    def _derivation(self, claim: Claim, short: Abbreviations) -> str:
        steps = []
        for text, what in claim.derivation:
            if isinstance(what, str):
                steps.append(f"{self.prose(text)}: {self.prose(what)}.")
                continue
            if isinstance(what, Expr):
                shortened = short.shorten(what, whole=True)
                shortened = what if isinstance(shortened, Symbol) else shortened
            else:
                shortened = map_expressions(what, short.shorten)
            steps.append(f"{self.prose(text)}{self._set(shortened, short)}")
        return _listed("Derived", steps)

    def _set(self, body: Expr | Formula, short: Abbreviations, by: str = "") -> str:
        body = self._fitting(body, short)
        printer = Printer(names=short.names)
        text = printer.text(body) if isinstance(body, Expr) else formula_latex(body, side=printer.text)
        if width(text) <= INLINE and not _tall(text):
            return f"{by}: ${text}$."
        return f"{by}:\n" + display(body, printer, LINE, end=".")

    @staticmethod
    def _fitting(body: Expr | Formula, short: Abbreviations) -> Expr | Formula:
        """`body` with parts named until each piece between which a line may break fits on one."""
        for _ in range(6):
            printer = Printer(names=short.names)
            if max(map(width, pieces(body, printer))) <= LINE:
                return body
            sides = [body] if isinstance(body, Expr) else [side for r in relations(body) for side in (r.left, r.right)]
            inner = {part for side in sides for part in preorder_traversal(side) if isinstance(part, Add)} - set(sides)
            widths = {part: width(printer.text(part)) for part in inner}
            fit = [part for part in inner if 4 < widths[part] <= LINE]
            if not fit:
                return body
            part = max(fit, key=lambda part: (widths[part], printer.text(part)))
            name = short.name_part(part)
            body = (
                body.xreplace({part: name})
                if isinstance(body, Expr)
                else map_expressions(body, lambda e, part=part, name=name: e.xreplace({part: name}))  # type: ignore[misc]
            )
        return body

    def _proof(self, claim: Claim, data: Mapping[str, Any], short: Abbreviations) -> str:
        decided = {(o["part"], o["id"]): o for o in data["obligations"]}
        blocks: list[tuple[str, list[str]]] = []
        for part, statement in own_statements(claim, data):
            earlier = self._proved_in.setdefault(id(statement), claim.id)
            if earlier != claim.id:
                blocks.append(("", [f"{_sentence(self.prose(statement.text))} See {self.link(earlier)}."]))
                continue
            obligations = [*statement.obligations, *(statement.lift.premises if statement.lift else ())]
            steps = list(dict.fromkeys(self._obligation(o, decided.get((part, o.id)), short) for o in obligations))
            if statement.lift is not None:
                rest = f"By \\ruleref{{{statement.lift.rule}}}, from"
                blocks.append((f"{_sentence(self.prose(statement.text))} {rest}", steps))
            elif len(steps) > 1:
                blocks.append((self.prose(statement.text), steps))
            elif blocks and not blocks[-1][0]:
                blocks[-1][1].extend(steps)
            else:
                blocks.append(("", steps))
        heads = ["Proof", *["Proof, continued"] * len(blocks)]
        return "\n".join(_listed(head, steps, intro) for head, (intro, steps) in zip(heads, blocks, strict=False))

    def _obligation(self, o: Obligation, data: Mapping[str, Any] | None, short: Abbreviations) -> str:
        by = ""
        if data is not None:
            who = ", ".join(data["engines"]) + (", single solver" if "single-solver" in data["marks"] else "")
            by = rf" \by{{{data['verdict'].lower()}: {who}}}"
        text = self.prose(o.text)
        count = len(list(relations(o.goal)))
        if not symbols_of(o.goal) and count > 4 and width(formula_latex(o.goal)) > LINE:
            return f"{text}: {count} relations between rational numbers.{by}"
        where = self._where(o.domain, short)
        goal = map_expressions(o.goal, short.shorten)
        printer = Printer(names=short.names)
        goal = _without_trivial(goal, printer)
        if _trivial(goal, printer) and isinstance(goal, Relation):
            return f"{text}{by}: both sides are ${printer.text(goal.left)}$."
        return f"{text}{f', for {where}' if where else ''}{self._set(goal, short, by)}"

    def _where(self, where: Domain, short: Abbreviations) -> str:
        shortened = Domain(where.variables, tuple(map_expressions(h, short.shorten) for h in where.hypotheses))
        return ", ".join(f"${p}$" for p in domain_parts(shortened, side=Printer(names=short.names).text))


def _trivial(formula: Formula, printer: Printer) -> bool:
    return (
        isinstance(formula, Relation)
        and formula.op == "="
        and printer.text(formula.left) == printer.text(formula.right)
    )


def _without_trivial(formula: Formula, printer: Printer) -> Formula:
    """A conjunction without the equations whose two sides were already the same when they were derived."""
    if not isinstance(formula, And):
        return formula
    parts = [part for part in formula.args if not _trivial(part, printer)]
    return all_of(tuple(parts or formula.args[:1]))


def _tall(text: str) -> bool:
    return r"\begin{cases}" in text or r"\frac" in text or r"\left" in text


def _sentence(text: str) -> str:
    """With a full stop, unless it ends with one."""
    return text if text.endswith((".", ".)", "!", "?")) else text + "."


def _capital_sentence(text: str) -> str:
    return _capital(_sentence(text))


def _listed(head: str, steps: list[str], intro: str = "") -> str:
    """Steps as a list, a single one as a sentence that goes on from `intro`."""
    if not steps:
        return rf"\said{{{head}}} {_capital(_sentence(intro))}" if intro else ""
    if len(steps) == 1:
        return rf"\said{{{head}}} {_capital(f'{intro} {steps[0]}'.strip())}"
    intro = _capital(intro)
    # the empty group keeps a step that begins with a bracket from becoming the item's label
    items = "\n".join(rf"\item {'{}' if step.startswith('[') else ''}{step}" for step in steps)
    return f"\\said{{{head}}} {intro}{':' if intro else ''}\n\\begin{{steps}}\n{items}\n\\end{{steps}}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
