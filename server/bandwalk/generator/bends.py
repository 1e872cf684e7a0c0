"""Network bending: the maps of a layer are changed before the next layer reads them.

The idea and the choice of changes are those of Broad, Leymarie and Grierson, "Network Bending: Expressive
Manipulation of Deep Generative Models" (EvoMUSART 2021). Each change has a strength; 0 changes nothing. A changed
map stays between its own smallest and largest number, so that no strength can break the picture.

Maps are [N, C, H, W], float32; strengths beyond ``MAX_STRENGTH`` are limited to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bandwalk.records import Bend

MAX_STRENGTH = 4.0
"""Largest strength, positive or negative; it limits the cost of a frame."""

_TINY = 1e-20

_REACH = 1 / 16  # share of the width by which a strength of 1 grows or shrinks, on each side


def bend(x: Tensor, how: Bend) -> Tensor:
    """Return changed copies of maps [N, C, H, W], in the same dtype and memory order."""
    value = min(max(how.value, -MAX_STRENGTH), MAX_STRENGTH)
    count = min(max(how.share, 0.0), 1.0) * x.shape[1]
    if value == 0.0 or count == 0.0:
        return x
    change = KINDS[how.kind]
    if count == x.shape[1]:
        return _as(x, change(_plain(x), value))
    chosen = _channels(x.shape[1], how.seed, x.device)[: math.ceil(count)]
    before = _plain(x[:, chosen])
    after = change(before, value)
    after[:, -1] = before[:, -1].lerp(after[:, -1], count - len(chosen) + 1.0)
    return x.clone().index_copy_(1, chosen, after.to(x.dtype))


def _plain(x: Tensor) -> Tensor:
    """Return maps in the form that is fastest to change: float32, one map after the other."""
    return x.to(torch.float32, memory_format=torch.contiguous_format)


def _as(x: Tensor, y: Tensor) -> Tensor:
    """Return y in the dtype and memory order of x, for which the next convolution was prepared."""
    last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return y.to(x.dtype, memory_format=torch.channels_last if last else torch.contiguous_format)


@lru_cache(maxsize=256)
def _channels(count: int, seed: int, device: torch.device) -> Tensor:
    """Return the channels in the order in which a growing share selects them."""
    rng = np.random.Generator(np.random.PCG64([seed, count]))
    return torch.from_numpy(rng.permutation(count)).to(device)


def scale(x: Tensor, v: float) -> Tensor:
    """Enlarge about the middle: by 2^v."""
    shrink = 2.0**-v
    return _moved(x, ((shrink, 0.0, 0.0), (0.0, shrink, 0.0)))


def rotate(x: Tensor, v: float) -> Tensor:
    """Turn about the middle, anticlockwise: v quarter turns."""
    cos, sin = math.cos(0.5 * math.pi * v), math.sin(0.5 * math.pi * v)
    tall = x.shape[2] / x.shape[3]  # places run -1..1 along both sides, whatever their lengths
    return _moved(x, ((cos, -sin * tall, 0.0), (sin / tall, cos, 0.0)))


def translate_x(x: Tensor, v: float) -> Tensor:
    """Move to the right: v widths."""
    return _moved(x, ((1.0, 0.0, -2.0 * v), (0.0, 1.0, 0.0)))


def translate_y(x: Tensor, v: float) -> Tensor:
    """Move up: v heights."""
    return _moved(x, ((1.0, 0.0, 0.0), (0.0, 1.0, 2.0 * v)))


def _moved(x: Tensor, there: tuple[tuple[float, ...], ...]) -> Tensor:
    """Draw at each place (x, y, 1), -1..1, the sample at ``there`` [2, 3] @ place; mirrored at the edges."""
    height, width = x.shape[2:]
    across, down = _middles(width, x.device), _middles(height, x.device)[:, None]
    places = torch.stack([a * across + b * down + c for a, b, c in there], -1)  # [H, W, 2]
    places = places.expand(len(x), -1, -1, -1)
    return F.grid_sample(x, places, mode="bilinear", padding_mode="reflection", align_corners=False)


def _middles(count: int, device: torch.device) -> Tensor:
    """Return the centres of a row of samples [count], -1..1 from edge to edge; made on the device, for CUDA graphs."""
    return torch.arange(1 - count, count, 2, device=device, dtype=torch.float32) / count


def flip_x(x: Tensor, v: float) -> Tensor:
    """Fade to the mirror image, left and right swapped: (1 - |v|) x + |v| mirrored, |v| at most 1."""
    return x.lerp(x.flip(3), min(abs(v), 1.0))


def flip_y(x: Tensor, v: float) -> Tensor:
    """Fade to the mirror image, top and bottom swapped: (1 - |v|) x + |v| mirrored, |v| at most 1."""
    return x.lerp(x.flip(2), min(abs(v), 1.0))


def dilate(x: Tensor, v: float) -> Tensor:
    """Grow the bright parts of a map: the largest number within v sixteenths of the width; below 0: `erode`."""
    return _grown(x, v) if v > 0.0 else -_grown(-x, -v)


def erode(x: Tensor, v: float) -> Tensor:
    """Shrink the bright parts of a map: the smallest number within v sixteenths of the width; below 0: `dilate`."""
    return dilate(x, -v)


def _grown(x: Tensor, v: float) -> Tensor:
    """Return the largest number in a square around each place; between two whole radii, a blend of both."""
    radius = v * _REACH * x.shape[-1]
    whole = math.floor(radius)
    for axis in (2, 3):
        x = _largest(x, whole, axis)
    wider = _largest(_largest(x, 1, 2), 1, 3)
    return x.lerp(wider, radius - whole)


def _largest(x: Tensor, radius: int, axis: int) -> Tensor:
    """Return the largest number within a radius along an axis, in about log2(radius) passes."""
    pad = (0, 0, radius, radius) if axis == 2 else (radius, radius)
    x = F.pad(x, pad, value=-math.inf)
    width, wanted = 1, 2 * radius + 1
    while width < wanted:  # the largest of `width` samples from each one on
        step = min(width, wanted - width)
        n = x.shape[axis] - step
        x = torch.maximum(x.narrow(axis, 0, n), x.narrow(axis, step, n))
        width += step
    return x


def threshold(x: Tensor, v: float) -> Tensor:
    """Fade to two levels, one for the bright and one for the dark parts of a map; below 0 the two are swapped.

        y = (1 - |v|) x + |v| (w bright + (1 - w) dark),  w = clamp(1/2 + 2 (x - mean) / deviation, 0, 1)

    where bright and dark are the means of the map weighted by w and by 1 - w, and |v| is at most 1. The edge is
    slightly soft, so that it moves smoothly.
    """
    d = x - x.mean((2, 3), keepdim=True)
    deviation = d.square().mean((2, 3), keepdim=True).sqrt().clamp_min(_TINY)
    w = (d * (2.0 / deviation)).add_(0.5).clamp_(0.0, 1.0)
    bright, dark = _weighted_mean(x, w), _weighted_mean(x, 1.0 - w)
    levels = torch.lerp(dark, bright, w) if v > 0.0 else torch.lerp(bright, dark, w)
    return x.lerp(levels, min(abs(v), 1.0))


def _weighted_mean(x: Tensor, weight: Tensor) -> Tensor:
    return (x * weight).sum((2, 3), keepdim=True) / weight.sum((2, 3), keepdim=True).clamp_min(_TINY)


KINDS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "scale": scale,
    "rotate": rotate,
    "translate_x": translate_x,
    "translate_y": translate_y,
    "flip_x": flip_x,
    "flip_y": flip_y,
    "dilate": dilate,
    "erode": erode,
    "threshold": threshold,
}
"""By the names in the table of parameters (``BEND_KINDS``; a test checks that they are equal)."""
