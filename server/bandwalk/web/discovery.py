"""Announces the server to the local network by mDNS: OSCQuery as DNS-SD type _oscjson._tcp, OSC as _osc._udp.

The network may start after the server, and change: the addresses are read again every few seconds.
"""

import asyncio
import ipaddress
import logging
import secrets
import socket
from pathlib import Path

import ifaddr
from zeroconf import Error, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

OSCQUERY = "_oscjson._tcp.local."
OSC = "_osc._udp.local."

LOOK_S = 5.0
"""Interval at which this machine's addresses are read."""

_MAX_LABEL = 63
"""Most bytes of one part of a name (RFC 1035)."""

_ROOM = 14
"""Bytes kept free in a name: for " 65535", the mark, and the "-2" of a second server with this name."""

_GOODBYE_S = 0.3
_NETWORKS = Path("/sys/class/net")

logger = logging.getLogger(__name__)


class Announcement:
    """A server's records, kept up to date from :meth:`keep` to :meth:`end`.

    Args:
        address:  to which the server is bound.
        port:     TCP port of HTTP.
        osc_port: UDP port of OSC.
    """

    def __init__(self, address: str, port: int, osc_port: int) -> None:
        self._address = address
        self._ports = {OSCQUERY: port, OSC: osc_port}
        # A second machine may have the same name and start at the same moment: then neither sees the other's records
        # before it has sent its own, and clients would confuse the two. So our names contain a random mark.
        self._mark = secrets.token_hex(4)
        self._server = f"bandwalk-{self._mark}.local."
        self._announced: list[str] = []
        self._reason = ""
        self._zeroconf: AsyncZeroconf | None = None

    async def keep(self) -> None:
        """Announce the server, and again whenever its addresses change; never returns."""
        while True:
            try:
                addresses = reachable_addresses(self._address)
            except OSError as e:
                logger.debug("mDNS: reading the addresses of this machine: %s", e)
                addresses = self._announced
            if addresses != self._announced:
                await self._withdraw()
                if await self._announce(addresses):
                    self._announced = addresses
            await asyncio.sleep(LOOK_S)

    async def end(self) -> None:
        """Withdraw the records."""
        await self._withdraw()

    async def _announce(self, addresses: list[str]) -> bool:
        """Announce both ports; a failure is logged once for each reason, and tried again."""
        name = instance_name(socket.gethostname(), self._ports[OSCQUERY], self._mark[:4])
        try:
            self._zeroconf = AsyncZeroconf(interfaces=addresses)
            for service, port in self._ports.items():
                await self._zeroconf.async_register_service(
                    self._info(service, name, port, addresses), allow_name_change=True
                )
        except (OSError, Error) as e:
            reason = str(e) or type(e).__name__
            if reason != self._reason:
                logger.warning("announcing OSCQuery by mDNS: %s; continuing without, and trying again", reason)
            self._reason = reason
            await self._withdraw()
            return False
        self._reason = ""
        logger.info("mDNS: %s on %s", name, ", ".join(addresses))
        return True

    def _info(self, service: str, name: str, port: int, addresses: list[str]) -> ServiceInfo:
        return ServiceInfo(
            service,
            f"{name}.{service}",
            parsed_addresses=addresses,
            port=port,
            server=self._server,
            properties={"txtvers": "1"},
        )

    async def _withdraw(self) -> None:
        if self._zeroconf is None:
            return
        closing, self._zeroconf, self._announced = self._zeroconf.async_close(), None, []
        try:
            await asyncio.wait_for(closing, _GOODBYE_S)
        except (OSError, Error, TimeoutError) as e:  # no time left, or the network is gone
            logger.debug("mDNS: withdrawing the records: %s", e or type(e).__name__)


def instance_name(host: str, port: int, mark: str) -> str:
    """Return the name of a server in lists, short enough for a record with any machine name."""
    start = "bandwalk on "
    label = host.partition(".")[0].encode()[: _MAX_LABEL - len(start) - _ROOM].decode("utf-8", "ignore")
    return f"{start}{label} {port} {mark}"


def reachable_addresses(address: str) -> list[str]:
    """Return the IPv4 addresses by which others reach a server bound to an address; loopback if there are none.

    Bridges of containers and virtual machines are left out: their addresses cannot be reached from other machines.
    """
    bound = ipaddress.ip_address(address)
    if not bound.is_unspecified:
        return [address]
    own = {str(ip.ip): adapter.name for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4}
    others = {ip: name for ip, name in own.items() if not ipaddress.ip_address(ip).is_loopback}
    return [ip for ip, name in others.items() if not is_inner_bridge(name)] or list(others) or list(own)


def is_inner_bridge(name: str, networks: Path = _NETWORKS) -> bool:
    """Return whether a network interface is a bridge without hardware (Linux reports it)."""
    if not (networks / name / "bridge").is_dir():
        return False
    return not any((networks / port.name / "device").exists() for port in (networks / name / "brif").glob("*"))
