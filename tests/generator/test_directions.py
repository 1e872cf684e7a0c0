"""Directions in closed form, against numpy alone; their files, and where they are kept."""

import json
import os
import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from bandwalk.errors import CheckpointError
from bandwalk.generator import load
from bandwalk.generator.builtin.influence import influence
from bandwalk.generator.builtin.measure_influence import measure
from bandwalk.generator.builtin.weights import read_weights
from bandwalk.generator.directions import (
    cached_directions,
    find_directions,
    published_shape,
    read_directions,
    write_directions,
)
from bandwalk.generator.directions.named import Directions

DATA = Path(__file__).parents[1] / "data"
FILES = ("a4_sg2ada_256.pkl", "b2_sg3sg2_resnet.pkl", "c2_sg3r.pkl", "d0_sg1_64_tiny.pkl", "f1_rosinality_legacyfmt.pt")
GROUPS = {"coarse": slice(0, 3), "middle": slice(3, 6), "fine": slice(6, None)}


@pytest.fixture(scope="module", params=["builtin", *FILES])
def G(request):
    return load("builtin", size=128) if request.param == "builtin" else load(DATA / request.param, exact=True)


@pytest.fixture(scope="module")
def tiny():
    return load(DATA / "d0_sg1_64_tiny.pkl", exact=True)


@pytest.fixture
def found(tiny):
    return find_directions(tiny, components=2)


def draw_w(G, count=8192, seed=0):
    z = np.random.Generator(np.random.PCG64(seed)).standard_normal((count, G.z_dim)).astype(np.float32)
    return G.map(z)[:, 0].numpy().astype(np.float64)


def power_iteration(matrix, count):
    """Leading eigenvectors by orthogonal iteration: another way than LAPACK's."""
    vectors = np.linalg.qr(np.random.default_rng(0).standard_normal((len(matrix), count)))[0]
    for _ in range(20_000):
        before = vectors
        vectors = np.linalg.qr(matrix @ vectors)[0]
        if np.abs(np.abs((before * vectors).sum(0)) - 1).max() < 1e-15:
            break
    return vectors.T


def is_along(vector, unit):
    return abs(vector @ unit) / np.linalg.norm(vector)


def test_the_principal_components_are_those_of_a_singular_value_decomposition(G):
    w = draw_w(G)
    _, sizes, units = np.linalg.svd(w - w.mean(0), full_matrices=False)
    found = find_directions(G, methods=["pca"], components=3).vectors
    for k in range(3):
        vector = found[f"pca-{k + 1}"].numpy()
        assert vector.shape == (G.num_ws, G.w_dim)
        assert np.array_equal(vector, np.tile(vector[0], (G.num_ws, 1)))
        assert is_along(vector[0], units[k]) > 0.999
        assert np.linalg.norm(vector[0]) == pytest.approx(sizes[k] / np.sqrt(len(w)), rel=1e-4)


def test_sefa_moves_a_group_of_layers_along_what_changes_their_styles_most(G):
    w = draw_w(G)
    affine = [a.numpy().astype(np.float64) for a in G.style_weights()]
    found = find_directions(G, methods=["sefa"], components=2).vectors
    for group, layers in GROUPS.items():
        stacked = np.concatenate(affine[layers])
        for k, unit in enumerate(power_iteration(stacked.T @ stacked, 2)):
            vector = found[f"sefa-{group}-{k + 1}"].numpy()
            moved = np.zeros(G.num_ws, bool)
            moved[layers] = True
            assert (np.abs(vector).max(1) > 0).tolist() == moved.tolist()
            assert is_along(vector[layers][0], unit) > 0.999
            assert np.linalg.norm(vector[layers][0]) == pytest.approx(np.std(w @ unit), rel=1e-3)


def test_of_each_direction_the_largest_entry_is_positive_and_twice_found_it_is_the_same(G):
    first, again = (find_directions(G, components=2) for _ in range(2))
    assert list(first.vectors) == list(again.vectors)
    for name, vector in first.vectors.items():
        assert torch.equal(vector, again.vectors[name])
        assert vector.dtype == torch.float32
        assert vector.flatten()[vector.abs().argmax()] > 0


