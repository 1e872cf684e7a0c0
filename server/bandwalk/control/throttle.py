"""Throttle: a few times a second and no more, however often something happens."""

import threading
from collections import deque

from bandwalk.clock import Clock


class Throttle:
    """Lets something pass so many times in any second; safe from any thread.

    Args:
        limit: times a second.
        clock: tells when they were.
    """

    def __init__(self, limit: int, *, clock: Clock) -> None:
        self._clock = clock
        self._passed: deque[float] = deque(maxlen=limit)  # when, by the clock
        self._passing = threading.Lock()

    def passes(self) -> bool:
        """Tell whether one more may pass now, and count it if so."""
        with self._passing:
            now = self._clock.now()
            if len(self._passed) == self._passed.maxlen and now - self._passed[0] < 1.0:
                return False
            self._passed.append(now)
            return True
