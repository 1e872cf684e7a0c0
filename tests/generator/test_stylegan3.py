"""StyleGAN3 against what the original program computed: w, truncation, mixed styles, transforms."""

import numpy as np
import pytest
import torch
from generator.originals import changed, official, read

from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator.effects import Effects
from bandwalk.generator.stylegan3 import StyleGAN3
from bandwalk.generator.stylegan3.fast import FastSynthesis
from bandwalk.generator.stylegan3.from_snapshot import read_weights

T, R = "c1_sg3t", "c2_sg3r"
W_TOLERANCE, IMG_TOLERANCE = 5e-5, 1e-4
TRANSFORMS = ["rot30_tr", "rot90_tr", "scale16"]


def load(name, exact=False):
    return StyleGAN3(read(name), device="cpu", exact=exact)


def assert_equal_paths(snapshot, ws):
    """Hold the fast path against the plain one."""
    fast, plain = (StyleGAN3(snapshot, device="cpu", exact=exact) for exact in (False, True))
    torch.testing.assert_close(fast.synthesize(ws), plain.synthesize(ws), rtol=0, atol=IMG_TOLERANCE)
    return plain.synthesize(ws)


def mixed(name):
    return torch.from_numpy(official(name)["ws_mixed"])


@pytest.fixture(scope="module", params=[T, R])
def name(request):
    return request.param


@pytest.fixture(scope="module")
def known(name):
    return official(name)


@pytest.fixture(scope="module")
def paths(name):
    return {exact: load(name, exact) for exact in (False, True)}


@pytest.fixture(params=[False, True], ids=["fast", "exact"])
def G(request, paths):
    """The model by both paths. Tests that change its transform put it back."""
    return paths[request.param]


def test_sizes_come_from_the_file(G):
    assert (G.z_dim, G.c_dim, G.w_dim, G.num_ws, G.resolution) == (64, 0, 64, 16, 64)


def test_w_is_the_originals(G, known):
    ws = G.map(known["z"])
    assert ws.shape == (3, G.num_ws, G.w_dim)
    assert ws.dtype == torch.float32
    for k in range(G.num_ws):
        np.testing.assert_allclose(ws[:, k].numpy(), known["w"], rtol=0, atol=W_TOLERANCE)
        np.testing.assert_allclose(G.map(known["z"], psi=0.7)[:, k].numpy(), known["w_psi07"], rtol=0, atol=W_TOLERANCE)


def test_truncation_ends_at_the_cutoff(G, known):
    ws = G.map(known["z"], psi=0.5, cutoff=4)
    np.testing.assert_allclose(ws.numpy(), known["ws_psi05_cutoff4"], rtol=0, atol=W_TOLERANCE)


@pytest.mark.parametrize(("key", "psi"), [("img_psi1", 1.0), ("img_psi07", 0.7)])
def test_pictures_are_the_originals(G, known, key, psi):
    img = G.synthesize(G.map(known["z"][:1], psi=psi))
    np.testing.assert_allclose(img.numpy(), known[key], rtol=0, atol=IMG_TOLERANCE)


def test_a_picture_of_mixed_styles_is_the_originals(G, name, known):
    np.testing.assert_allclose(G.synthesize(mixed(name)).numpy(), known["img_mixed"], rtol=0, atol=IMG_TOLERANCE)


@pytest.mark.parametrize("tag", TRANSFORMS)
def test_a_transform_stands_for_the_stored_one_until_it_is_taken_back(G, name, known, tag):
    stored = G.transform
    G.transform = known[f"transform_{tag}"]
    np.testing.assert_allclose(G.transform, known[f"transform_{tag}"], atol=1e-6)
    img = G.synthesize(mixed(name))
    np.testing.assert_allclose(img.numpy(), known[f"img_mixed_{tag}"], rtol=0, atol=IMG_TOLERANCE)
    G.transform = None
    np.testing.assert_array_equal(G.transform, stored)
    np.testing.assert_allclose(G.synthesize(mixed(name)).numpy(), known["img_mixed"], rtol=0, atol=IMG_TOLERANCE)


