"""Styles 6-13: how the picture looks, as numbers for one frame.

    6, 7   two palettes        8    how they mix, how deep valleys darken
    9      material and light  10   contour lines
    11     micro texture       12   saturation, exposure, vignette
    13     tint

A `Appearance` holds what they decide; `skin` and `fine` draw it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandwalk.generator.builtin.materials import Material, blend
from bandwalk.generator.builtin.palette import Ramp, paint
from bandwalk.generator.builtin.styles import Params, choose, sigmoid

Array = NDArray[np.float64]

LIGHT_ACROSS, LIGHT_UP = 0.62, 0.74  # the light stands 50 degrees above the plane

GAIN_LIMIT = 2.0  # of a colour's gain, in log: a direction may take it far, a picture's own w hardly moves it


@dataclass(frozen=True, eq=False)
class Appearance:
    """All that the fine styles decide, for one frame."""

    palettes: list[Array]  # two sets of polynomial coefficients [3, DEGREE + 1] each
    mix: tuple[float, float, float]  # second palette = sigmoid(a m + b h0 + c)
    depth: float  # height at which valleys are half dark, negated
    material: Material
    light: tuple[float, float]  # where it comes from in the plane, unit vector
    across: float  # share of the light along the plane
    up: float  # share along the normal
    relief: float  # slope seen by light = relief * gradient of h
    gloss: Array  # colour of highlights [3]
    glow: Array  # colour of lines and rims [3]
    lines: tuple[float, float]  # contour lines at whole numbers of a h + b
    texture: tuple[float, float, float]  # micro texture: frequency, amplitude, phase
    vignette: float


def read_appearance(s: list[Params]) -> Appearance:
    """Read the look from the style parameters of all layers."""
    material = blend(choose(s[9][6:12], 2.8, MATERIAL_BIAS))
    angle = 2.2 + 0.5 * s[9][1]  # mostly from above
    first = _first_ramp(s, material)
    second = _second_ramp(s, first)
    accent = first.hue + 2.1 + 1.1 * s[10][3]
    palettes, (gloss, glow) = paint((first, second), ((0.95, 0.04, accent), (0.78, 0.19, accent)))
    tone = 1.30 * np.exp(gain(0.12 * s[12][1]) + gain(0.08 * np.array(s[13][0:3])))[:, None]
    return Appearance(
        palettes=[tone * c for c in palettes],
        mix=(4.5 * math.tanh(1.5 * s[8][0]), 2.4 * math.tanh(1.5 * s[8][1]), 0.8 * s[8][2] - 0.4),
        depth=2.0 + 0.8 * math.tanh(s[8][3]),
        material=material,
        light=(math.cos(angle), -math.sin(angle)),
        across=LIGHT_ACROSS,
        up=LIGHT_UP,
        relief=0.27 * math.exp(0.30 * s[9][0]) * material.relief,
        gloss=gloss * material.gloss * (0.35 + 0.9 * sigmoid(1.5 * s[9][2])),
        glow=glow,
        lines=(1.1 * math.exp(0.35 * s[10][0]), 0.5 * s[10][1]),
        texture=(90.0 * math.exp(0.35 * s[11][0]), 0.001 + 0.0055 * sigmoid(1.5 * s[11][2]), s[11][1]),
        vignette=0.12 + 0.06 * math.tanh(s[12][2]),
    )


def gain(x: Any) -> Any:
    """Return x for small x, and +-`GAIN_LIMIT` far out."""
    return GAIN_LIMIT * np.tanh(x / GAIN_LIMIT)


MATERIAL_BIAS = (0.8, 0.0, 0.3, 0.0, 0.0, 0.2)


def _first_ramp(s: list[Params], material: Material) -> Ramp:
    p = s[6]
    return Ramp(
        hue=2.0 * math.pi * 0.6 * p[0],
        arc=1.2 * p[1],
        bend=0.5 * p[5],
        lightness=0.57 + 0.07 * math.tanh(p[2]),
        contrast=0.36 + 0.08 * math.tanh(p[3]),
        chroma=(0.215 + 0.06 * math.tanh(p[4])) * material.chroma * (1.0 + 0.15 * math.tanh(s[12][0])),
    )


def _second_ramp(s: list[Params], first: Ramp) -> Ramp:
    """Choose the second palette against the first: another hue, its lightness either way up."""
    p = s[7]
    return Ramp(
        hue=first.hue + 2.3 + 1.0 * p[0],
        arc=1.3 * p[1],
        bend=0.5 * p[5],
        lightness=0.54 + 0.09 * math.tanh(p[2]),
        contrast=0.08 + 0.28 * math.tanh(2.0 * p[3]),
        chroma=first.chroma * (1.0 + 0.25 * math.tanh(p[4])),
    )
