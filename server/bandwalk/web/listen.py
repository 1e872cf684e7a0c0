"""The TCP port of the web server, bound at once."""

import errno
import socket

from bandwalk.errors import WireError
from bandwalk.wire import PORTS

_BACKLOG = 256


def listen(bind: str, port: int) -> socket.socket:
    """Return a listening socket; IPv4 first, as frames are served; port 0 is a free one.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """
    try:
        found = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise WireError(f"--bind = {bind}: {e}; expected an address of this machine") from e
    family, kind, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    sock = socket.socket(family, kind)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server begun anew finds the port of the old one
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as e:
        sock.close()
        raise WireError(_reason(bind, port, e)) from e
    return sock


def _reason(bind: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"--port-base = {port - PORTS['http']}: port {port}/tcp on {bind} is taken; expected a free one"
    return f"--bind = {bind}: port {port}/tcp: {error.strerror}; expected an address of this machine"
