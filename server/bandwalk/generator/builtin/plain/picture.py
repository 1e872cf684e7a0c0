"""The whole picture: relief, colours, light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bandwalk.generator.builtin import reference, skin
from bandwalk.generator.builtin.appearance import Appearance
from bandwalk.generator.builtin.coarse import WarpBank
from bandwalk.generator.builtin.plain.colours import read_appearance
from bandwalk.generator.builtin.plain.numbers import read_styles
from bandwalk.generator.builtin.plain.relief import draw_coarse, draw_middle
from bandwalk.generator.builtin.plane import Plane


@dataclass(frozen=True, eq=False)
class Setting:
    """What does not depend on styles.

    affine:    A [num_ws, w_dim, n_params].
    bank:      The four warps.
    plane:     Coordinates, at half the picture's pixels.
    grain:     Stored noise [H, W].
    transform: Inverse transform of the picture [3, 3].
    """

    affine: NDArray[np.float32]
    bank: WarpBank
    plane: Plane
    grain: Tensor
    transform: NDArray[np.float64]


def draw(ws: Tensor, setting: Setting) -> Tensor:
    """Draw one picture of ws [num_ws, w_dim] as [3, H, W], -1..1; gradients flow back to ws."""
    s = read_styles(ws, setting.affine)
    plane = setting.plane
    xy = plane.maps[:2]
    q, h0 = draw_coarse(xy, s, setting.bank, setting.transform)
    dq = _differences(q, plane)
    stretch = (dq[0].square() + dq[1].square()).sum(0) * (plane.pixels / 4.0) ** 2
    m, h = draw_middle(q, h0, stretch, s)
    dh = _differences(h[None], plane)
    look = read_appearance(s)
    body = skin.Body(q, h0, m, h, (dq[0][0], dq[1][0]), (dh[0][0], dh[1][0]))
    lit = _light(body, look, setting.transform[:2, :2], 2 * plane.pixels)
    maps = torch.cat([_colour(body, look, skin.distance2(plane)), torch.stack(lit)])
    around = plane.margin - 1
    shaped = maps.view(len(maps), plane.rows, plane.row)[:, around:-around, around:-around]
    return reference.draw_fine(shaped, look, setting.grain, 1.0)


def _differences(maps: Tensor, plane: Plane) -> tuple[Tensor, Tensor]:
    """Return differences of maps [C, n] across and down, over two samples: `plane.differences`."""
    shaped = maps.view(-1, plane.rows, plane.row)
    down, across = torch.gradient(shaped, dim=(1, 2))  # central, one-sided where the grid ends
    return 2.0 * across.reshape_as(maps), 2.0 * down.reshape_as(maps)


def _colour(body: skin.Body, look: Appearance, radius2: Tensor) -> Tensor:
    """Return the colour before light [3, n]."""
    h0, m, h = body.h0, body.m, body.h
    first = _ramp(look.palettes[0], (0.8 * h + 0.25 * h0).tanh())
    second = _ramp(look.palettes[1], (0.7 * (m + h0)).tanh())
    by_pattern, by_mass, bias = look.mix
    share = (by_pattern * m + by_mass * h0 + bias).sigmoid()
    depth = skin.MIN_LIGHT + (1.0 - skin.MIN_LIGHT) * (2.6 * h + look.depth).sigmoid()
    return (first.lerp(second, share) * depth * (1.0 - look.vignette * radius2)).clamp(min=0.0)


def _ramp(polynomials: Any, t: Tensor) -> Tensor:
    """Evaluate polynomials [3, DEGREE + 1] at t [n], -1..1, to [3, n]."""
    powers = torch.stack([t**k for k in range(polynomials.shape[1])])
    out: Tensor = polynomials.to(t) @ powers
    return out


def _light(body: skin.Body, look: Appearance, to_plane: NDArray[np.float64], pixels: int) -> list[Tensor]:
    """Return the rows of the skin from SLOPE on [n] each."""
    (x, y), h, (dx, dy) = body.q, body.h, body.dh
    to_picture, per_unit = np.linalg.inv(to_plane), pixels / 8.0
    light = [per_unit * (row[0] * look.light[0] + row[1] * look.light[1]) for row in to_picture]
    side = [per_unit * (row[1] * look.light[0] - row[0] * look.light[1]) for row in to_picture]
    number, offset = look.lines
    width = max(skin.LINE, 2.0 / pixels) * per_unit
    frequency, amplitude, phase = look.texture
    scale = 0.5 * frequency * y + phase
    across, up = skin.FIBRE_ACROSS * frequency, skin.FIBRE_UP * frequency
    du, dv = (across * dq + up * dp for dq, dp in zip(body.dx, body.dh, strict=True))
    fade = 1.0 + 0.8 * ((du**2 + dv**2) / 4.0) ** 2
    tilt = look.relief * amplitude * (0.35 + 0.65 * (3.0 * body.m).sigmoid())
    return [
        look.relief * (light[0] * dx + light[1] * dy),
        1.0 + (look.relief * (side[0] * dx + side[1] * dy)) ** 2,
        (number * width) ** 2 * (dx**2 + dy**2) + look.material.halo,
        number * h + offset,
        across * x + up * h + 2.0 * (0.44 * scale).sin(),
        scale,
        tilt * (light[0] * du + light[1] * dv) / fade,
    ]