def test_the_transform_that_a_file_stores_is_read():
    np.testing.assert_allclose(load(R).transform, official(R)["transform_in_snapshot"], atol=1e-6)
    assert not np.allclose(load(R).transform, np.eye(3))


@pytest.mark.parametrize("m", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(2)])
def test_a_transform_that_cannot_be_is_refused(m):
    with pytest.raises(ParameterError, match="expected a 3x3 matrix that can be inverted"):
        load(T).transform = m


@pytest.mark.parametrize("key", ["psi1", "psi07", "mixed"])
def test_bytes_are_the_originals_by_the_plain_path(name, paths, known, key):
    G = paths[True]
    ws = mixed(name) if key == "mixed" else G.map(known["z"][:1], psi={"psi1": 1.0, "psi07": 0.7}[key])
    rgb = G.render(ws)
    assert rgb.dtype == np.uint8
    difference = np.abs(rgb.astype(int) - known[f"uint8_{key}"][0])
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3


def test_the_live_path_draws_what_the_plain_one_does(paths, known):
    live, plain = paths[False], paths[True]
    ws = plain.map(known["z"])
    pictures = [[G.render(ws[k : k + 1]).astype(float) for k in range(3)] for G in (live, plain)]
    rms = np.sqrt(np.square(np.subtract(*pictures)).mean())
    assert rms < 0.025 * np.std(pictures[1])


def test_half_precision_draws_what_the_plain_path_does(name, paths, known):
    """Whether the live path takes it or not: that depends on the machine."""
    weights = read_weights(read(name), torch.device("cpu"))
    plain = paths[True]
    ws = plain.map(known["z"][:1])
    with torch.inference_mode():
        drawn = FastSynthesis(weights, torch.bfloat16).draw(ws[0], weights.transform, Effects())
    exact = plain.synthesize(ws)
    assert (drawn - exact).square().mean().sqrt() < 0.025 * exact.std()


def test_many_frames_are_drawn_as_each_alone(G, known):
    ws = G.map(known["z"])
    alone = torch.cat([G.synthesize(ws[k : k + 1]) for k in range(3)])
    torch.testing.assert_close(G.synthesize(ws), alone, rtol=0, atol=1e-5)


def test_the_clamp_of_activations_bites_in_both_paths(name):
    attrs = {k: 0.4 for k in read(name).attrs if k.endswith("conv_clamp")}
    img = assert_equal_paths(changed(name, attrs=attrs), mixed(name))
    assert np.abs(img.numpy() - official(name)["img_mixed"]).max() > 0.1
    none = changed(name, attrs=dict.fromkeys(attrs))
    torch.testing.assert_close(assert_equal_paths(none, mixed(name)), load(name).synthesize(mixed(name)))


@pytest.mark.parametrize("padding", [[10, 7, 8, 9], [12, 5, 12, 5]])
def test_uneven_padding_is_the_same_in_both_paths(padding):
    snapshot = changed(T, attrs={"synthesis.L5_52_32.padding": padding})
    img = assert_equal_paths(snapshot, mixed(T))
    assert np.abs(img.numpy() - official(T)["img_mixed"]).max() > 0.001


def test_a_filter_up_in_two_dimensions_is_the_same_as_one_in_each():
    taps = read(T).tensors["synthesis.L5_52_32.up_filter"]
    img = assert_equal_paths(changed(T, {"synthesis.L5_52_32.up_filter": torch.outer(taps, taps)}), mixed(T))
    np.testing.assert_allclose(img.numpy(), official(T)["img_mixed"], rtol=0, atol=IMG_TOLERANCE)


