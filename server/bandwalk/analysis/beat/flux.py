"""Spectral flux: how much begins in a step, in each of a dozen bands from bass to air."""

import math
from collections import deque
from functools import lru_cache

import numpy as np

from bandwalk.analysis.spectrum import BIN_HZ

BANDS = 12
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0

RISE_S = 0.040
"""A rise is taken over this time, about the length of the window that spreads it."""

PEAK_S = 6.0
"""Time constant with which each band's loudest moment is forgotten."""


class Flux:
    """The rises of a dozen bands, a step at a time.

        rise[b] = max(0, sqrt(rms[b]) - sqrt(rms[b] RISE_S before)) / mean of sqrt(peak) over the bands

    Spectral flux (Bello et al., "A Tutorial on Onset Detection in Music Signals", IEEE Trans. Speech and Audio
    Processing 13(5), 2005) over bands. The root lies between linear, where only the kick counts, and logarithmic, where
    each tail and hiss does.
    """

    def __init__(self, step_rate: float) -> None:
        lag = max(1, round(RISE_S * step_rate))
        self._past = deque([np.zeros(BANDS)] * lag, maxlen=lag)
        self._peak = np.zeros(BANDS)
        self._keep = float(np.exp(-0.5 / (PEAK_S * step_rate)))
        self.rms = np.zeros(BANDS)
        """Of the bands in this step."""
        self.loudness = 0.0
        """RMS of all of them."""
        self.fall = 0.0
        """Mean of what the bands fall over RISE_S, measured as their rises are."""

    def step(self, power: np.ndarray, silence: float) -> np.ndarray:
        """Return the rises [BANDS]; their mean is 0..1.

        Args:
            power:   of the short spectrum's bins.
            silence: RMS under which all is silence, linear, over 0.
        """
        cuts = _cuts()
        powers = np.add.reduceat(power[: cuts[-1]], cuts[:-1])
        self.loudness = math.sqrt(float(powers.sum()))
        self.rms = np.sqrt(powers)
        root = np.sqrt(self.rms)
        self._peak = np.maximum(np.maximum(root, self._keep * self._peak), silence**0.5)
        change = (root - self._past[0]) / (float(self._peak.sum()) / BANDS)
        rise: np.ndarray = np.maximum(change, 0.0)
        self.fall = float((rise - change).sum()) / BANDS
        self._past.append(root)
        return rise


@lru_cache(maxsize=1)
def _cuts() -> np.ndarray:
    """Return each band's first bin, and the last one's end, [BANDS + 1]: even in log(f + 100 Hz), as hearing is."""
    edges = np.geomspace(LOWEST_HZ + 100, HIGHEST_HZ + 100, BANDS + 1) - 100
    return np.rint(edges / BIN_HZ).astype(int)
