"""OSC to a server and its answers, over one UDP socket: what a small controller needs.

It asks for values, or subscribes to all of them and the features: ``set("/subscribe")`` every few seconds.
"""

import logging
import socket
from typing import Any, Self

from pythonosc.osc_message_builder import OscMessageBuilder

from bandwalk.errors import WireError
from bandwalk_client.packets import read_packet

logger = logging.getLogger(__name__)

MAX_DATAGRAM = 65_536
MAX_AT_ONCE = 256
"""Datagrams read in one call; the kernel's buffer bounds what waits."""


class Control:
    """Steers a server by OSC and hears its answers. UDP: nothing tells whether a message arrived.

    Args:
        host: Name or address of the server.
        port: Its OSC control port.

    Raises:
        WireError: the host has no address.
    """

    def __init__(self, host: str, port: int) -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as e:
            raise WireError(f"OSC to {host}:{port}: {e}; expected the name or address of a server") from e
        family, *_, server = min(found, key=lambda info: info[0] != socket.AF_INET)  # localhost: 127.0.0.1 first
        self._name = f"{host}:{port}"
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.connect(server)  # the kernel then lets in what comes from there, and nothing else
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def set(self, address: str, *values: float | int | str) -> None:
        """Send a message; a boolean goes out as 0 or 1, which every program understands.

        Raises:
            WireError: it cannot be sent.
        """
        builder = OscMessageBuilder(address)
        for value in values:
            builder.add_arg(int(value) if isinstance(value, bool) else value)
        packet = builder.build().dgram
        try:
            try:
                self._socket.send(packet)
            except ConnectionRefusedError:  # the message before found no one; this one may
                self._socket.send(packet)
        except OSError as e:
            raise WireError(f"OSC {address} to {self._name}: {e}; expected a server there") from e

    def ask(self, address: str) -> None:
        """Ask for the value of a parameter; the answer comes with :meth:`answers`."""
        self.set(address)

    def answers(self) -> list[tuple[str, list[Any]]]:
        """Return what the server has sent since the last call, as (address, values); never waits."""
        found: list[tuple[str, list[Any]]] = []
        for _ in range(MAX_AT_ONCE):
            try:
                datagram = self._socket.recv(MAX_DATAGRAM)
            except BlockingIOError:
                break
            except OSError as e:  # a message of ours found no one
                logger.debug("OSC answers: %s", e)
                continue
            found += read_packet(datagram)
        return found
