"""The sound's spectrum in third-octaves, for eyes: what a control panel scrolls. Nothing in the picture follows it."""

from functools import lru_cache

import numpy as np

from bandwalk.records import THIRDS_HZ
from bandwalk.units import SAMPLE_RATE

WINDOW = 4096
"""Samples that are heard at a time, 85 ms: bins of 11.7 Hz, as fine as the lowest bands want and time allows."""

RANGE_DB = 72.0
"""What is so far under a sine of full scale is shown as nothing."""


class Spectrum:
    """Keeps the newest sound and tells, when asked, how loud each third-octave of it is.

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
        power = np.abs(np.fft.rfft(_window() * y)) ** 2  # [WINDOW // 2 + 1]
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


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """Return a Hann window scaled so that the power of a sine of amplitude 1 adds up to 1 over its bins."""
    window = np.hanning(WINDOW + 1)[:-1]
    return np.asarray(window * np.sqrt(4.0 / (WINDOW * np.sum(window**2))))
