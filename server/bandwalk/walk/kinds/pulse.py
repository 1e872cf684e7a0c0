"""The walk that a hit pushes and that comes back."""

import math

import numpy as np

from bandwalk.walk.kinds.kind import Kind, Moment
from bandwalk.walk.kinds.wander import Wander
from bandwalk.walk.sphere import move, tangent

_HEARD_S = 0.75
"""Time constant with which home comes to rest where nothing is heard: two seconds after steady sound has gone to 0."""

_ENOUGH = 0.5
"""Level from which home wanders as fast as it may."""


class Pulse(Kind):
    """Goes out with the level and comes back as it falls; home and the direction of the push wander slowly.

        z = home moved by level * reach towards a pole

    A hit is a push, not a departure: between two hits the picture is that of home, which is another one only after
    the walk's bars. Where nothing is heard, home rests.
    """

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._home = Wander(z, rng)
        self._pole = Wander(rng.standard_normal(z.size), rng)
        self._heard = 0.0

    def step(self, moment: Moment) -> np.ndarray:
        """Let home wander, and push."""
        self._heard = max(moment.level, self._heard * math.exp(-moment.dt_s / _HEARD_S))
        share = moment.pace * moment.passed / moment.period * min(1.0, self._heard / _ENOUGH)
        home, pole = self._home.step(share), self._pole.step(share)
        pushed, _ = move(home, tangent(home, pole), moment.level * moment.reach)
        return pushed
