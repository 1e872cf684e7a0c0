"""Where ``--osc-to`` and routes go: names are looked up beside the show, and once more as long as it lasts."""

import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Sequence

from bandwalk.errors import ParameterError
from bandwalk.params.controller import Address

AGAIN_S = 10.0
"""Seconds between two lookups of a name: a machine that was off comes, one gets another address."""

FIRST_S = 0.5
"""Longest wait at the start for names that are known here."""

logger = logging.getLogger(__name__)


class Targets:
    """Targets by name or address. One that is not known (yet) stops nothing: it is left out until it is.

    Args:
        wanted:   (host, port, the option that names it), each.
        own_port: the port that this server listens on; an address of this machine with it is refused. 0: unknown.
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
        """Return the (ip, port) of those of the targets that are known now."""
        return [(self._known[host], port) for host, port in wanted if host in self._known]

    def close(self) -> None:
        """Look up nothing more."""
        self._closed.set()

    def _take_number(self, host: str) -> bool:
        """Tell whether a host is an address rather than a name, and know it."""
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
                    self._say(name, f"{self._options[name]} = {name}: host not found; it gets nothing until it is")
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
        return ParameterError(f"{option} = {host}:{port}: this server's own port, expected one of another program")


def _look_up(name: str) -> str:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return str(min((address[0] for *_, address in found), key=lambda ip: ":" in str(ip)))  # IPv4 if there is one


def _is_own(ip: str) -> bool:
    """Tell whether what is sent to an address comes to this machine: one that can be bound here."""
    if ipaddress.ip_address(ip.partition("%")[0]).is_multicast:
        return False
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((ip, 0))
    except OSError:
        return False
    return True
