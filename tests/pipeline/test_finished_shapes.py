"""Colour, trail, limiter of flashes and fade on screens of other shapes: each does what it does to a square."""

import numpy as np
import pytest

from bandwalk.output.colour import Colour, recolour, recolour_reference
from bandwalk.output.fade import dim
from bandwalk.output.feedback import Feedback, Trail, move, move_reference
from bandwalk.output.flash_cells import to_cells, to_light
from bandwalk.output.flash_limiter import FlashLimiter
from bandwalk.output.flashes import MAX_FLASHES, FlashMeter
from bandwalk.output.jpeg import open_encoder

SHAPES = [(160, 90), (90, 160), (256, 64), (131, 257), (17, 129)]
"""Width and height: 16:9, 9:16, 4:1, and odd sides."""

shapes = pytest.mark.parametrize("size", SHAPES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture
def rgb(size):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (size[1], size[0], 3), np.uint8)


@shapes
def test_colours_change_in_every_pixel(rgb, size):
    look = Colour(hue=70.0, saturation=1.4, contrast=1.2, tint_hue=20.0, tint_amount=0.2)
    apart = np.abs(recolour(rgb, look).astype(int) - recolour_reference(rgb, look))
    assert apart.max() <= 1


@shapes
def test_a_trail_turns_and_grows_about_the_middle(rgb, size):
    for zoom, turn in ((1.05, 0.1), (0.96, -0.07)):
        assert np.array_equal(move(rgb, zoom, turn), move_reference(rgb, zoom, turn))
    dot = np.zeros_like(rgb)
    middle = slice(size[1] // 2 - 3, size[1] // 2 + 4), slice(size[0] // 2 - 3, size[0] // 2 + 4)
    dot[middle] = 255
    assert move(dot, 1.2, 0.4)[middle].mean() > 200  # the middle stays where it is, whatever the shape


@shapes
def test_a_trail_reaches_every_edge(rgb, size):
    feedback = Feedback()
    feedback.step(np.full_like(rgb, 255), Trail(0.9), 0.0)
    shown = feedback.step(np.zeros_like(rgb), Trail(0.9), 0.02)
    assert shown.shape == rgb.shape
    assert shown.min() > 200


@shapes
def test_flashes_are_held_back_on_the_whole_screen(rgb, size):
    limiter, before, after = FlashLimiter(), FlashMeter(), FlashMeter()
    worst = 0.0
    for k in range(40):
        picture = np.full_like(rgb, 255 * (k // 2 % 2))
        shown, brightness = limiter.step(picture, 1.0, k / 30)
        shown = dim(shown, brightness)
        assert shown.shape == rgb.shape
        assert int(np.ptp(shown)) <= 1  # no seam where cells of the limiter meet, or at an odd edge
        for meter, seen in ((before, picture), (after, shown)):
            meter.step(to_light(to_cells(seen)), k / 30)
        worst = max(worst, after.flashes()[0])
    assert before.flashes()[0] > MAX_FLASHES >= worst


@shapes
def test_a_fade_and_the_jpeg_keep_the_shape(rgb, size):
    from io import BytesIO

    from PIL import Image

    faded = dim(rgb, 0.5)
    assert faded.shape == rgb.shape
    assert np.abs(faded.astype(float) - 0.5 * rgb).max() <= 1.0
    assert Image.open(BytesIO(open_encoder().encode(faded, quality=90, chroma="420"))).size == size
