"""Tells the local network by mDNS that there is an OSCQuery server (DNS-SD type _oscjson._tcp)."""

import asyncio
import ipaddress
import logging
import socket

import ifaddr
from zeroconf import Error, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

SERVICE = "_oscjson._tcp.local."

_GOODBYE_S = 0.3

log = logging.getLogger(__name__)


class Announcement:
    """The service's record, from :meth:`begin` to :meth:`end`.

    Args:
        address: that the server is bound to.
        port:    TCP port of HTTP.
    """

    def __init__(self, address: str, port: int) -> None:
        self._address = address
        self._port = port
        self._zeroconf: AsyncZeroconf | None = None

    async def begin(self) -> None:
        """Announce the service; a network where that cannot be done is told of in the log, and no more."""
        addresses = reachable_addresses(self._address)
        host = socket.gethostname().partition(".")[0]
        info = ServiceInfo(
            SERVICE,
            f"bandwalk on {host} {self._port}.{SERVICE}",
            parsed_addresses=addresses,
            port=self._port,
            server=f"{host}.local.",
            properties={"txtvers": "1"},
        )
        try:
            self._zeroconf = AsyncZeroconf(interfaces=addresses)
            await self._zeroconf.async_register_service(info, allow_name_change=True)
            log.info("mDNS: %s on %s", info.name, ", ".join(addresses))
        except (OSError, Error) as e:
            log.warning("announcing OSCQuery by mDNS: %s; goes on without", e or type(e).__name__)

    async def end(self) -> None:
        """Take the record back."""
        if self._zeroconf is not None:
            closing = self._zeroconf.async_close()
            try:
                await asyncio.wait_for(closing, _GOODBYE_S)
            except TimeoutError:
                log.debug("mDNS: no time left to say goodbye")


def reachable_addresses(address: str) -> list[str]:
    """Return the IPv4 addresses by which others reach what is bound to an address; loopback where there is no other."""
    bound = ipaddress.ip_address(address)
    if not bound.is_unspecified:
        return [address]
    own = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [ip for ip in own if not ipaddress.ip_address(ip).is_loopback] or own
