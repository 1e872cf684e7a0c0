"""Tapping the tempo."""

from itertools import pairwise
from statistics import median

from bandwalk.pipeline.beat_clock.timebase import MAX_BPM, MIN_BPM, Timebase, fit

RESET_S = 2.0
"""After a longer pause a tap begins anew."""

MAX_TAPS = 16
"""Taps that count; the oldest are forgotten."""

MIN_GAP_S = 60.0 / MAX_BPM / 2
"""A tap that follows faster is one finger that bounced."""


class Taps:
    """Finds the beat in the last taps.

    The median of the intervals says how many beats lie between two taps, so that a tap left out does no harm; a line
    through all taps then gives tempo and phase, so that a tap a little early or late hardly moves them.
    """

    def __init__(self) -> None:
        self._times: list[float] = []

    def add(self, t: float) -> None:
        """Note a tap at t, monotonic seconds."""
        if self._times and t - self._times[-1] > RESET_S:
            self._times.clear()
        if not self._times or t - self._times[-1] >= MIN_GAP_S:
            self._times = [*self._times, t][-MAX_TAPS:]

    def clear(self) -> None:
        """Forget all taps."""
        self._times.clear()

    def read(self, bpm: float) -> Timebase:
        """Return a beat near the last tap, its position a whole number, and the tempo: bpm after a single tap."""
        times = self._times
        if len(times) < 2:
            return Timebase(times[-1], 0.0, bpm)
        gaps = [b - a for a, b in pairwise(times)]
        usual = median(gaps)
        numbers = [0]
        for gap in gaps:
            numbers.append(numbers[-1] + max(1, round(gap / usual)))
        line = fit(numbers, times)
        return Timebase(line.t, line.beats, min(max(line.bpm, MIN_BPM), MAX_BPM))
