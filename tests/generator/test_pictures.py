"""What the embedded model's pictures must be: varied, separable by style groups, smooth in w.

The measures are this file's own; thresholds leave a margin to what was measured.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch

N = 24
GROUPS = {"coarse": slice(0, 3), "middle": slice(3, 6), "fine": slice(6, 14)}


def _luma(img):
    """Luminance [n, H, W] of pictures [n, 3, H, W]."""
    return 0.3 * img[:, 0] + 0.59 * img[:, 1] + 0.11 * img[:, 2]


def _pool(x, size):
    """Block means [n, size, size] of maps [n, H, W]."""
    n, height, width = x.shape
    return x.reshape(n, size, height // size, size, width // size).mean((2, 4))


def _edges(img):
    """Orientation of edges on a 16x16 grid, blind to colour, contrast and inversion [n, 2, 16, 16]."""
    luma = _luma(img)
    gy, gx = np.gradient(luma, axis=(1, 2))
    energy = (gx**2 + gy**2).mean((1, 2))[:, None, None, None] + 1e-6
    return np.stack([_pool(gx**2 - gy**2, 16), _pool(2 * gx * gy, 16)], axis=1) / energy


def _edge_correlation(a, b):
    a, b = _edges(a).reshape(len(a), -1), _edges(b).reshape(len(b), -1)
    return float(((a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))).mean())


def _colours(img):
    """Histogram over 6x6x6 colours of each picture [n, 216]."""
    bins = np.clip(((img + 1.0) * 3.0).astype(int), 0, 5)
    index = bins[:, 0] * 36 + bins[:, 1] * 6 + bins[:, 2]
    return np.stack([np.bincount(k.ravel(), minlength=216) / k.size for k in index])


def _colour_distance(a, b):
    """Total variation between colour histograms."""
    return float(0.5 * np.abs(_colours(a) - _colours(b)).sum(1).mean())


@pytest.fixture(scope="module")
def ws(G, draw_z):
    return G.map(draw_z(2 * N, seed=7))


@pytest.fixture(scope="module")
def base(G, ws):
    return G.synthesize(ws[:N]).numpy()


@pytest.fixture(scope="module")
def swapped(G, ws):
    """Pictures with one group of styles taken from another seed."""
    out = {}
    for name, layers in GROUPS.items():
        mixed = ws[:N].clone()
        mixed[:, layers] = ws[N:, layers]
        out[name] = G.synthesize(mixed).numpy()
    return out


def test_coarse_styles_change_the_structure(base, swapped):
    assert _edge_correlation(base, swapped["coarse"]) < 0.20


def test_middle_styles_change_part_of_the_structure(base, swapped):
    assert 0.10 < _edge_correlation(base, swapped["middle"]) < 0.50


def test_fine_styles_keep_the_structure(base, swapped):
    assert _edge_correlation(base, swapped["fine"]) > 0.60


def test_fine_styles_change_the_colours(base, swapped):
    fine = _colour_distance(base, swapped["fine"])
    assert fine > 1.3 * _colour_distance(base, swapped["coarse"])
    assert fine > 1.7 * _colour_distance(base, swapped["middle"])


def test_seeds_differ(base):
    small = np.stack([_pool(base[:, c], 32) for c in range(3)], axis=1)
    distance = np.abs(small[:, None] - small[None]).mean((2, 3, 4))[~np.eye(N, dtype=bool)]
    assert distance.mean() > 0.40
    assert distance.min() > 0.12


def test_no_picture_is_bland_burnt_or_black(base):
    assert base.std((1, 2, 3)).min() > 0.12
    assert (np.abs(base) > 0.995).mean() < 0.10
    luma = _luma(base).mean((1, 2))
    assert luma.min() > -0.75
    assert luma.max() < 0.6


@pytest.mark.parametrize("group", GROUPS)
def test_a_small_step_moves_the_picture_in_proportion(G, ws, base, draw_z, group):
    direction = torch.from_numpy(draw_z(8, seed=8)).unsqueeze(1)
    moved = []
    for step in (0.0025, 0.005):
        there = ws[:8].clone()
        there[:, GROUPS[group]] += step * direction
        moved.append(127.5 * np.abs(G.synthesize(there).numpy() - base[:8]).mean((1, 2, 3)))
    assert 1.6 < moved[1].mean() / moved[0].mean() < 2.1
    assert moved[1].max() < 25


def test_a_walk_never_stands_nor_jumps(G, draw_z):
    start, aim = draw_z(2, seed=9)
    angles = np.linspace(0.0, 1.0, 80)[:, None]
    path = G.map((np.cos(angles) * start + np.sin(angles) * aim).astype(np.float32))
    frames = [G.render(w[None]).astype(np.int16) for w in path]
    moved = np.array([np.abs(b - a).mean() for a, b in pairwise(frames)])
    assert moved.min() > 0.0
    assert moved.max() < 60
    assert np.percentile(moved, 95) / np.median(moved) < 5


@pytest.mark.parametrize("psi", [1.0, 1.5])
def test_no_ws_within_five_sigma_breaks_a_picture(G, draw_z, psi):
    far = np.sign(draw_z(4, seed=10)) * 5.0
    mixed = 5.0 * draw_z(4 * 14, seed=11).reshape(4, 14, 512)
    extremes = torch.from_numpy(np.concatenate([np.repeat(far[:, None], 14, axis=1), mixed]).astype(np.float32))
    extremes[-1] = 0.0
    for ws in (psi * extremes, G.map(far, psi=psi)):
        img = G.synthesize(ws)
        assert bool(torch.isfinite(img).all())
        assert float(img.abs().max()) <= 1.0
        assert G.render(ws[:1]).shape == (256, 256, 3)
