"""What moves besides the walks: the levels that drive parameters, the drift of the synthesis noise, the routes.

All of it stops while the picture is frozen, and depends only on audio time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandwalk.params.routes import N_ROUTES
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


REST = (0.0,) * N_ROUTES
"""What routes say that move nothing."""

IN_PLACE = (0.0,) * len(BANDS)
"""How far walks go along directions of the model that go along none."""


def felt(number: float, intensity: float) -> float:
    """Return how much of a signal, -1..1, moves the picture at an intensity."""
    return max(-1.0, min(1.0, number * intensity))


class Sway:
    """Levels, drift, routes and ways along directions, updated once per analysis step.

    now: [n_bands + 1 + N_ROUTES + n_bands] float64: the level of each band, 0..1, the drift, radians, what each route
         says, and how far each band's walk has gone along a direction of the model. Never written to.
    """

    def __init__(self, step_s: float) -> None:
        self._turn = step_s / PUBLISHED_STEP_S
        self.now = at_rest()

    def step(
        self,
        features: Features,
        noise: NoiseDrive,
        *,
        intensity: float,
        speed: float,
        routes: Sequence[float] = REST,
        along: Sequence[float] = IN_PLACE,
    ) -> None:
        """Copy the levels, what the routes say and how far walks are; move the drift as far as the band has risen."""
        level = [felt(level, intensity) for level in features.level]
        drift = 0.0
        if noise.band != "none":
            rise = max(0.0, felt(features.change[BANDS.index(noise.band)], intensity))
            drift = self.now[len(BANDS)] + rise * speed * noise.rate * self._turn
        self.now = np.array([*level, drift, *routes, *along])


def at_rest() -> np.ndarray:
    """Return the sway of silence: [n_bands + 1 + N_ROUTES + n_bands] zeros."""
    return np.zeros(len(BANDS) + 1 + N_ROUTES + len(BANDS))
