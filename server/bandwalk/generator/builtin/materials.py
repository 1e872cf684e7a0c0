"""The materials of the picture: six of them, and their blends."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np


@dataclass(frozen=True)
class Material:
    """How a surface reflects light. All values are factors on maps of about 0..1."""

    flat: float  # shade = flat + linear d + square d^2 + cube d^3, d = cosine to the light
    linear: float
    square: float
    cube: float
    relief: float  # factor on the slopes that light falls on
    gloss: float  # strength of the highlight
    sharpness: float  # its narrowness: 1 / (1 + sharpness * slope distance^2)^2
    rim: float  # light on steep surfaces
    line: float  # glowing contour lines
    halo: float  # width of the lines' glow
    dark: float  # how much lines darken
    fibre: float  # micro texture along one direction
    scale: float  # micro texture in cells
    grain: float  # stored noise
    chroma: float  # factor on the palettes' chroma


#                      flat  linear square cube  relief gloss sharp rim   line  halo   dark  fibre scale grain chroma
ENAMEL = Material(0.32, 0.56, 0.36, 0.00, 1.10, 0.65, 24.0, 0.15, 0.40, 0.0010, 0.00, 0.40, 0.50, 0.006, 1.00)
INK = Material(0.44, 0.44, 0.16, 0.00, 1.00, 0.12, 24.0, 0.00, 0.03, 0.0010, 0.75, 1.20, 0.00, 0.016, 1.00)
GLASS = Material(0.12, 0.20, 0.98, 0.00, 1.25, 1.50, 80.0, 0.45, 0.20, 0.0006, 0.00, 0.00, 0.40, 0.002, 1.20)
NEON = Material(0.07, 0.06, 0.28, 0.00, 0.90, 0.30, 30.0, 0.40, 1.20, 0.0070, 0.00, 0.20, 0.80, 0.004, 1.20)
PAPER = Material(0.40, 0.48, 0.18, 0.00, 1.15, 0.02, 3.00, 0.00, 0.04, 0.0010, 0.20, 1.80, 0.80, 0.028, 0.85)
METAL = Material(0.28, -0.60, 0.30, 1.85, 1.20, 1.00, 12.0, 0.20, 0.10, 0.0010, 0.10, 1.20, 0.00, 0.004, 0.75)

MATERIALS = (ENAMEL, INK, GLASS, NEON, PAPER, METAL)

TABLE = np.array([astuple(m) for m in MATERIALS])  # [materials, numbers]


def blend(weights: list[float]) -> Material:
    """Mix the materials by weights that sum to 1."""
    return Material(*(np.array(weights) @ TABLE).tolist())
