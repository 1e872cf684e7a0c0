"""A bounded queue of sound between the sound card's thread and ours."""

import threading

import numpy as np


class Ring:
    """Holds the newest samples that one thread puts and a second one takes; the oldest are dropped.

    written: samples put since the start.
    position: of these, samples that were taken or dropped.
    """

    def __init__(self, capacity: int, channels: int) -> None:
        self._x = np.zeros((capacity, channels), np.float32)
        self._changed = threading.Condition()
        self._closed = False
        self._wanted = 0  # samples that a take waits for: it wakes up when they are there, not at each put
        self.written = 0
        self.position = 0

    def __len__(self) -> int:
        return self.written - self.position

    def put(self, x: np.ndarray) -> int:
        """Copy x [n, channels] in and return how many older samples were dropped."""
        capacity = len(self._x)
        newest = x[-capacity:]
        with self._changed:
            self.written += len(x)
            at = (self.written - len(newest)) % capacity
            head = min(len(newest), capacity - at)
            self._x[at : at + head] = newest[:head]
            self._x[: len(newest) - head] = newest[head:]
            dropped = max(0, len(self) - capacity)
            self.position += dropped
            if len(self) >= self._wanted:
                self._changed.notify()
        return dropped

    def take(self, n: int, timeout_s: float = 0.0) -> np.ndarray | None:
        """Return a copy of the oldest n samples, [n, channels]; None if they do not come in time."""
        with self._changed:
            self._wanted = n
            if not self._changed.wait_for(lambda: self._closed or len(self) >= n, timeout_s) or self._closed:
                return None
            at = self.position % len(self._x)
            self.position += n
            return np.concatenate([self._x[at : at + n], self._x[: max(0, at + n - len(self._x))]])

    def skip_to(self, n: int) -> None:
        """Drop the oldest samples until at most n are left."""
        with self._changed:
            self.position = max(self.position, self.written - n)

    def close(self) -> None:
        """End a :meth:`take` that is waiting; from now on it returns None."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
