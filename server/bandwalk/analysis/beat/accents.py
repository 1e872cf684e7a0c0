"""Which beats are strong: what tells a tempo from twice that tempo."""

from collections import deque

import numpy as np

from bandwalk.units import tau_to_coef

WINDOW = 0.15
"""A hit belongs to a beat, or to the half of one, within this share of a beat."""

MEMORY_BEATS = 12.0
"""A strength is the mean of so many beats."""

EMPTY, UNEVEN, BEATS = 0.1, 0.85, 3
"""Nothing is heard between the beats, and every other beat is weaker by this, for so many beats: these are halves."""

PAST_S = 6.0
"""So much is remembered for a pulse that jumps."""

FIRST_S = 0.15
"""Of it so much is not judged: the first sound of all is compared with nothing."""

FULL = 0.8
"""As strong as the beats themselves: what is between may be beats, too."""


class Accents:
    """The mean strength of even beats, odd beats, and the places between them.

    strengths: [3], 0..1 each: of even beats, of odd ones, of halves.
    """

    def __init__(self, dt_s: float) -> None:
        self._past = deque[float](maxlen=round(PAST_S / dt_s))
        self._first = round(FIRST_S / dt_s)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self.strengths = np.zeros(3)
        self._counts = np.zeros(3)
        self._place = -1
        self._most = 0.0

    def look_back(self, beats: float, advance: float) -> None:
        """Take the last seconds as if the pulse, which is at beats and moves by advance a step, had always been so."""
        self.reset()
        hits = np.array(self._past)[self._first :]
        if len(hits) == 0:
            return
        places = np.array([_to_place(beats - advance * ago) for ago in range(len(hits), 0, -1)])
        starts = np.flatnonzero(np.diff(places, prepend=places[0] - 1))
        mosts = np.maximum.reduceat(hits, starts)
        for start, most in zip(starts[1:-1], mosts[1:-1], strict=True):  # the first is what was left of a hit
            if places[start] >= 0:
                self._take(int(places[start]), float(most))
        self._place, self._most = int(places[-1]), float(mosts[-1])

    def step(self, beats: float, hit: float) -> None:
        """Take one more step: where the pulse is, and how much of a hit it is, 0..1."""
        self._past.append(hit)
        place = _to_place(beats)
        if place != self._place and self._place >= 0:
            self._take(self._place, self._most)
        if place != self._place:
            self._place, self._most = place, 0.0
        self._most = max(self._most, hit)

    @property
    def are_halves(self) -> bool:
        """Whether every other beat looks like the half of a beat."""
        even, odd, half = self.strengths
        strong = max(even, odd)
        return bool(self._counts.min() >= BEATS and half < EMPTY * strong and min(even, odd) < UNEVEN * strong)

    @property
    def are_full(self) -> bool:
        """Whether it may be twice as fast."""
        return bool(self._counts.min() >= BEATS and self.strengths[2] > FULL * self.strengths[:2].max())

    def halved(self, beats: float) -> float:
        """Return the phase at half the tempo, 0..1: the stronger beats stay beats."""
        return (beats + float(self.strengths[1] > self.strengths[0])) % 2.0 / 2.0

    def _take(self, place: int, most: float) -> None:
        self._counts[place] += 1
        coef = max(tau_to_coef(MEMORY_BEATS, 2.0), 1.0 / self._counts[place])
        self.strengths[place] += coef * (most - self.strengths[place])


def _to_place(beats: float) -> int:
    """Return the place that a position belongs to; -1: none."""
    half = round(2.0 * beats)
    if abs(2.0 * beats - half) > 2.0 * WINDOW:
        return -1
    return 2 if half % 2 else half // 2 % 2
