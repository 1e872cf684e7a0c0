"""Work that may hang in a sound driver, done beside: who waits for it waits so long and no longer."""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from bandwalk.errors import DeviceError

T = TypeVar("T")

logger = logging.getLogger(__name__)

PATIENCE_S = 6.0
"""Opening takes milliseconds, with a driver that wakes up one or two seconds; after this it hangs."""

_SAY_S = 1.0
"""Who waits for so long is given a word."""

_LOOK_S = 0.05


class _Job(Generic[T]):
    """One piece of work on a thread of its own."""

    def __init__(self, work: Callable[[], T], undo: Callable[[T], object]) -> None:
        self._work, self._undo = work, undo
        self._lock = threading.Lock()
        self._is_given_up = False
        self.done = threading.Event()
        self.results: list[T] = []
        self.error: BaseException | None = None
        threading.Thread(target=self._run, name="opening", daemon=True).start()

    def give_up(self) -> bool:
        """Want the result no more, it is undone when it comes; False: it has come already."""
        with self._lock:
            self._is_given_up = not self.done.is_set()
            return self._is_given_up

    def _run(self) -> None:
        try:
            result = self._work()
        except BaseException as e:  # noqa: BLE001  it is raised again where the result is waited for
            self.error = e
            self.done.set()
            return
        with self._lock:
            self.results.append(result)
            self.done.set()
        if self._is_given_up:
            logger.debug("opened too late, closed again: %s", result)
            self._undo(result)


def beside(
    doing: str,
    work: Callable[[], T],
    undo: Callable[[T], object] = lambda _: None,
    *,
    unless: Callable[[], bool] | None = None,
) -> T:
    """Return what work returns or raises; signals are served while it is waited for.

    Args:
        doing:  what is being done, for the message.
        work:   may hang in C for ever.
        undo:   closes what work opened, if it comes after we gave up.
        unless: tells that it is wanted no more; then there is no other end to the patience.

    Raises:
        DeviceError: it does not end within :data:`PATIENCE_S`, or is wanted no more.
    """
    job = _Job(work, undo)
    if unless is None:
        if not job.done.wait(_SAY_S):
            logger.info("%s: waiting for the sound system", doing)
        if not job.done.wait(PATIENCE_S - _SAY_S) and job.give_up():
            raise DeviceError(f"{doing}: the sound system does not answer within {PATIENCE_S:g} s")
    else:
        while not job.done.wait(_LOOK_S):
            if unless() and job.give_up():
                raise DeviceError(f"{doing}: not open yet, and something else is wanted now")
    if job.error is not None:
        raise job.error
    return job.results[0]
