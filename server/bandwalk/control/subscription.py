"""One subscription: its rate, and which parts of the state are due."""

import math
import threading
from collections.abc import Mapping, Sequence

from bandwalk.control.throttle import Pace
from bandwalk.params.controller import Controller
from bandwalk.params.row import Value

PART_S = 0.25
"""Seconds between the parts of a refresh of the state."""

OWN_S = 2.0
"""Seconds in which a refresh leaves out what the client has just set, so that a moving fader does not jump back."""


class Subscription:
    """One subscriber; its features, frames and changes may come from different threads.

    Args:
        controller: that subscribed; its own changes are not echoed to it.
        target:     an address, or the connected controller itself.
    """

    def __init__(self, controller: Controller, target: Controller) -> None:
        self.controller = controller
        self.target = target
        self.expires = 0.0
        self._steps, self._frames, self._routes, self._echoes = Pace(), Pace(), Pace(), Pace()
        self._hits: set[int] = set()
        self._changed: dict[str, Value] = {}
        self._own: dict[str, float] = {}
        self._lock = threading.Lock()
        self._whole_at = math.inf
        self._refresh_s = 0.0
        self._part_at = math.inf
        self._cursor = 0

    def arrange(self, rate: float, refresh_s: float, now: float) -> None:
        """Set the rates.

        Args:
            rate:      most features, frames, values of routes and echoes per second, each; 0: all of them.
            refresh_s: seconds in which the whole state is sent once more; 0: never.
            now:       the clock's time.
        """
        for pace in (self._steps, self._frames, self._routes, self._echoes):
            pace.rate = rate
        if refresh_s != self._refresh_s:
            self._refresh_s = refresh_s
            self._part_at = now + PART_S if refresh_s else math.inf

    def owe_whole(self, at: float) -> None:
        """Make the whole state due at a time."""
        self._whole_at = at

    def is_of(self, controller: object) -> bool:
        """Return whether this subscriber made a change."""
        if isinstance(self.controller, tuple):
            return controller in (self.controller, self.target)
        return self.controller.is_one_with(controller)

    @property
    def takes_all(self) -> bool:
        """Return whether it gets every step."""
        return not self._steps.rate

    def thin(self, numbers: Sequence[float], triggers: Sequence[int], now: float) -> list[float] | None:
        """Return a step's numbers if a step is due, with the hits of skipped steps; else None.

        Args:
            numbers:  in the order of their layout.
            triggers: positions of the hits among them.
            now:      the clock's time.
        """
        self._hits.update(i for i in triggers if numbers[i])
        if not self._steps.passes(now):
            return None
        thinned = [1 if i in self._hits else number for i, number in enumerate(numbers)]
        self._hits.clear()
        return thinned

    def frame_is_due(self, now: float) -> bool:
        """Return whether a frame's number may be sent now."""
        return self._frames.passes(now)

    def routes_are_due(self, now: float) -> bool:
        """Return whether the values of routes may be sent now."""
        return self._routes.passes(now)

    def note_own(self, address: str, now: float) -> None:
        """Note that this client has set a parameter itself."""
        with self._lock:
            self._own[address] = now
            self._changed.pop(address, None)

    def echo(self, address: str, value: Value, now: float) -> bool:
        """Return whether a change may be sent at once; if not, it waits for :meth:`take_changed`."""
        with self._lock:
            self._own.pop(address, None)
            if not self._changed and self._echoes.passes(now):
                return True
            self._changed[address] = value
            return False

    def take_changed(self, now: float) -> Mapping[str, Value]:
        """Return the newest waiting changes, if they are due."""
        with self._lock:
            if not self._changed or not self._echoes.passes(now):
                return {}
            changed, self._changed = self._changed, {}
            return changed

    def take_due(self, addresses: Sequence[str], now: float) -> Sequence[str]:
        """Return the addresses whose values are due now: all of them at the start, later a part in each turn."""
        if now >= self._whole_at:
            self._whole_at, self._cursor = math.inf, 0
            self._part_at = now + PART_S if self._refresh_s else math.inf
            return addresses
        if now < self._part_at:
            return ()
        self._part_at = now + PART_S
        count = math.ceil(len(addresses) * PART_S / self._refresh_s)
        begin = self._cursor if self._cursor < len(addresses) else 0
        self._cursor = begin + count
        return [address for address in addresses[begin : begin + count] if not self._is_own(address, now)]

    def _is_own(self, address: str, now: float) -> bool:
        with self._lock:
            since = self._own.get(address)
            if since is not None and now - since >= OWN_S:
                del self._own[address]
                since = None
            return since is not None
