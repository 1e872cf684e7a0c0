"""A show's web server: one TCP port, one thread with its own event loop."""

import ssl
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bandwalk.machine import check_installed
from bandwalk.params.row import Value
from bandwalk.records import Counters, Features
from bandwalk.web.hosts import Hosts
from bandwalk.web.listen import listen
from bandwalk.web.show_calls import ShowCalls
from bandwalk.web.signals import Signals
from bandwalk.wire import admit_all

if TYPE_CHECKING:
    from bandwalk.web.hub import Hub
    from bandwalk.web.serving import Serving

_NAME = "web"
_JOIN_S = 0.8


class Web:
    """OSCQuery, frames, panel and /metrics. The port is bound at once; requests are answered after :meth:`start`.

    What answers them (``serving``) is imported by the thread that serves: no picture waits for it.

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
        check_installed("aiohttp")
        self._tls = tls
        self._may = may
        self._sockets = listen(bind, port)
        self.address: str = self._sockets[0].getsockname()[0]
        self.port: int = self._sockets[0].getsockname()[1]
        self._hosts = Hosts(bind, self.port, allow_origins=allow_origins, hosts=hosts)
        self._token = token
        self._counters = counters
        self._closing = threading.Event()
        self._serving: Serving | None = None
        self._newest: Mapping[str, Value] = {}
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
    def _hub(self) -> "Hub | None":
        """The clients; None: nobody serves them yet."""
        return None if self._serving is None else self._serving.hub

    @property
    def watched(self) -> bool:
        """Return whether anybody watches frames here."""
        hub = self._hub
        return hub is not None and bool(hub.watchers)

    def start(self, calls: ShowCalls) -> None:
        """Start to answer requests."""
        self._calls = calls
        self.revive(_NAME)

    def dead(self) -> list[str]:
        """Return the name of its thread if it has ended before :meth:`close`."""
        return [_NAME] if self._thread is not None and not self._thread.is_alive() else []

    def revive(self, name: str) -> bool:
        """Serve on a new thread and a new loop; clients of one that has ended connect again."""
        self._serving = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        return True

    def show(self, frame: bytes, seq: int, age_ms: float) -> None:
        """Send a frame to all that watch, its number and its sound's age to all that listen; call from one thread."""
        hub = self._hub
        if hub is not None:
            hub.show(frame)
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
        hub = self._hub
        if hub is not None:
            hub.send_values({address: value}, controller)

    def exchange(self, went: frozenset[str], came: frozenset[str]) -> None:
        """Send PATH_CHANGED when parameters were removed or added: a listener of the store."""
        hub = self._hub
        if hub is not None:
            for top in sorted({address.split("/")[1] for address in went | came}):
                hub.send_path_changed(f"/{top}")

    def close(self) -> None:
        """End all connections and free the port, within a second."""
        if self._thread is not None and self._thread.is_alive():
            self._closing.set()
            if self._serving is not None:
                self._serving.end()
            self._thread.join(_JOIN_S)
        for sock in self._sockets:
            sock.close()

    def _send(self, values: Mapping[str, Value]) -> None:
        with self._noting:
            self._newest = {**self._newest, **values}
            hub = self._hub
            if hub is not None:
                hub.newest = self._newest
        if hub is not None:
            hub.send_values(values)

    def _is_heard(self, addresses: Iterable[str]) -> bool:
        hub = self._hub
        return hub is not None and not hub.listened.isdisjoint(addresses)

    def _run(self) -> None:
        from bandwalk.web.serving import Door, Serving

        door = Door(self._sockets, self.address, self.port, self._hosts, self._token, self._tls, self._may)
        serving = Serving(door, self._calls, self._counters)
        with self._noting:
            serving.hub.newest = self._newest
            self._serving = serving
        if not self._closing.is_set():
            serving.run()
