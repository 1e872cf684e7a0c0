"""How well the last seconds repeat after a beat: what tells music from noise, speech and applause."""

import numpy as np

from bandwalk.units import tau_to_coef

MEMORY_S = 6.0
"""Time constant with which what was heard is forgotten."""

MULTIPLES = (1, 2, 4)
"""Music repeats after one of these numbers of beats: kicks after one, kick and snare after two, a bar after four."""

NEAR = 0.01
"""A beat's length is known to about this share of it, and a step."""

SHIFT = 256
"""The past is moved in memory once in so many steps."""


class Periodicity:
    """The autocorrelation of the hits, with exponential memory, a step at a time.

        r[lag] = mean over the past of x[t] x[t - lag],   x = hit - mean hit

    (the recursive form of a tempogram's: Grosche, Müller and Kurth, ICASSP 2010). Read at a beat, two and four, as a
    share of r[0], less its mean over all lags: what only swells slowly does not repeat.

    Args:
        longest: beat, in steps.
    """

    def __init__(self, longest: int, dt_s: float) -> None:
        self._n = int(MULTIPLES[-1] * longest * (1 + NEAR)) + 3
        self._past = np.zeros(self._n + SHIFT)  # newest first from _at on, filled downwards
        self._at = SHIFT
        self._r = np.zeros(self._n)
        self._coef = tau_to_coef(MEMORY_S, dt_s)
        self._level = 0.0
        self._mean = 0.0
        self._count = 0.0

    def take_over(self, other: "Periodicity") -> None:
        """Go on with what another one has heard, as far as its lags reach."""
        n = min(self._n, other._n)
        self._past[self._at : self._at + n] = other._past[other._at : other._at + n]
        self._r[:n] = other._r[:n]
        self._level, self._mean, self._count = other._level, other._mean, other._count

    def step(self, hit: float, weight: float) -> None:
        """Take one more step's hit, 0..1; weight, 0..1: how much of the past it replaces."""
        self._count += weight
        self._mean += weight * max(self._coef, 1.0 / (self._count + 1.0)) * (hit - self._mean)
        if self._at == 0:
            self._past[SHIFT:] = self._past[: self._n].copy()  # necessary copy: the ranges may overlap
            self._at = SHIFT
        self._at -= 1
        x = hit - self._mean
        self._past[self._at] = x
        if weight > 0.0:
            self._r += weight * self._coef * (x * self._past[self._at : self._at + self._n] - self._r)
            self._level = max(float(self._r[self._n // 16 :].sum()) / (self._n - self._n // 16), 0.0)

    def read(self, beat: float) -> float:
        """Return how well it repeats after a beat of so many steps: about 0 to 1."""
        whole = float(self._r[0])
        if whole <= 0.0:
            return 0.0
        best = max(self._around(beat * multiple) for multiple in MULTIPLES)
        return (best - self._level) / whole

    def _around(self, lag: float) -> float:
        first, last = int(lag * (1 - NEAR)) - 1, int(lag * (1 + NEAR)) + 2
        return float(max(0.0, *self._r[max(1, first) : last + 1].tolist()))  # a handful, too few for arrays to pay
