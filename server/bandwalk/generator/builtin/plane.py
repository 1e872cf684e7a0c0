"""Sampled planes, which the stages pass to each other.

A `Plane` is a stack of square maps [C, side * side], each with a margin of some pixels around the picture. The maps are
flat, so that a shift by a pixel or a row is a contiguous slice, which is fast. Such a shift wraps around at the ends of
rows; the wrong values in the outermost columns are overwritten (`differences`) or dropped (`double`, and the fine
stage). The picture spans -1..1 on both axes, x to the right, y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.effects import Effects


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


def grid(pixels: int, margin: int, device: torch.device) -> Plane:
    """Return the coordinates x, y, 1 of a grid's samples (pixel centres) [3, n]."""
    ticks = (torch.arange(-margin, pixels + margin, device=device, dtype=torch.float32) + 0.5) * (2.0 / pixels) - 1.0
    y, x = torch.meshgrid(ticks, ticks, indexing="ij")
    return Plane(torch.stack([x.flatten(), y.flatten(), torch.ones_like(x).flatten()]), pixels, margin)


def to_tensor(numbers: NDArray[np.floating], device: torch.device) -> torch.Tensor:
    """Return a small matrix as float32."""
    return torch.from_numpy(numbers.astype(np.float32)).to(device)


def linear(x: torch.Tensor, factor: float, offset: float) -> torch.Tensor:
    """Return ``factor * x + offset`` in one pass, in half the time of two passes."""
    return torch.add(x.new_full((), offset), x, alpha=factor)


def linear_(x: torch.Tensor, factor: float, offset: float) -> torch.Tensor:
    """As `linear`, in place."""
    return torch.add(x.new_full((), offset), x, alpha=factor, out=x)


def bend_(maps: torch.Tensor, layer: int, effects: Effects) -> torch.Tensor:
    """Bend the square maps [C, side * side] of a layer in place."""
    if effects.touch(layer):
        side = math.isqrt(maps.shape[1])
        maps.copy_(effects.bend(maps.view(1, -1, side, side), layer).view_as(maps))
    return maps


def differences(maps: torch.Tensor, plane: Plane) -> tuple[torch.Tensor, torch.Tensor]:
    """Return differences of maps [C, n] across and down, over two samples.

    They are central; at the ends of the grid, twice the one-sided difference. Times ``pixels / 4`` they are d/dx and
    d/dy.
    """
    square = maps.view(-1, plane.side, plane.side)
    across, down = _step(maps, 1), _step(maps, plane.side)
    _end_rows(across.view_as(square), square)
    _end_rows(down.view_as(square).mT, square.mT)
    return across, down


def _step(maps: torch.Tensor, reach: int) -> torch.Tensor:
    """Return x[n + reach] - x[n - reach]; the first and last ``reach`` samples are not written."""
    out = torch.empty_like(maps)
    torch.sub(maps[:, 2 * reach :], maps[:, : -2 * reach], out=out[:, reach:-reach])
    return out


def _end_rows(steps: torch.Tensor, square: torch.Tensor) -> None:
    """Write the first and the last step of each row, which have only one neighbour [C, side, side]."""
    steps[..., 0] = 2.0 * (square[..., 1] - square[..., 0])
    steps[..., -1] = 2.0 * (square[..., -1] - square[..., -2])


def double(plane: Plane) -> Plane:
    """Return the maps at twice as many pixels, through a quadratic B-spline; margin 2 stays 2.

    Each axis is filtered by taps 1 5 10 10 5 1 (bilinear doubling and a binomial filter in one). The second derivative
    is continuous; otherwise the light on the relief would show a mesh.
    """
    if plane.margin != 2:
        raise ValueError(f"margin = {plane.margin}: expected 2")
    channels, side = len(plane.maps), plane.side
    new = 2 * side - 4
    out = plane.maps.new_empty(channels, new * new)
    square = out.view(channels, new, new)
    for across, columns in enumerate(_halves(plane.maps, 1)):
        for down, both in enumerate(_halves(columns, side)):
            inside = both.view(channels, side, side)[:, 1:-1, 1:-1]
            copy(square[:, down::2, across::2], inside)
    return Plane(out, 2 * plane.pixels, 2)


def _halves(x: torch.Tensor, reach: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the even and the odd new samples between neighbours at ``reach``."""
    before, here, after = x[:, : -2 * reach], x[:, reach:-reach], x[:, 2 * reach :]
    even, odd = torch.empty_like(x), torch.empty_like(x)
    inner_even, inner_odd = even[:, reach:-reach], odd[:, reach:-reach]
    torch.mul(here, 10.0 / 16.0, out=inner_even)
    torch.add(inner_even, after, alpha=5.0 / 16.0, out=inner_odd).add_(before, alpha=1.0 / 16.0)
    inner_even.add_(before, alpha=5.0 / 16.0).add_(after, alpha=1.0 / 16.0)
    return even, odd


def copy(target: torch.Tensor, source: torch.Tensor) -> None:
    """Copy between views that are not contiguous; numpy is twice as fast as torch here."""
    if target.device.type == "cpu":
        np.copyto(target.numpy(), source.numpy())
    else:
        target.copy_(source)
