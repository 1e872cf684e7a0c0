"""A long spectrum, ten times a second: it parts semitones, and tones from noise; the short one is too coarse."""

import numpy as np

from bandwalk.analysis.packed_rfft import packed_rfft
from bandwalk.units import SAMPLE_RATE

LONG = 16_384
"""Samples that it hears, 341 ms: bins of 2.9 Hz. Semitones are 6 Hz apart at 100 Hz."""

BIN_HZ = SAMPLE_RATE / LONG
BINS = LONG // 2
RATE = 10.0
"""Spectra a second."""

_WINDOW = np.hanning(LONG + 1)[:-1].astype(np.float32)


class LongSpectrum:
    """The power spectrum of the last 341 ms, now and then; silence before the first.

    The work is in parts, so that no step has to do all of it: :meth:`step` says when there is something to do,
    :meth:`transform` and then :meth:`square` do it.

    Attributes:
        every: steps from one to the next.
        power: of the newest, [BINS] float32, bin k at k * BIN_HZ.
    """

    def __init__(self, hop: int, step_rate: float) -> None:
        self.every = max(1, round(step_rate / RATE))
        self.power = np.zeros(BINS, np.float32)
        self._y = np.zeros(LONG + self.every * hop, np.float32)
        self._packed = np.zeros(LONG, np.float32)
        self._end = LONG
        self._step = 0

    def step(self, y: np.ndarray) -> bool:
        """Take one more step of sound, y [hop] float64; return whether there is sound for a new spectrum."""
        self._y[self._end : self._end + len(y)] = y
        self._end += len(y)
        self._step += 1
        if self._step % self.every:
            return False
        self._packed = self._y[-LONG:] * _WINDOW
        self._y[:LONG] = self._y[-LONG:].copy()  # necessary copy: the ranges may overlap
        self._end = LONG
        return True

    def transform(self) -> None:
        """Do the first part of a new spectrum."""
        self._packed = packed_rfft(self._packed)  # the mean, then real and imaginary in turn

    def square(self) -> None:
        """Do the second part: ``power`` is that of the new spectrum."""
        packed = self._packed
        np.square(packed, out=packed)
        np.add(packed[1:-1:2], packed[2:-1:2], out=self.power[1:])
