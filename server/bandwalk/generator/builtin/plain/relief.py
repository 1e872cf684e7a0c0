"""Styles 0-5: the plane, placed, folded and warped, and the heights on it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bandwalk.generator.builtin import coarse, middle
from bandwalk.generator.builtin.plain.numbers import choose, equal_power, matrix

Styles = list[Tensor]


def draw_coarse(xy: Tensor, s: Styles, bank: coarse.WarpBank, transform: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
    """Return the plane after all warps [2, n] and the mass on it [n]: `coarse.draw_coarse`."""
    q = _swirl(_fold(_place(xy, s[0], transform), s[0]), s[0])
    strength = 0.28 + 0.17 * s[1][24].tanh()
    q = _warp(q, bank, 0, strength, s[1][0:6], s[1][8:14])
    q = _warp(q, bank, 1, strength * 0.55, s[1][0:6], s[1][16:22])
    h0 = _mass(q, s[2])
    strength = 0.165 + 0.11 * s[3][24].tanh()
    q = _warp(q, bank, 2, strength, s[3][0:6], s[3][8:14])
    return _warp(q, bank, 3, strength * 0.6, s[3][0:6], s[3][16:22]), h0


def _place(xy: Tensor, s: Tensor, transform: NDArray[np.float64]) -> Tensor:
    zoom = (0.28 * s[1]).exp()
    c, n = zoom * (0.7 * s[0]).cos(), zoom * (0.7 * s[0]).sin()
    linear = torch.from_numpy(transform[:2, :2]).to(xy)
    shift = 2.0 * torch.from_numpy(transform[:2, 2]) - 0.30 * s[2:4].tanh()
    return matrix([[c, -n], [n, c]], xy) @ (linear @ xy + shift.to(xy)[:, None])


def _fold(q: Tensor, s: Tensor) -> Tensor:
    free, mirror, *folds = equal_power(choose(s[4:11], 3.0, coarse.FOLD_BIAS))
    x, y = q
    fx, fy = free * x + mirror * (x**2 + 0.004).sqrt(), (free + mirror) * y
    radius, angle = _radius(q), torch.atan2(y, x)
    for k, weight in zip(coarse.FOLDS, folds, strict=True):
        if weight == 0.0:  # its gradient is 0 as well
            continue
        c = coarse.ROUNDING * (k * angle).cos()
        wedge = torch.atan2((1.0 - c**2).sqrt(), c) / k + 0.4
        fx, fy = fx + 1.15 * weight * radius * wedge.cos(), fy + 1.15 * weight * radius * wedge.sin()
    return torch.stack([fx, fy])


def _swirl(q: Tensor, s: Tensor) -> Tensor:
    x, y = q
    angle = 0.9 * s[11] * (-1.2 * _radius(q)).exp()
    return torch.stack([x * angle.cos() - y * angle.sin(), x * angle.sin() + y * angle.cos()])


def _radius(q: Tensor) -> Tensor:
    return (q.square().sum(0) + 1e-3).sqrt()


def _warp(q: Tensor, bank: coarse.WarpBank, which: int, strength: Tensor, levels: Tensor, phases: Tensor) -> Tensor:
    waves, pushes = (torch.from_numpy(bank_part[which]).to(q) for bank_part in (bank.waves, bank.pushes))
    wave = (waves @ q + (1.5 * phases).to(q)[:, None]).sin()  # [WAVES, n]
    return q + (pushes * (strength * (1.5 * levels).sigmoid()).to(q)) @ wave


def _mass(q: Tensor, s: Tensor) -> Tensor:
    rings, bands, saddle, lattice, hill = equal_power(choose(s[0:5], 2.0))
    f = 2.4 * (0.35 * s[5]).exp()
    x, y = q
    distance = (x - 0.3 * s[11]) ** 2 + (y - 0.3 * s[12]) ** 2
    h = rings * (1.6 * f * _radius(q) + 1.5 * s[6]).sin() + bands * (f * x + 1.5 * s[7]).sin()
    h = h + saddle * (0.8 * f * (x**2 - y**2) + 1.5 * s[8]).sin()
    h = h + 1.3 * lattice * (f * x + s[9]).sin() * (f * y + s[10]).sin()
    out: Tensor = 0.9 * (h + hill * (1.6 * (-2.2 * distance).exp() - 0.6))
    return out


def draw_middle(q: Tensor, h0: Tensor, stretch: Tensor, s: Styles) -> tuple[Tensor, Tensor]:
    """Return the pattern and the height [n]: `middle.draw_middle`."""
    frequency = 6.2 * (0.33 * s[4][6]).exp()
    step = frequency * 1.3 * 2.0 / 128.0
    fading = 1.0 + (step / middle.FADE_AT) ** 4 * stretch**2
    hardness = 1.0 + 2.2 * (1.5 * s[5][0]).sigmoid()
    c, n = frequency * (1.2 * s[4][7]).cos(), frequency * (1.2 * s[4][7]).sin()
    pattern = _patterns(matrix([[c, n], [-n, c]], q) @ q, h0, s[4])
    m = (pattern / fading * hardness).tanh() / hardness.tanh()
    h = h0 + (0.40 + 0.40 * (1.5 * s[5][1]).sigmoid()) * m
    detail = ((6.0 + 2.4 * s[5][2].tanh()) * h + 1.5 * s[5][3] + 3.0 * q[0]).sin()
    return m, h + (0.03 + 0.13 * (1.5 * s[5][4]).sigmoid()) * detail


def _patterns(xy: Tensor, h0: Tensor, s: Tensor) -> Tensor:
    m = torch.zeros_like(h0)
    for pattern, weight in zip(_PATTERNS, equal_power(choose(s[0:6], 2.6)), strict=True):
        if weight > 0.0:
            m = m + weight * pattern(xy[0], xy[1], h0, s)
    return m


def _silk(x: Tensor, y: Tensor, h0: Tensor, s: Tensor) -> Tensor:
    return (1.5 * x + s[9] + 1.6 * (0.45 * y + 1.5 * s[8]).sin() + 2.5 * h0).sin()


def _rings(x: Tensor, y: Tensor, h0: Tensor, s: Tensor) -> Tensor:
    radius = ((x - 2.5 * s[18]) ** 2 + (y - 2.5 * s[19]) ** 2 + 0.05).sqrt()
    return (2.0 * radius + 1.5 * s[20] + 2.0 * h0).sin()


def _ridges(x: Tensor, y: Tensor, h0: Tensor, s: Tensor) -> Tensor:
    ridge = (0.8 * x + 1.44 * (0.6 * y).sin()).sin() * (0.7 * y + s[21] + 1.2 * h0).cos()
    return 1.0 - 2.0 * (ridge**2 + 0.003).sqrt()


def _flow(x: Tensor, y: Tensor, h0: Tensor, s: Tensor) -> Tensor:
    bend = (0.9 * (0.7 * x + s[23]).sin() + s[22] + 0.5 * y).sin()
    return (2.2 * bend + 0.9 * x + 3.2 * h0).sin()


def _waves(x: Tensor, y: Tensor, phases: Tensor, number: float) -> Tensor:
    total = torch.zeros_like(x)
    for k, phase in enumerate(phases):
        angle = 2.0 * math.pi * k / len(phases)
        total = total + (number * (math.cos(angle) * x + math.sin(angle) * y) + 0.8 * phase).cos()
    return total


_PATTERNS: tuple[Callable[[Tensor, Tensor, Tensor, Tensor], Tensor], ...] = (
    _silk,
    lambda x, y, h0, s: 0.55 * _waves(x, y, s[10:13], 1.0),  # honeycomb
    _rings,
    _ridges,
    _flow,
    lambda x, y, h0, s: 0.48 * _waves(x, y, s[13:18], 1.1),  # quasicrystal
)
