"""How the paper writes each symbol, from the symbol's name alone."""

from __future__ import annotations

import re

__all__ = ["GREEK", "symbol_latex"]

#: names of Greek letters, and how the paper writes them
GREEK = {
    **{
        name: f"\\{name}"
        for name in (
            "alpha beta gamma delta zeta eta theta kappa lambda mu nu xi pi rho sigma tau chi psi omega "
            "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
        ).split()
    },
    "eps": r"\varepsilon",
    "epsilon": r"\varepsilon",
    "phi": r"\varphi",
}

#: names that are no letter with an index
_WHOLE = {
    # the squared noise rate w_t^2 is a symbol of its own
    "w2": "w^2",
    "root_det": r"\sqrt{\det}",
    "tau_star": r"\tau_*",
    "sigma_max": r"\sigma_{\max}",
    "sigma_min": r"\sigma_{\min}",
}

_NAME = re.compile(r"(?P<stem>[A-Za-z]+?)(?P<hat>_hat)?(?:_?(?P<digits>\d+)|_(?P<index>\w+))?(?P<prime>'*)\Z")


def _index(text: str) -> str:
    parts = [GREEK.get(part, part if len(part) == 1 or part.isdigit() else rf"\mathrm{{{part}}}") for part in
             text.split("_")]  # fmt: skip
    return ",".join(parts)


def symbol_latex(name: str) -> str:
    """The symbol called `name` in the paper's notation: `sigma_hat_2` gives `\\hat\\sigma_2`, `x1` gives `x_1`."""
    if name in _WHOLE:
        return _WHOLE[name]
    found = _NAME.match(name)
    if found is None:
        return rf"\mathit{{{re.sub('[^A-Za-z0-9]', '', name)}}}"
    stem = found["stem"]
    letter = GREEK.get(stem, stem if len(stem) == 1 else rf"\mathrm{{{stem}}}")
    if found["hat"]:
        letter = rf"\hat{letter}" if letter.startswith("\\") else rf"\hat {letter}"
    index = found["digits"] or found["index"]
    if index:
        index = _index(index)
        letter += f"_{index}" if len(index) == 1 else f"_{{{index}}}"
    return letter + found["prime"]
