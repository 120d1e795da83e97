"""A value on an array with a bound on its error: what `theory.evaluate.running` carries from step to step."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CLEAR", "SUBNORMAL", "TOTAL", "Known", "least", "most"]

Array = Any  # an array or a scalar of float64
#: relative errors in units of `u = 2^-53`: 2^-20, above which first order no longer holds, and 1
CLEAR, TOTAL = 2.0**33, 2.0**53
#: the least positive double
SUBNORMAL = 2.0**-1074


class Known:
    """A value with its error, and the `floor` that `base` would be if nothing cancelled.

    `sign` is 1 or -1 where no entry has the other sign, else 0; it is looked up when first asked for.
    `scale` marks a power of two, multiplication by which is exact.
    """

    __slots__ = ("_sign", "base", "clear", "extra", "floor", "lead", "scale", "value")

    def __init__(self, value: Any, lead: Array, base: float, extra: Array | None, floor: float) -> None:
        self.value, self.lead, self.base, self.extra, self.floor = value, lead, base, extra, floor
        self.clear, self.scale = extra is None, False
        self._sign: int | None = None

    def signed(self, sign: int) -> Known:
        """The same with a sign that is known beforehand."""
        self._sign = sign
        return self

    @property
    def sign(self) -> int:
        """The common sign of the computed values."""
        if self._sign is None:
            self._sign = 1 if least(self.lead) >= 0 else -1 if most(self.lead) <= 0 else 0
        return self._sign

    @property
    def exact(self) -> bool:
        """Whether there is no error at all."""
        return self.base == 0 and self.extra is None

    def error(self) -> Array:
        """The relative error in units of `u`."""
        return self.base if self.extra is None else self.extra + self.base

    def cleared(self) -> Known:
        """The same with every relative error above `2^-20` made infinite."""
        if not self.clear:
            extra = np.asarray(self.extra)
            if not most(extra) <= CLEAR:
                self.extra = np.where(extra <= CLEAR, extra, np.inf)
            self.clear = True
        return self


def least(values: Array) -> Array:
    """The least entry, `nan` if there is one."""
    return np.minimum.reduce(values) if np.ndim(values) else values


def most(values: Array) -> Array:
    """The largest entry, `nan` if there is one."""
    return np.maximum.reduce(values) if np.ndim(values) else values
