"""A change of model fades: from what was shown to what is drawn, by time; nothing is done at any other time."""

import numpy as np
import pytest

from bandwalk.output.model_fade import ModelFade, blend

RNG = np.random.default_rng(5)


def _picture(side=16, level=None):
    shape = (side, side, 3)
    return RNG.integers(0, 256, shape, np.uint8) if level is None else np.full(shape, level, np.uint8)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.77, 1.0])
def test_a_blend_is_the_plain_formula(share):
    under, over = _picture(), _picture()
    plain = under * (1 - share) + over * share
    assert np.abs(blend(under, over, share) - plain).max() < 1.6  # the share in steps of 1/256, and cut off
    assert np.array_equal(blend(under, over, 1.0), over)


def test_while_no_model_changes_the_very_same_picture_comes_out():
    fade = ModelFade()
    for t_s in (0.0, 0.1, 0.2):
        rgb = _picture()
        assert fade.step(rgb, "a", 0.5, t_s) is rgb


def test_the_old_picture_fades_over_the_time_and_is_gone_then():
    fade = ModelFade()
    fade.step(_picture(level=200), "a", 0.4, 0.0)
    levels = [int(fade.step(_picture(level=40), "b", 0.4, 1.0 + 0.1 * n)[0, 0, 0]) for n in range(6)]
    assert levels == pytest.approx([200, 160, 120, 80, 40, 40], abs=2)
    rgb = _picture()
    assert fade.step(rgb, "b", 0.4, 2.0) is rgb


def test_a_change_within_a_change_begins_at_what_is_shown():
    fade = ModelFade()
    fade.step(_picture(level=200), "a", 1.0, 0.0)
    fade.step(_picture(level=0), "b", 1.0, 0.0)
    half = fade.step(_picture(level=0), "b", 1.0, 0.5)
    again = fade.step(_picture(level=255), "c", 1.0, 0.5)
    assert np.array_equal(half, again)


def test_the_old_picture_takes_the_size_of_the_new_one():
    fade = ModelFade()
    fade.step(_picture(32, level=90), "a", 1.0, 0.0)
    shown = fade.step(_picture(48, level=90), "b", 1.0, 0.2)
    assert shown.shape == (48, 48, 3)
    assert np.abs(shown.astype(int) - 90).max() <= 1


def test_without_a_time_it_is_a_cut():
    fade = ModelFade()
    fade.step(_picture(), "a", 0.0, 0.0)
    rgb = _picture()
    assert fade.step(rgb, "b", 0.0, 0.0) is rgb


def test_blackout_of_time_going_back_does_no_harm():
    fade = ModelFade()
    first = _picture()
    fade.step(first, "a", 1.0, 5.0)
    assert np.array_equal(fade.step(_picture(), "b", 1.0, 5.0), first)
    assert np.array_equal(fade.step(_picture(), "b", 1.0, 4.0), first)
