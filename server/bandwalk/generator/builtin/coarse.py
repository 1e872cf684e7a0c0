"""Styles 0-2: where things are. Place and fold the plane, warp it, raise a mass on it."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.builtin.plane import affine
from bandwalk.generator.builtin.styles import Params, choose, equal_power, sigmoid

# Symmetries: none, a mirror, kaleidoscopes. Free and triple forms come more often.
_FOLDS = (2, 3, 5, 6, 8)
_FOLD_BIAS = (2.0, 1.0, 0.0, 0.4, 0.2, 0.4, 0.1)
_ROUNDING = 0.995  # how far a kaleidoscope's edge stays from a hard crease


def draw_coarse(xy: torch.Tensor, s: list[Params], bank: WarpBank, transform: NDArray[np.float64]) -> torch.Tensor:
    """Return the warped plane and its mass: x, y, h0 [3, n].

    Args:
        xy:        Coordinates of the picture's samples [2, n].
        s:         Style parameters of all layers; 0, 1, 2 are read, and 3 for the finer warp.
        bank:      The four warps.
        transform: Inverse transform of the picture [3, 3], -0.5..0.5 across the picture.
    """
    q = swirl(fold(place(xy, s[0], transform), s[0]), s[0])
    strength = 0.26 + 0.16 * math.tanh(s[1][24])
    q = bank.warp(q, 0, strength, s[1][0:8], s[1][8:16])
    q = bank.warp(q, 1, strength * 0.55, s[1][0:8], s[1][16:24])
    h0 = mass(q, s[2])
    strength = 0.150 + 0.10 * math.tanh(s[3][24])
    q = bank.warp(q, 2, strength, s[3][0:8], s[3][8:16])
    q = bank.warp(q, 3, strength * 0.6, s[3][0:8], s[3][16:24])
    return torch.cat([q, h0.unsqueeze(0)])


def place(xy: torch.Tensor, s: Params, transform: NDArray[np.float64]) -> torch.Tensor:
    """Move the plane by the transform, then turn, zoom and shift it by style 0."""
    angle, zoom = 0.7 * s[0], math.exp(0.28 * s[1])
    turn = zoom * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    centre = 0.30 * np.tanh(s[2:4])
    # The picture spans one unit in the transform's coordinates, two in ours.
    return affine(xy, turn @ transform[:2, :2], turn @ (2.0 * transform[:2, 2] - centre))


def fold(q: torch.Tensor, s: Params) -> torch.Tensor:
    """Blend the plane with its mirrored and kaleidoscopic folds.

    A kaleidoscope of k mirrors takes the angle t to arccos(c cos(k t)) / k, c just under 1.
    """
    free, mirror, *folds = choose(s[4:11], 3.0, _FOLD_BIAS)
    x, y = q
    fx, fy = x * free, y * (free + mirror)
    if mirror > 0.0:
        fx.add_(x.square().add_(0.004).sqrt_(), alpha=mirror)
    if any(folds):
        radius = (x * x).addcmul_(y, y).add_(1e-4).sqrt_()
        angle = torch.atan2(y, x)
        for k, weight in zip(_FOLDS, folds, strict=True):
            if weight > 0.0:
                c = torch.cos(angle * k).mul_(_ROUNDING)
                wedge = torch.atan2((1.0 - c * c).sqrt_(), c).mul_(1.0 / k).add_(0.4)
                fx.addcmul_(radius, torch.cos(wedge), value=1.15 * weight)
                fy.addcmul_(radius, torch.sin(wedge), value=1.15 * weight)
    return torch.stack([fx, fy])


def swirl(q: torch.Tensor, s: Params) -> torch.Tensor:
    """Turn the plane about its middle, the more the nearer: angle = a exp(-1.2 r)."""
    x, y = q
    radius = (x * x).addcmul_(y, y).add_(1e-4).sqrt_()
    angle = radius.mul_(-1.2).exp_().mul_(0.9 * s[11])
    c, n = torch.cos(angle), torch.sin(angle)
    return torch.stack([x * c - y * n, (x * n).addcmul_(y, c)])


def mass(q: torch.Tensor, s: Params) -> torch.Tensor:
    """Raise a mass h0 [n], about -1.3..1.3: rings, bands, a saddle, a lattice or a hill."""
    rings, bands, saddle, lattice, hill = equal_power(choose(s[0:5], 2.0))
    f = 2.4 * math.exp(0.35 * s[5])
    x, y = q
    h = torch.zeros_like(x)
    if rings > 0.0:
        radius = (x * x).addcmul_(y, y).add_(1e-3).sqrt_()
        h.add_(radius.mul_(1.6 * f).add_(1.5 * s[6]).sin_(), alpha=rings)
    if bands > 0.0:
        h.add_((x * f).add_(1.5 * s[7]).sin_(), alpha=bands)
    if saddle > 0.0:
        h.add_((x * x).addcmul_(y, y, value=-1.0).mul_(0.8 * f).add_(1.5 * s[8]).sin_(), alpha=saddle)
    if lattice > 0.0:
        h.addcmul_((x * f).add_(s[9]).sin_(), (y * f).add_(s[10]).sin_(), value=1.3 * lattice)
    if hill > 0.0:
        distance = (x - 0.3 * s[11]).square_().add_((y - 0.3 * s[12]).square_())
        h.add_(distance.mul_(-2.2).exp_(), alpha=1.6 * hill).sub_(0.6 * hill)
    return h.mul_(0.9)


class WarpBank:
    """Four domain warps, each a two-layer sine network: q + D (a sin(K q + phase))."""

    def __init__(self, waves: NDArray[np.float32], pushes: NDArray[np.float32], device: torch.device) -> None:
        self._waves = torch.tensor(waves, device=device)  # K [4, 8, 2]
        self._pushes = torch.tensor(pushes, device=device).transpose(1, 2)  # D [4, 2, 8]

    def warp(self, q: torch.Tensor, which: int, strength: float, levels: Params, phases: Params) -> torch.Tensor:
        """Push the plane q [2, n] along eight waves.

        Args:
            q:        The plane [2, n].
            which:    Number of the warp.
            strength: Largest push of one wave, units of the plane.
            levels:   How much of each wave, through a sigmoid [8].
            phases:   Phase of each wave, scaled by 1.5 rad [8].
        """
        phase = q.new_tensor([1.5 * p for p in phases]).unsqueeze(1)
        amount = q.new_tensor([strength * sigmoid(1.5 * a) for a in levels])
        wave = torch.addmm(phase, self._waves[which], q).sin_()  # [8, n]
        return torch.addmm(q, self._pushes[which] * amount, wave)
