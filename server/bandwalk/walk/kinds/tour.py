"""The walk through seeds."""

import math

import numpy as np

from bandwalk.units import parse_seeds
from bandwalk.walk.kinds.journey import Journey, Stop
from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.sphere import from_seed, to_sphere


class Tour(Kind):
    """Goes from seed to seed, those of its list in turn or random ones, and is at one whenever its bars begin anew.

    The first way is half as long as the others at least, and no longer than one and a half.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._journey = Journey(z)
        self._rng, self._z_dim = rng, z.size
        self._visited = 0

    def step(self, moment: Moment) -> np.ndarray:
        """Go on towards the next seed."""
        period, seeds = moment.period, parse_seeds(moment.values.seeds)

        def next_stop(beat: float) -> Stop:
            return Stop(self._next_z(seeds), (math.floor(beat / period + 0.5) + 1) * period)

        return self._journey.step(moment, period, next_stop)

    def _next_z(self, seeds: tuple[int, ...]) -> np.ndarray:
        self._visited += 1
        if not seeds:
            return to_sphere(self._rng.standard_normal(self._z_dim))
        return from_seed(seeds[(self._visited - 1) % len(seeds)], self._z_dim)
