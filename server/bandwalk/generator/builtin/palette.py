"""Styles 6-8: two palettes, each a curve through a perceptual colour space (OKLCh).

A palette is drawn as a polynomial: once a frame, the curve is sampled, converted to sRGB and fitted, so that a pixel
costs a few multiplications and no colour conversion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DEGREE = 5
NODES = np.cos(np.pi * (np.arange(24) + 0.5) / 24)  # Chebyshev nodes: an even error over -1..1
FIT = np.linalg.pinv(np.vander(NODES, DEGREE + 1, increasing=True))  # [DEGREE + 1, 24]

# OKLab to linear sRGB. Source: B. Ottosson, "A perceptual color space for image processing", 2020.
TO_LMS = np.array([
    [1.0, 0.3963377774, 0.2158037573],
    [1.0, -0.1055613458, -0.0638541728],
    [1.0, -0.0894841775, -1.2914855480],
])  # fmt: skip
TO_RGB = np.array([
    [4.0767416621, -3.3077115913, 0.2309699292],
    [-1.2684380046, 2.6097574011, -0.3413193965],
    [-0.0041960863, -0.7034186147, 1.7076147010],
])  # fmt: skip

# Smallest linear value: closer to 0, where sRGB is steep, a channel would jump at the smallest change of hue.
DARKEST = 0.006

GREEN, HURRY = 2.7, 0.45  # rad; below 1, so that each hue appears once


@dataclass(frozen=True)
class Ramp:
    """A palette over t = -1..1."""

    hue: float  # at t = 0, rad
    arc: float  # change of hue from t = 0 to 1, rad
    bend: float  # added change of hue at both ends, rad
    lightness: float  # at t = 0, 0..1
    contrast: float  # change of lightness from t = 0 to 1; negative: light valleys
    chroma: float  # at t = 0, 0..0.3


def oklch_to_srgb(lightness: Array, chroma: Array, hue: Array) -> Array:
    """Convert OKLCh to gamma-coded sRGB [..., 3]; colours outside the gamut lose chroma and keep their hue."""
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    linear = (lab @ TO_LMS.T) ** 3 @ TO_RGB.T
    grey = lab[..., :1] ** 3
    excess = linear - grey
    room = np.where(excess > 0.0, 1.0 - grey, grey - DARKEST)
    share = (room / np.maximum(np.abs(excess), 1e-3)).min(axis=-1, keepdims=True)  # share of the chroma that fits
    share = np.clip(share, 1e-3, 1e3)
    linear = np.clip(grey + excess * (1.0 + share**-8.0) ** (-1.0 / 8.0), 0.0, 1.0)  # a smooth min(share, 1)
    out: Array = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)
    return out


def paint(ramps: Sequence[Ramp], accents: Sequence[tuple[float, float, float]]) -> tuple[list[Array], Array]:
    """Return the palettes as polynomials, and single colours, with one conversion a frame.

    Args:
        ramps:   The palettes.
        accents: Lightness, chroma and hue of the single colours.

    Returns:
        Coefficients of each palette [3, DEGREE + 1], the constant first; the accents' sRGB [n, 3].
    """
    t = NODES
    numbers = np.array([(r.hue, r.arc, r.bend, r.lightness, r.contrast, r.chroma) for r in ramps])
    hue, arc, bend, middle, contrast, most = numbers.T[:, :, None]  # [ramps, 1] each
    lightness = np.clip(middle + contrast * t, 0.05, 0.98)  # [ramps, nodes]
    # Very dark and very light colours have little chroma.
    chroma = most * np.sqrt(np.sin(math.pi * np.clip(lightness, 0.12, 0.9)))
    samples = np.stack([lightness, chroma, hue + (arc + bend * t) * t], axis=-1).reshape(-1, 3)
    lightness, chroma, hue = np.concatenate([samples, accents]).T
    rgb = oklch_to_srgb(lightness, chroma, hurried(hue))
    curves = rgb[: len(samples)].reshape(len(ramps), len(t), 3)
    return [(FIT @ curve).T for curve in curves], rgb[len(samples) :]


def hurried(hue: Array) -> Array:
    """Move hues away from green and teal, towards reds, violets and blues.

    OKLCh has more green and teal than is wanted on a stage.
    """
    out: Array = hue + HURRY * np.sin(hue - GREEN)
    return out
