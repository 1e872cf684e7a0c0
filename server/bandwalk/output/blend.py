"""Pictures on the way from one to another: levels that are not rounded, so that what changes slowly goes on."""

import numpy as np
import torch

_STRIP = 1 << 15
"""Levels worked on at a time: they stay in the processor's cache."""

_HALF = np.float32(0.5)


def blend(levels: torch.Tensor, rgb: np.ndarray, share: float) -> np.ndarray:
    """Move levels towards a picture, in place, and return them rounded, [H, W, C] uint8.

        levels += share * (picture - levels)

    Args:
        levels: [H, W, C] float32, 0..255.
        rgb:    [H, W, C] uint8.
        share:  0..1.
    """
    shown = np.empty_like(rgb, order="C")
    rounded, flat, picture = shown.reshape(-1), levels.view(-1), torch.from_numpy(np.ascontiguousarray(rgb)).view(-1)
    room = torch.empty(min(_STRIP, len(flat)))
    for first in range(0, len(flat), _STRIP):
        here = slice(first, first + _STRIP)
        part = flat[here]
        wanted = room[: len(part)].copy_(picture[here])
        part.lerp_(wanted, share)
        np.add(part.numpy(), _HALF, out=wanted.numpy())
        np.copyto(rounded[here], wanted.numpy(), casting="unsafe")  # cuts off: with the half, rounds
    return shown


def blend_reference(levels: np.ndarray, rgb: np.ndarray, share: float) -> np.ndarray:
    """Return where :func:`blend` moves levels [..., C] float32, at once."""
    moved: np.ndarray = levels + np.float32(share) * (rgb.astype(np.float32) - levels)
    return moved


def rounded(levels: np.ndarray) -> np.ndarray:
    """Return levels rounded as :func:`blend` does, uint8."""
    return (levels + _HALF).astype(np.uint8)
