"""A show's web server: one TCP port, one thread with its own event loop."""

import asyncio
import contextlib
import logging
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bandwalk.params.row import Value
from bandwalk.records import Counters, Features
from bandwalk.web.acceptor import Acceptor
from bandwalk.web.discovery import Announcement
from bandwalk.web.guard import Guard, is_loopback
from bandwalk.web.hub import Hub
from bandwalk.web.listen import listen
from bandwalk.web.show_calls import ShowCalls
from bandwalk.web.signals import Signals
from bandwalk.web.site import Site
from bandwalk.web.token import Token
from bandwalk.wire import admit_all

_NAME = "web"
_KEEPALIVE_S = 30.0
_GOODBYE_S = 0.2
_JOIN_S = 0.8

_LINGER_S = 2.0
"""For so long the rest of a refused body is read and dropped: so the client gets to read why."""

_QUIET = ("aiohttp", "zeroconf")
"""Libraries that log invalid requests, partly with a traceback; here these are only counted."""

logger = logging.getLogger(__name__)


class Web:
    """OSCQuery, frames, panel and /metrics. The port is bound at once; requests are answered after :meth:`start`.

    Args:
        bind:          address or name of this machine.
        port:          0: a free one.
        counters:      count losses of slow clients, invalid messages, and refused clients.
        allow_origins: web pages of other servers that may steer.
        hosts:         more names of this machine.
        token:         needed to steer; empty: no token is needed.
        tls:           certificate and key; None: plain HTTP.
        may:           returns whether an address may connect.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """

    def __init__(
        self,
        bind: str,
        port: int,
        *,
        counters: Counters,
        allow_origins: Sequence[str] = (),
        hosts: Sequence[str] = (),
        token: str = "",
        tls: ssl.SSLContext | None = None,
        may: Callable[[str], bool] = admit_all,
    ) -> None:
        self._tls = tls
        self._may = may
        self._sockets = listen(bind, port)
        self.address: str = self._sockets[0].getsockname()[0]
        self.port: int = self._sockets[0].getsockname()[1]
        self._guard = Guard(bind, self.port, allow_origins=allow_origins, hosts=hosts)
        self._token = Token(token)
        self._counters = counters
        self._hub: Hub | None = None
        self._signals = Signals(self._send, self._is_heard)
        self._noting = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Address of the panel for a browser on this machine."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        host = anywhere.get(self.address, self.address)
        scheme = "https" if self._tls else "http"
        return f"{scheme}://[{host}]:{self.port}/" if ":" in host else f"{scheme}://{host}:{self.port}/"

    @property
    def watched(self) -> bool:
        """Return whether anybody watches frames here."""
        return self._hub is not None and bool(self._hub.watchers)

    def start(self, calls: ShowCalls) -> None:
        """Start to answer requests."""
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._calls = calls
        self.revive(_NAME)

    def dead(self) -> list[str]:
        """Return the name of its thread if it has ended before :meth:`close`."""
        return [_NAME] if self._thread is not None and not self._thread.is_alive() else []

    def revive(self, name: str) -> bool:
        """Serve on a new thread and a new loop; clients of one that has ended connect again."""
        self._loop = asyncio.SelectorEventLoop()  # the default loop of Windows cannot watch sockets
        self._ending = asyncio.Event()
        self._hub = Hub(self._calls, self._loop, self._counters)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        return True

    def show(self, frame: bytes, seq: int, age_ms: float) -> None:
        """Send a frame to all that watch, its number and its sound's age to all that listen; call from one thread."""
        if self._hub is not None:
            self._hub.show(frame)
        self._signals.frame(seq, age_ms)

    def hear(self, features: Features, spectrum: Callable[[], Sequence[float]]) -> None:
        """Send one analysis step and its spectrum to all that listen; call from one thread."""
        self._signals.hear(features, spectrum)

    def send_route_values(self, values: Mapping[str, Value]) -> None:
        """Send where routes have moved their targets, by address, to all that listen; call from one thread."""
        self._send(values)

    def hear_input(self, db: float, health: str) -> None:
        """Send the input's level and health to all that listen; call from one thread."""
        self._signals.input(db, health)

    def tell(self, values: Mapping[str, Value]) -> None:
        """Send signals by address to all that listen; callable from any thread."""
        self._send(values)

    def echo(self, address: str, value: Value, controller: object) -> None:
        """Send a parameter's new value to all that listen except the one that set it: a listener of the store."""
        if self._hub is not None:
            self._hub.send_values({address: value}, controller)

    def exchange(self, went: frozenset[str], came: frozenset[str]) -> None:
        """Send PATH_CHANGED when parameters were removed or added: a listener of the store."""
        if self._hub is not None:
            for top in sorted({address.split("/")[1] for address in went | came}):
                self._hub.send_path_changed(f"/{top}")

    def close(self) -> None:
        """End all connections and free the port, within a second."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join(_JOIN_S)
        for sock in self._sockets:
            sock.close()

    def _send(self, values: Mapping[str, Value]) -> None:
        if self._hub is not None:
            with self._noting:
                self._hub.newest = {**self._hub.newest, **values}
            self._hub.send_values(values)

    def _is_heard(self, addresses: Iterable[str]) -> bool:
        return self._hub is not None and not self._hub.listened.isdisjoint(addresses)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
            self._loop.run_until_complete(_end_others())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        assert self._hub is not None
        site = Site(
            self._calls, self._hub, guard=self._guard, token=self._token, port=self.port, counters=self._counters
        )
        server = web.Server(
            site.answer,
            access_log=None,
            logger=_Log(logger, self._counters),
            keepalive_timeout=_KEEPALIVE_S,
            lingering_time=_LINGER_S,
        )
        acceptor = Acceptor(self._sockets, server, counters=self._counters, may=self._may, tls=self._tls)
        server.request_handler = acceptor.noting(site.answer)
        acceptor.open()
        announcement = Announcement(self.address, self.port, self._calls.osc_port)
        announcing = None if is_loopback(self.address) else asyncio.create_task(announcement.keep())
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
