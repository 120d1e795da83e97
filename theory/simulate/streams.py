"""Random numbers by name: each (stream, coordinate, block of paths) has a generator of its own.

A normal is then fixed by the seed, the name, the coordinate, the path and the step. Neither the memory limit nor the
number of coordinates kept nor the stop changes it, so runs with one seed share their normals.
"""

from __future__ import annotations

import hashlib
import operator
from functools import lru_cache

import numpy as np

__all__ = ["BLOCK", "checked_count", "checked_seed", "generator"]

#: paths stepped together: state and normals of a block, 128 KiB, stay in the L2 cache of one core
BLOCK = 8192


def checked_count(value: int, name: str, least: int = 1) -> int:
    """`value` as an int `>= least`, or a ValueError that names it."""
    try:
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number >= {least}, got {value!r}") from None
    if count < least:
        raise ValueError(f"{name} must be a whole number >= {least}, got {count}")
    return count


def checked_seed(seed: int) -> int:
    """`seed` as an int `>= 0`, or a ValueError."""
    return checked_count(seed, "seed", 0)


@lru_cache(maxsize=64)
def _word(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def generator(seed: int, name: str, *index: int) -> np.random.Generator:
    """Return the PCG64 generator of stream `name` (and an index within it) under `seed`.

    Raises:
        ValueError: `seed` or an index is negative or no whole number.
    """
    key = (_word(name), *(checked_count(i, "index", 0) for i in index))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(checked_seed(seed), spawn_key=key)))
