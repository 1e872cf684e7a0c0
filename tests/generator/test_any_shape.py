"""The embedded model draws any shape: in its middle is the square picture, and the plane goes on beyond that."""

import numpy as np
import pytest

from bandwalk.generator import load
from bandwalk.records import Bend

TURNED = np.array([[0.9, 0.2, 0.1], [-0.1, 0.8, 0.05], [0.0, 0.0, 1.0]])
SHAPES = [(256, 144), (144, 256), (576, 144), (330, 272), (512, 456)]
"""At 144 a picture is drawn twice as large, at 272 as it is, and from 448 on its plane is doubled."""


def _middle(rgb, side):
    height, width = rgb.shape[:2]
    left, top = (width - side) // 2, (height - side) // 2
    return rgb[top : top + side, left : left + side].astype(int)


@pytest.mark.parametrize("transform", [np.eye(3), TURNED], ids=["straight", "turned"])
@pytest.mark.parametrize("size", SHAPES)
def test_the_middle_of_a_picture_is_the_square_one(draw_z, size, transform):
    side = min(size)
    wide, square = load("builtin", size=size), load("builtin", size=side)
    wide.transform = square.transform = transform
    wide.drift = square.drift = 0.7
    for w in wide.map(draw_z(3, seed=3)):
        apart = np.abs(_middle(wide.render(w[None]), side) - square.render(w[None]))
        assert apart[2:-2, 2:-2].max() <= 1  # at its own rim the square has no neighbours to take slopes from
        assert apart.mean() < 0.01


@pytest.mark.parametrize("size", [(256, 144), (130, 300), (271, 389), (700, 455)])
def test_the_fast_path_draws_what_the_plain_one_does_at_any_shape(draw_z, size):
    fast, plain = load("builtin", size=size), load("builtin", size=size, exact=True)
    fast.noise = plain.noise = 1.7
    fast.transform = plain.transform = TURNED
    ws = fast.map(draw_z(2, seed=1))
    difference = (fast.synthesize(ws) - plain.synthesize(ws)).abs() * 127.5
    assert float(difference.max()) < 1.0
    assert float(difference.mean()) < 0.01
    assert np.abs(fast.render(ws[:1]).astype(int) - plain.render(ws[:1])).max() <= 1


def test_the_differentiable_path_draws_the_same_at_any_shape(draw_z):
    G = load("builtin", size=(200, 129))
    ws = G.map(draw_z(1, seed=1))
    assert float((G.differentiable(ws) - G.synthesize(ws)).abs().max()) * 127.5 < 1.0


@pytest.mark.parametrize("size", [(1024, 256), (256, 1024)])
def test_a_far_end_is_neither_dark_nor_flat_nor_coarse(draw_z, size):
    """Far out there is as much light and as much detail as in the middle, on average of some pictures."""
    G = load("builtin", size=size)
    pictures = [G.render(w[None]).astype(float) for w in G.map(draw_z(10, seed=5))]
    rows = [rgb if size[0] > size[1] else rgb.swapaxes(0, 1) for rgb in pictures]
    parts = {"middle": slice(384, 640), "first": slice(0, 128), "last": slice(-128, None)}
    light = {name: np.mean([rgb[:, part].mean() for rgb in rows]) for name, part in parts.items()}
    detail = {
        name: np.mean([np.abs(np.diff(rgb[:, part], axis=1)).mean() for rgb in rows]) for name, part in parts.items()
    }
    for name in ("first", "last"):
        assert light[name] > 0.5 * light["middle"]
        assert detail[name] > 0.5 * detail["middle"]


@pytest.mark.parametrize("kind", ["scale", "rotate", "translate_x", "flip_y", "dilate", "threshold"])
def test_every_style_can_be_bent_at_any_shape(draw_z, kind):
    G = load("builtin", size=(256, 144))
    ws = G.map(draw_z(1, seed=2))
    still = G.render(ws)
    for layer in (0, 1, 2, 3, 4, 5, 6, 9, 10, 11):
        G.bends = (Bend(kind, (layer,), 0.6),)
        bent = G.render(ws)
        assert bent.shape == still.shape
        assert np.abs(bent.astype(int) - still).max() > 2, layer
