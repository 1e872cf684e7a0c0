"""Onsets: where the sound of a band begins anew."""

import math
from collections import deque

from bandwalk.units import tau_to_coef

RISE_S = 0.040
"""A hit's rise is summed over this time, about the length of the window that spreads it."""

BEFORE_S = 0.080
"""A rise is one over all that was heard from so long to RISE_S before. Where two partials beat faster than 1 / BEFORE_S
the last swell is in that time, where slower, half of the rise; the hit before a hit has died away by then."""

SOFT = 0.1
"""Under this share of full scale a rise does not count."""

RISE_MIN = 0.5
"""Least rise of an onset, in nepers: the loudness grows by two thirds."""

DEVIATIONS = 0.5
"""The threshold stands this many standard deviations over the mean rise: busy music must rise more."""

MEMORY_S = 1.5
"""Time constant of that mean and deviation: about a bar."""

REFRACTORY_S = 0.110
"""Two onsets are at least this far apart: under a sixteenth note at 136 bpm."""

REARM = 0.5
"""The rise must have fallen to this share of the threshold before another onset: one hit, one onset."""


def novelty(now: list[float], before: list[float], rest: list[float], least: float) -> float:
    """Return the rise of a band, nepers: the most that one of its parts rises over what counts as nothing.

        rise = max over the parts of max(0, ln max(now, rest, least) - ln max(before, rest, least))

    Spectral flux on a logarithmic scale (Bello et al., "A Tutorial on Onset Detection in Music Signals", IEEE Trans.
    Speech and Audio Processing 13(5), 2005): parts that a held sound fills add nothing, the others are not outshone.

    Args:
        now:    RMS of the parts.
        before: the most from BEFORE_S to RISE_S before.
        rest:   of each part.
        least:  of all, over 0.
    """
    most = 1.0
    for x, was, floor in zip(now, before, rest, strict=True):
        if x > least and x > floor:
            most = max(most, x / max(was, floor, least))
    return math.log(most)


class LoudnessRise:
    """The rise of a loudness as a whole, nepers.

    rise = max(0, sum over the last RISE_S of ln((now + SOFT) / (before + SOFT)))
    """

    def __init__(self, step_rate: float) -> None:
        length = max(1, round(RISE_S * step_rate))
        self._rises = deque([0.0] * length, maxlen=length)

    def step(self, now: float, before: float) -> float:
        """Return the rise; now: this step's loudness, 1 is full scale; before: that of the step before."""
        self._rises.append(math.log((now + SOFT) / (before + SOFT)))
        return max(0.0, sum(self._rises))


class OnsetDetector:
    """Finds onsets in a band's rise by an adaptive threshold.

        threshold = RISE_MIN + mean(rise) + DEVIATIONS * deviation(rise)

    with mean and deviation exponential over MEMORY_S, of the steps before this one.

    Args:
        rise_min: in the unit of the rises.
    """

    def __init__(self, step_rate: float, rise_min: float = RISE_MIN) -> None:
        self._rise_min = rise_min
        self._coef = tau_to_coef(MEMORY_S, 1 / step_rate)
        self._refractory = math.ceil(REFRACTORY_S * step_rate)
        self._since = self._refractory
        self._mean = 0.0
        self._variance = 0.0
        self._is_armed = True

    def step(self, rise: float) -> bool:
        """Tell whether an onset is in this step; rise: 0 at least."""
        threshold = self._rise_min + self._mean + DEVIATIONS * math.sqrt(self._variance)
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
