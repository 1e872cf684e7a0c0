"""How intense a passage is, compared with the last minutes; where the energy falls away, and where it returns."""

import math
from collections import deque
from typing import NamedTuple

from bandwalk.analysis.follow import clamp
from bandwalk.analysis.music.usual import BLOCK_S, MEMORY_S, Usual
from bandwalk.units import tau_to_coef

SLOW_S = 8.0
"""The energy follows within this time (95 %)."""

RANGE_DB = 20.0
"""So far under what is usual is no energy."""

HITS_SHARE = 0.5
"""Of the energy: how much is hit. The rest is how loud it is. A brick-walled master is as loud in its break."""

DRUMS = 0.03
"""Where all rises together come to this share of the RMS a step, the music has drums; with less, hits count less."""

HIT = 0.4
"""A rise of the lowest band that is this share of the usual strongest may be a drum."""

DRUM = 0.2
"""... if that is at least this share of the RMS of the weighted sound."""

CALM_S = 0.15
"""Before a drum it did not rise so much for this time: noise does all the time."""

RETURN = 0.6
"""In a break it must be this share."""

DRUMS_BEFORE, MAX_GAP_S = 8, 4.0
"""So many drums, not further apart, make a rhythm whose end is a break."""

GONE_S, GONE_GAPS = 2.4, 2.0
"""Drums are gone after this time without one, and after so many of their longest gaps: a bar at 100 bpm."""

THIN_DB = -3.0
"""... while the lowest band is so far under its usual: a limiter may hide the hits of drums that go on."""

FALLEN_DB, FALLEN_S = -10.0, 0.8
"""The level has fallen when it is so far under the usual; it is followed with this time constant."""

BACK_DB, BACK_S = -5.0, 0.1
"""It is back when it is at most this far under the usual."""

LOUD_BEFORE_S = 8.0
"""After so much music at its usual level, its fall is a break."""

DROP_AFTER_S = 4.0
"""A break that lasted so long ends with a drop."""


class Powers(NamedTuple):
    """What energy and breaks are made of, in one step; or what each usually is.

    power:    mean square of the weighted sound; 0 where all rests.
    rise:     how much the RMS of all bands rises, together.
    low:      mean square of the lowest band.
    low_rise: how much its RMS rises.
    """

    power: float
    rise: float
    low: float
    low_rise: float


class Energy:
    """Follows the energy, breaks and drops.

        energy = (1 - w) place(mean power) + w place(mean rise),  place(x) = clamp(1 + 10 log10(x / usual) / RANGE_DB)

    with both means over 8 s and w at most HITS_SHARE. All is compared with what the last two minutes had, so it is the
    same at any loudness.
    """

    def __init__(self, step_rate: float) -> None:
        dt_s = self._dt_s = 1 / step_rate
        self._length = max(1, round(BLOCK_S * step_rate))
        self._slow = tau_to_coef(SLOW_S / 3, dt_s)
        self._means = [0.0, 0.0]  # power, rise
        self._block: list[Powers] = []
        self._memory = Usual(len(Powers._fields))
        self._usual = Powers(*self._memory.usual)
        self._breaks = Breaks(step_rate)

    def step(self, now: Powers, *, is_silent: bool) -> tuple[float, bool, bool]:
        """Return (energy 0..1, whether a drop is in this step, whether it is in a break)."""
        self._means = [mean + self._slow * (x - mean) for mean, x in zip(self._means, now[:2], strict=True)]
        self._block.append(now)
        if len(self._block) == self._length:
            self._end_block()
        drop, is_break = self._breaks.step(now, self._usual)
        return 0.0 if is_silent else self._energy(), drop, is_break

    def _end_block(self) -> None:
        """Remember the block that ends, unless nothing was heard in it, or only what rests."""
        powers, rises, lows, low_rises = zip(*self._block, strict=True)
        if any(powers):
            self._memory.add([*(sum(x) / self._length for x in (powers, rises, lows)), max(low_rises)])
            self._usual = Powers(*self._memory.usual)
        self._block.clear()

    def _energy(self) -> float:
        usual = self._usual
        if usual.power <= 0.0:
            return 0.0
        drums = min(1.0, usual.rise / (DRUMS * math.sqrt(usual.power)))
        level, hits = _place(self._means[0], usual.power), _place(self._means[1] ** 2, usual.rise**2)
        return level + HITS_SHARE * drums * (hits - level)


class Breaks:
    """Finds breaks (drums that were there are gone, or the level has fallen), and drops, where breaks end."""

    def __init__(self, step_rate: float) -> None:
        self._dt_s = 1 / step_rate
        self._fallen, self._back = (tau_to_coef(tau_s, self._dt_s) for tau_s in (FALLEN_S, BACK_S))
        self._level = self._low = self._quick = 0.0  # mean powers
        self._gaps: deque[float] = deque(maxlen=DRUMS_BEFORE)
        self._since_s = self._loud_s = 0.0  # the last drum; music at its usual level
        self._break_s = -1.0  # how long the break has lasted; under 0: there is none
        self._by_drums = False

    def step(self, now: Powers, usual: Powers) -> tuple[bool, bool]:
        """Return (whether a drop is in this step, whether it is in a break)."""
        self._level += self._fallen * (now.power - self._level)
        self._low += self._fallen * (now.low - self._low)
        self._quick += self._back * (now.power - self._quick)
        self._since_s += self._dt_s
        if self._break_s < 0.0:
            self._count(now, usual)
            if self._has_fallen(usual):
                self._break_s = 0.0
            return False, self._break_s >= 0.0
        self._break_s += self._dt_s
        if not self._has_returned(now, usual) and self._break_s < MEMORY_S:
            return False, True
        drop = DROP_AFTER_S <= self._break_s < MEMORY_S
        self._gaps.clear()
        self._break_s, self._loud_s, self._since_s = -1.0, 0.0, 0.0
        return drop, False

    def _count(self, now: Powers, usual: Powers) -> None:
        """Count what a fall is compared with."""
        if now.low_rise >= HIT * usual.low_rise > HIT * DRUM * math.sqrt(usual.power):
            if self._since_s >= MAX_GAP_S:
                self._gaps.clear()
            elif self._since_s >= CALM_S:
                self._gaps.append(self._since_s)
            self._since_s = 0.0
        if usual.power > 0.0 and _db(self._level, usual.power) > BACK_DB:
            self._loud_s += self._dt_s

    def _has_fallen(self, usual: Powers) -> bool:
        had_drums = len(self._gaps) == DRUMS_BEFORE
        are_gone = had_drums and self._since_s >= max(GONE_S, GONE_GAPS * max(self._gaps))
        self._by_drums = are_gone and _db(self._low, usual.low) < THIN_DB
        is_quiet = self._loud_s >= LOUD_BEFORE_S and _db(self._level, usual.power) < FALLEN_DB
        return self._by_drums or is_quiet

    def _has_returned(self, now: Powers, usual: Powers) -> bool:
        if usual.low_rise > 0.0 and now.low_rise >= RETURN * usual.low_rise:
            return True
        return not self._by_drums and _db(self._quick, usual.power) > BACK_DB


def _db(power: float, usual: float) -> float:
    """Return how far a power is over the usual, dB."""
    return 10.0 * math.log10(power / usual) if power > 0.0 and usual > 0.0 else -math.inf


def _place(power: float, usual: float) -> float:
    return clamp(1.0 + _db(power, usual) / RANGE_DB, 0.0, 1.0)
