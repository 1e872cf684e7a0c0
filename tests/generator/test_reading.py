"""Every model file is read as the data that it is."""

import collections
import hashlib
import pickle
import pickletools
import sys
import types

import numpy as np
import pytest
import safetensors.torch
import torch
from generator.hostile import MODEL, beside, body
from generator.model_files import (
    ALL,
    DATA,
    PERSISTENCE,
    TENSORFLOW,
    expected_tensors,
    persistence_tensors,
    training_checkpoint,
    unpickle,
)

from bandwalk.errors import CheckpointError, WorkError
from bandwalk.generator.reading import family, read_snapshot, write_safetensors
from bandwalk.generator.snapshot import Snapshot

FAMILY = {"a": "stylegan2", "b": "stylegan2", "c": "stylegan3", "d": "stylegan1", "e": "stylegan2", "f": "stylegan2"}
SOURCE = {"a": "persistence", "b": "persistence", "c": "persistence"} | {"d": "tensorflow", "e": "tensorflow"}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].shape == tensor.shape, name
        assert found[name].dtype == tensor.dtype, name
        assert torch.equal(found[name], tensor), name


@pytest.mark.parametrize("name", ALL)
def test_all_tensors_are_what_the_programs_own_loading_finds(name):
    assert_same(read_snapshot(DATA / name).tensors, expected_tensors(name))


