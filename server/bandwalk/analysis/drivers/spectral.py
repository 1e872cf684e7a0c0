"""Sixteen drivers that need no training: the logarithmic mel spectrum, decorrelated by a fixed orthogonal transform.

They are what they are called, a spectrum, and know nothing of timbre as a trained encoder does; but they are causal,
cost next to nothing and dance.
"""

from functools import lru_cache

import numpy as np

from bandwalk.units import N_DRIVERS, SAMPLE_RATE, samples_to_s, tau_to_coef

WINDOW = 2048
"""Samples that are heard at a time, 43 ms: as long as the bands' RMS window."""

F_LO, F_HI = 20.0, 12_000.0
"""Hz. Ends of the mel scale's part that is heard."""

COMPRESSION = 1e4
"""Of the power before the logarithm: what is 40 dB under full scale counts for little."""

RELEASE_S = 0.3
"""Time constant with which a band's loudness falls; it rises at once. The spectrum of any sound flickers from step to
step, and without it the picture would tremble: the drivers are to move where a sound begins."""


class Spectral16:
    """The sound as it goes on, a hop at a time: causal, the same live and offline.

        S = |rfft(window * y)|^2,   L = ln(1 + COMPRESSION * mel @ S),   drivers = DCT-II(follow(L)), orthonormal

    where follow rises at once and falls with RELEASE_S.

    Args:
        hop: samples of a step, at 48 kHz.
    """

    look_ahead_s = 0.0

    def __init__(self, hop: int) -> None:
        self.step_s = samples_to_s(hop)
        self._y = np.zeros(max(WINDOW, hop))
        self._loudness = np.zeros(N_DRIVERS)
        self._release = tau_to_coef(RELEASE_S, self.step_s)
        self._heard = 0

    def hear(self, y: np.ndarray) -> list[tuple[float, np.ndarray]]:
        """Return [(audio time of its end, drivers [16])] of the step that ends with y [hop] float64."""
        self._heard += len(y)
        self._y[: -len(y)] = self._y[len(y) :].copy()  # necessary copy: the ranges overlap
        self._y[-len(y) :] = y
        power = np.abs(np.fft.rfft(_window() * self._y[-WINDOW:])) ** 2  # [WINDOW // 2 + 1]
        now = np.log1p(COMPRESSION * (mel_bands() @ power))  # [16]
        self._loudness = np.maximum(now, self._loudness + self._release * (now - self._loudness))
        return [(samples_to_s(self._heard), _cosines() @ self._loudness)]

    def finish(self) -> list[tuple[float, np.ndarray]]:
        """Return what is still to come at the sound's end: nothing."""
        return []


@lru_cache(maxsize=1)
def _cosines() -> np.ndarray:
    """Return the orthonormal cosine transform (DCT-II) as a matrix, [16, 16]."""
    k = np.arange(N_DRIVERS)
    matrix = np.sqrt(2.0 / N_DRIVERS) * np.cos(np.pi * k[:, None] * (2 * k + 1) / (2 * N_DRIVERS))
    matrix[0] /= np.sqrt(2.0)
    return np.asarray(matrix)


@lru_cache(maxsize=1)
def mel_bands() -> np.ndarray:
    """Return triangles over the bins of the spectrum, evenly spaced in mel: [16, WINDOW // 2 + 1].

    mel(f) = 2595 log10(1 + f / 700); each triangle reaches from its neighbour's top to its other neighbour's.
    """
    edges_mel = np.linspace(_hz_to_mel(F_LO), _hz_to_mel(F_HI), N_DRIVERS + 2)
    bins_mel = _hz_to_mel(np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE))
    width = edges_mel[1] - edges_mel[0]
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(bins_mel - edges_mel[1:-1, None]) / width))


def _hz_to_mel(f_hz: float | np.ndarray) -> np.ndarray:
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(f_hz) / 700.0))


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """Return a Hann window scaled so that a sine of amplitude 1 has the power 1 in its bin."""
    window = np.hanning(WINDOW + 1)[:-1]
    return np.asarray(window * (2.0 / window.sum()))
