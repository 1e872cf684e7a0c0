"""Delays pictures, so that they match the sound of a PA that is later."""

from collections import deque
from typing import Generic, TypeVar

from bandwalk.clock import Clock
from bandwalk.records import Counters

T = TypeVar("T")


class DelayLine(Generic[T]):
    """A bounded queue whose items are due some time after they were put, in the same order.

    The delay is given when an item is taken, not when it is put: a new delay also holds for waiting items, so that none
    overtakes another one. A longer delay keeps the last picture until a waiting one is due; a shorter one skips to the
    newest that is due (late is worse than lost).

    Args:
        clock:    for the times.
        capacity: most items; beyond it the oldest is dropped.
        counters: count dropped and skipped items under "delay".
    """

    def __init__(self, clock: Clock, *, capacity: int, counters: Counters) -> None:
        self._clock = clock
        self._counters = counters
        self._held: deque[tuple[float, T]] = deque(maxlen=capacity)

    def __len__(self) -> int:
        return len(self._held)

    def put(self, item: T) -> None:
        """Put an item in."""
        if len(self._held) == self._held.maxlen:
            self._counters.add("delay")
        self._held.append((self._clock.now(), item))

    def take(self, delay_s: float) -> T | None:
        """Return the newest item that has waited for delay_s, and drop the older ones; None if none is due."""
        due = self._clock.now() - delay_s
        newest: T | None = None
        taken = 0
        while self._held and self._held[0][0] <= due:
            newest = self._held.popleft()[1]
            taken += 1
        if taken > 1:
            self._counters.add("delay", taken - 1)
        return newest

    def next_due(self, delay_s: float) -> float | None:
        """Return the clock's time at which the next item is due; None if the queue is empty."""
        return self._held[0][0] + delay_s if self._held else None
