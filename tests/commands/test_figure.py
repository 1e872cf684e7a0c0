"""The figure of an encoding."""

import numpy as np

from bandwalk.commands.encoding_plot import draw_encoding


def _colours(rgb):
    return {tuple(colour) for colour in rgb.reshape(-1, 3).tolist()}


def test_each_channel_has_a_line_of_its_own_colour_and_those_that_drive_nothing_are_grey():
    t = np.arange(500)[:, None] / 100
    encoding = np.sin(2 * np.pi * (1 + np.arange(16)) * t / 4) * 0.3 + np.arange(16)
    encoding[:, [3, 7]] = 5.0
    rgb = draw_encoding(encoding, 400)
    assert rgb.shape == (18 * 32, 400, 3)
    assert len(_colours(rgb)) == 1 + 14 + 1
    grey = np.all(rgb == 110, axis=2)
    assert set(np.nonzero(grey.any(axis=1))[0] // 32 - 1) == {3, 7}  # a still line in its own row
    assert grey.any(axis=0).all()


def test_the_line_is_where_the_channel_is():
    encoding = np.zeros((100, 16))
    encoding[50:, 5] = 1.0
    rgb = draw_encoding(encoding, 200)
    rows = [np.nonzero(np.any(rgb[6 * 32 - 16 : 7 * 32 + 16, x] != 12, axis=1))[0].mean() for x in (20, 180)]
    assert rows[1] < rows[0] - 8


def test_one_step_and_fewer_pixels_than_steps_are_drawn_too():
    assert draw_encoding(np.ones((1, 16)), 50).shape == (576, 50, 3)
    assert draw_encoding(np.random.default_rng(0).standard_normal((3000, 16)), 50).shape == (576, 50, 3)
