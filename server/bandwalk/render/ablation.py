"""The ablation's clip of all bands: the three pictures side by side, each under its band's name."""

from collections.abc import Sequence

import numpy as np

from bandwalk.output.caption import LINE, caption
from bandwalk.records import BANDS

_LETTER = 128
"""Pixels of a picture's width for one pixel of a letter's dot."""


def joined_size(width: int, height: int) -> tuple[int, int]:
    """Return the size of :func:`side_by_side` of pictures of a size; even where theirs is."""
    return len(BANDS) * width, height + LINE * _dot(width)


def side_by_side(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Return one picture of three [H, W, 3 or 4] uint8, in the order of BANDS; captions are opaque."""
    width = pictures[0].shape[1]
    titles = [caption(band, width, dot=_dot(width)) for band in BANDS]
    if pictures[0].shape[2] > titles[0].shape[2]:
        titles = [np.pad(title, ((0, 0), (0, 0), (0, 1)), constant_values=255) for title in titles]
    return np.concatenate([np.concatenate(titles, axis=1), np.concatenate(list(pictures), axis=1)])


def _dot(width: int) -> int:
    return 2 * max(1, round(width / 2 / _LETTER))
