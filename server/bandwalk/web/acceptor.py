"""Accepts the web server's connections and counts them as soon as they are accepted.

asyncio accepts a whole backlog in one turn of the loop and makes the connections in the next one, so a later count
would let in twice as many. When all places are taken, a connection without a request under way is closed for a
newcomer: connections that are only opened cannot lock others out.
"""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from aiohttp import web

from bandwalk.records import Counters
from bandwalk.web.connection_limit import ConnectionLimit
from bandwalk.web.pacing import REQUESTS, Paces
from bandwalk.web.tls import HANDSHAKE_S
from bandwalk.wire import admit_all, peer_of

MAX_CONNECTIONS = 256
"""Most TCP connections at a time."""

MAX_OF_PEER = 96
"""Most TCP connections of one peer at a time; a browser opens eight for a panel."""

_TURN = 64
"""Most connections that are accepted in one turn of the loop."""

_PAUSE_S = 0.25
"""Pause before accepting again when the system has no descriptor or no memory left."""

_SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

logger = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """One accepted connection: passes all events on to the protocol that serves it."""

    def __init__(self, acceptor: "Acceptor", inner: asyncio.Protocol, peer: str) -> None:
        self.peer = peer
        self.inner = inner
        self.requests = 0
        """Requests under way."""
        self.making: asyncio.Task[None] | None = None
        """Sets the connection up."""
        self._acceptor = acceptor
        self._transport: asyncio.Transport | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it may be closed for a newcomer: no request is under way."""
        return not self.requests

    def hang_up(self) -> None:
        """Close the connection at once, also while it is set up or shakes hands."""
        if self._transport is not None:
            self._transport.abort()
        elif self.making is not None:
            self.making.cancel()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to serve."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass data on."""
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on that the client sends no more data."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Pass on that the client does not read."""
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client reads again."""
        self.inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place."""
        self._acceptor.forget(self)
        self.inner.connection_lost(exc)


class Acceptor:
    """Accepts connections on listening sockets, from :meth:`open` to :meth:`close`.

    Args:
        sockets:  bound and listening.
        serve:    makes the protocol that serves a connection.
        counters: gets ``web_refused``: connections closed because there was no room, ``web_barred``, and
                  ``web_slowed``: requests that came too fast and were answered later.
        may:      returns whether an address may connect.
        tls:      what serves TLS; None: plain HTTP.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        serve: Callable[[], asyncio.Protocol],
        *,
        counters: Counters,
        may: Callable[[str], bool] = admit_all,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._may = may
        self._tls = tls
        self._sockets = sockets
        self._serve = serve
        self._counters = counters
        self._limit: ConnectionLimit[Connection] = ConnectionLimit(MAX_CONNECTIONS, MAX_OF_PEER)
        self._by_inner: dict[asyncio.Protocol, Connection] = {}
        self._paces = Paces(REQUESTS)
        self._making: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._is_open = False

    def open(self) -> None:
        """Start to accept."""
        self._is_open = True
        for sock in self._sockets:
            sock.setblocking(False)
            self._loop.add_reader(sock, self._accept, sock)

    def close(self) -> None:
        """Stop accepting; open connections stay open."""
        self._is_open = False
        for sock in self._sockets:
            self._loop.remove_reader(sock)
        for task in self._making:
            task.cancel()

    def noting(self, answer: Answer) -> Answer:
        """Return a handler that answers requests, no faster than it may, and notes which connections have one."""

        async def note(request: web.BaseRequest) -> web.StreamResponse:
            connection = self._by_inner.get(request.protocol)
            if connection is None:  # closed for a newcomer
                raise ConnectionResetError
            await self._paces.of(connection.peer).wait(connection.peer, "requests", self._counters)
            connection.requests += 1
            try:
                return await answer(request)
            finally:
                connection.requests -= 1

        return note

    def forget(self, connection: Connection) -> None:
        """Free the place of a connection."""
        self._limit.remove(connection)
        self._by_inner.pop(connection.inner, None)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_TURN):
            try:
                sock, address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as e:
                if e.errno in _SHORTAGES:
                    self._pause(listening, e)
                return
            if self._may(str(address[0])):
                self._admit(sock, peer_of(str(address[0])))
            else:
                self._counters.add("web_barred")
                sock.close()

    def _admit(self, sock: socket.socket, peer: str) -> None:
        if not self._limit.has_room(peer) and not self._make_room(peer):
            self._counters.add("web_refused")
            sock.close()
            return
        sock.setblocking(False)
        connection = Connection(self, self._serve(), peer)
        self._limit.add(connection)
        self._by_inner[connection.inner] = connection
        connection.making = task = self._loop.create_task(self._make(connection, sock))
        self._making.add(task)
        task.add_done_callback(partial(self._made, sock))

    def _made(self, sock: socket.socket, task: asyncio.Task[None]) -> None:
        self._making.discard(task)
        if task.cancelled():  # before it began
            sock.close()

    def _make_room(self, peer: str) -> bool:
        idle = self._limit.oldest_idle(peer)
        if idle is None:
            return False
        self._counters.add("web_refused")
        self.forget(idle)
        idle.hang_up()
        return True

    async def _make(self, connection: Connection, sock: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: connection,
                sock,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
                ssl_shutdown_timeout=HANDSHAKE_S if self._tls else None,
            )
        except (OSError, asyncio.CancelledError) as e:
            self.forget(connection)
            sock.close()
            logger.debug("accepting a connection: %s", e or type(e).__name__)

    def _pause(self, listening: socket.socket, error: OSError) -> None:
        """Pause until there may be descriptors: the listening socket stays readable, and the loop would spin."""
        self._counters.add("web_refused")
        logger.debug("accepting a connection: %s", error.strerror)
        self._loop.remove_reader(listening)
        self._loop.call_later(_PAUSE_S, self._go_on, listening)

    def _go_on(self, listening: socket.socket) -> None:
        if self._is_open:
            self._loop.add_reader(listening, self._accept, listening)