def test_classes_are_embedded_and_normalised_beside_z():
    rng = np.random.Generator(np.random.PCG64(6))
    embed, bias = rng.standard_normal((64, 5)).astype(np.float32), rng.standard_normal(64).astype(np.float32)
    first = 100.0 * rng.standard_normal((64, 64 + 48)).astype(np.float32)
    z = rng.standard_normal((3, 48)).astype(np.float32)
    c = np.array([[1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0.5, 0, 0.5, 0]], np.float32)
    tensors = {"mapping.embed.weight": embed, "mapping.embed.bias": bias, "mapping.fc0.weight": first}
    attrs = {"c_dim": 5, "mapping.fc0.weight_gain": 0.01 / np.sqrt(112).item()}
    snapshot = changed(T, {k: torch.tensor(v) for k, v in tensors.items()}, attrs)
    G = StyleGAN3(snapshot, device="cpu", exact=False)
    assert (G.z_dim, G.c_dim) == (48, 5)
    parts = [z, c @ embed.T / np.sqrt(5) + bias]
    x = np.concatenate([part / np.sqrt((part**2).mean(1, keepdims=True) + 1e-8) for part in parts], axis=1)
    for k in range(2):
        weight = snapshot.tensors[f"mapping.fc{k}.weight"].numpy()
        x = x @ weight.T * (0.01 / np.sqrt(weight.shape[1])) + 0.01 * snapshot.tensors[f"mapping.fc{k}.bias"].numpy()
        x = np.sqrt(2) * np.where(x > 0.0, x, 0.2 * x)
    np.testing.assert_allclose(G.map(z, c)[:, 0].numpy(), x, rtol=0, atol=W_TOLERANCE)
    np.testing.assert_array_equal(G.map(z).numpy()[0], G.map(z, c).numpy()[0])  # class 0 where none is given


@pytest.mark.parametrize("exact", [False, True])
def test_gray_is_shown_as_three_equal_colours(exact):
    last = "synthesis.L14_64_3"
    one = {f"{last}.{leaf}": read(T).tensors[f"{last}.{leaf}"][1:2] for leaf in ("weight", "bias")}
    gray = StyleGAN3(changed(T, one), device="cpu", exact=exact)
    img = gray.synthesize(torch.from_numpy(official(T)["ws_mixed"])).numpy()
    np.testing.assert_allclose(img, official(T)["img_mixed"][:, [1, 1, 1]], rtol=0, atol=1e-4)


def test_every_tensor_is_missed_by_its_name(name):
    for tensor in read(name).tensors:
        with pytest.raises(CheckpointError, match=f"^model {name}: tensor {tensor} is missing$"):
            StyleGAN3(changed(name, {tensor: None}), device="cpu", exact=True)


def test_a_layer_that_is_missing_whole_is_noticed():
    gone = {k: None for k in read(T).tensors if ".L7_" in k}
    with pytest.raises(CheckpointError, match="number 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, expected 0, 1, 2"):
        StyleGAN3(changed(T, gone), device="cpu", exact=True)


@pytest.mark.parametrize(
    ("tensors", "attrs", "message"),
    [
        ({"synthesis.L3_36_32.weight": torch.ones(32, 9, 3, 3)}, {}, r"L3_36_32.weight is \[32, 9, 3, 3\]"),
        ({"synthesis.L3_36_32.magnitude_ema": torch.tensor(0.0)}, {}, "L3_36_32.magnitude_ema is 0, expected more"),
        ({"synthesis.L3_36_32.up_filter": torch.ones(2, 3)}, {}, r"up_filter is \[2, 3\], expected a square"),
        ({"synthesis.L3_36_32.bias": torch.full((32,), torch.inf)}, {}, "L3_36_32.bias .* not finite"),
        ({}, {"synthesis.L3_36_32.padding": [0, 0, 0]}, r"L3_36_32.padding = \[0, 0, 0\], expected 4 integers"),
        ({}, {"synthesis.L3_36_32.padding": [-80] * 4}, "L3_36_32 draws -53x-53 samples"),
        ({}, {"synthesis.L3_36_32.up_factor": 10**9}, "up_factor = 1000000000, expected 1 integers, 1..16"),
        ({}, {"synthesis.input.size": [36, 10**9]}, r"input.size = \[36, 1000000000\]"),
        ({}, {"synthesis.input.sampling_rate": None}, "input.sampling_rate = None, expected 1..4096"),
        ({}, {"synthesis.input.bandwidth": 8.0}, "input.bandwidth = 8.0, expected 0..7.9"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(tensors, attrs, message):
    with pytest.raises(CheckpointError, match=message) as refusal:
        StyleGAN3(changed(T, tensors, attrs), device="cpu", exact=True)
    assert "\n" not in str(refusal.value)
