"""Travelling from stop to stop: each is reached on its beat."""

import math
from collections.abc import Callable, Hashable
from typing import NamedTuple

import numpy as np

from bandwalk.walk.kinds.kind import Moment
from bandwalk.walk.sphere import slerp

NEAR = 1e-6
"""Beats. A stop that is so near has been reached: beats are sums of many steps."""


class Stop(NamedTuple):
    """Where to be and when: z [z_dim] on the sphere, and the beat, which may be infinite: never."""

    z: np.ndarray
    beat: float


class Journey:
    """Goes to one stop after the other, eased on the sphere, and is there on the beat, however the clock glides.

    If the clock jumps or the plan changes, it heads for the next stop from where it is.
    """

    def __init__(self, z: np.ndarray) -> None:
        self.z = self._from = z
        self._share = 0.0
        self._stop: Stop | None = None
        self._plan: Hashable = None

    def step(self, moment: Moment, plan: Hashable, next_stop: Callable[[float], Stop], shortest: float) -> np.ndarray:
        """Go on by one step; return z [z_dim].

        Args:
            plan:      what the stops depend on.
            next_stop: returns the first stop after a beat.
            shortest:  beats of the way to a stop, where it is not from the stop before; at beat 0 there is no way.
        """
        before, rest = moment.beats - moment.passed, moment.passed
        stop = self._stop
        if stop is None or moment.has_jumped or plan != self._plan or stop.beat < before - NEAR:
            self._plan = plan
            stop = self._head_for(next_stop(before + (shortest if before > NEAR else 0.0) - 2 * NEAR))
        while stop.beat <= moment.beats + NEAR:
            rest = max(0.0, moment.beats - stop.beat)
            self.z = stop.z
            stop = self._head_for(next_stop(stop.beat))
        self._go(stop, rest, moment.beats - rest)
        return self.z

    def _head_for(self, stop: Stop) -> Stop:
        self._from, self._share, self._stop = self.z, 0.0, stop
        return stop

    def _go(self, stop: Stop, passed: float, before: float) -> None:
        """Go so far that an even pace from here arrives in time: the share of the beats that are left."""
        if passed > 0.0:
            self._share += (1.0 - self._share) * passed / (stop.beat - before)
            self.z = slerp(self._from, stop.z, _ease(self._share))


def _ease(share: float) -> float:
    """Return an eased share, 0..1: it starts and ends slowly."""
    return 0.5 - 0.5 * math.cos(math.pi * share)
