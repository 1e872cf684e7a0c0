"""Styles 3-5: the patterns on the plane, their hardness, and their relief."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch

from bandwalk.generator.builtin.plane import Plane, bend_, linear, linear_, to_tensor
from bandwalk.generator.builtin.styles import Params, choose, equal_power, sigmoid
from bandwalk.generator.effects import Effects

Maps = torch.Tensor

# A pattern fades from this many radians per 1/128 of the plane on: finer ones cannot be drawn at 256 pixels. The limit
# is the same at every size, so that a seed gives the same picture at every size.
FADE_AT = 0.9


def draw_middle(plane: Plane, *, stretch: Maps, s: list[Params], effects: Effects) -> Maps:
    """Return the mass, the pattern, -1..1, and the height [3, n].

    Args:
        plane:   The plane after all warps, and the mass that coarse raised: x, y, h0 [3, n].
        stretch: How fast q changes over the picture, |grad q|^2 [n].
        s:       Style parameters of all layers; 4 and 5 are read.
        effects: Bends of the pattern (4) and of the height (5).
    """
    q, h0 = plane.maps[:2], plane.maps[2]
    frequency = 6.2 * math.exp(0.33 * s[4][6])
    heights = torch.empty_like(plane.maps)
    heights[0] = h0
    m, h = heights[1].zero_(), heights[2]
    patterns(m, turned(q, frequency, 1.2 * s[4][7]), h0, s[4])
    m.div_(fading(stretch, frequency))
    hardness = 1.0 + 2.2 * sigmoid(1.5 * s[5][0])
    m.mul_(hardness).tanh_().mul_(1.0 / math.tanh(hardness))
    bend_(m[None], 4, effects, plane.row)
    torch.add(h0, m, alpha=0.40 + 0.40 * sigmoid(1.5 * s[5][1]), out=h)
    detail = linear(h, 6.0 + 2.4 * math.tanh(s[5][2]), 1.5 * s[5][3]).add_(q[0], alpha=3.0).sin_()
    h.add_(detail, alpha=0.03 + 0.13 * sigmoid(1.5 * s[5][4]))
    bend_(h[None], 5, effects, plane.row)
    return heights


def fading(stretch: Maps, frequency: float) -> Maps:
    """Return 1 + (phase step / limit)^4, where the phase step is over 1/128 of the plane."""
    step = frequency * 1.3 * 2.0 / 128.0
    return linear_(stretch.square(), (step / FADE_AT) ** 4, 1.0)


def turned(q: Maps, frequency: float, angle: float) -> Maps:
    """Return the plane in pattern coordinates: rotated, and in radians of the base frequency."""
    c, n = frequency * math.cos(angle), frequency * math.sin(angle)
    return torch.mm(to_tensor(np.array([[c, n], [-n, c]]), q.device), q)


def patterns(m: Maps, xy: Maps, h0: Maps, s: Params) -> None:
    """Add the patterns of style 4 to m, mixed at equal power."""
    weights = equal_power(choose(s[0:6], 2.6))
    for pattern, weight in zip(_PATTERNS, weights, strict=True):
        if weight > 0.0:
            m.add_(pattern(xy, h0, s), alpha=weight)


def _silk(xy: Maps, h0: Maps, s: Params) -> Maps:
    x, y = xy.unbind()
    bend = linear(y, 0.45, 1.5 * s[8]).sin_()
    return linear(x, 1.5, s[9]).add_(bend, alpha=1.6).add_(h0, alpha=2.5).sin_()


def _honeycomb(xy: Maps, h0: Maps, s: Params) -> Maps:
    return _waves(xy, s[10:13], 1.0).mul_(0.55)


def _rings(xy: Maps, h0: Maps, s: Params) -> Maps:
    x, y = xy.unbind()
    radius = linear(x, 1.0, -2.5 * s[18]).square_().add_(linear(y, 1.0, -2.5 * s[19]).square_()).add_(0.05).sqrt_()
    return linear_(radius, 2.0, 1.5 * s[20]).add_(h0, alpha=2.0).sin_()


def _ridges(xy: Maps, h0: Maps, s: Params) -> Maps:
    x, y = xy.unbind()
    across = (y * 0.6).sin_().mul_(1.44).add_(x, alpha=0.8).sin_()
    along = linear(y, 0.7, s[21]).add_(h0, alpha=1.2).cos_()
    return linear_(across.mul_(along).square_().add_(0.003).sqrt_(), -2.0, 1.0)


def _flow(xy: Maps, h0: Maps, s: Params) -> Maps:
    x, y = xy.unbind()
    inner = linear(x, 0.7, s[23]).sin_()
    bend = linear_(inner, 0.9, s[22]).add_(y, alpha=0.5).sin_()
    return bend.mul_(2.2).add_(x, alpha=0.9).add_(h0, alpha=3.2).sin_()


def _quasicrystal(xy: Maps, h0: Maps, s: Params) -> Maps:
    return _waves(xy, s[13:18], 1.1).mul_(0.48)


def _waves(xy: Maps, phases: Params, number: float) -> Maps:
    """Sum plane waves in directions spread evenly over the circle."""
    angles = 2.0 * math.pi * np.arange(len(phases)) / len(phases)
    directions = number * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    waves = torch.mm(to_tensor(directions, xy.device), xy)
    return waves.add_(to_tensor(0.8 * np.array(phases)[:, None], xy.device)).cos_().sum(0)


_PATTERNS: tuple[Callable[[Maps, Maps, Params], Maps], ...] = (
    _silk, _honeycomb, _rings, _ridges, _flow, _quasicrystal,
)  # fmt: skip
