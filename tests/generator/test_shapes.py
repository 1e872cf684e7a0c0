"""Networks of any shape, and with opacity, of each program: their pictures against an oracle's."""

import numpy as np
import pytest
import torch
from generator import shaped

from bandwalk.errors import CheckpointError
from bandwalk.generator import load
from bandwalk.generator.effects import Effects

TOLERANCE = 1e-4
SHAPES = [(4, 2), (4, 7), (3, 5), (4, 4)]


def write(program, net, path):
    """Write a StyleGAN2 as a program does."""
    if program == "torch":
        return shaped.write_persistence(net, path / "net.pkl")
    if program == "rosinality":
        return shaped.write_rosinality(net, path / "net.pt")
    stored = shaped.to_tensorflow(net, by_shape=program == "tensorflow")
    return shaped.write_tensorflow(stored, path / "net.pkl")


def styles(G, n=1, seed=0):
    return G.map(np.random.default_rng(seed).standard_normal((n, G.z_dim)))


def mixed(G):
    """Return styles [1, num_ws, w_dim], each of another z."""
    return styles(G, G.num_ws)[torch.arange(G.num_ws), torch.arange(G.num_ws)][None]


@pytest.mark.parametrize("exact", [False, True], ids=["fast", "exact"])
@pytest.mark.parametrize("program", ["torch", "rosinality", "tensorflow", "tensorflow-4x4"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_stylegan2_draws_at_its_own_shape_what_its_tensors_say(tmp_path, shape, program, exact):
    height, width = shape
    net = shaped.stylegan2(height, width)
    G = load(write(program, net, tmp_path), exact=exact)
    assert (G.height, G.width, G.resolution) == (8 * height, 8 * width, 8 * max(shape))
    z = np.random.default_rng(1).standard_normal((2, G.z_dim))
    np.testing.assert_allclose(G.map(z)[:, 0], shaped.stylegan2_map(net, z), rtol=0, atol=5e-5)
    ws = mixed(G)
    expected = shaped.stylegan2_draw(net, ws[0])
    np.testing.assert_allclose(G.synthesize(ws)[0], expected, rtol=0, atol=TOLERANCE)
    rgb = G.render(ws)
    assert rgb.shape == (8 * height, 8 * width, 3)
    assert np.abs(rgb - ((expected * 127.5 + 128).clamp(0, 255)).permute(1, 2, 0).numpy()).max() <= 1.001


@pytest.mark.parametrize("tiled", ["tiles", "maps", "bfloat16"])
def test_other_ways_draw_the_same_at_any_shape(tmp_path, tiled):
    """Wide enough for Winograd's way: 64x112 from 4x7."""
    net = shaped.stylegan2(4, 7, blocks=5)
    G = load(write("torch", net, tmp_path))
    ws = mixed(G)[0]
    ways = {
        "tiles": G._fast.in_tiles,
        "maps": G._fast.in_maps,
        "bfloat16": lambda: G._fast.in_precision(torch.bfloat16),
    }
    with torch.inference_mode():
        drawn = ways[tiled]().draw(ws, Effects())
    expected = shaped.stylegan2_draw(net, ws)
    error = float((drawn[0] - expected).square().mean().sqrt() / expected.std())
    assert error < (0.025 if tiled == "bfloat16" else 1e-5)


@pytest.mark.parametrize("exact", [False, True], ids=["fast", "exact"])
@pytest.mark.parametrize("by_shape", [True, False])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_stylegan1_draws_at_its_own_shape_what_its_tensors_say(tmp_path, shape, by_shape, exact):
    net = shaped.stylegan1(*shape)
    stored = shaped.rename_scopes(net, *shape) if by_shape else net
    G = load(shaped.write_tensorflow(stored, tmp_path / "net.pkl", name="G_style"), exact=exact)
    assert (G.height, G.width) == (4 * shape[0], 4 * shape[1])
    ws = mixed(G)
    np.testing.assert_allclose(G.synthesize(ws)[0], shaped.stylegan1_draw(net, ws[0]), rtol=0, atol=3e-4)


@pytest.mark.parametrize("exact", [False, True], ids=["fast", "exact"])
@pytest.mark.parametrize(
    ("kwargs", "known"),
    [
        ({"blur_filter": [1, 3, 3, 1]}, {"blur": [1, 3, 3, 1]}),
        ({"blur_filter": [1, 4, 6, 4, 1]}, {"blur": [1, 4, 6, 4, 1]}),
        ({"blur_filter": [0, 1, 3]}, {"blur": [0, 1, 3]}),
        ({"blur_filter": None}, {"blur": None}),
        ({"blur_filter": [1]}, {"blur": [1]}),
        ({"use_instance_norm": False}, {"norms": False}),
        ({"use_noise": False}, {}),
        ({"use_noise": False, "use_instance_norm": False, "blur_filter": []}, {"norms": False, "blur": None}),
    ],
)
def test_a_stylegan1_has_the_switches_of_the_original(tmp_path, kwargs, known, exact):
    net = shaped.stylegan1(4, 4, noise=kwargs.get("use_noise", True))
    G = load(shaped.write_tensorflow(net, tmp_path / "net.pkl", kwargs, name="G_style"), exact=exact)
    assert G.has_noise == kwargs.get("use_noise", True)
    ws = mixed(G)
    expected = shaped.stylegan1_draw(net, ws[0], **known)
    spread = max(1.0, float(expected.abs().max()))
    np.testing.assert_allclose(G.synthesize(ws)[0] / spread, expected / spread, rtol=0, atol=3e-4)


@pytest.mark.parametrize("blur", [[1, -1], "soft", 3, [1] * 33, [float("nan")]])
def test_a_blur_that_is_none_is_refused_by_its_name(tmp_path, blur):
    path = shaped.write_tensorflow(shaped.stylegan1(4, 4), tmp_path / "net.pkl", {"blur_filter": blur}, name="G_style")
    with pytest.raises(CheckpointError, match="blur_filter = "):
        load(path)


def test_a_constant_too_large_to_be_doubled_is_refused(tmp_path):
    net = shaped.stylegan2(2, 600, blocks=1)
    net |= {name.replace("b4.", "b32."): x for name, x in net.items() if ".b4." in name and "const" not in name}
    with pytest.raises(CheckpointError, match="a constant of 2x600 doubled 3 times, expected at most 4096 pixels"):
        load(write("torch", net, tmp_path))


@pytest.mark.parametrize("program", ["torch", "rosinality", "tensorflow", "stylegan1"])
@pytest.mark.parametrize("exact", [False, True], ids=["fast", "exact"])
def test_opacity_is_a_fourth_colour_and_pictures_lie_over_black(tmp_path, program, exact):
    if program == "stylegan1":
        net = shaped.stylegan1(4, 3, colours=4)
        G = load(shaped.write_tensorflow(net, tmp_path / "net.pkl", name="G_style"), exact=exact)
        draw = shaped.stylegan1_draw
    else:
        net, draw = shaped.stylegan2(4, 3, colours=4), shaped.stylegan2_draw
        G = load(write(program, net, tmp_path), exact=exact)
    assert G.has_alpha
    ws = mixed(G)
    straight = draw(net, ws[0])
    opacity = ((straight[3:] + 1.0) / 2.0).clamp(0.0, 1.0)
    assert 0.1 < float(opacity.mean()) < 0.97
    over_black = (straight[:3] + 1.0) * opacity - 1.0
    np.testing.assert_allclose(G.synthesize(ws)[0], over_black, rtol=0, atol=1e-3)
    for got, expected in ((G.render(ws), over_black), (G.render_rgba(ws), straight)):
        levels = (expected * 127.5 + 128.0).clamp(0.0, 255.0).permute(1, 2, 0).numpy()
        assert got.shape == levels.shape
        assert np.abs(got - levels).max() <= 1.01


def test_without_opacity_a_picture_is_opaque(tmp_path):
    G = load(write("torch", shaped.stylegan2(4, 2), tmp_path))
    ws = mixed(G)
    rgba = G.render_rgba(ws)
    assert not G.has_alpha
    assert np.array_equal(rgba[:, :, :3], G.render(ws))
    assert (rgba[:, :, 3] == 255).all()


def test_gradients_flow_through_pictures_over_black(tmp_path):
    G = load(write("torch", shaped.stylegan2(4, 2, blocks=2, colours=4), tmp_path), exact=True)
    ws = mixed(G).requires_grad_()
    G.differentiable(ws).square().mean().backward()
    assert float(ws.grad.abs().sum()) > 0.0
    torch.testing.assert_close(G.differentiable(ws.detach()), G.synthesize(ws.detach()))
