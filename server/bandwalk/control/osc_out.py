"""OSC out: features to targets and subscribers, and each controller's changes to the others.

Packets for a subscriber are sent from the port that its /subscribe came to: firewalls and connected sockets accept no
other port. Packets for fixed targets are sent from a separate socket that is not bound to an address, so that they
reach other machines while the control port listens on loopback only. Nothing here waits: what cannot be sent at once
is counted and dropped.
"""

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from bandwalk.clock import Clock
from bandwalk.control.osc_map import OscMap
from bandwalk.control.route import Route
from bandwalk.control.state_packets import MAX_BUNDLE, to_bundles
from bandwalk.control.store import Store
from bandwalk.control.subscribers import Subscribers
from bandwalk.control.subscription import Subscription
from bandwalk.control.targets import Targets
from bandwalk.osc import NumberBundle, encode
from bandwalk.params.controller import Address
from bandwalk.params.row import INT32, Value
from bandwalk.params.signals import FEATURES, HITS, NAMES, SIGNALS, numbers_of
from bandwalk.records import Counters, Features

FRAME = tuple((row.address, row.type) for row in SIGNALS if row.address.startswith("/frame/"))
"""(address, type tag) of each message of a published frame."""

Send = Callable[[bytes, Address], None]
"""Sends a packet from the control port."""


class OscOut:
    """Sends to fixed targets and to subscribers.

    Args:
        targets:     (host, port) each, from ``--osc-to``; names are looked up in the background.
        subscribers: read before each message.
        send:        sends to a UDP subscriber: :meth:`OscIn.send`.
        clock:       for the rates of subscribers.
        counters:    gets ``osc_out_dropped`` (no room), ``osc_out_failed`` (unreachable and the like).
        routes:      send features to other programs' addresses; a route without a target goes to all targets.
        route_rate:  most messages per second along a route that follows a value; 0: one per step.

    Raises:
        ParameterError: a target is this server's own port.
    """

    def __init__(
        self,
        targets: Sequence[Address],
        subscribers: Subscribers,
        *,
        send: Send,
        clock: Clock,
        counters: Counters,
        routes: Sequence[Route] = (),
        route_rate: float = 0.0,
    ) -> None:
        self._wanted = targets
        named = [(host, port, "--osc-to") for host, port in targets]
        named += [(*route.target, "--osc-map") for route in routes if route.target]
        self._targets = Targets(named, own_port=subscribers.own_port)
        self._map = OscMap(routes, rate=route_rate)
        self._subscribers = subscribers
        self._to_subscriber = send
        self._clock = clock
        self._counters = counters
        layout = [(row.address, row.type) for row in FEATURES]
        self._features = NumberBundle(layout, max_bytes=MAX_BUNDLE, repeated="/feature/time")
        self._frame = NumberBundle(FRAME)
        self._sockets = {family: _open(family) for family in (socket.AF_INET, socket.AF_INET6)}

    def send_features(self, features: Features) -> None:
        """Send one analysis step to all targets and subscribers, as a few bundles, and along the routes."""
        numbers = numbers_of(features)
        packets, now = self._features.pack(numbers), self._clock.now()
        for subscription in self._subscribers.alive():
            if subscription.takes_all:
                self._send_to(subscription, packets)
            elif (thinned := subscription.thin(numbers, HITS, now)) is not None:
                self._send_to(subscription, self._features.pack(thinned))
        self._send_to_targets(packets)
        for route, packet in self._map.packets(dict(zip(NAMES, numbers, strict=True)), features.t_audio):
            for target in self._targets.resolve([route.target] if route.target else self._wanted):
                self._send(packet, target)

    def send_frame(self, seq: int, age_ms: float) -> None:
        """Send the number of a published frame, and the age of its sound in milliseconds."""
        packets, now = self._frame.pack((seq & INT32, age_ms)), self._clock.now()
        for subscription in self._subscribers.alive():
            if subscription.frame_is_due(now):
                self._send_to(subscription, packets)
        self._send_to_targets(packets)

    def send_route_values(self, values: Mapping[str, Value]) -> None:
        """Send all subscribers where routes have moved their targets, by address."""
        packets, now = list(to_bundles(values, tuple(values))), self._clock.now()
        for subscription in self._subscribers.alive():
            if subscription.routes_are_due(now):
                self._send_to(subscription, packets)

    def tell(self, values: Mapping[str, Value]) -> None:
        """Send all subscribers signals by address; callable from any thread."""
        packets = list(to_bundles(values, tuple(values)))
        for subscription in self._subscribers.alive():
            self._send_to(subscription, packets)

    def echo(self, address: str, value: Value, controller: object) -> None:
        """Send a parameter's new value to all subscribers except the one that set it (see :meth:`Store.listen`)."""
        packet, now = encode(address, value), self._clock.now()
        for subscription in self._subscribers.alive():
            if subscription.is_of(controller):
                subscription.note_own(address, now)
            elif subscription.echo(address, value, now):
                self._send_to(subscription, [packet])

    def turn(self, store: Store) -> None:
        """Send each subscriber the parts of the state that are due, and the changes that waited for its rate.

        Call it a few dozen times a second, from one thread.
        """
        now = self._clock.now()
        for subscription in self._subscribers.alive():
            changed = subscription.take_changed(now)
            self._send_values(subscription, changed, tuple(changed))
            store.read(partial(self._send_due, subscription, now))

    def close(self) -> None:
        """Close the sockets; later messages count as failed."""
        self._targets.close()
        for sock in self._sockets.values():
            if sock is not None:
                sock.close()

    def _send_due(self, subscription: Subscription, now: float, values: Mapping[str, Value]) -> None:
        self._send_values(subscription, values, subscription.take_due(tuple(values), now))

    def _send_values(self, subscription: Subscription, values: Mapping[str, Value], addresses: Iterable[str]) -> None:
        self._send_to(subscription, to_bundles(values, addresses))

    def _send_to(self, subscription: Subscription, packets: Iterable[bytes]) -> None:
        for packet in packets:
            if isinstance(subscription.target, tuple):
                self._to_subscriber(packet, subscription.target)
            else:
                subscription.target.answer(packet)

    def _send_to_targets(self, packets: Iterable[bytes]) -> None:
        """Send to the fixed targets, except those that have subscribed."""
        subscribed = set(self._subscribers.targets())
        for target in dict.fromkeys(self._targets.resolve(self._wanted)):
            if target not in subscribed:
                for packet in packets:
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


def _open(family: socket.AddressFamily) -> socket.socket | None:
    try:
        sock = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        return None
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)  # --osc-to may be a broadcast address
    return sock
