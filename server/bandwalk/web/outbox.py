"""Messages that wait for one WebSocket: bounded, keeping the newest, so that a slow client does not delay others."""

import asyncio
import itertools
from collections.abc import Hashable

MAX_WAITING = 256
"""Most OSC messages that wait for one client; the whole table fits in."""


class Outbox:
    """Waiting messages in the order of sending; only for use in the event loop.

    Of each address only the newest value waits. All answers wait; when there are too many messages, the oldest is
    dropped.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, bytes] = {}
        self._numbers = itertools.count()
        self._filled = asyncio.Event()

    def put(self, packet: bytes, address: str = "") -> bool:
        """Add a packet; return whether an older one was dropped for it.

        Args:
            packet:  one OSC message.
            address: of the value; empty: an answer.
        """
        key: Hashable = address or next(self._numbers)
        self._waiting.pop(key, None)  # the newest goes to the end: values are sent in the order of the changes
        self._waiting[key] = packet
        self._filled.set()
        if len(self._waiting) <= MAX_WAITING:
            return False
        del self._waiting[next(iter(self._waiting))]
        return True

    def wake(self) -> None:
        """Let :meth:`take` return, also with nothing."""
        self._filled.set()

    async def take(self) -> list[bytes]:
        """Wait for messages and return all of them."""
        await self._filled.wait()
        self._filled.clear()
        packets = list(self._waiting.values())
        self._waiting.clear()
        return packets


class NewestFrame:
    """A place for one frame that keeps the newest; only for use in the event loop."""

    def __init__(self) -> None:
        self._frame: bytes | None = None
        self._filled = asyncio.Event()

    def put(self, frame: bytes) -> bool:
        """Put the newest in; return whether one that was not sent yet was dropped for it."""
        is_lost = self._frame is not None
        self._frame = frame
        self._filled.set()
        return is_lost

    async def take(self) -> bytes:
        """Wait for a frame and return the newest."""
        while self._frame is None:
            self._filled.clear()
            await self._filled.wait()
        frame, self._frame = self._frame, None
        return frame
