"""Features -> picture, also for a network whose training stopped between two resolutions."""

from __future__ import annotations

import torch
from torch.nn import functional

from bandwalk.generator.stylegan1.weights import Weights


def last_block(weights: Weights) -> int:
    """Return the index of the last resolution that is drawn, from 4x4 up."""
    return len(weights.layers) // 2 - 1 - int(weights.lod)


def to_picture(x: torch.Tensor, before: torch.Tensor, weights: Weights) -> torch.Tensor:
    """Convert features of the last block to a picture, blended with that of the block before, at full size.

        img = rgb(x) + lod % 1 * (double(rgb(before)) - rgb(x))

    Args:
        x:       Features of the last block [N, C, H, W].
        before:  Features of the block before [N, C', H / 2, W / 2]; not read when lod is whole.
        weights: The generator.

    Returns:
        The picture [N, C, H, W] at full size, C 3 or 4; pixels are repeated if lod is 1 or more.
    """
    img = functional.conv2d(x, weights.rgb.weight, weights.rgb.bias)
    if weights.rgb_before is not None:
        small = functional.conv2d(before, weights.rgb_before.weight, weights.rgb_before.bias)
        img = img.lerp(_repeat(small, 2), weights.lod % 1.0)
    return _repeat(img, 2 ** int(weights.lod))


def _repeat(img: torch.Tensor, times: int) -> torch.Tensor:
    """Repeat each pixel along both axes."""
    return img if times == 1 else functional.interpolate(img, scale_factor=float(times), mode="nearest")
