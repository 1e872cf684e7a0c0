"""How loud each band is: RMS over a short window, through filters that can be exchanged while it runs."""

from typing import NamedTuple

import numpy as np

from bandwalk.analysis.filters import Edges, HopFilter
from bandwalk.units import SAMPLE_RATE

WINDOW_S = 0.040
"""Length of the RMS window, a Kaiser window: a held tone of f Hz ripples at 2 f, which a box lets through.

Longer, and a kick is seen later; shorter, and tones of 20 Hz ripple.
"""

KAISER = 3.0
"""Its shape. Of windows without weights under 0, those like Dolph's and Kaiser's delay least for a given ripple: here
20 ms, as a box of 40 ms does; of the power of a tone from 20 Hz on 6.5 % ripple at most, under a box 19 %."""

SETTLE_S = 0.100
"""A new filter runs unheard for this long: its window fills, and the slowest filter's start dies away."""

FADE_S = 0.060
"""Then it takes over evenly, in this time."""


class Loudness(NamedTuple):
    """RMS of each band, then of the whole sound, linear: now, and one step before, *through the same filters*.

    Their difference is a change in the sound, never the exchange of a filter.
    """

    now: list[float]
    before: list[float]


def to_window() -> np.ndarray:
    """Return the weights of the RMS window, oldest sample first; their sum is 1."""
    weights = np.kaiser(round(WINDOW_S * SAMPLE_RATE), KAISER)
    return np.asarray(weights / weights.sum())


def mean_s(weights: np.ndarray) -> float:
    """Return the length of a box that averages noise as well as these weights: 1 / (n sum of w^2)."""
    return float(weights.sum() ** 2 / np.sum(weights**2)) / SAMPLE_RATE


class RmsWindow:
    """RMS of some sounds under a Kaiser window over the last samples; silence before the first.

    rms = sqrt(sum of w y^2),  sum of w = 1
    """

    def __init__(self, n: int, hop: int) -> None:
        window = to_window()
        steps = -(-len(window) // hop)
        weights = np.pad(window, (steps * hop - len(window), 0)).reshape(steps, hop)
        self._weights = weights[::-1].T.astype(np.float32)  # [hop, steps]: as the newest step, the next ...
        self._squares = np.zeros((n, hop), np.float32)
        self._added = np.zeros((n, steps), np.float32)
        self._coming = np.zeros((n, steps + 1))  # mean square of the window that ends now, a step on ...
        self._kept, self._shifted, self._due = self._coming[:, :-1], self._coming[:, 1:], self._coming[:, 0]
        self._now = [0.0] * n

    def step(self, y: np.ndarray) -> Loudness:
        """Take one more step of sound, y [n, hop] float64."""
        np.square(y, out=self._squares)
        np.dot(self._squares, self._weights, out=self._added)
        np.add(self._shifted, self._added, out=self._kept)
        before, self._now = self._now, np.sqrt(self._due).tolist()
        return Loudness(self._now, before)


class _Ear:
    """One set of filters and the window behind them."""

    def __init__(self, edges: tuple[Edges, ...], hop: int) -> None:
        self.edges = edges
        self._y = np.zeros((len(edges) + 1, hop), np.float32)  # what passes each band, and the whole
        self._filter = HopFilter(edges, hop)
        self._window = RmsWindow(len(self._y), hop)

    def step(self, y: np.ndarray) -> Loudness:
        self._filter.filter(y, self._y[:-1])
        self._y[-1] = y
        return self._window.step(self._y)


class FilterBank:
    """All bands' filters and RMS; new edges cross-fade in, one exchange at a time."""

    def __init__(self, edges: tuple[Edges, ...], hop: int, step_rate: float) -> None:
        self.edges = edges  # the wanted ones; what is heard follows
        self._hop = hop
        self._settle, self._fade = (max(1, round(t_s * step_rate)) for t_s in (SETTLE_S, FADE_S))
        self._ear = self._make_ear()
        self._next: _Ear | None = None
        self._age = 0

    def step(self, y: np.ndarray) -> Loudness:
        """Return the loudness after one more step of sound, y [hop] float64."""
        heard = self._ear.step(y)
        if self._next is None and self.edges != self._ear.edges:
            self._next, self._age = self._make_ear(), 0
        return heard if self._next is None else self._exchange(heard, self._next, y)

    def _exchange(self, heard: Loudness, coming: _Ear, y: np.ndarray) -> Loudness:
        """Mix what the old and the new filters hear: loudness is mixed, not waveforms, so phases cannot cancel."""
        self._age += 1
        share = min(max((self._age - self._settle) / self._fade, 0.0), 1.0)
        if share >= 1.0:
            self._ear, self._next = coming, None
        now, before = (
            [a + share * (b - a) for a, b in zip(*old_and_new, strict=True)]
            for old_and_new in zip(heard, coming.step(y), strict=True)
        )
        return Loudness(now, before)

    def _make_ear(self) -> _Ear:
        return _Ear(self.edges, self._hop)
