"""The walk that keeps to a file of seeds and beats."""

import math

import numpy as np

from bandwalk.walk.kinds.journey import NEAR, Journey, Stop
from bandwalk.walk.kinds.kind import Keyframes, Kind, Moment
from bandwalk.walk.sphere import from_seed

_SHORTEST = 0.5
"""Beats. What is nearer when the walk begins is passed over: it would be a jump."""


class KeyframeWalk(Kind):
    """Is at each seed of a file on its beat; beats count from the bar in which it began. Without a file it rests."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._journey = Journey(z)
        self._z_dim = z.size
        self._frames: Keyframes | None = None
        self._zero = 0.0

    def step(self, moment: Moment) -> np.ndarray:
        """Go on towards the next seed."""
        frames = moment.keyframes
        if frames is None:
            return self._journey.z
        if frames != self._frames:
            bar = moment.beats_per_bar
            self._frames, self._zero = frames, bar * math.floor((moment.beats - moment.passed + NEAR) / bar)
        return self._journey.step(moment, frames, lambda beat: self._stop_after(frames, beat), _SHORTEST)

    def _stop_after(self, frames: Keyframes, beat: float) -> Stop:
        """Return the first stop after a beat; after the last one of a file that does not begin again it is never."""
        since = beat - self._zero
        begun = frames.beats * math.floor(since / frames.beats) if frames.beats else 0.0
        for at, seed in frames.keys:
            if at > since - begun + NEAR:
                return Stop(from_seed(seed, self._z_dim), self._zero + begun + at)
        if not frames.beats:
            return Stop(self._journey.z, math.inf)
        at, seed = frames.keys[0]
        return Stop(from_seed(seed, self._z_dim), self._zero + begun + frames.beats + at)
