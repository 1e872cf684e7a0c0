"""The walk that takes the published project's steps."""

import math

import numpy as np

from bandwalk.units import PUBLISHED_STEP_S
from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.sphere import move, tangent


class PublishedWalk(Kind):
    """Takes a new random direction in each step, as the published project does, but stays on the sphere.

    n steps in random directions get as far as sqrt(n) steps in one direction: the length is scaled so that at any
    step rate the walk gets as far in 1/40 s as the published one.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._z, self._rng = z, rng

    def step(self, moment: Moment) -> np.ndarray:
        """Move in a new random direction."""
        if moment.distance:
            u = tangent(self._z, self._rng.standard_normal(self._z.size))
            self._z, _ = move(self._z, u, moment.distance * math.sqrt(PUBLISHED_STEP_S / moment.dt_s))
        return self._z
