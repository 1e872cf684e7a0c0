"""The key, once it is sure."""

import numpy as np

from bandwalk.records import PITCHES

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well each pitch class fits to the key of c (Krumhansl, Cognitive Foundations of Musical Pitch, 1990)."""

KEYS = (*PITCHES, *(f"{name}m" for name in PITCHES))

MEMORY = 0.99
"""Share of what is remembered that is left after one more spectrum, ten a second: some 10 s."""

KNOWN = 50
"""Spectra with tones, 5 s, before a first key."""

FITS, MARGIN = 0.7, 0.05
"""Correlation of a key that is sure, and how far the next one must lie behind."""

HELD = 20
"""A key is sure when it was the best for so many spectra, 2 s."""

FORGET = 100
"""After so many spectra without a tone, 10 s, nothing is known."""


class Key:
    """Finds the key by the correlation of what was heard with the profiles of 24 keys (Krumhansl and Schmuckler).

    It stays until another one is sure.
    """

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.key = ""
        self._heard = np.zeros(len(PITCHES))
        self._n = self._n_best = self._n_without = 0
        self._best = ""

    def add(self, chroma: np.ndarray) -> None:
        """Take the pitch classes [12] of one more spectrum."""
        if not chroma.any():
            self._n_without += 1
            if self._n_without == FORGET:
                self._start()
            return
        self._n_without = 0
        self._heard = MEMORY * self._heard + (1 - MEMORY) * chroma
        self._n += 1
        best = _fitting(self._heard) if self._n >= KNOWN else ""
        self._n_best = self._n_best + 1 if best and best == self._best else 0
        self._best = best
        if self._n_best >= HELD:
            self.key = best


def _fitting(heard: np.ndarray) -> str:
    """Return the key that fits and is the only one to fit so well; "" if there is none."""
    off = heard - heard.mean()
    size = float(np.sqrt(off @ off))
    if size <= 0.0:
        return ""
    fits = _PROFILES @ off / size
    second, first = np.sort(fits)[-2:]
    return KEYS[int(fits.argmax())] if first >= FITS and first - second >= MARGIN else ""


def _profiles() -> np.ndarray:
    """Return the profile of each key, mean 0 and length 1, [24, 12]."""
    rows = np.array([np.roll(profile, k) for profile in (MAJOR, MINOR) for k in range(len(PITCHES))])
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


_PROFILES = _profiles()
