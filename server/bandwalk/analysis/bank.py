"""How loud each band is: RMS over a short window, through filters that can be exchanged while it runs."""

from collections import deque
from typing import NamedTuple

import numpy as np

from bandwalk.analysis.filters import Edges, HopFilter

WINDOW_S = 0.040
"""Length of the RMS window (design 2)."""

SETTLE_S = 0.100
"""A new filter runs unheard for this long: its window fills, and the slowest filter's start dies away."""

FADE_S = 0.060
"""Then it takes over evenly, in this time."""


class Loudness(NamedTuple):
    """RMS of one band, linear: now, and one step before, *through the same filters*.

    Their difference is a change in the sound, never the exchange of a filter.
    """

    now: float
    before: float


class RmsWindow:
    """RMS over the last steps: sqrt(mean of their mean squares); silence before the first."""

    def __init__(self, length: int) -> None:
        self._squares = deque([0.0] * length, maxlen=length)
        self._now = 0.0

    def step(self, mean_square: float) -> Loudness:
        """Take one more step's mean square."""
        self._squares.append(mean_square)
        before = self._now
        self._now = float((sum(self._squares) / len(self._squares)) ** 0.5)
        return Loudness(self._now, before)


class _Ear:
    """One set of filters and the windows behind them."""

    def __init__(self, edges: tuple[Edges, ...], hop: int, window: int) -> None:
        self.edges = edges
        self._filter = HopFilter(edges, hop)
        self._windows = [RmsWindow(window) for _ in edges]

    def step(self, y: np.ndarray) -> list[Loudness]:
        y_bands = self._filter.filter(y)
        mean_squares = np.einsum("bn,bn->b", y_bands, y_bands) / len(y)
        return [w.step(x) for w, x in zip(self._windows, mean_squares.tolist(), strict=True)]


class Bank:
    """All bands' filters and RMS; new edges cross-fade in, one exchange at a time."""

    def __init__(self, edges: tuple[Edges, ...], hop: int, step_rate: float) -> None:
        self.edges = edges  # the wanted ones; what is heard follows
        self._hop = hop
        self._window, self._settle, self._fade = (
            max(1, round(t_s * step_rate)) for t_s in (WINDOW_S, SETTLE_S, FADE_S)
        )
        self._ear = self._make_ear()
        self._next: _Ear | None = None
        self._age = 0

    def step(self, y: np.ndarray) -> list[Loudness]:
        """Return each band's loudness after one more step of sound, y [hop] float64."""
        heard = self._ear.step(y)
        if self._next is None and self.edges != self._ear.edges:
            self._next, self._age = self._make_ear(), 0
        return heard if self._next is None else self._exchange(heard, self._next, y)

    def _exchange(self, heard: list[Loudness], coming: _Ear, y: np.ndarray) -> list[Loudness]:
        """Mix what the old and the new filters hear: loudness is mixed, not waveforms, so phases cannot cancel."""
        self._age += 1
        share = min(max((self._age - self._settle) / self._fade, 0.0), 1.0)
        if share >= 1.0:
            self._ear, self._next = coming, None
        return [
            Loudness(*(a + share * (b - a) for a, b in zip(old, new, strict=True)))
            for old, new in zip(heard, coming.step(y), strict=True)
        ]

    def _make_ear(self) -> _Ear:
        return _Ear(self.edges, self._hop, self._window)
