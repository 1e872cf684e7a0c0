"""The whole picture: relief, colours, light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from bandwalk.generator.builtin import reference, skin
from bandwalk.generator.builtin.appearance import Appearance
from bandwalk.generator.builtin.canvas import Canvas
from bandwalk.generator.builtin.fine import tiled
from bandwalk.generator.builtin.plain.colours import read_appearance
from bandwalk.generator.builtin.plain.constants import Constants
from bandwalk.generator.builtin.plain.numbers import inverse, read_styles
from bandwalk.generator.builtin.plain.relief import draw_coarse, draw_middle
from bandwalk.generator.builtin.plane import Plane, grid, halved
from bandwalk.generator.effects import Effects

_MARGIN = 2  # samples around the picture, for differences and interpolation
AT_REST = Effects()


@dataclass(frozen=True, eq=False)
class Setting:
    """What does not depend on the picture.

    constants: The model's numbers.
    canvas:    At what size it draws.
    plane:     Coordinates of the coarse stage.
    radius2:   `skin.distance2`, at half the picture's pixels.
    """

    constants: Constants
    canvas: Canvas
    plane: Plane
    radius2: Tensor

    @classmethod
    def of(cls, constants: Constants, canvas: Canvas, device: torch.device) -> Setting:
        """Prepare for maps on a device."""
        half = halved(canvas.drawn)
        coarse = grid(halved(half) if canvas.doubles else half, _MARGIN, device)
        return cls(constants, canvas, coarse, skin.distance2(grid(half, _MARGIN, device)))


def draw(ws: Tensor, transform: Tensor, tile: Tensor, setting: Setting, effects: Effects = AT_REST) -> Tensor:
    """Draw one picture on the whole canvas [3, H, W], -1..1; gradients flow back to ws.

    Args:
        ws:        Styles [num_ws, w_dim].
        transform: Inverse transform of the picture [3, 3].
        tile:      Noise, as strong as it is drawn [rows, columns]; it is repeated.
        setting:   What does not depend on the picture.
        effects:   Its bends are applied.
    """
    constants, plane = setting.constants, setting.plane
    s = read_styles(ws, constants.affine)
    plane = plane.with_maps(draw_coarse(plane, s, constants, transform, effects))
    plane = _doubled(plane) if setting.canvas.doubles else plane
    q, h0 = plane.maps[:2], plane.maps[2]
    dq = _differences(q, plane)
    stretch = (dq[0].square() + dq[1].square()).sum(0) * (plane.pixels / 4.0) ** 2
    m, h = draw_middle(plane, stretch, s, effects)
    dh = _differences(h[None], plane)
    look = read_appearance(s, constants)
    body = skin.Body(q, torch.stack([h0, m, h]), (dq[0][0], dq[1][0]), (dh[0][0], dh[1][0]))
    lit = _light(body, look, transform[:2, :2], 2 * plane.pixels)
    maps = torch.cat([torch.stack(lit), _colour(body, look, setting.radius2)])
    skin.bend_skin(maps, effects, plane.row)
    around = plane.margin - 1
    shaped = maps.view(len(maps), plane.rows, plane.row)[:, around:-around, around:-around]
    return reference.draw_fine(shaped, look, tiled(tile, setting.canvas.drawn), 1.0)


def _doubled(plane: Plane) -> Plane:
    """Return the maps at twice as many pixels: `plane.double`."""
    shaped = plane.maps.view(-1, plane.rows, plane.row)
    shaped = _twice(_twice(shaped).mT).mT
    return Plane(shaped.flatten(1), (2 * plane.size[0], 2 * plane.size[1]), plane.margin)


def _twice(x: Tensor) -> Tensor:
    """Return maps [C, rows, n] with two samples for each but the first and the last [C, rows, 2 n - 4]."""
    before, here, after = (part / 16.0 for part in (x[..., :-2], x[..., 1:-1], x[..., 2:]))
    return torch.stack([5.0 * before + 10.0 * here + after, before + 10.0 * here + 5.0 * after], -1).flatten(-2)


def _differences(maps: Tensor, plane: Plane) -> tuple[Tensor, Tensor]:
    """Return differences of maps [C, n] across and down, over two samples: `plane.differences`."""
    shaped = maps.view(-1, plane.rows, plane.row)
    down, across = torch.gradient(shaped, dim=(1, 2))  # central, one-sided where the grid ends
    return 2.0 * across.reshape_as(maps), 2.0 * down.reshape_as(maps)


def _colour(body: skin.Body, look: Appearance, radius2: Tensor) -> Tensor:
    """Return the colour before light [3, n]."""
    h0, m, h = body.heights
    first = _ramp(look.palettes[0], (0.8 * h + 0.25 * h0).tanh())
    second = _ramp(look.palettes[1], (0.7 * (m + h0)).tanh())
    by_pattern, by_mass, bias = look.mix
    share = (by_pattern * m + by_mass * h0 + bias).sigmoid()
    depth = skin.MIN_LIGHT + (1.0 - skin.MIN_LIGHT) * (2.6 * h + look.depth).sigmoid()
    colour: Tensor = first.lerp(second, share) * depth * (1.0 - look.vignette * radius2)
    return colour.clamp(min=0.0)


def _ramp(polynomials: Any, t: Tensor) -> Tensor:
    """Evaluate polynomials [3, DEGREE + 1] at t [n], -1..1, to [3, n]."""
    powers = torch.stack([t**k for k in range(polynomials.shape[1])])
    out: Tensor = polynomials.to(t) @ powers
    return out


def _light(body: skin.Body, look: Appearance, to_plane: Tensor, pixels: int) -> list[Tensor]:
    """Return the rows of the skin before the colours [n] each."""
    (x, y), (_, m, h), (dx, dy) = body.q, body.heights, body.dh
    to_picture, per_unit = inverse(to_plane), pixels / 8.0
    light = [per_unit * (row[0] * look.light[0] + row[1] * look.light[1]) for row in to_picture]
    side = [per_unit * (row[1] * look.light[0] - row[0] * look.light[1]) for row in to_picture]
    number, offset = look.lines
    width = max(skin.LINE, 2.0 / pixels) * per_unit
    frequency, amplitude, phase = look.texture
    scale = 0.5 * frequency * y + phase
    across, up = skin.FIBRE_ACROSS * frequency, skin.FIBRE_UP * frequency
    du, dv = (across * dq + up * dp for dq, dp in zip(body.dx, body.dh, strict=True))
    fade = 1.0 + 0.8 * ((du**2 + dv**2) / 4.0) ** 2
    tilt = look.relief * amplitude * (0.35 + 0.65 * (3.0 * m).sigmoid())
    return [
        look.relief * (light[0] * dx + light[1] * dy),
        1.0 + (look.relief * (side[0] * dx + side[1] * dy)) ** 2,
        across * x + up * h + 2.0 * (0.44 * scale).sin(),
        scale,
        tilt * (light[0] * du + light[1] * dv) / fade,
        (number * width) ** 2 * (dx**2 + dy**2) + look.material.halo,
        number * h + offset,
    ]
