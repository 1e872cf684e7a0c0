"""What each band's loudness is measured against: what rests, what leaks in, how loud and how fast it gets here."""

import math
from typing import NamedTuple

import numpy as np

from bandwalk.analysis.band_parts import PARTS, PartLevels, Parts, part_edges, to_lag
from bandwalk.analysis.bank import Loudness, mean_s, to_window
from bandwalk.analysis.crosstalk import LeakFloor
from bandwalk.analysis.filters import Edges
from bandwalk.analysis.memory import Floor, Scale, noise_range
from bandwalk.analysis.onset import SOFT, novelty
from bandwalk.analysis.spectrum import ShortSpectrum, to_short_window
from bandwalk.units import db_to_lin

ROOM, MUSIC = db_to_lin(-35.0), db_to_lin(-32.0)
"""RMS of a band that rests: up to the first it is silence, a room, hum or hiss at -40 dBFS; from the second on it is
music, a held chord, whose level stays while its change and onset rest."""

HEADROOM = 2.0
"""Full scale is at least this much over the floor, so that noise just above it is not full scale."""

CHANGE_MIN = 0.2
"""Full change is at least this share of full scale: what little a sound changes is not blown up."""

TAIL = 1.95
"""The range of a part, by this more: so narrow a band's noise nearly dies away now and then."""

STILL = 0.2
"""Nepers (2 dB). What rests may be so far over its lowest without any noise: a low tone ripples by less."""

PART_STILL = 0.5
"""The same of a part: two partials of a chord beat there, and nothing beside them evens it out."""

AUDIBLE = 4.0
"""What changes counts in full from a quarter over silence on (2 dB): hits are not cut off by it, only left out."""


class BandContext(NamedTuple):
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
    """Follows all bands and their parts side by side, a step at a time.

    What is the same for bands and parts runs on one array of all of them; the rest on plain floats, since a few bands
    are too few for arrays to pay.

    Args:
        spectrum:  what is heard.
        edges:     of each band.
        step_rate: steps a second.
        beside:    of further bands, which hear these and change nothing of what these hear, to the bit.
    """

    def __init__(
        self, spectrum: ShortSpectrum, edges: tuple[Edges, ...], step_rate: float, *, beside: tuple[Edges, ...] = ()
    ) -> None:
        self._parts = [(Parts(spectrum, group, to_lag(step_rate)), group) for group in (edges, beside) if group]
        self._beside = beside
        edges += beside
        n, n_parts = len(edges), len(edges) * PARTS
        self._n = n
        self._edges = edges
        self._floor = Floor(_ranges(edges), np.repeat([STILL, PART_STILL], [n, n_parts]), step_rate)
        self._scale = Scale(n + n_parts + n, step_rate)
        self._is_rms = np.repeat([1.0, 0.0], [n + n_parts, n])
        self._leaks = LeakFloor(edges, step_rate, beside=len(beside))

    def set(self, edges: tuple[Edges, ...]) -> None:
        """Follow other edges from the next step on; those beside stay."""
        self._parts[0] = (self._parts[0][0], edges)
        edges += self._beside
        if edges == self._edges:
            return
        self._edges = edges
        self._floor.set(_ranges(edges))
        self._leaks.set(edges)

    def step(self, loudness: Loudness, silence: float) -> list[BandContext]:
        """Return what each band is measured against after one more step, whose spectrum is taken.

        Args:
            loudness: of each band, then of those beside; what follows is not looked at.
            silence:  RMS under which all is silence, linear, over 0.
        """
        n = self._n
        now, before = loudness.now[:n], loudness.before[:n]
        parts = _joined([part.step(edges) for part, edges in self._parts])
        heard = now + parts.now
        rests = self._floor.step(np.array(heard)).tolist()
        leaked = self._leaks.step(now, before)
        overs = zip(_over_rest(parts.now, rests[n:]), _over_rest(parts.before, rests[n:]), strict=True)
        of_bands = zip(zip(now, before, strict=True), overs, rests, leaked, strict=False)
        rises = [_rise(*of_band, silence=silence) for of_band in of_bands]
        scale = self._scale.step(np.array(heard + list(map(abs, rises))), self._is_rms * silence).tolist()
        self._leaks.know(scale)
        leaked = [leak if leak > silence else silence for leak in leaked]
        begins = _begins(parts, rests[n:], scale[n:], leaked)
        begins = [new if x > leak else 0.0 for new, x, leak in zip(begins, now, leaked, strict=True)]
        rests = [rest if rest > silence else silence for rest in rests[:n]]
        return list(map(_band_context, rests, leaked, scale[:n], rises, scale[-n:], begins))


