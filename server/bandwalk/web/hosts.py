"""By which names this machine is reached, and the pages of which servers may steer: no request is needed to know it."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from bandwalk.units import parse_origin

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class Hosts:
    """Judges Host and Origin.

    Args:
        bind:          the name or address to which the server is bound.
        port:          of this server; 0: unknown.
        allow_origins: pages of other servers that may steer.
        hosts:         more names of this machine.
    """

    def __init__(
        self, bind: str, port: int = 0, *, allow_origins: Iterable[str] = (), hosts: Iterable[str] = ()
    ) -> None:
        self._port = port
        self._is_local = is_loopback(bind)
        self._origins = frozenset(map(parse_origin, allow_origins))
        own = [] if self._is_local else _own_names()
        listed = [urlsplit(origin).hostname or "" for origin in self._origins]
        named = [host.lower().rstrip(".") for host in hosts]
        self._hosts = frozenset([*LOOPBACK_NAMES, bind.lower(), *own, *listed, *named]) - {""}

    def is_host(self, host: str | None, local_ip: str) -> bool:
        """Return whether a Host header names this server; local_ip: the address that the client has reached.

        A port that is not ours belongs to a router or container host that forwards to us. The address before it is
        theirs, so any address is accepted there; only names can be misused to point to a different machine.
        """
        url = split(f"//{host}") if host else None
        name = name_of(url)
        if url is None or name is None:
            return False
        is_forwarded = not self._is_local and self._port not in (0, port_of(url))
        return name in self._hosts or name == local_ip or (is_forwarded and is_address(name))

    def is_origin(self, origin: str, host: str | None) -> bool:
        """Return whether a page of this Origin may steer: from this server, this machine, or the list."""
        if origin.lower() in self._origins:
            return True
        name = name_of(split(origin))
        return name is not None and (
            name in LOOPBACK_NAMES or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())
        )


def split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None: it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port  # each may be refused
    except ValueError:
        return None
    return parts


def name_of(url: SplitResult | None) -> str | None:
    """Return the host in a URL, without a dot at its end."""
    return (url.hostname or "").rstrip(".") or None if url is not None else None


def port_of(url: SplitResult) -> int:
    """Return the port in a URL."""
    return 80 if url.port is None else url.port


def is_address(name: str) -> bool:
    """Return whether a host is a number, not a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(bind: str) -> bool:
    """Return whether only this machine can reach a server that is bound to a name or an address."""
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def _own_names() -> list[str]:
    name = socket.gethostname().lower().removesuffix(".local")
    return [name, f"{name}.local"]