def test_style_weights_are_what_the_synthesis_reads(G):
    affine = G.style_weights()
    assert len(affine) == G.num_ws
    assert all(a.shape[1] == G.w_dim for a in affine)
    blind = torch.linalg.svd(torch.cat(affine).double())[2]
    if len(torch.cat(affine)) >= G.w_dim:
        return  # every w is seen
    ws = G.map(np.ones((1, G.z_dim), np.float32))
    unseen = blind[-1].float()  # what no affine map reads changes no picture
    assert (G.synthesize(ws + unseen) - G.synthesize(ws)).abs().max() < 1e-3


def test_alpha_1_is_a_clear_and_bounded_step_of_the_embedded_model():
    G = load("builtin", size=128)
    ws = G.map(np.random.default_rng(0).standard_normal((3, 512)).astype(np.float32))
    base = G.synthesize(ws)
    for name, vector in find_directions(G).vectors.items():
        levels = 127.5 * float((G.synthesize(ws + vector) - base).abs().mean())
        assert 5 < levels < 60, name


def test_the_shipped_influence_is_the_measured_one():
    affine = read_weights().affine
    shipped = influence(14, affine.shape[2])
    assert shipped.shape == (14, affine.shape[2])
    few = (0, 1, 4, 11)  # of the 26 parameters of a layer
    measured = measure(load("builtin", size=128), affine[:, :, few], seeds=1)
    assert np.corrcoef(measured.ravel(), shipped[:, few].ravel())[0, 1] > 0.9
    assert measured[shipped[:, few] == 0].max() < 0.1


def test_a_file_comes_back_as_it_was_written(tiny, found, tmp_path):
    write_directions(found, tmp_path / "a.safetensors")
    again = read_directions(tmp_path / "a.safetensors", tiny)
    assert list(again.vectors) == list(found.vectors)
    assert all(torch.equal(again.vectors[name], vector) for name, vector in found.vectors.items())
    assert (again.sha256, again.made, again.recipe) == (tiny.sha256, found.made, found.recipe)
    assert os.listdir(tmp_path) == ["a.safetensors"]
    assert set(load_file(tmp_path / "a.safetensors")) == set(found.vectors)  # any program can read it


def walk_file(path, shape, *, names=("red",), dtype=np.float32, metadata=None, value=0.5):
    """A file as another program writes it."""
    tensors = {name: np.full(shape, value, dtype) for name in names}
    save_file(tensors, path, metadata=metadata or {"format": "bandwalk directions 1"})
    return path


def test_a_file_of_another_program_needs_names_and_vectors_only(tiny, tmp_path):
    path = walk_file(tmp_path / "walks.safetensors", (tiny.num_ws, tiny.w_dim), names=("red", "green", "blue"))
    found = read_directions(path, tiny)
    assert set(found.vectors) == {"red", "green", "blue"}
    assert (found.sha256, found.recipe) == ("", "")


