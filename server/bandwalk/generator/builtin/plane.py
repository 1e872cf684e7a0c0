"""Sampled planes: what the stages hand to each other.

A `Plane` is a stack of square maps [C, side * side], each with a margin of some pixels
around the picture, kept flat: then a shift by a pixel or by a row is a slice, contiguous
and fast, and what it gets wrong at the ends of rows stays inside the margin.
The picture spans -1..1 on both axes, x to the right, y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Plane:
    """Maps on a grid of ``pixels + 2 * margin`` samples a side."""

    maps: torch.Tensor  # [C, side * side]
    pixels: int  # samples across the picture
    margin: int  # samples beyond each edge of it

    @property
    def side(self) -> int:
        """Samples a row."""
        return self.pixels + 2 * self.margin

    def with_maps(self, maps: torch.Tensor) -> Plane:
        """Return other maps on the same grid."""
        return Plane(maps, self.pixels, self.margin)

    def cropped(self, rim: int) -> Plane:
        """Return the maps with a margin smaller by ``rim``."""
        square = self.maps.view(len(self.maps), self.side, self.side)[:, rim:-rim, rim:-rim]
        return Plane(square.reshape(len(self.maps), -1), self.pixels, self.margin - rim)


def grid(pixels: int, margin: int, device: torch.device) -> Plane:
    """Return the coordinates x, y of a grid's samples (pixel centres)."""
    ticks = (torch.arange(-margin, pixels + margin, device=device, dtype=torch.float32) + 0.5) * (2.0 / pixels) - 1.0
    y, x = torch.meshgrid(ticks, ticks, indexing="ij")
    return Plane(torch.stack([x.flatten(), y.flatten()]), pixels, margin)


def affine(maps: torch.Tensor, matrix: NDArray[np.float64], offset: Sequence[float]) -> torch.Tensor:
    """Return ``matrix @ maps + offset`` [2, n] for maps [2, n]."""
    a = maps.new_tensor(matrix)
    b = maps.new_tensor(list(offset)).unsqueeze(1)
    return torch.addmm(b, a, maps)


def differences(maps: torch.Tensor, plane: Plane) -> tuple[torch.Tensor, torch.Tensor]:
    """Return d/dx and d/dy of maps [C, n] by central differences, per unit of the plane.

    The outermost ring of samples is not valid: the margin shrinks by one.
    """
    scale = plane.pixels / 4.0  # 1 / (two samples of 2 / pixels)
    return _step(maps, 1, scale), _step(maps, plane.side, scale)


def _step(maps: torch.Tensor, reach: int, scale: float) -> torch.Tensor:
    out = torch.empty_like(maps)
    torch.sub(maps[:, 2 * reach :], maps[:, : -2 * reach], out=out[:, reach:-reach])
    out[:, :reach] = 0.0
    out[:, -reach:] = 0.0
    return out.mul_(scale)


def double(plane: Plane) -> Plane:
    """Return the maps at twice as many pixels, through a quadratic B-spline; margin 2 stays 2.

    Each axis by taps 1 5 10 10 5 1 (bilinear doubling and a binomial in one): its second
    derivative does not jump, which relief light would show as a mesh.
    """
    if plane.margin != 2:
        raise ValueError(f"margin = {plane.margin}: expected 2")
    channels, side = len(plane.maps), plane.side
    x = plane.maps.view(channels, side, side)
    out = x.new_empty(channels, 2 * side - 4, 2 * side - 4)
    for across, columns in enumerate(_halves(x, 2)):
        for down, both in enumerate(_halves(columns, 1)):
            out[:, down::2, across::2] = both
    return Plane(out.view(channels, -1), 2 * plane.pixels, 2)


def _halves(x: torch.Tensor, axis: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the even and the odd new samples along an axis, one old sample cut at each end."""
    n = x.shape[axis] - 2
    before, here, after = (x.narrow(axis, start, n) for start in range(3))
    middle = here * (10.0 / 16.0)
    even = torch.add(middle, before, alpha=5.0 / 16.0).add_(after, alpha=1.0 / 16.0)
    odd = middle.add_(after, alpha=5.0 / 16.0).add_(before, alpha=1.0 / 16.0)
    return even, odd
