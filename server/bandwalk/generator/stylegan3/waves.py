"""The input: waves over the picture plane, turned and shifted by w and by the user's transform."""

from __future__ import annotations

import math

import torch

from bandwalk.generator.stylegan3.weights import Waves


def draw_waves(waves: Waves, w: torch.Tensor, transform: torch.Tensor) -> torch.Tensor:
    """Sample the waves over the plane.

        f' = f A;  phi' = phi + f t;  x = amplitude(|f'|) sin(2 pi (f' p + phi'))   at each point p

    where A and t are the linear and the moving part of w's own turn and shift times the
    transform, and the amplitude falls from 1 at the bandwidth to 0 at half the sampling rate.

    Args:
        waves:     Their weights.
        w:         Style [N, w_dim].
        transform: Inverse transform of the plane [3, 3].

    Returns:
        Samples [N, height, width, C], before they are mixed.
    """
    place = _read_place(waves, w) @ transform  # [N, 3, 3]
    moved = waves.frequencies @ place[:, :2, 2:]  # [N, C, 1]
    phases = waves.phases + moved[:, :, 0]  # [N, C]
    frequencies = waves.frequencies @ place[:, :2, :2]  # [N, C, 2]
    fade = (frequencies.norm(dim=2) - waves.bandwidth) / (waves.sampling_rate / 2.0 - waves.bandwidth)
    amplitudes = (1.0 - fade).clamp(0.0, 1.0)  # [N, C]
    width, height = (_centres(size, waves.sampling_rate, w) for size in waves.size)
    across = width * frequencies[:, None, :, 0]  # [width, 1] * [N, 1, C]
    down = height * frequencies[:, None, :, 1] + phases[:, None]  # [N, height, C]
    turns = down[:, :, None] + across[:, None]  # [N, y, x, C]
    return turns.mul_(2.0 * math.pi).sin_().mul_(amplitudes[:, None, None])


def _read_place(waves: Waves, w: torch.Tensor) -> torch.Tensor:
    """Return the turn and shift that w asks for [N, 3, 3]."""
    t = waves.affine(w)  # cos, sin, x, y [N, 4], the first two of any length
    t = t / t[:, :2].norm(dim=1, keepdim=True)
    cos, sin, x, y = t.unbind(dim=1)
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    turn = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1)
    shift = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], dim=1)
    return turn.view(-1, 3, 3) @ shift.view(-1, 3, 3)


def _centres(size: int, sampling_rate: float, like: torch.Tensor) -> torch.Tensor:
    """Return where the samples lie along an axis, 0 in the middle [size, 1]."""
    k = torch.arange(size, device=like.device, dtype=like.dtype)
    return ((k - (size - 1) / 2.0) / sampling_rate)[:, None]
