"""SIGINT and SIGTERM, followed by a thread of its own, so that they count wherever the main thread is.

A handler in Python runs in the main thread between any two of its instructions. An event set there can meet the
event's lock in the main thread's own hands, and both wait for ever; and where the main thread waits for a device or
reads a model, no handler runs at all. So the handlers here do nothing. Python's own handler in C writes a byte into a
socket at once, and the thread that reads it acts.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EXIT_INTERRUPTED = 130
"""Exit status of a job that has an end, cut short."""

GRACE_S = 0.8
"""How long a show may take to close; then the process ends as it is."""

_NAMES = (signal.SIGINT, signal.SIGTERM)


class Stop(threading.Event):
    """Set by the first signal.

    is_taken: somebody will see that it is set; before, nothing was begun that must be ended, and a signal ends the
              process at once.
    """

    is_taken = False


@contextmanager
def stop_signals(
    *, status: int, grace_s: float | None = None, last: Callable[[], object] = lambda: None
) -> Iterator[Stop]:
    """Yield what the first SIGINT or SIGTERM sets; the second one ends the process at once. In the main thread only.

    Args:
        status:  of the process, where it is ended here.
        grace_s: seconds after the first signal at which the process is ended too; None: never.
        last:    called before the process is ended here; must not wait long.
    """
    stop = Stop()
    reader, writer = socket.socketpair()
    writer.setblocking(False)

    def end() -> None:
        last()
        os._exit(status)

    def follow() -> None:
        if not _is_signalled(reader):
            return
        if not stop.is_taken:
            end()
        stop.set()
        reader.settimeout(grace_s)
        try:
            is_again = _is_signalled(reader)
        except TimeoutError:
            is_again = True
        if is_again:
            end()

    thread = threading.Thread(target=follow, name="signals", daemon=True)
    thread.start()
    wakeup = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    before = {name: signal.signal(name, _leave_to_thread) for name in _NAMES}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
        signal.set_wakeup_fd(wakeup)
        writer.close()  # ends the thread
        thread.join()
        reader.close()


def _leave_to_thread(number: int, frame: object) -> None:
    """Do nothing: the byte that Python has written is enough."""


def _is_signalled(reader: socket.socket) -> bool:
    """Wait for SIGINT or SIGTERM; return False where the signals are not followed any longer."""
    while received := reader.recv(1):
        if received[0] in _NAMES:
            return True
    return False
