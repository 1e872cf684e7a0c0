"""From the spectrum of each step to beat, bar, tempo and how sure they are."""

import math

import numpy as np

from bandwalk.analysis.beat.accents import Accents
from bandwalk.analysis.beat.bars import Bars
from bandwalk.analysis.beat.flux import Flux
from bandwalk.analysis.beat.passage import Kicks, Passage
from bandwalk.analysis.beat.periodicity import Periodicity
from bandwalk.analysis.beat.pointer import SHARE, BeatPointer
from bandwalk.analysis.beat.pulse import Pulse, Seen
from bandwalk.analysis.onset import OnsetDetector
from bandwalk.analysis.spectrum import BIN_HZ
from bandwalk.records import LOST, SURE, Beat, BeatValues
from bandwalk.units import tau_to_coef

POINTER_RATE = 100.0
"""The pointer moves about so often a second, whatever the step rate: its states grow with the square of it."""

LOW = 2
"""The lowest bands of the flux, up to 150 Hz: a kick is in them."""

ONSET_MIN = 0.3
"""Least rise of an onset, as a share of the strongest recent hit."""

LATE_S = 0.041
"""The middle of a hit, which lies in the middle of the share of a beat where hits are expected, is seen so late."""

FRESH_S = 0.15
"""Time constant with which a hit is forgotten: what the pointer sees counts when it has just heard something."""

VAGUE, CLEAR = 0.25, 0.5
"""How well music with a beat repeats: surely not, surely (measured: music 0.5 to 1, noise, speech, claps 0.1)."""

HASTE_S, PATIENCE_S = 0.2, 2.0
"""Another beat must be seen for so long before the pulse jumps to it: where no beat is known, and where one is."""

BETTER = 0.2
"""What repeats so much better at another tempo is not waited for."""

WORSE = 0.03
"""Without kicks, what repeats so much worse at another tempo is a rhythm against the beat: the known beat goes on."""

AGREE_S = 1.0
"""Time constant of how well pulse and pointer agree."""

COAST_S, SILENT_S = 25.0, 10.0
"""Time constants with which confidence falls in a break and in silence: beats go on for some 45 s, or 20 s."""

LEARN = 0.5
"""While no beat is known, nothing is a break: at least this much is learned."""

ABOUT = 0.98
"""So near to the slowest tempo a halved one is still in the range: it is not known to a hundredth."""

