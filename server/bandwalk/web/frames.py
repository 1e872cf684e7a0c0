"""Frames over WebSocket: the bytes that ZeroMQ publishes, one binary message a frame, the newest only."""

from aiohttp import web

from bandwalk.web import sockets
from bandwalk.web.hub import MAX_CLIENTS, Hub
from bandwalk.web.outbox import NewestFrame

MAX_MESSAGE = 1024
"""Bytes of a message from a client, which has nothing to say."""


async def stream(hub: Hub, request: web.Request) -> web.StreamResponse:
    """Send frames to a client until it leaves."""
    if len(hub.watchers) >= MAX_CLIENTS:
        return web.Response(status=503, text=f"{MAX_CLIENTS} clients watch, expected at most so many\n")
    newest = NewestFrame()

    async def send(ws: web.WebSocketResponse) -> None:
        while True:
            await ws.send_bytes(await newest.take())

    hub.watchers.add(newest)
    try:
        return await sockets.run(request, max_message=MAX_MESSAGE, receive=lambda message: None, send=send)
    finally:
        hub.watchers.discard(newest)
