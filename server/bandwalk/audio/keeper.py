"""A sound card's stream that is kept open, whatever happens to the sound card."""

import atexit
import logging
import threading
import time
from collections.abc import Callable

from bandwalk.audio.device import Stream
from bandwalk.errors import DeviceError

logger = logging.getLogger(__name__)

RETRY_S = 1.0
"""How often a lost sound card is looked for."""

CLOSE_S = 0.25
"""How long a stream may take to close before we go on without it."""


class Keeper:
    """Keeps a stream open: where it dies, it is opened again, tried every second, in a thread of its own.

    Args:
        open_again: opens and returns the stream; it gets what the stream must call when it has finished.
        on_lost:    called, in the keeper's thread, once each time the stream has died because its card is gone.

    Raises:
        DeviceError: the first opening failed.
    """

    def __init__(self, open_again: Callable[[Callable[[], None]], Stream], on_lost: Callable[[], None]) -> None:
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
        atexit.register(self.close)  # before sounddevice's own, which would end the stream under the thread

    def renew(self) -> None:
        """Close the stream and open it again; that does not count as lost."""
        self._renewing = True
        self._died.set()

    def begin_close(self) -> float:
        """Let the stream close for good, and return until when :meth:`close` waits for it."""
        if self._close_by is None:
            self._close_by = time.monotonic() + CLOSE_S
            atexit.unregister(self.close)
            self._closing.set()
            self._died.set()
        return self._close_by

    def close(self) -> None:
        """Close the stream for good; wait for it, but once and not long: a sound server that hangs holds it."""
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
        self._died = threading.Event()  # the old stream may yet call the old one's set
        try:
            self._stream = self._open_again(self._died.set)
        except DeviceError as e:
            logger.debug("%s", e)
            return False
        if self._closing.is_set():  # close() may have set the event before this one
            self._died.set()
        return True
