"""Any rate to another, piece by piece."""

from collections import deque

import numpy as np
import soxr

from bandwalk.units import SAMPLE_RATE


class Resampler:
    """Takes sound at its own rate and hands it out at 48 kHz (or another rate), in pieces of any size.

    The output is aligned with the input (no shift in time) and the same bit for bit however the input is cut.
    It holds what has not been taken yet: who pushes only when ``len()`` is short keeps it small.
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
        """Add x [n, channels] float32; last: the sound ends here, give out what the filter still holds."""
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
