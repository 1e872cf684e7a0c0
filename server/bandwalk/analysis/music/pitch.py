"""What the long spectrum tells: pitch classes, key, noise or tones."""

from collections.abc import Callable

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
    """Follows a long spectrum; silence is neither tone nor noise.

    A spectrum takes as long as a step's whole analysis, so it is worked on in parts, one in each of the next steps:
    what is heard is known 40 ms later at 100 steps a second. Where steps are long, several parts are done in one.
    """

    def __init__(self, hop: int, step_rate: float) -> None:
        self._spectrum = LongSpectrum(hop, step_rate)
        self._key = Key()
        self._coef = tau_to_coef(SMOOTH_S, 1 / step_rate)
        self._target, self._now, self._coming = np.zeros((3, len(PITCHES) + 1))
        self._parts = (self._spectrum.transform, self._spectrum.square, self._hear_pitch, self._hear_noise, self._end)
        self._at_once = -(-len(self._parts) // self._spectrum.every)
        self._left: list[Callable[[], None]] = []
        self._is_silent = False

    def step(self, y: np.ndarray, *, is_silent: bool) -> tuple[tuple[float, ...], float, str]:
        """Return (strength of each pitch class, 0..1; flatness, 0..1; key) after a step of sound y [hop] float64."""
        if self._spectrum.step(y):
            self._is_silent = is_silent
            self._left = [*self._parts]
        for _ in range(min(self._at_once, len(self._left))):
            self._left.pop(0)()
        self._now += self._coef * (self._target - self._now)
        *chroma, flat = self._now.tolist()
        return tuple(chroma), flat, self._key.key

    def _hear_pitch(self) -> None:
        self._coming[:-1] = 0.0 if self._is_silent else strengths(self._spectrum.power)

    def _hear_noise(self) -> None:
        self._coming[-1] = 0.0 if self._is_silent else flatness(self._spectrum.power)

    def _end(self) -> None:
        self._target[:] = self._coming
        self._key.add(self._target[:-1])
