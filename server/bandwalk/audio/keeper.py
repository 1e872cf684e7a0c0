"""Keeps a sound card's stream open and opens it again if the card is lost."""

import atexit
import logging
import threading
import time
from collections.abc import Callable

from bandwalk.audio.device import OpenCard
from bandwalk.errors import DeviceError

logger = logging.getLogger(__name__)

RETRY_S = 1.0
"""Interval at which a lost sound card is tried again."""

CLOSE_S = 0.25
"""How long to wait for a stream to close before continuing without it."""


class StreamKeeper:
    """Keeps a stream open: if it dies, a thread tries to open it again every second.

    Args:
        open_again: opens and returns the stream; its argument is what the stream must call when it has finished.
        on_lost:    called, in this class's thread, each time the stream has died because its card is gone.

    Raises:
        DeviceError: the first opening failed.
    """

    def __init__(self, open_again: Callable[[Callable[[], None]], OpenCard], on_lost: Callable[[], None]) -> None:
        self._open_again = open_again
        self._on_lost = on_lost
        self._closing = threading.Event()
        self._died = threading.Event()
        self._renewing = False
        self._close_by: float | None = None
        self._stream = open_again(self._died.set)
        self.lost = False
        self._thread = threading.Thread(target=self._keep, name="sound-card", daemon=True)
        self._thread.start()
        atexit.register(self.close)  # before sounddevice's own, which would end the stream while the thread uses it

    def renew(self) -> None:
        """Close the stream and open it again; that does not count as lost."""
        self._renewing = True
        self._died.set()

    def begin_close(self) -> float:
        """Start closing the stream for good; return the time until which :meth:`close` waits for it."""
        if self._close_by is None:
            self._close_by = time.monotonic() + CLOSE_S
            atexit.unregister(self.close)
            self._closing.set()
            self._died.set()
        return self._close_by

    def close(self) -> None:
        """Close the stream for good. Wait for it only once and briefly: the sound server may hang."""
        self._thread.join(max(0.0, self.begin_close() - time.monotonic()))

    def _keep(self) -> None:
        while True:
            self._died.wait()
            self.lost = True
            self._stream.close()
            if self._closing.is_set():
                return
            if not self._renewing and self._stream.is_gone:
                self._on_lost()
            self._renewing = False
            while not self._open():
                if self._closing.wait(RETRY_S):
                    return
            self.lost = False

    def _open(self) -> bool:
        self._died = threading.Event()  # the old stream may still set the old event
        try:
            self._stream = self._open_again(self._died.set)
        except DeviceError as e:
            logger.debug("%s", e)
            return False
        if self._closing.is_set():  # close() may have set the event before this one
            self._died.set()
        return True
