"""PNG files: the very pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from bandwalk.output.png import to_png


@pytest.mark.parametrize("level", [1, 6, 9])
def test_png_holds_the_very_pixels(level):
    rgb = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(to_png(rgb, level)))), rgb)
