"""What users call today for the squared Frechet distance of two covariances (means 0), unchanged.

pytorch-fid's function is NumPy and SciPy only, but its module imports torch and torchvision: both are replaced by empty
stand-ins while it is loaded. It still passes `disp=False` to `scipy.linalg.sqrtm`, which SciPy 1.17 deprecates and 1.18
removes: with SciPy 1.18 this peer fails, and the table says so.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from unittest.mock import MagicMock

import numpy as np

__all__ = ["PEERS", "quiet"]

STAND_INS = (
    "torch",
    "torch.nn",
    "torch.nn.functional",
    "torchvision",
    "torchvision.transforms",
    "pytorch_fid.inception",
)


def sqrtm(first: np.ndarray, second: np.ndarray) -> float:
    """The formula of the usual FID code."""
    from scipy.linalg import sqrtm as root

    return float(np.trace(first) + np.trace(second) - 2 * np.trace(root(first @ second)).real)


def pot(first: np.ndarray, second: np.ndarray) -> float:
    """`ot.gaussian.bures_wasserstein_distance`, which returns the distance itself."""
    from ot.gaussian import bures_wasserstein_distance

    zero = np.zeros(len(first))
    return float(bures_wasserstein_distance(zero, zero, first, second)) ** 2


@cache
def _calculate() -> Callable[..., float]:
    missing = [name for name in STAND_INS if name not in sys.modules]
    sys.modules.update({name: MagicMock() for name in missing})
    try:
        found: Callable[..., float] = import_module("pytorch_fid.fid_score").calculate_frechet_distance
    finally:
        for name in missing:
            del sys.modules[name]
    return found


def pytorch_fid(first: np.ndarray, second: np.ndarray) -> float:
    """`pytorch_fid.fid_score.calculate_frechet_distance`."""
    zero = np.zeros(len(first))
    return float(_calculate()(zero, first, zero, second))


PEERS = {"sqrtm": sqrtm, "POT": pot, "pytorch-fid": pytorch_fid}


def quiet(work: Callable[[np.ndarray, np.ndarray], float], first: np.ndarray, second: np.ndarray) -> float:
    """The value, NaN where the peer refuses or fails; its warnings and its prints are not the subject."""
    import contextlib
    import io

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            return work(first, second)
        except (ValueError, np.linalg.LinAlgError):
            return math.nan
