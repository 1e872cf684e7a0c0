"""Runs work that may hang in a sound driver on a thread of its own, with a limit for the wait."""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from bandwalk.errors import DeviceError

T = TypeVar("T")

logger = logging.getLogger(__name__)

PATIENCE_S = 6.0
"""Longest wait. Opening takes milliseconds, or one or two seconds if the driver has to wake up."""

_LOG_AFTER_S = 1.0
"""A wait that takes this long is logged."""

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
        """Stop waiting: a result that comes later is undone. Return False if it has come already."""
        with self._lock:
            self._is_given_up = not self.done.is_set()
            return self._is_given_up

    def _run(self) -> None:
        try:
            result = self._work()
        except BaseException as e:  # noqa: BLE001  raised again in the waiting thread
            self.error = e
            self.done.set()
            return
        with self._lock:
            self.results.append(result)
            self.done.set()
        if self._is_given_up:
            logger.debug("opened too late, closed again: %s", result)
            self._undo(result)


def run_or_give_up(
    doing: str,
    work: Callable[[], T],
    undo: Callable[[T], object] = lambda _: None,
    *,
    unless: Callable[[], bool] | None = None,
) -> T:
    """Return what work returns, or raise its error; signals are handled during the wait.

    Args:
        doing:  what is being done, for the message.
        work:   may hang in C without end.
        undo:   closes what work opened, if the result comes too late.
        unless: returns True once the result is no longer wanted; if given, the wait has no other limit.

    Raises:
        DeviceError: it does not end within :data:`PATIENCE_S`, or the result is no longer wanted.
    """
    job = _Job(work, undo)
    if unless is None:
        if not job.done.wait(_LOG_AFTER_S):
            logger.info("%s: waiting for the sound system", doing)
        if not job.done.wait(PATIENCE_S - _LOG_AFTER_S) and job.give_up():
            raise DeviceError(f"{doing}: the sound system does not answer within {PATIENCE_S:g} s")
    else:
        while not job.done.wait(_LOOK_S):
            if unless() and job.give_up():
                raise DeviceError(f"{doing}: not open yet, and something else is wanted now")
    if job.error is not None:
        raise job.error
    return job.results[0]
