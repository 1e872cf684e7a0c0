"""What is drawn for a picture of a size: larger where that makes it finer or faster, and trimmed."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from bandwalk.errors import ParameterError
from bandwalk.generator.builtin.plane import Size
from bandwalk.units import MAX_SIDE

MIN_SIDE = 64  # pixels: smaller than a show can ask for
_COARSE = 112  # minimum of samples across the square in the middle for the coarse stage
_FINE_FROM = 256  # pixels: smaller pictures are drawn at twice their size and averaged


@dataclass(frozen=True, slots=True)
class Canvas:
    """How a picture of a size is drawn.

    All depends on the shorter side alone, and the longer one is that and whole samples of the coarsest grid on both
    sides: so the square in the middle of a picture is the same at any length.

    size:    Of the picture, pixels.
    shrink:  By which factor what is drawn is averaged.
    drawn:   Its size, pixels.
    doubles: Whether the coarse stage draws a quarter of the drawn size, instead of half of it.
    """

    size: Size
    shrink: int
    drawn: Size
    doubles: bool

    @classmethod
    def of(cls, size: int | Size) -> Canvas:
        """Return the canvas of a picture.

        Raises:
            ParameterError: a side cannot be drawn.
        """
        width, height = check_size(size)
        shrink = 2 if min(width, height) < _FINE_FROM else 1
        short = min(width, height) * shrink
        doubles = short // 4 >= _COARSE
        step = 4 if doubles else 2
        short = _rounded(short, step)
        across, down = (short + _rounded(max(0, side * shrink - short), 2 * step) for side in (width, height))
        return cls((width, height), shrink, (across, down), doubles)

    @property
    def is_exact(self) -> bool:
        """Whether what is drawn is the picture."""
        return self.drawn == self.size

    def picture(self, img: torch.Tensor) -> torch.Tensor:
        """Return the picture [3, height, width] of what is drawn [3, ...]: averaged, and trimmed on all sides."""
        if self.shrink > 1:
            img = torch.nn.functional.avg_pool2d(img[None], self.shrink)[0]
        width, height = self.size
        left, top = (img.shape[2] - width) // 2, (img.shape[1] - height) // 2
        return img[:, top : top + height, left : left + width]


def check_size(size: int | Size) -> Size:
    """Return a size that can be drawn.

    Raises:
        ParameterError: a side is not from 64 to 4096.
    """
    sides = (size, size) if isinstance(size, int) else size
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in sides):
        text = "x".join(str(side) for side in dict.fromkeys(sides))
        raise ParameterError(f"--size = {text}: expected sides from {MIN_SIDE} to {MAX_SIDE}")
    return int(sides[0]), int(sides[1])


def _rounded(number: int, step: int) -> int:
    """Return a number rounded up to a multiple of a step."""
    return -(-number // step) * step
