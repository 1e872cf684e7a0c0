"""A w that somebody found: read from the files of those who find such, whatever else they try."""

import contextlib
import io
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from generator import shaped

from bandwalk.errors import CheckpointError
from bandwalk.generator import load
from bandwalk.generator.given import MAX_ARRAY, read_w


@pytest.fixture(scope="module")
def G(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.pkl"
    return load(shaped.write_persistence(shaped.stylegan2(4, 2, blocks=3), path))


@pytest.fixture
def w(G):
    return np.random.default_rng(5).standard_normal((G.num_ws, G.w_dim)).astype(np.float32)


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def pt(value, *, is_zip=True):
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=is_zip)
    return file.getvalue()


def compressed(w):
    file = io.BytesIO()
    np.savez_compressed(file, latent=w)
    return file.getvalue()


WRITERS = {
    "the official projector": lambda w: npz(w=w[None]),
    "an editor, compressed": compressed,
    "numpy": lambda w: npy(w[None]),
    "numpy, float64, fortran": lambda w: npy(np.asfortranarray(w.astype(np.float64))),
    "e4e, several pictures": lambda w: pt(torch.from_numpy(np.stack([w, -w, 0 * w]))),
    "PTI": lambda w: pt(torch.nn.Parameter(torch.from_numpy(w[None]))),
    "PTI, older format": lambda w: pt(torch.from_numpy(w[None]), is_zip=False),
    "rosinality": lambda w: pt(
        {"me.jpg": {"img": torch.zeros(1, 3, 8, 8), "latent": torch.from_numpy(w), "noise": []}}
    ),
    "a dict with w": lambda w: pt({"w": torch.from_numpy(w[None]), "loss": 0.1}),
    "half precision": lambda w: pt(torch.from_numpy(w[None])),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_who_finds_a_w_writes_it_so(tmp_path, G, w, writer):
    path = tmp_path / "w.bin"
    path.write_bytes(WRITERS[writer](w))
    found = read_w(path, G)
    assert found.dtype == torch.float32
    np.testing.assert_array_equal(found.numpy(), w)


@pytest.mark.parametrize("shape", [(32,), (1, 32), (1, 1, 32), (3, 32), (3, 1, 32)])
def test_one_w_serves_all_styles(tmp_path, G, shape):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    (tmp_path / "w.npy").write_bytes(npy(values))
    assert torch.equal(read_w(tmp_path / "w.npy", G), torch.arange(32.0).expand(G.num_ws, -1))


class Bait:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


def header(shape, dtype="<f4", data=b"\0" * 64):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue() + data


def zipped(data, name="w.npy", claims=None):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


HOSTILE = {
    "objects in .npy": lambda bait: npy(np.array([bait], object), allow_pickle=True),
    "objects in .npz": lambda bait: npz(w=np.array([bait, bait], object)),
    "a pickle": lambda bait: pickle.dumps({"w": bait}),
    "a pickle in torch's zip": lambda bait: pt({"w": bait}),
    "a pickle in torch's stream": lambda bait: pt({"w": bait}, is_zip=False),
    "a claim of much": lambda _: header((1, 10**6, 10**6)),
    "a claim of more axes than there are": lambda _: header((10**9,) * 30),
    "an axis below 0": lambda _: header((-1, 32)),
    "no numbers": lambda _: header((0, 32), data=b""),
    "integers": lambda _: npy(np.zeros((1, 6, 32), np.int64)),
    "not finite": lambda _: npy(np.full((6, 32), np.nan, np.float32)),
    "a bomb": lambda _: zipped(b"\0" * (MAX_ARRAY + 1)),
    "cut off": lambda _: npz(w=np.zeros((1, 6, 32), np.float32))[:200],
    "an evil header": lambda _: b"\x93NUMPY\x01\x00\x76\x00" + b"__import__('os').mkdir('x')".ljust(117) + b"\n",
    "another name": lambda _: npz(z=np.zeros((1, 32), np.float32)),
    "another model's": lambda _: npz(w=np.zeros((1, 18, 512), np.float32)),
    "other numbers of styles": lambda _: npz(w=np.zeros((1, 5, 32), np.float32)),
    "text": lambda _: b"not a w at all",
    "nothing": lambda _: b"",
    "dicts in dicts": lambda _: pt({"a": {"b": {"c": {"d": {"w": torch.zeros(32)}}}}}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_holds_no_w_is_refused_in_a_line_and_nothing_runs(tmp_path, G, kind):
    bait, path = Bait(tmp_path / "executed"), tmp_path / "w.npz"
    path.write_bytes(HOSTILE[kind](bait))
    with pytest.raises(CheckpointError, match=r"^--w = [^\n]{1,500}$"):
        read_w(path, G)
    assert not (tmp_path / "executed").exists()


def test_damaged_files_are_refused_or_read_but_never_anything_else(tmp_path, G, w):
    """Mutants of each kind of file: bytes changed, cut off, doubled."""
    rng = np.random.default_rng(0)
    path = tmp_path / "w.bin"
    for data in (npz(w=w[None]), npy(w), pt(torch.from_numpy(w)), pt({"w": torch.from_numpy(w)}, is_zip=False)):
        for _ in range(120):
            mutant = bytearray(data)
            for at in rng.integers(0, len(mutant), rng.integers(1, 6)):
                mutant[at] = rng.integers(0, 256)
            path.write_bytes(mutant[: rng.integers(1, len(mutant))] if rng.random() < 0.3 else mutant)
            with contextlib.suppress(CheckpointError):
                assert read_w(path, G).shape == (G.num_ws, G.w_dim)


def test_a_missing_file_and_a_folder_are_said(tmp_path, G):
    with pytest.raises(CheckpointError, match="no such file"):
        read_w(tmp_path / "none.npz", G)
    with pytest.raises(CheckpointError, match="not a file"):
        read_w(tmp_path, G)
