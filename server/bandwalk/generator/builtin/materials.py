"""What the picture is made of: six materials, and their blends."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Material:
    """How a surface answers light. All are factors on maps of about 0..1."""

    flat: float  # shade = flat + linear d + square d^2 + cube d^3, d = cosine to the light
    linear: float
    square: float
    cube: float
    relief: float  # steepness of the height as light sees it
    gloss: float  # strength of the highlight
    sharpness: float  # its narrowness: 1 / (1 + sharpness * slope distance^2)^2
    rim: float  # light that grazing surfaces catch
    line: float  # glowing contour lines
    halo: float  # how far lines glow
    dark: float  # how much lines darken instead
    fibre: float  # micro texture along one direction
    scale: float  # micro texture in cells
    grain: float  # stored noise
    chroma: float  # factor on the palettes' chroma


#                      flat  linear square cube  relief gloss sharp rim   line  halo   dark  fibre scale grain chroma
ENAMEL = Material(0.34, 0.55, 0.35, 0.00, 1.00, 0.55, 14.0, 0.15, 0.45, 0.0020, 0.00, 0.30, 0.30, 0.006, 1.00)
INK = Material(0.50, 0.42, 0.12, 0.00, 1.00, 0.16, 24.0, 0.00, 0.05, 0.0010, 0.90, 0.25, 0.00, 0.014, 0.95)
GLASS = Material(0.20, 0.22, 0.80, 0.00, 1.15, 1.25, 60.0, 0.65, 0.20, 0.0010, 0.00, 0.05, 0.25, 0.002, 1.15)
NEON = Material(0.12, 0.10, 0.30, 0.00, 0.90, 0.25, 20.0, 0.55, 1.35, 0.0120, 0.00, 0.15, 0.35, 0.004, 1.20)
PAPER = Material(0.46, 0.46, 0.12, 0.00, 0.85, 0.02, 3.00, 0.00, 0.08, 0.0010, 0.25, 1.00, 0.20, 0.020, 0.85)
METAL = Material(0.30, -0.55, 0.30, 1.70, 1.10, 0.90, 9.00, 0.20, 0.15, 0.0015, 0.10, 0.80, 0.00, 0.003, 0.70)

MATERIALS = (ENAMEL, INK, GLASS, NEON, PAPER, METAL)


def blend(weights: list[float]) -> Material:
    """Mix the materials by weights that sum to 1."""
    columns = zip(*(astuple(m) for m in MATERIALS), strict=True)
    return Material(*(sum(w * v for w, v in zip(weights, column, strict=True)) for column in columns))
