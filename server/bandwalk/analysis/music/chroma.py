"""How strong each pitch class is, from a spectrum that parts semitones: a long one, ten times a second."""

from functools import lru_cache

import numpy as np
from scipy.fftpack import rfft

from bandwalk.records import PITCHES
from bandwalk.units import SAMPLE_RATE, tau_to_coef

LONG = 16_384
"""Samples that it hears, 341 ms: bins of 2.9 Hz. Semitones are 6 Hz apart at 100 Hz."""

BIN_HZ = SAMPLE_RATE / LONG
RATE = 10.0
"""Spectra a second."""

FIRST, LAST = round(65.0 / BIN_HZ), round(2000.0 / BIN_HZ)
"""Bins that are looked at: from C2 on, to where hardly any music has its notes."""

CENTRE_HZ, OCTAVES = 350.0, 1.5
"""Notes count most here, and half an octave's width of a Gaussian away less: partials are higher."""

WIDTH = 0.3
"""Semitones. Width of the Gaussian by which a bin counts for a pitch class."""

AROUND = 16
"""Bins to both sides that a tone stands out of."""

OVER = 1.5
"""... by this factor."""

FULL = 0.8
"""Share of a lone sine that stands out."""

SMOOTH_S = 0.1

C_HZ = 440.0 * 2.0 ** (-9.0 / 12.0)
"""Of c: a is at 440 Hz."""


class Chroma:
    """Follows the twelve pitch classes; silence before the first.

    strength = what stands out of its surroundings in the amplitude spectrum, summed over octaves, the strongest 1

    where little stands out (noise, drums), the strongest has less. After Fujishima, "Realtime Chord Recognition of
    Musical Sound: a System Using Common Lisp Music" (ICMC 1999), with the weights by Gaussians of Ellis (2007).
    """

    def __init__(self, hop: int, step_rate: float) -> None:
        self._every = max(1, round(step_rate / RATE))
        self._y = np.zeros(LONG + self._every * hop, np.float32)
        self._end = LONG
        self._step = 0
        self._coef = tau_to_coef(SMOOTH_S, 1 / step_rate)
        self.newest = np.zeros(len(PITCHES))
        """Of the newest spectrum, [12], 0..1."""
        self._now = np.zeros(len(PITCHES))

    def step(self, y: np.ndarray, *, is_silent: bool) -> tuple[tuple[float, ...], bool]:
        """Return (strength of each pitch class, 0..1; whether there is a new spectrum in this step)."""
        self._y[self._end : self._end + len(y)] = y
        self._end += len(y)
        self._step += 1
        is_new = self._step % self._every == 0
        if is_new:
            self.newest = np.zeros(len(PITCHES)) if is_silent else strengths(self._y[-LONG:])
            self._y[:LONG] = self._y[-LONG:].copy()  # necessary copy: the ranges may overlap
            self._end = LONG
        self._now += self._coef * (self.newest - self._now)
        return tuple(self._now.tolist()), is_new


def strengths(y: np.ndarray) -> np.ndarray:
    """Return how strong each pitch class is in a sound [LONG] float32: [12], 0..1."""
    packed = rfft(y * _window())[2 * FIRST - 1 : 2 * LAST - 1]  # real and imaginary in turn
    amplitude = np.hypot(packed[::2], packed[1::2])
    sums = np.cumsum(np.pad(amplitude, (AROUND + 1, AROUND), mode="edge"), dtype=np.float64)
    around = (sums[2 * AROUND + 1 :] - sums[: -2 * AROUND - 1]) / (2 * AROUND + 1)
    tones = np.maximum(amplitude - OVER * around, 0.0)
    found, everything = (_shares() @ x.astype(np.float32) for x in (tones, amplitude))
    loudest = float(everything.max())
    if loudest <= 0.0 or float(found.max()) <= 0.0:
        return np.zeros(len(PITCHES))
    share = min(1.0, float(found.max()) / (FULL * loudest))
    return np.asarray(share * found / found.max(), np.float64)


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    return np.hanning(LONG + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=1)
def _shares() -> np.ndarray:
    """Return by how much each bin counts for each pitch class, [12, LAST - FIRST] float32."""
    f_hz = np.arange(FIRST, LAST) * BIN_HZ
    semitones = 12.0 * np.log2(f_hz / C_HZ)
    off = (semitones - np.arange(len(PITCHES))[:, None] + 6.0) % 12.0 - 6.0
    weight = np.exp(-0.5 * (np.log2(f_hz / CENTRE_HZ) / OCTAVES) ** 2)
    return np.asarray(weight * np.exp(-0.5 * (off / WIDTH) ** 2), np.float32)
