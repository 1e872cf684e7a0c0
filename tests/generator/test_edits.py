"""Edits against numpy alone: what each pixel must be, and which are not looked at."""

import numpy as np
import pytest
import torch

from bandwalk.generator.learned import EDITS

SIDE = 24
COLOURS = {"red": [0], "green": [1], "blue": [2], "brightness": [0, 1, 2]}
ALPHAS = (-1.0, -0.3, 0.7, 1.0)


@pytest.fixture
def img(rng):
    return rng.uniform(-1.2, 1.2, (3, SIDE, SIDE)).astype(np.float32)


def edited(edit, img, alpha):
    out, mask = EDITS[edit](torch.from_numpy(img)[None], torch.tensor([alpha], dtype=torch.float32))
    return out[0].numpy(), mask[0, 0].numpy() > 0.5


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("edit", COLOURS)
def test_a_colour_goes_up_by_a_quarter_of_its_range(img, edit, alpha):
    out, mask = edited(edit, img, alpha)
    expected = img.clip(-1, 1)
    expected[COLOURS[edit]] = (expected[COLOURS[edit]] + 0.5 * alpha).clip(-1, 1)
    assert np.allclose(out, expected, atol=1e-6)
    assert mask.all()


def source_of(edit, alpha, x, y):
    """Where a point comes from; pixels, the middle at 0, y up."""
    if edit == "zoom":
        return x / 2 ** (alpha / 2), y / 2 ** (alpha / 2)
    if edit == "shift-x":
        return x - alpha * SIDE / 8, y
    if edit == "shift-y":
        return x, y - alpha * SIDE / 8
    back = np.exp(-1j * np.pi / 6 * alpha) * (x + 1j * y)  # an anticlockwise turn, undone
    return back.real, back.imag


def bilinear(img, column, row):
    column, row = (np.clip(at, 0, SIDE - 1) for at in (column, row))
    left, top = (np.minimum(np.floor(at).astype(int), SIDE - 2) for at in (column, row))
    a, b = column - left, row - top
    upper = (1 - a) * img[:, top, left] + a * img[:, top, left + 1]
    return (1 - b) * upper + b * ((1 - a) * img[:, top + 1, left] + a * img[:, top + 1, left + 1])


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("edit", ["zoom", "shift-x", "shift-y", "rotate"])
def test_a_move_takes_each_pixel_from_where_it_was_and_masks_what_was_beyond_the_frame(img, edit, alpha):
    out, mask = edited(edit, img, alpha)
    middle = (SIDE - 1) / 2
    rows, columns = np.mgrid[:SIDE, :SIDE]
    x, y = source_of(edit, alpha, columns - middle, middle - rows)
    column, row = x + middle, middle - y
    assert np.abs(out - bilinear(img.clip(-1, 1), column, row)).max() < 1e-4
    outside = np.maximum(np.abs(x), np.abs(y)) - middle  # beyond the middles of the outermost pixels
    sure = np.abs(outside) > 1e-3
    assert np.array_equal(mask[sure], outside[sure] < 0)
    assert mask[~sure].all()  # on the very edge, pixels are known
    assert mask.mean() > 0.4


def test_the_edits_go_where_their_names_say(img):
    quarter, _ = edited("rotate", img, 3.0)  # 90 degrees
    assert np.allclose(quarter, np.rot90(img.clip(-1, 1), axes=(1, 2)), atol=1e-4)
    right, known = edited("shift-x", img, 1.0)
    assert np.allclose(right[:, :, 3:], img.clip(-1, 1)[:, :, :-3], atol=1e-5)
    assert not known[:, :3].any()
    up, known = edited("shift-y", img, 1.0)
    assert np.allclose(up[:, :-3], img.clip(-1, 1)[:, 3:], atol=1e-5)
    assert not known[-3:].any()


@pytest.mark.parametrize("edit", EDITS)
def test_alpha_0_leaves_a_picture_and_its_frame_as_they_are(img, edit):
    out, mask = edited(edit, img, 0.0)
    assert np.allclose(out, img.clip(-1, 1), atol=1e-5)
    assert mask.all()


def test_each_picture_has_an_alpha_of_its_own(img):
    both = torch.from_numpy(np.stack([img, img]))
    out, mask = EDITS["rotate"](both, torch.tensor([0.0, 1.0]))
    assert np.allclose(out[0], edited("rotate", img, 0.0)[0], atol=1e-6)
    assert np.allclose(out[1], edited("rotate", img, 1.0)[0], atol=1e-6)
    assert mask[0].mean() > mask[1].mean()
