"""A pulse that keeps time: it follows where the beat is seen, and goes on by itself where nothing is seen."""

import math

PULL = 1 / 0.6
"""Natural frequency of the loop, 1/s: it settles in about a second."""

FAR, FAR_RATE, FAR_S = 0.18, 0.05, 0.8
"""So far off, in beats or as a share of the tempo, for so long: the pulse jumps instead of gliding."""


class Pulse:
    """A phase-locked loop of second order (Gardner, Phaselock Techniques, chapter 2), critically damped.

    beats: since the start, the fraction being the phase. It rises, but for jumps within a beat.
    rate:  beats a second.
    """

    def __init__(self, rate: float) -> None:
        self.beats = 0.0
        self.rate = rate
        self._far_s = 0.0

    def step(self, dt_s: float, seen: tuple[float, float] | None, trust: float) -> bool:
        """Move on by dt_s; tell whether a beat begins in this step.

        Args:
            seen:  (phase 0..1, beats a second) at the end of the step; None: nothing new.
            trust: 0..1, how closely it is followed.
        """
        before = self.beats
        self.beats += self.rate * dt_s
        if seen is not None and trust > 0.0:
            self._follow(dt_s, *seen, trust)
        self.beats = max(self.beats, math.floor(before))
        return math.floor(self.beats) > math.floor(before)

    def _follow(self, dt_s: float, phase: float, rate: float, trust: float) -> None:
        off = (phase - self.beats + 0.5) % 1.0 - 0.5
        is_far = abs(off) > FAR or abs(self.rate / rate - 1.0) > FAR_RATE
        self._far_s = self._far_s + trust * dt_s if is_far else 0.0
        if self._far_s > FAR_S:
            self._far_s, self.rate = 0.0, rate
            self.beats = math.floor(self.beats) + phase  # within the beat: no beat is left out or reported twice
            return
        self.beats += 2.0 * PULL * trust * off * dt_s
        self.rate = max(0.2, self.rate + PULL**2 * trust * off * dt_s)
