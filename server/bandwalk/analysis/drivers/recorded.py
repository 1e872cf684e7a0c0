"""Drivers that were heard before: what a second pass over a song follows, with nothing held back."""

from dataclasses import dataclass

import numpy as np

from bandwalk.units import samples_to_s

_MIN_GAP_S = 1e-6


@dataclass(frozen=True, slots=True)
class RecordedSong:
    """What was heard in a whole song.

    ends:     audio time of each step's end, seconds, [steps], rising.
    encoding: [steps, 16] float32.
    step_s:   seconds of a step.
    """

    ends: np.ndarray
    encoding: np.ndarray
    step_s: float


class RecordedDrivers:
    """Gives the steps of a song again, each as soon as it begins."""

    look_ahead_s = 0.0

    def __init__(self, song: RecordedSong) -> None:
        self.step_s = song.step_s
        self._song = song
        self._heard = self._given = 0

    def hear(self, y: np.ndarray) -> list[tuple[float, np.ndarray]]:
        """Return the steps that have begun by the end of the next samples y [n]."""
        self._heard += len(y)
        begun = np.searchsorted(self._song.ends, samples_to_s(self._heard) + self.step_s - _MIN_GAP_S)
        return self._give(int(begun))

    def finish(self) -> list[tuple[float, np.ndarray]]:
        """Return what is left."""
        return self._give(len(self._song.ends))

    def _give(self, until: int) -> list[tuple[float, np.ndarray]]:
        due = slice(self._given, until)
        self._given = until
        rows = self._song.encoding[due].astype(np.float64)
        return list(zip(self._song.ends[due].tolist(), rows, strict=True))
