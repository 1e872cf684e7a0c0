"""Fits whole pictures into a fixed size, with black bars."""

import re

import numpy as np

from bandwalk.errors import ParameterError

MIN_SIDE, MAX_SIDE = 16, 8192


def parse_resize(text: str) -> tuple[int, int] | None:
    """Return (width, height) of "1920x1080"; None for "" (the server's size).

    Raises:
        ParameterError: the text is invalid, or a side is out of range.
    """
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text.strip().lower(), re.ASCII)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in (width, height)):
        raise ParameterError(f"--resize = {text[:80]}: expected WIDTHxHEIGHT from {MIN_SIDE} to {MAX_SIDE}")
    return width, height


class Resizer:
    """Fits pictures into one size, with Pillow's bilinear filter.

    Raises:
        ParameterError: Pillow is not installed.
    """

    def __init__(self, width: int, height: int) -> None:
        try:
            from PIL import Image
        except ImportError as e:
            raise ParameterError(f"--resize: {e}; expected Pillow: pip install pillow") from e
        self._image = Image
        self._canvas = np.zeros((height, width, 3), np.uint8)
        self._box = (0, 0, 0, 0)

    def fit(self, rgb: np.ndarray) -> np.ndarray:
        """Return the picture [h, w, 3] as [height, width, 3] uint8: the same array each time."""
        box = self._box_of(rgb.shape[1], rgb.shape[0])
        if box != self._box:
            self._canvas[:] = 0
            self._box = box
        x, y, w, h = box
        image = self._image.fromarray(rgb).resize((w, h), self._image.Resampling.BILINEAR)
        self._canvas[y : y + h, x : x + w] = np.asarray(image)
        return self._canvas

    def _box_of(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return (x, y, w, h) of a picture of this size on the canvas."""
        room_h, room_w = self._canvas.shape[:2]
        scale = min(room_w / width, room_h / height)
        w, h = max(1, round(width * scale)), max(1, round(height * scale))
        return (room_w - w) // 2, (room_h - h) // 2, w, h
