"""Events that have arrived and are not acted on yet: bounded, and of each control the newest counts."""

import threading

from bandwalk.control.midi.messages import Control, Event
from bandwalk.records import Counters

MAX_CONTROLS = 1024
"""Most controls whose events wait; of more, the one that waits longest is dropped."""

MAX_TURNS = 16
"""Most events of one control that wait: a button that goes down and up faster than it is heard."""


class Waiting:
    """The queue between the threads of the devices and the one that acts.

    Of a knob's way only the two ends wait: whether it has passed its parameter is seen from them. What goes up or down
    through the middle is kept in its order, because buttons send 127 and 0; so is every press of a key.

    Args:
        counters: gets ``midi_dropped``.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._events: dict[Control, list[Event]] = {}  # the control that moved first stands first
        self._filled = threading.Condition()
        self._is_closed = False

    def put(self, events: list[Event]) -> None:
        """Add events; never waits for who acts."""
        with self._filled:
            for event in events:
                self._add(event)
            self._filled.notify()

    def take(self, timeout_s: float = float("inf")) -> list[Event] | None:
        """Wait for events, no longer than a time, and return all of them; None once closed."""
        with self._filled:
            longest = min(max(0.0, timeout_s), threading.TIMEOUT_MAX)
            self._filled.wait_for(lambda: self._events or self._is_closed, longest)
            if self._is_closed:
                return None
            taken, self._events = self._events, {}
            return [event for events in taken.values() for event in events]

    def close(self) -> None:
        """Let :meth:`take` return None."""
        with self._filled:
            self._is_closed = True
            self._filled.notify_all()

    def _add(self, event: Event) -> None:
        waiting = self._events.setdefault(event.control, [])
        is_on_its_way = len(waiting) >= 2 and waiting[-2].is_down == waiting[-1].is_down == event.is_down
        if is_on_its_way and not (event.control.is_key and event.is_down):
            waiting[-1] = event
            return
        waiting.append(event)
        if len(waiting) > MAX_TURNS:
            del waiting[0]
            self._counters.add("midi_dropped")
        if len(self._events) > MAX_CONTROLS:
            del self._events[next(iter(self._events))]
            self._counters.add("midi_dropped")
