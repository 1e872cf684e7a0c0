"""The weights file: small, plain arrays, rebuilt bit for bit by its script."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

import bandwalk.generator.builtin.weights as weights
from bandwalk.errors import CheckpointError
from bandwalk.generator.builtin.build import write

SHIPPED = Path(weights.__file__).with_name("weights.npz")


def test_the_shipped_file_is_small_and_has_its_sum():
    data = SHIPPED.read_bytes()
    assert len(data) <= 2_000_000
    assert hashlib.sha256(data).hexdigest() == weights.SHA256


def test_the_file_holds_plain_arrays_only():
    with np.load(SHIPPED, allow_pickle=False) as arrays:
        assert {k: arrays[k].dtype.kind for k in arrays} == {
            "mapping": "f", "w_avg": "f", "affine": "f", "waves": "f", "pushes": "f", "grain": "i",
        }  # fmt: skip


def test_the_script_builds_the_shipped_file(tmp_path):
    assert write(tmp_path / "weights.npz") == weights.SHA256


def test_style_parameters_are_independent_and_of_unit_variance():
    with np.load(SHIPPED) as arrays:
        for a in arrays["affine"].astype(np.float64):
            assert np.allclose(a.T @ a, np.eye(a.shape[1]), atol=2e-3)


@pytest.mark.parametrize("data", [None, b"", b"something else"])
def test_another_file_is_refused(tmp_path, monkeypatch, data):
    if data is not None:
        (tmp_path / "weights.npz").write_bytes(data)
    monkeypatch.setattr(weights, "PATH", tmp_path / "weights.npz")
    weights.read_weights.cache_clear()
    try:
        with pytest.raises(CheckpointError, match=r"weights\.npz"):
            weights.read_weights()
    finally:
        weights.read_weights.cache_clear()
