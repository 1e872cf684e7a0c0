"""Who hears us: subscribers, and who may have an answer at all.

The source of a datagram can be forged, so that whoever answers everybody can be made to flood a third machine.
Programs on this machine are answered; one beyond loopback is answered, and may subscribe, only if the operator has
named it (``--osc-allow``).
"""

import ipaddress
import threading
from collections.abc import Iterable
from typing import NamedTuple, Protocol, runtime_checkable

from bandwalk.clock import Clock
from bandwalk.errors import ParameterError

LAPSE_S = 10.0
"""Seconds after which a subscription that was not renewed ends."""

Address = tuple[str, int]
"""(ip, port)."""


@runtime_checkable
class Line(Protocol):
    """A controller with a connection of its own (a WebSocket): what it sends is answered there."""

    @property
    def name(self) -> str:
        """Who it is, for the log."""

    @property
    def ip(self) -> str:
        """Address of its machine."""

    def answer(self, packet: bytes) -> None:
        """Send a packet to it; from any thread, and without waiting."""


Source = Address | Line
"""Where a message came from."""


class _Subscription(NamedTuple):
    source: Address
    expires: float


class Subscribers:
    """Subscriptions by the address that they are sent to.

    Args:
        clock: tells when they lapse.
        limit: most of them at a time.
        allow: IP addresses beyond loopback that may subscribe and are answered.
        own_port: the port that this server listens on, so that it is not made to talk to itself; 0: unknown.

    Raises:
        ParameterError: an entry of allow is no IP address.
    """

    def __init__(self, *, clock: Clock, limit: int, allow: Iterable[str] = (), own_port: int = 0) -> None:
        self._clock = clock
        self._limit = limit
        self._own_port = own_port
        self._allow = frozenset(_parse_ip(text) for text in allow)
        self._subscriptions: dict[Address, _Subscription] = {}
        self._lock = threading.Lock()

    def is_allowed(self, ip: str) -> bool:
        """Tell whether anything may be sent to this address on a datagram's word."""
        address = _parse_source(ip)
        return address.is_loopback or address in self._allow

    def may_save(self, source: Source) -> bool:
        """Tell whether a controller may write files here: where some are named as allowed, only those may."""
        return not self._allow or self.is_allowed(source.ip if isinstance(source, Line) else source[0])

    def subscribe(self, source: Address, port: int) -> None:
        """Send to this port of the source's machine from now on, or renew that; a source has one subscription.

        Raises:
            ParameterError: the port is none or this server's own, the source is not allowed, or there are too many
                subscribers.
        """
        if not 1 <= port <= 65535:
            raise ParameterError(f"/subscribe = {port}: expected a port in 1..65535")
        if not self.is_allowed(source[0]):
            raise ParameterError(f"/subscribe from {source[0]}: expected this machine, or an address of --osc-allow")
        if port == self._own_port and _parse_source(source[0]).is_loopback:
            raise ParameterError(f"/subscribe = {port}: this server's own port, expected one that you listen on")
        target = (source[0], port)
        with self._lock:
            others = {t: s for t, s in self._alive().items() if t != target and s.source != source}
            if len(others) >= self._limit:
                raise ParameterError(
                    f"/subscribe = {port}: {len(others)} subscribers there, expected at most {self._limit}"
                )
            self._subscriptions = others | {target: _Subscription(source, self._clock.now() + LAPSE_S)}

    def unsubscribe(self, source: Address, port: int) -> None:
        """Send no more to this port of the source's machine."""
        with self._lock:
            self._subscriptions = {t: s for t, s in self._alive().items() if t != (source[0], port)}

    def targets(self, but: object = None) -> list[Address]:
        """Return where to send to; not to the subscriber that is known by the source ``but``."""
        return [target for target, subscription in self._alive().items() if subscription.source != but]

    def answer_to(self, source: Address) -> Address | None:
        """Return where an answer to this source goes: its subscription's port, or its own; None: nowhere."""
        if not self.is_allowed(source[0]):
            return None
        known = (target for target, subscription in self._alive().items() if subscription.source == source)
        return next(known, source)

    def _alive(self) -> dict[Address, _Subscription]:
        now = self._clock.now()
        return {target: s for target, s in self._subscriptions.items() if s.expires > now}


def _parse_source(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return a datagram's source: fe80::1%eth0 without its zone, ::ffff:127.0.0.1 as the IPv4 address that it is."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _parse_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError as e:
        raise ParameterError(f"--osc-allow = {text[:80]}: expected an IP address") from e
