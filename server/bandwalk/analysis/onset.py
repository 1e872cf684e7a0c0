"""Onsets: where the sound of a band begins anew."""

import math
from collections import deque

from bandwalk.units import tau_to_coef

RISE_S = 0.040
"""A hit's rise is summed over this time, the length of the RMS window that spreads it."""

SOFT = 0.1
"""Added to the loudness (a share of full scale) before the logarithm: under it, doublings count for little."""

RISE_MIN = 0.5
"""Least rise of an onset, in nepers: the loudness grows by two thirds. Stationary noise seldom does that."""

DEVIATIONS = 0.5
"""The threshold stands this many standard deviations over the mean rise: busy music must rise more."""

MEMORY_S = 1.5
"""Time constant of that mean and deviation: about a bar."""

REFRACTORY_S = 0.110
"""Two onsets are at least this far apart: under a sixteenth note at 136 bpm."""

REARM = 0.5
"""The rise must have fallen to this share of the threshold before another onset: one hit, one onset."""


class OnsetDetector:
    """Finds onsets in a band's loudness by an adaptive threshold on its logarithmic rise.

        rise      = max(0, sum over the last RISE_S of ln((now + SOFT) / (before + SOFT)))
        threshold = RISE_MIN + mean(rise) + DEVIATIONS * deviation(rise)

    with mean and deviation exponential over MEMORY_S, of the steps before this one.
    """

    def __init__(self, step_rate: float) -> None:
        length = max(1, round(RISE_S * step_rate))
        self._rises = deque([0.0] * length, maxlen=length)
        self._coef = tau_to_coef(MEMORY_S, 1 / step_rate)
        self._refractory = math.ceil(REFRACTORY_S * step_rate)
        self._since = self._refractory
        self._mean = 0.0
        self._variance = 0.0
        self._is_armed = True

    def step(self, now: float, before: float) -> bool:
        """Tell whether an onset is in this step.

        Args:
            now:    Loudness of the band, 1 is full scale.
            before: Loudness one step before, by the same scale.
        """
        self._rises.append(math.log((now + SOFT) / (before + SOFT)))
        rise = max(0.0, sum(self._rises))
        threshold = RISE_MIN + self._mean + DEVIATIONS * math.sqrt(self._variance)
        self._learn(rise)
        self._since += 1
        if rise < REARM * threshold:
            self._is_armed = True
        if not self._is_armed or rise <= threshold or self._since < self._refractory:
            return False
        self._since = 0
        self._is_armed = False
        return True

    def _learn(self, rise: float) -> None:
        """Take one more rise into the exponential mean and variance (Welford's update)."""
        off = rise - self._mean
        self._mean += self._coef * off
        self._variance = (1 - self._coef) * (self._variance + self._coef * off * off)
