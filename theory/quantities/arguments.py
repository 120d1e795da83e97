"""The arguments of the named quantities: what they mean, how their text is read, which ranges they have.

Numbers are read exactly (`0.216` is 27/125), so an enclosure has no input error.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

__all__ = ["MEANINGS", "parse_arguments"]

#: what each argument means; a name ending in `...` takes a list
MEANINGS = {
    "sigma2": "variance of the data, > 0",
    "sigma_hat2": "estimated variance, > 0 (default: sigma2, the exact score)",
    "x": "noise level a_tau^2, in [0, 1]",
    "tau": "forward time, >= 0",
    "T": "horizon, > 0 (OU process)",
    "d": "latent dimension, from 1 to the number of variances",
    "sigma2...": "variances of the data, non-increasing, > 0, such as 1,3/5,9/25",
    "n": "number of training points, a whole number >= 1",
    "k": "order of the moment, a whole number > -n",
    "C": "bound on the norm of the score's weights, > 1",
    "eps": "relative deviation of the estimated variance, >= 0 (for a lower tail < 1)",
    "sigma_hat2...": "estimated variances, > 0 (default: sigma2, the exact score)",
}
_WHOLE = ("d", "n", "k")


def _number(name: str, text: str) -> Fraction:
    try:
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{name} takes a number such as 0.25, 1/4 or 1e-10, got {text.strip()!r}") from None


def _whole(name: str, text: str) -> int:
    digits = text.strip()
    if not (digits.isdigit() or (name == "k" and digits.removeprefix("-").isdigit())):
        raise ValueError(f"{name} takes a whole number, got {text!r}")
    if name == "n" and int(digits) < 1:
        raise ValueError(f"n must be at least 1, got {int(digits)}")
    return int(digits)


def _check(name: str, value: Fraction) -> None:
    if name in ("sigma2", "sigma_hat2", "T") and value <= 0:
        raise ValueError(f"{name} must be > 0, got {value}")
    if name == "x" and not 0 <= value <= 1:
        raise ValueError(f"x must lie in [0, 1], got {value}")
    if name in ("tau", "eps") and value < 0:
        raise ValueError(f"{name} must be >= 0, got {value}")
    if name == "C" and value <= 1:
        raise ValueError(f"C must be > 1, got {value}")


def parse_arguments(arguments: Mapping[str, str], given: Mapping[str, str]) -> dict[str, Any]:
    """Read the text of `given` for `arguments` (name to meaning) into exact numbers and check their ranges.

    Raises:
        ValueError: an argument that is unknown, missing, not a number, or out of its range.
    """
    names = {name.removesuffix("..."): name for name in arguments}
    for name in given:
        if name not in names:
            raise ValueError(f"no argument {name!r} here; allowed are {', '.join(names)}")
    values: dict[str, Any] = {}
    for name, key in names.items():
        if name not in given:
            if name == "sigma_hat2" and "sigma2" in names:
                continue
            raise ValueError(f"{name} is missing: {arguments[key]}")
        if name in _WHOLE:
            values[name] = _whole(name, given[name])
            continue
        parts = given[name].split(",") if key.endswith("...") else [given[name]]
        numbers = [_number(name, part) for part in parts]
        for number in numbers:
            _check(name, number)
        values[name] = numbers if key.endswith("...") else numbers[0]
    if "sigma_hat2" in names and "sigma2" in values:
        values.setdefault("sigma_hat2", values["sigma2"])
    if isinstance(values.get("sigma2"), list):
        _check_spectrum(values)
    return values


def _check_spectrum(values: Mapping[str, Any]) -> None:
    true, d = values["sigma2"], values["d"]
    hats = values.get("sigma_hat2", true)
    if any(a < b for a, b in pairwise(true)):
        raise ValueError(f"sigma2 must be non-increasing, got {', '.join(map(str, true))}")
    if len(true) != len(hats):
        raise ValueError(f"sigma_hat2 must have as many entries as sigma2 ({len(true)}), got {len(hats)}")
    if not 1 <= d <= len(true):
        raise ValueError(f"d must lie in [1, {len(true)}], the number of variances, got {d}")
