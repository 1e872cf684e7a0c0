"""StyleGAN1 against what the original program computed: w, truncation, styles single and mixed."""

import re

import numpy as np
import pytest
import torch
from generator.originals import changed, official, read

from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator.stylegan1 import StyleGAN1

NAMES = ["d0_sg1_64_tiny", "d2_sg1_128"]
W_TOLERANCE, IMG_TOLERANCE = 5e-5, 3e-4


BYTES = [(NAMES[0], "psi1"), (NAMES[0], "psi07_cutoff8"), (NAMES[0], "mixed"), (NAMES[1], "mixed")]


def load(name, exact=False):
    return StyleGAN1(read(name), device="cpu", exact=exact)


def assert_pictures(img, known, key):
    """Compare a picture with the one stored under ``key``, or with its every fourth pixel."""
    thinned = f"{key}_every4"
    if thinned in known:
        img, key = img[:, :, ::4, ::4], thinned
    np.testing.assert_allclose(img.numpy(), known[key], rtol=0, atol=IMG_TOLERANCE)


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def known(name):
    return official(name)


@pytest.fixture(scope="module", params=[False, True], ids=["fast", "exact"])
def G(request, name):
    return load(name, exact=request.param)


def test_sizes_come_from_the_file(G, known):
    assert (G.z_dim, G.c_dim, G.w_dim) == (known["z"].shape[1], 0, known["w"].shape[1])
    assert known["ws_mixed"].shape == (1, G.num_ws, G.w_dim)
    assert known["uint8_mixed"].shape == (1, G.resolution, G.resolution, 3)


def test_w_is_the_originals(G, known):
    ws = G.map(known["z"])
    assert ws.shape == (3, G.num_ws, G.w_dim)
    assert ws.dtype == torch.float32
    for k in range(G.num_ws):
        np.testing.assert_allclose(ws[:, k].numpy(), known["w"], rtol=0, atol=W_TOLERANCE)


def test_truncation_ends_at_the_cutoff(G, known):
    ws = G.map(known["z"], psi=0.7, cutoff=8)
    np.testing.assert_allclose(ws.numpy(), known["ws_psi07_cutoff8"], rtol=0, atol=W_TOLERANCE)


@pytest.mark.parametrize(
    ("key", "truncation"),
    [("psi1", {}), ("psi07_cutoff8", {"psi": 0.7, "cutoff": 8}), ("psi07_all", {"psi": 0.7})],
)
def test_pictures_are_the_originals(G, known, key, truncation):
    assert_pictures(G.synthesize(G.map(known["z"][:1], **truncation)), known, f"img_{key}")


def test_a_picture_of_mixed_styles_is_the_originals(G, known):
    assert_pictures(G.synthesize(torch.from_numpy(known["ws_mixed"])), known, "img_mixed")


@pytest.mark.parametrize(("name", "key"), BYTES)
def test_bytes_are_the_originals_by_the_plain_path(name, key):
    G, known = load(name, exact=True), official(name)
    ws = {"psi1": lambda: G.map(known["z"][:1]), "psi07_cutoff8": lambda: G.map(known["z"][:1], psi=0.7, cutoff=8)}
    rgb = G.render(ws[key]() if key in ws else torch.from_numpy(known["ws_mixed"]))
    assert rgb.dtype == np.uint8
    difference = np.abs(rgb.astype(int) - known[f"uint8_{key}"][0])
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3


def test_many_frames_are_drawn_as_each_alone(G, known):
    ws = G.map(known["z"])
    alone = torch.cat([G.synthesize(ws[k : k + 1]) for k in range(3)])
    torch.testing.assert_close(G.synthesize(ws), alone, rtol=0, atol=1e-4)


def test_the_live_path_draws_what_the_plain_one_does(name, known):
    live, plain = load(name), load(name, exact=True)
    ws = plain.map(known["z"])
    pictures = [[G.render(ws[k : k + 1]).astype(float) for k in range(3)] for G in (live, plain)]
    rms = np.sqrt(np.square(np.subtract(*pictures)).mean())
    assert rms < 0.025 * np.std(pictures[1])


@pytest.mark.parametrize("noise", [0.0, 0.4, 2.0])
def test_the_fast_path_scales_noise_as_the_plain_one_does(name, known, noise):
    ws = torch.from_numpy(known["ws_mixed"])
    fast, plain = load(name), load(name, exact=True)
    as_stored = plain.synthesize(ws)
    fast.noise = plain.noise = noise
    torch.testing.assert_close(fast.synthesize(ws), plain.synthesize(ws), rtol=0, atol=IMG_TOLERANCE)
    assert (plain.synthesize(ws) - as_stored).abs().max() > 0.01


@pytest.mark.parametrize("exact", [False, True])
def test_a_network_that_stopped_growing_fades_between_its_resolutions(exact):
    """lod 1.25: of the 64 pixels the last 32 lack, and the 32 are three quarters grown in."""
    name = "d0_sg1_64_tiny"
    ws = torch.from_numpy(official(name)["ws_mixed"])

    def draw(lod):
        snapshot = changed(name, {"lod": torch.tensor(lod)})
        return StyleGAN1(snapshot, device="cpu", exact=exact).synthesize(ws)

    grown, growing, small = draw(1.0), draw(1.25), draw(2.0)
    assert grown.shape == growing.shape == (1, 3, 64, 64)
    torch.testing.assert_close(grown[:, :, ::2, ::2], grown[:, :, 1::2, 1::2])
    torch.testing.assert_close(small[:, :, ::4, ::4], small[:, :, 3::4, 3::4])
    torch.testing.assert_close(growing, 0.75 * grown + 0.25 * small, rtol=0, atol=1e-5)


