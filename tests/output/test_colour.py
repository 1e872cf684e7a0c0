"""Colour: exact at rest, the fast way as the plain one, and every value does what its row says."""

import colorsys

import numpy as np
import pytest

from bandwalk.output.colour import LUMINANCE, Colour, matrix_of, recolour, recolour_reference

SETTINGS = {
    "hue": Colour(hue=75.0),
    "saturation": Colour(saturation=3.0),
    "grey": Colour(saturation=0.0),
    "contrast": Colour(contrast=2.0),
    "brightness": Colour(brightness=-0.3),
    "gamma": Colour(gamma=2.2),
    "negative": Colour(invert=True),
    "tint": Colour(tint_hue=220.0, tint_amount=0.7),
    "all": Colour(40.0, 1.4, 1.3, 0.1, 0.8, True, 90.0, 0.2),
}


def picture(h=48, w=64, colours=3):
    return np.random.default_rng(1).integers(0, 256, (h, w, colours), np.uint8)


@pytest.mark.parametrize("rest", [Colour(), Colour(hue=360.0), Colour(tint_hue=120.0)])
def test_at_rest_it_is_the_same_array(rest):
    rgb = picture()
    assert recolour(rgb, rest) is rgb


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("shape", [(48, 64, 3), (300, 400, 3), (7, 5, 3), (32, 16, 4)])
def test_the_fast_way_gives_what_the_plain_one_does(name, shape):
    rgb = picture(*shape)
    before = rgb.copy()
    fast, plain = recolour(rgb, SETTINGS[name]), recolour_reference(rgb, SETTINGS[name])
    assert fast.shape == plain.shape == rgb.shape
    difference = np.abs(fast.astype(int) - plain)
    assert difference.max() <= 1  # a level that lies on the border of two
    assert (difference > 0).mean() < 0.001
    assert np.array_equal(rgb, before)
    assert np.array_equal(fast[:, :, 3:], rgb[:, :, 3:])


def _hue(level):
    return colorsys.rgb_to_hsv(*(np.asarray(level) / 255.0))[0] * 360


def _one(level, colour):
    return recolour(np.full((4, 4, 3), level, np.uint8), colour)[0, 0]


def test_hue_goes_from_red_by_yellow_to_green_and_keeps_greys_and_luminance():
    soft = (170, 130, 130)
    hues = [_hue(_one(soft, Colour(hue=float(turn)))) for turn in (0, 60, 120, 180, 240, 300)]
    assert np.all(np.diff(hues) > 25)
    for turn in range(0, 360, 30):
        matrix = matrix_of(Colour(hue=float(turn)))
        assert np.allclose(matrix @ np.ones(3), 1)
        assert np.allclose(np.array(LUMINANCE) @ matrix, LUMINANCE)
        assert tuple(_one((90, 90, 90), Colour(hue=float(turn)))) == (90, 90, 90)
    assert np.allclose(matrix_of(Colour(hue=100.0)) @ matrix_of(Colour(hue=-100.0)), np.eye(3))


def test_without_saturation_a_picture_is_grey_and_with_more_of_it_more_colourful():
    grey = recolour(picture(), Colour(saturation=0.0)).astype(int)
    assert np.ptp(grey, axis=2).max() == 0
    spread = [int(np.ptp(_one((150, 120, 110), Colour(saturation=s)).astype(int))) for s in (0.5, 1.0, 1.5, 2.0)]
    assert np.all(np.diff(spread) > 5)


def test_the_curve_goes_from_black_to_white():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert recolour(ramp, Colour(brightness=-1.0)).max() == 0
    assert recolour(ramp, Colour(brightness=1.0)).min() == 255
    assert set(recolour(ramp, Colour(contrast=0.0)).ravel()) == {128}
    assert np.array_equal(recolour(ramp, Colour(invert=True)), 255 - ramp)
    for colour in (Colour(gamma=2.0), Colour(gamma=0.5), Colour(contrast=1.5)):
        curve = recolour(ramp, colour)[0, :, 0].astype(int)
        assert (curve[0], curve[-1]) == (0, 255)
        assert np.all(np.diff(curve) >= 0)
    assert recolour(ramp, Colour(gamma=2.0))[0, 64, 0] > 100


def test_a_smooth_ramp_of_colours_has_no_bands():
    ramp = np.stack([np.linspace(a, b, 256) for a, b in ((120, 180), (130, 140), (170, 120))], axis=-1)
    levels = recolour(np.rint(ramp)[None].astype(np.uint8), Colour(hue=25.0, saturation=1.2))[0].astype(int)
    assert np.abs(np.diff(levels, axis=0)).max() <= 4


def test_a_tint_has_one_hue():
    tinted = recolour(picture(), Colour(tint_hue=200.0, tint_amount=1.0)).reshape(-1, 3)
    hues = np.array([_hue(level) for level in tinted[tinted.max(axis=1) > 60]])
    assert np.abs(hues - 200).max() < 15
    assert np.ptp(tinted.max(axis=1).astype(int)) > 100
