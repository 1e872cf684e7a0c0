"""The limiter of flashes: what leaves it is within the limit by a count of its own, and it never stands still."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from flash_oracle import most_changes

from bandwalk.output.blend import blend, blend_reference, rounded
from bandwalk.output.fade import dim
from bandwalk.output.flash_cells import to_cells, to_light
from bandwalk.output.flash_limiter import FlashLimiter
from bandwalk.output.flashes import FlashMeter

MAX_CHANGES = 6


def grey(level, size=64):
    return np.full((size, size, 3), level, np.uint8)


def shapes(size=64):
    """Two pictures that have nothing in common."""
    rng = np.random.default_rng(7)
    one = rng.integers(0, 256, (8, 8, 3), np.uint8)
    return [np.kron(x, np.ones((size // 8, size // 8, 1), np.uint8)) for x in (one, 255 - one)]


def flicker(on, off, hz, seconds=3.0, fps=30):
    return [on if int(k / fps * 2 * hz) % 2 else off for k in range(round(seconds * fps))]


def limited(pictures, fps=30, brightness=None, limiter=None, n=0):
    """What is shown of pictures, dimmed, with the limiter."""
    limiter = limiter or FlashLimiter()
    wanted = brightness or [1.0] * len(pictures)
    shown = [
        limiter.step(rgb, light, (n + k) / fps) for k, (rgb, light) in enumerate(zip(pictures, wanted, strict=True))
    ]
    return [dim(rgb, light) for rgb, light in shown], limiter


def worst(pictures, fps=30):
    return most_changes(pictures, np.arange(len(pictures)) / fps)


@pytest.mark.parametrize(("hz", "fps"), [(5, 15), (3.4, 30), (10, 30), (5, 60)])
@pytest.mark.parametrize("kind", ["grey", "shapes", "pale"])
def test_what_flashes_too_often_does_not_leave(kind, hz, fps):
    off, on = {"grey": (grey(0), grey(255)), "shapes": shapes(), "pale": (grey(100), grey(170))}[kind]
    pictures = flicker(on, off, hz, fps=fps)
    shown, limiter = limited(pictures, fps)
    assert worst(pictures, fps) > MAX_CHANGES
    assert worst(shown, fps) <= MAX_CHANGES
    assert limiter.held > len(pictures) / 2


def test_red_that_flashes_is_held_back_as_well():
    red, dark = grey(0), grey(0)
    red[:, :, 0], dark[:, :, 0] = 200, 120
    shown, _ = limited(flicker(red, dark, 10))
    meter = FlashMeter()
    most = 0
    for k, rgb in enumerate(shown):
        meter.step(to_light(to_cells(rgb)), k / 30)
        most = max(most, *meter.flashes())
    assert most <= 3


@pytest.mark.parametrize("hz", [0.5, 1, 2, 2.8])
def test_what_is_within_the_limit_passes_as_it_is(hz):
    pictures = flicker(grey(255), grey(0), hz)
    shown, limiter = limited(pictures)
    assert all(a is b for a, b in zip(shown, pictures, strict=True))
    assert limiter.held == 0


def test_a_picture_that_is_held_back_goes_on_moving():
    pictures = []
    for k, rgb in enumerate(flicker(grey(230), grey(20), 10, seconds=6.0)):
        moving = rgb.copy()
        moving[:, (k // 2) % 60 : (k // 2) % 60 + 4] = 128
        pictures.append(moving)
    shown, _ = limited(pictures)
    still = [np.array_equal(a, b) for a, b in pairwise(shown)]
    longest = max(len(run) for run in "".join("x" if same else " " for same in still).split(" "))
    assert longest <= 3


def test_when_it_is_calm_again_the_picture_itself_is_shown_within_two_seconds():
    pictures = [*flicker(grey(255), grey(0), 10), *[shapes()[0]] * 90]
    shown, limiter = limited(pictures)
    assert all(a is b for a, b in zip(shown[-30:], pictures[-30:], strict=True))
    held = limiter.held
    assert 0 < held < 150
    limited([shapes()[0]] * 30, limiter=limiter, n=len(pictures))
    assert limiter.held == held


def test_going_to_black_is_never_delayed_and_the_way_back_is():
    light = [float(k // 2 % 2 == 0) for k in range(120)]  # black and back 7.5 times a second
    shown, _ = limited([grey(200)] * 120, brightness=light)
    means = [rgb.mean() for rgb in shown]
    assert all(mean == 0 for mean, wanted in zip(means, light, strict=True) if wanted == 0)
    assert worst(shown) <= MAX_CHANGES
    assert sum(mean > 100 for mean in means) >= 12
    back, _ = limited([grey(200)] * 60, brightness=[0.0] * 30 + [1.0] * 30)
    assert [rgb.mean() for rgb in back[30:]] == [200] * 30


def test_a_picture_that_flashes_behind_black_does_no_harm():
    pictures = flicker(grey(255), grey(0), 10)
    shown, limiter = limited(pictures, brightness=[0.0] * len(pictures))
    assert not any(rgb.any() for rgb in shown)
    assert limiter.held == 0


def test_another_size_and_opacity_in_the_middle_of_it():
    pictures = flicker(grey(255), grey(0), 10)
    pictures[50:] = flicker(grey(255, 96), grey(0, 96), 10)[50:]
    pictures[80:] = [np.dstack([rgb, rgb[:, :, :1]]) for rgb in pictures[80:]]
    shown, _ = limited(pictures)
    assert [rgb.shape for rgb in shown] == [rgb.shape for rgb in pictures]
    assert worst([np.full((32, 32, 3), rgb[..., :3].mean()) for rgb in shown]) <= 8


def test_whole_again_and_from_a_state_are_the_same():
    pictures = [*flicker(shapes()[0], shapes()[1], 8, seconds=2.0), *flicker(grey(90), grey(160), 2, seconds=2.0)]
    whole, again = limited(pictures)[0], limited(pictures)[0]
    assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))
    for cut in (30, 70):
        _, first = limited(pictures[:cut])
        rest = FlashLimiter()
        rest.restore(first.state())
        resumed, _ = limited(pictures[cut:], limiter=rest, n=cut)
        assert all(np.array_equal(a, b) for a, b in zip(whole[cut:], resumed, strict=True))


@pytest.mark.parametrize("shape", [(64, 64, 3), (150, 200, 4)])
def test_a_blend_is_that_of_the_reference(shape):
    rng = np.random.default_rng(3)
    rgb = rng.integers(0, 256, shape, np.uint8)
    levels = torch.from_numpy(rng.uniform(0, 255, shape).astype(np.float32))
    expected = blend_reference(levels.numpy(), rgb, 0.3)
    shown = blend(levels, rgb, 0.3)
    assert np.abs(levels.numpy() - expected).max() < 1e-3
    assert np.abs(shown - (expected + 0.5)).max() <= 1.001
    assert np.array_equal(shown, rounded(levels.numpy()))