ALLOWED = 0.7
"""Beats shorter than this share of a halved tempo's are ruled out."""


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
        self._step = 0
        self._flux = Flux(step_rate)
        self._passage, self._kicks = Passage(self._dt_s), Kicks(self._dt_s)
        self._detector = OnsetDetector(step_rate, ONSET_MIN)
        self._pointer = self._to_pointer(values)
        self._periodicity = self._to_periodicity()
        self._pulse = Pulse(math.sqrt(values.lowest * values.highest) / 60.0)
        self._slowest = min(values.lowest, values.highest) / 60.0
        self._accents = Accents(self._dt_s)
        self._is_halved = False
        self._bars = Bars(values.beats_per_bar, BIN_HZ)
        self._keep_fresh = math.exp(-self._pointer_s / FRESH_S)
        self._hit = self._fresh = 0.0
        self._is_following = False
        self._repeats = self._agreement = self._confidence = 0.0
        self._is_sure = False
        self.flux = 0.0
        """How much begins in this step, compared with the strongest recent hit, 0..1."""
        self.onset = False
        """Whether a hit begins in this step."""

    def set(self, values: BeatValues) -> None:
        """Follow other values; a beat and a bar that fit them are kept."""
        self._bars.set(values.beats_per_bar)
        self._slowest = min(values.lowest, values.highest) / 60.0
        pointer = self._to_pointer(values)
        if not np.array_equal(pointer.lengths, self._pointer.lengths):
            self._pointer = pointer
            periodicity = self._to_periodicity()
            periodicity.take_over(self._periodicity)
            self._periodicity = periodicity
            self._is_halved = self._is_following = False  # it begins where the pulse is

    def _to_pointer(self, values: BeatValues) -> BeatPointer:
        lowest, highest = sorted((values.lowest, values.highest))
        shortest, longest = (60.0 / (bpm * self._pointer_s) for bpm in (highest, lowest))
        return BeatPointer(max(2, math.floor(shortest)), max(3, math.ceil(longest)))

    def _to_periodicity(self) -> Periodicity:
        return Periodicity(int(self._pointer.lengths[-1]), self._pointer_s)

    def step(self, power: np.ndarray, silence: float) -> Beat:
        """Return where the beat is at the end of one more step.

        Args:
            power:   of the short spectrum's bins, [BINS].
            silence: RMS under which all is silence, linear, over 0.
        """
        rises = self._flux.step(power, silence)
        self._passage.step(float(rises.sum()) / len(rises), self._flux.fall)
        low = float(rises[:LOW].sum()) / LOW
        self._kicks.step(low)
        self.flux = self._passage.hit
        self.onset = self._detector.step(self.flux)
        self._hit = max(self._hit, self.flux)
        self._step += 1
        seen = None
        if self._step % self._stride == 0:
            weight = max(self._passage.weight, 0.0 if self._is_sure else LEARN)
            seen = self._look(weight, is_silent=self._flux.loudness <= silence)
        begins = self._go_on(seen)
        self._bars.hear(power, low, self._pulse.beats, begins=begins, plays=self._passage.weight > 0.0)
        self._is_sure = self._confidence > (LOST if self._is_sure else SURE)
        return Beat(
            beat=begins and self._is_sure,
            bar=begins and self._is_sure and self._bars.is_first,
            beats=self._pulse.beats,
            bar_phase=self._bars.phase(self._pulse.beats % 1.0),
            bpm=60.0 * self._pulse.rate,
            confidence=self._confidence,
        )

    def _go_on(self, seen: Seen | None) -> bool:
        """Move the pulse on; return whether a beat begins."""
        pulse, jumps = self._pulse, self._pulse.jumps
        begins = pulse.step(self._dt_s, seen)
        beats = pulse.beats - LATE_S / 2.0 * pulse.rate
        if pulse.jumps > jumps:
            self._accents.look_back(beats, pulse.rate * self._dt_s)
        self._accents.step(beats, self.flux)
        if begins:
            self._settle_octave()
        return begins

    def _look(self, weight: float, *, is_silent: bool) -> Seen:
        """Move the pointer on and return what is seen; in a break nothing is learned, and confidence falls slowly."""
        hit, self._hit = self._hit, 0.0
        self._fresh = max(hit, self._keep_fresh * self._fresh)
        if weight > 0.0:
            seen = self._follow(hit, weight)
        else:
            self._is_following = False
            self._agreement *= math.exp(-self._pointer_s / (SILENT_S if is_silent else COAST_S))
            seen = Seen(0.0, 1.0, 0.0, 0.0)
        self._confidence = self._repeats * max(self._agreement, 0.0) * self._passage.struck
        return seen

    def _follow(self, hit: float, weight: float) -> Seen:
        pulse = self._pulse
        if not self._is_following:
            self._is_following = True
            self._pointer.start(pulse.beats % 1.0, pulse.rate * self._pointer_s, self._confidence)
        self._pointer.step(hit, weight)
        self._periodicity.step(hit, weight)
        phase, rate = self._pointer.read(pulse.beats % 1.0)
        own = self._periodicity.read(1.0 / (pulse.rate * self._pointer_s))
        other = self._periodicity.read(1.0 / rate)
        self._repeats = _surely(own)
        rate /= self._pointer_s
        phase = (phase - SHARE / 2.0 + LATE_S * rate) % 1.0
        is_far = pulse.is_far_from(phase, rate)
        if is_far and self._is_sure and self._kicks.are_missing and own > CLEAR and own - other > WORSE:
            self._agreement *= math.exp(-self._pointer_s / COAST_S)
            return Seen(phase, rate, 0.0, PATIENCE_S)
        agrees = 0.0 if is_far else math.cos(2.0 * math.pi * pulse.off(phase))
        self._agreement += tau_to_coef(AGREE_S, self._pointer_s) * weight * (agrees - self._agreement)
        patience = self._confidence * min(max(1.0 - (other - own) / BETTER, 0.0), 1.0)
        return Seen(phase, rate, weight * _surely(other) * self._fresh, HASTE_S + (PATIENCE_S - HASTE_S) * patience)

    def _settle_octave(self) -> None:
        """Halve a tempo whose every other beat is half a beat; allow it again where that is no longer so."""
        pulse = self._pulse
        if self._is_halved and (self._accents.are_full or self._confidence < LOST):
            self._is_halved = False
            self._pointer.bar(0.0)
        elif self._is_sure and pulse.rate / 2.0 >= ABOUT * self._slowest and self._accents.are_halves:
            self._is_halved = True
            pulse.jump(self._accents.halved(pulse.beats), pulse.rate / 2.0)
            self._pointer.bar(ALLOWED / (pulse.rate * self._pointer_s))
            self._is_following = False
            self._accents.reset()
            self._bars.forget()


def _surely(repeats: float) -> float:
    """Return how surely what repeats so well has a beat, 0..1."""
    return min(max((repeats - VAGUE) / (CLEAR - VAGUE), 0.0), 1.0)
