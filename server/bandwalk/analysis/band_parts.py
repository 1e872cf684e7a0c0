"""Each band in parts, by a short spectrum: where a hit stands out though the band as a whole is loud."""

from collections import deque
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from bandwalk.analysis.filters import Edges, gains_at
from bandwalk.analysis.onset import BEFORE_S, RISE_S
from bandwalk.analysis.spectrum import BIN_HZ, ShortSpectrum

PARTS = 3
"""Of each band: a bass fills one, a kick drum, which falls through all of them, shows in the others."""

LOWEST_HZ = 20.0
"""Nothing is heard under it."""

HIGHEST_HZ = 16_000.0
"""The last part of the highest band reaches up to it: its filter lets hats through, 15 dB down; no other does."""


HEARD = round(HIGHEST_HZ / BIN_HZ)
"""Bins that are looked at: too few for any BLAS to start threads (OpenBLAS does from 9216 products)."""


class PartLevels(NamedTuple):
    """RMS of the parts of all bands, band by band: now, a step before, and the most of some time before, [n * PARTS].

    That is from RISE_S to BEFORE_S before: of two partials that beat the next swell is no more than the last one
    was. All by the same bins, so that new edges are no rise of the sound.
    """

    now: list[float]
    before: list[float]
    earlier: list[float]


class Parts:
    """Measures how loud each part of each band is, a step at a time; silence before the first.

    Args:
        spectrum: what is heard; it keeps as many steps as are looked back.
        edges:    of each band.
        lag:      RISE_S in steps.
    """

    def __init__(self, spectrum: ShortSpectrum, edges: tuple[Edges, ...], lag: int) -> None:
        self._spectrum = spectrum
        self._before = spectrum.length - lag
        self._edges = edges
        self._shares = _shares(edges)
        self._rms: deque[list[float]] = deque(maxlen=spectrum.length)  # the newest last
        self._look_back()

    def step(self, edges: tuple[Edges, ...]) -> PartLevels:
        """Return the RMS of the parts after one more step of the spectrum."""
        if edges == self._edges:
            self._rms.append(np.sqrt(self._shares.dot(self._spectrum.power[:HEARD])).tolist())
        else:
            self._edges, self._shares = edges, _shares(edges)
            self._look_back()
        most = list(map(max, *islice(self._rms, self._before)))
        return PartLevels(self._rms[-1], self._rms[-2], most)

    def _look_back(self) -> None:
        self._rms.extend(np.sqrt(self._shares.dot(power[:HEARD])).tolist() for power in self._spectrum.powers())


def to_lag(step_rate: float) -> int:
    """Return RISE_S in steps, at least 1."""
    return max(1, round(RISE_S * step_rate))


def to_length(step_rate: float) -> int:
    """Return how many steps of a spectrum are looked at."""
    return max(to_lag(step_rate) + 1, round(BEFORE_S * step_rate)) + 1


def part_edges(edges: Edges) -> np.ndarray:
    """Return the edges of a band's parts, Hz, [PARTS + 1], even steps in log(f + 100 Hz).

    Nearly as critical bands lie: the bins are too wide for octaves at the low end.
    """
    f_lo, f_hi = max(edges[0], LOWEST_HZ), max(edges[1], LOWEST_HZ + 1)
    return np.asarray(np.geomspace(f_lo + 100, f_hi + 100, PARTS + 1) - 100)


@lru_cache(maxsize=64)
def _shares(edges: tuple[Edges, ...]) -> np.ndarray:
    """Return how much of each bin's power is heard in each part: the gain of the band's filter, in the part's bins.

    [n_bands * PARTS, HEARD] float32; each part has one bin at least.
    """
    bins = np.arange(HEARD)
    rows = []
    for band in edges:
        cuts = np.rint(part_edges(band) / BIN_HZ)
        cuts[1:] = np.maximum(cuts[1:], cuts[0] + np.arange(1, PARTS + 1))
        if band[1] == max(f_hi for _, f_hi in edges):
            cuts[-1] = max(cuts[-1], HEARD)
        gains = gains_at(band, bins * BIN_HZ) ** 2
        rows += [gains * ((bins >= a) & (bins < b)) for a, b in pairwise(cuts)]
    return np.stack(rows).astype(np.float32)
