"""How strong each pitch class is, from a spectrum that parts semitones."""

from functools import lru_cache

import numpy as np

from bandwalk.analysis.music.long_spectrum import BIN_HZ
from bandwalk.records import PITCHES

FIRST, LAST = round(65.0 / BIN_HZ), round(2000.0 / BIN_HZ)
"""Bins that are looked at: from C2 on, to where hardly any music has its notes."""

LEAST = 1e-5
"""Share of the whole power that must lie there: 50 dB under the rest nothing is heard."""

CENTRE_HZ, OCTAVES = 350.0, 1.5
"""Notes count most here, and this many octaves away 0.6 of it (a Gaussian): partials lie higher."""

WIDTH = 0.3
"""Semitones. Width of the Gaussian by which a bin counts for a pitch class."""

AROUND = 16
"""Bins to both sides that a tone stands out of."""

OVER = 1.5
"""... by this factor."""

FULL = 0.8
"""Share of a lone sine that stands out."""

C_HZ = 440.0 * 2.0 ** (-9.0 / 12.0)
"""Of c: a is at 440 Hz."""


def strengths(power: np.ndarray) -> np.ndarray:
    """Return how strong each pitch class is in a long spectrum [BINS] float32: [12], 0..1.

    strength = what stands out of its surroundings in the amplitude spectrum, summed over octaves, the strongest 1

    where little stands out (noise, drums), the strongest has less. After Fujishima, "Realtime Chord Recognition of
    Musical Sound: a System Using Common Lisp Music" (ICMC 1999); a bin counts by a Gaussian, as Ellis does (2007).
    """
    part = power[FIRST:LAST]
    if float(part.sum()) <= LEAST * float(power.sum()):
        return np.zeros(len(PITCHES))
    amplitude = np.sqrt(part)
    padded = np.empty(len(amplitude) + 2 * AROUND + 1)
    padded[: AROUND + 1], padded[AROUND + 1 : -AROUND], padded[-AROUND:] = amplitude[0], amplitude, amplitude[-1]
    sums = np.cumsum(padded, out=padded)
    around = (sums[2 * AROUND + 1 :] - sums[: -2 * AROUND - 1]) / (2 * AROUND + 1)
    tones = np.maximum(amplitude - OVER * around, 0.0)
    found, everything = (_shares() @ x.astype(np.float32) for x in (tones, amplitude))
    loudest, most = float(everything.max()), float(found.max())
    if most <= 0.0:
        return np.zeros(len(PITCHES))
    return np.asarray(min(1.0, most / (FULL * loudest)) * found / most, np.float64)


@lru_cache(maxsize=1)
def _shares() -> np.ndarray:
    """Return by how much each bin counts for each pitch class, [12, LAST - FIRST] float32."""
    f_hz = np.arange(FIRST, LAST) * BIN_HZ
    semitones = 12.0 * np.log2(f_hz / C_HZ)
    off = (semitones - np.arange(len(PITCHES))[:, None] + 6.0) % 12.0 - 6.0
    weight = np.exp(-0.5 * (np.log2(f_hz / CENTRE_HZ) / OCTAVES) ** 2)
    return np.asarray(weight * np.exp(-0.5 * (off / WIDTH) ** 2), np.float32)
