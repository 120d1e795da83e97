"""Seeds: one number for a run, from which every test draws its own independent stream.

A stream depends on the run's seed and on the test's name, not on the order in which tests run, so that one test can be
replayed alone.
"""

from __future__ import annotations

import hashlib
import random
import secrets

import numpy as np

__all__ = ["DEFAULT_SEED", "fresh_seed", "generator", "plain_random"]

#: the seed of a run that asks for none: fixed, so that two runs agree
DEFAULT_SEED = 20251008


def _words(name: str) -> tuple[int, ...]:
    digest = hashlib.sha256(name.encode()).digest()
    return tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))


def generator(seed: int, name: str) -> np.random.Generator:
    """The random numbers of the test `name` in the run `seed >= 0` (PCG64, spawned from the seed by name).

    Raises:
        ValueError: `seed < 0`.
    """
    if seed < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=_words(name))))


def plain_random(seed: int, name: str) -> random.Random:
    """The same for Hypothesis, which draws from a `random.Random`. Raises ValueError for `seed < 0`."""
    return random.Random(int(generator(seed, name).integers(2**63)))


def fresh_seed() -> int:
    """A seed from the operating system's entropy, short enough to type (`--vary-seed` prints it)."""
    return secrets.randbelow(2**32)
