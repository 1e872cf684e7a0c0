"""From the spectrum of each step to beat, bar, tempo and how sure they are."""

import math

import numpy as np

from bandwalk.analysis.beat.bars import Bars
from bandwalk.analysis.beat.flux import Flux
from bandwalk.analysis.beat.pointer import BeatPointer
from bandwalk.analysis.beat.pulse import Pulse
from bandwalk.analysis.onset import OnsetDetector
from bandwalk.records import Beat, BeatValues
from bandwalk.units import tau_to_coef

POINTER_RATE = 100.0
"""The pointer moves about so often a second, whatever the step rate: its states grow with the square of it."""

TOP_S = 4.0
"""Time constant with which the strongest hit is forgotten, to which the others are compared."""

TOP_MIN = 0.065
"""Mean over the bands: what begins less than this is no hit, however quiet it is around it."""

ONSET_MIN = 0.3
"""Least rise of an onset, as a share of the strongest recent hit."""

RECENT_S, LONG_S = 1.0, 30.0
"""Time constants of the strongest hit of the last moment and of the last passage."""

BREAK, PLAYING = 0.2, 0.4
"""Where the moment's hits are under this share of the passage's, nothing is learned from them; over the second, all."""

LATE_S = 0.020
"""A hit is seen so long after it was heard: half of the time over which its rise is taken."""

CLEAR = 8.0
"""Nepers a second by which the pointer beats chance in music with a beat (measured: 5 to 15; noise and pads -15)."""

CLEAR_S = 2.0
"""Time constant of that mean."""

KNOWN, KNOWN_S = 12.0, 20.0
"""Nepers at hits, about four beats, until the pointer is believed; they are forgotten with this time constant."""

SURE, LOST = 0.35, 0.15
"""Beats are reported from this confidence on, until it is under the second."""


class BeatTracker:
    """Follows the beat, a step at a time.

    Args:
        step_rate: steps a second.
        values:    the range of the tempo (an octave at least, so that any music has a tempo in it) and the bar;
                   changed by :meth:`set`.
    """

    def __init__(self, step_rate: float, values: BeatValues) -> None:
        self._dt_s = 1 / step_rate
        self._stride = max(1, round(step_rate / POINTER_RATE))
        self._pointer_s = self._stride * self._dt_s
        self._flux = Flux(step_rate)
        self._detector = OnsetDetector(step_rate, ONSET_MIN)
        self._pointer = self._to_pointer(values)
        self._pulse = Pulse(math.sqrt(values.lowest * values.highest) / 60.0)
        self._bars = Bars(values.beats_per_bar)
        self._keep_top, self._keep_recent, self._keep_long = (
            math.exp(-self._dt_s / tau) for tau in (TOP_S, RECENT_S, LONG_S)
        )
        self._top = self._recent = self._long = 0.0
        self._hit = 0.0
        self._step = 0
        self._coef = tau_to_coef(CLEAR_S, self._pointer_s)
        self._forget = tau_to_coef(KNOWN_S, self._pointer_s)
        self._score = self._known = self._confidence = 0.0
        self._is_sure = False
        self.flux = 0.0
        """How much begins in this step, compared with the strongest recent hit, 0..1."""
        self.onset = False
        """Whether a hit begins in this step."""

    def set(self, values: BeatValues) -> None:
        """Follow other values; a beat and a bar that fit them are kept."""
        self._bars.set(values.beats_per_bar)
        pointer = self._to_pointer(values)
        if not np.array_equal(pointer.lengths, self._pointer.lengths):
            pointer.take_over(self._pointer)
            self._pointer = pointer

    def _to_pointer(self, values: BeatValues) -> BeatPointer:
        lowest, highest = sorted((values.lowest, values.highest))
        shortest, longest = (60.0 / (bpm * self._pointer_s) for bpm in (highest, lowest))
        return BeatPointer(max(2, math.floor(shortest)), max(3, math.ceil(longest)))

    def step(self, power: np.ndarray, silence: float) -> Beat:
        """Return where the beat is at the end of one more step.

        Args:
            power:   of the short spectrum's bins, [BINS].
            silence: RMS under which all is silence, linear, over 0.
        """
        rises = self._flux.step(power, silence)
        rise = float(rises.mean())
        self._top = max(rise, self._keep_top * self._top, TOP_MIN)
        self._recent = max(rise, self._keep_recent * self._recent)
        self._long = max(rise, self._keep_long * self._long, TOP_MIN)
        self.flux = rise / self._top
        self.onset = self._detector.step(self.flux)
        self._hit = max(self._hit, self.flux)
        self._step += 1
        seen = self._look() if self._step % self._stride == 0 else None
        begins = self._pulse.step(self._dt_s, seen, self._confidence * self._weight)
        self._bars.hear(rises, self._flux.rms, self._pulse.beats, begins=begins)
        self._is_sure = self._confidence > (LOST if self._is_sure else SURE)
        return Beat(
            beat=begins and self._is_sure,
            bar=begins and self._is_sure and self._bars.is_first,
            beats=self._pulse.beats,
            bar_phase=self._bars.phase(self._pulse.beats % 1.0),
            bpm=60.0 * self._pulse.rate,
            confidence=self._confidence,
        )

    @property
    def _weight(self) -> float:
        """How much is going on, compared with the passage, 0..1: 0 in a break."""
        return min(max((self._recent / self._long - BREAK) / (PLAYING - BREAK), 0.0), 1.0)

    def _look(self) -> tuple[float, float]:
        weight = self._weight
        gain = self._pointer.step(self._hit, weight)
        self._score += weight * self._coef * (gain / self._pointer_s / CLEAR - self._score)
        self._known += weight * self._hit * gain - self._forget * self._known
        self._known = max(self._known, 0.0)
        self._hit = 0.0
        self._confidence = min(max(self._score, 0.0), 1.0) * min(self._known / KNOWN, 1.0)
        phase, rate = self._pointer.read(self._pulse.beats % 1.0)
        rate /= self._pointer_s
        return (phase + LATE_S * rate) % 1.0, rate
