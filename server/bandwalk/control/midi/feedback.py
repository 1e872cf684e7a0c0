"""What parameters are is shown on the devices: motor faders move, LEDs light."""

import logging
import threading
from collections.abc import Callable

from bandwalk.clock import Clock
from bandwalk.control.midi.messages import FINE, MAX_RAW, Control, Event, to_raw

TURN_S = 0.01
"""Shortest time between two rounds: a hundred movements a second are smooth."""

ECHO_S = 0.1
"""A key that comes back the same within this time was not pressed: a loop returns what was sent."""

MAX_WAITING = 1024
"""Most controls that wait to be shown."""

Send = Callable[[Control, list[list[int]]], None]
"""Sends messages, each as its bytes, to a control's device; may take long, may fail with OSError."""

logger = logging.getLogger(__name__)


class Feedback:
    """Sends the newest position of each control, on a thread of its own: a device may take long.

    Args:
        send:  sends to a device.
        clock: for the pace, and to know an echo.
    """

    def __init__(self, send: Send, clock: Clock) -> None:
        self._send = send
        self._clock = clock
        self._waiting: dict[Control, int] = {}
        self._sent: dict[Control, tuple[int, float]] = {}  # {control: (raw, time)}
        self._filled = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="midi-out", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def show(self, control: Control, position: float) -> None:
        """Show a position, 0..1, on a control; never waits."""
        with self._filled:
            self._waiting.pop(control, None)
            self._waiting[control] = to_raw(min(1.0, max(0.0, position)), MAX_RAW[control.kind])
            if len(self._waiting) > MAX_WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._filled.notify()

    def is_echo(self, event: Event) -> bool:
        """Return whether an event only brings back what was sent to its control.

        A motor fader that reports where it was moved to, or a cable from the output back to the input.
        """
        with self._filled:
            raw, at = self._sent.get(event.control, (-1, 0.0))
        return raw == event.raw and (not event.control.is_key or self._clock.now() - at < ECHO_S)

    def moved(self, event: Event) -> None:
        """Note that a hand has moved a control: it no longer stands where it was sent to."""
        with self._filled:
            self._sent.pop(event.control, None)

    def forget(self, device: str) -> None:
        """Forget a device that was pulled out."""
        with self._filled:
            for table in (self._waiting, self._sent):
                for control in [control for control in table if control.device == device]:
                    del table[control]

    def close(self) -> None:
        """Send no more; do not wait for a device that hangs."""
        with self._filled:
            self._is_closed = True
            self._filled.notify_all()

    def _work(self) -> None:
        while True:
            with self._filled:
                self._filled.wait_for(lambda: self._waiting or self._is_closed)
                if self._is_closed:
                    return
                waiting, self._waiting = self._waiting, {}
                now = self._clock.now()
                self._sent.update({control: (raw, now) for control, raw in waiting.items()})
            for control, raw in waiting.items():
                try:
                    self._send(control, to_messages(control, raw))
                except (OSError, ValueError) as e:  # it was pulled out: the next look at the ports sees that
                    logger.debug("showing %s on %s: %s", control.name, control.device, e)
            self._clock.sleep_until(now + TURN_S)


def to_messages(control: Control, raw: int) -> list[list[int]]:
    """Return the MIDI messages that show a number on a control, as bytes."""
    channel, number = control.channel - 1, control.number
    cc, upper, lower = 0xB0 | channel, raw >> 7, raw & 127
    if control.kind == "note":
        return [[0x90 | channel, number, raw]]
    if control.kind == "bend":
        return [[0xE0 | channel, lower, upper]]
    if control.kind == "cc14":
        return [[cc, number, upper], [cc, number + FINE, lower]]
    if control.kind == "nrpn":
        return [[cc, 99, number >> 7], [cc, 98, number & 127], [cc, 6, upper], [cc, 38, lower]]
    return [[cc, number, raw]]
