"""StyleGAN3 with a plane that is not square, as in StyleGAN-Human: pictures against those of an oracle."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from generator.originals import changed, read

from bandwalk.generator.effects import Effects
from bandwalk.generator.stylegan3 import StyleGAN3

NAMES = ["c1_sg3t", "c2_sg3r"]


def names_of(snapshot):
    """Return the layers' names in their order."""
    found = {name.split(".")[1] for name in snapshot.tensors if name.startswith("synthesis.L")}
    return sorted(found, key=lambda name: int(name[1:].split("_")[0]))


def reshaped(name, halve, colours=3):
    """Return a fixture whose layers draw [width, height], each side as ``halve`` says, padded as the original does.

    Source: Karras et al., "Alias-Free Generative Adversarial Networks", appendix C.3.
    """
    snapshot = read(name)
    attrs = {"synthesis.input.size": halve(36)}
    for layer in names_of(snapshot):
        place = f"synthesis.{layer}"
        get = lambda key, place=place: snapshot.attrs[f"{place}.{key}"]  # noqa: E731
        padding = []
        for before, after in zip(halve(get("in_size")[0]), halve(get("out_size")[0]), strict=True):
            total = (after - 1) * get("down_factor") + 1
            total -= (before + get("conv_kernel") - 1) * get("up_factor")
            total += get("up_taps") + get("down_taps") - 2
            low = (total + get("up_factor")) // 2
            padding += [low, total - low]
        attrs[f"{place}.padding"] = padding
    last = f"synthesis.{names_of(snapshot)[-1]}"
    tensors = {}
    if colours == 4:
        for leaf in ("weight", "bias"):
            x = snapshot.tensors[f"{last}.{leaf}"]
            tensors[f"{last}.{leaf}"] = torch.cat([x, x[:1].flip(0) * -0.5])
    return changed(name, tensors, attrs)


def expected(snapshot, ws, transform):
    """Return a picture [C, H, W] of ws [num_ws, w_dim], step by step."""
    t, a = snapshot.tensors, snapshot.attrs
    width, height = a["synthesis.input.size"]
    rate, bandwidth = a["synthesis.input.sampling_rate"], a["synthesis.input.bandwidth"]
    cos, sin, x, y = affine(t, "synthesis.input.affine", ws[0])
    length = (cos**2 + sin**2).sqrt()
    cos, sin, x, y = (float(v / length) for v in (cos, sin, x, y))
    turn = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    shift = torch.tensor([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])
    place = turn @ shift @ torch.tensor(transform, dtype=torch.float32)
    freqs = t["synthesis.input.freqs"]
    phases, freqs = t["synthesis.input.phases"] + freqs @ place[:2, 2], freqs @ place[:2, :2]
    fade = 1 - (freqs.norm(dim=1) - bandwidth) / (rate / 2 - bandwidth)
    across = (torch.arange(width) + 0.5 - width / 2) / rate
    down = (torch.arange(height) + 0.5 - height / 2) / rate
    grid = torch.stack(torch.broadcast_tensors(across[None], down[:, None]), -1)  # [H, W, 2]
    waves = torch.sin(2 * math.pi * (grid @ freqs.T + phases)) * fade.clamp(0, 1)
    m = waves @ t["synthesis.input.weight"].T / len(freqs) ** 0.5
    m = m.permute(2, 0, 1)
    layers = names_of(snapshot)
    for k, layer in enumerate(layers, start=1):
        m = draw_layer(t, a, f"synthesis.{layer}", m, ws[k], is_rgb=k == len(layers))
    return m * 0.25


def draw_layer(t, a, name, m, w, *, is_rgb):
    s, weight = affine(t, f"{name}.affine", w), t[f"{name}.weight"]
    k = weight.shape[-1]
    if is_rgb:
        weight = weight * (s / (weight.shape[1] * k * k) ** 0.5)[None, :, None, None]
    else:
        weight = weight / weight.square().mean((1, 2, 3), keepdim=True).sqrt()
        weight = weight * (s / s.square().mean().sqrt())[None, :, None, None]
        weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
    m = F.conv2d(m[None], weight / t[f"{name}.magnitude_ema"].sqrt(), padding=k - 1)[0]
    m = m + t[f"{name}.bias"][:, None, None]
    up, down = a[f"{name}.up_factor"], a[f"{name}.down_factor"]
    spread = m.new_zeros(len(m), m.shape[1] * up, m.shape[2] * up)
    spread[:, ::up, ::up] = m
    m = F.pad(spread, a[f"{name}.padding"])
    m = low_pass(m, t.get(f"{name}.up_filter")) * up**2
    if not is_rgb:
        m = torch.where(m < 0, 0.2 * m, m) * 2**0.5
    return low_pass(m.clamp(-256, 256), t.get(f"{name}.down_filter"))[:, ::down, ::down]


def low_pass(m, taps):
    if taps is None:
        return m
    m, kernels = m[:, None], [taps] if taps.ndim == 2 else [taps[:, None], taps[None]]
    for kernel in kernels:
        m = F.conv2d(m, kernel.flip(0, 1)[None, None])
    return m[:, 0]


def affine(t, name, w):
    return t[f"{name}.weight"] @ w / w.shape[0] ** 0.5 + t[f"{name}.bias"]


def styles(G):
    return G.map(np.random.default_rng(3).standard_normal((G.num_ws, G.z_dim)), psi=0.7)[:, 0][None]


def upright(size):
    return [size // 2, size]


def wide(size):
    return [size, size - 8]


@pytest.mark.parametrize(
    ("name", "halve", "colours", "exact"),
    [
        (NAMES[0], upright, 3, False),
        (NAMES[0], wide, 4, True),
        (NAMES[1], upright, 4, False),
        (NAMES[1], wide, 3, True),
    ],
)
def test_a_plane_of_any_shape_is_drawn(name, halve, colours, exact):
    snapshot = reshaped(name, halve, colours)
    G = StyleGAN3(snapshot, exact=exact)
    assert [G.width, G.height] == halve(64)
    assert (G.resolution, G.has_alpha) == (64, colours == 4)
    ws = styles(G)
    turned = np.array([[0.8, -0.3, 0.1], [0.3, 0.8, -0.05], [0.0, 0.0, 1.0]])
    G.transform = turned
    np.testing.assert_allclose(G._drawn(ws)[0], expected(snapshot, ws[0], turned), rtol=0, atol=1e-4)
    assert G.render(ws).shape == (G.height, G.width, 3)
    assert G.render_rgba(ws).shape == (G.height, G.width, 4)


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_draws_the_same_at_any_shape(name):
    G = StyleGAN3(reshaped(name, upright))
    ws = styles(G)
    full = G.synthesize(ws)
    with torch.inference_mode():
        short = G._fast.in_precision(torch.bfloat16).draw(ws[0], G._plane, Effects())
    assert float((short - full).square().mean().sqrt()) < 0.025 * float(full.std())
