"""Styles 0-2, the composition: place, fold and warp the plane, and raise a mass on it."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.builtin.plane import Plane, bend_, linear, linear_, to_tensor
from bandwalk.generator.builtin.styles import Params, choose, equal_power, sigmoid
from bandwalk.generator.effects import Effects

WAVES = 6  # waves a warp

# Symmetries: none, a mirror, kaleidoscopes. Pictures without symmetry and threefold ones are more frequent.
FOLDS = (2, 3, 5, 6, 8)
FOLD_BIAS = (2.0, 1.0, 0.0, 0.4, 0.2, 0.4, 0.1)
ROUNDING = 0.995  # just under 1, so that a kaleidoscope's edge is not a hard crease


def draw_coarse(
    plane: Plane, s: list[Params], *, bank: WarpBank, transform: NDArray[np.float64], effects: Effects
) -> torch.Tensor:
    """Return the warped plane and its mass: x, y, h0 [3, n].

    Args:
        plane:     Coordinates of the picture's samples, homogeneous: x, y, 1 [3, n].
        s:         Style parameters of all layers; those of 0 to 3 are read, 3 for the finer warps.
        bank:      The four warps.
        transform: Inverse transform of the picture [3, 3], -0.5..0.5 across the square in its middle.
        effects:   Bends of the plane after styles 0, 1 and 3, and of the mass (2).
    """
    row = plane.row
    q = swirl(fold(place(plane.maps, s[0], transform), s[0]), s[0])
    bend_(q[:2], 0, effects, row)
    strength = 0.28 + 0.17 * math.tanh(s[1][24])
    q = bank.warp(q, 0, strength, s[1][0:WAVES], s[1][8 : 8 + WAVES])
    q = bank.warp(q, 1, strength * 0.55, s[1][0:WAVES], s[1][16 : 16 + WAVES])
    bend_(q[:2], 1, effects, row)
    h0 = bend_(mass(q, s[2])[None], 2, effects, row)[0]
    strength = 0.165 + 0.11 * math.tanh(s[3][24])
    q = bank.warp(q, 2, strength, s[3][0:WAVES], s[3][8 : 8 + WAVES])
    q = bank.warp(q, 3, strength * 0.6, s[3][0:WAVES], s[3][16 : 16 + WAVES])
    bend_(q[:2], 3, effects, row)
    q[2] = h0
    return q


def place(xy1: torch.Tensor, s: Params, transform: NDArray[np.float64]) -> torch.Tensor:
    """Move the plane by the transform, then rotate, zoom and shift it by style 0."""
    zoom = math.exp(0.28 * s[1])
    c, n = zoom * math.cos(0.7 * s[0]), zoom * math.sin(0.7 * s[0])
    move = np.array(transform)
    move[:2, 2] = 2.0 * move[:2, 2] - 0.30 * np.tanh(s[2:4])  # the middle square is 2 wide here, 1 there
    move[2] = 0.0, 0.0, 1.0
    turn = np.array([[c, -n, 0.0], [n, c, 0.0], [0.0, 0.0, 1.0]])
    return torch.mm(to_tensor(turn @ move, xy1.device), xy1)


def fold(q: torch.Tensor, s: Params) -> torch.Tensor:
    """Blend the plane with its mirrored and kaleidoscopic folds.

    A kaleidoscope of k mirrors takes the angle t to arccos(c cos(k t)) / k, c just under 1.
    """
    free, mirror, *folds = equal_power(choose(s[4:11], 3.0, FOLD_BIAS))
    x, y, _ = q.unbind()
    out = torch.ones_like(q)
    fx, fy = torch.mul(x, free, out=out[0]), torch.mul(y, free + mirror, out=out[1])
    if mirror > 0.0:
        fx.add_(x.square().add_(0.004).sqrt_(), alpha=mirror)
    if any(folds):
        radius = _radius(x, y)
        angle = torch.atan2(y, x)
        for k, weight in zip(FOLDS, folds, strict=True):
            if weight > 0.0:
                c = (angle * k).cos_().mul_(ROUNDING)
                wedge = linear_(torch.atan2(linear_(c * c, -1.0, 1.0).sqrt_(), c), 1.0 / k, 0.4)
                fx.addcmul_(radius, torch.cos(wedge), value=1.15 * weight)
                fy.addcmul_(radius, wedge.sin_(), value=1.15 * weight)
    return out


def swirl(q: torch.Tensor, s: Params) -> torch.Tensor:
    """Rotate the plane around its middle, more near the middle: angle = a exp(-1.2 r)."""
    x, y, _ = q.unbind()
    angle = _radius(x, y).mul_(-1.2).exp_().mul_(0.9 * s[11])
    c, n = torch.cos(angle), angle.sin_()
    out = torch.ones_like(q)
    torch.mul(x, c, out=out[0]).addcmul_(y, n, value=-1.0)
    torch.mul(x, n, out=out[1]).addcmul_(y, c)
    return out


def _radius(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the distance from the middle, smooth at 0."""
    return (x * x).addcmul_(y, y).add_(1e-3).sqrt_()


