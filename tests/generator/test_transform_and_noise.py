"""The picture plane moves as a whole; the stored noise can be turned up and off."""

import numpy as np
import pytest

from bandwalk.errors import ParameterError
from bandwalk.generator import load


@pytest.fixture
def smooth():
    """A model of its own without noise, which stays with the screen and not with the picture."""
    G = load("builtin", size=256)
    G.noise = 0.0
    return G


def _difference(a, b):
    return np.abs(a.astype(int) - b.astype(int))


def test_a_quarter_turn_gives_the_turned_picture(smooth, draw_z):
    ws = smooth.map(draw_z(1, seed=3))
    still = smooth.render(ws)
    smooth.transform = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    turned = smooth.render(ws)  # turned(x, y) = still(-y, x)
    assert _difference(turned, still[:, ::-1].transpose(1, 0, 2)).mean() < 0.5
    assert _difference(turned, still).mean() > 10


def test_a_shift_moves_the_picture_by_that_share_of_its_width(smooth, draw_z):
    ws = smooth.map(draw_z(1, seed=4))
    still = smooth.render(ws)
    smooth.transform = np.array([[1, 0, 0.25], [0, 1, 0], [0, 0, 1]])
    moved = smooth.render(ws)  # moved(x) = still(x + a quarter)
    assert _difference(moved[:, :-64], still[:, 64:]).mean() < 6  # the corners' darkening stays
    assert _difference(moved, still).mean() > 15


def test_zoom_enlarges_the_middle(smooth, draw_z):
    ws = smooth.map(draw_z(1, seed=5))
    smooth.transform = np.diag([0.5, 0.5, 1.0])
    near = smooth.render(ws).reshape(128, 2, 128, 2, 3).mean((1, 3))
    smooth.transform = None
    middle = smooth.render(ws)[64:192, 64:192].astype(float)
    assert np.corrcoef(near.ravel(), middle.ravel())[0, 1] > 0.93


def test_none_puts_the_plane_back(smooth, draw_z):
    ws = smooth.map(draw_z(1))
    still = smooth.render(ws)
    smooth.transform = np.diag([2.0, 2.0, 1.0])
    smooth.transform = None
    assert np.array_equal(smooth.transform, np.eye(3))
    assert np.array_equal(smooth.render(ws), still)


@pytest.mark.parametrize("m", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(2)])
def test_what_cannot_be_inverted_is_refused(smooth, m):
    with pytest.raises(ParameterError, match="transform"):
        smooth.transform = m
    assert np.array_equal(smooth.transform, np.eye(3))


def test_noise_shows_a_little_and_is_gone_at_zero(draw_z):
    G = load("builtin", size=256)
    ws = G.map(draw_z(8, seed=6))
    effects = []
    for k in range(8):
        G.noise = 0.0
        bare = G.render(ws[k : k + 1])
        G.noise = 1.0
        effects.append(_difference(G.render(ws[k : k + 1]), bare).mean())
        G.noise = 2.0
        assert _difference(G.render(ws[k : k + 1]), bare).mean() > 1.5 * effects[-1]
    assert 0.2 < np.mean(effects) < 3.0
