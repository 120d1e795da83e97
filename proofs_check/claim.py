"""Claims as data: domains, obligations, statements, repairs.

A *claim* is an entry of the paper. It makes *statements*; each is one or more *obligations* (formulas over a domain,
small enough for an engine), or, when it speaks about every number of coordinates `D`, a *lift*: obligations about one
or two coordinates, the named rule that carries them to any `D`, and the statement written out for any given `D`, on
which counterexamples are searched for. A claim may offer *repairs* to try if it is refuted. Nothing here says what is
true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, TypeAlias

from sympy import Expr, Rational, Symbol, srepr

from proofs_check.formula import Formula, all_of, ge, gt, le, lt, serialise, show, symbols_of

__all__ = [
    "Claim",
    "Domain",
    "Lift",
    "Obligation",
    "Repair",
    "Statement",
    "Variable",
    "all_of",
    "between",
    "domain",
    "nonnegative",
    "positive",
]

Number: TypeAlias = int | Fraction | Rational


@dataclass(frozen=True)
class Variable:
    """A real variable with its interval; a bound that is None is infinite."""

    symbol: Symbol
    lower: Rational | None = None
    upper: Rational | None = None
    lower_open: bool = False
    upper_open: bool = False

    def __post_init__(self) -> None:
        floor = self.lower if self.lower is not None else Rational(-1)
        if self.symbol.is_nonnegative and (self.lower is None or floor < 0):
            raise ValueError(f"{self.symbol} is assumed >= 0 by SymPy, so its domain must say so")
        if self.symbol.is_positive and not (floor > 0 or (floor == 0 and self.lower_open)):
            raise ValueError(f"{self.symbol} is assumed > 0 by SymPy, so its domain must say so")

    def bounds(self) -> tuple[Formula, ...]:
        """The interval as formulas."""
        parts: list[Formula] = []
        if self.lower is not None:
            parts.append((gt if self.lower_open else ge)(self.symbol, self.lower))
        if self.upper is not None:
            parts.append((lt if self.upper_open else le)(self.symbol, self.upper))
        return tuple(parts)

    @cached_property
    def ends(self) -> tuple[Fraction | None, Fraction | None]:
        """The bounds as fractions."""
        low, high = (None if b is None else Fraction(int(b.p), int(b.q)) for b in (self.lower, self.upper))
        return low, high

    def contains(self, value: Fraction) -> bool:
        """Whether the rational `value` lies in the interval."""
        low, high = self.ends
        if low is not None and (value < low or (self.lower_open and value == low)):
            return False
        return high is None or not (value > high or (self.upper_open and value == high))

    def show(self) -> str:
        """The interval as text."""
        left = "(" if self.lower_open or self.lower is None else "["
        right = ")" if self.upper_open or self.upper is None else "]"
        low = "-∞" if self.lower is None else str(self.lower)
        high = "∞" if self.upper is None else str(self.upper)
        return f"{self.symbol} ∈ {left}{low}, {high}{right}"


def _rational(value: Any) -> Rational | None:
    if value is None or isinstance(value, Rational):
        return value
    fraction = Fraction(value)
    return Rational(fraction.numerator, fraction.denominator)


def between(symbol: Symbol, lower: Number | None, upper: Number | None, *, open: str = "") -> Variable:
    """`symbol` in the interval from `lower` to `upper`; `open` is "", "left", "right" or "both"."""
    if open not in ("", "left", "right", "both"):
        raise ValueError(f"open must be '', 'left', 'right' or 'both', got {open!r}")
    return Variable(symbol, _rational(lower), _rational(upper), open in ("left", "both"), open in ("right", "both"))


def positive(*symbols: Symbol) -> tuple[Variable, ...]:
    """Variables in (0, oo)."""
    return tuple(between(s, 0, None, open="left") for s in symbols)


def nonnegative(*symbols: Symbol) -> tuple[Variable, ...]:
    """Variables in [0, oo)."""
    return tuple(between(s, 0, None) for s in symbols)


@dataclass(frozen=True)
class Domain:
    """Where a formula is asserted: typed variables, and hypotheses that relate them."""

    variables: tuple[Variable, ...] = ()
    hypotheses: tuple[Formula, ...] = ()

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The variables' symbols in order."""
        return tuple(v.symbol for v in self.variables)

    def formulas(self) -> tuple[Formula, ...]:
        """Bounds and hypotheses."""
        return tuple(b for v in self.variables for b in v.bounds()) + self.hypotheses

    def given(self, *hypotheses: Formula) -> Domain:
        """The same domain with further hypotheses."""
        return replace(self, hypotheses=self.hypotheses + hypotheses)

    def show(self) -> str:
        """One line of text."""
        parts = [v.show() for v in self.variables] + [show(h) for h in self.hypotheses]
        return ", ".join(parts)


