"""What a band hears of its neighbours' sound, because a filter's slope is not a wall."""

import math

import numpy as np

from bandwalk.analysis.filters import Edges, gains_at
from bandwalk.analysis.follow import GLIDE_S
from bandwalk.units import tau_to_coef

INSIDE = 1.25
"""A sound belongs to a band when it lies at least this ratio inside its edges; on the edge it is in two."""

LEAK_MAX = 0.1
"""Bands that overlap do hear the same sound; neither may silence the other."""

SPLASH = 0.03
"""However far apart two bands are: a hit splashes over the whole spectrum as it begins, some 40 dB down."""

LOWEST_HZ = 20.0
"""Where a band without a lower edge begins."""

RING_S = 0.03
"""Half-life of what leaks: as long as filters ring. What follows a hit of a neighbour is heard."""

RISING = 1.05
"""A band that grows by this ratio in a step is being hit."""

AHEAD = 4.0
"""A hit is expected to grow on as in this step, by so much at most: the first of all has no loudest yet."""

TINY = 1e-9


class LeakFloor:
    """What may be in each band of its neighbours' sound, of this moment: no memory of what is over.

        floor[b] = max over a of leaks[b][a] * loudness[a],  while a is being hit max(leaks[b][a], SPLASH) * loudest[a]

    held for as long as filters ring; loudest is that of the loudest hits here: a hit splashes into all bands at its
    start, before its own band knows how loud it will be.

    Args:
        edges:     of each band.
        step_rate: steps a second.
        beside:    so many bands, the last ones, hear the others and are not heard by any.
    """

    def __init__(self, edges: tuple[Edges, ...], step_rate: float, *, beside: int = 0) -> None:
        self._keep = 0.5 ** (1 / (RING_S * step_rate))
        self._coef = tau_to_coef(GLIDE_S, 1 / step_rate)
        self._floor = [0.0] * len(edges)
        self._top = [0.0] * len(edges)
        self._pairs = [(b, a) for b in range(len(edges)) for a in range(len(edges) - beside) if a != b]
        self._leaks = self._target = self._to_leaks(edges)

    def set(self, edges: tuple[Edges, ...]) -> None:
        """Go over to other edges."""
        self._target = self._to_leaks(edges)

    def step(self, now: list[float], before: list[float]) -> list[float]:
        """Return the floors [n] after one more step.

        Args:
            now:    RMS of the bands [n], linear.
            before: one step before.
        """
        if self._leaks is not self._target:
            self._glide()
        hits = []
        for x, was, top in zip(now, before, self._top, strict=False):
            if x > RISING * was:
                ahead = x * min(x / max(was, TINY), AHEAD)
                hits.append(ahead if ahead > top else top)
            else:
                hits.append(0.0)
        floor = self._floor = [self._keep * x for x in self._floor]
        for (b, a), leak in zip(self._pairs, self._leaks, strict=True):
            floor[b] = max(floor[b], leak * now[a], max(leak, SPLASH) * hits[a])
        return floor

    def know(self, top: list[float]) -> None:
        """Learn how loud the bands get here, [n]."""
        self._top = top

    def _glide(self) -> None:
        off = [b - a for a, b in zip(self._leaks, self._target, strict=True)]
        if max(map(abs, off)) < TINY:
            self._leaks = self._target
        else:
            self._leaks = [a + self._coef * x for a, x in zip(self._leaks, off, strict=True)]

    def _to_leaks(self, edges: tuple[Edges, ...]) -> list[float]:
        """Return the leak of each pair."""
        leaks = to_leaks(edges)
        return [leaks[b][a] for b, a in self._pairs]


def to_leaks(edges: tuple[Edges, ...]) -> tuple[tuple[float, ...], ...]:
    """Return leaks[b][a]: the most that band b hears of a pure tone that belongs to band a, a share of its RMS in a.

        leaks[b][a] = |H_b(f)| / |H_a(f)| up to LEAK_MAX,  f = a's edge on b's side, moved inside by INSIDE

    With the default edges 0.06 to 0.08 (-22 dB) between neighbours. Under the loudest of what leaks in, a band is
    silent; one floor for all bands, 22 dB under the loudest, would also do, and would hide hats behind a kick drum.
    """
    return tuple(
        tuple(0.0 if a == b else _leak(edges[b], edges[a]) for a in range(len(edges))) for b in range(len(edges))
    )


def _leak(hears: Edges, sounds: Edges) -> float:
    f_lo, f_hi = max(sounds[0], LOWEST_HZ), sounds[1]
    centre = math.sqrt(f_lo * f_hi)
    is_above = math.sqrt(max(hears[0], LOWEST_HZ) * hears[1]) > centre
    f_hz = max(f_hi / INSIDE, centre) if is_above else min(f_lo * INSIDE, centre)
    hears_it, sounds_it = (float(gains_at(band, np.array(f_hz))) for band in (hears, sounds))
    return min(hears_it / sounds_it, LEAK_MAX)
