"""What the sound is like: bright or dark, hit or held; from the short spectrum."""

import math

import numpy as np

from bandwalk.analysis.band_parts import HEARD
from bandwalk.analysis.follow import clamp
from bandwalk.analysis.spectrum import BIN_HZ
from bandwalk.units import tau_to_coef

BANDS = np.array(sorted({*np.rint(np.geomspace(2, HEARD, 33)).astype(int).tolist()})[:-1])
"""First bin of each band of the centroid, a quarter of an octave from 47 Hz on; the lowest are one bin wide."""

DARK_HZ, BRIGHT_HZ = 60.0, 12_000.0
"""A centroid there is 0, and 1."""

SMOOTH_S = 0.1
"""Time constant of the centroid."""

HISTORY_S, HISTORY = 0.2, 11
"""What is held is the median of so many spectra in this time: a hit is over before it is half of them."""

FADE_S = 0.25
"""Time constant with which percussive falls; it rises at once."""

FLICKER, FULL = 0.15, 0.5
"""Share of the sound that is over the median: the first is that of noise, the second that of a plain hit."""

_CENTRES_HZ = np.sqrt(BANDS * np.append(BANDS[1:], HEARD)) * BIN_HZ
_POSITIONS = np.log(_CENTRES_HZ / DARK_HZ) / math.log(BRIGHT_HZ / DARK_HZ)
_ONES = np.ones(len(BANDS), np.float32)
_SUMS = np.stack([_ONES, _POSITIONS]).astype(np.float32)


class Timbre:
    """Follows both values, a step at a time.

        centroid   = sum of a log(f / DARK) / log(BRIGHT / DARK) / sum of a        over bands of the amplitude a
        percussive = what of a is over its median in time, a share of all a

    Percussive after FitzGerald, "Harmonic/Percussive Separation Using Median Filtering" (DAFx-10), with the
    median over the time that is over, so that it is causal.
    """

    def __init__(self, step_rate: float) -> None:
        dt_s = 1 / step_rate
        self._every = max(1, round(HISTORY_S / (HISTORY - 1) * step_rate))
        self._smooth, self._fade = tau_to_coef(SMOOTH_S, dt_s), tau_to_coef(FADE_S, dt_s)
        self._history = np.zeros((HISTORY, len(BANDS)), np.float32)
        self._bands, self._held, self._over = np.zeros((3, len(BANDS)), np.float32)
        self._step = 0
        self._centroid = self._percussive = 0.0

    def step(self, power: np.ndarray, silence: float) -> tuple[float, float]:
        """Return (centroid, percussive), 0..1 each.

        Args:
            power:   of the short spectrum.
            silence: RMS under which all is silence, linear.
        """
        bands, over = self._bands, self._over
        np.add.reduceat(power[:HEARD], BANDS, out=bands)
        np.sqrt(bands, out=bands)
        np.subtract(bands, self._held, out=over)
        np.maximum(over, 0.0, out=over)
        total, place = _SUMS.dot(bands).tolist()
        is_heard = total > silence
        centroid, hit = 0.0, 0.0
        if is_heard:
            centroid = clamp(place / total, 0.0, 1.0)
            hit = clamp((float(over.dot(_ONES)) / total - FLICKER) / (FULL - FLICKER), 0.0, 1.0)
        self._centroid += self._smooth * (centroid - self._centroid)
        self._percussive = max(hit, self._percussive + self._fade * (hit - self._percussive))
        self._step += 1
        if self._step % self._every == 0:
            self._history[self._step // self._every % HISTORY] = bands
            self._held = np.sort(self._history, axis=0)[HISTORY // 2]
        return self._centroid, self._percussive
