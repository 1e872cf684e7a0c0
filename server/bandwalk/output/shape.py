"""Fits a picture to a screen of a different shape.

crop    the picture covers the whole screen; the rest of it is cut off
native  it was drawn in the screen's shape, and is only enlarged; while it was not yet, as crop
auto    either of both
fit     the whole picture is on the screen, with black bars
mirror  the whole picture is on the screen, with mirror images next to it
"""

import numpy as np
import torch

from bandwalk.errors import ParameterError
from bandwalk.output.lanczos import enlarge

_RGBA = 4


def to_size(rgb: np.ndarray, width: int, height: int, *, fit: str) -> np.ndarray:
    """Return the picture on a screen of width x height.

    Args:
        rgb:    [h, w, 3] uint8, or with opacity [h, w, 4].
        width:  pixels.
        height: pixels.
        fit:    "crop", "fit", "mirror", "native" or "auto".

    Returns:
        [height, width, C] uint8; the same array if the size is already right. At scale 1 nothing is
        resampled. Next to a picture with opacity the screen is transparent.

    Raises:
        ParameterError: an unknown fit.
    """
    if rgb.shape[:2] == (height, width):
        return rgb
    if fit in ("crop", "native", "auto"):
        cut = _cut(rgb, width, height)
        return resize(cut, width, height) if fit == "crop" else _sharpest(cut, width, height)
    if fit not in ("fit", "mirror"):
        raise ParameterError(f"/out/fit = {fit}: expected crop, fit, mirror, native, auto")
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
    """Return the picture at a different size: bilinear, with a wider kernel if it shrinks; [height, width, C] uint8.

    Colours are weighted by opacity: a transparent pixel does not change its neighbours.
    """
    h, w, colours = rgb.shape
    if (h, w) == (height, width):
        return rgb
    if colours == _RGBA:
        return _resize_rgba(rgb, width, height)
    img = torch.from_numpy(rgb)[None].permute(0, 3, 1, 2)  # [1, 3, h, w]
    # torch's fast interleaved path needs the axis of size 1 to have the stride of a batch
    img = img.as_strided(img.shape, (rgb.strides[0] * h, 1, rgb.strides[0], rgb.strides[1]))
    resized = torch.nn.functional.interpolate(img, (height, width), mode="bilinear", antialias=True)
    return resized.permute(0, 2, 3, 1)[0].numpy()  # [height, width, 3]


def _sharpest(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the picture at a different size: by Lanczos where it grows and has no opacity, else as `resize`."""
    h, w, colours = rgb.shape
    if colours == _RGBA or height < h or width < w or (h, w) == (height, width):
        return resize(rgb, width, height)
    return enlarge(rgb, width, height)


def _resize_rgba(rgba: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a picture [h, w, 4] as [height, width, 4]."""
    img = torch.from_numpy(rgba).permute(2, 0, 1)[None].float()  # [1, 4, h, w]
    weighed = torch.cat([img[:, :3] * img[:, 3:], img[:, 3:]], 1)
    weighed = torch.nn.functional.interpolate(weighed, (height, width), mode="bilinear", antialias=True)
    colours = weighed[:, :3] / weighed[:, 3:].clamp_min(1e-3)
    levels = torch.cat([colours, weighed[:, 3:]], 1).round().clamp(0, 255).to(torch.uint8)
    return levels[0].permute(1, 2, 0).contiguous().numpy()


def _cut(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the largest centred part with the shape width : height, as a view."""
    h, w = rgb.shape[:2]
    scale = min(w / width, h / height)
    cut_w, cut_h = max(1, round(width * scale)), max(1, round(height * scale))
    top, left = (h - cut_h) // 2, (w - cut_w) // 2
    return rgb[top : top + cut_h, left : left + cut_w]


def _contained(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the whole picture at the largest size that fits on the screen."""
    h, w = rgb.shape[:2]
    scale = min(width / w, height / h)
    return resize(rgb, max(1, round(w * scale)), max(1, round(h * scale)))


def _mirror_beside(canvas: np.ndarray, box: tuple[int, int], *, axis: int) -> None:
    """Fill canvas [height, width, 3] along the axis with mirror images of its part first..last."""
    first, last = box
    size = canvas.shape[axis]
    while last < size:  # the filled part is mirrored at its end, so each turn can double it
        n = min(last - first, size - last)
        _mirror(canvas, (last - n, last), last, axis=axis)
        last += n
    while first > 0:
        n = min(last - first, first)
        _mirror(canvas, (first, first + n), first - n, axis=axis)
        first -= n


def _mirror(canvas: np.ndarray, source: tuple[int, int], to: int, *, axis: int) -> None:
    lines = np.moveaxis(canvas, axis, 0)  # a view with rows, or columns, first
    first, last = source
    lines[to : to + last - first] = lines[first:last][::-1]