def mass(q: torch.Tensor, s: Params) -> torch.Tensor:
    """Return a mass h0 [n], about -1.3..1.3: a blend of rings, bands, a saddle, a lattice and a hill."""
    rings, bands, saddle, lattice, hill = equal_power(choose(s[0:5], 2.0))
    f = 2.4 * math.exp(0.35 * s[5])
    x, y, _ = q.unbind()
    h = torch.zeros_like(x)
    if rings > 0.0:
        h.add_(linear_(_radius(x, y), 1.6 * f, 1.5 * s[6]).sin_(), alpha=rings)
    if bands > 0.0:
        h.add_(linear(x, f, 1.5 * s[7]).sin_(), alpha=bands)
    if saddle > 0.0:
        h.add_(linear_((x * x).addcmul_(y, y, value=-1.0), 0.8 * f, 1.5 * s[8]).sin_(), alpha=saddle)
    if lattice > 0.0:
        h.addcmul_(linear(x, f, s[9]).sin_(), linear(y, f, s[10]).sin_(), value=1.3 * lattice)
    if hill > 0.0:
        distance = linear(x, 1.0, -0.3 * s[11]).square_().add_(linear(y, 1.0, -0.3 * s[12]).square_())
        h.add_(distance.mul_(-2.2).exp_(), alpha=1.6 * hill).sub_(0.6 * hill)
    return h.mul_(0.9)


class WarpBank:
    """Four domain warps, each a two-layer sine network: q + D (a sin(K q + phase))."""

    def __init__(self, waves: NDArray[np.float32], pushes: NDArray[np.float32]) -> None:
        """Take K [4, WAVES, 2], rad per unit, and the unit vectors of D [4, WAVES, 2]."""
        self.waves = waves
        self.pushes = pushes.transpose(0, 2, 1)

    def warp(self, q: torch.Tensor, which: int, strength: float, levels: Params, phases: Params) -> torch.Tensor:
        """Push the plane along its waves; both layers are matrices on homogeneous coordinates.

        Args:
            q:        The plane x, y, 1 [3, n].
            which:    Number of the warp.
            strength: Largest push of one wave, units of the plane.
            levels:   Strength of each wave, before a sigmoid [WAVES].
            phases:   Phase of each wave, in units of 1.5 rad [WAVES].
        """
        into = np.empty((WAVES, 3))
        into[:, :2] = self.waves[which]
        into[:, 2] = phases
        into[:, 2] *= 1.5
        back = np.zeros((3, WAVES))
        back[:2] = self.pushes[which] * [strength * sigmoid(1.5 * a) for a in levels]
        wave = torch.mm(to_tensor(into, q.device), q).sin_()  # [WAVES, n]
        return torch.addmm(q, to_tensor(back, q.device), wave)  # [3, n]
