"""What the sound is like: bright or dark, noise or tone, hit or held; from the short spectrum."""

import math

import numpy as np

from bandwalk.analysis.band_parts import HEARD
from bandwalk.analysis.follow import clamp
from bandwalk.analysis.spectrum import BIN_HZ
from bandwalk.units import tau_to_coef

BANDS = np.unique(np.rint(np.geomspace(2, HEARD, 33)).astype(int))[:-1]
"""First bin of each band of the centroid, a quarter of an octave from 47 Hz on; the lowest are one bin wide."""

DARK_HZ, BRIGHT_HZ = 60.0, 12_000.0
"""A centroid there is 0, and 1."""

FLAT_BANDS = np.array([1, *np.unique(np.rint(np.geomspace(11, HEARD, 13)).astype(int))[:-1]])
"""First bin of each band of the flatness: half octaves from 250 Hz on; under it all is one, for want of bins."""

NOISE_FLATNESS = 0.561
"""Of the power of white noise in one spectrum: e^-0.5772, since each bin is distributed exponentially."""

LEAST = 1e-20
"""Power that is added before logarithms are taken: far under what 24 bits hold."""

SMOOTH_S = 0.1
"""Time constant of centroid and flatness."""

HISTORY_S, HISTORY = 0.2, 11
"""What is held is the median of so many spectra in this time: a hit is over before it is half of them."""

FADE_S = 0.25
"""Time constant with which percussive falls; it rises at once."""

FLICKER, FULL = 0.15, 0.5
"""Share of the sound that is over the median: the first is that of noise, the second that of a plain hit."""

_CENTRES_HZ = np.sqrt(BANDS * np.append(BANDS[1:], HEARD)) * BIN_HZ
_POSITIONS = (np.log(_CENTRES_HZ / DARK_HZ) / math.log(BRIGHT_HZ / DARK_HZ)).astype(np.float32)


class Timbre:
    """Follows the three values, a step at a time.

        centroid   = sum over bands of a * log(f / DARK) / log(BRIGHT / DARK) / sum of a,   a: amplitude of a band
        flatness   = sum over bands of a * geometric mean / arithmetic mean of its bins' power / sum of a / NOISE_FLATNESS
        percussive = what of a is over its median in time, a share of all a

    Flatness per band as in MPEG-7's AudioSpectrumFlatness (ISO/IEC 15938-4), which a slope of the spectrum does not
    change. Percussive after FitzGerald, "Harmonic/Percussive Separation Using Median Filtering" (DAFx-10), with the
    median over the time that is over, so that it is causal.
    """

    def __init__(self, step_rate: float) -> None:
        dt_s = 1 / step_rate
        self._smooth, self._fade = tau_to_coef(SMOOTH_S, dt_s), tau_to_coef(FADE_S, dt_s)
        self._every = max(1, round(HISTORY_S / (HISTORY - 1) * step_rate))
        self._history = np.zeros((HISTORY, len(BANDS)), np.float32)
        self._held = np.zeros(len(BANDS), np.float32)
        self._step = 0
        self._centroid = self._flatness = self._percussive = 0.0
        self._widths = np.diff(FLAT_BANDS, append=HEARD).astype(np.float32)

    def step(self, power: np.ndarray, silence: float) -> tuple[float, float, float]:
        """Return (centroid, flatness, percussive), 0..1 each.

        Args:
            power:   of the short spectrum.
            silence: RMS under which all is silence, linear.
        """
        bands = np.sqrt(np.add.reduceat(power[:HEARD], BANDS))
        total = float(bands.sum())
        is_heard = total * total > silence * silence
        centroid, flatness, hit = 0.0, 0.0, 0.0
        if is_heard:
            centroid = clamp(float(bands @ _POSITIONS) / total, 0.0, 1.0)
            flatness = self._flatness_of(power[:HEARD])
            over = float(np.maximum(bands - self._held, 0.0).sum()) / total
            hit = clamp((over - FLICKER) / (FULL - FLICKER), 0.0, 1.0)
        self._remember(bands)
        self._centroid += self._smooth * (centroid - self._centroid)
        self._flatness += self._smooth * (flatness - self._flatness)
        self._percussive = max(hit, self._percussive + self._fade * (hit - self._percussive))
        return self._centroid, self._flatness, self._percussive

    def _flatness_of(self, power: np.ndarray) -> float:
        power = power + np.float32(LEAST)
        mean = np.add.reduceat(power, FLAT_BANDS) / self._widths
        geometric = np.exp(np.add.reduceat(np.log(power), FLAT_BANDS) / self._widths)
        weights = np.sqrt(mean * self._widths)
        return min(1.0, float((weights * geometric / mean).sum() / weights.sum()) / NOISE_FLATNESS)

    def _remember(self, bands: np.ndarray) -> None:
        self._step += 1
        if self._step % self._every == 0:
            self._history[self._step // self._every % HISTORY] = bands
            self._held = np.sort(self._history, axis=0)[HISTORY // 2]
