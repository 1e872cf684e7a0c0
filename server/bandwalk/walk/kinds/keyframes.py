"""The walk that keeps to a file of seeds, saved styles and beats."""

import math

import numpy as np

from bandwalk.walk.home import SavedStyle
from bandwalk.walk.kinds.journey import NEAR, Journey, Stop
from bandwalk.walk.kinds.kind import Keyframes, Kind, Moment
from bandwalk.walk.sphere import from_seed

_SHORTEST = 0.5
"""Beats. What is nearer when the walk begins is passed over: it would be a jump."""


class KeyframeWalk(Kind):
    """Is at each key of a file on its beat; beats count from the bar in which it began. Without a file it rests."""

    def __init__(self, z: np.ndarray, rng: np.random.Generator) -> None:
        self._journey = Journey(z)
        self._z_dim = z.size
        self._frames: Keyframes | None = None
        self._zero = 0.0

    def step(self, moment: Moment) -> np.ndarray:
        """Go on towards the next key."""
        frames = moment.keyframes
        if frames is None:
            return self._journey.z
        if frames != self._frames:
            bar = moment.beats_per_bar
            self._frames, self._zero = frames, bar * math.floor((moment.beats - moment.passed + NEAR) / bar)
        z = self._journey.step(moment, frames, lambda beat: self._stop_after(frames, beat), _SHORTEST)
        self.shares = self._journey.shares
        return z

    def _stop_after(self, frames: Keyframes, beat: float) -> Stop:
        """Return the first stop after a beat; after the last one of a file that does not begin again it is never."""
        since = beat - self._zero
        begun = frames.beats * math.floor(since / frames.beats) if frames.beats else 0.0
        for at, place in frames.keys:
            if at > since - begun + NEAR:
                return self._stop(place, self._zero + begun + at)
        if not frames.beats:
            return Stop(self._journey.z, math.inf)
        at, place = frames.keys[0]
        return self._stop(place, self._zero + begun + frames.beats + at)

    def _stop(self, place: int | SavedStyle, beat: float) -> Stop:
        if isinstance(place, SavedStyle):
            return Stop(self._journey.z, beat, place)
        return Stop(from_seed(place, self._z_dim), beat)