def domain(*variables: Variable | Sequence[Variable], given: Sequence[Formula] = ()) -> Domain:
    """Build a domain from variables and groups of variables."""
    flat: list[Variable] = []
    for v in variables:
        flat.extend([v] if isinstance(v, Variable) else v)
    return Domain(tuple(flat), tuple(given))


@dataclass(frozen=True)
class Obligation:
    """`goal` for every point of `domain`. `text` says it in words, `source` where the formula comes from."""

    id: str
    text: str
    domain: Domain
    goal: Formula
    source: str = ""

    def __post_init__(self) -> None:
        used = symbols_of(all_of((self.goal, *self.domain.hypotheses)))
        loose = used - set(self.domain.symbols)
        if loose:
            raise ValueError(f"{self.id}: {sorted(map(str, loose))} occur in the formulas but not in the domain")

    def serialise(self) -> str:
        """Canonical text of domain and goal (not of id and words): equal texts are the same mathematics."""
        return self._text

    @cached_property
    def _text(self) -> str:
        bounds = " ".join(
            f"[{srepr(v.symbol)} {v.lower} {v.upper} {v.lower_open} {v.upper_open}]" for v in self.domain.variables
        )
        return f"{bounds} |- {' '.join(map(serialise, self.domain.hypotheses))} => {serialise(self.goal)}"


@dataclass(frozen=True)
class Lift:
    """A rule applied: if `premises` hold then `conclusion(D)` holds for every `D >= smallest`."""

    rule: str
    premises: tuple[Obligation, ...]
    conclusion: Callable[[int], Obligation] = field(compare=False)
    smallest: int = 1


@dataclass(frozen=True)
class Statement:
    """One assertion of a claim: `obligations`, or a `lift` with the statement itself for `D` coordinates.

    `instance(D)` is written from the paper's definitions, independently of the rule; the checker demands that the
    rule's conclusion is the same formula. `sizes` are the values of `D` for which this, and the search for
    counterexamples, are done.
    """

    id: str
    text: str
    obligations: tuple[Obligation, ...] = ()
    lift: Lift | None = None
    instance: Callable[[int], Obligation] | None = field(default=None, compare=False)
    sizes: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True)
class Repair:
    """What to try when the claim is refuted as printed.

    `kind` "hypothesis": the printed conclusion under a further hypothesis; "statement": another statement in its
    place. `outside` are obligations that must be *refuted*: the conclusion just outside the hypothesis.
    """

    kind: Literal["hypothesis", "statement"]
    text: str
    statements: tuple[Statement, ...]
    outside: tuple[Obligation, ...] = ()
    sharp: str = ""


@dataclass(frozen=True)
class Claim:
    """An entry of the paper (or one of ours), as printed, with what is needed to decide it.

    `uses` are the claims its statement refers to, `proof_uses` those its proof relies on. `conventions` are the
    readings chosen where the text leaves one open. `derivation` are steps for a reader, from `theory`. `missing` says
    what the paper would have to specify for the claim to be decidable, where that is the case. A claim with a
    `citation` and no statements is an imported theorem: named wherever it is used, never decided.
    """

    id: str
    title: str
    section: str
    printed: str
    statements: tuple[Statement, ...]
    repairs: tuple[Repair, ...] = ()
    uses: tuple[str, ...] = ()
    proof_uses: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    derivation: tuple[tuple[str, Expr | Formula | str], ...] = field(default=(), compare=False)
    ours: bool = False
    missing: str = ""
    citation: str = ""

    @property
    def imported(self) -> bool:
        """A theorem taken from the literature: cited, used, and not decided here."""
        return bool(self.citation) and not self.statements


def universal(id: str, text: str, where: Domain, goal: Formula, source: str = "") -> Statement:
    """A statement that is one obligation, decided directly."""
    return Statement(id, text, (Obligation(id, text, where, goal, source),))


def merge(*domains: Domain) -> Domain:
    """The product of domains, shared variables once."""
    variables: dict[Symbol, Variable] = {}
    for part in domains:
        for v in part.variables:
            if variables.setdefault(v.symbol, v) != v:
                raise ValueError(f"{v.symbol} has two different intervals")
    hypotheses = dict.fromkeys(h for part in domains for h in part.hypotheses)
    return Domain(tuple(variables.values()), tuple(hypotheses))
