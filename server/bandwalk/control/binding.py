"""The control port: the same number, opened for UDP or TCP on each address that ``--bind`` means."""

import errno
import os
import socket
from collections.abc import Callable

from bandwalk.errors import WireError
from bandwalk.wire import addresses_of, first_address, not_this_machine, port_is_taken

MAX_TRIES = 8
"""How many ports to try until one is free on all addresses."""

Open = Callable[[socket.socket], None]
"""Makes a bound socket ready."""


def bind_all(bind: str, port: int, kind: socket.SocketKind, ready: Open) -> list[socket.socket]:
    """Return a socket for each address of ``--bind``; without ::1 if this machine does not have it.

    Args:
        bind:  address or name of this machine.
        port:  0: a port that is free on all of the addresses.
        kind:  SOCK_DGRAM or SOCK_STREAM.
        ready: called with each socket, bound.

    Raises:
        WireError: the port is taken, or the address is not this machine's.
    """
    for tries in range(MAX_TRIES):
        try:
            return _bind_all(bind, port, kind, ready)
        except WireError:
            if port or tries == MAX_TRIES - 1:
                raise
    raise AssertionError


def _bind_all(bind: str, port: int, kind: socket.SocketKind, ready: Open) -> list[socket.socket]:
    first, *others = addresses_of(bind)
    sockets = [_bind(first, port, kind, ready)]
    port = port or sockets[0].getsockname()[1]
    try:
        for address in others:
            if _is_here(address):
                sockets.append(_bind(address, port, kind, ready))
    except WireError:
        sockets[0].close()
        raise
    return sockets


def _bind(bind: str, port: int, kind: socket.SocketKind, ready: Open) -> socket.socket:
    try:
        found = socket.getaddrinfo(bind, port, type=kind)
        family, address = first_address(found)
        sock = socket.socket(family, kind)
    except (OSError, UnicodeError) as e:
        raise not_this_machine(bind, e) from e
    try:
        if family == socket.AF_INET6:  # :: means all addresses of both families, ::1 only itself
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
        if kind == socket.SOCK_STREAM and os.name == "posix":  # a restarted server can use the port of the old one
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        ready(sock)
    except OSError as e:
        sock.close()
        raise _bind_error(bind, port, kind, e) from e
    sock.setblocking(False)
    return sock


def _is_here(address: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind((address, 0))
    except OSError:
        return False
    return True


def _bind_error(bind: str, port: int, kind: socket.SocketKind, error: OSError) -> WireError:
    name = "tcp" if kind == socket.SOCK_STREAM else "udp"
    if error.errno == errno.EADDRINUSE:
        return port_is_taken("osc", port, bind, name)
    return not_this_machine(bind, f"port {port}/{name}: {error.strerror}")
