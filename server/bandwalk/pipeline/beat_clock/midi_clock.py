"""The beat in MIDI's clock messages.

Source: MIDI 1.0 Detailed Specification, System Real Time Messages: 24 clocks a quarter note; the first clock after
Start or Continue is the position that is started from. A song position says where Continue goes on.
"""

import threading
from collections import deque

from bandwalk.pipeline.beat_clock.timebase import Timebase, fit

TICKS = 24
"""Clock messages in a beat."""

WINDOW = 8 * TICKS
"""Ticks that count: with 1 ms of jitter the tempo is right to a few hundredths of a beat per minute."""

FEW = TICKS // 2
"""From so many ticks a tempo is known; so many newest ones tell whether it has changed."""

CHANGED_S = 0.003
"""If the newest ticks are off by this on average, the tempo has changed: the older ones are forgotten."""

LOST_S = 0.5
"""After a longer pause the clock was lost; ticks after it are counted anew, from where the beat has come meanwhile."""


class MidiClock:
    """Follows the ticks of one sender; a clock that stops sending goes on at its last tempo.

    :meth:`take` and :meth:`read` may be called from different threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ticks: deque[tuple[float, float]] = deque(maxlen=WINDOW)  # (position in beats, monotonic seconds)
        self._line: Timebase | None = None
        self._bpm = 0.0  # of the last line; 0: none yet
        self._next: float | None = None  # position of the next tick after start or continue
        self._begun = 0.0  # position of the first tick that counts
        self._stopped_at = 0.0
        self._runs = 0
        self._is_new = False

    def take(self, kind: str, t: float, beats: float = 0.0) -> None:
        """Note a message.

        Args:
            kind:  "tick", "start", "continue", "stop" or "position".
            t:     when it arrived, monotonic seconds.
            beats: of a position, since the start of the song.
        """
        with self._lock:
            if kind == "tick":
                self._tick(t)
            elif kind == "start":
                self._next = 0.0
            elif kind == "continue":
                self._next = self._stopped_at
            elif kind == "position":
                self._stopped_at = beats
            elif kind == "stop" and self._ticks:
                self._stopped_at = self._ticks[-1][0] + 1 / TICKS

    def read(self) -> Timebase | None:
        """Return where the beat is; None until a tempo is known."""
        with self._lock:
            if self._is_new:
                self._is_new = False
                self._line = self._fitted()
            return self._line

    def _tick(self, t: float) -> None:
        if self._ticks and t - self._ticks[-1][1] > LOST_S:
            self._begin(self._gone_on(t))
        if self._next is not None:
            self._begin(self._next)
            self._runs += 1
            self._next = None
        position = self._ticks[-1][0] + 1 / TICKS if self._ticks else self._begun
        self._ticks.append((position, t))
        self._is_new = True

    def _begin(self, position: float) -> None:
        """Count anew from a position; the tempo stays until there are enough ticks."""
        if len(self._ticks) >= FEW:
            self._bpm = fit(*zip(*self._ticks, strict=True)).bpm
        self._ticks.clear()
        self._begun = position

    def _gone_on(self, t: float) -> float:
        """Return the tick nearest to where the lost clock is at t."""
        line = self._line
        position = line.at(t) if line is not None else self._ticks[-1][0]
        return round(position * TICKS) / TICKS

    def _fitted(self) -> Timebase | None:
        if len(self._ticks) < FEW:
            return self._early()
        line = fit(*zip(*self._ticks, strict=True))
        late = [t - line.t - (x - line.beats) * 60.0 / line.bpm for x, t in list(self._ticks)[-FEW:]]
        if abs(sum(late)) > CHANGED_S * FEW and len(self._ticks) > FEW:
            for _ in range(len(self._ticks) - FEW):
                self._ticks.popleft()
            line = fit(*zip(*self._ticks, strict=True))
        self._bpm = line.bpm
        return Timebase(line.t, line.beats, line.bpm, self._runs)

    def _early(self) -> Timebase | None:
        """Return the beat after a new begin: the tempo from before, the phase of the few ticks."""
        if not self._bpm:
            return None
        late = [t - x * 60.0 / self._bpm for x, t in self._ticks]
        last = self._ticks[-1][0]
        return Timebase(sum(late) / len(late) + last * 60.0 / self._bpm, last, self._bpm, self._runs)
