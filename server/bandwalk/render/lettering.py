"""Draws a title and lyrics on the frames of a clip, by Pillow, in DejaVu Sans (the font that matplotlib ships)."""

import importlib.util
import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.render.lyrics import LyricLine

TITLE_S, FADE_S = 5.0, 1.0
"""How long a title stays, and how long it fades in that time."""

LINE_S = 10.0
"""How long a line of lyrics stays, if no other comes."""

_LYRIC_SHARE, _TITLE_SHARE = 1 / 16, 1 / 10
"""Height of letters, of the picture's shorter side."""

_ROOM, _LEAST = 0.9, 4
"""Share of the width that a line takes at most, and the smallest letters, pixels."""

_MAX_PARTS, _SLACK = 2, 3
"""A long line is broken once, at a word a few letters after its middle at most; then the letters become smaller."""

_OUTLINE = 1 / 12
"""Width of the dark edge that keeps letters legible, of their height."""

_FONT = ("mpl-data", "fonts", "ttf", "DejaVuSans-Bold.ttf")
_REMEDY = "--title and --lyrics need Pillow and a font: pip install 'bandwalk[lettering]'"


class Lettering:
    """The letters of a clip: what is drawn depends on the time alone.

    Args:
        title: shown at the clip's start; empty: none.
        lines: lyrics by their times in the song; none: no lyrics.
        begin: second of the song at which the clip begins.

    Raises:
        ParameterError: Pillow or the font is not installed.
    """

    def __init__(self, title: str, lines: Sequence[LyricLine], begin: float) -> None:
        self._title, self._lines, self._begin = title, tuple(lines), begin
        self._times = [line.t_s for line in lines]
        if title or lines:
            _font_file()

    def on(self, rgb: np.ndarray, t_s: float) -> np.ndarray:
        """Return a frame [H, W, 3 or 4] uint8 with what is to be read at this second of the song."""
        height, width = rgb.shape[:2]
        left_s = self._begin + TITLE_S - t_s
        if self._title and left_s > 0:
            letters = _letters(self._title, width, height, _TITLE_SHARE, 0.5)
            rgb = _laid_over(rgb, letters, min(1.0, left_s / FADE_S))
        words = self.line_at(t_s)
        return _laid_over(rgb, _letters(words, width, height, _LYRIC_SHARE, 0.88), 1.0) if words else rgb

    def line_at(self, t_s: float) -> str:
        """Return the line of lyrics at a second of the song."""
        n = bisect_right(self._times, t_s) - 1
        return self._lines[n].text if n >= 0 and t_s < self._times[n] + LINE_S else ""


def _laid_over(rgb: np.ndarray, letters: np.ndarray, strength: float) -> np.ndarray:
    """Return a frame under letters [H, W, 2]: (grey, how opaque)."""
    share = letters[:, :, 1:].astype(np.float32) * (strength / 255)
    grey = letters[:, :, :1].astype(np.float32)
    target = np.repeat(grey, 3, axis=2)
    if rgb.shape[2] > 3:
        target = np.concatenate([target, np.full_like(grey, 255)], axis=2)
    laid: np.ndarray = np.rint(rgb + (target - rgb) * share).astype(np.uint8)
    return laid


@lru_cache(maxsize=4)
def _letters(text: str, width: int, height: int, share: float, middle: float) -> np.ndarray:
    """Return white letters with a dark edge, [height, width, 2] uint8: (grey, how opaque)."""
    from PIL import Image, ImageDraw

    size = max(_LEAST, round(share * min(width, height)))
    font, edge = _font(size)
    parts = min(_MAX_PARTS, math.ceil(font.getlength(text) / (_ROOM * width)))
    lines = wrap(text, math.ceil(len(text) / max(1, parts)) + _SLACK) or [text]
    across = max(map(font.getlength, lines)) + 2 * edge
    if across > _ROOM * width:
        font, edge = _font(max(_LEAST, int(size * _ROOM * width / across)))
    picture = Image.new("LA", (width, height), (0, 0))
    pen = ImageDraw.Draw(picture)
    at = (width / 2, middle * height)
    pen.text(
        at,
        "\n".join(lines),
        font=font,
        anchor="mm",
        align="center",
        fill=(255, 255),
        stroke_width=edge,
        stroke_fill=(0, 255),
    )
    return np.asarray(picture)


def _font(size: int) -> tuple[Any, int]:
    """Return the font in a size, and the width of its edge, pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(_font_file(), size), max(1, round(size * _OUTLINE))


def _font_file() -> str:
    """Return where the font is.

    Raises:
        ParameterError: it, or Pillow, is not installed.
    """
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None or importlib.util.find_spec("PIL") is None:
        raise ParameterError(_REMEDY)
    return str(Path(found.origin).parent.joinpath(*_FONT))
