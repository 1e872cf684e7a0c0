"""A control server on free ports, and controllers that speak OSC by python-osc, not by bandwalk's own codec."""

import itertools
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from osc_wire import build, parse
from server import free_port_base
from waiting import wait_until

from bandwalk.clock import ManualClock
from bandwalk.control import Damping, Dispatcher, OscIn, OscOut, Store, Subscribers
from bandwalk.params import defaults
from bandwalk.params.commands import COMMANDS
from bandwalk.records import Counters

DEADLINE_S = 30.0
_numbers = itertools.count(1)


class Peer:
    """A controller: one UDP socket, which also listens."""

    def __init__(self, port: int, ip: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((ip, 0))
        self.socket.settimeout(DEADLINE_S)
        self.server = ("127.0.0.1", port)

    @property
    def address(self) -> tuple[str, int]:
        return self.socket.getsockname()

    @property
    def port(self) -> int:
        return self.address[1]

    def send(self, address: str, *args: Any, tags: str | None = None) -> None:
        self.send_raw(build(address, *args, tags=tags))

    def send_raw(self, packet: bytes) -> None:
        self.socket.sendto(packet, self.server)

    def receive(self) -> list[tuple[str, list[Any]]]:
        return parse(self.socket.recv(65536))

    def settle(self, through: "Peer | None" = None) -> list[tuple[str, list[Any]]]:
        """Return all that has come before the server's answer to a /ping sent now.

        through: the controller that asks, where this one only listens at its declared port.
        """
        number = next(_numbers)
        (through or self).send("/ping", number)
        heard = []
        while ("/pong", [number]) not in (messages := self.receive()):
            heard += messages
        return heard

    def ask(self, address: str, *args: Any, tags: str | None = None) -> list[tuple[str, list[Any]]]:
        """Return what the server sends back for one message."""
        self.send(address, *args, tags=tags)
        return self.settle()


@dataclass
class Server:
    """Control as the live engine composes it, with a clock that the test moves and commands that are recorded."""

    limit: int = 4
    bind: str = "127.0.0.1"
    allow: tuple[str, ...] = ()
    targets: tuple[tuple[str, int], ...] = ()
    clock: ManualClock = field(default_factory=lambda: ManualClock(100.0))
    counters: Counters = field(default_factory=Counters)
    acted: list[tuple[str, list[Any]]] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store(defaults())
        self.subscribers = Subscribers(clock=self.clock, limit=self.limit, allow=self.allow)
        self.osc_in = OscIn(self.bind, 0, counters=self.counters, rows=self.store.rows)
        self.osc_out = OscOut(
            self.targets, self.subscribers, send=self.osc_in.send, clock=self.clock, counters=self.counters
        )
        self.damping = Damping([self.osc_out.echo], self.clock)
        self.store.listen(self.damping.follow)
        own = ("/ping", "/subscribe", "/unsubscribe")
        self.dispatcher = Dispatcher(
            self.store,
            {command.address: self._recorder(command.address) for command in COMMANDS if command.address not in own},
            subscribers=self.subscribers,
            send=self.osc_in.send,
            clock=self.clock,
            counters=self.counters,
        )
        self.osc_in.start(self.dispatcher)
        self.port = self.osc_in.port

    def turn(self) -> None:
        """Send what is owed, as the show does some twenty times a second."""
        self.damping.turn(self.store)
        self.osc_out.turn(self.store)

    def _recorder(self, address: str) -> Callable[..., None]:
        def act(args: list[Any], source: object) -> None:
            self.acted.append((address, args))
            self.arrived.append(self.dispatcher.arrived)

        return act

    def close(self) -> None:
        self.osc_in.close()
        self.osc_out.close()


@pytest.fixture
def open_server() -> Iterator[Callable[..., Server]]:
    with_closing: list[Server] = []

    def open_one(**kwargs: Any) -> Server:
        with_closing.append(Server(**kwargs))
        return with_closing[-1]

    yield open_one
    for server in with_closing:
        server.close()


@pytest.fixture
def open_out() -> Iterator[Callable[..., OscOut]]:
    """Opens OSC out to fixed targets, without subscribers."""
    with_closing: list[OscOut] = []

    def open_one(targets: Any = (), counters: Counters | None = None, **kwargs: Any) -> OscOut:
        clock = ManualClock()
        out = OscOut(
            targets,
            Subscribers(clock=clock, limit=0, own_port=kwargs.pop("own_port", 0)),
            send=lambda packet, target: None,
            clock=clock,
            counters=counters or Counters(),
            **kwargs,
        )
        with_closing.append(out)
        return out

    yield open_one
    for out in with_closing:
        out.close()


@pytest.fixture
def server(open_server: Callable[..., Server]) -> Server:
    return open_server()


@pytest.fixture
def open_peer(server: Server) -> Iterator[Callable[..., Peer]]:
    peers: list[Peer] = []

    def open_one(port: int | None = None, **kwargs: Any) -> Peer:
        peers.append(Peer(port or server.port, **kwargs))
        return peers[-1]

    yield open_one
    for peer in peers:
        peer.socket.close()


@pytest.fixture
def peer(open_peer: Callable[..., Peer]) -> Peer:
    return open_peer()


@pytest.fixture
def free_port() -> int:
    """A UDP port that nobody has just now."""
    return free_port_base()


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until


@pytest.fixture(name="build")
def build_fixture() -> Callable[..., bytes]:
    return build


@pytest.fixture(name="parse")
def parse_fixture() -> Callable[[bytes], list[tuple[str, list[Any]]]]:
    return parse
