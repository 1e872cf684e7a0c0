r"""What goes over the wire: the ports, who an address is, and the APP9 segment of a frame (protocol.md, Frames).

A message is one complete JPEG file. Right after SOI stands one application segment:

    FF E9                   marker APP9
    length                  2 bytes, big endian, itself included
    62 61 6E 64 77 61 6C 6B 00   "bandwalk\0"
    01                      version
    JSON                    UTF-8, at most 65,000 bytes

Clients import this module: standard library only.
"""

import ipaddress
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from bandwalk.errors import ParameterError, WireError

PORTS = {"osc": 0, "features": 1, "frames": 2, "http": 3}
"""What each port of the block is for: its offset from ``--port-base``."""

NAME = b"bandwalk\0"
VERSION = 1
MAX_JSON = 65_000

SERVER, CLIENT, PUBLIC, SECRET = "server", "client", ".public", ".secret"
"""The names of key files: their owner and their kind."""

KEY_LETTERS = 40
_MAX_KEYS_FILE = 64 * 1024
_KNOWN_PEERS = 1024
"""Addresses whose answer is kept."""

_IPV4_PARTS = 2
"""Of an address: host and port; an IPv6 address has four parts."""

_MAX_MARKERS = 1000
"""Markers looked at before the picture begins; a file has a dozen."""

_SOI = b"\xff\xd8"
_APP9 = b"\xff\xe9"
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM and RST0..7 carry no length
_SOS, _EOI = 0xDA, 0xD9


