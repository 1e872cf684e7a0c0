"""SIGINT and SIGTERM for a program that checks between two frames whether to end.

They set a plain flag: an exception could be raised where it is swallowed (in a finalizer, in a callback), and the
interrupted code may hold an event's lock. They also work if SIGINT was ignored at the start, as in background jobs of
a shell.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Whether the program should end.

    is_asked: a signal has arrived.
    """

    def __init__(self) -> None:
        self.is_asked = False


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Yield the object that the first signal sets; a second one ends the process at once. Only for the main thread."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return

    def end(number: int, frame: object) -> None:
        for name in _NAMES:  # first of all: the second signal may come now
            signal.signal(name, signal.SIG_DFL)
        ending.is_asked = True

    before = {name: signal.signal(name, end) for name in _NAMES}
    try:
        yield ending
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
