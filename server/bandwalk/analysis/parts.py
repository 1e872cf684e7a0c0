"""Each band in parts, by a short spectrum: where a hit stands out though the band as a whole is loud."""

from collections import deque
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from bandwalk.analysis.filters import Edges, gains_at
from bandwalk.units import SAMPLE_RATE

WINDOW = 2048
"""Samples that are heard at a time, 43 ms: bins of 23 Hz part a kick's fall from the bass under it."""

PARTS_MEAN_S = WINDOW / SAMPLE_RATE / 1.5
"""A box that averages noise as well as the Hann window."""

PARTS = 3
"""Of each band: a bass fills one, a kick drum, which falls through all of them, shows in the others."""

RISE_S = 0.040
"""A hit's rise is looked for over this time, about the length of the window that spreads it."""

LOWEST_HZ = 20.0
"""Nothing is heard under it."""

HIGHEST_HZ = 16_000.0
"""The last part of the highest band reaches up to it: its filter lets hats through, 15 dB down; no other does."""

BINS = round(HIGHEST_HZ * WINDOW / SAMPLE_RATE)
"""Bins that are looked at."""


class Heard(NamedTuple):
    """RMS of the parts, [n_bands, PARTS]: now, a step before, RISE_S before, all by the same bins.

    So new edges are no rise of the sound.
    """

    now: np.ndarray
    before: np.ndarray
    earlier: np.ndarray


class Parts:
    """Tells how loud each part of each band is, a step at a time; silence before the first."""

    def __init__(self, hop: int, step_rate: float) -> None:
        self._y = np.zeros(max(WINDOW, hop))
        lag = max(1, round(RISE_S * step_rate))
        self._spectra = deque([np.zeros(BINS)] * (lag + 1), maxlen=lag + 1)
        self._edges: tuple[Edges, ...] = ()
        self._rms: deque[np.ndarray] = deque(maxlen=lag + 1)

    def step(self, y: np.ndarray, edges: tuple[Edges, ...]) -> Heard:
        """Return the RMS of the parts after one more step, y [hop] float64."""
        held = len(self._y) - len(y)
        self._y[:held] = self._y[len(y) :]
        self._y[held:] = y
        spectrum = np.fft.rfft(_window() * self._y[-WINDOW:])[:BINS]
        self._spectra.append(spectrum.real**2 + spectrum.imag**2)
        if edges == self._edges:
            self._rms.append(self._to_rms(self._spectra[-1]))
        else:
            self._edges, self._shares = edges, _shares(edges)
            self._rms.extend(map(self._to_rms, self._spectra))
        return Heard(self._rms[-1], self._rms[-2], self._rms[0])

    def _to_rms(self, spectrum: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt(spectrum @ self._shares).reshape(-1, PARTS))


def part_edges(edges: Edges) -> np.ndarray:
    """Return the edges of a band's parts, Hz, [PARTS + 1], even steps in log(f + 100 Hz).

    Nearly as critical bands lie: the bins are too wide for octaves at the low end.
    """
    f_lo, f_hi = max(edges[0], LOWEST_HZ), max(edges[1], LOWEST_HZ + 1)
    return np.asarray(np.geomspace(f_lo + 100, f_hi + 100, PARTS + 1) - 100)


@lru_cache(maxsize=64)
def _shares(edges: tuple[Edges, ...]) -> np.ndarray:
    """Return how much of each bin's power is heard in each part: the gain of the band's filter, in the part's bins.

    [BINS, n_bands * PARTS]; each part has one bin at least.
    """
    width = SAMPLE_RATE / WINDOW
    bins = np.arange(BINS)
    columns = []
    for band in edges:
        cuts = np.rint(part_edges(band) / width)
        cuts[1:] = np.maximum(cuts[1:], cuts[0] + np.arange(1, PARTS + 1))
        if band[1] == max(f_hi for _, f_hi in edges):
            cuts[-1] = max(cuts[-1], round(HIGHEST_HZ / width))
        gains = gains_at(band, bins * width) ** 2
        columns += [gains * ((bins >= a) & (bins < b)) for a, b in pairwise(cuts)]
    return np.stack(columns, axis=1)


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """Return a Hann window scaled so that the power of a sine of amplitude 1 adds up to 1/2 over its bins."""
    window = np.hanning(WINDOW + 1)[:-1]
    return np.asarray(window * np.sqrt(2.0 / (WINDOW * np.sum(window**2))))
