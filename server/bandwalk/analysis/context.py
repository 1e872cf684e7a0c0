"""What each band's loudness is measured against: what rests, what leaks in, how loud and how fast it gets here."""

from typing import NamedTuple

import numpy as np

from bandwalk.analysis.bank import WINDOW_MEAN_S, Loudness
from bandwalk.analysis.crosstalk import LeakFloor
from bandwalk.analysis.filters import Edges
from bandwalk.analysis.memory import Floor, Scale, noise_range
from bandwalk.analysis.onset import SOFT, novelty
from bandwalk.analysis.parts import PARTS, PARTS_MEAN_S, Parts, part_edges

ROOM_DB, MUSIC_DB = -35.0, -32.0
"""RMS of a band that rests: up to the first it is silence, a room, hum or hiss at -40 dBFS; from the second on it is
music, a held chord, whose level stays while its change and onset rest."""

HEADROOM = 2.0
"""Full scale is at least this much over the floor, so that noise just above it is not full scale."""

CHANGE_MIN = 0.2
"""Full change is at least this share of full scale: what little a sound changes is not blown up."""

TAIL = 2.4
"""The range of a part, by this more: so narrow a band's noise nearly dies away now and then."""

STILL = 0.2
"""Nepers (2 dB). What rests may be so far over its lowest without any noise: a low tone ripples by less."""

PART_STILL = 0.5
"""The same of a part: two partials of a chord beat there, and nothing beside them evens it out."""

AUDIBLE = 4.0
"""What changes counts in full from a quarter over silence on (2 dB): hits are not cut off by it, only left out."""

TINY = 1e-9
"""An RMS under it is as good as none; its logarithm is finite."""


class Against(NamedTuple):
    """What one band's step is measured against.

    floor:   RMS that is silence, over 0.
    top:     RMS that is full scale here.
    rise:    of the RMS over what rests, in this step.
    fastest: the rise that is full change here.
    begins:  rise of the band's parts over RISE_S, nepers: how much of it is new.
    """

    floor: float
    top: float
    rise: float
    fastest: float
    begins: float


class Context:
    """Follows all bands and their parts side by side, a step at a time."""

    def __init__(self, edges: tuple[Edges, ...], hop: int, step_rate: float) -> None:
        self._edges = edges
        n = len(edges)
        self._parts = Parts(hop, step_rate)
        self._floor = Floor(
            _ranges(edges), np.repeat([STILL, PART_STILL], [n, n * PARTS]), float(np.log(TINY)), step_rate
        )
        self._scale = Scale(n * (2 + PARTS), step_rate)
        self._leaks = LeakFloor(edges, step_rate)

    def set(self, edges: tuple[Edges, ...]) -> None:
        """Follow other edges from the next step on."""
        if edges == self._edges:
            return
        self._edges = edges
        self._floor.most = _ranges(edges)
        self._leaks.set(edges)

    def step(self, loudness: list[Loudness], y: np.ndarray, silence: float) -> list[Against]:
        """Return what each band is measured against after one more step.

        Args:
            loudness: of each band.
            y:        the step's sound, [hop] float64.
            silence:  RMS under which all is silence, linear, over 0.
        """
        n = len(loudness)
        now, before = np.array(loudness).T  # [n]
        parts = self._parts.step(y, self._edges)
        heard = np.concatenate([now, parts.now.ravel()])
        rest = np.exp(self._floor.step(np.log(np.maximum(heard, TINY))))
        rests, part_rests = rest[:n], rest[n:].reshape(n, PARTS)
        leaked = self._leaks.step(now, before)
        quiet = np.maximum(rests, leaked)
        rise = np.maximum(now, quiet) - np.maximum(before, quiet)
        part_rise = _over(parts.now, part_rests, leaked) - _over(parts.before, part_rests, leaked)
        rise = np.where(now > leaked, np.maximum(rise, part_rise), rise)
        rise *= _between(AUDIBLE * (np.maximum(now, before) / silence - 1.0))
        scale = self._scale.step(np.concatenate([np.where(heard > silence, heard, 0.0), np.abs(rise)]))
        top, part_top, fastest = scale[:n], scale[n:-n].reshape(n, PARTS), scale[-n:]
        self._leaks.know(top)
        leaked = np.maximum(leaked, silence)
        quiet = np.maximum(np.maximum(SOFT * part_top, leaked[:, None]), part_rests)
        begins = np.where(now > leaked, novelty(parts.now, parts.earlier, quiet), 0.0)
        floor = np.maximum(leaked, rests * _room_share(rests))
        fastest = np.maximum(fastest, CHANGE_MIN * np.maximum(top, HEADROOM * np.maximum(silence, rests)))
        columns = (floor, np.maximum(top, HEADROOM * floor), rise, fastest, begins)
        return list(map(Against, *(column.tolist() for column in columns)))


def _room_share(rests: np.ndarray) -> np.ndarray:
    """Return how much of what rests is taken for a room, [n], 0..1."""
    return _between((MUSIC_DB - 20.0 * np.log10(rests)) / (MUSIC_DB - ROOM_DB))


def _between(x: np.ndarray) -> np.ndarray:
    """Return x held to 0..1; np.clip takes three times as long for so few."""
    return np.asarray(np.minimum(np.maximum(x, 0.0), 1.0))


def _over(parts: np.ndarray, rest: np.ndarray, leaked: np.ndarray) -> np.ndarray:
    """Return the RMS of each band [n] where what rests is as loud as it ever rests, and no less than leaks in."""
    return np.asarray(np.maximum(np.sqrt((np.maximum(parts, rest) ** 2).sum(axis=1)), leaked))


def _ranges(edges: tuple[Edges, ...]) -> np.ndarray:
    """Return how far noise lies over its lowest RMS, nepers: of the bands, then of their parts, [n * (1 + PARTS)]."""
    cuts = [part_edges(band) for band in edges]
    bands = [noise_range(float(cut[-1] - cut[0]), WINDOW_MEAN_S) for cut in cuts]
    return np.array(bands + [TAIL * noise_range(float(width), PARTS_MEAN_S) for cut in cuts for width in np.diff(cut)])
