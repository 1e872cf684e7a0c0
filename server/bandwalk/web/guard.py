"""Who may use the web server: its own pages, programs, and pages that the operator allows.

In a browser, a page from anywhere can reach this port. It can send a request or open a WebSocket across sites: then
Origin names the page. Or its own name can suddenly resolve to this machine (DNS rebinding): then Host shows that name.
So both headers are checked first. A program that is not a browser sends no Origin and can send any Host.
"""

from aiohttp import hdrs, web

from bandwalk.web.answers import is_clean, plain
from bandwalk.web.hosts import Hosts, is_address, name_of, port_of, split

_READ = {name.lower() for name in (hdrs.HOST, hdrs.ORIGIN, hdrs.EXPECT, hdrs.UPGRADE, hdrs.CONNECTION)}
"""The headers that we use: they must be text. Those of a handshake must be ASCII."""


class Guard:
    """Judges the headers of requests; hosts says what is right in them."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def refusal_of(self, request: web.BaseRequest) -> web.Response | None:
        """Return the answer to a request that is refused; None if it is allowed."""
        unclean = next((name for name, text in request.headers.items() if _is_unclean(name, text)), None)
        if unclean is not None or not is_clean(request.path):
            return plain(400, f"{unclean or 'path'}: expected UTF-8")
        local_ip = local_address(request)
        host, origin = request.headers.get(hdrs.HOST), request.headers.get(hdrs.ORIGIN)
        if not self._hosts.is_host(host, local_ip):
            known = "this server's address, or a name of --host"
            return plain(403, f"Host {str(host)[:150]}: expected {known}")
        if origin is not None and not self._hosts.is_origin(origin, host):
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
    url, local_ip = split(f"//{request.headers.get(hdrs.HOST, '')}"), local_address(request)
    name = name_of(url) or ""
    if url is None or url.port == port or (url.port is None and (name == local_ip or not is_address(name))):
        return local_ip, port
    return name if is_address(name) else "", port_of(url)


def _is_unclean(name: str, text: str) -> bool:
    if name.lower().startswith("sec-websocket-"):
        return not text.isascii()
    return name.lower() in _READ and not is_clean(text)
