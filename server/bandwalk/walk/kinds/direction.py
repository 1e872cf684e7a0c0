"""The walk back and forth along one direction."""

import math

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.sphere import move, radius, tangent

SWING = 0.55
"""Radians to both sides in z."""

MAX_ALPHA = 2.0
"""Alpha to both sides along one of the model's directions: there a picture is clearly another one."""


class Direction(Kind):
    """Swings about where it began as the sound moves it: along one of the model's directions, or in z without a name.

    Attributes:
        along: alpha of the direction that the walk's rows name.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._middle, self._u = z, tangent(z, rng.standard_normal(z.size))
        self._reach = SWING * radius(z.size)
        self._phase = 0.0
        self.along = 0.0

    def step(self, moment: Moment) -> np.ndarray:
        """Swing on; the ends are approached and left slowly."""
        self._phase = (self._phase + moment.distance / self._reach) % math.tau
        swing = math.sin(self._phase)
        self.along = MAX_ALPHA * swing if moment.values.direction else 0.0
        if moment.values.direction:
            return self._middle
        return move(self._middle, self._u, self._reach * swing)[0]
