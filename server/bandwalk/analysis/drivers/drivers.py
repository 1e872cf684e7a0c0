"""The drivers beside the analysis: each step's features are given the drivers of its own time."""

from collections import deque
from dataclasses import replace
from typing import Protocol

import numpy as np

from bandwalk.analysis.drivers.movement import Movement
from bandwalk.records import Features

_MIN_GAP_S = 1e-6
"""Shorter than any step: times that should be equal are."""


class Listener(Protocol):
    """Hears drivers in the sound, in steps of its own.

    step_s:       seconds of a step.
    look_ahead_s: how long after its end at the latest a step of the analysis has its drivers.
    """

    step_s: float
    look_ahead_s: float

    def hear(self, y: np.ndarray) -> list[tuple[float, np.ndarray]]:
        """Return (audio time of its end, drivers [16]) of each step known after y [n] float64, 48 kHz, more."""

    def finish(self) -> list[tuple[float, np.ndarray]]:
        """Return those that are known when the sound has ended."""


class Drivers:
    """Holds the analysis' steps back until their drivers are known.

    Args:
        source:   hears the drivers.
        movement: of the drivers, made for the source's step.
        lag_s:    how long the source works at a step, where it must keep up.
    """

    def __init__(self, source: Listener, movement: Movement, *, lag_s: float = 0.0) -> None:
        self.look_ahead_s = source.look_ahead_s + lag_s
        self._source = source
        self._movement = movement
        self._known: deque[tuple[float, tuple[float, ...]]] = deque()
        self._waiting: deque[Features] = deque()

    def hear(self, y: np.ndarray) -> None:
        """Hear the sound of one more step of the analysis, y [hop] float64."""
        self._known.extend((t, self._movement.step(encoding)) for t, encoding in self._source.hear(y))

    def finish(self) -> None:
        """Hear that the sound has ended: what was held back is known now."""
        self._known.extend((t, self._movement.step(encoding)) for t, encoding in self._source.finish())

    def follow(self, heard: list[Features], silence: float) -> list[Features]:
        """Return the steps whose drivers are known by now, with them; oldest first.

        Args:
            heard:   the steps of the sound that was heard since.
            silence: RMS under which nothing moves, linear.
        """
        self._waiting.extend(heard)
        found = []
        while self._waiting and self._known:
            t_end, change = self._known[0]
            features = self._waiting[0]
            if features.t_audio > t_end + _MIN_GAP_S:
                self._known.popleft()
                continue
            self._waiting.popleft()
            still = features.rms_full < silence
            found.append(replace(features, drivers=(0.0,) * len(change) if still else change))
        return found
