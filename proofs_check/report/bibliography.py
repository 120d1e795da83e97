"""The works that imported theorems are cited from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from proofs_check.claim import Claim
from proofs_check.report.latex import escape

__all__ = ["Bibliography"]

_PLACE = re.compile(r", ((?:Section|Theorem|Corollary|Chapter|Exercise|Lemma|Proposition|Example|Equation|eq\.) .*)$")


def _work(citation: str) -> tuple[str, str]:
    """The work that is cited, and the place within it (`Theorem 3.3.14`)."""
    found = _PLACE.search(citation)
    return (citation[: found.start()], found.group(1)) if found else (citation, "")


class Bibliography:
    """Works cited, numbered as they are first met in the registry; the paper comes first."""

    def __init__(self, imports: Sequence[Claim]) -> None:
        self.keys = {work: f"work{i}" for i, work in enumerate(dict.fromkeys(_work(c.citation)[0] for c in imports), 1)}

    def cite(self, claim: Claim) -> str:
        """The citation of an imported theorem."""
        work, place = _work(claim.citation)
        return rf"\cite[{escape(place)}]{{{self.keys[work]}}}" if place else rf"\cite{{{self.keys[work]}}}"

    def text(self) -> str:
        """The list of works."""
        paper = (
            r"Wu, Berthet, Biau, Boyer, Elie, Marion. \emph{Optimal Stopping in Latent Diffusion Models}. "
            r"arXiv:2510.08409, 2025."
        )
        items = [rf"\bibitem{{paper}} {paper}"]
        items += [rf"\bibitem{{{key}}} {escape(work)}." for work, key in self.keys.items()]
        return "\n".join([r"\begin{thebibliography}{99}", *items, r"\end{thebibliography}"])
