"""Samples and spectra from files and from the bundled real data, and the PCA spectrum of samples.

A one-dimensional array is a spectrum (variances of the principal axes), a two-dimensional one holds samples
(`n` rows, `D` columns). Files are only ever read as numbers: nothing in them is executed.
"""

from __future__ import annotations

import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from theory.bures import FloatArray

__all__ = ["BUNDLED", "PrincipalAxes", "bundled", "check", "principal_axes", "read", "split"]

#: names of the bundled data sets
BUNDLED = ("digits",)
_SUFFIXES = (".npy", ".npz", ".csv", ".txt")
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Mean `(D,)`, variances `(k,)` in non-increasing order and their axes `(D, k)`, `k = min(n - 1, D)`."""

    mean: FloatArray
    variances: FloatArray
    axes: FloatArray


def check(values: object, name: str = "data") -> FloatArray:
    """Return `values` as float64: a spectrum `(D,)`, sorted in non-increasing order, or samples `(n, D)`.

    Raises:
        ValueError: not real numbers, not finite, a negative variance, too few entries, no variance at all.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got entries of type {array.dtype}")
    if array.ndim not in (1, 2):
        raise ValueError(f"{name} must be a spectrum (D,) or samples (n, D), got shape {array.shape}")
    array = array.astype(np.float64)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[where]} at index {where}")
    if array.ndim == 1:
        if array.min() < 0:
            raise ValueError(f"{name}: a variance must be >= 0, got {array.min()} at index {int(array.argmin())}")
        if array.max() == 0:
            raise ValueError(f"{name}: every variance is 0; at least one must be positive")
        return np.sort(array)[::-1]
    if len(array) < 2:
        raise ValueError(f"{name}: samples need at least 2 rows, got {len(array)}")
    if (array == array[0]).all():
        raise ValueError(f"{name}: all {len(array)} rows are equal; samples need some variance")
    return array


def read(path: str | Path, key: str | None = None) -> FloatArray:
    """Return the checked spectrum or samples in a `.npy`, `.npz`, `.csv` or `.txt` file.

    `key` names the array in an `.npz` with several. In text files numbers are separated by commas (`.csv`) or
    white space (`.txt`), one row a line; a single row or a single column is a spectrum.

    Raises:
        ValueError: the content is not what `check` allows, the suffix is unknown or `key` does not fit.
        OSError: the file cannot be read.
    """
    source = Path(path)
    suffix = source.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(f"{source}: unknown suffix {suffix!r}; allowed are {', '.join(_SUFFIXES)}")
    if key is not None and suffix != ".npz":
        raise ValueError(f"key {key!r} applies to .npz files only, got {source}")
    status = source.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{source} is not a file")
    if status.st_size == 0:
        raise ValueError(f"{source} is empty")
    array = _read_text(source, suffix) if suffix in (".csv", ".txt") else _read_numpy(source, suffix, key)
    return check(array, str(source))


def _read_numpy(source: Path, suffix: str, key: str | None) -> object:
    expected = b"\x93NUMPY" if suffix == ".npy" else b"PK"
    # opened here, because np.load leaves a damaged archive open
    with source.open("rb") as stream:
        if not stream.read(6).startswith(expected):
            raise ValueError(f"{source} is not a NumPy {suffix} file (pickles and text under that name are not read)")
        stream.seek(0)
        try:
            if suffix == ".npy":
                return np.load(stream, allow_pickle=False)
            with np.load(stream, allow_pickle=False) as archive:
                return archive[_choose(source, list(archive.files), key)]
        except Exception as problem:  # damaged files reach NumPy's header and zip parsers, which raise many types
            raise ValueError(f"{source}: {problem or type(problem).__name__}") from None


def _choose(source: Path, names: list[str], key: str | None) -> str:
    listed = ", ".join(names) or "none"
    if key is not None and key not in names:
        raise ValueError(f"holds no array {key!r}; its arrays are: {listed}")
    if key is None and len(names) != 1:
        raise ValueError(f"holds {len(names)} arrays; pass the key of one of them: {listed}")
    return names[0] if key is None else key


def _read_text(source: Path, suffix: str) -> FloatArray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            delimiter = "," if suffix == ".csv" else None
            array = np.loadtxt(source, delimiter=delimiter, ndmin=2, encoding="utf-8")
    except UserWarning:
        raise ValueError(f"{source} holds no numbers") from None
    except ValueError as problem:
        raise ValueError(f"{source} must hold numbers only (no header): {problem}") from None
    return array.ravel() if 1 in array.shape else array


def bundled(name: str) -> FloatArray:
    """Return a bundled real data set: `digits`, 1797 handwritten 8x8 images in 64 columns, scaled to [-1, 1].

    Raises:
        ValueError: unknown name, or scikit-learn (extra `data`) is not installed.
    """
    if name not in BUNDLED:
        raise ValueError(f"unknown data set {name!r}; bundled are: {', '.join(BUNDLED)}")
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise ValueError(f"data {name!r} needs scikit-learn: pip install 'latent-stopping[data]'") from None
    # Grey values 0..16; diffusion models on images scale them to [-1, 1].
    return np.asarray(load_digits().data, dtype=np.float64) / 8 - 1


def split(samples: FloatArray, held_out: float = 0.5, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Split the rows at random, reproducibly, in a training and a held-out part of at least 2 rows each.

    `held_out` in (0, 1) is the held-out fraction, `seed >= 0` fixes the draw.

    Raises:
        ValueError: `held_out` or `seed` out of range, or too few rows.
    """
    if not 0 < held_out < 1:
        raise ValueError(f"held_out must lie strictly between 0 and 1, got {held_out}")
    if seed < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    rows = len(samples)
    kept_back = round(rows * held_out)
    if kept_back < 2 or rows - kept_back < 2:
        raise ValueError(
            f"held_out={held_out} of {rows} rows leaves {rows - kept_back} to train on and {kept_back} to "
            "measure on; both need at least 2"
        )
    order = np.random.default_rng(seed).permutation(rows)
    return samples[np.sort(order[kept_back:])], samples[np.sort(order[:kept_back])]


def principal_axes(samples: FloatArray) -> PrincipalAxes:
    """Return the PCA of samples `(n, D)`, variances divided by `n`, from the SVD of the centred rows.

    The `(D, D)` covariance is never formed. Variances at the level of rounding are returned as exact zeros.

    Raises:
        ValueError: what `check` refuses, or a variance beyond the largest float.
    """
    rows = check(samples, "samples")
    if rows.ndim != 2:
        raise ValueError(f"samples must have shape (n, D), got {rows.shape}")
    exponent = int(np.frexp(np.abs(rows).max())[1])
    scaled = np.ldexp(rows, -exponent)
    mean = scaled.mean(axis=0)
    _, lengths, axes = np.linalg.svd(scaled - mean, full_matrices=False)
    count = min(len(rows) - 1, rows.shape[1])
    lengths = np.where(lengths > max(rows.shape) * _EPS * np.abs(scaled).max(), lengths, 0.0)[:count]
    with np.errstate(over="ignore"):
        variances = np.ldexp(lengths**2 / len(rows), 2 * exponent)
    if not lengths.any():
        raise ValueError("samples have no variance beyond rounding")
    if not np.isfinite(variances).all():
        raise ValueError(f"samples up to {np.abs(rows).max():.3g} have variances beyond the largest float; rescale")
    return PrincipalAxes(np.ldexp(mean, exponent), variances, np.ascontiguousarray(axes[:count].T))
