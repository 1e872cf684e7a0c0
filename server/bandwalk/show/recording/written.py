"""A thread that writes to a disk what a show hands it: bounded, and nobody ever waits for it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import av

from bandwalk.machine import lower_priority
from bandwalk.records import Counters

T = TypeVar("T")
Taken_contra = TypeVar("Taken_contra", contravariant=True)

MAX_WAITING, MAX_BYTES = 2000, 64 * 1024 * 1024
"""Things that wait for the disk, and their bytes: some seconds of a show. What is more is dropped and counted."""

FLUSH_S = 0.5
"""Time after which what was written is in the file: what a kill -9 may cost."""

_JOIN_S = 0.6

logger = logging.getLogger(__name__)


class Sink(Protocol[Taken_contra]):
    """Writes things; its methods are called by one thread, and raise OSError or av.FFmpegError where that fails."""

    def write(self, thing: Taken_contra) -> None:
        """Write a thing."""

    def flush(self) -> None:
        """Bring all that was written into the file."""

    def close(self) -> None:
        """End the file."""


class Written(Generic[T]):
    """Hands things to a sink on a thread of its own.

    Args:
        name:    of the thread, and of what is counted as lost.
        failed:  called with one line if the sink fails; it gets nothing more.
    """

    def __init__(self, name: str, sink: Sink[T], counters: Counters, failed: Callable[[str], object]) -> None:
        self._name, self._sink, self._counters, self._failed = name, sink, counters, failed
        self._things: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._is_closed = False
        self.is_over = False
        """Whether it writes no more."""
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def put(self, thing: T, size: int) -> bool:
        """Take a thing of so many bytes; return whether there was room."""
        with self._changed:
            if self.is_over or self._is_closed:
                return True
            if len(self._things) >= MAX_WAITING or self._bytes + size > MAX_BYTES:
                self._counters.add(self._name)
                return False
            self._things.append((thing, size))
            self._bytes += size
            if len(self._things) == 1:
                self._changed.notify()
        return True

    def close(self, wait_s: float = _JOIN_S) -> None:
        """End the file once all is written; wait for that no longer than said."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join(wait_s)

    def _work(self) -> None:
        lower_priority()
        try:
            self._write_all()
        except (OSError, av.FFmpegError, ValueError) as e:
            self._failed(getattr(e, "strerror", None) or str(e) or type(e).__name__)
        finally:
            with self._changed:
                self.is_over = True
                self._things.clear()

    def _write_all(self) -> None:
        t_flushed = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._things or self._is_closed, FLUSH_S)
                things, self._things, self._bytes = self._things, deque(), 0
                is_last = self._is_closed
            for thing, _ in things:
                self._sink.write(thing)
            if is_last:
                self._sink.close()
                return
            if time.monotonic() - t_flushed >= FLUSH_S:
                self._sink.flush()
                t_flushed = time.monotonic()
