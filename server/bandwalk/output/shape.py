"""Picture shapes: a picture on a screen of another shape.

crop    the picture covers the screen, what hangs over is cut off
fit     the picture stands whole on the screen, black beside it
mirror  the picture stands whole on the screen, its mirror images beside it
"""

import numpy as np
import torch

from bandwalk.errors import ParameterError
from bandwalk.units import MAX_SQUARE, MIN_SQUARE, SIDE_STEP

_RGBA = 4


def native_side(width: int, height: int, fit: str) -> int:
    """Return the square side at which to draw for a screen of this size, pixels.

    It is what the screen shows of the square (crop: the longer side, else the shorter one), rounded up to a
    multiple of 16, within 128..1024.
    """
    shown = max(width, height) if fit == "crop" else min(width, height)
    rounded = -(-shown // SIDE_STEP) * SIDE_STEP
    return min(max(rounded, MIN_SQUARE), MAX_SQUARE)


def to_size(rgb: np.ndarray, width: int, height: int, *, fit: str) -> np.ndarray:
    """Return the picture on a screen of width x height.

    Args:
        rgb:    [h, w, 3] uint8, or with opacity [h, w, 4].
        width:  Pixels.
        height: Pixels.
        fit:    "crop", "fit" or "mirror".

    Returns:
        [height, width, C] uint8; the same array where the size is right already. Nothing is resampled
        where the scale is 1. Beside a picture with opacity the screen is seen through.

    Raises:
        ParameterError: another fit.
    """
    if rgb.shape[:2] == (height, width):
        return rgb
    if fit == "crop":
        return resize(_cut(rgb, width, height), width, height)
    if fit not in ("fit", "mirror"):
        raise ParameterError(f"/out/fit = {fit}: expected crop, fit, mirror")
    canvas = np.zeros((height, width, rgb.shape[2]), np.uint8)
    inner = _contained(rgb, width, height)
    h, w = inner.shape[:2]
    top, left = (height - h) // 2, (width - w) // 2
    canvas[top : top + h, left : left + w] = inner
    if fit == "mirror":
        _mirror_beside(canvas, (top, top + h), axis=0)
        _mirror_beside(canvas, (left, left + w), axis=1)
    return canvas


def resize(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the picture at another size: bilinear, with a wider kernel where it shrinks; [height, width, C] uint8.

    Colours count as much as they are opaque: what is seen through has none to give to its neighbours.
    """
    h, w, colours = rgb.shape
    if (h, w) == (height, width):
        return rgb
    if colours == _RGBA:
        return _resize_rgba(rgb, width, height)
    img = torch.from_numpy(rgb)[None].permute(0, 3, 1, 2)  # [1, 3, h, w]
    # torch takes its fast interleaved path only if the stride of the axis of size 1 is what a batch would have
    img = img.as_strided(img.shape, (rgb.strides[0] * h, 1, rgb.strides[0], rgb.strides[1]))
    resized = torch.nn.functional.interpolate(img, (height, width), mode="bilinear", antialias=True)
    return resized.permute(0, 2, 3, 1)[0].numpy()  # [height, width, 3]


def _resize_rgba(rgba: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a picture [h, w, 4] as [height, width, 4]."""
    img = torch.from_numpy(rgba).permute(2, 0, 1)[None].float()  # [1, 4, h, w]
    weighed = torch.cat([img[:, :3] * img[:, 3:], img[:, 3:]], 1)
    weighed = torch.nn.functional.interpolate(weighed, (height, width), mode="bilinear", antialias=True)
    colours = weighed[:, :3] / weighed[:, 3:].clamp_min(1e-3)
    levels = torch.cat([colours, weighed[:, 3:]], 1).round().clamp(0, 255).to(torch.uint8)
    return levels[0].permute(1, 2, 0).contiguous().numpy()


def _cut(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the largest middle part of the shape width : height, as a view."""
    h, w = rgb.shape[:2]
    scale = min(w / width, h / height)
    cut_w, cut_h = max(1, round(width * scale)), max(1, round(height * scale))
    top, left = (h - cut_h) // 2, (w - cut_w) // 2
    return rgb[top : top + cut_h, left : left + cut_w]


def _contained(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the whole picture at the largest size that the screen holds."""
    h, w = rgb.shape[:2]
    scale = min(width / w, height / h)
    return resize(rgb, max(1, round(w * scale)), max(1, round(h * scale)))


def _mirror_beside(canvas: np.ndarray, box: tuple[int, int], *, axis: int) -> None:
    """Fill canvas [height, width, 3] along the axis with mirror images of what stands at first..last of it."""
    first, last = box
    size = canvas.shape[axis]
    while last < size:  # what is there already is mirrored at its end, so each turn can double it
        n = min(last - first, size - last)
        _mirror(canvas, (last - n, last), last, axis=axis)
        last += n
    while first > 0:
        n = min(last - first, first)
        _mirror(canvas, (first, first + n), first - n, axis=axis)
        first -= n


def _mirror(canvas: np.ndarray, source: tuple[int, int], to: int, *, axis: int) -> None:
    lines = np.moveaxis(canvas, axis, 0)  # a view: rows, or columns, first
    first, last = source
    lines[to : to + last - first] = lines[first:last][::-1]
