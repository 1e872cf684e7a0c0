"""How loud each band is: RMS over a short window, through filters that can be exchanged while it runs."""

from typing import NamedTuple

import numpy as np

from bandwalk.analysis.filters import Edges, HopFilter
from bandwalk.units import SAMPLE_RATE

WINDOW_S = 0.060
"""Length of the RMS window, a Hann window: a held tone of f Hz ripples at 2 f, which a box of 40 ms lets through.

Longer, and a kick is seen later; shorter, and tones of 20 Hz ripple (40 Hz is 2.4 of its bins: 30 dB down).
"""

WINDOW_MEAN_S = WINDOW_S / 1.5
"""A box that averages noise as well: T (sum of w)^2 / (n sum of w^2)."""

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
    """RMS of some bands under a Hann window over the last samples; silence before the first.

    rms = sqrt(sum of w y^2),  sum of w = 1
    """

    def __init__(self, n_bands: int, hop: int) -> None:
        steps = max(1, round(WINDOW_S * SAMPLE_RATE / hop))
        weights = np.hanning(steps * hop + 2)[1:-1]
        self._weights = (
            (weights / weights.sum()).reshape(steps, hop)[::-1].T
        )  # [hop, steps]: as the newest, the next ...
        self._coming = np.zeros((n_bands, steps + 1))  # mean square of the window that ends now, a step on ...
        self._now = [0.0] * n_bands

    def step(self, y: np.ndarray) -> list[Loudness]:
        """Take one more step of sound, y [n_bands, hop] float64."""
        self._coming[:, :-1] = self._coming[:, 1:]
        self._coming[:, :-1] += np.square(y) @ self._weights
        before, self._now = self._now, np.sqrt(self._coming[:, 0]).tolist()
        return list(map(Loudness, self._now, before))


class _Ear:
    """One set of filters and the window behind them."""

    def __init__(self, edges: tuple[Edges, ...], hop: int) -> None:
        self.edges = edges
        self._filter = HopFilter(edges, hop)
        self._window = RmsWindow(len(edges), hop)

    def step(self, y: np.ndarray) -> list[Loudness]:
        return self._window.step(self._filter.filter(y))


class Bank:
    """All bands' filters and RMS; new edges cross-fade in, one exchange at a time."""

    def __init__(self, edges: tuple[Edges, ...], hop: int, step_rate: float) -> None:
        self.edges = edges  # the wanted ones; what is heard follows
        self._hop = hop
        self._settle, self._fade = (max(1, round(t_s * step_rate)) for t_s in (SETTLE_S, FADE_S))
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
        return _Ear(self.edges, self._hop)
