"""What the long spectrum tells: pitch classes, key, noise or tones."""

import numpy as np

from bandwalk.analysis.music.chroma import strengths
from bandwalk.analysis.music.flatness import flatness
from bandwalk.analysis.music.key import Key
from bandwalk.analysis.music.long_spectrum import LongSpectrum
from bandwalk.records import PITCHES
from bandwalk.units import tau_to_coef

SMOOTH_S = 0.1
"""Time constant with which the values follow each spectrum: that of a tenth of a second."""


class Pitch:
    """Follows a long spectrum; silence is neither tone nor noise."""

    def __init__(self, hop: int, step_rate: float) -> None:
        self._spectrum = LongSpectrum(hop, step_rate)
        self._key = Key()
        self._coef = tau_to_coef(SMOOTH_S, 1 / step_rate)
        self._target, self._now = np.zeros((2, len(PITCHES) + 1))

    def step(self, y: np.ndarray, *, is_silent: bool) -> tuple[tuple[float, ...], float, str]:
        """Return (strength of each pitch class, 0..1; flatness, 0..1; key) after a step of sound y [hop] float64."""
        if self._spectrum.step(y):
            self._target[:] = 0.0
            if not is_silent:
                self._target[:-1] = strengths(self._spectrum.power)
                self._target[-1] = flatness(self._spectrum.power)
            self._key.add(self._target[:-1])
        self._now += self._coef * (self._target - self._now)
        *chroma, flat = self._now.tolist()
        return tuple(chroma), flat, self._key.key
