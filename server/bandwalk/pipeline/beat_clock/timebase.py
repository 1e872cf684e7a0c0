"""A steady beat as a line through time, and the line that fits best to beats that were seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_BPM, MAX_BPM = 20.0, 400.0
"""Slowest and fastest tempo that is shown, beats per minute."""


@dataclass(frozen=True, slots=True)
class Timebase:
    """Where the beat is at a time, and how fast it goes on.

    t:     monotonic seconds.
    beats: position at t; whole numbers are beats, multiples of the beats in a bar begin a bar.
    bpm:   beats per minute.
    run:   a different number says that the music began anew: its position may jump.
    """

    t: float
    beats: float
    bpm: float
    run: int = 0

    def at(self, t: float) -> float:
        """Return the position at another time."""
        return self.beats + (t - self.t) * self.bpm / 60.0


def fit(beats: Sequence[float], times: Sequence[float]) -> Timebase:
    """Return the line with the least squared error in time, at the last of the beats.

        t[i] = t0 + period * beats[i]

    Args:
        beats: rising, at least two.
        times: monotonic seconds, of the same length.
    """
    x, t = np.asarray(beats), np.asarray(times)
    dx, dt = x - x.mean(), t - t.mean()
    period = float(dx @ dt / (dx @ dx))  # seconds a beat
    last = float(t.mean() + period * dx[-1])
    return Timebase(last, float(x[-1]), 60.0 / max(period, 1e-6))