BAD = {
    "shape": ({"shape": (4, 5)}, "expected [10, 32] of torch.float32"),
    "dtype": ({"dtype": np.float64}, "expected [10, 32]"),
    "nan": ({"value": np.nan}, "not finite"),
    "name": ({"names": ("Red Sky",)}, "expected up to 32 of a-z"),
    "path": ({"names": ("../../etc/passwd",)}, "expected up to 32 of a-z"),
    "many": ({"names": [f"d{k}" for k in range(65)]}, "expected at most 64"),
    "format": ({"metadata": {"format": "pt"}}, "expected bandwalk directions 1"),
    "made": ({"metadata": {"format": "bandwalk directions 1", "made": "["}}, "broken header"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_does_not_fit_is_refused_in_one_line(tiny, tmp_path, case):
    changes, reason = BAD[case]
    path = walk_file(tmp_path / "x.safetensors", **{"shape": (tiny.num_ws, tiny.w_dim)} | changes)
    with pytest.raises(CheckpointError, match=r"x\.safetensors: ") as refused:
        read_directions(path, tiny)
    assert reason in str(refused.value).replace(f"[{tiny.num_ws}, {tiny.w_dim}]", "[10, 32]")
    assert "\n" not in str(refused.value)


def claim(size, shape, end):
    header = {"__metadata__": {"format": "bandwalk directions 1"},
              "red": {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}}  # fmt: skip
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80\x04", b"no model", struct.pack("<Q", 2**31) + b"{", claim(None, [10, 32], 1280),
     claim(None, [2**20, 2**20], 2**42), claim(2**21, [10, 32], 1280), struct.pack("<Q", 2) + b"{]"],
    ids=["empty", "pickle", "text", "huge header", "truncated", "terabytes", "header beyond the end", "no json"],
)  # fmt: skip
def test_hostile_files_are_refused(tiny, tmp_path, data):
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"x\.safetensors: "):
        read_directions(tmp_path / "x.safetensors", tiny)
    for path in (tmp_path, tmp_path / "none", Path("/dev/zero")):
        with pytest.raises(CheckpointError):
            read_directions(path, tiny)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mutated_file_is_refused_or_read_as_what_fits(tmp_path_factory, tiny, data):
    path = tmp_path_factory.getbasetemp() / "mutated.safetensors"
    whole = bytearray(walk_file(path, (tiny.num_ws, tiny.w_dim)).read_bytes())
    for at in data.draw(st.lists(st.integers(0, 200), min_size=1, max_size=4)):
        whole[at] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    try:
        found = read_directions(path, tiny)
    except CheckpointError:
        return
    assert all(vector.shape == (tiny.num_ws, tiny.w_dim) for vector in found.vectors.values())


def same(one, other):
    return list(one.vectors) == list(other.vectors) and all(
        torch.equal(vector, other.vectors[name]) for name, vector in one.vectors.items()
    )


def test_directions_are_found_once_and_kept_beside_the_model(tiny, tmp_path):
    model = tmp_path / "a.pkl"
    first = cached_directions(tiny, model, tmp_path / "cache")
    kept = tmp_path / "a.pkl.directions.safetensors"
    written = kept.stat().st_mtime_ns
    assert len(first.vectors) == 16
    assert same(cached_directions(tiny, model, tmp_path / "cache"), first)
    assert kept.stat().st_mtime_ns == written
    assert os.listdir(tmp_path) == [kept.name]


