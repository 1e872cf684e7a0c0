"""The walk whose direction turns smoothly."""

import math

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.sphere import move, tangent

TURN_S = 2.0
"""Seconds after which a random walk's direction is a new one: about a bar, so that the kicks of one bar move in
about the same direction."""


class RandomWalk(Kind):
    """Moves in a direction that turns smoothly: Brownian motion of the direction on the sphere.

    The published walk takes a new direction in each step; at 100 steps per second that looks jerky.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._z, self._rng = z, rng
        self._u = tangent(z, rng.standard_normal(z.size))
        self._straight_s = 0.0

    def step(self, moment: Moment) -> np.ndarray:
        """Turn, then move along the great circle; without movement the turns add up and are made as one."""
        self._straight_s += moment.dt_s
        if moment.distance:
            turn = math.sqrt(2.0 * self._straight_s / TURN_S / self._z.size)
            self._straight_s = 0.0
            self._u = tangent(self._z, self._u + turn * self._rng.standard_normal(self._z.size))
            self._z, self._u = move(self._z, self._u, moment.distance)
        return self._z
