"""Holds pictures back, so that they meet the sound of a PA that is later than they are."""

from collections import deque
from typing import Generic, TypeVar

from bandwalk.clock import Clock
from bandwalk.records import Counters

T = TypeVar("T")


class DelayLine(Generic[T]):
    """A bounded queue whose items come due a while after they were put, in the order in which they were put.

    The delay is asked for on the way out, not stamped on the way in: a new delay acts on what is held already,
    so nothing is overtaken. A longer delay rests on the last picture until the held ones come due; a shorter
    one goes straight to the newest that is due (late is worse than lost).

    Args:
        clock:    Tells when an item was put, and what is due.
        capacity: Most items held; beyond it the oldest is dropped.
        counters: Counts under "delay" the items that were dropped or passed over.
    """

    def __init__(self, clock: Clock, *, capacity: int, counters: Counters) -> None:
        self._clock = clock
        self._counters = counters
        self._held: deque[tuple[float, T]] = deque(maxlen=capacity)

    def __len__(self) -> int:
        return len(self._held)

    def put(self, item: T) -> None:
        """Hold an item from now on."""
        if len(self._held) == self._held.maxlen:
            self._counters.add("delay")
        self._held.append((self._clock.now(), item))

    def take(self, delay_s: float) -> T | None:
        """Return the newest item that has been held for delay_s, and forget the older ones; None if none is due."""
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
        """Return the clock's time at which the next item comes due; None where nothing is held."""
        return self._held[0][0] + delay_s if self._held else None
