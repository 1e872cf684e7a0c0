"""MIDI clock: the ticks of one device, with the time at which they came."""

from collections.abc import Callable
from typing import Any

from bandwalk.clock import Clock

KINDS = {"clock": "tick", "start": "start", "continue": "continue", "stop": "stop", "songpos": "position"}
"""Kinds of messages by mido's names."""

SILENT_S = 2.0
"""After this time without a tick, another device may lead."""

A_BEAT = 4
"""A song position counts sixteenths (MIDI 1.0 Detailed Specification, Song Position Pointer: six clocks each)."""

OnClock = Callable[[str, float, float], None]
"""Takes (kind, monotonic seconds, beats) of a message; kinds: tick, start, continue, stop, position. Must not wait.

beats: of a position, since the start of the song; of the others 0.
"""


class ClockIn:
    """Passes on the clock of the device that leads: the first that ticks, as long as it does.

    Args:
        take:  gets each message, in the thread of the device.
        clock: for the times.
    """

    def __init__(self, take: OnClock, clock: Clock) -> None:
        self._take = take
        self._clock = clock
        self._leader = ""
        self._ticked = 0.0

    def hear(self, device: str, message: Any) -> bool:
        """Pass a message on if it is one of the clock; return whether it is."""
        kind = KINDS.get(message.type)
        if kind is None:
            return False
        now = self._clock.now()
        if device != self._leader and (not self._leader or now - self._ticked > SILENT_S):
            self._leader = device
        if device == self._leader:
            self._ticked = now
            self._take(kind, now, getattr(message, "pos", 0) / A_BEAT)
        return True
