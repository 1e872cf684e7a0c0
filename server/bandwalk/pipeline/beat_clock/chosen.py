"""The chosen clock: /beat/from says whom it follows, everything downstream sees its beat."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from bandwalk.pipeline.beat_clock.counter import Aim, Counter
from bandwalk.pipeline.beat_clock.midi_clock import TICKS, MidiClock
from bandwalk.pipeline.beat_clock.taps import RESET_S, Taps
from bandwalk.pipeline.beat_clock.timebase import MAX_BPM, MIN_BPM, Timebase
from bandwalk.records import LOST, SURE, Beat

FACTORS = {"x1": 1.0, "x2": 2.0, "/2": 0.5}
"""What /beat/divide makes of one beat."""

COAST_S = 60.0
"""If no beat is heard, beats go on this long at the last tempo: through a break, but not long after the music."""

LATE = 0.25
"""A tap that is later than the beat by up to this, in beats, belongs to it; another one is the next beat."""

_GRID = {"auto": 2, "link": 2, "midi": TICKS}
"""Parts of a beat to which a resync is rounded, because the clock is more exact than a finger.

Halves: the beat that was heard may be the offbeat. MIDI without a start message does not say which tick is a beat.
"""

_MAX_WAITING = 16


@dataclass(frozen=True, slots=True)
class ClockValues:
    """Plain values of ``/beat/*``. follows: that of ``/beat/from``; nudge_s: seconds, above 0: later."""

    follows: str = "auto"
    bpm: float = 120.0
    nudge_s: float = 0.0
    factor: float = 1.0
    beats_per_bar: int = 4


class BeatClock:
    """Turns the heard beat of each step into the chosen one.

    Args:
        step_s: length of an analysis step, seconds.
        bpm:    tempo until another one is known.

    Attributes:
        midi:  takes the messages of a MIDI clock.
        outer: what "link" and "midi" follow: each returns where the beat is, or None if it does not know.
        shown: position in the bar at the end of the newest step, without the nudge; None before the first step.
        steps: that were taken.
        noted: called with what comes from outside, in the step that takes it: "tap" or "resync" with its time, "line"
               with where the outer clock is, if that is new.
    """

    def __init__(self, step_s: float, bpm: float) -> None:
        self.midi = MidiClock()
        self.outer: dict[str, Callable[[], Timebase | None]] = {"midi": self.midi.read}
        self.shown: Timebase | None = None
        self._step_s = step_s
        self._counter = Counter()
        self._taps = Taps()
        self.steps = 0
        self.noted: Callable[[str, object], object] = lambda kind, what: None
        self._arrived = deque[tuple[str, float]](maxlen=2 * _MAX_WAITING)
        self._noted_line: Timebase | None = None
        self._tapped, self._ones = deque[float](maxlen=_MAX_WAITING), deque[float](maxlen=_MAX_WAITING)
        self._anchor: Timebase | None = None  # of the taps
        self._values = ClockValues(follows="")
        self._position, self._bpm = 0.0, bpm
        self._shift = 0.0  # beats that resyncs have put between the clock that is followed and the position
        self._run: int | None = None  # of the outer clock; None: it was not heard since it was chosen
        self._is_new = True  # no beat was heard since auto was chosen, or for a long time
        self._is_known = False  # the clock that is followed knows the beat now
        self._coasted_s = COAST_S

    def tap(self, t: float) -> None:
        """Take a tap at t, monotonic seconds; from any thread."""
        self._arrived.append(("tap", t))

    def resync(self, t: float) -> None:
        """Let a bar begin at t, monotonic seconds; from any thread."""
        self._arrived.append(("resync", t))

    def step(self, heard: Beat, t: float, values: ClockValues) -> Beat:
        """Return the chosen clock's beat for a step that ended at t, monotonic seconds."""
        self.steps += 1
        self._take_arrived()
        if values.follows != self._values.follows:
            self._choose(values.follows)
        self._values = values
        if values.follows == "auto":
            confidence, jump = self._hear(heard)
        elif values.follows == "manual":
            confidence, jump = self._count()
        elif values.follows == "tap":
            confidence, jump = self._follow_taps(t)
        else:
            confidence, jump = self._follow_outer(t)
        begins = self._begin_bar(t)
        rate = self._bpm / 60.0
        position = (self._position - values.nudge_s * rate) * values.factor
        aim = Aim(position, rate * values.factor, values.beats_per_bar, jump, begins)
        beat = self._counter.step(aim, self._step_s)
        if jump == 0.0 and begins is None and beat.phase > aim.rate * self._step_s:
            beat = replace(beat, beat=False, bar=False)  # it was before this clock was known
        return self._shown(beat, t, confidence)

    def _take_arrived(self) -> None:
        while self._arrived:
            kind, t = self._arrived.popleft()
            (self._tapped if kind == "tap" else self._ones).append(t)
            self.noted(kind, t)

    def _shown(self, beat: Beat, t: float, confidence: float) -> Beat:
        """Complete a beat; if none is known, it hits nothing."""
        values = self._values
        bpm = min(max(self._bpm * values.factor, MIN_BPM), MAX_BPM)
        self.shown = Timebase(t, beat.bar_phase * values.beats_per_bar + values.nudge_s * bpm / 60.0, bpm)
        self._coasted_s = 0.0 if self._is_known else self._coasted_s + self._step_s
        beat = replace(beat, bpm=bpm, confidence=confidence)
        return beat if self._coasted_s < COAST_S else replace(beat, beat=False, bar=False)

    def _choose(self, follows: str) -> None:
        """Follow a different clock, from where this one is."""
        self._shift, self._run, self._anchor = 0.0, None, None
        self._is_new, self._is_known = True, False
        self._taps.clear()

    def _advance(self) -> None:
        self._position += self._bpm / 60.0 * self._step_s

    def _hear(self, heard: Beat) -> tuple[float, float | None]:
        """Go to the heard beat, or on at the last tempo; return the confidence and what :attr:`Aim.jump` is to be."""
        self._advance()
        self._is_known = heard.confidence > (LOST if self._is_known else SURE)
        if not self._is_known:
            if self._coasted_s >= COAST_S:
                self._is_new, self._bpm = True, heard.bpm  # a guess, but there is no other
            return heard.confidence, None
        jump, self._is_new = 0.0 if self._is_new else None, False
        self._bpm = heard.bpm
        bar = self._values.beats_per_bar
        place = heard.phase + round(heard.bar_phase * bar - heard.phase) + self._shift
        self._position = place + bar * round((self._position - place) / bar)
        return heard.confidence, jump

    def _count(self) -> tuple[float, float | None]:
        """Go on at the tempo that was set; returns as :meth:`_hear`."""
        self._bpm, self._is_known = self._values.bpm, True
        self._advance()
        return 1.0, None

    def _follow_taps(self, t: float) -> tuple[float, float | None]:
        """Go on as tapped; returns as :meth:`_hear`."""
        self._advance()
        self._is_known, is_tapped = True, False
        while self._tapped and self._tapped[0] <= t:
            tap = self._tapped.popleft()
            if t - tap < RESET_S:  # else it was meant for an earlier moment, before another clock was chosen
                self._taps.add(tap)
                is_tapped = True
        if is_tapped:
            line = self._taps.read(self._bpm)
            reached = self._position - (t - line.t) * self._bpm / 60.0
            self._anchor = Timebase(line.t, math.floor(reached + 1.0 - LATE), line.bpm)
        if self._anchor is not None:
            self._position, self._bpm = self._anchor.at(t), self._anchor.bpm
        return 1.0, LATE if is_tapped else None

    def _follow_outer(self, t: float) -> tuple[float, float | None]:
        """Go to where Link or MIDI is, or on at the last tempo; returns as :meth:`_hear`."""
        self._advance()
        read = self.outer.get(self._values.follows)
        line = read() if read is not None else None
        if line != self._noted_line:
            self._noted_line = line
            self.noted("line", line)
        self._is_known = line is not None or self._run is not None
        if line is None:
            return float(self._is_known), None
        jump = 0.0 if line.run != self._run else None
        self._run, self._bpm = line.run, line.bpm
        self._position = line.at(t) + self._shift
        return 1.0, jump

    def _begin_bar(self, t: float) -> float | None:
        """Move the position so that a bar begins when it was asked for; return how many shown beats ago that was."""
        begun = None
        while self._ones and self._ones[0] <= t:
            begun = self._ones.popleft()
        if begun is None:
            return None
        since = (t - begun) * self._bpm / 60.0
        move, factor = since - self._position, self._values.factor
        grid = _GRID.get(self._values.follows, 0) * factor
        if grid:
            move = round(move * grid) / grid
            self._shift += move
        self._position += move
        if self._anchor is not None:
            self._anchor = replace(self._anchor, beats=self._anchor.beats + move)
        return since * factor
