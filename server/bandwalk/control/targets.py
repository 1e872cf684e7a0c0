"""The targets of ``--osc-to`` and routes: names are looked up in the background, again and again."""

import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Sequence

from bandwalk.errors import ParameterError
from bandwalk.params.controller import Address

AGAIN_S = 10.0
"""Seconds between two lookups of a name: a machine may be switched on later, or its address may change."""

FIRST_S = 0.5
"""Longest wait at the start for names that resolve at once."""

logger = logging.getLogger(__name__)


class Targets:
    """Targets by name or address. A target whose name is not known (yet) is left out.

    Args:
        wanted:   (host, port, the flag that names it), each.
        own_port: the port on which this server listens; with an address of this machine it is refused. 0: unknown.
        look_up:  returns the address of a name, or raises OSError; may take long.

    Raises:
        ParameterError: a target is this server itself.
    """

    def __init__(
        self,
        wanted: Sequence[tuple[str, int, str]],
        *,
        own_port: int = 0,
        look_up: Callable[[str], str] | None = None,
    ) -> None:
        self._own_port = own_port
        self._look_up = look_up or _look_up
        self._known: dict[str, str] = {}
        self._own: set[str] = set()
        self._said: set[str] = set()
        self._options = {host: option for host, _, option in wanted}
        self._at_own = {host for host, port, option in wanted if option == "--osc-to" and port == own_port}
        self._closed = threading.Event()
        names = [host for host in self._options if not self._take_number(host)]
        if names:
            first = threading.Event()
            threading.Thread(target=self._follow, args=(names, first), name="osc-names", daemon=True).start()
            first.wait(FIRST_S)
        for host in self._own:
            raise self._own_error(host)

    def resolve(self, wanted: Sequence[Address]) -> list[Address]:
        """Return (ip, port) of the targets whose addresses are known now."""
        return [(self._known[host], port) for host, port in wanted if host in self._known]

    def close(self) -> None:
        """Stop the lookups."""
        self._closed.set()

    def _take_number(self, host: str) -> bool:
        """Return whether a host is an address, not a name; if so, note it."""
        try:
            ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        self._note(host, host)
        return True

    def _follow(self, names: Sequence[str], first: threading.Event) -> None:
        while not self._closed.is_set():
            for name in names:
                try:
                    self._note(name, self._look_up(name))
                except (OSError, UnicodeError):
                    self._say(
                        name, f"{self._options[name]} = {name}: host not found; it gets nothing until it is found"
                    )
                if name in self._own and first.is_set():
                    self._say(name, str(self._own_error(name)))
            first.set()
            self._closed.wait(AGAIN_S)

    def _say(self, name: str, line: str) -> None:
        if name not in self._known and name not in self._said:
            self._said.add(name)
            logger.warning("%s", line)

    def _note(self, host: str, ip: str) -> None:
        if self._known.get(host) == ip or host in self._own:
            return
        if host in self._at_own and _is_own(ip):
            self._own.add(host)
        else:
            self._known[host] = ip

    def _own_error(self, host: str) -> ParameterError:
        option, port = self._options[host], self._own_port
        return ParameterError(f"{option} = {host}:{port}: this server's own port; expected that of a different program")


def _look_up(name: str) -> str:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return str(min((address[0] for *_, address in found), key=lambda ip: ":" in str(ip)))  # IPv4 if there is one


def _is_own(ip: str) -> bool:
    """Return whether an address belongs to this machine: it can be bound here."""
    if ipaddress.ip_address(ip.partition("%")[0]).is_multicast:
        return False
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((ip, 0))
    except OSError:
        return False
    return True
