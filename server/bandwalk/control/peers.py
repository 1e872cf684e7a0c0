"""Who speaks to us, and who may have an answer at all.

The source of a datagram can be forged, so that whoever answers everybody can be made to flood a third machine.
Programs on this machine are answered; one beyond loopback is answered, and may subscribe, only if the operator has
named it (``--osc-allow``).
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol, runtime_checkable

from bandwalk.errors import ParameterError
from bandwalk.wire import parse_ip, parse_network

Address = tuple[str, int]
"""(ip, port)."""


@runtime_checkable
class Line(Protocol):
    """A controller with a connection of its own (a WebSocket, TCP): what it sends is answered there."""

    @property
    def name(self) -> str:
        """Who it is, for the log."""

    @property
    def ip(self) -> str:
        """The address of its other end."""

    @property
    def takes_features(self) -> bool:
        """Whether /subscribe sends features on it; else it has other ways to ask for them."""

    def answer(self, packet: bytes) -> None:
        """Send a packet to it; from any thread, and without waiting."""

    def declare(self, port: int) -> None:
        """Know the UDP port that the same controller sends from."""

    def is_one_with(self, origin: object) -> bool:
        """Tell whether a source is this line, or the UDP port that it has declared."""


Source = Address | Line
"""Where a message came from. ``isinstance(source, tuple)`` tells which: a look at the protocol takes 20 us."""


def name_of(source: Source) -> str:
    """Return who a source is, for the log."""
    return f"{source[0]}:{source[1]}" if isinstance(source, tuple) else source.name


def ip_of(source: Source) -> str:
    """Return the address of a source's machine."""
    return source[0] if isinstance(source, tuple) else source.ip


class Allowed:
    """The machines that may be answered on a datagram's word.

    Args:
        networks: IP addresses and networks beyond loopback.

    Raises:
        ParameterError: one is neither.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [_parse(text) for text in networks]

    def __contains__(self, ip: str) -> bool:
        address = parse_ip(ip)
        return address.is_loopback or any(address in network for network in self._networks)

    def __bool__(self) -> bool:
        """Return whether any is named."""
        return bool(self._networks)


def _parse(text: str) -> IPv4Network | IPv6Network:
    try:
        return parse_network(text)
    except ParameterError as e:
        raise ParameterError(f"--osc-allow = {e}") from e
