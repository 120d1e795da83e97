"""Reading samples and spectra, splitting them, and their PCA."""

from __future__ import annotations

import numpy as np
import pytest

from theory.spectra import bundled, check, principal_axes, read, split


def write(folder, name, content):
    path = folder / name
    if isinstance(content, dict):
        np.savez(path, **content)
    elif isinstance(content, np.ndarray):
        np.save(path, content)
    else:
        path.write_bytes(content)
    return path


def test_reads_every_format(tmp_path):
    samples = np.array([[1.0, 2.0], [3.0, 5.0], [0.5, 1e-300]])
    for path in (
        write(tmp_path, "a.npy", samples),
        write(tmp_path, "a.npz", {"only": samples}),
        write(tmp_path, "a.csv", b"1,2\n3,5\n0.5,1e-300\n"),
        write(tmp_path, "a.txt", b"1 2\n3\t5\n0.5 1e-300\n"),
    ):
        np.testing.assert_array_equal(read(path), samples)
    np.testing.assert_array_equal(read(write(tmp_path, "i.npy", np.array([[1, 2], [3, 4]]))), [[1, 2], [3, 4]])
    np.testing.assert_array_equal(read(write(tmp_path, "two.npz", {"x": samples, "y": samples + 1}), "y"), samples + 1)


@pytest.mark.parametrize("content", [b"0.1,3,0\n", b"0.1\n3\n0\n"])
def test_one_row_or_column_is_a_spectrum(tmp_path, content):
    np.testing.assert_array_equal(read(write(tmp_path, "s.csv", content)), [3, 0.1, 0])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.npy", b"", "is empty"),
        ("e.csv", b"", "is empty"),
        ("e.txt", b"\n\n", "holds no numbers"),
        ("t.npy", b"hello, world", "not a NumPy"),
        ("t.npz", b"hello, world", "not a NumPy"),
        ("t.csv", b"height,width\n1,2\n", "numbers only"),
        ("r.csv", b"1,2\n3\n", "numbers only"),
        ("b.csv", b"\xff\xfe\x00", "numbers only"),
        ("n.csv", b"1,2\n3,nan\n", r"finite, got nan at index \(1, 1\)"),
        ("i.csv", b"1,2\n3,inf\n", "finite, got inf"),
        ("v.csv", b"1,-2,3\n", ">= 0, got -2.0"),
        ("z.csv", b"0,0,0\n", "every variance is 0"),
        ("c.csv", b"1,2\n1,2\n", "rows are equal"),
        ("u.dat", b"1,2\n", "unknown suffix '.dat'; allowed are"),
        ("p.npy", np.array([{"a": 1}], dtype=object), "pickle"),
        ("one.npy", np.ones((1, 3)), "at least 2 rows, got 1"),
        ("zero.npy", np.ones((0, 3)), "must not be empty"),
        ("cube.npy", np.ones((2, 2, 2)), r"got shape \(2, 2, 2\)"),
        ("cplx.npy", np.array([1j, 2]), "real numbers"),
        ("str.npy", np.array(["a", "b"]), "real numbers"),
        ("two.npz", {"x": np.ones(2), "y": np.ones(2)}, "holds 2 arrays; pass the key of one of them: x, y"),
        ("none.npz", {}, "holds 0 arrays"),
    ],
)
def test_refuses(tmp_path, name, content, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(write(tmp_path, name, content))
    assert name in str(caught.value)


def test_refuses_truncated_and_lying_headers(tmp_path):
    path = write(tmp_path, "a.npy", np.arange(1000.0))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ValueError, match=r"a\.npy"):
        read(path)
    lying = write(tmp_path, "b.npy", np.arange(4.0))
    honest = lying.read_bytes()
    assert b"(4,), }" + b" " * 14 in honest
    for claim in (b"(4000000000000,), }  ", b"(4000000000000000,), "):
        lying.write_bytes(honest.replace(b"(4,), }" + b" " * 14, claim))
        with pytest.raises(ValueError, match=r"b\.npy"):
            read(lying)


def test_keys(tmp_path):
    path = write(tmp_path, "a.npz", {"x": np.ones(2)})
    with pytest.raises(ValueError, match="no array 'w'; its arrays are: x"):
        read(path, "w")
    with pytest.raises(ValueError, match=r"applies to \.npz"):
        read(write(tmp_path, "a.csv", b"1,2\n"), "x")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "absent.npy")


def test_digits():
    data = bundled("digits")
    assert data.shape == (1797, 64)
    assert (data.min(), data.max()) == (-1, 1)
    with pytest.raises(ValueError, match="bundled are: digits"):
        bundled("faces")


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    with pytest.raises(ValueError, match=r"latent-stopping\[data\]"):
        bundled("digits")


def test_split():
    samples = np.arange(40.0).reshape(20, 2)
    train, rest = split(samples, 0.25, seed=3)
    assert (len(train), len(rest)) == (15, 5)
    assert sorted(np.concatenate([train, rest])[:, 0]) == list(samples[:, 0])
    np.testing.assert_array_equal(train, split(samples, 0.25, seed=3)[0])
    assert not np.array_equal(train, split(samples, 0.25, seed=4)[0])
    for held_out, seed, message in [
        (0, 0, "got 0"),
        (1.0, 0, "got 1.0"),
        (float("nan"), 0, "nan"),
        (0.05, 0, "at least 2"),
        (0.5, -1, "seed"),
    ]:
        with pytest.raises(ValueError, match=message):
            split(samples, held_out, seed)


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_principal_axes(scale):
    rng = np.random.default_rng(5)
    rows = (rng.normal(size=(200, 4)) * [3, 2, 1, 0.1] + 7) * scale
    pca = principal_axes(rows)
    unit = rows / scale
    expected = np.linalg.eigvalsh(np.cov(unit.T, bias=True))[::-1]
    np.testing.assert_allclose(pca.variances / scale / scale, expected, rtol=1e-10)
    np.testing.assert_allclose(pca.axes.T @ pca.axes, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(pca.mean / scale, unit.mean(axis=0), rtol=1e-12)


def test_principal_axes_of_few_samples_and_null_directions():
    wide = np.random.default_rng(1).normal(size=(5, 1000))
    pca = principal_axes(wide)
    assert pca.axes.shape == (1000, 4)
    assert pca.variances.sum() == pytest.approx(wide.var(axis=0).sum())
    flat = np.outer(np.arange(10.0), [1, 2, 3]) + 0.1
    assert (principal_axes(flat).variances > 0).tolist() == [True, False, False]


def test_principal_axes_refuses():
    with pytest.raises(ValueError, match="beyond the largest float"):
        principal_axes(np.array([[1e200, 0], [-1e200, 1]]))
    with pytest.raises(ValueError, match="shape"):
        principal_axes(np.array([1.0, 2.0]))
    assert check([2.0, 3.0]).tolist() == [3.0, 2.0]
