"""OSC to a server and its answers, over one UDP socket: enough for a small controller.

It can ask for single values, or subscribe to all values and features: ``set("/subscribe")`` every few seconds.
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
"""Most datagrams read in one call; the rest waits in the kernel's buffer."""


class Control:
    """Steers a server by OSC and receives its answers. With UDP nothing shows whether a message has arrived.

    Args:
        host: name or address of the server.
        port: its OSC control port.

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
        self._socket.connect(server)  # the kernel then accepts packets only from there
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def fileno(self) -> int:
        """Return the socket's number, to wait for answers with select."""
        return self._socket.fileno()

    def set(self, address: str, *values: float | int | str) -> None:
        """Send a message; a boolean is sent as 0 or 1, which every program understands.

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
            except ConnectionRefusedError:  # the previous message was not received; this one may be
                self._socket.send(packet)
        except OSError as e:
            raise WireError(f"OSC {address} to {self._name}: {e}; expected a server there") from e

    def ask(self, address: str) -> None:
        """Ask for the value of a parameter; :meth:`answers` returns the answer."""
        self.set(address)

    def answers(self) -> list[tuple[str, list[Any]]]:
        """Return the server's messages since the previous call, as (address, values); never waits."""
        found: list[tuple[str, list[Any]]] = []
        for _ in range(MAX_AT_ONCE):
            try:
                datagram = self._socket.recv(MAX_DATAGRAM)
            except BlockingIOError:
                break
            except OSError as e:  # nobody received one of our messages
                logger.debug("OSC answers: %s", e)
                continue
            found += read_packet(datagram)
        return found
