"""Clocks, swappable: real for a show, stepped for offline work, manual for tests."""

import math
import threading
import time
from typing import Protocol

LATE_S = 0.05
"""An arrival that is later than this came in a burst, or samples before it were lost."""

LOST_S = 0.25
"""Where every arrival for so long was late, samples were lost: no burst lasts."""


class Clock(Protocol):
    """Monotonic seconds, and a way to wait for them."""

    def now(self) -> float:
        """Return the present time, seconds."""

    def sleep_until(self, t_s: float, wake: threading.Event | None = None) -> bool:
        """Wait until t_s; return early with True when wake is set."""


class RealClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def sleep_until(self, t_s: float, wake: threading.Event | None = None) -> bool:
        """Wait until t_s by the monotonic clock, or until wake is set."""
        left = t_s - time.monotonic()
        if wake is not None:
            return wake.wait(left) if left > 0 else wake.is_set()
        if left > 0:
            time.sleep(left)
        return False


class SteppedClock:
    """A clock for offline work: waiting moves it, nothing else does."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now = start_s

    def now(self) -> float:
        """Return the time last waited for."""
        return self._now

    def sleep_until(self, t_s: float, wake: threading.Event | None = None) -> bool:
        """Be at t_s at once."""
        self._now = max(self._now, t_s)
        return wake is not None and wake.is_set()


class ManualClock:
    """A clock for tests: it stands until :meth:`advance` moves it, and wakes who waits."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now = start_s
        self._moved = threading.Condition()

    def now(self) -> float:
        """Return the time set by the test."""
        return self._now

    def advance(self, dt_s: float) -> None:
        """Move the clock and wake all that wait."""
        with self._moved:
            self._now += dt_s
            self._moved.notify_all()

    def sleep_until(self, t_s: float, wake: threading.Event | None = None) -> bool:
        """Wait until the test has moved the clock to t_s, or wake is set."""
        with self._moved:
            while self._now < t_s and not (wake is not None and wake.is_set()):
                self._moved.wait(0.05)
        return wake is not None and wake.is_set()


class StreamClock:
    """Maps a stream's sample count to monotonic time, for a source whose blocks arrive in bursts.

    A block can come late, never early: the earliest arrivals tell the truth. The offset follows an earlier
    arrival at once and drifts towards later ones by at most ``leak`` seconds a second, so that a sound card
    that runs slow is followed and jitter is not. Samples that were lost (the count knows nothing of them) make
    all later arrivals late; the offset then starts anew.
    """

    def __init__(self, sample_rate: int, leak: float = 1e-3) -> None:
        self._sample_rate = sample_rate
        self._leak = leak
        self._offset: float | None = None
        self._late_since = math.inf
        self._last_n = 0

    def capture_time(self, n: int, arrival: float) -> float:
        """Return the monotonic time at which sample number n was captured, given when it arrived."""
        offset = arrival - n / self._sample_rate
        if self._offset is None or offset < self._offset or self._has_lost(offset - self._offset, arrival):
            self.reset()
            self._offset = offset
        else:
            room = (n - self._last_n) / self._sample_rate * self._leak
            self._offset += min(offset - self._offset, room)
        self._last_n = n
        return self._offset + n / self._sample_rate

    def reset(self) -> None:
        """Forget the mapping (the stream was interrupted, or lost samples)."""
        self._offset = None
        self._late_since = math.inf

    def _has_lost(self, late_s: float, arrival: float) -> bool:
        self._late_since = min(self._late_since, arrival) if late_s > LATE_S else math.inf
        return arrival - self._late_since > LOST_S
