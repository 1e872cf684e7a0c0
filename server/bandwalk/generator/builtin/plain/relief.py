"""Styles 0-5: the plane, placed, folded and warped, and the heights on it."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from bandwalk.generator.builtin import coarse, middle
from bandwalk.generator.builtin.plain.constants import Constants
from bandwalk.generator.builtin.plain.numbers import choose, drawn, equal_power, matrix
from bandwalk.generator.builtin.plane import Plane
from bandwalk.generator.effects import Effects

Styles = list[Tensor]


def draw_coarse(plane: Plane, s: Styles, constants: Constants, transform: Tensor, effects: Effects) -> Tensor:
    """Return the plane after all warps and the mass on it: x, y, h0 [3, n]: `coarse.draw_coarse`."""
    xy, bent = plane.maps[:2], _Bent(effects, plane.row)
    q = bent(_swirl(_fold(_place(xy, s[0], transform), s[0], constants), s[0]), 0)
    strength = 0.28 + 0.17 * s[1][24].tanh()
    q = _warp(q, constants, 0, strength, s[1][0:6], s[1][8:14])
    q = bent(_warp(q, constants, 1, strength * 0.55, s[1][0:6], s[1][16:22]), 1)
    h0 = bent(_mass(q, s[2])[None], 2)
    strength = 0.165 + 0.11 * s[3][24].tanh()
    q = _warp(q, constants, 2, strength, s[3][0:6], s[3][8:14])
    q = bent(_warp(q, constants, 3, strength * 0.6, s[3][0:6], s[3][16:22]), 3)
    return torch.cat([q, h0])


class _Bent:
    """Bends the maps [C, rows * row] of a layer: `plane.bend_`, not in place."""

    def __init__(self, effects: Effects, row: int) -> None:
        self._effects, self._row = effects, row

    def __call__(self, maps: Tensor, layer: int) -> Tensor:
        if not self._effects.touch(layer):
            return maps
        return self._effects.bend(maps.view(1, len(maps), -1, self._row), layer).reshape(maps.shape)


def _place(xy: Tensor, s: Tensor, transform: Tensor) -> Tensor:
    zoom = (0.28 * s[1]).exp()
    c, n = zoom * (0.7 * s[0]).cos(), zoom * (0.7 * s[0]).sin()
    shift = 2.0 * transform[:2, 2].to(s) - 0.30 * s[2:4].tanh()
    return matrix([[c, -n], [n, c]], xy) @ (transform[:2, :2].to(xy) @ xy + shift.to(xy)[:, None])


def _fold(q: Tensor, s: Tensor, constants: Constants) -> Tensor:
    weights = equal_power(choose(s[4:11], 3.0, constants.fold_bias))
    free, mirror, folds = weights[0], weights[1], weights[2:]
    x, y = q
    fx, fy = free * x + mirror * (x**2 + 0.004).sqrt(), (free + mirror) * y
    chosen = drawn(folds)
    if chosen:
        k, weight = (each[chosen[0] : chosen[-1] + 1, None].to(q) for each in (constants.folds, folds))  # [folds, 1]
        c = coarse.ROUNDING * (k * torch.atan2(y, x)).cos()  # [folds, n]
        wedge = torch.atan2((1.0 - c**2).sqrt(), c) / k + 0.4
        pushed = 1.15 * weight * _radius(q)
        fx, fy = fx + (pushed * wedge.cos()).sum(0), fy + (pushed * wedge.sin()).sum(0)
    return torch.stack([fx, fy])


def _swirl(q: Tensor, s: Tensor) -> Tensor:
    x, y = q
    angle = 0.9 * s[11] * (-1.2 * _radius(q)).exp()
    return torch.stack([x * angle.cos() - y * angle.sin(), x * angle.sin() + y * angle.cos()])


def _radius(q: Tensor) -> Tensor:
    return (q.square().sum(0) + 1e-3).sqrt()


def _warp(q: Tensor, constants: Constants, which: int, strength: Tensor, levels: Tensor, phases: Tensor) -> Tensor:
    waves, pushes = constants.waves[which], constants.pushes[which] * (strength * (1.5 * levels).sigmoid())
    wave = (waves.to(q) @ q + (1.5 * phases).to(q)[:, None]).sin()  # [WAVES, n]
    return q + pushes.to(q) @ wave


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


def draw_middle(plane: Plane, stretch: Tensor, s: Styles, effects: Effects) -> tuple[Tensor, Tensor]:
    """Return the pattern and the height [n] on x, y, h0: `middle.draw_middle`."""
    q, h0, bent = plane.maps[:2], plane.maps[2], _Bent(effects, plane.row)
    frequency = 6.2 * (0.33 * s[4][6]).exp()
    step = frequency * 1.3 * 2.0 / 128.0
    fading = 1.0 + (step / middle.FADE_AT) ** 4 * stretch**2
    hardness = 1.0 + 2.2 * (1.5 * s[5][0]).sigmoid()
    c, n = frequency * (1.2 * s[4][7]).cos(), frequency * (1.2 * s[4][7]).sin()
    pattern = _patterns(matrix([[c, n], [-n, c]], q) @ q, h0, s[4])
    m = bent(((pattern / fading * hardness).tanh() / hardness.tanh())[None], 4)[0]
    h = h0 + (0.40 + 0.40 * (1.5 * s[5][1]).sigmoid()) * m
    detail = ((6.0 + 2.4 * s[5][2].tanh()) * h + 1.5 * s[5][3] + 3.0 * q[0]).sin()
    return m, bent((h + (0.03 + 0.13 * (1.5 * s[5][4]).sigmoid()) * detail)[None], 5)[0]


def _patterns(xy: Tensor, h0: Tensor, s: Tensor) -> Tensor:
    m, weights = torch.zeros_like(h0), equal_power(choose(s[0:6], 2.6))
    for k in drawn(weights):
        m = m + weights[k] * _PATTERNS[k](xy[0], xy[1], h0, s)
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
