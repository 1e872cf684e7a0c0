"""What sound moves besides the walks: the levels that drive parameters, and the drift of the synthesis noise.

Both stop while the picture is frozen, and both depend only on audio time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bandwalk.records import BANDS, Features
from bandwalk.units import PUBLISHED_STEP_S


@dataclass(frozen=True, slots=True)
class NoiseDrive:
    """Parameters of the noise's drift.

    band: its rises move the noise; "none": the noise stays as stored.
    rate: drift per 1/40 s at full change, radians.
    """

    band: str
    rate: float


class Sway:
    """Levels and drift, updated once per analysis step.

    now: [n_bands + 1] float64: the level of each band, 0..1, and the drift, radians. Never written to.
    """

    def __init__(self, step_s: float) -> None:
        self._turn = step_s / PUBLISHED_STEP_S
        self.now = at_rest()

    def step(self, features: Features, noise: NoiseDrive, *, intensity: float, speed: float) -> None:
        """Copy the levels; move the drift as far as the band has risen."""
        level = [min(1.0, level * intensity) for level in features.level]
        drift = 0.0
        if noise.band != "none":
            rise = min(1.0, max(0.0, features.change[BANDS.index(noise.band)]) * intensity)
            drift = self.now[-1] + rise * speed * noise.rate * self._turn
        self.now = np.array([*level, drift])


def at_rest() -> np.ndarray:
    """Return the sway of silence: [n_bands + 1] zeros."""
    return np.zeros(len(BANDS) + 1)
