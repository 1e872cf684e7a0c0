"""How loud a song is, part by part: a bounded number of parts, however long it turns out to be."""

import numpy as np

MAX_POINTS = 2000
"""Most parts; once they are full, two become one, so there are 1,000 at least of a song of some seconds."""

FIRST = 64
"""Samples of a part at the start."""


class Peaks:
    """Takes a song's samples, in pieces of any size; the same whole or cut.

    width: samples of one part.
    """

    def __init__(self) -> None:
        self.width = FIRST
        self._rest = np.zeros(0, np.float32)
        self._peaks = np.zeros(0)
        self._squares = np.zeros(0)

    def add(self, x: np.ndarray) -> None:
        """Take the next samples, [n, channels] float."""
        self._rest = np.concatenate([self._rest, _loudest(x)])
        while len(self._rest) >= self.width:
            self._take(min(len(self._rest) // self.width, MAX_POINTS - len(self._peaks)))
            if len(self._peaks) == MAX_POINTS:
                self._halve()

    def _take(self, n: int) -> None:
        """Add n parts of the samples that wait."""
        parts = self._rest[: n * self.width].reshape(n, self.width)
        self._rest = self._rest[n * self.width :]
        self._peaks = np.concatenate([self._peaks, parts.max(axis=1)])
        self._squares = np.concatenate([self._squares, np.einsum("ij,ij->i", parts, parts) / self.width])

    def end(self) -> None:
        """Take what is left as the last part."""
        if len(self._rest):
            self.add(np.zeros((self.width - len(self._rest), 1), np.float32))

    def points(self) -> tuple[list[int], list[int]]:
        """Return the peak and the RMS of each part, 0..255."""
        return _bytes_of(self._peaks), _bytes_of(np.sqrt(self._squares))

    def _halve(self) -> None:
        """Make two parts one."""
        self.width *= 2
        self._peaks = self._peaks.reshape(-1, 2).max(axis=1)
        self._squares = self._squares.reshape(-1, 2).mean(axis=1)


def _loudest(x: np.ndarray) -> np.ndarray:
    """Return the loudest channel at each time, [n] float32 in 0..1; what is no number counts as silence."""
    loudest: np.ndarray = np.abs(x[:, 0]).astype(np.float32)
    for channel in x.T[1:]:
        np.fmax(loudest, np.abs(channel), out=loudest, casting="same_kind")
    np.minimum(loudest, np.float32(1.0), out=loudest)
    loudest[np.isnan(loudest)] = 0.0
    return loudest


def _bytes_of(x: np.ndarray) -> list[int]:
    return [int(number) for number in np.rint(255 * x)]
