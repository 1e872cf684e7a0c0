"""A place for one thing that keeps the newest: late is worse than lost."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """A queue of one between two threads."""

    def __init__(self) -> None:
        self._thing: T | None = None
        self._filled = threading.Condition()

    def put(self, thing: T) -> bool:
        """Put the newest in; return True where one that nobody took was lost for it."""
        with self._filled:
            lost = self._thing is not None
            self._thing = thing
            self._filled.notify()
            return lost

    def take(self, timeout_s: float) -> T | None:
        """Take the newest, or None when none comes in time."""
        with self._filled:
            self._filled.wait_for(lambda: self._thing is not None, timeout_s)
            thing, self._thing = self._thing, None
            return thing