def pack_segment(meta: dict[str, Any]) -> bytes:
    """Return the APP9 segment that carries meta.

    Raises:
        WireError: the JSON is longer than 65,000 bytes, or holds a NaN or an infinity.
    """
    try:
        text = json.dumps(meta, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
    except ValueError as e:
        raise WireError(f"packing a frame's description: {e}; expected finite numbers") from e
    if len(text) > MAX_JSON:
        raise WireError(f"packing a frame's description: {len(text)} bytes of JSON, expected at most {MAX_JSON}")
    body = NAME + bytes([VERSION]) + text
    return _APP9 + (len(body) + 2).to_bytes(2, "big") + body


def insert_segment(jpeg: bytes, meta: dict[str, Any]) -> bytes:
    """Return the JPEG file with meta in an APP9 segment right after SOI.

    Raises:
        WireError: jpeg does not begin with SOI, or as :func:`pack_segment`.
    """
    if jpeg[:2] != _SOI:
        raise WireError(f"packing a frame: began with {bytes(jpeg[:2]).hex()}, expected a JPEG file (ffd8)")
    return b"".join((_SOI, pack_segment(meta), memoryview(jpeg)[2:]))


def parse_segment(message: bytes | memoryview) -> dict[str, Any] | None:
    """Return what describes the frame, or None for a JPEG file without it.

    Raises:
        WireError: not a JPEG file, a segment that leaves the file, or JSON that is not an object.
    """
    data = memoryview(message)
    if bytes(data[:2]) != _SOI:
        raise WireError(f"reading a frame: began with {bytes(data[:2]).hex()}, expected a JPEG file (ffd8)")
    at = 2
    for _ in range(_MAX_MARKERS):
        if at + 4 > len(data):
            return None
        if data[at] != 0xFF:
            raise WireError(f"reading a frame: byte {data[at]:02x} at {at}, expected a marker (ff)")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        if marker in (_SOS, _EOI):
            return None
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise WireError(f"reading a frame: segment {marker:02x} of {length} bytes leaves the file")
        body = data[at + 4 : end]
        if marker == _APP9[1] and bytes(body[: len(NAME)]) == NAME:
            return _parse_body(bytes(body[len(NAME) :]))
        at = end
    raise WireError(f"reading a frame: more than {_MAX_MARKERS} markers before the picture")


def _parse_body(body: bytes) -> dict[str, Any]:
    if not body or body[0] != VERSION:
        raise WireError(f"reading a frame's description: version {body[:1].hex() or 'none'}, expected {VERSION:02x}")
    try:
        meta = json.loads(body[1:])
    except (ValueError, RecursionError) as e:
        raise WireError(f"reading a frame's description: {e}; expected JSON") from e
    if not isinstance(meta, dict):
        raise WireError(f"reading a frame's description: {type(meta).__name__}, expected a JSON object")
    return meta


def parse_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return a peer's address: fe80::1%eth0 without its zone, ::ffff:127.0.0.1 as the IPv4 address that it is.

    Raises:
        ValueError: the text is not an IP address.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def is_same_machine(ip: str, other: str) -> bool:
    """Tell whether two peers' addresses belong to one machine, as far as they tell: all loopbacks are this one."""
    one, two = parse_ip(ip), parse_ip(other)
    return one == two or (one.is_loopback and two.is_loopback)


def addresses_of(bind: str) -> tuple[str, ...]:
    """Return the addresses that ``--bind`` opens a port on.

    Where 127.0.0.1 is served, ::1 is served too: "localhost" means the one to some programs, and the other to others.
    The first must open, ::1 may be missing on this machine.
    """
    return (bind, "::1") if bind in ("127.0.0.1", "0.0.0.0", "localhost") else (bind,)


def first_address(found: Sequence[tuple[Any, ...]]) -> tuple[int, Any]:
    """Return (family, address) to serve of what getaddrinfo found: IPv4 first, since clients default to 127.0.0.1."""
    family, *_, address = min(found, key=lambda info: len(info[4]) != _IPV4_PARTS)
    return family, address


def port_is_taken(use: str, port: int, host: str, kind: str = "tcp") -> WireError:
    """Return the error for a port that another program has; use: a key of :data:`PORTS`."""
    return WireError(f"--port-base = {port - PORTS[use]}: port {port}/{kind} on {host} is taken; expected a free one")


def not_this_machine(bind: str, reason: object) -> WireError:
    """Return the error for an address that cannot be bound."""
    return WireError(f"--bind = {bind}: {reason}; expected an address of this machine, or 0.0.0.0 for all")


def parse_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the network of "10.0.0.0/24", "10.0.0.7/24", or the one address of "10.0.0.7".

    Raises:
        ParameterError: the text has none of these forms.
    """
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as e:
        raise ParameterError(f"{text[:80]}: expected an IP address or a network such as 10.0.0.0/24") from e


class Peers:
    """Networks that something is allowed to; this machine always belongs to them.

    Args:
        networks: IP addresses and networks.
        flag:     for errors.

    Raises:
        ParameterError: one of them is neither.
    """

    def __init__(self, networks: Iterable[str], flag: str) -> None:
        try:
            self._networks = [parse_network(text) for text in networks]
        except ParameterError as e:
            raise ParameterError(f"{flag} = {e}") from e
        self._has = lru_cache(_KNOWN_PEERS)(self._look_up)

    def __contains__(self, ip: str) -> bool:
        return self._has(ip)

    def __bool__(self) -> bool:
        """Return whether any network is named."""
        return bool(self._networks)

    def admits(self, ip: str) -> bool:
        """Return whether an address is one of them; where no network is named, everybody is."""
        return not self._networks or self._has(ip)

    def _look_up(self, ip: str) -> bool:
        try:
            address = parse_ip(ip)
        except ValueError:
            return False
        return address.is_loopback or any(address in network for network in self._networks)


def admit_all(ip: str) -> bool:
    """Return True."""
    return True


def read_keys(path: Path) -> list[bytes]:
    """Return the keys of a file of ``bandwalk keys``, one on each line.

    Raises:
        ParameterError: the file cannot be read, or has something else in it; the error does not quote it.
    """
    try:
        keys = path.expanduser().read_bytes()[:_MAX_KEYS_FILE].split()
    except OSError as e:
        raise ParameterError(f"--curve: {path}: {e.strerror}, expected a file of bandwalk keys") from e
    if not keys or any(len(key) != KEY_LETTERS or not key.isascii() for key in keys):
        raise ParameterError(f"--curve: {path}: expected keys of {KEY_LETTERS} letters, one on each line")
    return keys


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
