"""Edits of pictures that a direction is trained to make: the edited picture, and a mask of where it is known.

Alpha 1 is a clear change: a channel raised by a quarter of its range, the picture 1.41 times as large, turned 30
degrees anticlockwise, or moved by an eighth of its width to the right or of its height up; -1 is the opposite.

After A. Jahanian, L. Chai and P. Isola, "On the 'steerability' of generative adversarial networks", ICLR 2020,
section 3: colour, brightness, zoom, shift and rotation; parts from outside the frame are masked out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

COLOUR = 0.5  # of a range of 2
ZOOM = math.sqrt(2.0)  # factor
SHIFT = 0.125  # of the picture's side
TURN_DEG = 30.0

Edited = tuple[Tensor, Tensor]  # pictures [N, 3, H, W], -1..1; mask [N, 1, H, W], 1 where they are known
Edit = Callable[[Tensor, Tensor], Edited]  # of pictures and alpha [N]


def _recolour(channels: slice) -> Edit:
    def edit(img: Tensor, alpha: Tensor) -> Edited:
        out = img.clamp(-1.0, 1.0)
        out[:, channels] = (out[:, channels] + COLOUR * alpha[:, None, None, None]).clamp(-1.0, 1.0)
        return out, torch.ones_like(img[:, :1])

    return edit


def _move(sources: Callable[[Tensor], tuple[tuple[Tensor | float, ...], ...]]) -> Edit:
    """Return an edit that moves the picture: an affine map, on -1..1 with y down, says where each point comes from."""

    def edit(img: Tensor, alpha: Tensor) -> Edited:
        rows = [[torch.as_tensor(x).to(alpha).expand_as(alpha) for x in row] for row in sources(alpha)]
        theta = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)  # [N, 2, 3]
        places = F.affine_grid(theta, list(img.shape), align_corners=False)  # [N, H, W, 2]
        out = F.grid_sample(img.clamp(-1.0, 1.0), places, padding_mode="border", align_corners=False)
        edge = 1.0 - 1.0 / places.new_tensor([img.shape[3], img.shape[2]]) + 1e-6  # centres of the outermost pixels
        return out, (places.abs() <= edge).all(dim=3)[:, None].to(img)

    return edit


def _turn(alpha: Tensor) -> tuple[tuple[Tensor | float, ...], ...]:
    angle = torch.deg2rad(TURN_DEG * alpha)
    return (angle.cos(), -angle.sin(), 0.0), (angle.sin(), angle.cos(), 0.0)


EDITS: Mapping[str, Edit] = {
    "red": _recolour(slice(0, 1)),
    "green": _recolour(slice(1, 2)),
    "blue": _recolour(slice(2, 3)),
    "brightness": _recolour(slice(0, 3)),
    "zoom": _move(lambda a: ((ZOOM**-a, 0.0, 0.0), (0.0, ZOOM**-a, 0.0))),
    "shift-x": _move(lambda a: ((1.0, 0.0, -2.0 * SHIFT * a), (0.0, 1.0, 0.0))),
    "shift-y": _move(lambda a: ((1.0, 0.0, 0.0), (0.0, 1.0, 2.0 * SHIFT * a))),
    "rotate": _move(_turn),
}
"""Edits by name: each takes pictures [N, 3, H, W], -1..1, and alpha [N]."""
