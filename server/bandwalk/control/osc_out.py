"""OSC out: features to whoever listens, and the changes of one controller to the others.

One socket of its own, bound to no address, so that it reaches other machines while the control port listens on
loopback alone. Nothing here waits: what cannot be sent at once is counted and forgotten.
"""

import socket
from collections.abc import Iterable, Sequence

from bandwalk.control.codec import NumberBundle, encode
from bandwalk.control.osc_map import OscMap
from bandwalk.control.peers import Address, Subscribers
from bandwalk.control.route import Route
from bandwalk.errors import ParameterError
from bandwalk.params import SIGNALS
from bandwalk.records import Counters, Features
from bandwalk.row import INT32, Value

FEATURES = tuple((row.address, row.type) for row in SIGNALS if row.address.startswith("/feature/"))
"""(address, type tag) of what one analysis step sends, in order."""

_NAMES = tuple(address.removeprefix("/feature/") for address, _ in FEATURES)

FRAME = tuple((row.address, row.type) for row in SIGNALS if row.address.startswith("/frame/"))
"""(address, type tag) of what one published frame sends."""


class OscOut:
    """Sends to fixed targets and to subscribers.

    Args:
        targets:     (host, port) each, from ``--osc-to``; names are looked up once, here.
        subscribers: read at each sending.
        counters:    gets ``osc_out_dropped`` (no room), ``osc_out_failed`` (unreachable and the like).
        routes:      features on their way to other programs' addresses; one without a target goes to all targets.
        route_rate:  most messages a second along a route that follows a value; 0: one each step.

    Raises:
        ParameterError: a host that is not found.
    """

    def __init__(
        self,
        targets: Iterable[Address],
        subscribers: Subscribers,
        *,
        counters: Counters,
        routes: Sequence[Route] = (),
        route_rate: float = 0.0,
    ) -> None:
        self._targets = [_resolve(host, port, "--osc-to") for host, port in targets]
        placed = [(r, [_resolve(*r.target, "--osc-map")] if r.target else self._targets) for r in routes]
        self._map = OscMap(placed, rate=route_rate)
        self._subscribers = subscribers
        self._counters = counters
        self._features = NumberBundle(FEATURES)
        self._frame = NumberBundle(FRAME)
        self._sockets = {family: _open(family) for family in (socket.AF_INET, socket.AF_INET6)}

    def send_features(self, features: Features) -> None:
        """Send one analysis step to all targets and subscribers, as one bundle, and along the routes."""
        bands = zip(features.level, features.change, map(int, features.onset), features.rms, strict=True)
        numbers = [*(number for band in bands for number in band), features.rms_full, features.t_audio]
        self._send_all(self._features.pack(numbers))
        for packet, target in self._map.packets(dict(zip(_NAMES, numbers, strict=True)), features.t_audio):
            self._send(packet, target)

    def send_frame(self, seq: int, age_ms: float) -> None:
        """Tell that a frame was published: its number, and the age of its sound in milliseconds."""
        self._send_all(self._frame.pack((seq & INT32, age_ms)))

    def echo(self, address: str, value: Value, origin: object) -> None:
        """Tell a parameter's new value to all subscribers but the one that set it (see :meth:`Store.listen`)."""
        packet = encode(address, value)
        for target in self._subscribers.targets(but=origin):
            self._send(packet, target)

    def close(self) -> None:
        """Close the sockets; later sendings are counted as failed."""
        for sock in self._sockets.values():
            if sock is not None:
                sock.close()

    def _send_all(self, packet: bytes) -> None:
        for target in dict.fromkeys((*self._targets, *self._subscribers.targets())):
            self._send(packet, target)

    def _send(self, packet: bytes, target: Address) -> None:
        sock = self._sockets[socket.AF_INET6 if ":" in target[0] else socket.AF_INET]
        try:
            if sock is None:
                raise OSError("this machine has no IPv6")
            sock.sendto(packet, target)
        except BlockingIOError:
            self._counters.add("osc_out_dropped")
        except OSError:
            self._counters.add("osc_out_failed")


def _resolve(host: str, port: int, option: str) -> Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as e:
        raise ParameterError(f"{option} = {host}:{port}: host not found, expected a name or an address") from e
    ip = min((address for *_, address in found), key=lambda address: ":" in str(address[0]))[0]  # IPv4 if there is one
    return str(ip), port


def _open(family: socket.AddressFamily) -> socket.socket | None:
    try:
        sock = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        return None
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)  # --osc-to may name a whole stage network
    return sock
