"""The address of a server, in the notations that users write."""

import re
from dataclasses import dataclass

from bandwalk.errors import ParameterError
from bandwalk.wire import PORTS

PORT_BASE = 9000
DEFAULT_HOST = "127.0.0.1"

_ENDPOINT = re.compile(r"(?:tcp://)?(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9._-]*))(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The frame port of a server."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return it in ZeroMQ's notation: tcp://127.0.0.1:9002."""
        host = f"[{self.host}]" if self.is_ipv6 else self.host
        return f"tcp://{host}:{self.port}"

    @property
    def is_ipv6(self) -> bool:
        """Return whether the host is an IPv6 address."""
        return ":" in self.host

    @property
    def is_loopback(self) -> bool:
        """Return whether the server seems to run on this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def osc_port(self) -> int:
        """The OSC control port of the same server."""
        return self.port - PORTS["frames"] + PORTS["osc"]


def parse_endpoint(text: str, *, port: int = PORT_BASE + PORTS["frames"]) -> Endpoint:
    """Return the endpoint of "HOST", "HOST:PORT", ":PORT", "tcp://HOST:PORT" or "[IPv6]:PORT".

    Args:
        text: one of these.
        port: the port if the text has none.

    Raises:
        ParameterError: the text has none of these forms, or its port is out of 1..65535.
    """
    match = _ENDPOINT.fullmatch(text.strip())
    port = int(match["port"] or port) if match else 0
    if match is None or not 1 <= port <= 65535:
        raise ParameterError(f"endpoint = {text[:80]!r}: expected HOST, HOST:PORT or tcp://HOST:PORT")
    return Endpoint(match["ipv6"] or match["host"] or DEFAULT_HOST, port)
