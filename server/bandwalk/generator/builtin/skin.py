"""The skin: the maps that the fine stage needs, drawn at half size.

They are smooth enough to be doubled bilinearly. All sharp parts (light, lines, micro texture) are computed from them at
full size.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.builtin.appearance import Appearance
from bandwalk.generator.builtin.palette import DEGREE
from bandwalk.generator.builtin.plane import Plane, bend_, linear_, to_tensor
from bandwalk.generator.effects import Effects

Maps = torch.Tensor


class Body(NamedTuple):
    """The relief, before colour and light, on a grid of half the picture's size."""

    q: Maps  # the warped plane x, y [2, n]
    heights: Maps  # mass, pattern (-1..1), height [3, n]
    dx: tuple[Maps, Maps]  # differences of x across and down, over two samples
    dh: tuple[Maps, Maps]  # differences of h


# Rows of the skin.
SLOPE = 0  # slope along the light
CROSS = 1  # 1 + square of the slope across the light
FIBRE = 2  # phase of the micro texture across its fibres, rad
SCALE = 3  # phase along them, rad
ROUGH = 4  # how strongly the micro texture tilts towards the light
EDGE = 5  # square of the half width of a contour line, in periods
CONTOUR = 6  # periods of contour lines
RED = 7  # colour before light
ROWS = 10

_DRAWN_BY = {6: slice(RED, ROWS), 9: slice(SLOPE, FIBRE), 10: slice(EDGE, RED), 11: slice(FIBRE, EDGE)}
"""The styles that draw rows of their own; styles 7, 8, 12 and 13 only modify these."""

LINE = 0.0042  # half width of a contour line in units of the plane: one pixel at 480
FIBRE_ACROSS, FIBRE_UP = 0.8, 0.35  # the fibres run along the plane, and bend with the height


def draw_skin(body: Body, look: Appearance, to_plane: NDArray[np.float64], radius2: Maps, pixels: int) -> Maps:
    """Return the skin [ROWS, n].

    Args:
        body:     The relief.
        look:     The frame's appearance.
        to_plane: Linear part of the inverse transform [2, 2]: the light rotates with the plane.
        radius2:  As `distance2` returns it [n].
        pixels:   Width of the square in the picture's middle, which limits how fine the texture may be.
    """
    (x, y), h = body.q, body.heights[2]
    skin = h.new_empty(ROWS, len(h))
    tones, (share, depth, rough) = _gates(body.heights, look)
    _colour(skin[RED:], tones, share, _darkened(depth, look, radius2), look.palettes)
    frequency, _, phase = look.texture
    torch.mul(x, FIBRE_ACROSS * frequency, out=skin[FIBRE]).add_(h, alpha=FIBRE_UP * frequency)
    torch.add(y.new_full((), phase), y, alpha=0.5 * frequency, out=skin[SCALE])
    skin[FIBRE].add_((skin[SCALE] * 0.44).sin_(), alpha=2.0)
    # The slope along l in the plane is that along A^-1 l in the picture; differences are over two of its samples.
    to_picture = np.linalg.inv(to_plane)
    light = to_picture @ look.light
    side = to_picture @ (-look.light[1], look.light[0])
    per_unit = pixels / 8.0
    _slopes(skin, body, look.relief * per_unit * light, look.relief * per_unit * side)
    _lines(skin, body, look, max(LINE, 2.0 / pixels) * per_unit)
    _rough(skin[ROUGH], body, look, per_unit * light, rough)
    return skin


def distance2(plane: Plane) -> Maps:
    """Return the square of the distance from the picture's middle [n]; beyond the square in the middle it grows less.

    x^2 + y^2,  where x^2 is 1 + FAR tanh(2 (|x| - 1) / FAR) from 1 on, as is y^2
    """
    distance = plane.maps[:2].abs()
    beyond = (distance - 1.0).mul_(2.0 / FAR).tanh_().mul_(FAR).add_(1.0)
    return torch.where(distance > 1.0, beyond, distance.square()).sum(0)


FAR = 0.75
"""Most that the square of a distance grows beyond the square: corners far out stay light enough to be seen."""


def bend_skin(skin: Maps, effects: Effects, row: int) -> None:
    """Bend the colours (6), the slopes (9), the contour lines (10) and the micro texture (11) in place."""
    for layer, rows in _DRAWN_BY.items():
        bend_(skin[rows], layer, effects, row)


