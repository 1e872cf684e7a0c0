"""Travelling from stop to stop: each is reached on its beat."""

import math
from collections.abc import Callable, Hashable
from typing import NamedTuple

import numpy as np

from bandwalk.walk.home import SavedStyle
from bandwalk.walk.kinds.kind import Moment
from bandwalk.walk.shares import NO_SHARES, Shares, between_shares, is_whole
from bandwalk.walk.sphere import slerp

NEAR = 1e-6
"""Beats. A stop that is so near has been reached: beats are sums of many steps."""


class Stop(NamedTuple):
    """Where to be and when: z [z_dim] on the sphere, or a saved style; and the beat, which may be infinite: never."""

    z: np.ndarray
    beat: float
    style: SavedStyle | None = None


class Journey:
    """Goes to one stop after the other, eased on the sphere, and is there on the beat, however the clock glides.

    If the clock jumps or the plan changes, it heads for the next stop from where it is. To a saved style and away from
    it the way is straight in w.

    shares: of saved styles.
    """

    def __init__(self, z: np.ndarray) -> None:
        self.z = self._from = z
        self.shares = self._shares_from = NO_SHARES
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
            self.z, self.shares = stop.z, _shares_at(stop)
            stop = self._head_for(next_stop(stop.beat))
        self._go(stop, rest, moment.beats - rest)
        return self.z

    def _head_for(self, stop: Stop) -> Stop:
        if stop.style is not None:
            stop = stop._replace(z=self.z)
        elif is_whole(self.shares):  # nothing of z is seen
            self.z = stop.z
        self._from, self._shares_from, self._share, self._stop = self.z, self.shares, 0.0, stop
        return stop

    def _go(self, stop: Stop, passed: float, before: float) -> None:
        """Go so far that an even pace from here arrives in time: the share of the beats that are left."""
        if passed > 0.0:
            self._share += (1.0 - self._share) * passed / (stop.beat - before)
            share = _ease(self._share)
            self.z = slerp(self._from, stop.z, share)
            self.shares = between_shares(self._shares_from, _shares_at(stop), share)


def _shares_at(stop: Stop) -> Shares:
    return NO_SHARES if stop.style is None else {stop.style: 1.0}


def _ease(share: float) -> float:
    """Return an eased share, 0..1: it starts and ends slowly."""
    return 0.5 - 0.5 * math.cos(math.pi * share)
