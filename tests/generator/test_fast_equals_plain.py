"""The fast path against the plain one, and sizes against each other."""

import numpy as np
import pytest

from bandwalk.generator import load


@pytest.mark.parametrize("size", [128, 256, 272, 512])
def test_the_fast_path_draws_what_the_plain_one_does(draw_z, size):
    fast, plain = load("builtin", size=size), load("builtin", size=size, exact=True)
    for G in (fast, plain):
        G.noise = 1.7
        G.transform = np.array([[0.9, 0.2, 0.1], [-0.1, 0.8, 0.0], [0.0, 0.0, 1.0]])
    ws = fast.map(draw_z(5, seed=1))
    difference = (fast.synthesize(ws) - plain.synthesize(ws)).abs() * 127.5
    assert float(difference.max()) < 1.0
    assert float(difference.mean()) < 0.01


@pytest.mark.parametrize(("size", "limit"), [(512, 15), (128, 22)])
def test_a_seed_is_the_same_picture_at_every_size(G, draw_z, size, limit):
    """Compared by block means at the smaller of the two sizes, in 8-bit levels."""
    other = load("builtin", size=size)
    ws = G.map(draw_z(8, seed=2))
    common = min(size, 256)
    for k in range(8):
        a, b = (_averaged(model.render(ws[k : k + 1]), common) for model in (G, other))
        assert np.abs(a - b).mean() < limit


def _averaged(rgb, size):
    times = rgb.shape[0] // size
    return rgb.reshape(size, times, size, times, 3).mean((1, 3))
