"""Blackout and back."""

import itertools

import numpy as np
import pytest

from bandwalk.output.fade import Fader, dim


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_a_fade_takes_its_seconds_at_any_frame_rate(fps):
    fader = Fader()
    way = [fader.step(True, 2.0, dt_s=1 / fps) for _ in range(2 * fps)]
    assert way[-1] == 0.0
    assert way[fps - 1] == pytest.approx(0.5)
    assert all(earlier > later for earlier, later in itertools.pairwise(way))
    back = [fader.step(False, 2.0, dt_s=1 / fps) for _ in range(2 * fps)]
    assert back[-1] == 1.0
    assert back[-2] < 1.0


def test_a_fade_of_no_seconds_is_a_cut():
    fader = Fader()
    assert fader.step(True, 0.0, dt_s=0.03) == 0.0
    assert fader.step(False, 0.0, dt_s=0.03) == 1.0


def test_a_blackout_taken_back_half_way_returns_from_there():
    fader = Fader()
    fader.step(True, 1.0, dt_s=0.4)
    assert fader.step(False, 1.0, dt_s=0.1) == pytest.approx(0.7)


def test_brightness_stays_inside_its_range():
    fader = Fader()
    assert fader.step(False, 1.0, dt_s=5.0) == 1.0
    assert fader.step(True, 1.0, dt_s=5.0) == 0.0
    assert fader.step(True, 1.0, dt_s=0.1) == 0.0


def test_full_brightness_is_the_same_array():
    rgb = np.full((4, 4, 3), 200, np.uint8)
    assert dim(rgb, 1.0) is rgb


def test_a_dimmed_picture_is_a_new_one_scaled_by_the_brightness():
    rgb = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    before = rgb.copy()
    for brightness in (0.0, 0.1, 0.25, 0.5, 0.999):
        dimmed = dim(rgb, brightness)
        assert dimmed.dtype == np.uint8
        assert np.abs(dimmed - rgb * brightness).max() <= 1.5
    assert not dim(rgb, 0.0).any()
    assert np.array_equal(rgb, before)
