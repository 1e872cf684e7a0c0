"""WebSockets as this server opens them: no compression, bounded both ways, ended when the other side is gone."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from bandwalk.web.crowd import Crowd, Seat
from bandwalk.wire import peer_of

HEARTBEAT_S = 10.0
"""A client that does not answer a ping within half of this is gone (a cable, a closed laptop)."""

SEND_BUFFER = 128 * 1024
"""Bytes that the kernel may keep for one client: a few frames, so that a slow one does not see old ones for long."""

MAX_CLIENTS = 64
"""WebSockets of one kind at a time: controllers, and as many who watch."""

MAX_OF_PEER = 32
"""WebSockets of one kind and one peer at a time."""


class Sockets:
    """The WebSockets that are open."""

    def __init__(self) -> None:
        self.controllers: Crowd[Seat] = Crowd(MAX_CLIENTS, MAX_OF_PEER)
        self.watchers: Crowd[Seat] = Crowd(MAX_CLIENTS, MAX_OF_PEER)
        self._open: set[web.WebSocketResponse] = set()

    async def run(
        self,
        request: web.BaseRequest,
        *,
        max_message: int,
        receive: Callable[[WSMessage], None],
        send: Callable[[web.WebSocketResponse], Awaitable[None]],
    ) -> web.WebSocketResponse:
        """Serve one WebSocket until either side ends it.

        Args:
            request:     that asks for it.
            max_message: bytes of a message from the client; a longer one ends the connection.
            receive:     gets each message of the client; must not wait.
            send:        sends what there is to send, for ever.
        """
        ws = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT_S, max_msg_size=max_message, writer_limit=1)
        await ws.prepare(request)
        _bound_buffers(request)
        self._open.add(ws)
        sending = asyncio.create_task(_sending(ws, send))
        try:
            async for message in ws:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    receive(message)
        finally:
            self._open.discard(ws)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return ws

    async def close_all(self) -> None:
        """Say goodbye to all that are open."""
        await asyncio.gather(*[ws.close(code=WSCloseCode.GOING_AWAY) for ws in self._open])


def seat_of(request: web.BaseRequest, is_idle: Callable[[], bool]) -> Seat:
    """Return the seat of a WebSocket that is asked for."""
    transport = request.transport
    leave = transport.abort if transport is not None else lambda: None
    return Seat(peer_of(request.remote or ""), is_idle, leave)


async def _sending(ws: web.WebSocketResponse, send: Callable[[web.WebSocketResponse], Awaitable[None]]) -> None:
    with contextlib.suppress(ConnectionError):  # the client left: the reader sees it too
        await send(ws)


def _bound_buffers(request: web.BaseRequest) -> None:
    """Let a sender wait as soon as the kernel takes no more, and the kernel take little."""
    transport = request.transport
    if transport is None:
        return
    transport.set_write_buffer_limits(high=0)
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
