"""What sound moves beside the walks: the levels that drive values, and the drift of the synthesis noise.

Both rest while the picture is frozen, and both depend on audio time only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bandwalk.records import BANDS, Features
from bandwalk.units import PUBLISHED_STEP_S


@dataclass(frozen=True, slots=True)
class NoiseDrive:
    """Plain values of the noise's drift.

    band: whose rises move it, or "none": it lies as stored.
    rate: how far full change moves it in 1/40 s, radians.
    """

    band: str
    rate: float


class Sway:
    """Levels and drift, brought on once an analysis step.

    now: [n_bands + 1] float64: the level of each band, 0..1, and the drift, radians. Never written to.
    """

    def __init__(self, step_s: float) -> None:
        self._turn = step_s / PUBLISHED_STEP_S
        self.now = at_rest()

    def step(self, features: Features, noise: NoiseDrive, *, intensity: float, speed: float) -> None:
        """Follow the levels; let the noise drift as far as the band has risen."""
        level = [min(1.0, level * intensity) for level in features.level]
        drift = 0.0
        if noise.band != "none":
            rise = min(1.0, max(0.0, features.change[BANDS.index(noise.band)]) * intensity)
            drift = self.now[-1] + rise * speed * noise.rate * self._turn
        self.now = np.array([*level, drift])


def at_rest() -> np.ndarray:
    """Return the sway of silence: [n_bands + 1] zeros."""
    return np.zeros(len(BANDS) + 1)
