"""What answers requests: aiohttp on a thread with an event loop of its own, from :meth:`run` to :meth:`end`."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bandwalk.records import Counters
from bandwalk.web.acceptor import Acceptor
from bandwalk.web.discovery import Announcement
from bandwalk.web.guard import Guard
from bandwalk.web.hosts import Hosts, is_loopback
from bandwalk.web.hub import Hub
from bandwalk.web.show_calls import ShowCalls
from bandwalk.web.site import Site
from bandwalk.web.token import Token

_KEEPALIVE_S = 30.0
_GOODBYE_S = 0.2

_LINGER_S = 2.0
"""For so long the rest of a refused body is read and dropped: so the client gets to read why."""

_QUIET = ("aiohttp", "zeroconf")
"""Libraries that log invalid requests, partly with a traceback; here these are only counted."""

logger = logging.getLogger("bandwalk.web.server")


@dataclass(frozen=True, slots=True)
class Door:
    """Where requests come in, and what they must show.

    sockets: bound.   address, port: of the first one.   token: needed to steer; empty: none.
    may:     returns whether an address may connect.   tls: certificate and key; None: plain HTTP.
    """

    sockets: Sequence[socket.socket]
    address: str
    port: int
    hosts: Hosts
    token: str
    tls: ssl.SSLContext | None
    may: Callable[[str], bool]


class Serving:
    """Answers requests on the thread that calls :meth:`run`.

    Args:
        door:     where they come in.
        calls:    the show.
        counters: count losses of slow clients, invalid messages, and refused clients.
    """

    def __init__(self, door: Door, calls: ShowCalls, counters: Counters) -> None:
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._door = door
        self._calls = calls
        self._counters = counters
        self.loop = asyncio.SelectorEventLoop()  # the default loop of Windows cannot watch sockets
        self._ending = asyncio.Event()
        self.hub = Hub(calls, self.loop, counters)

    def run(self) -> None:
        """Serve until :meth:`end`."""
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._serve())
            self.loop.run_until_complete(_end_others())
        finally:
            self.loop.close()

    def end(self) -> None:
        """Let :meth:`run` end, from any thread."""
        with contextlib.suppress(RuntimeError):  # it is closed
            self.loop.call_soon_threadsafe(self._ending.set)

    async def _serve(self) -> None:
        door = self._door
        guard, token = Guard(door.hosts), Token(door.token)
        site = Site(self._calls, self.hub, guard=guard, token=token, port=door.port, counters=self._counters)
        server = web.Server(
            site.answer,
            access_log=None,
            logger=_Log(logger, self._counters),
            keepalive_timeout=_KEEPALIVE_S,
            lingering_time=_LINGER_S,
        )
        acceptor = Acceptor(door.sockets, server, counters=self._counters, may=door.may, tls=door.tls)
        server.request_handler = acceptor.noting(site.answer)
        acceptor.open()
        announcement = Announcement(door.address, door.port, self._calls.osc_port)
        announcing = None if is_loopback(door.address) else asyncio.create_task(announcement.keep())
        await self._ending.wait()
        acceptor.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(site.sockets.close_all(), _GOODBYE_S)
        server.pre_shutdown()
        await server.shutdown(_GOODBYE_S)
        if announcing is not None:
            announcing.cancel()
            await asyncio.gather(announcing, return_exceptions=True)
            await announcement.end()


async def _end_others() -> None:
    """End what is still at work in the loop: requests whose client has left."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Log(logging.LoggerAdapter[logging.Logger]):
    """aiohttp's messages without tracebacks: invalid requests must not fill the log."""

    def __init__(self, logger: logging.Logger, counters: Counters) -> None:
        super().__init__(logger, {})
        self._counters = counters

    def exception(self, msg: object, *args: Any, exc_info: Any = True, **kwargs: Any) -> None:
        is_theirs = isinstance(exc_info, HttpProcessingError)
        self._counters.add("web_malformed" if is_theirs else "web_failed")
        self.debug("%s: %s", msg, ascii(exc_info)[:200])
