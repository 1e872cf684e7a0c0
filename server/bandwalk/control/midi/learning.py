"""Learning: which control is meant by the hand that moves it."""

import threading

from bandwalk.clock import Clock
from bandwalk.control.midi.messages import FINE, Control, Event
from bandwalk.control.midi.targets import Target
from bandwalk.params.controller import Controller

LEARN_S = 30.0
"""Seconds after which nothing is learned any more: a knob that is moved much later has another meaning."""

PAIR_S = 0.1
"""Longest time between the halves of a 14-bit number, seconds."""


class Learning:
    """Waits for the control of one target.

    A key counts when it is pressed. A knob counts with its second message: one alone may be a worn knob that jumps. If
    both halves of a 14-bit number come, the control is the 14-bit one.

    Args:
        clock: ends what nobody answers.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wanted: tuple[Target, Controller] | None = None
        self._since = 0.0
        self._heard: dict[Control, float] = {}  # time of the newest message of each control

    @property
    def wanted(self) -> tuple[Target, Controller] | None:
        """The target that waits for a control, and who asked for it."""
        wanted = self._wanted
        return None if self._clock.now() - self._since > LEARN_S else wanted

    def is_over(self) -> bool:
        """Stop if nobody moved a control in time; return whether it was so."""
        with self._lock:
            is_late = self._wanted is not None and self._clock.now() - self._since > LEARN_S
            if is_late:
                self._wanted = None
            return is_late

    def begin(self, target: Target, controller: Controller) -> None:
        """Wait for the control of a target, instead of an earlier one."""
        with self._lock:
            self._wanted, self._since, self._heard = (target, controller), self._clock.now(), {}

    def stop(self) -> None:
        """Wait no longer."""
        with self._lock:
            self._wanted = None

    def hear(self, event: Event) -> Control | None:
        """Return the control that is meant, once that is known."""
        control, now = event.control, self._clock.now()
        if control.is_key:
            return control if event.is_down else None
        if control.kind == "cc14":  # its halves say more
            return None
        is_second = control in self._heard
        self._heard[control] = now
        return self._whole(control, now) if is_second else None

    def _whole(self, control: Control, now: float) -> Control:
        """Return the 14-bit control of a half whose other half has just come, or the control itself."""
        if control.kind != "cc" or control.number >= 2 * FINE:
            return control
        other = control._replace(number=(control.number + FINE) % (2 * FINE))
        if now - self._heard.get(other, -PAIR_S) >= PAIR_S:
            return control
        return control._replace(kind="cc14", number=control.number % FINE)
