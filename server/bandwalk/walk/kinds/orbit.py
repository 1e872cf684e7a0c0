"""The walk on a small circle."""

import math

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.sphere import move, radius, tangent

ORBIT_ANGLE = 0.55
"""Angular radius of an orbit, radians: a circumference of about 75 in z, some seconds of music."""


class Orbit(Kind):
    """Moves on a small circle that starts and ends at z."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        to_centre = tangent(z, rng.standard_normal(z.size))
        aside = tangent(z, rng.standard_normal(z.size))
        self._aside = tangent(to_centre, aside)
        centre, outward = move(z, to_centre, ORBIT_ANGLE * float(np.linalg.norm(z)))
        self._centre, self._back = centre, -outward
        self._reach = radius(z.size) * math.sin(ORBIT_ANGLE)
        self._phase, self._z = 0.0, z

    def step(self, moment: Moment) -> np.ndarray:
        """Move along the circle."""
        if not moment.distance:
            return self._z
        self._phase = math.fmod(self._phase + moment.distance / self._reach, math.tau)
        cos, sin = math.cos(self._phase), math.sin(self._phase)
        spoke = cos * self._back + sin * self._aside
        self._z = np.asarray(self._centre * math.cos(ORBIT_ANGLE) + spoke * self._reach)
        return self._z
