"""Who may use the web server: its own pages, programs, and pages that the operator allows.

In a browser, a page from anywhere can reach this port. It can send a request or open a WebSocket across sites: then
Origin names the page. Or its own name can suddenly resolve to this machine (DNS rebinding): then Host shows that name.
So both headers are checked first. A program that is not a browser sends no Origin and can send any Host.
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from aiohttp import hdrs, web

from bandwalk.units import parse_origin
from bandwalk.web.answers import is_clean, plain

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

_READ = {name.lower() for name in (hdrs.HOST, hdrs.ORIGIN, hdrs.EXPECT, hdrs.UPGRADE, hdrs.CONNECTION)}
"""The headers that we use: they must be text. Those of a handshake must be ASCII."""


class Guard:
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
        url = _split(f"//{host}") if host else None
        name = _name_of(url)
        if url is None or name is None:
            return False
        is_forwarded = not self._is_local and self._port not in (0, _port_of(url))
        return name in self._hosts or name == local_ip or (is_forwarded and _is_address(name))

    def is_origin(self, origin: str, host: str | None) -> bool:
        """Return whether a page of this Origin may steer: from this server, this machine, or the list."""
        if origin.lower() in self._origins:
            return True
        name = _name_of(_split(origin))
        return name is not None and (
            name in LOOPBACK_NAMES or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())
        )

    def refusal_of(self, request: web.BaseRequest) -> web.Response | None:
        """Return the answer to a request that is refused; None if it is allowed."""
        unclean = next((name for name, text in request.headers.items() if _is_unclean(name, text)), None)
        if unclean is not None or not is_clean(request.path):
            return plain(400, f"{unclean or 'path'}: expected UTF-8")
        local_ip = local_address(request)
        host, origin = request.headers.get(hdrs.HOST), request.headers.get(hdrs.ORIGIN)
        if not self.is_host(host, local_ip):
            known = "this server's address, or a name of --host"
            return plain(403, f"Host {str(host)[:150]}: expected {known}")
        if origin is not None and not self.is_origin(origin, host):
            return plain(403, f"Origin {origin[:150]}: expected this server's own page, or one of --allow-origin")
        return None

    @staticmethod
    def headers_for(request: web.BaseRequest) -> dict[str, str]:
        """Return the headers of an answer; they say which other pages may read it in a browser."""
        origin = request.headers.get(hdrs.ORIGIN)
        headers: dict[str, str] = {hdrs.VARY: "Origin, Accept", "X-Content-Type-Options": "nosniff"}
        headers[hdrs.SERVER] = "bandwalk"
        if origin is not None:
            headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        return headers


def local_address(request: web.BaseRequest) -> str:
    """Return the address of this machine that a client has reached; IPv4 also if an IPv6 socket accepted it."""
    sockname = request.transport.get_extra_info("sockname") if request.transport else None
    address = str(sockname[0]).partition("%")[0] if sockname else ""
    return address.removeprefix("::ffff:") if "." in address else address


def reached(request: web.BaseRequest, port: int) -> tuple[str, int]:
    """Return the (address, port) by which a client has reached this server.

    If a different port is forwarded to ours, it is that of Host; the address is empty if Host has a name.
    """
    url, local_ip = _split(f"//{request.headers.get(hdrs.HOST, '')}"), local_address(request)
    name = _name_of(url) or ""
    if url is None or url.port == port or (url.port is None and (name == local_ip or not _is_address(name))):
        return local_ip, port
    return name if _is_address(name) else "", _port_of(url)


def _is_unclean(name: str, text: str) -> bool:
    if name.lower().startswith("sec-websocket-"):
        return not text.isascii()
    return name.lower() in _READ and not is_clean(text)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port  # each may be refused
    except ValueError:
        return None
    return parts


def _name_of(url: SplitResult | None) -> str | None:
    return (url.hostname or "").rstrip(".") or None if url is not None else None


def _port_of(url: SplitResult) -> int:
    return 80 if url.port is None else url.port


def _is_address(name: str) -> bool:
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
