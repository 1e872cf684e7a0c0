"""NSynth's encoder at the pipeline's sampling rate: 48 kHz in, an encoding every 32 ms out."""

from functools import lru_cache

import numpy as np
import torch

from bandwalk.analysis.nsynth import HOP, NSynthEncoder
from bandwalk.analysis.nsynth import SAMPLE_RATE as ENCODER_RATE
from bandwalk.analysis.nsynth.encoder import LOOK_AHEAD
from bandwalk.units import SAMPLE_RATE, samples_to_s

FACTOR = SAMPLE_RATE // ENCODER_RATE

TAPS = 241
"""Of the low-pass before every third sample is taken: 80 dB down from 8 kHz on, flat up to 7 kHz."""

DELAY = TAPS // 2
"""Samples by which it lags."""


class Decimator:
    """Takes every third sample of what a linear-phase low-pass leaves, a piece at a time."""

    def __init__(self) -> None:
        self._kept = np.zeros(TAPS - 1)
        self._skip = 0  # samples before the next one that is taken

    def step(self, y: np.ndarray) -> np.ndarray:
        """Return the next samples at 16 kHz of the next y [n] float64 at 48 kHz; they lag by DELAY."""
        joined = np.concatenate([self._kept, y])
        self._kept = joined[len(y) :]
        taken = np.lib.stride_tricks.sliding_window_view(joined, TAPS)[self._skip :: FACTOR]
        self._skip = (self._skip - len(y)) % FACTOR
        return np.asarray(taken @ _low_pass())


class NSynthListener:
    """Lets an encoder hear the sound as it goes on.

    A step of 32 ms is known when the six after it were heard: the look-ahead is 192 ms, the step itself and the
    low-pass's lag come to it.
    """

    step_s = HOP / ENCODER_RATE
    look_ahead_s = (LOOK_AHEAD + 1) * step_s + DELAY / SAMPLE_RATE

    def __init__(self, encoder: NSynthEncoder) -> None:
        self.encoder = encoder
        self._decimator = Decimator()
        self._stream = encoder.stream()
        self._y = np.zeros(0)
        self._step = 0

    def hear(self, y: np.ndarray) -> list[tuple[float, np.ndarray]]:
        """Return [(audio time of its end, drivers [16])] of each step that is known after y [n] float64, 48 kHz."""
        self._y = np.concatenate([self._y, self._decimator.step(y)])
        known = []
        while len(self._y) >= HOP:
            hop, self._y = self._y[:HOP], self._y[HOP:]
            numbers = self._stream.push(torch.from_numpy(hop.astype(np.float32)))
            if numbers is not None:
                known.append(self._timed(numbers))
        return known

    def finish(self) -> list[tuple[float, np.ndarray]]:
        """Return the steps that are known when the sound has ended."""
        return [self._timed(numbers) for numbers in self._stream.finish()]

    def _timed(self, numbers: torch.Tensor) -> tuple[float, np.ndarray]:
        self._step += 1
        return samples_to_s(self._step * HOP * FACTOR - DELAY), numbers.numpy().astype(np.float64)


@lru_cache(maxsize=1)
def _low_pass() -> np.ndarray:
    from scipy.signal import firwin  # takes a second to import, and only NSynth needs it

    return np.asarray(firwin(TAPS, 7500.0, fs=SAMPLE_RATE, window=("kaiser", 8.0)))