_ONE = torch.ones(())


def _gates(heights: Maps, look: Appearance) -> tuple[Maps, Maps]:
    """Return what is a curve of one sum of the heights.

    Returns:
        Where both palettes are read, -1..1 [2, n]; share of the second, depth, and roughness, 0..1 [3, n].
    """
    by_pattern, by_mass, bias = look.mix
    factors = [[0.25, 0.0, 0.8], [0.7, 0.7, 0.0], [by_mass, by_pattern, 0.0], [0.0, 0.0, 2.6], [0.0, 3.0, 0.0]]
    sums = torch.mm(to_tensor(np.array(factors), heights.device), heights)
    sums.add_(to_tensor(np.array([[0.0], [0.0], [bias], [look.depth], [0.0]]), heights.device))
    return sums[:2].tanh_(), sums[2:].sigmoid_()


def _darkened(depth: Maps, look: Appearance, radius2: Maps) -> Maps:
    """Return the light in valleys and corners, over the depth."""
    light = linear_(depth, 1.0 - MIN_LIGHT, MIN_LIGHT)
    return light.addcmul_(light, radius2, value=-look.vignette)


MIN_LIGHT = 0.25  # light left in the deepest valley


def _colour(out: Maps, tones: Maps, share: Maps, light: Maps, palettes: list[NDArray[np.float64]]) -> None:
    """Write the colour before light [3, n]: two palettes blended, valleys and corners darkened.

    Palettes are polynomials of their tones; all powers of both, each times its share of the light, are one matrix.
    """
    powers = tones.new_empty(DEGREE + 1, 2, len(share))
    torch.mul(light, share, out=powers[0, 1])
    torch.sub(light, powers[0, 1], out=powers[0, 0])
    for k in range(1, DEGREE + 1):
        torch.mul(powers[k - 1], tones, out=powers[k])
    coefficients = np.stack(palettes, axis=-1).reshape(3, -1)
    torch.mm(to_tensor(coefficients, out.device), powers.flatten(0, 1), out=out)
    out.clamp_(min=0.0)


def _slopes(skin: Maps, body: Body, light: NDArray[np.float64], side: NDArray[np.float64]) -> None:
    """Write the slope along the light, and 1 + the square of that across it."""
    dx, dy = body.dh
    torch.mul(dx, float(light[0]), out=skin[SLOPE]).add_(dy, alpha=float(light[1]))
    across = (dx * float(side[0])).add_(dy, alpha=float(side[1]))
    torch.addcmul(_ONE.to(dx.device), across, across, out=skin[CROSS])


def _lines(skin: Maps, body: Body, look: Appearance, width: float) -> None:
    """Write the contour lines' phase, and the square of their half width in periods."""
    number, offset = look.lines
    h = body.heights[2]
    torch.add(h.new_full((), offset), h, alpha=number, out=skin[CONTOUR])
    dx, dy = body.dh
    linear_(torch.mul(dx, dx, out=skin[EDGE]).addcmul_(dy, dy), (number * width) ** 2, look.material.halo)


def _rough(out: Maps, body: Body, look: Appearance, light: NDArray[np.float64], gate: Maps) -> None:
    """Write the tilt of the micro texture towards the light, faded where it is too fine to draw.

        rough = amplitude * (0.35 + 0.65 gate) * (grad u . light) / (1 + 0.8 step^4)

    where u is its phase, gate = sigmoid(3 m) is overwritten, and step is the change of u over two pixels, rad.
    """
    across, up = FIBRE_ACROSS * look.texture[0], FIBRE_UP * look.texture[0]
    dx, dy = ((dq * across).add_(dh, alpha=up) for dq, dh in zip(body.dx, body.dh, strict=True))
    torch.mul(dx, float(light[0]), out=out).add_(dy, alpha=float(light[1]))
    step = dx.square_().addcmul_(dy, dy).mul_(1.0 / 4.0)  # the differences are over four pixels
    out.div_(linear_(step.square_(), 0.8, 1.0))
    amplitude = look.relief * look.texture[1]
    out.mul_(linear_(gate, 0.65 * amplitude, 0.35 * amplitude))
