"""Spectra of the newest sound: a short one each step, which features are read from, and thirds of octaves for eyes."""

from functools import lru_cache

import numpy as np

from bandwalk.analysis.packed_rfft import packed_rfft
from bandwalk.records import THIRDS_HZ
from bandwalk.units import SAMPLE_RATE

SHORT = 2048
"""Samples that the short spectrum hears, 43 ms: bins of 23 Hz part a kick's fall from the bass under it."""

BIN_HZ = SAMPLE_RATE / SHORT

BINS = SHORT // 2 + 1

SHIFT = 16
"""The sound is moved in memory once in so many steps."""

WINDOW = 4096
"""Samples that are shown at a time, 85 ms: bins of 11.7 Hz, as fine as the lowest bands want and time allows."""

RANGE_DB = 72.0
"""What is so far under a sine of full scale is shown as nothing."""


class ShortSpectrum:
    """The power spectrum of the newest sound, taken once a step for all that is read from it; silence before the first.

    Args:
        hop:    samples of a step.
        length: steps that are kept.
    """

    def __init__(self, hop: int, length: int) -> None:
        self.length = length
        self._hop = hop
        self._y = np.zeros(SHORT + SHIFT * hop, np.float32)  # filled step after step, moved down when it is full
        self._end = SHORT
        self._windowed = np.zeros(SHORT, np.float32)
        self._powers = np.zeros((length, BINS), np.float32)
        self._at = 0
        self.power = self._powers[0]
        """Of this step, [BINS] float32, bin k at k * BIN_HZ: that of a sine of amplitude 1 adds up to 1/2."""

    def step(self, y: np.ndarray) -> None:
        """Take one more step of sound, y [hop] float64."""
        if self._end == len(self._y):
            self._y[:SHORT] = self._y[-SHORT:]
            self._end = SHORT
        self._y[self._end : self._end + self._hop] = y
        self._end += self._hop
        np.multiply(self._y[self._end - SHORT : self._end], to_short_window(), out=self._windowed)
        self._at = (self._at + 1) % self.length
        self.power = self._powers[self._at]
        packed = packed_rfft(self._windowed)  # [SHORT]: the mean, then real and imaginary in turn
        np.square(packed, out=packed)
        self.power[0] = packed[0]
        self.power[-1] = packed[-1]
        np.add(packed[1:-1:2], packed[2:-1:2], out=self.power[1:-1])

    def powers(self) -> np.ndarray:
        """Return those of all steps that are kept, the newest last, [length, BINS]."""
        return np.roll(self._powers, -self._at - 1, axis=0)


class Spectrum:
    """Keeps the newest sound and tells, when asked, how loud each third-octave of it is.

    Longer than the short spectrum, and asked seldom: it is taken when it is asked for.

        power[b] = sum_{f in band b} |rfft(window * y)[f]|^2,   level[b] = 1 + 10 log10(power[b]) / RANGE_DB

    clipped to 0..1; a bin that lies across an edge counts in parts. Band n has its centre at 1000 * 10^(n/10) Hz, n
    from -17 (20 Hz) to 12 (16 kHz), and reaches from 10^(-1/20) to 10^(1/20) of that (IEC 61260-1).
    """

    def __init__(self) -> None:
        self._y = np.zeros(WINDOW)

    def hear(self, y: np.ndarray) -> None:
        """Take the sound that follows: y [n] float, any n."""
        n = min(len(y), WINDOW)
        if n:
            self._y[: WINDOW - n] = self._y[n:].copy()  # necessary copy: the ranges overlap
            self._y[WINDOW - n :] = y[len(y) - n :]

    def read(self, gain: float = 1.0) -> list[float]:
        """Return the level of each band of THIRDS_HZ, 0..1; gain is a factor on the sound.

        Samples that are not finite are heard as 0.
        """
        y = np.clip(np.nan_to_num(gain * self._y, nan=0.0, posinf=0.0, neginf=0.0), -1e3, 1e3)
        power = np.abs(np.fft.rfft(_window(WINDOW, 1.0) * y)) ** 2  # [WINDOW // 2 + 1]
        loudness_db = 10.0 * np.log10(_thirds() @ power + 1e-12)  # [n_thirds]
        levels: list[float] = np.clip(1.0 + loudness_db / RANGE_DB, 0.0, 1.0).tolist()
        return levels


@lru_cache(maxsize=1)
def _thirds() -> np.ndarray:
    """Return how much of each bin lies in each band: [n_thirds, WINDOW // 2 + 1], 0..1."""
    centres = 1000.0 * 10.0 ** ((np.arange(len(THIRDS_HZ)) - THIRDS_HZ.index(1000.0)) / 10.0)
    lo, hi = (centres[:, None] * 10.0 ** (side / 20.0) for side in (-1.0, 1.0))
    width = SAMPLE_RATE / WINDOW
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    inside = np.minimum(hi, bins + width / 2) - np.maximum(lo, bins - width / 2)
    return np.asarray(np.clip(inside / width, 0.0, 1.0))


@lru_cache(maxsize=2)
def _window(n: int, power: float) -> np.ndarray:
    """Return a Hann window [n] scaled so that the power of a sine of amplitude 1 adds up to this over its bins."""
    window = np.hanning(n + 1)[:-1]
    return np.asarray(window * np.sqrt(4.0 * power / (n * np.sum(window**2))))


@lru_cache(maxsize=1)
def to_short_window() -> np.ndarray:
    """Return the window of the short spectrum, [SHORT] float32."""
    return _window(SHORT, 0.5).astype(np.float32)
