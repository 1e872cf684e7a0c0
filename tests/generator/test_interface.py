"""The generator's interface."""

import numpy as np
import pytest
import torch

from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator import Generator, group_layers, is_embedded, load


def test_the_model_says_what_it_is(G: Generator):
    assert (G.z_dim, G.c_dim, G.w_dim, G.num_ws, G.resolution) == (512, 0, 512, 14, 256)
    assert G.name == "builtin"
    assert G.device == torch.device("cpu")
    assert len(G.sha256) == 64


def test_the_embedded_model_draws_at_any_size_and_untruncated(G: Generator):
    assert G.is_sized
    assert G.has_gains
    assert G.usual_psi == 1.0
    assert G.walks is not None
    assert G.walks.is_file()
    assert is_embedded("builtin")


def test_map_gives_one_w_for_every_style(G, draw_z):
    ws = G.map(draw_z(3))
    assert ws.shape == (3, 14, 512)
    assert ws.dtype == torch.float32
    assert torch.equal(ws, ws[:, :1].expand(-1, 14, -1))


def test_map_takes_numpy_and_torch_alike(G, draw_z):
    z = draw_z(2)
    assert torch.equal(G.map(z), G.map(torch.from_numpy(z)))
    assert torch.equal(G.map(z), G.map(z, c=np.zeros((2, 0), np.float32)))


def test_map_does_not_depend_on_the_length_of_z(G, draw_z):
    assert torch.allclose(G.map(draw_z(2)), G.map(3.0 * draw_z(2)), atol=1e-5)


def test_psi_draws_towards_the_mean_w(G, draw_z):
    z = draw_z(2)
    full, half, none = G.map(z), G.map(z, psi=0.5), G.map(z, psi=0.0)
    assert torch.equal(none[0], none[1])
    assert torch.allclose(half, 0.5 * (full + none), atol=1e-6)
    assert float(none.square().mean()) < 0.01  # the mapping is centred


def test_cutoff_truncates_the_first_styles_only(G, draw_z):
    z = draw_z(1)
    ws = G.map(z, psi=0.3, cutoff=4)
    assert torch.equal(ws[:, 4:], G.map(z)[:, 4:])
    assert torch.equal(ws[:, :4], G.map(z, psi=0.3)[:, :4])


def test_synthesize_gives_float_pictures(G, draw_z):
    img = G.synthesize(G.map(draw_z(2)))
    assert img.shape == (2, 3, 256, 256)
    assert img.dtype == torch.float32
    assert float(img.min()) >= -1.0
    assert float(img.max()) <= 1.0
    img.mul_(0.5)  # the caller's own


def test_render_gives_the_bytes_of_synthesize(G, draw_z):
    ws = G.map(draw_z(1))
    img = G.synthesize(ws)[0].permute(1, 2, 0).numpy()
    wanted = np.clip(img * 127.5 + 128.0, 0.0, 255.0).astype(np.uint8)
    rgb = G.render(ws)
    assert rgb.shape == (256, 256, 3)
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    difference = np.abs(rgb.astype(int) - wanted)
    assert difference.max() <= 1
    assert difference.mean() < 0.01  # a rounding apart at most


def test_the_same_ws_give_the_same_bytes_whatever_came_between(G, draw_z):
    ws = G.map(draw_z(3))
    first = G.render(ws[:1]).tobytes()
    for k in (1, 2):
        G.render(ws[k : k + 1])
    G.synthesize(ws)
    assert G.render(ws[:1]).tobytes() == first
    assert load("builtin", size=256).render(ws[:1]).tobytes() == first


def test_a_rendered_frame_stays_as_it_is(G, draw_z):
    ws = G.map(draw_z(6))
    first = G.render(ws[:1])
    kept = first.copy()
    for k in range(1, 6):
        G.render(ws[k : k + 1])
    assert np.array_equal(first, kept)


@pytest.mark.parametrize("size", [64, 77, 112, 143, 272, 390])
def test_any_side_is_drawn(draw_z, size):
    G = load("builtin", size=size)
    assert G.resolution == size
    assert G.render(G.map(draw_z(1))).shape == (size, size, 3)


@pytest.mark.parametrize("size", [0, -16, 48, 4097, (128, 0), (1, 8000)])
def test_other_sizes_are_refused(size):
    text = size if isinstance(size, int) else f"{size[0]}x{size[1]}"
    with pytest.raises(ParameterError, match=rf"^--size = {text}: expected sides from 64 to 4096$"):
        load("builtin", size=size)


@pytest.mark.parametrize("device", ["xpu9", "cuda:99", "nonsense"])
def test_a_device_that_is_not_there_is_refused_by_name(device):
    with pytest.raises(ParameterError, match=f"--device = {device}: "):
        load("builtin", size=256, device=device)


def test_an_unknown_model_is_refused_by_name(tmp_path):
    with pytest.raises(CheckpointError, match="biultin"):
        load("biultin")
    other = tmp_path / "model.xyz"
    other.write_bytes(b"something else")
    with pytest.raises(CheckpointError, match=r"model\.xyz"):
        load(other)


def test_groups_of_styles_follow_the_number_of_styles():
    assert [list(group_layers(g, 8)) for g in ("coarse", "middle", "fine")] == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert [len(group_layers(g, 4)) for g in ("coarse", "middle", "fine")] == [3, 1, 0]


def test_an_apple_gpu_that_is_not_there_is_refused_in_a_line(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ParameterError, match=r"^--device = mps: torch finds no Apple GPU here; expected cpu[^\n]*$"):
        load("builtin", device="mps")


def test_a_size_may_be_given_as_width_and_height():
    G = load("builtin", size=(144, 128))
    assert (G.width, G.height, G.resolution) == (144, 128, 144)
