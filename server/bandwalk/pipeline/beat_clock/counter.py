"""Counts beats without a jolt: the count rises, whatever the clock does that it follows."""

import math
from dataclasses import dataclass

from bandwalk.records import Beat

GLIDE = 0.25
"""By this share of the tempo the count runs faster or slower while it catches up: half a beat takes two beats."""

_SLIP = 0.75
"""Beats. A place that is further off is that of other beats: the nearest one is followed, and bars are counted anew."""

_NEAR = 1e-6
"""Beats. So near to a whole number a sum of many steps is that number."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the beat should be at the end of a step.

    position:      whole numbers are beats, multiples of beats_per_bar begin a bar.
    rate:          beats a second.
    beats_per_bar: beats in a bar.
    jump:          go there at once, forward, unless it is behind by less than this, beats; None: glide.
    begins:        a bar begins now, so many beats ago; None: none was asked for.
    """

    position: float
    rate: float
    beats_per_bar: int
    jump: float | None = None
    begins: float | None = None


class Counter:
    """Follows a position; where it is reached, the count is equal to it but for a whole number of beats."""

    def __init__(self) -> None:
        self._beats = 0.0
        self._offset = 0  # beats counted where the position is 0
        self._whole = -1  # last beat that was counted

    def step(self, aim: Aim, dt_s: float) -> Beat:
        """Count on by a step of dt_s seconds; bpm and confidence are the caller's."""
        advance = aim.rate * dt_s
        ahead = self._beats + advance
        if aim.begins is not None:
            self._beats = math.ceil(ahead - aim.begins) + aim.begins
            self._offset = round(self._beats - aim.position)
        else:
            self._beats = ahead + self._correction(aim, ahead, GLIDE * advance)
        whole = round(self._beats)
        if abs(self._beats - whole) < _NEAR:
            self._beats = float(whole)
        whole = math.floor(self._beats)
        is_beat = whole > self._whole or aim.begins is not None
        self._whole = max(whole, self._whole)
        number = whole - self._offset
        in_bar = (self._beats - self._offset) % aim.beats_per_bar / aim.beats_per_bar
        is_bar = is_beat and (number % aim.beats_per_bar == 0 or aim.begins is not None)
        return Beat(beat=is_beat, bar=is_bar, beats=self._beats, bar_phase=in_bar)

    def _correction(self, aim: Aim, ahead: float, most: float) -> float:
        """Return how far to move beside the tempo, beats."""
        off = aim.position + self._offset - ahead
        if aim.jump is not None:
            self._offset = math.floor(ahead - aim.position + 1 - aim.jump)
            off = aim.position + self._offset - ahead
            if off > 0:
                return off
        elif abs(off) > _SLIP:
            self._offset = round(ahead - aim.position)
            off = aim.position + self._offset - ahead
        return min(max(off, -most), most)
