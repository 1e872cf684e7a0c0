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
        self._z = self._from = z
        self._share = 0.0
        self._stop: Stop | None = None
        self._plan: Hashable = None

    def step(self, moment: Moment, plan: Hashable, next_stop: Callable[[float], Stop]) -> np.ndarray:
        """Go on by one step; return z [z_dim].

        Args:
            plan:      what the stops depend on.
            next_stop: returns the first stop after a beat.
        """
        before, rest = moment.beats - moment.passed, moment.passed
        if self._stop is None or moment.has_jumped or plan != self._plan or self._stop.beat < before - NEAR:
            self._plan = plan
            self._head_for(next_stop(before - 2 * NEAR))
        while self._stop.beat <= moment.beats + NEAR:
            reached = self._stop
            rest = max(0.0, moment.beats - reached.beat)
            self._z = reached.z
            self._head_for(next_stop(reached.beat))
        self._go(rest, moment.beats - rest)
        return self._z

    def _head_for(self, stop: Stop) -> None:
        self._from, self._share, self._stop = self._z, 0.0, stop

    def _go(self, passed: float, before: float) -> None:
        """Go so far that an even pace from here arrives in time: the share of the beats that are left."""
        assert self._stop is not None
        if passed > 0.0:
            self._share += (1.0 - self._share) * passed / (self._stop.beat - before)
            self._z = slerp(self._from, self._stop.z, _ease(self._share))


def _ease(share: float) -> float:
    """Return an eased share, 0..1: it starts and ends slowly."""
    return 0.5 - 0.5 * math.cos(math.pi * share)