def test_what_was_found_for_other_weights_is_found_anew_with_a_line(tiny, tmp_path, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "a.pkl.directions.safetensors"
    write_directions(Directions({"old": torch.ones(2, 4)}, "ab" * 32, {}, "1"), path)  # of another shape, too
    found = cached_directions(tiny, tmp_path / "a.pkl", tmp_path / "cache")
    assert "old" not in found.vectors
    assert "ignored" in caplog.text
    assert same(read_directions(path, tiny), found)


@pytest.mark.parametrize("data", [b"junk", None], ids=["no such file", "learned for other weights"])
def test_a_file_that_bandwalk_did_not_make_is_never_written_over(tiny, tmp_path, caplog, data):
    caplog.set_level("INFO")
    path = tmp_path / "a.pkl.directions.safetensors"
    metadata = {"format": "bandwalk directions 1", "model_sha256": "cd" * 32}
    whole = data or walk_file(path, (tiny.num_ws, tiny.w_dim), metadata=metadata).read_bytes()
    path.write_bytes(whole)
    found = cached_directions(tiny, tmp_path / "a.pkl", tmp_path / "cache")
    assert path.read_bytes() == whole
    assert "ignored" in caplog.text
    assert len(os.listdir(tmp_path / "cache")) == 1
    assert same(cached_directions(tiny, tmp_path / "a.pkl", tmp_path / "cache"), found)


def test_learned_walks_beside_the_model_are_played_instead(tiny, tmp_path):
    metadata = {"format": "bandwalk directions 1", "model_sha256": tiny.sha256}
    walk_file(tmp_path / "a.pkl.directions.safetensors", (tiny.num_ws, tiny.w_dim), metadata=metadata)
    assert list(cached_directions(tiny, tmp_path / "a.pkl", tmp_path / "cache").vectors) == ["red"]
    assert not (tmp_path / "cache").exists()


def test_where_nothing_can_be_written_they_are_found_with_a_warning(tiny, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    found = cached_directions(tiny, tmp_path / "file" / "a.pkl", tmp_path / "file" / "cache")
    assert len(found.vectors) == 16
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_model_whose_numbers_overflow_has_no_directions_and_plays(tmp_path, caplog, tiny):
    G = SimpleNamespace(
        name="wild", sha256="ef" * 32, num_ws=tiny.num_ws, w_dim=tiny.w_dim, z_dim=tiny.z_dim,
        map=lambda z: torch.full((len(z), tiny.num_ws, tiny.w_dim), torch.inf), style_weights=tiny.style_weights,
    )  # fmt: skip
    with np.errstate(invalid="ignore"):
        assert not cached_directions(G, None, tmp_path).vectors
    assert "has no directions" in caplog.text


def test_beside_a_model_that_cannot_be_written_to_the_users_cache_keeps_them(tiny, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    found = cached_directions(tiny, tmp_path / "file" / "a.pkl", tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.name == f"d0_sg1_64_tiny-{tiny.sha256[:16]}.directions.safetensors"
    written = kept.stat().st_mtime_ns
    assert same(cached_directions(tiny, tmp_path / "file" / "a.pkl", tmp_path / "cache"), found)
    assert kept.stat().st_mtime_ns == written
    assert not caplog.records


def published_file(path, walks):
    """Three walks [num_ws, w_dim] as their authors keep them."""
    np.stack(walks, axis=-1).astype("<f4").tofile(path)
    return path


@pytest.fixture
def colours(tiny, rng):
    return rng.standard_normal((3, tiny.num_ws, tiny.w_dim)).astype(np.float32)


def test_published_walks_are_read_as_red_green_and_blue_and_come_back_from_a_file(tiny, tmp_path, colours):
    found = read_directions(published_file(tmp_path / "w_color.bin", colours), tiny)
    assert list(found.vectors) == ["red", "green", "blue"]
    for walk, name in zip(colours, found.vectors, strict=True):
        assert np.array_equal(found.vectors[name].numpy(), walk)
    write_directions(found, tmp_path / "walks.safetensors")
    assert same(read_directions(tmp_path / "walks.safetensors", tiny), found)
    back = published_file(tmp_path / "back.bin", [vector.numpy() for vector in found.vectors.values()])
    assert back.read_bytes() == (tmp_path / "w_color.bin").read_bytes()


def test_published_walks_for_another_number_of_styles_or_with_other_than_numbers_are_refused(tiny, tmp_path, colours):
    with pytest.raises(CheckpointError, match=r"w\.bin: not a safetensors file"):
        read_directions(published_file(tmp_path / "w.bin", colours[:, 1:]), tiny)
    colours[1, 0, 0] = np.nan
    with pytest.raises(CheckpointError, match=r"w\.bin: holds numbers that are not finite"):
        read_directions(published_file(tmp_path / "w.bin", colours), tiny)


@pytest.mark.parametrize(("num_ws", "length"), [(14, 86_016), (16, 98_304), (18, 110_592)])
def test_files_of_the_known_lengths_are_told_as_published_walks(tmp_path, num_ws, length):
    (tmp_path / "w.bin").write_bytes(bytes(length))
    assert published_shape(tmp_path / "w.bin") == (num_ws, 512)
    (tmp_path / "w.bin").write_bytes(bytes(length + 4))
    assert published_shape(tmp_path / "w.bin") is None
    assert published_shape(tmp_path) is None
