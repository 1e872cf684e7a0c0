"""Who may speak to the web server: a page of ours, a program, a page that the operator has named.

A browser carries a page from anywhere to this port: by a request or a WebSocket across sites, which names the page's
Origin, or by a name of the page's own that suddenly stands for this machine (DNS rebinding), which shows in Host. So
both are looked at before anything else. A program that is no browser sends no Origin, and says what it likes as Host.
"""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from bandwalk.units import parse_origin

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Judges Host and Origin.

    Args:
        bind:          the name or address that was bound; its pages are ours.
        allow_origins: pages from elsewhere that may steer.
    """

    def __init__(self, bind: str, allow_origins: Iterable[str] = ()) -> None:
        self._origins = frozenset(map(parse_origin, allow_origins))
        own = [] if is_loopback(bind) else _own_names()
        listed = [urlsplit(origin).hostname or "" for origin in self._origins]
        self._hosts = frozenset([*LOOPBACK_NAMES, bind.lower(), *own, *listed])

    def is_host(self, host: str | None, local_ip: str) -> bool:
        """Tell whether a Host header names this server; local_ip: the address that the client has reached."""
        name = _host_of(f"//{host}") if host else None
        return name is not None and (name in self._hosts or name == local_ip)

    def is_origin(self, origin: str, host: str | None, local_ip: str) -> bool:
        """Tell whether a page of this Origin may steer: one from this server, this machine, or the list."""
        if origin.lower() in self._origins:
            return True
        name = _host_of(origin)
        return name is not None and (
            name in LOOPBACK_NAMES or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())
        )

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse who may not speak, and tell browsers which other pages may read."""
        local_ip = local_address(request)
        host, origin = request.headers.get(hdrs.HOST), request.headers.get(hdrs.ORIGIN)
        if not self.is_host(host, local_ip):
            return _refusal(f"Host {host}: expected this server's address, or a host of --allow-origin")
        if origin is not None and not self.is_origin(origin, host, local_ip):
            return _refusal(f"Origin {origin}: expected this server's own page, or one of --allow-origin")
        if request.method == hdrs.METH_OPTIONS:
            return web.Response(status=204, headers=_cors(origin) | {"Access-Control-Allow-Methods": "GET, HEAD"})
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_cors(origin) | {"X-Content-Type-Options": "nosniff", hdrs.SERVER: "bandwalk"})
        return response


def local_address(request: web.Request) -> str:
    """Return the address of this machine that a client has reached."""
    sockname = request.transport.get_extra_info("sockname") if request.transport else None
    return str(sockname[0]).partition("%")[0] if sockname else ""


def _cors(origin: str | None) -> dict[str, str]:
    headers: dict[str, str] = {hdrs.VARY: "Origin, Accept"}
    return headers if origin is None else headers | {hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin}


def _refusal(reason: str) -> web.Response:
    return web.Response(status=403, text=reason[:300] + "\n")


def _host_of(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").rstrip(".") or None
    except ValueError:
        return None


def is_loopback(bind: str) -> bool:
    """Tell whether only this machine reaches what is bound to a name or an address."""
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def _own_names() -> list[str]:
    name = socket.gethostname().lower().removesuffix(".local")
    return [name, f"{name}.local"]
