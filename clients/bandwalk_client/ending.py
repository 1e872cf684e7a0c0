"""SIGINT and SIGTERM for a program that looks between two frames whether it is to end.

They set a plain flag: an exception could come up where it is thrown away (in a finalizer, in a callback), and an
event's lock may be in the hands of whom the signal interrupts. They count also where SIGINT was ignored from the start,
as it is in what a shell starts in the background.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Whether the program is to end.

    is_asked: a signal has come.
    """

    def __init__(self) -> None:
        self.is_asked = False


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Yield what the first signal sets; a second one ends the process at once. Nothing but the main thread hears."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return

    def end(number: int, frame: object) -> None:
        for name in _NAMES:  # before all else: the second signal may come now
            signal.signal(name, signal.SIG_DFL)
        ending.is_asked = True

    before = {name: signal.signal(name, end) for name in _NAMES}
    try:
        yield ending
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
