"""The TCP port of the web server, bound at once."""

import errno
import socket
from typing import Any

from bandwalk.errors import WireError
from bandwalk.wire import first_address, not_this_machine, port_is_taken

_BACKLOG = 256

_OTHER_LOOPBACK = {"127.0.0.1": (socket.AF_INET6, "::1"), "::1": (socket.AF_INET, "127.0.0.1")}


def listen(bind: str, port: int) -> list[socket.socket]:
    """Return listening sockets of one port; port 0 is a free one.

    IPv4 comes first, as for frames. Loopback means both of its addresses, because programs differ in which of them
    ``localhost`` is. ``::`` accepts IPv4, too.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """
    try:
        found = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise not_this_machine(bind, e) from e
    family, address = first_address(found)
    first = _open(family, address, bind)
    other = _OTHER_LOOPBACK.get(str(address[0]))
    if other is None:
        return [first]
    try:
        return [first, _open(other[0], (other[1], first.getsockname()[1]), bind)]
    except _AbsentError:
        return [first]  # a machine without IPv6, or without IPv4
    except WireError:
        first.close()
        raise


class _AbsentError(WireError):
    """An address that this machine does not have."""


def _open(family: int, address: Any, bind: str) -> socket.socket:
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as e:
        raise _AbsentError(str(not_this_machine(bind, e.strerror))) from e
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restarted server can use the port of the old one
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as e:
        sock.close()
        raise _error(bind, address, e) from e
    return sock


def _error(bind: str, address: Any, error: OSError) -> WireError:
    host, port = address[:2]
    if error.errno == errno.EADDRINUSE:
        return port_is_taken("http", port, host)
    refused = not_this_machine(bind, f"port {port}/tcp: {error.strerror}")
    return _AbsentError(str(refused)) if error.errno == errno.EADDRNOTAVAIL else refused
