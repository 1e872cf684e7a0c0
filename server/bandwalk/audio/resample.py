"""Converts sound from one sample rate to another, piece by piece."""

from collections import deque

import numpy as np
import soxr

from bandwalk.units import SAMPLE_RATE


class Resampler:
    """Takes sound at one sample rate and returns it at 48 kHz (or a given rate), in pieces of any size.

    The output is aligned with the input (no shift in time) and is bit for bit the same however the input is cut.
    It holds what has not been taken yet; to keep it small, push only when ``len()`` is too short.
    """

    def __init__(self, sample_rate: int, channels: int, to_rate: int = SAMPLE_RATE) -> None:
        self._channels = channels
        self._pieces: deque[np.ndarray] = deque()
        self._held = 0
        same = sample_rate == to_rate
        self._soxr = None if same else soxr.ResampleStream(sample_rate, to_rate, channels, dtype="float32")

    def __len__(self) -> int:
        return self._held

    def push(self, x: np.ndarray, *, last: bool = False) -> None:
        """Add x [n, channels] float32; last: the sound ends here, so the filter's rest comes out too."""
        if self._soxr is not None:
            x = self._soxr.resample_chunk(np.ascontiguousarray(x), last=last)
        if len(x):
            self._pieces.append(x)
            self._held += len(x)

    def take(self, n: int) -> np.ndarray:
        """Return the oldest samples held, [at most n, channels]."""
        taken = []
        while n > 0 and self._pieces:
            piece = self._pieces.popleft()
            if len(piece) > n:
                self._pieces.appendleft(piece[n:])
                piece = piece[:n]
            taken.append(piece)
            n -= len(piece)
        self._held -= sum(map(len, taken))
        return np.concatenate(taken) if taken else np.zeros((0, self._channels), np.float32)
