"""The door of the web server: connections are counted where they are accepted.

asyncio accepts a whole backlog in one turn and makes the connections in the next, so who counts connections that are
made lets in twice as many. A guest that has a place and no request under way (a connection that was opened and says
nothing) gives way to a newcomer: such connections cannot shut anybody out.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from bandwalk.records import Counters
from bandwalk.web.crowd import Crowd
from bandwalk.wire import peer_of

MAX_CONNECTIONS = 256
"""TCP connections at a time."""

MAX_OF_PEER = 96
"""TCP connections of one peer at a time; a browser opens eight for a panel."""

_TURN = 64
"""Connections that are accepted and not made yet: fewer than one peer may have, so that one that gives way exists."""

_PAUSE_S = 0.25
"""No accepting for this time where the system has no descriptor or no memory left."""

_SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """One accepted connection: hands all that happens on to the protocol that serves it."""

    def __init__(self, door: "Door", inner: asyncio.Protocol, peer: str) -> None:
        self.peer = peer
        self.inner = inner
        self.requests = 0
        """Requests under way."""
        self._door = door
        self._transport: asyncio.Transport | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it may be closed for another: it is made, and no request is under way."""
        return self._transport is not None and not self.requests

    def hang_up(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Hand data on."""
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand on that the client sends no more."""
        return self.inner.eof_received()

    def pause_writing(self) -> None:
        """Hand on that the client does not read."""
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Hand on that the client reads again."""
        self.inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place."""
        self._door.forget(self)
        self.inner.connection_lost(exc)


class Door:
    """Accepts connections on listening sockets, from :meth:`open` to :meth:`close`.

    Args:
        sockets:  bound and listening.
        serve:    makes the protocol that serves a connection.
        counters: gets ``web_refused``: connections closed because there was no room.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], serve: Callable[[], asyncio.Protocol], *, counters: Counters
    ) -> None:
        self._sockets = sockets
        self._serve = serve
        self._counters = counters
        self._crowd: Crowd[Connection] = Crowd(MAX_CONNECTIONS, MAX_OF_PEER)
        self._by_inner: dict[asyncio.Protocol, Connection] = {}
        self._making: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._is_open = False

    def open(self) -> None:
        """Begin to accept."""
        self._is_open = True
        for sock in self._sockets:
            sock.setblocking(False)
            self._loop.add_reader(sock, self._accept, sock)

    def close(self) -> None:
        """Accept no more; the connections there are stay."""
        self._is_open = False
        for sock in self._sockets:
            self._loop.remove_reader(sock)
        for task in self._making:
            task.cancel()

    def noting(self, answer: Answer) -> Answer:
        """Return what answers requests, and notes on which connections one is under way."""

        async def note(request: web.BaseRequest) -> web.StreamResponse:
            connection = self._by_inner.get(request.protocol)
            if connection is None:  # it had to give way
                raise ConnectionResetError
            connection.requests += 1
            try:
                return await answer(request)
            finally:
                connection.requests -= 1

        return note

    def forget(self, connection: Connection) -> None:
        """Free the place of a connection."""
        self._crowd.remove(connection)
        self._by_inner.pop(connection.inner, None)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_TURN - len(self._making)):
            try:
                sock, address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as e:
                if e.errno in _SHORTAGES:
                    self._pause(listening, e)
                return
            self._admit(sock, peer_of(str(address[0])))

    def _admit(self, sock: socket.socket, peer: str) -> None:
        if not self._crowd.has_room(peer) and not self._make_room(peer):
            self._counters.add("web_refused")
            sock.close()
            return
        sock.setblocking(False)
        connection = Connection(self, self._serve(), peer)
        self._crowd.add(connection)
        self._by_inner[connection.inner] = connection
        task = self._loop.create_task(self._make(connection, sock))
        self._making.add(task)
        task.add_done_callback(self._making.discard)

    def _make_room(self, peer: str) -> bool:
        idle = self._crowd.oldest_idle(peer)
        if idle is None:
            return False
        self._counters.add("web_refused")
        self.forget(idle)
        idle.hang_up()
        return True

    async def _make(self, connection: Connection, sock: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, sock)
        except (OSError, asyncio.CancelledError) as e:
            self.forget(connection)
            sock.close()
            log.debug("accepting a connection: %s", e or type(e).__name__)

    def _pause(self, listening: socket.socket, error: OSError) -> None:
        """Wait for descriptors: a listening socket stays readable, and would be asked without end."""
        self._counters.add("web_refused")
        log.debug("accepting a connection: %s", error.strerror)
        self._loop.remove_reader(listening)
        self._loop.call_later(_PAUSE_S, self._go_on, listening)

    def _go_on(self, listening: socket.socket) -> None:
        if self._is_open:
            self._loop.add_reader(listening, self._accept, listening)
