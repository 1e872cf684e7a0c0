"""Keeps the state of a show in a file, at most once a second, on a thread of its own: a slow disk delays nobody."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bandwalk.records import Counters
from bandwalk.show.state_file import State, write_state

KEEP_S = 1.0
"""Time between two looks at what has changed."""

logger = logging.getLogger(__name__)


class StateKeeper:
    """Writes what has changed.

    Args:
        folder:   of the file.
        read:     returns the state of the moment.
        stop:     ends the waiting; what has changed by then is written.
        counters: gets ``state_failed``: times that the file could not be written.
    """

    def __init__(self, folder: Path, read: Callable[[], State], stop: threading.Event, counters: Counters) -> None:
        self._folder = folder
        self._read = read
        self._stop = stop
        self._counters = counters
        self._written: State | None = None
        self._failed = ""

    def begin(self) -> None:
        """Remove what a process that was killed while it wrote has left behind."""
        for part in self._folder.glob(".*.part"):
            with suppress(OSError):
                part.unlink()

    def turn(self) -> None:
        """Wait a second and write what has changed since."""
        self._stop.wait(KEEP_S)
        state = self._read()
        if state == self._written:
            return
        try:
            write_state(self._folder, state)
        except OSError as e:
            self._counters.add("state_failed")
            reason = e.strerror or type(e).__name__
            if reason != self._failed:
                logger.error("--state %s: %s; goes on, and tries again", self._folder, reason)
            self._failed = reason
            return
        self._written, self._failed = state, ""
