"""Square pictures on screens of any shape; Pillow and numpy.pad say what is right."""

import numpy as np
import pytest
from PIL import Image

from bandwalk.errors import ParameterError
from bandwalk.output.lanczos import enlarge
from bandwalk.output.shape import resize, to_size

FITS = ("crop", "fit", "mirror", "native", "auto")


@pytest.fixture
def square():
    """A picture [96, 96, 3] with its own value in every corner and channel."""
    rng = np.random.default_rng(0)
    return rng.integers(1, 255, (96, 96, 3), np.uint8)


@pytest.mark.parametrize("fit", FITS)
def test_a_picture_of_the_right_size_is_left_alone(square, fit):
    assert to_size(square, 96, 96, fit=fit) is square


def test_crop_at_scale_1_takes_the_middle_without_resampling(square):
    assert np.array_equal(to_size(square, 96, 54, fit="crop"), square[21:75])
    assert np.array_equal(to_size(square, 54, 96, fit="crop"), square[:, 21:75])


def test_fit_at_scale_1_puts_black_beside_the_untouched_picture(square):
    wide = to_size(square, 160, 96, fit="fit")
    assert np.array_equal(wide[:, 32:128], square)
    assert not wide[:, :32].any()
    assert not wide[:, 128:].any()
    tall = to_size(square, 96, 160, fit="fit")
    assert np.array_equal(tall[32:128], square)
    assert not tall[:32].any()
    assert not tall[128:].any()


@pytest.mark.parametrize(("before", "after"), [(10, 10), (96, 96), (152, 152), (500, 500), (7, 8), (480, 481)])
def test_mirror_at_scale_1_repeats_the_picture_as_between_mirrors(square, before, after):
    expected = np.pad(square, ((0, 0), (before, after), (0, 0)), mode="symmetric")
    assert np.array_equal(to_size(square, 96 + before + after, 96, fit="mirror"), expected)
    expected = np.pad(square, ((before, after), (0, 0), (0, 0)), mode="symmetric")
    assert np.array_equal(to_size(square, 96, 96 + before + after, fit="mirror"), expected)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(("width", "height"), [(192, 108), (108, 192), (64, 36), (333, 17), (16, 400), (97, 95)])
def test_any_shape_comes_out_at_its_size_in_one_piece(square, fit, width, height):
    shaped = to_size(square, width, height, fit=fit)
    assert shaped.shape == (height, width, 3)
    assert shaped.dtype == np.uint8
    assert shaped.flags.c_contiguous or fit in ("crop", "native", "auto")  # an uncovered cut may be a view


@pytest.mark.parametrize(("width", "height"), [(200, 120), (40, 24), (96, 31), (300, 300)])
def test_resizing_agrees_with_pillow(square, width, height):
    expected = np.asarray(Image.fromarray(square).resize((width, height), Image.Resampling.BILINEAR))
    assert np.abs(resize(square, width, height).astype(int) - expected).max() <= 1


def test_resizing_a_view_agrees_with_resizing_its_copy(square):
    for view in (square[10:70], square[:, 20:80], square[5:90, 7:33]):
        assert np.array_equal(resize(view, 50, 70), resize(view.copy(), 50, 70))


def test_crop_covers_the_screen_and_keeps_the_proportions():
    """A disc stays a disc on a wide screen."""
    y, x = np.mgrid[0:256, 0:256] - 127.5
    disc = np.repeat((255 * (x**2 + y**2 < 60**2)).astype(np.uint8)[..., None], 3, axis=-1)
    shaped = to_size(disc, 512, 288, fit="crop")[..., 0] > 127
    assert shaped.any(axis=0).sum() == pytest.approx(240, abs=2)
    assert shaped.any(axis=1).sum() == pytest.approx(240, abs=2)


def test_an_unknown_fit_is_refused(square):
    with pytest.raises(ParameterError, match="/out/fit = stretch: expected crop, fit, mirror, native, auto"):
        to_size(square, 100, 50, fit="stretch")


@pytest.mark.parametrize(("width", "height"), [(192, 108), (135, 98), (300, 300)])
def test_what_was_drawn_smaller_is_enlarged_by_lanczos(width, height):
    rng = np.random.default_rng(2)
    small = Image.fromarray(rng.integers(0, 255, (12, 16, 3), np.uint8)).resize((96, 54), Image.Resampling.BICUBIC)
    expected = small.resize((width, height), Image.Resampling.LANCZOS)
    enlarged = enlarge(np.asarray(small), width, height)
    apart = np.abs(enlarged.astype(int) - np.asarray(expected))
    assert apart.max() <= 3
    assert apart.mean() < 0.5


@pytest.mark.parametrize("fit", ["native", "auto"])
def test_a_picture_in_the_screens_shape_is_enlarged_as_a_whole(square, fit):
    assert np.array_equal(to_size(square, 192, 192, fit=fit), enlarge(square, 192, 192))
    assert np.array_equal(to_size(square, 48, 48, fit=fit), resize(square, 48, 48))


def test_opacity_survives_an_enlargement(square):
    rgba = np.concatenate([square, square[:, :, :1]], axis=2)
    assert np.array_equal(to_size(rgba, 192, 192, fit="auto"), resize(rgba, 192, 192))
