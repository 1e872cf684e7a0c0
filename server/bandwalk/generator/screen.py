"""The screen that pictures are drawn for: at which size and in which shape."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bandwalk.units import MAX_SIDE, MAX_SQUARE, MIN_DRAWN, SIDE_STEP

Size = tuple[int, int]  # width and height, pixels

MAX_TIMES = 8
"""How many times as long as it was trained a side may become; what is beyond is cut off."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen.

    width, height: pixels.
    fit:           crop, fit, mirror: a picture has its own shape, and is brought to the screen's later; native: it is
                   drawn in the screen's shape; auto: that for models whose picture has no end, else crop.
    scale:         share of its pixels across and down that are drawn, by models that draw at any size.
    """

    width: int
    height: int
    fit: str = "crop"
    scale: float = 1.0

    def size(self) -> Size:
        """Return the size at which a model draws that draws at any size.

        Its own shape is a square with the side at which the screen shows it (fit and mirror: the shorter side of the
        screen, else the longer one), rounded up to a multiple of 16, at most 1024. No side is drawn at fewer than 128
        pixels: a screen that is smaller shows a part of a square.
        """
        sides = self.width, self.height
        if self.fit in ("native", "auto") and min(sides) >= MIN_DRAWN:
            scale = max(self.scale, MIN_DRAWN / min(sides))
            width, height = (min(MAX_SIDE, round(side * scale)) for side in sides)
            return width, height
        shown = min(sides) if self.fit in ("fit", "mirror") else max(sides)
        side = min(-(-shown // SIDE_STEP) * SIDE_STEP, MAX_SQUARE)
        side = max(MIN_DRAWN, round(side * self.scale / SIDE_STEP) * SIDE_STEP)
        return side, side

    def reach(self, own: Size, *, is_endless: bool) -> Size:
        """Return how far a trained picture goes on at its own scale: as far as the screen's shape, along one axis.

        It goes on by as many whole pixels on both sides.

        Args:
            own:        its size, which stays in the middle.
            is_endless: it was trained so that it goes on by itself.
        """
        if self.fit != "native" and not (self.fit == "auto" and is_endless):
            return own
        times = min(self.width / own[0], self.height / own[1])
        return _further(own[0], self.width / times), _further(own[1], self.height / times)


def _further(own: int, wanted: float) -> int:
    beside = math.ceil(min(max(0.0, wanted - own), (MAX_TIMES - 1) * own) / 2.0 - 1e-6)
    return own + 2 * beside
