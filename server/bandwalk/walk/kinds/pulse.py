"""The walk that a hit pushes and that comes back."""

import math

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.kinds.wander import Wander
from bandwalk.walk.sphere import move, tangent

_REST_S = 0.75
"""Time constant with which home comes to rest where the level does not move: 2 % of its pace are left after 3 s."""

_ENOUGH = 0.5
"""Span of the level from which home wanders as fast as it may."""


class Pulse(Kind):
    """Goes out with the level and comes back as it falls; home and the direction of the push wander slowly.

        z = home moved by level * reach towards a pole

    A hit is a push, not a departure: between two hits the picture is that of home, which is another one only after
    the walk's bars. Home rests where the level does: in silence, in noise, in a held tone.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._home = Wander(z, rng)
        self._pole = Wander(rng.standard_normal(z.size), rng)
        self._highest = self._lowest = 0.0

    def step(self, moment: Moment) -> np.ndarray:
        """Let home wander, and push."""
        share = moment.pace * moment.passed / moment.period * min(1.0, self._span(moment) / _ENOUGH)
        home, pole = self._home.step(share), self._pole.step(share)
        pushed, _ = move(home, tangent(home, pole), moment.level * moment.reach)
        return pushed

    def _span(self, moment: Moment) -> float:
        """Return how far the level has lately moved: both ends of its span come back to it."""
        level, stays = moment.level, math.exp(-moment.dt_s / _REST_S)
        self._highest = max(level, level + (self._highest - level) * stays)
        self._lowest = min(level, level + (self._lowest - level) * stays)
        return self._highest - self._lowest
