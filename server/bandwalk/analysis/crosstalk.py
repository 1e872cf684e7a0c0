"""What a band hears of its neighbours' sound, because a filter's slope is not a wall."""

import math

from bandwalk.analysis.filters import Edges, gain_at
from bandwalk.analysis.follow import clamp

INSIDE = 1.25
"""A sound belongs to a band when it lies at least this ratio inside its edges; on the edge it is in two."""

LEAK_MAX = 0.1
"""Bands that overlap do hear the same sound; neither may silence the other."""

LEAK_MIN = 0.03
"""However far apart two bands are: a hit splashes over the whole spectrum as it begins, some 40 dB down."""

LOWEST_HZ = 20.0
"""Where a band without a lower edge begins."""


def to_leaks(edges: tuple[Edges, ...]) -> tuple[tuple[float, ...], ...]:
    """Return leaks[b][a]: the most that band b hears of a pure tone that belongs to band a, a share of its RMS in a.

        leaks[b][a] = |H_b(f)| / |H_a(f)| in LEAK_MIN..LEAK_MAX,  f = a's edge on b's side, moved inside by INSIDE

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
    return clamp(gain_at(hears, f_hz) / gain_at(sounds, f_hz), LEAK_MIN, LEAK_MAX)