@pytest.mark.parametrize("exact", [False, True])
def test_a_network_that_never_grew_has_colours_of_its_last_resolution_only(exact):
    name = "d0_sg1_64_tiny"
    gone = {tensor: None for tensor in read(name).tensors if re.search(r"ToRGB_lod[1-9]", tensor)}
    fixed = StyleGAN1(changed(name, gone | {"lod": torch.tensor(3.0)}, {"structure": "fixed"}), exact=exact)
    img = fixed.synthesize(torch.from_numpy(official(name)["ws_mixed"]))
    np.testing.assert_allclose(img.numpy(), official(name)["img_mixed"], rtol=0, atol=IMG_TOLERANCE)


def test_gray_is_shown_as_three_equal_colours():
    name = "d0_sg1_64_tiny"
    rgb = {tensor: x for tensor, x in read(name).tensors.items() if "ToRGB_lod0" in tensor}
    gray = StyleGAN1(changed(name, {tensor: x[..., 1:2].clone() for tensor, x in rgb.items()}))
    img = gray.synthesize(torch.from_numpy(official(name)["ws_mixed"])).numpy()
    np.testing.assert_allclose(img, official(name)["img_mixed"][:, [1, 1, 1]], rtol=0, atol=IMG_TOLERANCE)


def test_classes_are_appended_to_z_before_both_are_normalised():
    rng = np.random.Generator(np.random.PCG64(5))
    labels = rng.standard_normal((4, 32)).astype(np.float32)
    first = rng.standard_normal((64, 32)).astype(np.float32)
    z = rng.standard_normal((3, 32)).astype(np.float32)
    extra = {"mapping/LabelConcat/weight": torch.tensor(labels), "mapping/Dense0/weight": torch.tensor(first)}
    snapshot = changed("d0_sg1_64_tiny", extra, {"label_size": 4})
    G = StyleGAN1(snapshot, device="cpu", exact=False)
    assert (G.z_dim, G.c_dim) == (32, 4)
    c = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 0.5, 0, 0.5]], np.float32)
    x = np.concatenate([z, c @ labels], axis=1)
    x /= np.sqrt((x**2).mean(1, keepdims=True) + 1e-8)
    for k in range(8):
        weight = snapshot.tensors[f"mapping/Dense{k}/weight"].numpy()
        x = x @ weight * (0.01 * np.sqrt(2.0 / len(weight))) + 0.01 * snapshot.tensors[f"mapping/Dense{k}/bias"].numpy()
        x = np.where(x > 0.0, x, 0.2 * x)
    np.testing.assert_allclose(G.map(z, c)[:, 0].numpy(), x, rtol=0, atol=W_TOLERANCE)
    np.testing.assert_array_equal(G.map(z).numpy()[0], G.map(z, c).numpy()[0])  # class 0 where none is given


def test_every_tensor_that_is_used_is_missed_by_its_name():
    name = "d0_sg1_64_tiny"
    for tensor in read(name).tensors:
        # One level of detail stands in for the other; colours of small pictures are drawn while growing only.
        if tensor in {"lod", "synthesis/lod"} or re.search(r"ToRGB_lod[1-9]", tensor):
            continue
        with pytest.raises(CheckpointError, match=f"^model {name}: tensor {tensor} is missing$"):
            StyleGAN1(changed(name, {tensor: None}), device="cpu", exact=False)


@pytest.mark.parametrize(
    ("tensor", "value", "message"),
    [
        ("synthesis/8x8/Conv1/weight", torch.zeros(3, 3, 24, 9), r"is \[3, 3, 24, 9\], expected \[3, 3, 24, 24\]"),
        ("synthesis/noise3", torch.zeros(1, 1, 9, 8), r"is \[1, 1, 9, 8\], expected \[1, 1, 8, 8\]"),
        ("dlatent_avg", torch.zeros(0), r"is \[0\], expected \[any\]"),
        ("synthesis/8x8/Conv1/bias", torch.full((24,), torch.nan), "holds numbers that are not finite"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused_by_its_name(tensor, value, message):
    with pytest.raises(CheckpointError, match=message) as refusal:
        StyleGAN1(changed("d0_sg1_64_tiny", {tensor: value}), device="cpu", exact=False)
    assert tensor in str(refusal.value)


def test_an_option_that_is_not_known_is_refused():
    with pytest.raises(CheckpointError, match="use_pixel_norm = True, expected False"):
        StyleGAN1(changed("d0_sg1_64_tiny", attrs={"use_pixel_norm": True}), device="cpu", exact=False)


def test_z_of_another_size_is_refused():
    with pytest.raises(ParameterError, match=r"z = \[1, 31\]: expected \[N, 32\]"):
        load("d0_sg1_64_tiny").map(np.zeros((1, 31), np.float32))
