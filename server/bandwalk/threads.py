"""Threads of a show: named, ended together, and an error in one is reported and survived."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from bandwalk.records import Counters

T = TypeVar("T")

logger = logging.getLogger(__name__)

_REPORT_S = 1.0
_JOIN_S = 0.8
_BEHIND = 10
"""Niceness of work beside the show: a tenth of a core where the show wants both."""


def stand_back() -> None:
    """Let the calling thread run behind the others, where the system can do that for one thread (Linux).

    For good: to come forward again takes privileges.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(_BEHIND, os.getpriority(os.PRIO_PROCESS, thread)))


class Crew:
    """Threads that each do one thing over and over until stop is set."""

    def __init__(self, counters: Counters, stop: threading.Event) -> None:
        self.stop = stop
        self._counters = counters
        self._threads: list[threading.Thread] = []
        self._reported: dict[str, float] = {}

    def start(self, name: str, turn: Callable[[], object], begin: Callable[[], object] = lambda: None) -> None:
        """Run begin once and turn over and over on a thread of its own; turn waits by itself for what it works on."""
        thread = threading.Thread(target=self._loop, args=(name, turn, begin), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> list[str]:
        """End all threads within a second; return the names of those that did not end."""
        self.stop.set()
        deadline = time.monotonic() + _JOIN_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _loop(self, name: str, turn: Callable[[], object], begin: Callable[[], object]) -> None:
        begin()
        while not self.stop.is_set():
            try:
                turn()
            except Exception as e:  # noqa: BLE001  the show goes on, whatever broke; it is counted and told
                self._counters.add(f"error_{name}")
                self._report(name, e)
                self.stop.wait(0.01)

    def _report(self, name: str, error: Exception) -> None:
        now = time.monotonic()
        if now - self._reported.get(name, -_REPORT_S) >= _REPORT_S:
            self._reported[name] = now
            logger.error("%s: %s: %s; goes on", name, type(error).__name__, error)
            logger.debug("", exc_info=error)


class Latest(Generic[T]):
    """Does what was asked for last, one thing at a time, on a thread of its own that lives while there is work.

    Args:
        name: of the thread.
        do:   the work; what it raises is logged, and the next thing is done.
    """

    def __init__(self, name: str, do: Callable[[T], None]) -> None:
        self._name = name
        self._do = do
        self._wanted: list[T] = []  # none or one
        self._lock = threading.Lock()
        self._busy = False

    def ask(self, thing: T) -> None:
        """Do this next; what was asked before and is not begun is forgotten."""
        with self._lock:
            self._wanted = [thing]
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._work, name=self._name, daemon=True).start()

    @property
    def is_asked(self) -> bool:
        """Tell whether something else waits to be done."""
        return bool(self._wanted)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._busy = False
                    return
                thing = self._wanted.pop()
            try:
                self._do(thing)
            except Exception:  # the next request must find a worker, whatever broke this one
                logger.exception("%s: %s", self._name, thing)
