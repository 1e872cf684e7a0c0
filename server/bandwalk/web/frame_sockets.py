"""Frames over WebSocket: the bytes that ZeroMQ publishes, one binary message a frame, the newest only."""

import time

from aiohttp import web

from bandwalk.web.answers import plain
from bandwalk.web.crowd import seated
from bandwalk.web.hub import Hub
from bandwalk.web.outbox import NewestFrame
from bandwalk.web.sockets import Sockets, seat_of

MAX_MESSAGE = 1024
"""Bytes of a message from a client, which has nothing to say."""

STALLED_S = 1.0
"""Who has not taken a frame for this time gives way to a newcomer, where there is no room."""


class _Watcher:
    """Sends frames, and knows since when one waits to be taken."""

    def __init__(self, newest: NewestFrame) -> None:
        self._newest = newest
        self._since: float | None = None

    async def send(self, ws: web.WebSocketResponse) -> None:
        while True:
            frame = await self._newest.take()
            self._since = time.monotonic()
            await ws.send_bytes(frame)
            self._since = None

    def is_stalled(self) -> bool:
        return self._since is not None and time.monotonic() - self._since > STALLED_S


async def stream(hub: Hub, request: web.BaseRequest, sockets: Sockets) -> web.StreamResponse:
    """Send frames to a client until it leaves."""
    newest = NewestFrame()
    watcher = _Watcher(newest)
    with seated(seat_of(request, watcher.is_stalled), sockets.watchers) as has_seat:
        if not has_seat:
            return plain(503, f"{len(sockets.watchers)} clients watch, expected at most so many")
        hub.watchers.add(newest)
        try:
            return await sockets.run(request, max_message=MAX_MESSAGE, receive=lambda message: None, send=watcher.send)
        finally:
            hub.watchers.discard(newest)
