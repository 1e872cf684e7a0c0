"""Learned maps that go on beyond their edges, for pictures in other shapes than the trained one."""

from __future__ import annotations

import torch
from torch import Tensor

Size = tuple[int, int]  # across and down


def samples_beside(own: Size, wanted: Size, pixels: int) -> Size:
    """Return how many samples a grid needs more on each side, across and down.

    Args:
        own:    Size of the picture.
        wanted: Size that it must reach.
        pixels: Of the picture that stand for one sample.
    """
    across, down = (-(-max(0, far - near) // (2 * pixels)) for near, far in zip(own, wanted, strict=True))
    return across, down


def mirrored(maps: Tensor, beside: Size) -> Tensor:
    """Return maps [..., h, w] with mirror images on all sides: ``beside`` samples more, across and down.

    A mirror image continues the map without a jump, and repeats it only after twice its length; a copy beside it does
    neither.
    """
    rows = _reflected(maps.shape[-2], beside[1], maps.device)
    columns = _reflected(maps.shape[-1], beside[0], maps.device)
    return maps.index_select(-2, rows).index_select(-1, columns)


def _reflected(count: int, beside: int, device: torch.device) -> Tensor:
    """Return which samples stand in a row between two mirrors at its ends."""
    k = torch.arange(-beside, count + beside, device=device) % (2 * count)
    return torch.minimum(k, 2 * count - 1 - k)
