"""Which beat is the first of its bar: the one where the most changes."""

import numpy as np

LATE = 0.3
"""What changes at a beat has been heard by this share of it."""

BARS = 8
"""A beat's place is judged over so many bars."""

MARGIN = 1.15
"""Another beat is the first only if it is so much stronger: the count does not flutter."""


class Bars:
    """Counts beats in bars.

    A beat's strength is what begins there in the lowest bands, and how far the spectrum of it differs from that of
    the beat before: chords and patterns change on the first (Davies and Plumbley, "A Spectral Difference Approach to
    Downbeat Extraction in Musical Audio", EUSIPCO 2006).
    """

    def __init__(self, beats_per_bar: int) -> None:
        self._n = beats_per_bar
        self._strength = np.zeros(beats_per_bar)
        self._first = 0
        self._count = -1
        self._low = 0.0
        self._sum = self._last = np.zeros(1)
        self._is_open = False

    @property
    def is_first(self) -> bool:
        """Whether this beat is the first of a bar."""
        return (self._count - self._first) % self._n == 0

    def phase(self, phase: float) -> float:
        """Return the position in the bar, 0..1, from that in the beat."""
        return float((self._count - self._first) % self._n + phase) / self._n

    def set(self, beats_per_bar: int) -> None:
        """Count other bars, from the one that it is in."""
        if beats_per_bar != self._n:
            self._n, self._strength = beats_per_bar, np.zeros(beats_per_bar)

    def hear(self, rises: np.ndarray, rms: np.ndarray, beats: float, *, begins: bool) -> None:
        """Take one more step: what begins, how loud each band is, where the pulse is."""
        if begins:
            self._count += 1
            self._is_open = True
            self._low, self._last, self._sum = 0.0, self._sum, np.zeros(len(rms))
        self._sum = self._sum + rms
        self._low = max(self._low, float(rises[:2].mean()))
        if self._is_open and beats % 1.0 > LATE:
            self._is_open = False
            self._judge()

    def _judge(self) -> None:
        place = self._count % self._n
        strength = self._low + _distance(self._sum, self._last)
        self._strength[place] += (strength - self._strength[place]) / BARS
        best = int(np.argmax(self._strength))
        if self._strength[best] > MARGIN * self._strength[self._first % self._n]:
            self._first = best


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return how different two spectra are, 0..1: 1 less the cosine between their square roots."""
    if len(a) != len(b):
        return 0.0
    product = np.sqrt(a.sum() * b.sum())
    return float(1.0 - np.sqrt(a * b).sum() / product) if product > 0.0 else 0.0
