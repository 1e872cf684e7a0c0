"""How intense a passage is, compared with the last minutes; where the energy falls away, and where it returns."""

import math
from collections import deque

from bandwalk.analysis.follow import clamp
from bandwalk.analysis.music.usual import BLOCK_S, MEMORY_S, Usual
from bandwalk.units import tau_to_coef

SLOW_S = 8.0
"""The energy follows within this time (95 %)."""

RANGE_DB = 20.0
"""So far under what is usual is no energy."""

HITS_SHARE = 0.5
"""Of the energy: how much is hit. The rest is how loud it is. A brick-walled master is as loud in its break."""

DRUMS = 0.005
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

FALLEN_DB, FALLEN_S = -10.0, 0.8
"""The level has fallen when it is so far under the usual; it is followed with this time constant."""

BACK_DB, BACK_S = -5.0, 0.1
"""It is back when it is at most this far under the usual."""

LOUD_BEFORE_S = 8.0
"""After so much music at its usual level, its fall is a break."""

DROP_AFTER_S = 4.0
"""A break that lasted so long ends with a drop."""


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
        self._block = [0.0, 0.0, 0.0]  # sum of power, sum of rises, strongest low rise
        self._usual = Usual(3)
        self._step = 0
        self._breaks = Breaks(step_rate)

    def step(self, power: float, rise: float, low_rise: float) -> tuple[float, bool, bool]:
        """Return (energy 0..1, whether a drop is in this step, whether it is in a break).

        Args:
            power:    mean square of the weighted sound in this step.
            rise:     how much the RMS of all bands rises, together.
            low_rise: how much that of the lowest band rises.
        """
        block = self._block
        block[0] += power
        block[1] += rise
        block[2] = max(block[2], low_rise)
        self._means = [mean + self._slow * (x - mean) for mean, x in zip(self._means, (power, rise), strict=True)]
        self._step += 1
        if self._step % self._length == 0:
            self._usual.add([block[0] / self._length, block[1] / self._length, block[2]])
            self._block = [0.0, 0.0, 0.0]
        drop, is_break = self._breaks.step(power, low_rise, self._usual.usual)
        return self._energy(), drop, is_break

    def _energy(self) -> float:
        usual_power, usual_rise, _ = self._usual.usual
        if usual_power <= 0.0:
            return 0.0
        drums = min(1.0, usual_rise / (DRUMS * math.sqrt(usual_power)))
        level, hits = _place(self._means[0], usual_power), _place(self._means[1] ** 2, usual_rise**2)
        return level + HITS_SHARE * drums * (hits - level)


class Breaks:
    """Finds breaks (drums that were there are gone, or the level has fallen), and drops, where breaks end."""

    def __init__(self, step_rate: float) -> None:
        self._dt_s = 1 / step_rate
        self._fallen, self._back = (tau_to_coef(tau_s, self._dt_s) for tau_s in (FALLEN_S, BACK_S))
        self._level = self._quick = 0.0  # mean powers
        self._gaps: deque[float] = deque(maxlen=DRUMS_BEFORE)
        self._since_s = self._loud_s = 0.0  # the last drum; music at its usual level
        self._break_s = -1.0  # how long the break has lasted; under 0: there is none
        self._by_drums = False

    def step(self, power: float, low_rise: float, usual: list[float]) -> tuple[bool, bool]:
        """Return (whether a drop is in this step, whether it is in a break).

        Args:
            power:    as :meth:`Energy.step` has it.
            low_rise: as there.
            usual:    power, rise and low rise.
        """
        self._level += self._fallen * (power - self._level)
        self._quick += self._back * (power - self._quick)
        self._since_s += self._dt_s
        usual_power, _, usual_hit = usual
        if self._break_s < 0.0:
            self._count(low_rise, usual_power, usual_hit)
            if self._has_fallen(usual_power):
                self._break_s = 0.0
            return False, self._break_s >= 0.0
        self._break_s += self._dt_s
        if not self._has_returned(low_rise, usual_power, usual_hit) and self._break_s < MEMORY_S:
            return False, True
        drop = DROP_AFTER_S <= self._break_s < MEMORY_S
        self._gaps.clear()
        self._break_s, self._loud_s, self._since_s = -1.0, 0.0, 0.0
        return drop, False

    def _count(self, low_rise: float, usual_power: float, usual_hit: float) -> None:
        """Count what a fall is compared with."""
        if low_rise >= HIT * usual_hit > HIT * DRUM * math.sqrt(usual_power):
            if self._since_s >= MAX_GAP_S:
                self._gaps.clear()
            elif self._since_s >= CALM_S:
                self._gaps.append(self._since_s)
            self._since_s = 0.0
        if usual_power > 0.0 and _db(self._level, usual_power) > BACK_DB:
            self._loud_s += self._dt_s

    def _has_fallen(self, usual_power: float) -> bool:
        has_drums = len(self._gaps) == DRUMS_BEFORE
        self._by_drums = has_drums and self._since_s >= max(GONE_S, GONE_GAPS * max(self._gaps))
        is_quiet = self._loud_s >= LOUD_BEFORE_S and _db(self._level, usual_power) < FALLEN_DB
        return self._by_drums or is_quiet

    def _has_returned(self, low_rise: float, usual_power: float, usual_hit: float) -> bool:
        if usual_hit > 0.0 and low_rise >= RETURN * usual_hit:
            return True
        return not self._by_drums and _db(self._quick, usual_power) > BACK_DB


def _db(power: float, usual: float) -> float:
    """Return how far a power is over the usual, dB."""
    return 10.0 * math.log10(power / usual) if power > 0.0 and usual > 0.0 else -math.inf


def _place(power: float, usual: float) -> float:
    return clamp(1.0 + _db(power, usual) / RANGE_DB, 0.0, 1.0)
