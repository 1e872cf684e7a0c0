"""Who an address belongs to, for limits that hold for each peer."""

import ipaddress


def peer_of(address: str) -> str:
    """Return who an address belongs to: an IPv4 address is one machine, an IPv6 network of 64 bits is one too."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ip) if ip.is_loopback else str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
    return str(ip)
