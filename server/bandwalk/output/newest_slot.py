"""A place for one item that keeps the newest: late is worse than lost."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class NewestSlot(Generic[T]):
    """A queue of one between two threads."""

    def __init__(self) -> None:
        self._thing: T | None = None
        self._is_woken = False
        self._filled = threading.Condition()

    def put(self, thing: T) -> bool:
        """Put the newest in; return True if one that nobody took was dropped for it."""
        with self._filled:
            lost = self._thing is not None
            self._thing = thing
            self._filled.notify()
            return lost

    def take(self, timeout_s: float) -> T | None:
        """Take the newest; None if none comes in time or :meth:`wake` is called."""
        with self._filled:
            self._filled.wait_for(lambda: self._thing is not None or self._is_woken, timeout_s)
            self._is_woken = False
            thing, self._thing = self._thing, None
            return thing

    def wake(self) -> None:
        """End the present wait, or the next one, without an item."""
        with self._filled:
            self._is_woken = True
            self._filled.notify()
