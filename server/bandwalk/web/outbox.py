"""What waits to be sent to one WebSocket: bounded, the newest kept, so that a slow client costs nobody else."""

import asyncio
import itertools
from collections.abc import Hashable

MAX_WAITING = 256
"""OSC messages that wait for one client; the whole table fits in."""


class Outbox:
    """Messages in the order in which they are to be sent; for use in the event loop only.

    Of each address only the newest value waits. Answers, which have no address to be replaced by, wait all of them,
    until there are too many: then the oldest is lost.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, bytes] = {}
        self._numbers = itertools.count()
        self._filled = asyncio.Event()

    def put(self, packet: bytes, address: str = "") -> bool:
        """Let a packet wait; return whether another was lost for it.

        Args:
            packet:  one OSC message.
            address: whose newest value it is; empty: an answer.
        """
        key: Hashable = address or next(self._numbers)
        self._waiting.pop(key, None)  # the newest goes to the end: values arrive in the order of the changes
        self._waiting[key] = packet
        self._filled.set()
        if len(self._waiting) <= MAX_WAITING:
            return False
        del self._waiting[next(iter(self._waiting))]
        return True

    def wake(self) -> None:
        """Let :meth:`take` return, be there something or not."""
        self._filled.set()

    async def take(self) -> list[bytes]:
        """Wait for something and return all that waits."""
        await self._filled.wait()
        self._filled.clear()
        packets = list(self._waiting.values())
        self._waiting.clear()
        return packets


class NewestFrame:
    """A place for one frame that keeps the newest; for use in the event loop only."""

    def __init__(self) -> None:
        self._frame: bytes | None = None
        self._filled = asyncio.Event()

    def put(self, frame: bytes) -> bool:
        """Put the newest in; return whether one that was not sent yet was lost for it."""
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
