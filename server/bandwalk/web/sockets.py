"""This server's WebSockets: no compression, limits in both directions, closed when the client is gone."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from bandwalk.records import Counters
from bandwalk.web.connection_limit import ConnectionLimit, CountedSocket
from bandwalk.web.pacing import MESSAGES, Pacing
from bandwalk.wire import peer_of

HEARTBEAT_S = 10.0
"""A client that does not answer a ping within half of this is gone (a pulled cable, a closed laptop)."""

SEND_BUFFER = 128 * 1024
"""Most bytes that the kernel buffers for one client: a few frames, so that a slow client does not lag behind."""

MAX_CLIENTS = 64
"""Most WebSockets of one kind at a time: this many controllers, and this many that watch frames."""

MAX_OF_PEER = 32
"""Most WebSockets of one kind and one peer at a time."""


class Sockets:
    """The open WebSockets.

    Args:
        counters: gets ``web_slowed``: messages that came too fast and were read later.
    """

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self.controllers: ConnectionLimit[CountedSocket] = ConnectionLimit(MAX_CLIENTS, MAX_OF_PEER)
        self.watchers: ConnectionLimit[CountedSocket] = ConnectionLimit(MAX_CLIENTS, MAX_OF_PEER)
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
            request:     its handshake.
            max_message: most bytes of a message from the client; a longer one ends the connection.
            receive:     called with each message of the client; must not wait.
            send:        sends all messages to the client; never returns.
        """
        ws = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT_S, max_msg_size=max_message, writer_limit=1)
        await ws.prepare(request)
        _bound_buffers(request)
        self._open.add(ws)
        sending = asyncio.create_task(_sending(ws, send))
        pacing = Pacing(MESSAGES)
        try:
            async for message in ws:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    receive(message)
                    await pacing.wait(f"WebSocket {request.remote}", "messages", self._counters)
        finally:
            self._open.discard(ws)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return ws

    async def close_all(self) -> None:
        """Close all of them."""
        await asyncio.gather(*[ws.close(code=WSCloseCode.GOING_AWAY) for ws in self._open])


def counted_socket_of(request: web.BaseRequest, is_idle: Callable[[], bool]) -> CountedSocket:
    """Return a place for a new WebSocket."""
    transport = request.transport
    leave = transport.abort if transport is not None else lambda: None
    return CountedSocket(peer_of(request.remote or ""), is_idle, leave)


async def _sending(ws: web.WebSocketResponse, send: Callable[[web.WebSocketResponse], Awaitable[None]]) -> None:
    with contextlib.suppress(ConnectionError):  # the client left: the reader notices it, too
        await send(ws)


def _bound_buffers(request: web.BaseRequest) -> None:
    """Limit the kernel's buffer, and let a sender wait as soon as it is full."""
    transport = request.transport
    if transport is None:
        return
    transport.set_write_buffer_limits(high=0)
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
