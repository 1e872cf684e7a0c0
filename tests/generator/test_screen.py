"""At which size a model draws for a screen."""

import pytest

from bandwalk.generator import Screen


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (Screen(512, 512, "crop"), (512, 512)),
        (Screen(500, 300, "crop"), (512, 512)),  # rounded up to a multiple of 16
        (Screen(1920, 1080, "crop"), (1024, 1024)),  # the largest square
        (Screen(1280, 720, "fit"), (720, 720)),
        (Screen(720, 1280, "mirror"), (720, 720)),
        (Screen(64, 16, "fit"), (128, 128)),  # the smallest
        (Screen(1280, 720, "native"), (1280, 720)),
        (Screen(333, 1081, "auto"), (333, 1081)),
        (Screen(3840, 2160, "auto"), (3840, 2160)),
        (Screen(1920, 100, "native"), (1024, 1024)),  # too flat to be drawn
        (Screen(1920, 1080, "native", 0.5), (960, 540)),
        (Screen(1024, 256, "native", 0.25), (512, 128)),  # no side under 128
        (Screen(512, 512, "crop", 0.5), (256, 256)),
    ],
)
def test_a_model_that_draws_any_size_draws_what_the_screen_shows(screen, size):
    assert screen.size() == size


@pytest.mark.parametrize(
    ("screen", "own", "is_endless", "size"),
    [
        (Screen(1280, 720, "native"), (256, 256), False, (456, 256)),
        (Screen(720, 1280, "native"), (256, 256), False, (256, 456)),
        (Screen(1280, 720, "auto"), (256, 256), False, (256, 256)),
        (Screen(1280, 720, "auto"), (256, 256), True, (456, 256)),
        (Screen(1280, 720, "mirror"), (256, 256), True, (256, 256)),
        (Screen(512, 512, "native"), (256, 128), False, (256, 256)),
        (Screen(512, 256, "native"), (256, 128), False, (256, 128)),
        (Screen(4096, 16, "native"), (64, 64), True, (512, 64)),  # eight times as long, no further
    ],
)
def test_a_trained_picture_goes_on_along_one_side_by_as_much_on_both_ends(screen, own, is_endless, size):
    assert screen.reach(own, is_endless=is_endless) == size
