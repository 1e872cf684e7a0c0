"""Styles 6-13, palettes, material and light: `appearance`, with tensors instead of numbers."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from bandwalk.generator.builtin import appearance, palette
from bandwalk.generator.builtin.appearance import Appearance
from bandwalk.generator.builtin.materials import Material
from bandwalk.generator.builtin.plain.constants import Constants
from bandwalk.generator.builtin.plain.numbers import choose

Ramp = tuple[Tensor, ...]  # hue, arc, bend, lightness, contrast, chroma: `palette.Ramp`


def read_appearance(s: list[Tensor], constants: Constants) -> Appearance:
    """Compute the appearance from the style parameters of all layers."""
    material: Any = Material  # of tensors here
    made = material(*(choose(s[9][6:12], 2.8, constants.material_bias) @ constants.materials).unbind())
    angle = 2.2 + 0.5 * s[9][1]
    first = _first_ramp(s, made.chroma)
    accent = first[0] + 2.1 + 1.1 * s[10][3]
    tone = 1.30 * (_gain(0.12 * s[12][1]) + _gain(0.08 * s[13][0:3])).exp()[:, None]
    values: dict[str, Any] = {
        "palettes": [tone * _paint(ramp, constants) for ramp in (first, _second_ramp(s[7], first))],
        "mix": (4.5 * (1.5 * s[8][0]).tanh(), 2.4 * (1.5 * s[8][1]).tanh(), 0.8 * s[8][2] - 0.4),
        "depth": 2.0 + 0.8 * s[8][3].tanh(),
        "material": made,
        "light": (angle.cos(), -angle.sin()),
        "relief": 0.27 * (0.30 * s[9][0]).exp() * made.relief,
        "gloss": _single(0.95, 0.04, accent, constants) * made.gloss * (0.35 + 0.9 * (1.5 * s[9][2]).sigmoid()),
        "glow": _single(0.78, 0.19, accent, constants),
        "lines": (1.1 * (0.35 * s[10][0]).exp(), 0.5 * s[10][1]),
        "texture": (90.0 * (0.35 * s[11][0]).exp(), 0.001 + 0.0055 * (1.5 * s[11][2]).sigmoid(), s[11][1]),
        "vignette": 0.12 + 0.06 * s[12][2].tanh(),
    }
    return Appearance(across=appearance.LIGHT_ACROSS, up=appearance.LIGHT_UP, **values)


def _single(lightness: float, chroma: float, hue: Tensor, constants: Constants) -> Tensor:
    """Return a colour [3]."""
    return _to_srgb(torch.full_like(hue, lightness), torch.full_like(hue, chroma), hue, constants)


def _gain(x: Tensor) -> Tensor:
    return appearance.MAX_GAIN * (x / appearance.MAX_GAIN).tanh()


def _first_ramp(s: list[Tensor], chroma: Tensor) -> Ramp:
    p = s[6]
    strength = (0.215 + 0.06 * p[4].tanh()) * chroma * (1.0 + 0.15 * s[12][0].tanh())
    hue = 2.0 * math.pi * 0.6 * p[0]
    return hue, 1.2 * p[1], 0.5 * p[5], 0.57 + 0.07 * p[2].tanh(), 0.36 + 0.08 * p[3].tanh(), strength


def _second_ramp(p: Tensor, first: Ramp) -> Ramp:
    hue, strength = first[0] + 2.3 + 1.0 * p[0], first[5] * (1.0 + 0.25 * p[4].tanh())
    return hue, 1.3 * p[1], 0.5 * p[5], 0.54 + 0.09 * p[2].tanh(), 0.08 + 0.28 * (2.0 * p[3]).tanh(), strength


def _paint(ramp: Ramp, constants: Constants) -> Tensor:
    """Return a palette as polynomials [3, DEGREE + 1]."""
    hue, arc, bend, middle, contrast, most = ramp
    t = constants.nodes
    lightness = (middle + contrast * t).clamp(0.05, 0.98)
    chroma = most * (math.pi * lightness.clamp(0.12, 0.9)).sin().sqrt()
    return (constants.fit @ _to_srgb(lightness, chroma, hue + (arc + bend * t) * t, constants)).T


def _to_srgb(lightness: Tensor, chroma: Tensor, hue: Tensor, constants: Constants) -> Tensor:
    """Convert OKLCh, its hues hurried, to sRGB [..., 3]: `palette.oklch_to_srgb`."""
    hue = hue + palette.HURRY * (hue - palette.GREEN).sin()
    lab = torch.stack([lightness, chroma * hue.cos(), chroma * hue.sin()], dim=-1)
    linear = (lab @ constants.to_lms.T) ** 3 @ constants.to_rgb.T
    grey = lab[..., :1] ** 3
    excess = linear - grey
    room = torch.where(excess > 0.0, 1.0 - grey, grey - palette.DARKEST)
    share = (room / excess.abs().clamp(min=1e-3)).amin(-1, keepdim=True).clamp(1e-3, 1e3)
    linear = (grey + excess * (1.0 + share**-8.0) ** (-1.0 / 8.0)).clamp(0.0, 1.0)
    bent = 1.055 * linear.clamp(min=0.0031308) ** (1.0 / 2.4) - 0.055  # not from 0, where its slope is infinite
    return torch.where(linear <= 0.0031308, 12.92 * linear, bent)
