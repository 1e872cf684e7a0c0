"""Threads of a show: named, ended together, and an error in one is reported and survived."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from bandwalk.records import Counters

T = TypeVar("T")

logger = logging.getLogger(__name__)

_REPORT_S = 1.0
_JOIN_S = 0.8


class ThreadGroup:
    """Threads that each do one thing over and over until stop is set."""

    def __init__(self, counters: Counters, stop: threading.Event) -> None:
        self.stop = stop
        self._counters = counters
        self._threads: list[tuple[threading.Thread, threading.Event]] = []
        self._again: dict[str, Callable[[], None]] = {}
        self._reported: dict[str, float] = {}

    def start(
        self,
        name: str,
        turn: Callable[[], object],
        begin: Callable[[], object] = lambda: None,
        *,
        left: threading.Event | None = None,
    ) -> None:
        """Run begin once and turn over and over on a thread of its own; turn waits by itself for what it works on.

        Args:
            left: set where the thread is left behind: it ends after the turn in which it may hang, unwaited for.
        """
        self._again[name] = partial(self.start, name, turn, begin, left=left)
        left = left or threading.Event()
        thread = threading.Thread(target=self._loop, args=(name, turn, begin, left), name=name, daemon=True)
        self._threads = [each for each in self._threads if not each[1].is_set()]
        self._threads.append((thread, left))
        thread.start()

    def dead(self) -> list[str]:
        """Return the names of the threads that have ended although the show goes on."""
        if self.stop.is_set():
            return []
        return [thread.name for thread, left in self._threads if not (thread.is_alive() or left.is_set())]

    def revive(self, name: str) -> bool:
        """Start a thread again that has ended."""
        self._threads = [each for each in self._threads if each[0].name != name or each[1].is_set()]
        self._again[name]()
        return True

    def join(self) -> list[str]:
        """End all threads within a second; return the names of those that did not end."""
        self.stop.set()
        deadline = time.monotonic() + _JOIN_S
        threads = [thread for thread, left in self._threads if not left.is_set()]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return [thread.name for thread in threads if thread.is_alive()]

    def _loop(self, name: str, turn: Callable[[], object], begin: Callable[[], object], left: threading.Event) -> None:
        begin()
        while not (self.stop.is_set() or left.is_set()):
            try:
                turn()
            except Exception as e:  # noqa: BLE001  the show goes on, whatever broke; it is counted and logged
                self._counters.add(f"error_{name}")
                self._report(name, e)
                self.stop.wait(0.01)

    def _report(self, name: str, error: Exception) -> None:
        now = time.monotonic()
        if now - self._reported.get(name, -_REPORT_S) >= _REPORT_S:
            self._reported[name] = now
            logger.error("%s: %s: %s; goes on", name, type(error).__name__, error)
            logger.debug("", exc_info=error)


class LatestWorker(Generic[T]):
    """Does what was asked for last, one thing at a time, on a thread of its own from the first one on.

    The thread stays: memory that torch and the C library keep for a thread is kept once, however often it works.

    Args:
        name: of the thread.
        do:   the work; what it raises is logged, and the next thing is done.
    """

    def __init__(self, name: str, do: Callable[[T], None]) -> None:
        self._name = name
        self._do = do
        self._wanted: list[T] = []  # none or one
        self._asked = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, thing: T) -> None:
        """Do this next; what was asked before and is not begun is forgotten."""
        with self._asked:
            self._wanted = [thing]
            self._asked.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    @property
    def is_asked(self) -> bool:
        """Whether something else waits to be done."""
        return bool(self._wanted)

    def _work(self) -> None:
        while True:
            with self._asked:
                self._asked.wait_for(lambda: self._wanted)
                thing = self._wanted.pop()
            try:
                self._do(thing)
            except Exception:  # the next request must find a worker, whatever broke this one
                logger.exception("%s: %s", self._name, thing)
            del thing  # it may hold a model, and the next one may be long in coming
