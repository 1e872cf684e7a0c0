"""Limits how often something may happen per second."""

import threading
from collections import OrderedDict, deque

from bandwalk.clock import Clock

MAX_SENDERS = 256
"""Most controllers with a limit each; beyond it the one that was quiet for longest is forgotten."""


class Throttle:
    """Lets something pass at most ``limit`` times in any second; callable from any thread.

    Args:
        limit: times per second.
        clock: for the times.
    """

    def __init__(self, limit: int, *, clock: Clock) -> None:
        self._clock = clock
        self._passed: deque[float] = deque(maxlen=limit)  # the clock's times
        self._passing = threading.Lock()

    def passes(self) -> bool:
        """Return whether one more may pass now, and count it if so."""
        with self._passing:
            now = self._clock.now()
            if len(self._passed) == self._passed.maxlen and now - self._passed[0] < 1.0:
                return False
            self._passed.append(now)
            return True


class Throttles:
    """A :class:`Throttle` for each controller, so that a noisy one does not mute others."""

    def __init__(self, limit: int, *, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._throttles: OrderedDict[object, Throttle] = OrderedDict()
        self._finding = threading.Lock()

    def passes(self, sender: object) -> bool:
        """Return whether one more of this controller may pass now, and count it if so."""
        with self._finding:
            throttle = self._throttles.pop(sender, None) or Throttle(self._limit, clock=self._clock)
            self._throttles[sender] = throttle  # the newest at the end
            if len(self._throttles) > MAX_SENDERS:
                self._throttles.popitem(last=False)
        return throttle.passes()


class Pace:
    """Lets something pass at most ``rate`` times per second, evenly; 0: always. For use by one thread."""

    def __init__(self) -> None:
        self.rate = 0.0
        self._due = 0.0

    def passes(self, now: float) -> bool:
        """Return whether one may pass now, and count it if so."""
        if not self.rate:
            return True
        if now < self._due:
            return False
        period = 1.0 / self.rate
        self._due = self._due + period if now < self._due + period else now + period  # unevenness does not lower it
        return True
