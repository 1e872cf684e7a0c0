"""The encoder's files, by the names that people give them, and from the command line."""

import json

import numpy as np
import pytest
import torch
from analysis.nsynth.conftest import CHECKPOINT
from safetensors.numpy import load_file, save_file
from server import run_cli

from bandwalk.analysis.nsynth import convert, describe, is_encoder, load_encoder
from bandwalk.errors import CheckpointError, ParameterError

FORMAT = {"format": "bandwalk 1", "family": "nsynth"}


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    out = tmp_path_factory.mktemp("converted") / "narrow.safetensors"
    done = run_cli("convert", CHECKPOINT, out)
    assert done.returncode == 0, done.stderr
    assert "nsynth with 124 tensors" in done.stdout
    return out


@pytest.mark.parametrize("name", ["", ".index", ".data-00000-of-00001"])
def test_a_checkpoint_goes_by_its_prefix_and_by_its_files(name):
    assert load_encoder(f"{CHECKPOINT}{name}").width == 12


def test_a_checkpoint_goes_by_its_folder(tmp_path):
    assert load_encoder(CHECKPOINT.parent).width == 12
    for name in ("a.index", "b.index"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"a folder with 2 checkpoints \(a, b\); expected one, or its name"):
        load_encoder(tmp_path)


def test_a_converted_encoder_computes_the_same_bits(converted, waves):
    y = waves[0][:1, :8192]
    assert torch.equal(load_encoder(converted).encode(y), load_encoder(CHECKPOINT).encode(y))


def test_inspect_tells_what_it_is(converted):
    done = run_cli("inspect", CHECKPOINT.parent, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    same = ("family", "channels", "width", "layers", "parameters")
    assert [describe(converted)[name] for name in same] == [found[name] for name in same]
    assert (found["family"], found["channels"], found["width"]) == ("nsynth (temporal encoder)", 16, 12)
    assert found["parameters"] == sum(array.size for array in load_file(converted).values())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda arrays: arrays.pop("ae_res_3/W"), "ae_res_3/W"),
        (lambda arrays: arrays.update({"ae_res_3/W": np.zeros((1, 1, 12, 11), np.float32)}), "expected"),
        (lambda arrays: arrays.update({"ae_res_3/W": np.zeros((1, 1, 12, 12))}), "of type F64, expected F32"),
        (lambda arrays: arrays["ae_res_3/biases"].fill(np.nan), "ae_res_3 holds a weight that is no number"),
    ],
)
def test_an_encoder_with_a_wrong_tensor_is_refused(change, reason, converted, tmp_path):
    arrays = load_file(converted)
    change(arrays)
    save_file(arrays, tmp_path / "x.safetensors", metadata=FORMAT)
    with pytest.raises(CheckpointError, match=rf"^[^\n]*{reason}[^\n]*$"):
        load_encoder(tmp_path / "x.safetensors")


def test_other_files_are_refused_in_one_line(converted, tmp_path):
    save_file({"a": np.zeros(3, np.float32)}, tmp_path / "other.safetensors")
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "cut.safetensors").write_bytes(converted.read_bytes()[:9000])
    (tmp_path / "short.safetensors").write_bytes(converted.read_bytes()[:-1])
    for name in ("other.safetensors", "noise", "cut.safetensors", "short.safetensors", "absent", "."):
        with pytest.raises(CheckpointError, match=r"^[^\n]+$"):
            load_encoder(tmp_path / name)
    assert not is_encoder(tmp_path / "other.safetensors")
    assert not is_encoder(tmp_path)


def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path):
    with pytest.raises(ParameterError, match=r"^OUT = [^\n]+; expected a file that can be written$"):
        convert(CHECKPOINT, tmp_path / "absent" / "x.safetensors")
    assert not list(tmp_path.iterdir())
    assert "nsynth" in convert(CHECKPOINT, tmp_path / "x.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["x.safetensors"]
