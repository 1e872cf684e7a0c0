"""Frames over WebSocket: the bytes that ZeroMQ publishes, one binary message per frame, only the newest."""

import time

from aiohttp import web

from bandwalk.web.answers import plain
from bandwalk.web.connection_limit import counted
from bandwalk.web.hub import Hub
from bandwalk.web.outbox import NewestFrame
from bandwalk.web.sockets import Sockets, counted_socket_of

MAX_MESSAGE = 1024
"""Most bytes of a message from a client; clients need not send any."""

STALLED_S = 1.0
"""A client that takes no frame for this time may be closed for a newcomer."""


class _Watcher:
    """Sends frames, and knows for how long the newest has been waiting."""

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
    with counted(counted_socket_of(request, watcher.is_stalled), sockets.watchers) as has_place:
        if not has_place:
            return plain(503, f"{len(sockets.watchers)} clients are watching; expected fewer")
        hub.watchers.add(newest)
        try:
            return await sockets.run(request, max_message=MAX_MESSAGE, receive=lambda message: None, send=watcher.send)
        finally:
            hub.watchers.discard(newest)
