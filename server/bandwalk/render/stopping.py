"""Ctrl-C during a render: the frame in work is finished, and the clip closed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set; a second one ends the process at once."""
    stop = threading.Event()
    names = (signal.SIGINT, signal.SIGTERM)

    def ask(number: int, frame: Any) -> None:
        stop.set()
        for name in names:
            signal.signal(name, signal.SIG_DFL)

    before = {name: signal.signal(name, ask) for name in names}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
