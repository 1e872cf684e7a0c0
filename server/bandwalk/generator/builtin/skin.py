"""What the fine stage needs of each point, drawn at half size.

The maps vary slowly enough to be doubled bilinearly; all that is sharp (light, lines,
micro texture) is a function of them, taken at full size.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.builtin.look import Look
from bandwalk.generator.builtin.palette import DEGREE
from bandwalk.generator.builtin.plane import Plane, differences

Maps = torch.Tensor

# Rows of the skin.
RED, GREEN, BLUE = 0, 1, 2
SLOPE = 3  # slope along the light
CROSS = 4  # 1 + square of the slope across the light
EDGE = 5  # square of the half width of a contour line, in periods
CONTOUR = 6  # periods of contour lines
FIBRE = 7  # phase of the micro texture along its fibres' section, rad
SCALE = 8  # phase across, rad
ROUGH = 9  # how strongly the micro texture tilts towards the light
ROWS = 10

_LINE = 0.0042  # half width of a contour line in units of the plane: one pixel at 480
_FIBRE_ACROSS, _FIBRE_UP = 0.8, 0.35  # the fibres run along the plane, and bend with the height


def draw_skin(body: Plane, look: Look, to_plane: NDArray[np.float64], radius2: Maps, pixels: int) -> Maps:
    """Return the skin [ROWS, n]; the outermost ring of samples is not valid.

    Args:
        body:     Maps x, y of the warped plane, mass h0, pattern m and height h [5, n].
        look:     The frame's look.
        to_plane: Linear part of the inverse transform [2, 2]: light turns with the plane.
        radius2:  Square of the distance from the picture's middle [n].
        pixels:   Width of the picture to be drawn: nothing may be finer than its pixels.
    """
    x, y, h0, m, h = body.maps
    skin = h.new_empty(ROWS, len(h))
    _colour(skin[RED : BLUE + 1], m, h, h0, look)
    skin[RED : BLUE + 1].mul_(torch.add(_ONE, radius2, alpha=-look.vignette))
    frequency, _, phase = look.texture
    torch.mul(x, _FIBRE_ACROSS * frequency, out=skin[FIBRE]).add_(h, alpha=_FIBRE_UP * frequency)
    torch.mul(y, 0.5 * frequency, out=skin[SCALE]).add_(phase)
    dx, dy = differences(torch.stack([h, skin[FIBRE]]), body)
    # The slope along l in the plane is that along A^-1 l in the picture.
    to_picture = np.linalg.inv(to_plane)
    light = to_picture @ look.light
    side = to_picture @ (-look.light[1], look.light[0])
    _slopes(skin, dx[0], dy[0], look.relief * light, look.relief * side)
    _lines(skin, h, dx[0], dy[0], look, pixels)
    _rough(skin[ROUGH], m, dx[1], dy[1], look, light, pixels)
    skin[FIBRE].add_((skin[SCALE] * 0.44).sin_(), alpha=2.0)
    return skin


_ONE = torch.ones(())


def _colour(out: Maps, m: Maps, h: Maps, h0: Maps, look: Look) -> None:
    """Write the colour before light [3, n]: two palettes mixed, valleys darkened."""
    first = _ramp(look.palettes[0], (h * 0.8).add_(h0, alpha=0.25).tanh_())
    second = _ramp(look.palettes[1], (m * 0.7).add_(h0, alpha=0.7).tanh_())
    by_pattern, by_mass, bias = look.mix
    share = (m * by_pattern).add_(h0, alpha=by_mass).add_(bias).sigmoid_()
    torch.lerp(first, second, share, out=out)
    depth = (h * 2.6).add_(look.depth).sigmoid_().mul_(1.0 - _DEEPEST).add_(_DEEPEST)
    out.mul_(depth).clamp_(min=0.0)


_DEEPEST = 0.22  # light left in the deepest valley


def _ramp(coefficients: NDArray[np.float64], t: Maps) -> Maps:
    """Evaluate a palette's polynomial at t [n], -1..1, to [3, n]."""
    powers = t.new_empty(DEGREE + 1, len(t))
    powers[0] = 1.0
    powers[1] = t
    for k in range(2, DEGREE + 1):
        torch.mul(powers[k - 1], t, out=powers[k])
    return torch.mm(t.new_tensor(coefficients), powers)


def _slopes(skin: Maps, dx: Maps, dy: Maps, light: NDArray[np.float64], side: NDArray[np.float64]) -> None:
    """Write the slope along the light, and 1 + the square of that across it."""
    torch.mul(dx, float(light[0]), out=skin[SLOPE]).add_(dy, alpha=float(light[1]))
    across = (dx * float(side[0])).add_(dy, alpha=float(side[1]))
    torch.addcmul(_ONE, across, across, out=skin[CROSS])


def _lines(skin: Maps, h: Maps, dx: Maps, dy: Maps, look: Look, pixels: int) -> None:
    """Write the contour lines' phase, and the square of their half width in periods."""
    number, offset = look.lines
    torch.mul(h, number, out=skin[CONTOUR]).add_(offset)
    width = number * max(_LINE, 2.0 / pixels)
    torch.mul(dx, dx, out=skin[EDGE]).addcmul_(dy, dy).mul_(width * width).add_(look.material.halo)


def _rough(out: Maps, m: Maps, dx: Maps, dy: Maps, look: Look, light: NDArray[np.float64], pixels: int) -> None:
    """Write the tilt of the micro texture towards the light, faded where it is too fine to draw.

        rough = amplitude * (0.35 + 0.65 sigmoid(3 m)) * (grad u . light) / (1 + 0.8 step^4)

    where step is how far u runs over one pixel.
    """
    torch.mul(dx, float(light[0]), out=out).add_(dy, alpha=float(light[1]))
    step = dx.square_().addcmul_(dy, dy).mul_((2.0 / pixels) ** 2)
    out.div_(step.square_().mul_(0.8).add_(1.0))
    amplitude = look.relief * look.texture[1]
    out.mul_((m * 3.0).sigmoid_().mul_(0.65 * amplitude).add_(0.35 * amplitude))
