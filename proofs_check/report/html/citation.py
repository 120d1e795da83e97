"""Where in the paper a claim stands, and how to cite it."""

from __future__ import annotations

import re
from importlib.metadata import version

from proofs_check.report.html.view import ClaimView

__all__ = ["PAPER", "bibtex", "location"]

PAPER = "Wu, Berthet, Biau, Boyer, Elie, Marion: Optimal Stopping in Latent Diffusion Models, arXiv:2510.08409v1 (2025)"

_NAMES = {"prop": "Proposition", "lemma": "Lemma", "corollary": "Corollary", "figure": "Figure"}


def location(view: ClaimView) -> str:
    """The place in the paper: "Proposition 5, equation (21)"; empty where the id names no numbered item."""
    if view.ours:
        return "not in the paper: an addition of latent-stopping"
    if view.citation:
        return "cited literature"
    places = []
    for part in view.id.split("/"):
        equation = re.fullmatch(r"eq-(\d+)", part)
        numbered = re.fullmatch(r"(prop|lemma|corollary|figure)-(\d+)-?(\w*)", part)
        if equation:
            places.append(f"equation ({equation[1]})")
        elif numbered:
            item = (
                f"({numbered[3]})" if len(numbered[3]) < 3 and numbered[3] else f", {numbered[3]}" * bool(numbered[3])
            )
            places.append(f"{_NAMES[numbered[1]]} {numbered[2]}{item}")
    return ", ".join(places)


def bibtex(view: ClaimView) -> str:
    """A BibTeX entry: the paper with the claim's place, or this verifier for what the paper does not have."""
    key = view.id.replace("/", "-")
    if view.ours:
        return (
            f"@software{{latent-stopping-{key},\n  title   = {{latent-stopping: {view.data['title']}}},\n"
            f"  version = {{{version('latent-stopping')}}},\n  note    = {{claim {view.id}}},\n}}"
        )
    return (
        f"@misc{{wu2025optimal-{key},\n"
        "  title         = {Optimal Stopping in Latent Diffusion Models},\n"
        "  author        = {Wu and Berthet and Biau and Boyer and Elie and Marion},\n"
        "  year          = {2025},\n  eprint        = {2510.08409},\n  archiveprefix = {arXiv},\n"
        f"  note          = {{{location(view) or f'claim {view.id} of latent-stopping'}}},\n}}"
    )
