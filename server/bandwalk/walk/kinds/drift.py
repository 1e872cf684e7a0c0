"""The walk that never rests."""

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.kinds.wander import Wander
from bandwalk.walk.sphere import radius

_WAY = 1.1
"""Radians between one place of a wandering path and the next, about."""


class Drift(Kind):
    """Wanders smoothly to another place in its bars, and faster while the sound moves it."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._path = Wander(z, rng)
        self._way = _WAY * radius(z.size)

    def step(self, moment: Moment) -> np.ndarray:
        """Wander on."""
        return self._path.step(moment.pace * moment.passed / moment.period + moment.distance / self._way)
