"""The web server of a show: one TCP port, one thread with an event loop of its own."""

import asyncio
import contextlib
import functools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bandwalk.records import Counters, Features
from bandwalk.row import Value
from bandwalk.web import frames, metrics, sockets
from bandwalk.web.discovery import Announcement
from bandwalk.web.guard import Guard, is_loopback
from bandwalk.web.hub import Hub
from bandwalk.web.links import Links
from bandwalk.web.listen import admit, listen
from bandwalk.web.page import Page
from bandwalk.web.query import Query
from bandwalk.web.signals import Signals

_KEEPALIVE_S = 30.0
_GOODBYE_S = 0.2
_JOIN_S = 0.8

log = logging.getLogger(__name__)


class Web:
    """OSCQuery, frames, panel and /metrics; the port is taken at once, and answers from :meth:`start` on.

    Args:
        bind:          address or name of this machine.
        port:          0: a free one.
        counters:      gets what is lost for slow clients, and what cannot be read.
        allow_origins: web pages from elsewhere that may steer.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """

    def __init__(self, bind: str, port: int, *, counters: Counters, allow_origins: tuple[str, ...] = ()) -> None:
        self._socket = listen(bind, port)
        self.address: str = self._socket.getsockname()[0]
        self.port: int = self._socket.getsockname()[1]
        self._guard = Guard(bind, allow_origins)
        self._counters = counters
        self._page = Page()
        self._loop = asyncio.new_event_loop()
        self._hub: Hub | None = None
        self._signals = Signals(self._tell)
        self._ending = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the panel."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        host = anywhere.get(self.address, self.address)
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    @property
    def watched(self) -> bool:
        """Tell whether anyone watches frames here."""
        return self._hub is not None and bool(self._hub.watchers)

    def start(self, links: Links) -> None:
        """Begin to answer."""
        self._hub = Hub(links, self._loop, self._counters)
        self._links = links
        self._thread.start()

    def show(self, frame: bytes, seq: int, age_ms: float) -> None:
        """Send a frame to whoever watches, its number and its sound's age to whoever listens; from one thread."""
        if self._hub is not None:
            self._hub.show(frame)
        self._signals.frame(seq, age_ms)

    def hear(self, features: Features, spectrum: Callable[[], Sequence[float]]) -> None:
        """Tell one analysis step, and what spectrum reads then, to whoever listens; from one thread."""
        self._signals.hear(features, spectrum)

    def hear_input(self, db: float, health: str) -> None:
        """Tell how loud the sound arrives, and what is wrong with it, to whoever listens; from one thread."""
        self._signals.input(db, health)

    def echo(self, address: str, value: Value, origin: object) -> None:
        """Tell a parameter's new value to whoever listens but who set it: a listener of the store."""
        if self._hub is not None:
            self._hub.tell({address: value}, origin)

    def exchange(self, went: frozenset[str], came: frozenset[str]) -> None:
        """Tell that some parameters went and others came, by their addresses: a listener of the store."""
        if self._hub is not None:
            for top in sorted({address.split("/")[1] for address in went | came}):
                self._hub.tell_changed(f"/{top}")

    def close(self) -> None:
        """End all connections and free the port, within a second."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join(_JOIN_S)
        self._socket.close()

    def _tell(self, values: Mapping[str, Value]) -> None:
        if self._hub is not None:
            self._hub.newest = {**self._hub.newest, **values}
            self._hub.tell(values)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        assert self._hub is not None
        runner = web.AppRunner(
            self._application(self._hub),
            access_log=None,
            logger=_Log(log, {}),
            keepalive_timeout=_KEEPALIVE_S,
            shutdown_timeout=_GOODBYE_S,
        )
        await runner.setup()
        assert runner.server is not None
        listening = await self._loop.create_server(admit(runner.server), sock=self._socket)
        announcement = None if is_loopback(self.address) else Announcement(self.address, self.port)
        announcing = asyncio.create_task(announcement.begin()) if announcement else None
        await self._ending.wait()
        listening.close()
        await runner.cleanup()
        if announcement and announcing:
            announcing.cancel()
            await announcement.end()

    def _application(self, hub: Hub) -> web.Application:
        app = web.Application(middlewares=[self._guard.check])
        sockets.prepare(app)
        query = Query(self._links, hub, page=self._page, port=self.port)

        async def tell_metrics(request: web.Request) -> web.Response:
            clients = {"control": len(hub.clients), "frames": len(hub.watchers)}
            text = metrics.to_text(self._links.readings(), clients)
            return web.Response(body=text.encode(), headers={"Content-Type": metrics.CONTENT_TYPE})

        app.on_shutdown.append(self._say_goodbye)
        app.router.add_get("/frames", functools.partial(frames.stream, hub))
        app.router.add_get("/metrics", tell_metrics)
        app.router.add_get("/panel/{name}", self._page.file)
        app.router.add_get("/{address:.*}", query.answer)
        return app

    async def _say_goodbye(self, app: web.Application) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(sockets.close_all(app), _GOODBYE_S)


class _Log(logging.LoggerAdapter[logging.Logger]):
    """What aiohttp tells, without a traceback a request that is none: a port scan must not fill the log."""

    def exception(self, msg: object, *args: Any, exc_info: Any = True, **kwargs: Any) -> None:
        if isinstance(exc_info, HttpProcessingError):
            self.debug(msg, *args, **kwargs)
        else:
            super().exception(msg, *args, exc_info=exc_info, **kwargs)