@pytest.mark.parametrize("name", ALL)
def test_a_snapshot_says_where_it_comes_from(name):
    snapshot = read_snapshot(DATA / name)
    assert family(snapshot) == FAMILY[name[0]]
    assert snapshot.written_by == SOURCE.get(name[0], "rosinality")
    assert snapshot.name == name.rsplit(".", 1)[0]
    assert snapshot.sha256 == hashlib.sha256((DATA / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", PERSISTENCE)
def test_plain_attributes_are_those_of_the_modules(name):
    attrs = read_snapshot(DATA / name).attrs

    def check(module, prefix):
        for key, value in module.state.items():
            if not key.startswith("_") and isinstance(value, int | float | str | None):
                assert attrs[prefix + key] == value
            elif isinstance(value, np.ndarray) and value.ndim == 1:
                assert attrs[prefix + key] == value.tolist()
        for key, part in module.state["_modules"].items():
            check(part, f"{prefix}{key}.")

    check(unpickle(DATA / name)["G_ema"], "")
    assert attrs["z_dim"] > 0


@pytest.mark.parametrize("name", TENSORFLOW)
def test_the_arguments_of_a_tensorflow_network_are_its_attributes(name):
    gs = unpickle(DATA / name)[2].state
    attrs = read_snapshot(DATA / name).attrs
    assert gs["static_kwargs"].items() <= attrs.items()


def test_the_averaged_generator_is_taken_and_not_the_trained_one():
    name = "a2_sg2ada_cond5.pkl"
    tensors = read_snapshot(DATA / name).tensors
    trained = persistence_tensors(unpickle(DATA / name)["G"])
    assert not torch.equal(tensors["synthesis.b4.const"], trained["synthesis.b4.const"])


def test_strides_are_honoured_and_tensors_come_contiguous():
    name = "a3_sg2ada_fp16cl.pkl"
    stored = expected_tensors(name)
    assert any(not tensor.is_contiguous() for tensor in stored.values())
    assert all(tensor.is_contiguous() for tensor in read_snapshot(DATA / name).tensors.values())


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_training_checkpoint_gives_its_averaged_generator(is_zip, tmp_path):
    snapshot = read_snapshot(training_checkpoint(tmp_path / "200000.pt", is_zip=is_zip))
    expected = expected_tensors("f1_rosinality_legacyfmt.pt")
    del expected["latent_avg"]
    assert_same(snapshot.tensors, expected)


@pytest.mark.parametrize("name", ALL)
def test_a_model_written_by_bandwalk_is_read_as_it_was(name, tmp_path):
    snapshot = read_snapshot(DATA / name)
    path = tmp_path / "own.safetensors"
    write_safetensors(snapshot, path)
    own = read_snapshot(path)
    assert_same(own.tensors, snapshot.tensors)
    assert own.attrs == snapshot.attrs
    assert family(own) == family(snapshot)
    assert own.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert_same(safetensors.torch.load_file(path), snapshot.tensors)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_written_leaves_the_old_file_as_it_was(tmp_path):
    snapshot = read_snapshot(DATA / ALL[0])
    folder = tmp_path / "own.safetensors"
    folder.mkdir()
    with pytest.raises(WorkError, match="cannot be written"):
        write_safetensors(snapshot, folder)
    assert [entry.name for entry in tmp_path.iterdir()] == [folder.name]


def test_the_header_of_a_model_written_by_bandwalk_says_what_it_was_made_from(tmp_path):
    snapshot = read_snapshot(DATA / ALL[0])
    write_safetensors(snapshot, tmp_path / "own.safetensors")
    with safetensors.safe_open(tmp_path / "own.safetensors", "pt") as file:
        header = file.metadata()
    assert (header["family"], header["name"], header["source"]) == ("stylegan2", snapshot.name, "persistence")
    assert header["source_sha256"] == snapshot.sha256


def test_a_network_of_no_known_family_is_refused():
    snapshot = Snapshot("persistence", "odd", "0", {"layer.weight": torch.zeros(1)}, {})
    with pytest.raises(CheckpointError, match=r"odd: .* got a network with layer\.weight"):
        family(snapshot)


# Other ways in which the same programs' pickles come: protocols, generations of Python and of numpy.


class Network:
    """Pickles as a network of the TensorFlow programs does."""

    def __init__(self, **state):
        self.state = state

    def __getstate__(self):
        return self.state


Network.__module__ = "dnnlib.tflib.network"


@pytest.fixture
def gs(monkeypatch):
    """A network with arrays of several kinds; its module is there while it is written."""
    module = types.ModuleType("dnnlib.tflib.network")
    module.Network = Network
    for name in ("dnnlib", "dnnlib.tflib", module.__name__):
        monkeypatch.setitem(sys.modules, name, module)
    arrays = {
        "small": np.arange(6, dtype=np.float32).reshape(2, 3),
        "large": np.arange(600, dtype=np.float32).reshape(20, 30),
        "turned": np.asfortranarray(np.arange(600, dtype=np.float64).reshape(20, 30)),
        "foreign": np.arange(3, dtype=">i4"),
        "none": np.zeros((0, 3), np.float32),
        "number": np.float32(2.5),
    }
    network = Network(
        version=4,
        name="Gs",
        static_kwargs={"resolution": 8, "sizes": (1, 2), "nested": {"a": 1}, "kinds": {"x"}},
        components=collections.OrderedDict(),
        build_module_src="x" * 1000,
        variables=list(arrays.items()),
    )
    return network, arrays


@pytest.mark.parametrize("protocol", range(6))
def test_networks_are_read_from_every_protocol(gs, protocol, tmp_path):
    network, arrays = gs
    path = tmp_path / "gs.pkl"
    path.write_bytes(pickle.dumps((None, None, network), protocol))
    snapshot = read_snapshot(path)
    for name, array in arrays.items():
        np.testing.assert_array_equal(snapshot.tensors[name].numpy(), array)
    assert snapshot.attrs["resolution"] == 8
    assert snapshot.attrs["sizes"] == [1, 2]
    assert "nested" not in snapshot.attrs


def test_a_pickle_of_python_2_is_read_like_one_of_python_3(tmp_path):
    # Python 2 wrote texts and bytes both as str; apart from their opcodes the pickles are the same.
    name = "e1_tf_sg2_skip.pkl"
    data = bytearray((DATA / name).read_bytes())
    of_python2 = {"PROTO": b"\x80\x02", "BINUNICODE": b"T", "BINBYTES": b"T", "SHORT_BINBYTES": b"U"}
    for op, _, at in pickletools.genops(bytes(data)):
        new = of_python2.get(op.name, b"")
        data[at : at + len(new)] = new
    path = tmp_path / "old.pkl"
    path.write_bytes(data)
    snapshot = read_snapshot(path)
    assert_same(snapshot.tensors, expected_tensors(name))
    assert snapshot.attrs == read_snapshot(DATA / name).attrs
    assert_same(
        {key: torch.tensor(np.array(value)) for key, value in unpickle(path)[2].state["variables"]},
        {key: tensor for key, tensor in snapshot.tensors.items() if "/" not in key},
    )


def test_classes_of_other_programs_may_lie_beside_the_generator(tmp_path):
    # StyleGAN-XL's discriminators hold torch's and timm's networks.
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    path = tmp_path / "model.pkl"
    path.write_bytes(beside(body(network, 3)))
    found, expected = read_snapshot(path), read_snapshot(MODEL)
    assert found.attrs == expected.attrs
    assert found.tensors.keys() == expected.tensors.keys()
    assert all(torch.equal(tensor, expected.tensors[name]) for name, tensor in found.tensors.items())
