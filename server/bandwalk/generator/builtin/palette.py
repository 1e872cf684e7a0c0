"""Styles 6-8: two palettes, each a curve through a perceptual colour space (OKLCh).

A palette is drawn as a polynomial: the curve is sampled, converted to sRGB and fitted, once
a frame, so that a pixel costs a few multiplications and no colour conversion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DEGREE = 5
_NODES = np.cos(np.pi * (np.arange(24) + 0.5) / 24)  # Chebyshev's: an even error over -1..1
_FIT = np.linalg.pinv(np.vander(_NODES, DEGREE + 1, increasing=True))  # [DEGREE + 1, 24]

# OKLab to linear sRGB. Source: B. Ottosson, "A perceptual color space for image processing", 2020.
_TO_LMS = np.array([
    [1.0, 0.3963377774, 0.2158037573],
    [1.0, -0.1055613458, -0.0638541728],
    [1.0, -0.0894841775, -1.2914855480],
])  # fmt: skip
_TO_RGB = np.array([
    [4.0767416621, -3.3077115913, 0.2309699292],
    [-1.2684380046, 2.6097574011, -0.3413193965],
    [-0.0041960863, -0.7034186147, 1.7076147010],
])  # fmt: skip


@dataclass(frozen=True)
class Ramp:
    """A palette over t = -1..1."""

    hue: float  # at t = 0, rad
    arc: float  # change of hue from t = 0 to 1, rad
    lightness: float  # at t = 0, 0..1
    contrast: float  # change of lightness from t = 0 to 1; negative: valleys are light
    chroma: float  # at t = 0, 0..0.3


def oklch_to_srgb(lightness: Array | float, chroma: Array | float, hue: Array | float) -> Array:
    """Convert OKLCh to gamma-coded sRGB [..., 3], clipped to 0..1."""
    lab = np.stack(np.broadcast_arrays(lightness, chroma * np.cos(hue), chroma * np.sin(hue)), axis=-1)
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0.0, 1.0)
    out: Array = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)
    return out


def fit_ramp(ramp: Ramp) -> Array:
    """Return the palette's polynomial coefficients [3, DEGREE + 1], the constant first."""
    t = _NODES
    lightness = np.clip(ramp.lightness + ramp.contrast * t, 0.05, 0.98)
    # Very dark and very light colours hold little chroma.
    chroma = ramp.chroma * np.sin(math.pi * np.clip(lightness, 0.12, 0.9)) ** 0.5
    rgb = oklch_to_srgb(lightness, chroma, ramp.hue + ramp.arc * t)
    coefficients: Array = (_FIT @ rgb).T
    return coefficients
