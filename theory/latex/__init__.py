"""Expressions as LaTeX in the paper's notation, and back to numbers from the printed text."""

from __future__ import annotations

from theory.latex.names import GREEK as GREEK
from theory.latex.names import symbol_latex as symbol_latex
from theory.latex.printer import Printer as Printer
from theory.latex.printer import latex as latex
from theory.latex.reader import read_value as read_value
from theory.latex.shorten import Abbreviations as Abbreviations

__all__ = ["GREEK", "Abbreviations", "Printer", "latex", "read_value", "symbol_latex"]
