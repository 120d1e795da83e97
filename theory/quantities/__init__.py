"""The named quantities of the theory and their rigorous values at any number of digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from theory.notation import tau
from theory.quantities.arguments import parse_arguments as parse_arguments
from theory.quantities.registry import QUANTITIES as QUANTITIES
from theory.quantities.registry import Quantity as Quantity
from theory.quantities.total import Total as Total
from theory.quantities.total import enclose_total as enclose_total
from theory.quantities.total import enclose_zero as enclose_zero
from theory.schedules import OU

__all__ = ["QUANTITIES", "Quantity", "Total", "enclose_quantity", "enclose_total", "enclose_zero", "parse_arguments"]


def enclose_quantity(quantity: Quantity, given: Mapping[str, str], digits: int) -> Any:
    """Enclose `quantity` with a relative radius below `10^-digits` (see `theory.evaluate.arb.raise_precision`).

    Raises:
        ValueError: bad arguments, or the quantity has no finite value there.
    """
    arguments = parse_arguments(quantity.arguments, given)
    total = quantity.build(arguments)
    if total.root is None:
        return enclose_total(total, digits)
    top = enclose_total(Total(OU.noise_level, {tau: arguments["T"]}), digits + 10)
    return enclose_zero(total, top, digits)
