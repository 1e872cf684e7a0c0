"""Channels that were heard before: what a second pass over a song follows, with nothing held back."""

import numpy as np

from bandwalk.units import samples_to_s

_LEAST_S = 1e-6


class Recorded:
    """Gives the steps of an encoding again, each as soon as it begins.

    Args:
        ends:     audio time of each step's end, [steps], rising.
        encoding: [steps, 16].
        step_s:   seconds of a step.
    """

    look_ahead_s = 0.0

    def __init__(self, ends: np.ndarray, encoding: np.ndarray, step_s: float) -> None:
        self.step_s = step_s
        self.encoding = encoding
        self._ends = ends
        self._heard = self._given = 0

    def hear(self, y: np.ndarray) -> list[tuple[float, np.ndarray]]:
        """Return the steps that have begun by the end of the next samples y [n]."""
        self._heard += len(y)
        begun = int(np.searchsorted(self._ends, samples_to_s(self._heard) + self.step_s - _LEAST_S))
        due = range(self._given, begun)
        self._given = begun
        return [(float(self._ends[k]), self.encoding[k].astype(np.float64)) for k in due]

    def finish(self) -> list[tuple[float, np.ndarray]]:
        """Return what is left."""
        return [
            (float(t), row.astype(np.float64))
            for t, row in zip(self._ends[self._given :], self.encoding[self._given :], strict=True)
        ]