def _joined(parts: list[PartLevels]) -> PartLevels:
    """Return the parts of all bands."""
    return parts[0] if len(parts) == 1 else PartLevels(*(a + b for a, b in zip(*parts, strict=True)))


def _over_rest(parts: list[float], rests: list[float]) -> list[float]:
    """Return the RMS of each band where what rests is as loud as it ever rests."""
    squares = [(x if x > rest else rest) ** 2 for x, rest in zip(parts, rests, strict=True)]
    return [math.sqrt(sum(squares[i : i + PARTS])) for i in range(0, len(squares), PARTS)]


def _rise(
    loudness: tuple[float, float], overs: tuple[float, float], rest: float, leak: float, *, silence: float
) -> float:
    """Return the rise of a band over what rests and what leaks in: the greater of the whole and of its parts.

    loudness and overs: now, and a step before.
    """
    now, before = loudness
    over, over_before = overs
    share = AUDIBLE * ((now if now > before else before) / silence - 1.0)
    if share <= 0.0:
        return 0.0
    quiet = rest if rest > leak else leak
    rise = (now if now > quiet else quiet) - (before if before > quiet else quiet)
    if now > leak:
        part_rise = (over if over > leak else leak) - (over_before if over_before > leak else leak)
        rise = max(rise, part_rise)
    return rise if share >= 1.0 else share * rise


def _begins(parts: PartLevels, rests: list[float], tops: list[float], leaked: list[float]) -> list[float]:
    """Return the novelty of each band: parts count from what rests, leaks in, or is soft on."""
    quiet = [rest if rest > SOFT * top else SOFT * top for rest, top in zip(rests, tops, strict=False)]
    return [
        novelty(parts.now[i : i + PARTS], parts.earlier[i : i + PARTS], quiet[i : i + PARTS], leak)
        for i, leak in zip(range(0, len(quiet), PARTS), leaked, strict=True)
    ]


def _band_context(rest: float, leak: float, top: float, rise: float, fastest: float, begins: float) -> BandContext:
    """Return what a band is measured against; rest and leak are silence at least."""
    room = _room_share(rest) * rest if rest > leak else 0.0
    floor = room if room > leak else leak
    full = HEADROOM * rest
    slowest = CHANGE_MIN * (top if top > full else full)
    top = top if top > HEADROOM * floor else HEADROOM * floor
    return BandContext(floor, top, rise, fastest if fastest > slowest else slowest, begins)


def _room_share(rest: float) -> float:
    """Return how much of what rests is taken for a room, 0..1."""
    if rest <= ROOM:
        return 1.0
    return 0.0 if rest >= MUSIC else math.log(MUSIC / rest) / math.log(MUSIC / ROOM)


def _ranges(edges: tuple[Edges, ...]) -> np.ndarray:
    """Return how far noise lies over its lowest RMS, nepers: of the bands, then of their parts, [n * (1 + PARTS)]."""
    cuts = [part_edges(band) for band in edges]
    window_s, parts_s = mean_s(to_window()), mean_s(to_short_window() ** 2)
    bands = [noise_range(float(cut[-1] - cut[0]), window_s) for cut in cuts]
    return np.array(bands + [TAIL * noise_range(float(width), parts_s) for cut in cuts for width in np.diff(cut)])
