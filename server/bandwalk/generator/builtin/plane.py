"""Sampled planes, which the stages pass to each other.

A `Plane` is a stack of maps [C, rows * row], each with a margin of some pixels around the picture. The maps are flat,
so that a shift by a pixel or a row is a contiguous slice, which is fast. Such a shift wraps around at the ends of rows;
the wrong values in the outermost columns are overwritten (`differences`) or dropped (`double`, and the fine stage). The
square in the picture's middle spans -1..1 on both axes, x to the right, y down; a wide or tall picture goes on beyond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.effects import Effects

Size = tuple[int, int]  # across and down


@dataclass(frozen=True, eq=False)
class Plane:
    """Maps on a grid of samples, some of them beyond the picture."""

    maps: torch.Tensor  # [C, rows * row]
    size: Size  # samples across and down the picture
    margin: int  # samples beyond each edge of it

    @property
    def row(self) -> int:
        """Samples a row."""
        return self.size[0] + 2 * self.margin

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.size[1] + 2 * self.margin

    @property
    def pixels(self) -> int:
        """Samples across the square in the picture's middle."""
        return min(self.size)

    def with_maps(self, maps: torch.Tensor) -> Plane:
        """Return other maps on the same grid."""
        return Plane(maps, self.size, self.margin)


def grid(size: Size, margin: int, device: torch.device) -> Plane:
    """Return the coordinates x, y, 1 of a grid's samples (pixel centres) [3, n]."""
    across, down = (_ticks(count, min(size), margin, device) for count in size)
    y, x = torch.meshgrid(down, across, indexing="ij")
    return Plane(torch.stack([x.flatten(), y.flatten(), torch.ones_like(x).flatten()]), size, margin)


def _ticks(count: int, pixels: int, margin: int, device: torch.device) -> torch.Tensor:
    """Return the places of an axis' samples; ``pixels`` of them span -1..1."""
    before = (count - pixels) / 2.0  # samples before the square in the middle
    places = torch.arange(-margin, count + margin, device=device, dtype=torch.float32) + (0.5 - before)
    return places * (2.0 / pixels) - 1.0


def halved(size: Size) -> Size:
    """Return half a size."""
    return size[0] // 2, size[1] // 2


def to_tensor(numbers: NDArray[np.floating], device: torch.device) -> torch.Tensor:
    """Return a small matrix as float32."""
    return torch.from_numpy(numbers.astype(np.float32)).to(device)


def linear(x: torch.Tensor, factor: float, offset: float) -> torch.Tensor:
    """Return ``factor * x + offset`` in one pass, in half the time of two passes."""
    return torch.add(x.new_full((), offset), x, alpha=factor)


def linear_(x: torch.Tensor, factor: float, offset: float) -> torch.Tensor:
    """As `linear`, in place."""
    return torch.add(x.new_full((), offset), x, alpha=factor, out=x)


def bend_(maps: torch.Tensor, layer: int, effects: Effects, row: int) -> torch.Tensor:
    """Bend the maps [C, rows * row] of a layer in place."""
    if effects.touch(layer):
        maps.copy_(effects.bend(maps.view(1, len(maps), -1, row), layer).view_as(maps))
    return maps


def differences(maps: torch.Tensor, plane: Plane) -> tuple[torch.Tensor, torch.Tensor]:
    """Return differences of maps [C, n] across and down, over two samples.

    They are central; at the ends of the grid, twice the one-sided difference. Times ``pixels / 4`` they are d/dx and
    d/dy.
    """
    shaped = maps.view(-1, plane.rows, plane.row)
    across, down = _step(maps, 1), _step(maps, plane.row)
    _end_rows(across.view_as(shaped), shaped)
    _end_rows(down.view_as(shaped).mT, shaped.mT)
    return across, down


def _step(maps: torch.Tensor, reach: int) -> torch.Tensor:
    """Return x[n + reach] - x[n - reach]; the first and last ``reach`` samples are not written."""
    out = torch.empty_like(maps)
    torch.sub(maps[:, 2 * reach :], maps[:, : -2 * reach], out=out[:, reach:-reach])
    return out


def _end_rows(steps: torch.Tensor, maps: torch.Tensor) -> None:
    """Write the first and the last step of each row of maps [C, rows, row], which have only one neighbour."""
    steps[..., 0] = 2.0 * (maps[..., 1] - maps[..., 0])
    steps[..., -1] = 2.0 * (maps[..., -1] - maps[..., -2])


def double(plane: Plane) -> Plane:
    """Return the maps at twice as many pixels, through a quadratic B-spline; margin 2 stays 2.

    Each axis is filtered by taps 1 5 10 10 5 1 (bilinear doubling and a binomial filter in one). The second derivative
    is continuous; otherwise the light on the relief would show a mesh.
    """
    if plane.margin != 2:
        raise ValueError(f"margin = {plane.margin}: expected 2")
    channels, rows, row = len(plane.maps), plane.rows, plane.row
    shaped = plane.maps.new_empty(channels, 2 * rows - 4, 2 * row - 4)
    for across, columns in enumerate(_halves(plane.maps, 1)):
        for down, both in enumerate(_halves(columns, row)):
            inside = both.view(channels, rows, row)[:, 1:-1, 1:-1]
            copy(shaped[:, down::2, across::2], inside)
    width, height = plane.size
    return Plane(shaped.flatten(1), (2 * width, 2 * height), 2)


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
    """Copy between views that are not contiguous, or from float32 to bytes; numpy is twice as fast as torch here."""
    if target.device.type == "cpu":
        np.copyto(target.numpy(), source.numpy(), casting="unsafe")
    else:
        target.copy_(source)
