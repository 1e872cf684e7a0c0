"""Which controllers get answers.

The source address of a datagram can be forged, so a server that answers everybody can be misused to flood a third
machine. Programs on this machine are answered; a different machine is answered, and may subscribe, only if the
operator allows it (``--osc-allow``).
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from bandwalk.errors import ParameterError
from bandwalk.params.controller import Controller
from bandwalk.wire import parse_ip, parse_network


def name_of(controller: Controller) -> str:
    """Return a controller's name for the log."""
    return f"{controller[0]}:{controller[1]}" if isinstance(controller, tuple) else controller.name


def ip_of(controller: Controller) -> str:
    """Return the address of a controller's machine."""
    return controller[0] if isinstance(controller, tuple) else controller.ip


class AllowedPeers:
    """The machines to which answers and subscriptions may be sent.

    Args:
        networks: IP addresses and networks beyond loopback.

    Raises:
        ParameterError: one of them is neither.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [_parse(text) for text in networks]

    def __contains__(self, ip: str) -> bool:
        address = parse_ip(ip)
        return address.is_loopback or any(address in network for network in self._networks)

    def __bool__(self) -> bool:
        """Return whether any machine is allowed besides this one."""
        return bool(self._networks)


def _parse(text: str) -> IPv4Network | IPv6Network:
    try:
        return parse_network(text)
    except ParameterError as e:
        raise ParameterError(f"--osc-allow = {e}") from e
