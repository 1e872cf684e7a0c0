"""Feedback: the trail by audio time, not by frames; exact at rest; the fast move as the plain one."""

import math

import numpy as np
import pytest

from bandwalk.output.feedback import Feedback, Trail, fade, fade_reference, move, move_reference

BLACK = np.zeros((64, 96, 3), np.uint8)


def picture(shape=(64, 96, 3)):
    return np.random.default_rng(2).integers(0, 256, shape, np.uint8)


def dot(x, y, size=8, level=255):
    rgb = BLACK.copy()
    rgb[y : y + size, x : x + size] = level
    return rgb


def centre(rgb):
    rows, columns = np.nonzero(rgb[:, :, 0])
    return columns.mean() - 47.5, 31.5 - rows.mean()


def run(trail, pictures, fps, feedback=None, n=0):
    feedback = feedback or Feedback()
    return [feedback.step(rgb, trail, (n + k) / fps) for k, rgb in enumerate(pictures)]


def test_without_a_trail_it_is_the_same_array():
    rgb, feedback = picture(), Feedback()
    for k in range(3):
        assert feedback.step(rgb, Trail(zoom=2.0, rotate=90.0), k / 30) is rgb


@pytest.mark.parametrize("shape", [(64, 96, 3), (50, 37, 3), (48, 64, 4)])
@pytest.mark.parametrize(("zoom", "turn"), [(1.01, 0.0), (0.9, 0.0), (1.3, 0.2), (1.0, 0.05), (0.98, -0.1)])
def test_the_fast_move_is_the_plain_one(shape, zoom, turn):
    rgb = picture(shape)
    for offset in ((0.0, 0.0), (0.31, -0.47)):
        assert np.array_equal(move(rgb, zoom, turn, offset), move_reference(rgb, zoom, turn, offset))


@pytest.mark.parametrize("shape", [(64, 96, 3), (200, 151, 4)])
@pytest.mark.parametrize("factor", [0, 1, 130, 255])
def test_the_fast_fade_is_the_plain_one(shape, factor):
    rgb, moved = picture(shape), picture(shape)[::-1].copy()
    grain = np.random.default_rng(4).integers(0, 256, 1 << 16).astype(np.uint16)
    expected = fade_reference(rgb, moved, factor, np.resize(grain, shape))
    assert np.array_equal(fade(rgb, moved, factor, grain), expected)


@pytest.mark.parametrize("amount", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("fps", [10, 30, 60, 240])
def test_a_trail_fades_by_time_and_not_by_frames(amount, fps):
    shown = run(Trail(amount), [dot(0, 0, 64), *[BLACK] * round(0.2 * fps)], fps)
    assert shown[-1][:, :64].mean() == pytest.approx(255 * amount**2, abs=6)
    assert not shown[-1][:, 64:].any()


def test_a_trail_ends_in_black():
    shown = run(Trail(0.5), [dot(0, 0, 64, level=40), *[BLACK] * 180], 60)
    assert not shown[-1].any()


@pytest.mark.parametrize("fps", [12, 30, 60])
def test_a_trail_grows_and_turns_by_time_and_not_by_frames(fps):
    bright = dot(64, 28)
    x, y = centre(bright)
    grown = run(Trail(0.95, zoom=1.5), [bright, *[BLACK] * fps], fps)[-1]
    assert centre(grown) == (pytest.approx(1.5 * x, abs=4), pytest.approx(1.5 * y, abs=4))
    turned = run(Trail(0.95, rotate=60.0), [bright, *[BLACK] * fps], fps)[-1]
    angle = math.atan2(*centre(turned)[::-1]) - math.atan2(y, x)
    assert math.degrees(angle) == pytest.approx(60, abs=8)  # anticlockwise


def test_the_new_picture_is_on_top_and_nothing_adds_up_to_white():
    rng = np.random.default_rng(3)
    pictures = [rng.integers(0, 120, (64, 96, 3), np.uint8) for _ in range(60)]
    shown = run(Trail(0.95, zoom=1.4, rotate=20.0), pictures, 30)
    assert all((now >= new).all() for now, new in zip(shown, pictures, strict=True))
    assert shown[-1].max() < 120
    still = run(Trail(0.9), [pictures[0]] * 30, 30)
    assert all(np.array_equal(rgb, pictures[0]) for rgb in still)


def test_a_picture_that_is_shown_again_is_what_it_was():
    feedback = Feedback()
    first, second = (feedback.step(rgb, Trail(0.8), t) for rgb, t in ((dot(0, 0), 0.0), (dot(30, 0), 0.1)))
    assert feedback.step(dot(30, 0), Trail(0.8), 0.1) is second
    assert first[0, 0, 0] == 255 > second[0, 0, 0] > 0


def test_time_that_goes_back_and_another_size_begin_anew():
    feedback = Feedback()
    feedback.step(dot(0, 0), Trail(0.9), 5.0)
    back = dot(30, 0)
    assert feedback.step(back, Trail(0.9), 1.0) is back
    other = picture((32, 32, 3))
    assert feedback.step(other, Trail(0.9), 1.1) is other


def test_whole_again_and_from_a_state_are_the_same():
    rng = np.random.default_rng(4)
    pictures = [rng.integers(0, 256, (64, 96, 3), np.uint8) for _ in range(20)]
    trail = Trail(0.8, zoom=1.3, rotate=-40.0)
    whole, again = run(trail, pictures, 30), run(trail, pictures, 30)
    half = Feedback()
    run(trail, pictures[:9], 30, half)
    rest = Feedback()
    rest.restore(half.state())
    resumed = run(trail, pictures[9:], 30, rest, n=9)
    assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(whole[9:], resumed, strict=True))
