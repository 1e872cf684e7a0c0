"""A pulse that keeps time: it follows where the beat is seen, and goes on by itself where nothing is seen."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

PULL = 1 / 0.4
"""Natural frequency of the loop, 1/s, where it is trusted."""

FAR, FAR_RATE = 0.18, 0.06
"""So far off, in beats or as a share of the tempo, is another beat: the pulse stays, or jumps if that lasts."""

KNOWN_BEATS = 32
"""In a break the tempo is the mean of so many beats: a thousandth off loses 20 ms in 8 bars."""

CURVED = 0.06
"""Beats that lie so far from an even row, in beats, speed up or slow down: then the newest tempo counts."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the pulse is to follow.

    phase:      in the beat, 0..1, at the end of the step.
    rate:       beats a second.
    trust:      0..1, how closely it is followed; at 0 the pulse goes on at the mean tempo of the last beats.
    patience_s: so long another beat must be seen before the pulse jumps to it.
    """

    phase: float
    rate: float
    trust: float
    patience_s: float


class Pulse:
    """A phase-locked loop of second order (Gardner, Phaselock Techniques, chapter 2), critically damped.

    beats:  since the start, the fraction being the phase. It rises, but for jumps within a beat.
    rate:   beats a second.
    jumps:  since the start.
    """

    def __init__(self, rate: float) -> None:
        self.beats = 0.0
        self.rate = rate
        self.jumps = 0
        self._far_s = 0.0
        self._t_s = 0.0
        self._since_s = 0.0
        self._times = deque[float](maxlen=KNOWN_BEATS)  # of the newest beats since a jump
        self._is_alone = True

    def step(self, dt_s: float, seen: Seen | None) -> bool:
        """Move on by dt_s; tell whether a beat begins in this step.

        Args:
            seen: None: nothing new.
        """
        before = math.floor(self.beats)
        self._t_s += dt_s
        self._since_s += dt_s
        self.beats += self.rate * dt_s
        if seen is not None:
            if seen.trust > 0.0:
                self._follow(seen)
            elif not self._is_alone:
                self._go_alone()
            self._since_s = 0.0
        self.beats = max(self.beats, float(before))
        begins = math.floor(self.beats) > before
        if begins:
            self._times.append(self._t_s - self.beats % 1.0 / self.rate)
        return begins

    def jump(self, phase: float, rate: float) -> None:
        """Go to a phase and a tempo at once, within the beat: no beat is left out or reported twice."""
        self.beats = math.floor(self.beats) + phase
        self.rate = rate
        self.jumps += 1
        self._far_s = 0.0
        self._times.clear()

    def off(self, phase: float) -> float:
        """Return how far a phase is ahead, -0.5..0.5 beats."""
        return (phase - self.beats + 0.5) % 1.0 - 0.5

    def is_far_from(self, phase: float, rate: float) -> bool:
        """Return whether this is another beat."""
        return abs(self.off(phase)) > FAR or abs(self.rate / rate - 1.0) > FAR_RATE

    def _follow(self, seen: Seen) -> None:
        self._is_alone = False
        off, share = self.off(seen.phase), seen.trust * self._since_s
        is_far = self.is_far_from(seen.phase, seen.rate)
        self._far_s = self._far_s + self._since_s if is_far else 0.0
        if self._far_s > seen.patience_s:
            self.jump(seen.phase, seen.rate)
        elif not is_far:
            self.beats += 2.0 * PULL * off * share
            self.rate += PULL**2 * off * share

    def _go_alone(self) -> None:
        """Take the tempo and the phase of the even row that the last beats are nearest to."""
        self._is_alone = True
        self._far_s = 0.0
        n = len(self._times)
        if n < 4:
            return
        places = np.arange(n) - (n - 1) / 2
        times = np.array(self._times)
        length = float(places @ times / (places @ places))
        mean = float(times.mean())
        if np.abs(times - mean - places * length).max() < CURVED * length:
            self.rate = 1.0 / length
            off = self.off((self._t_s - mean) / length - float(places[-1]))
            self.beats += min(max(off, -FAR), FAR)
