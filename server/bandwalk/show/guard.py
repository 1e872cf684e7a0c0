"""Watches the threads that a show cannot do without: one that has ended is started again, once a minute at most.

Errors in a turn of a thread are survived by the thread itself. What ends one all the same is an error of our own that
nobody foresaw, or the system's (no memory, a socket that is gone). If it cannot be started again, or ends again at
once, the show is over, and the process ends with :data:`EXIT_BROKEN`: a supervisor starts it anew.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from bandwalk.errors import BandwalkError

EXIT_BROKEN = 70
"""Exit status of a show that a supervisor should start again (EX_SOFTWARE of sysexits.h)."""

AGAIN_S = 60.0
"""A thread that ends again within this time is not started again."""

END_S = 3.0
"""How long a broken show may take to close."""

logger = logging.getLogger(__name__)


class BrokenShowError(BandwalkError):
    """A thread that the show needs has ended and cannot be started again."""

    exit_status = EXIT_BROKEN


class HasThreads(Protocol):
    """A part with threads that must not end."""

    def dead(self) -> Sequence[str]:
        """Return the names of its threads that have ended although nobody has asked them to."""

    def revive(self, name: str) -> bool:
        """Start a thread again; return False if it cannot be."""


class Guard:
    """Looks at all parts, from one thread.

    Args:
        parts:    whose threads are watched.
        now:      returns monotonic seconds.
    """

    def __init__(self, parts: Sequence[HasThreads], now: Callable[[], float]) -> None:
        self._parts = parts
        self._now = now
        self._revived: dict[str, float] = {}
        self.restarts = 0
        """Threads that were started again."""

    def turn(self) -> None:
        """Start again what has ended.

        Raises:
            BrokenShowError: it cannot be, or has ended twice within a minute.
        """
        for part in self._parts:
            for name in part.dead():
                self._revive(part, name)

    def _revive(self, part: HasThreads, name: str) -> None:
        now = self._now()
        if now - self._revived.get(name, -AGAIN_S) < AGAIN_S:
            raise BrokenShowError(f"the {name} thread has ended twice within {AGAIN_S:.0f} s; the show is over")
        if not part.revive(name):
            raise BrokenShowError(f"the {name} thread has ended and cannot be started again; the show is over")
        self._revived[name] = now
        self.restarts += 1
        logger.error("the %s thread has ended; it was started again", name)


def end_anyway() -> None:
    """End the process soon, whatever hangs while the broken show is closed."""
    timer = threading.Timer(END_S, os._exit, [EXIT_BROKEN])
    timer.daemon = True
    timer.start()


@contextmanager
def reported_ends() -> Iterator[None]:
    """Log what ends a thread as one line, while the body runs; with a traceback where that is asked for."""

    def report(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread is not None else "a"
        logger.error("the %s thread ends: %s: %s", name, args.exc_type.__name__, args.exc_value)
        logger.debug("", exc_info=args.exc_value)

    before = threading.excepthook
    threading.excepthook = report
    try:
        yield
    finally:
        threading.excepthook = before
